"""What the core asks of a lexicon: the words of a text that carry meaning, and how rare each is in general."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Word(NamedTuple):
    """A word where it stands in a text: text[begin:end] is what is written.

    A cohort has hundreds of thousands, and a tuple is made in a third of the time.

    form: what two mentions of one word share, a stem or a morpheme. rarity ≥ 0: −ln of the share of general
    passages that hold the word; it comes from a background, never from the cohort.
    """

    form: str
    begin: int
    end: int
    rarity: float


Words = tuple[Word, ...]


class Lexicon(Protocol):
    """Cuts texts into words."""

    @property
    def fingerprint(self) -> str:
        """Names the analyser, the frequencies and the rules: equal fingerprints give equal words."""
        ...

    def words(self, texts: Sequence[str]) -> list[Words]:
        """Return the words of each text, in the order of `texts` and of their places."""
        ...
