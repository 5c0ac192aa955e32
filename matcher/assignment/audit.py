"""Who got less than they could have: regret, the price of fairness, pairs that would both rather have each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.problem import Problem
from matcher.assignment.result import Assignment, Position, Status
from matcher.assignment.solve import Solving, best_assignment, solve_here
from matcher.errors import OutOfTime
from matcher.program import Objective


def own_best(problem: Problem, assignment: Assignment) -> NDArray[np.bool_]:
    """Return (n, m): the pairs that each startup would have if all experts were its own.

    The best scores of as many experts as it got, one for a startup that got none and takes some.
    """
    counts = np.where(problem.startup_max > 0, np.maximum(problem.marked(assignment.pairs).sum(axis=1), 1), 0)
    best_first = np.argsort(np.where(problem.open, -problem.scores, np.inf), axis=1, kind="stable")
    wished = np.zeros(problem.scores.shape, dtype=bool)
    np.put_along_axis(wished, best_first, np.arange(problem.scores.shape[1]) < counts[:, None], axis=1)
    return wished & problem.open


def regrets(problem: Problem, assignment: Assignment) -> NDArray[np.float64]:
    """Return (n,) ≥ 0: how much more each startup would have with its own best; 0 where it has no eligible pair."""
    best, got = own_best(problem, assignment), problem.marked(assignment.pairs)
    more = np.where(best, problem.scores, 0.0).sum(axis=1) - np.where(got, problem.scores, 0.0).sum(axis=1)
    return np.asarray(np.maximum(more, 0.0))


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
    scores = np.where(problem.open, problem.scores, np.nan)
    kept = np.where(got, scores, np.inf)
    worst_of_startups = np.where(got.sum(axis=1) < problem.startup_max, 0.0, kept.min(axis=1, initial=np.inf))
    worst_of_experts = np.where(got.sum(axis=0) < problem.expert_max, 0.0, kept.min(axis=0, initial=np.inf))
    rather = ~got & (scores > worst_of_startups[:, None]) & (scores > worst_of_experts[None, :])
    return [(int(row), int(column)) for row, column in np.argwhere(rather)]
