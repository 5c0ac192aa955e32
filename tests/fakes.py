"""Stand-ins for what is slow: a tiny deterministic encoder, and a calibration that leaves similarities alone."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from functools import cache

import numpy as np

from matcher.calibration import Calibration, View
from matcher.corpus import Corpus, build_corpus
from matcher.encoding import Role, Vectors
from matcher.engine import Engine, calibrated_for
from matcher.lexicon import Words
from matcher.passages import Passage
from matcher.similarity import Comparer, build_comparer
from models.cache import Cache

DIMENSION = 64
TODAY = dt.date(2026, 6, 1)


class WordEncoder:
    """Encodes a text as the sum of one fixed random direction a word: texts that share words are alike."""

    def __init__(self) -> None:
        self.encoded: list[str] = []

    @property
    def fingerprint(self) -> str:
        return "words@1/float32"

    def encode(self, texts: Sequence[str], role: Role) -> Vectors:
        self.encoded += texts
        if not texts:
            return np.empty((0, 0), dtype=np.float32)
        vectors = np.stack([np.sum([_direction(word) for word in _words(text)], axis=0) for text in texts])
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return (vectors / np.maximum(norms, 1e-9)).astype(np.float32)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold()) or [""]


@cache
def _direction(word: str) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "little")
    return np.random.default_rng(seed).normal(size=DIMENSION)


class NoWords:
    """Finds no word in any text: pairs are compared by their vectors alone."""

    def release(self) -> None:
        """There is nothing to let go of."""

    def prepare(self) -> None:
        pass

    def keeping_in(self, cache: Cache) -> NoWords:
        return self

    @property
    def fingerprint(self) -> str:
        return "no words"

    def words(self, texts: Sequence[str]) -> list[Words]:
        return [() for _ in texts]


def plain_calibration(dimension: int = DIMENSION) -> Calibration:
    """Worth is the cosine, negative ones 0."""
    centres = {role: np.zeros((3, dimension), dtype=np.float32) for role in Role}
    knots = np.tile([0.0, 0.3, 0.9, 1.0], (3, 3, 1))
    fingerprint = calibrated_for(WordEncoder(), NoWords())
    return Calibration(fingerprint, (View(0, dimension),), centres, knots, chance=0.0)


def fake_engine(encoder: WordEncoder | None = None) -> Engine:
    return Engine(encoder or WordEncoder(), NoWords(), plain_calibration(), TODAY)


def fake_corpus(passages_by_owner: Sequence[Sequence[Passage]], role: Role) -> Corpus:
    return build_corpus(passages_by_owner, role, WordEncoder(), NoWords(), plain_calibration())


def fake_comparer(asking: Sequence[Sequence[Passage]], answering: Sequence[Sequence[Passage]]) -> Comparer:
    sides = fake_corpus(asking, Role.QUERY), fake_corpus(answering, Role.PASSAGE)
    return build_comparer(*sides, plain_calibration(), TODAY)
