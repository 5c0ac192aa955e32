"""How well scores order what people judged.

Grades on the scale of 1 to 5 say how expert somebody is on each of several things, as in the gold standard of
Stelmakh, Wieting, Neubig and Shah (2023): each expert's judged startups are compared with one another. All other
judgements, graded (0, 1, 2) or not, say what was right for a startup: its experts are ranked, and one that nobody
judged counts as not relevant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

# The gold standard's own limits on its scale of 1 to 5.
_EXPERT, _NO_EXPERT = 4.0, 2.0
_DEPTHS = (1, 5, 10)
_RESAMPLES = 2000


@dataclass(frozen=True)
class Judgement:
    """What somebody said of a pair; a higher grade is better, one of 0 or less says not relevant."""

    startup: str
    expert: str
    grade: float


@dataclass(frozen=True)
class Measure:
    """A measure with its 95 % interval; NaN where nothing could be measured.

    sums: (lists, 2), what each list of a startup or expert adds to the two sums whose ratio is the value. unit:
    whose lists these are.
    """

    name: str
    value: float
    low: float
    high: float
    sums: Values = field(compare=False)
    unit: str


@dataclass(frozen=True)
class Judged:
    """Things in one list, ranked for one profile: best first, unknown last, all (n,)."""

    scores: Values
    grades: Values
    relevant: NDArray[np.bool_]


# What a list adds to the two sums whose ratio is the measure.
_Ratio = Callable[[Judged], tuple[float, float]]


def is_expertise(judgements: Sequence[Judgement]) -> bool:
    """Return whether these are grades of expertise: more than two different ones, none under 1."""
    grades = {judgement.grade for judgement in judgements}
    return len(grades) > 2 and min(grades) >= 1


def evaluate(judgements: Sequence[Judgement], scores: Mapping[tuple[str, str], float]) -> list[Measure]:
    """Return the measures of these scores, by (startup, expert), NaN for unknown ones.

    Judgements of pairs that have no entry are left out. Intervals come from resampling whole lists with a fixed seed.
    """
    if is_expertise(judgements):
        lists, unit = list(_by_expert(judgements, scores)), "experts"
        measures = {**_EXPERTISE, **_RANKING}
    else:
        lists, unit = list(_by_startup(judgements, scores)), "startups"
        measures = _RANKING
    return [_measure(name, ratio, lists, unit) for name, ratio in measures.items()]


def measure_lists(lists: Sequence[Judged], unit: str) -> list[Measure]:
    """Return recall, nDCG and MRR of these lists; unit: whose lists they are."""
    return [_measure(name, ratio, lists, unit) for name, ratio in _RANKING.items()]


def _by_expert(judgements: Sequence[Judgement], scores: Mapping[tuple[str, str], float]) -> list[Judged]:
    found: defaultdict[str, list[tuple[str, float, float]]] = defaultdict(list)
    for one in judgements:
        if (one.startup, one.expert) in scores:
            found[one.expert].append((one.startup, scores[one.startup, one.expert], one.grade))
    return [_ranked(entries, _is_expert) for entries in found.values()]


def _by_startup(judgements: Sequence[Judgement], scores: Mapping[tuple[str, str], float]) -> list[Judged]:
    grades = {(one.startup, one.expert): one.grade for one in judgements}
    judged = {one.startup for one in judgements if one.grade > 0}
    found: defaultdict[str, list[tuple[str, float, float]]] = defaultdict(list)
    for (startup, expert), score in scores.items():
        if startup in judged:
            found[startup].append((expert, score, grades.get((startup, expert), 0.0)))
    return [_ranked(entries, _is_right) for entries in found.values()]


def _is_expert(grades: Values) -> NDArray[np.bool_]:
    return np.asarray(grades >= _EXPERT)


def _is_right(grades: Values) -> NDArray[np.bool_]:
    return np.asarray(grades > 0)


def _ranked(entries: list[tuple[str, float, float]], relevant: Callable[[Values], NDArray[np.bool_]]) -> Judged:
    """Return the list in the order in which `matcher rank` tells it: best first, unknown last, then by id."""
    entries = sorted(entries, key=lambda entry: (np.isnan(entry[1]), -np.nan_to_num(entry[1]), entry[0]))
    grades = np.array([entry[2] for entry in entries])
    return Judged(np.array([entry[1] for entry in entries]), grades, relevant(grades))


def _pairs(
    judged: Judged, counts: Callable[[Values, Values], NDArray[np.bool_]], weighted: bool
) -> tuple[float, float]:
    """Return how much is ordered rightly, a tie by half, and how much there is to order.

    counts: of the higher and the lower grade of each pair, whether it is looked at. weighted: a pair counts by
    how far its grades lie apart.
    """
    above, below = np.nonzero(judged.grades[:, None] > judged.grades[None, :])
    higher, lower = judged.grades[above], judged.grades[below]
    scores = np.where(np.isnan(judged.scores), -np.inf, judged.scores)
    right = np.where(scores[above] > scores[below], 1.0, np.where(scores[above] == scores[below], 0.5, 0.0))
    weight = np.where(counts(higher, lower), higher - lower if weighted else 1.0, 0.0)
    return float((weight * right).sum()), float(weight.sum())


def _kendall_loss(judged: Judged) -> tuple[float, float]:
    right, whole = _pairs(judged, lambda higher, lower: higher > lower, weighted=True)
    return whole - right, whole


def _easy(judged: Judged) -> tuple[float, float]:
    return _pairs(judged, lambda higher, lower: (higher >= _EXPERT) & (lower <= _NO_EXPERT), weighted=False)


def _hard(judged: Judged) -> tuple[float, float]:
    return _pairs(judged, lambda higher, lower: lower >= _EXPERT, weighted=False)


def _recall(depth: int) -> _Ratio:
    def ratio(judged: Judged) -> tuple[float, float]:
        relevant = judged.relevant
        return (float(relevant[:depth].sum() / relevant.sum()), 1.0) if relevant.any() else (0.0, 0.0)

    return ratio


def _ndcg(depth: int) -> _Ratio:
    """Järvelin and Kekäläinen (2002): the grade is the gain, log₂(1 + rank) the discount."""

    def ratio(judged: Judged) -> tuple[float, float]:
        discounts = 1 / np.log2(np.arange(2, min(depth, len(judged.grades)) + 2))
        gains = np.maximum(judged.grades, 0)
        ideal = float((np.sort(gains)[::-1][: len(discounts)] * discounts).sum())
        return (float((gains[: len(discounts)] * discounts).sum()) / ideal, 1.0) if ideal else (0.0, 0.0)

    return ratio


def _reciprocal_rank(judged: Judged) -> tuple[float, float]:
    first = float(judged.relevant.argmax())
    return (1 / (1 + first), 1.0) if judged.relevant.any() else (0.0, 0.0)


_EXPERTISE: dict[str, _Ratio] = {"weighted Kendall loss": _kendall_loss, "easy pairs": _easy, "hard pairs": _hard}
_RANKING: dict[str, _Ratio] = {
    **{f"recall@{depth}": _recall(depth) for depth in _DEPTHS},
    **{f"nDCG@{depth}": _ndcg(depth) for depth in _DEPTHS[1:]},
    "MRR": _reciprocal_rank,
}


def _measure(name: str, ratio: _Ratio, lists: Sequence[Judged], unit: str) -> Measure:
    sums = np.array([ratio(judged) for judged in lists], dtype=np.float64).reshape(-1, 2)
    sums = sums[sums[:, 1] > 0]
    if not len(sums):
        return Measure(name, np.nan, np.nan, np.nan, sums, unit)
    drawn = np.random.default_rng(0).integers(len(sums), size=(_RESAMPLES, len(sums)))
    resampled = sums[drawn].sum(axis=1)
    low, high = np.quantile(resampled[:, 0] / resampled[:, 1], (0.025, 0.975))
    value = sums[:, 0].sum() / sums[:, 1].sum()
    return Measure(name, float(value), float(low), float(high), sums, unit)
