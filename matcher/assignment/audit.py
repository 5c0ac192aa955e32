"""Who got less than they could have: regret, the price of fairness, pairs that would both rather have each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.problem import Problem
from matcher.assignment.result import Assignment, Position, Status
from matcher.assignment.solve import Solving, best_assignment, solve_here
from matcher.errors import OutOfTime
from matcher.program import Objective

# Cells of a table looked at in one go: sorting one of a large cohort whole would take as much room as all else.
_CELLS = 1_000_000


def own_best(problem: Problem, assignment: Assignment) -> NDArray[np.bool_]:
    """Return (n, m): the pairs that each startup would have if all experts were its own.

    The best scores of as many experts as it got, one for a startup that got none and takes some.
    """
    counts = np.where(problem.startup_max > 0, np.maximum(problem.marked(assignment.pairs).sum(axis=1), 1), 0)
    wished = np.zeros(problem.scores.shape, dtype=bool)
    rank = np.arange(problem.scores.shape[1])
    for some in _blocks(problem):
        best_first = np.argsort(np.where(problem.open[some], -problem.scores[some], np.inf), axis=1, kind="stable")
        np.put_along_axis(wished[some], best_first, rank < counts[some][:, None], axis=1)
    wished &= problem.open
    return wished


def _blocks(problem: Problem) -> Iterator[slice]:
    """Yield the rows of the problem, as many at a time as have few cells."""
    rows, columns = problem.scores.shape
    step = max(1, _CELLS // max(1, columns))
    yield from (slice(begin, begin + step) for begin in range(0, rows, step))


def regrets(problem: Problem, assignment: Assignment) -> NDArray[np.float64]:
    """Return (n,) ≥ 0: how much more each startup would have with its own best; 0 where it has no eligible pair."""
    best, got = own_best(problem, assignment), problem.marked(assignment.pairs)
    more = np.empty(len(got))
    for some in _blocks(problem):
        wished, had = (np.where(mask[some], problem.scores[some], 0.0).sum(axis=1) for mask in (best, got))
        more[some] = wished - had
    return np.maximum(more, 0.0)


def price_of_fairness(problem: Problem, assignment: Assignment, solving: Solving = solve_here) -> float | None:
    """Return how much of the largest total this assignment gives up; 0 under the total (Bertsimas et al. 2011).

    None where the largest total was not found in time.
    """
    try:
        largest = solving(best_assignment, replace(problem, objective=Objective.TOTAL))
    except OutOfTime:
        return None
    return max(largest.total - assignment.total, 0.0) if largest.status is Status.OPTIMAL else None


def blocking_pairs(problem: Problem, assignment: Assignment) -> list[Position]:
    """Return the pairs not made whose two sides both prefer each other to somebody they got (Gale and Shapley 1962).

    Both sides prefer the higher score; a free place is worth 0.
    """
    got = problem.marked(assignment.pairs)
    rows, columns = np.nonzero(got)
    worst_of_startups, worst_of_experts = (np.full(count, np.inf) for count in got.shape)
    np.minimum.at(worst_of_startups, rows, problem.scores[rows, columns])
    np.minimum.at(worst_of_experts, columns, problem.scores[rows, columns])
    worst_of_startups[got.sum(axis=1) < problem.startup_max] = 0.0
    worst_of_experts[got.sum(axis=0) < problem.expert_max] = 0.0
    rather = problem.open & ~got
    for some in _blocks(problem):
        scores = problem.scores[some]
        rather[some] &= (scores > worst_of_startups[some, None]) & (scores > worst_of_experts)
    return [(int(row), int(column)) for row, column in np.argwhere(rather)]
