"""Stand-ins for what is slow: a tiny deterministic encoder, and a calibration that leaves similarities alone."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Sequence

import numpy as np

from matcher.calibration import Calibration
from matcher.encoding import Role, Vectors
from matcher.engine import Engine

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


def _direction(word: str) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "little")
    return np.random.default_rng(seed).normal(size=DIMENSION)


def plain_calibration() -> Calibration:
    """Worth is the cosine, negative ones 0."""
    size = (3, 3)
    centres = {role: np.zeros((3, DIMENSION), dtype=np.float32) for role in Role}
    return Calibration(centres, np.zeros(size, dtype=np.float32), np.ones(size, dtype=np.float32), chance=0.0)


def fake_engine(encoder: WordEncoder | None = None) -> Engine:
    return Engine(encoder or WordEncoder(), plain_calibration(), TODAY)
