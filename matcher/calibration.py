"""What a similarity is worth, measured against fixed background passages.

A raw similarity is comparable only inside one encoder and one pair of languages: multilingual-e5 puts two
unrelated texts at 0.75, and prefers its own language. The background gives two fixed points for each pair of
languages: the median of texts on different subjects is worth 0, and saying the same thing is worth 1 (an equal
text, or its translation where the languages differ). In between, worth grows in proportion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.encoding import Vectors
from matcher.errors import BadInput
from matcher.languages import Language
from matcher.passages import Passage

_LANGUAGES = list(Language)
_BY_CHANCE = 0.05
Worth = NDArray[np.float32]


def language_codes(passages: Sequence[Passage]) -> NDArray[np.intp]:
    """Return the position of each passage's language among `Language`."""
    return np.array([_LANGUAGES.index(passage.language) for passage in passages], dtype=np.intp)


@dataclass(frozen=True)
class Calibration:
    """The fixed points per pair of languages, (3, 3) in the order of `Language`: startup side, expert side.

    unrelated: the similarity that is worth 0. same: the similarity that is worth 1, above `unrelated`.
    chance in [0, 1]: the worth that one in twenty unrelated pairs of the background exceeds.
    """

    unrelated: NDArray[np.float32]
    same: NDArray[np.float32]
    chance: float

    def __post_init__(self) -> None:
        if not (self.same > self.unrelated).all():
            raise BadInput(
                "the encoder does not tell a text from an unrelated one on the background passages; "
                f"found {self.unrelated.tolist()} for unrelated texts, expected less than {self.same.tolist()}"
            )

    def worth(self, similarity: NDArray[np.float32], asks: NDArray[np.intp], answers: NDArray[np.intp]) -> Worth:
        """Return what each similarity (p, q) is worth, in [0, 1].

        asks (p,), answers (q,): language codes of the rows and columns.
        """
        unrelated = self.unrelated[np.ix_(asks, answers)]
        span = self.same[np.ix_(asks, answers)] - unrelated
        return np.clip((similarity - unrelated) / span, 0, 1)


def measure(asks: tuple[Vectors, Vectors], answers: tuple[Vectors, Vectors], subjects: Sequence[str]) -> Calibration:
    """Return the calibration from background passages that stand in Korean and in English.

    asks, answers: for (Korean, English), (b, d) unit rows of the same b passages, encoded as queries and as
    passages. subjects: what each passage is about; passages on different subjects are unrelated. A pair with
    another language gets the mean of the four that were measured.
    """
    about = np.asarray(subjects)
    different = about[:, None] != about[None, :]
    unrelated, same = np.empty((2, 2)), np.empty((2, 2))
    similarities = {(one, other): asks[one] @ answers[other].T for one in range(2) for other in range(2)}
    for languages, similarity in similarities.items():
        unrelated[languages] = np.median(similarity[different])
        same[languages] = np.median(np.diagonal(similarity))
    worths = [
        (similarity[different] - unrelated[languages]) / (same[languages] - unrelated[languages])
        for languages, similarity in similarities.items()
    ]
    chance = float(np.quantile(np.concatenate(worths), 1 - _BY_CHANCE))
    return Calibration(_with_other(unrelated), _with_other(same), chance)


def _with_other(measured: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the (2, 2) table for Korean and English with a third row and column, the mean of the four."""
    table = np.full((len(_LANGUAGES), len(_LANGUAGES)), measured.mean(), dtype=np.float32)
    table[:2, :2] = measured
    return table
