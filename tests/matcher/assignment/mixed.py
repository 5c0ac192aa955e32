"""Problems of up to 40 × 40 in which every kind of limit occurs together, drawn from a seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.problem import PositionQuota, Problem
from matcher.program import Objective
from tests.matcher.assignment.small_problems import NO, problem

Made = NDArray[np.bool_]  # (n, m)
OBJECTIVES = {"total": (Objective.TOTAL, False), "fair": (Objective.FAIR, False), "served": (Objective.FAIR, True)}


def feasible_problem(seed: int, objective: str, largest: int = 40) -> Problem:
    """Return a problem whose limits a drawn set of pairs keeps, some of them without any room."""
    draw = np.random.default_rng(seed)
    rows, columns = draw.integers(5, largest + 1, 2)
    scores = draw.integers(-300, 1001, (rows, columns)) / 1000
    if draw.random() < 0.3:
        scores = np.round(scores, 1)
    scores[draw.random(scores.shape) < draw.uniform(0, 0.6)] = NO
    kept = ~np.isnan(scores) & (draw.random(scores.shape) < draw.uniform(0.5, 2) / columns)
    aim, serve_most = OBJECTIVES[objective]
    return problem(
        scores,
        *_around(draw, kept.sum(axis=1)),
        *_around(draw, kept.sum(axis=0)),
        worth=draw.choice([0.5, 1.0, 2.0], rows),
        pins=_some(draw, kept, 3),
        bans=_some(draw, ~kept, 6),
        quotas=tuple(_quotas(draw, kept)),
        objective=aim,
        serve_most=serve_most,
        seed=seed,
    )


def cramped_problem(seed: int, largest: int = 40) -> Problem:
    """Return a problem of which the experts have few places, or half of the startups a quota below their minimums."""
    posed, draw = feasible_problem(seed, "total", largest), np.random.default_rng([seed, 1])
    rows, columns = posed.scores.shape
    if draw.random() < 0.5:
        most = np.minimum(posed.expert_max, draw.integers(0, 2, columns))
        return replace(posed, expert_min=np.minimum(posed.expert_min, most), expert_max=most)
    some = draw.choice(rows, rows // 2, replace=False)
    most_of_some = max(int(posed.startup_min[some].sum()) - 1, 0)
    quota = PositionQuota("too few", frozenset(some.tolist()), frozenset(range(columns)), 0, most_of_some)
    return replace(posed, quotas=(*posed.quotas, quota))


def _around(draw: np.random.Generator, loads: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return minimums and maximums that these loads keep."""
    least = np.where(draw.random(len(loads)) < 0.4, np.maximum(loads - draw.integers(0, 2, len(loads)), 0), 0)
    return least, loads + draw.integers(0, 3, len(loads))


def _some(draw: np.random.Generator, of: Made, most: int) -> tuple[tuple[int, int], ...]:
    cells = draw.permutation(np.argwhere(of))[: draw.integers(0, most + 1)]
    return tuple((row, column) for row, column in cells.tolist())


def _quotas(draw: np.random.Generator, kept: Made) -> Iterator[PositionQuota]:
    """Yield overlapping quotas, and one nested in each, that these pairs keep."""
    for number in range(draw.integers(0, 4)):
        members = [np.flatnonzero(draw.random(count) < 0.5) for count in kept.shape]
        inner = [side[: 1 + len(side) // 2] for side in members]
        for name, (rows, columns) in ((f"q{number}", members), (f"inside q{number}", inner)):
            count = int(kept[np.ix_(rows, columns)].sum())
            most = None if draw.random() < 0.3 else count + int(draw.integers(0, 2))
            least = int(draw.integers(0, count + 1)) if draw.random() < 0.5 else 0
            yield PositionQuota(name, frozenset(rows.tolist()), frozenset(columns.tolist()), least, most)
