"""What a similarity is worth, measured against fixed background passages.

A raw similarity is comparable only inside one encoder and one pair of languages: multilingual-e5 puts two
unrelated texts at 0.8 and prefers its own language: among Korean and English news it finds a sentence's
translation first in 12 % of cases from Korean and 27 % from English. Two steps mend much of that (68 % and 70 %),
both measured on the background alone. Each language's mean vector is taken away, for it says only which language
a text is in. Then each pair of languages gets two points: `usual`, the median similarity of texts on different
subjects, and `rare`, which one in a thousand of them exceeds. From one to the other is a step:

    steps = (similarity − usual) / (rare − usual)        worth = steps / steps of saying the same, in [0, 1]

0 is a typical unrelated pair; 1 is as far above it as an equal text stands, in the language where it stands out most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.encoding import Role, Vectors
from matcher.errors import BadInput
from matcher.languages import Language
from matcher.passages import Passage

_LANGUAGES = list(Language)
_RARE = 0.001
_BY_CHANCE = 0.05
Worth = NDArray[np.float32]


def language_codes(passages: Sequence[Passage]) -> NDArray[np.intp]:
    """Return the position of each passage's language among `Language`."""
    return np.array([_LANGUAGES.index(passage.language) for passage in passages], dtype=np.intp)


@dataclass(frozen=True)
class Calibration:
    """The scale per pair of languages, (3, 3) in the order of `Language`: startup side, expert side.

    centres: by role (3, d), the mean vector of each language. nothing: the similarity that is worth 0.
    everything: the similarity that is worth 1, above `nothing`.
    chance in [0, 1]: the worth that one in twenty unrelated pairs of the background exceeds.
    """

    centres: Mapping[Role, Vectors]
    nothing: NDArray[np.float32]
    everything: NDArray[np.float32]
    chance: float

    def centre(self, vectors: Vectors, languages: NDArray[np.intp], role: Role) -> Vectors:
        """Return the vectors (p, d), each without its language's mean, as unit rows; languages: (p,) codes."""
        return _unit_rows(vectors - self.centres[role][languages]) if len(vectors) else vectors

    def worth(self, similarity: NDArray[np.float32], asks: NDArray[np.intp], answers: NDArray[np.intp]) -> Worth:
        """Return what each similarity (p, q) is worth, in [0, 1].

        asks (p,), answers (q,): language codes of the rows and columns.
        """
        nothing = self.nothing[np.ix_(asks, answers)]
        span = self.everything[np.ix_(asks, answers)] - nothing
        return np.clip((similarity - nothing) / span, 0, 1)


def measure(background: Mapping[Role, tuple[Vectors, Vectors]], subjects: Sequence[str]) -> Calibration:
    """Return the calibration from background passages that stand in Korean and in English.

    background: by role, for (Korean, English), (b, d) unit rows of the same b passages. subjects: what each
    passage is about; passages on different subjects are unrelated. Another language than the two gets the mean of
    their centres, and a pair with it the mean of the four pairs that were measured.
    """
    centres = {role: _centres(vectors) for role, vectors in background.items()}
    asks, answers = (
        [_unit_rows(vectors - centre) for vectors, centre in zip(background[role], centres[role], strict=False)]
        for role in (Role.QUERY, Role.PASSAGE)
    )
    about = np.asarray(subjects)
    different = about[:, None] != about[None, :]
    usual, rare, same = np.empty((2, 2)), np.empty((2, 2)), np.empty((2, 2))
    similarities = {(one, other): asks[one] @ answers[other].T for one in range(2) for other in range(2)}
    for languages, similarity in similarities.items():
        usual[languages], rare[languages] = np.quantile(similarity[different], (0.5, 1 - _RARE))
        same[languages] = np.median(np.diagonal(similarity))
    if not ((same > usual) & (rare > usual)).all():
        raise BadInput(
            "the encoder does not tell a text from an unrelated one on the background passages; found similarity "
            f"{usual.tolist()} for unrelated texts, expected less than {same.tolist()}, that of equal ones"
        )
    most_steps = ((same - usual) / (rare - usual)).max()
    everything = usual + most_steps * (rare - usual)
    worths = [
        (similarity[different] - usual[languages]) / (everything[languages] - usual[languages])
        for languages, similarity in similarities.items()
    ]
    chance = float(np.quantile(np.concatenate(worths), 1 - _BY_CHANCE))
    return Calibration(centres, _with_other(usual), _with_other(everything), chance)


def _centres(vectors: tuple[Vectors, Vectors]) -> Vectors:
    """Return (3, d): the mean of each language's vectors, and the mean of both for any other."""
    means = np.stack([of_language.mean(axis=0) for of_language in vectors])
    return np.concatenate([means, means.mean(axis=0, keepdims=True)]).astype(np.float32)


def _unit_rows(vectors: Vectors) -> Vectors:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, np.finfo(np.float32).tiny), dtype=np.float32)


def _with_other(measured: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the (2, 2) table for Korean and English with a third row and column, the mean of the four."""
    table = np.full((len(_LANGUAGES), len(_LANGUAGES)), measured.mean(), dtype=np.float32)
    table[:2, :2] = measured
    return table
