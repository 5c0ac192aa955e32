"""Lexicons without an analyser, and an engine that reads with one of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from matcher.calibration import Calibration
from matcher.engine import Engine, calibrated_for
from matcher.lexicon import Word, Words
from tests.fakes import TODAY, WordEncoder, plain_calibration

COMMON, RARE = 0.1, 5.0


@dataclass(frozen=True)
class Spaced:
    """Words are what stands between spaces and marks; those of `rarities` are as rare as told, all others rare."""

    rarities: Mapping[str, float] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        return "spaced"

    def words(self, texts: Sequence[str]) -> list[Words]:
        return [tuple(self._word(found) for found in re.finditer(r"\w+", text)) for text in texts]

    def _word(self, found: re.Match[str]) -> Word:
        form = found.group().casefold()
        return Word(form, found.start(), found.end(), self.rarities.get(form, RARE))


@dataclass(frozen=True)
class Told:
    """Knows the words of each text beforehand."""

    known: Mapping[str, Words]

    @property
    def fingerprint(self) -> str:
        return "told"

    def words(self, texts: Sequence[str]) -> list[Words]:
        return [self.known.get(text, ()) for text in texts]


def reading(lexicon: Spaced | Told, calibration: Calibration | None = None) -> Engine:
    """Return a fake engine with this lexicon; the calibration is taken to be measured with it."""
    fingerprint = calibrated_for(WordEncoder(), lexicon)
    return Engine(WordEncoder(), lexicon, replace(calibration or plain_calibration(), fingerprint=fingerprint), TODAY)


def written(*forms: str, rarities: Mapping[str, float] | None = None) -> Words:
    """Return these words side by side."""
    return Spaced(rarities or {}).words([" ".join(forms)])[0]
