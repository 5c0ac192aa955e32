"""One side of a cohort as passages, vectors and words, in the order of its profiles."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matcher.calibration import Calibration, Spoken, language_codes, spoken
from matcher.encoding import Encoder, Role, Vectors
from matcher.lexicon import Lexicon, Words
from matcher.mandates import Mask
from matcher.passages import Passage


@dataclass(frozen=True)
class Corpus:
    """The passages of n profiles, those of one profile side by side.

    vectors: (p, d) float32, centred, one a passage. words: p entries. first: (n + 1,), profile i owns first[i] to
    first[i + 1] − 1.
    """

    passages: tuple[Passage, ...]
    vectors: Vectors
    words: tuple[Words, ...]
    first: NDArray[np.intp]

    @cached_property
    def owners(self) -> NDArray[np.intp]:
        """(p,): the profile of each passage."""
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))

    @cached_property
    def spoken(self) -> tuple[Spoken, ...]:
        """The vectors by language."""
        return spoken(self.vectors, self.languages)

    @cached_property
    def languages(self) -> NDArray[np.intp]:
        """(p,): the language code of each passage."""
        return language_codes(self.passages)

    @cached_property
    def sources(self) -> NDArray[np.intp]:
        """(p,): a number per line or document; the chunks of one document share it. Never falls."""
        keys = [(passage.owner, passage.field, passage.item) for passage in self.passages]
        return np.cumsum([0] + [now != before for before, now in itertools.pairwise(keys)])[: len(keys)]

    @cached_property
    def has_passages(self) -> Mask:
        """(n,): which profiles have any text."""
        return np.diff(self.first) > 0

    def of(self, owner: int | np.intp) -> slice:
        """Return where the passages of one profile stand."""
        return slice(int(self.first[owner]), int(self.first[owner + 1]))

    def first_profiles(self, count: int) -> Corpus:
        """Return the corpus of so many profiles, the first ones."""
        end = int(self.first[count])
        return Corpus(self.passages[:end], self.vectors[:end], self.words[:end], self.first[: count + 1])

    def of_profiles(self, chosen: NDArray[np.intp]) -> Corpus:
        """Return the corpus of these profiles, (k,) ascending."""
        held = np.flatnonzero(np.isin(self.owners, chosen))
        passages, words = tuple(self.passages[at] for at in held), tuple(self.words[at] for at in held)
        first = np.concatenate([[0], np.cumsum(np.diff(self.first)[chosen])])
        return Corpus(passages, self.vectors[held], words, first)


def build_corpus(
    passages_by_owner: Sequence[Sequence[Passage]],
    role: Role,
    encoder: Encoder,
    lexicon: Lexicon,
    calibration: Calibration,
) -> Corpus:
    """Return the corpus of the profiles, each passage encoded in the given role and centred for its language."""
    passages = tuple(passage for owned in passages_by_owner for passage in owned)
    first = np.cumsum([0] + [len(owned) for owned in passages_by_owner])
    words = tuple(lexicon.words([passage.text for passage in passages]))
    return Corpus(passages, _vectors(passages, role, encoder, calibration), words, first)


def in_role(corpus: Corpus, role: Role, encoder: Encoder, calibration: Calibration) -> Corpus:
    """Return the same passages with the same words, encoded in another role."""
    return replace(corpus, vectors=_vectors(corpus.passages, role, encoder, calibration))


def _vectors(passages: Sequence[Passage], role: Role, encoder: Encoder, calibration: Calibration) -> Vectors:
    vectors = encoder.encode([passage.text for passage in passages], role)
    return calibration.centre(vectors, language_codes(passages), role)
