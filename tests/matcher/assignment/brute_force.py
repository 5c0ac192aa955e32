"""The oracle: every set of pairs of a small problem, tried one by one. It shares nothing with the solvers."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.problem import Problem
from matcher.assignment.result import Position
from matcher.program import Objective

Sets = NDArray[np.bool_]  # (k, n, m): one set of pairs each
EXACT = 9  # decimals that survive adding up a dozen scores of six


def every_set(problem: Problem) -> Sets:
    """Return every set of pairs that have a score and are not banned."""
    rows, columns = problem.scores.shape
    able = [
        cell
        for cell in itertools.product(range(rows), range(columns))
        if not np.isnan(problem.scores[cell]) and cell not in problem.bans
    ]
    sets = np.zeros((2 ** len(able), rows, columns), dtype=bool)
    for bit, (row, column) in enumerate(able):
        sets[:, row, column] = (np.arange(len(sets)) >> bit) & 1
    return sets


def within_maximums(problem: Problem, sets: Sets) -> NDArray[np.bool_]:
    kept = (sets.sum(axis=2) <= problem.startup_max).all(axis=1)
    kept &= (sets.sum(axis=1) <= problem.expert_max).all(axis=1)
    for quota in problem.quotas:
        kept &= _count(sets, quota.rows, quota.columns) <= (99 if quota.most is None else quota.most)
    return kept


def shortfalls(problem: Problem, sets: Sets) -> NDArray[np.intp]:
    """Return (k, limits): how many pairs each minimum, each quota's minimum and each pin falls short."""
    short = [
        np.maximum(problem.startup_min - sets.sum(axis=2), 0),
        np.maximum(problem.expert_min - sets.sum(axis=1), 0),
        *[np.maximum(q.least - _count(sets, q.rows, q.columns), 0)[:, None] for q in problem.quotas],
        *[1 - sets[:, row, column][:, None].astype(int) for row, column in problem.pins],
    ]
    return np.concatenate(short, axis=1).astype(np.intp)


def feasible_sets(problem: Problem) -> Sets:
    sets = every_set(problem)
    return sets[within_maximums(problem, sets) & (shortfalls(problem, sets) == 0).all(axis=1)]


def set_of(problem: Problem, pairs: tuple[Position, ...]) -> Sets:
    """Return the one set (1, n, m) of these pairs."""
    sets = np.zeros((1, *problem.scores.shape), dtype=bool)
    for row, column in pairs:
        sets[0, row, column] = True
    return sets


def values(problem: Problem, sets: Sets) -> list[tuple[float, ...]]:
    """Return what the objective makes of each set: larger tuples are better.

    total: the total, the number of pairs. fair: the smallest sum of scores over all startups that take any, the total,
    the number of pairs; with serve_most the startups served come first, and the smallest sum is theirs.
    """
    scores = np.nan_to_num(problem.scores)
    total = np.round((sets * scores * problem.worth[:, None]).sum(axis=(1, 2)), EXACT)
    count = sets.sum(axis=(1, 2))
    if problem.objective is Objective.TOTAL:
        return list(zip(total.tolist(), count.tolist(), strict=True))
    if not problem.serve_most:
        sums = (sets * scores).sum(axis=2)[:, problem.startup_max > 0]
        worst = np.round(sums.min(axis=1), EXACT) if sums.shape[1] else np.zeros(len(sets))
        return list(zip(worst.tolist(), total.tolist(), count.tolist(), strict=True))
    served = sets.any(axis=2)
    sums = np.where(served, (sets * scores).sum(axis=2), np.inf)
    worst = np.where(served.any(axis=1), sums.min(axis=1, initial=np.inf), 0)
    columns = (served.sum(axis=1), np.round(worst, EXACT), total, count)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def best_value(problem: Problem, sets: Sets) -> tuple[float, ...]:
    return max(values(problem, sets))


def _count(sets: Sets, rows: frozenset[int], columns: frozenset[int]) -> NDArray[np.intp]:
    return np.asarray(sets[:, sorted(rows)][:, :, sorted(columns)].sum(axis=(1, 2)), dtype=np.intp)
