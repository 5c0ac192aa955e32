"""From passages and fields to one score a pair, in parts that add up to it.

    score = Σ weight · value / Σ weight, over the parts that are known

Each part's value lies in [0, 1]. A part about which one side says nothing is unknown, which is not 0: it is
left out and the others share its weight. A wish and a warm path lift a pair: they count as 1, with their weight in
proportion to how much else is known, so that neither adds more than its share of the whole. A pair of which nothing
else is known has no score.

    needs         the weighted mean over the startup's needs of how well each is answered
    data_assets   the best answered data asset: one taker makes an offer worth while
    summary       the mean over the summary and the documents
    fit           sector, stage and region against the mandate or the track record
    wants         1 where the expert asked for this startup, unknown otherwise
    warm_path     1 with its weight over the steps of the introduction, unknown without one
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matcher.calibration import Worth
from matcher.fit import Fit, structured_fit
from matcher.mandates import Mask
from matcher.passages import Field, Passage
from matcher.profiles import Expert, Startup
from matcher.program import Part
from matcher.similarity import Comparer, mean_over
from matcher.warm_paths import WarmPath
from matcher.wishes import named_by

PARTS = tuple(Part)
# What each part adds to a score, None for unknown; the ordinary parts, or those of a learned ranker.
PartValues = dict[StrEnum, float | None]
# What lifts a pair and is no ground for a score.
_LIFTS = np.array([part in (Part.WANTS, Part.WARM_PATH) for part in PARTS])
# Scores and parts are rounded where they are made, so that the parts in any file add up to the score there.
DECIMALS = 6

PART_OF_FIELD = {
    Field.NEED: Part.NEEDS,
    Field.DATA_ASSET: Part.DATA_ASSETS,
    Field.SUMMARY: Part.SUMMARY,
    Field.DOCUMENT: Part.SUMMARY,
}
_PLACE = {part: at for at, part in enumerate(PARTS)}
# Pairs weighed at a time, a few MB.
_PAIRS_AT_ONCE = 50_000


@dataclass(frozen=True)
class StartupScores:
    """The scored pairs of one startup.

    experts: (k,) ascending positions. parts: (k, len(names)) contributions, NaN where unknown; those known add
    up to score. score: (k,) in [0, 1], NaN where unknown. names: what the parts are called.
    """

    experts: NDArray[np.intp]
    parts: NDArray[np.float64]
    score: NDArray[np.float64]
    names: tuple[StrEnum, ...] = PARTS

    def of(self, expert: int) -> tuple[float | None, PartValues]:
        """Return the score and the parts of the pair with the expert at this position, None for unknown."""
        at = int(self.experts.searchsorted(expert))
        parts = {part: _known(value) for part, value in zip(self.names, self.parts[at].tolist(), strict=True)}
        return self.score_at(at), parts

    def score_at(self, at: int) -> float | None:
        """Return the score of the pair at this place among `experts`, None for unknown."""
        return _known(float(self.score[at]))

    def only(self, kept: Mask) -> StartupScores:
        """Return those of the pairs (k,) that are kept."""
        if kept.all():
            return self
        return replace(self, experts=self.experts[kept], parts=self.parts[kept], score=self.score[kept])

    def joined(self, others: StartupScores) -> StartupScores:
        """Return these pairs and those with other experts."""
        if not len(others.experts):
            return self
        experts = np.concatenate([self.experts, others.experts])
        order = np.argsort(experts)
        parts, score = np.concatenate([self.parts, others.parts]), np.concatenate([self.score, others.score])
        return replace(self, experts=experts[order], parts=parts[order], score=score[order])


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


class ScoringRule(Protocol):
    """Scores the pairs between the startups and the experts whose texts its `comparer` holds."""

    @property
    def comparer(self) -> Comparer:
        """The texts of both sides."""
        ...

    def score(self, row: int, chosen: NDArray[np.intp]) -> StartupScores:
        """Score the startup `row` with the experts `chosen`, (k,) ascending positions."""
        ...

    def score_all(self, chosen: Mask) -> Iterator[StartupScores]:
        """Score each startup with the experts of its row in `chosen`, (n, m)."""
        ...


@dataclass(frozen=True)
class Scorer:
    """Everything a score depends on, for n startups and m experts of one kind."""

    comparer: Comparer
    weights: Mapping[Part, float]
    fit: Fit
    wanted: Mask
    nearness: sparse.csr_array

    def score(self, row: int, chosen: NDArray[np.intp]) -> StartupScores:
        """Score the startup `row` with the experts `chosen`, (k,) ascending positions."""
        return next(self._score_rows(range(row, row + 1), [chosen]))

    def score_all(self, chosen: Mask) -> Iterator[StartupScores]:
        """Score each startup with the experts of its row in `chosen`, (n, m)."""
        at_once = max(1, _PAIRS_AT_ONCE // max(1, chosen.shape[1]))
        for begin in range(0, len(chosen), at_once):
            rows = range(begin, min(begin + at_once, len(chosen)))
            yield from self._score_rows(rows, [np.flatnonzero(chosen[row]) for row in rows])

    def _score_rows(self, rows: range, chosen: Sequence[NDArray[np.intp]]) -> Iterator[StartupScores]:
        """Score startups that follow each other, each with its experts, in one sum: it takes as long as for one."""
        ends = np.cumsum([len(columns) for columns in chosen]).tolist()
        spans = [slice(end - len(columns), end) for end, columns in zip(ends, chosen, strict=True)]
        at = np.repeat(np.arange(len(rows)), [len(columns) for columns in chosen]), np.concatenate(chosen)
        values = np.full((ends[-1], len(PARTS)), np.nan)
        for row, columns, span in zip(rows, chosen, spans, strict=True):
            if len(columns):
                values[span] = self._text_values(row, columns)
                values[span, _PLACE[Part.FIT]] = self.fit.of(row, columns)
        here = slice(rows.start, rows.stop)
        values[self.wanted[here][at], _PLACE[Part.WANTS]] = 1.0
        near = self._near(rows)[at]
        values[near > 0, _PLACE[Part.WARM_PATH]] = near[near > 0]
        parts, score = _weigh(values, self.weights)
        for columns, span in zip(chosen, spans, strict=True):
            yield StartupScores(columns, parts[span], score[span])

    def _text_values(self, row: int, chosen: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return (k, len(PARTS)): how well the experts (k,) answer the startup's texts, NaN in all other parts."""
        answered = self.comparer.answered(row, chosen)
        passages = self.comparer.startups.passages[self.comparer.startups.of(row)]
        items: defaultdict[Part, defaultdict[tuple[Field, int], list[int]]] = defaultdict(lambda: defaultdict(list))
        for number, passage in enumerate(passages):
            items[PART_OF_FIELD[passage.field]][passage.field, passage.item].append(number)
        values = np.full((len(chosen), len(PARTS)), np.nan)
        for part, chunks in items.items():
            values[:, _PLACE[part]] = _text_value(part, list(chunks.values()), passages, answered)
        return values

    def _near(self, rows: range) -> NDArray[np.float64]:
        """Return (len(rows), m) how near each expert is, 0 without a path. scipy takes ten times as long."""
        first = self.nearness.indptr[rows.start : rows.stop + 1]
        near, held = np.zeros((len(rows), self.nearness.shape[1])), slice(first[0], first[-1])
        near[np.repeat(np.arange(len(rows)), np.diff(first)), self.nearness.indices[held]] = self.nearness.data[held]
        return near


def build_scorer(
    startups: Sequence[Startup],
    experts: Sequence[Expert],
    comparer: Comparer,
    weights: Mapping[Part, float],
    paths: Mapping[tuple[int, int], WarmPath],
    among: NDArray[np.intp] | None = None,
) -> Scorer:
    """Return the scorer of all pairs between these startups and these experts, whose texts `comparer` holds.

    paths: by row and column. among: the positions of the only experts that will be scored; None: of all.
    """
    wanted = np.zeros((len(startups), len(experts)), dtype=bool)
    for column in range(len(experts)) if among is None else among.tolist():
        wanted[named_by(experts[column].wants, startups), column] = True
    fit = structured_fit(startups, experts, among)
    cells = np.array(list(paths), dtype=np.intp).reshape(-1, 2).T
    near = np.array([path.nearness for path in paths.values()], dtype=float)
    nearness = sparse.csr_array((near, (cells[0], cells[1])), shape=wanted.shape)
    return Scorer(comparer, weights, fit, wanted, nearness)


def _text_value(
    part: Part, items: Sequence[Sequence[int]], passages: Sequence[Passage], answered: Worth
) -> NDArray[np.float64]:
    """Return (k,): how well the experts answer the lines and documents of a part, each given by its passages."""
    answers = np.array([mean_over(answered, chunks) for chunks in items], dtype=float)
    if part is Part.DATA_ASSETS:
        best: NDArray[np.float64] = answers.max(axis=0)
        return best
    weights = np.array([[passages[chunks[0]].weight] for chunks in items])
    mean: NDArray[np.float64] = (answers * weights).sum(axis=0) / weights.sum()
    return mean


def _weigh(
    values: NDArray[np.float64], weights: Mapping[Part, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the contributions (k, len(PARTS)) and their sum (k,) for part values, (k, len(PARTS))."""
    weight = np.array([weights[part] for part in PARTS])
    known = np.asarray(~np.isnan(values) & (weight > 0))
    counted = known * weight
    ground = counted[:, ~_LIFTS].sum(axis=1)
    has_ground: Mask = (ground > 0).astype(bool)
    lifting = np.where(known, values, 0)[:, _LIFTS] * _share(ground, weight[~_LIFTS].sum())[:, None]
    counted[:, _LIFTS] = weight[_LIFTS] * lifting
    worth = np.where(_LIFTS, 1.0, np.where(known, values, 0))
    whole = counted.sum(axis=1, keepdims=True)
    shares = np.divide(counted * worth, whole, out=np.zeros(values.shape), where=whole > 0)
    parts, score = rounded(shares)
    known &= has_ground[:, None]
    return np.where(known, parts, np.nan), np.where(has_ground, score, np.nan)


def _share(part: NDArray[np.float64], whole: float) -> NDArray[np.float64]:
    return part / whole if whole else part


def rounded(parts: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the parts (k, p) and their sums (k,), both of `DECIMALS`; the rounded parts add up to the rounded sum."""
    score = np.round(parts.sum(axis=1), DECIMALS)
    return _add_up(np.round(parts, DECIMALS), score) + 0.0, score  # + 0.0: nothing is -0.000000


def _add_up(parts: NDArray[np.float64], score: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the parts with what rounding took from their sum, or gave it, put right in the largest of each row."""
    largest = parts.argmax(axis=1)
    adjusted = parts.copy()
    adjusted[np.arange(len(parts)), largest] += score - parts.sum(axis=1)
    return np.round(adjusted, DECIMALS)
