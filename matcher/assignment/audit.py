"""Who got less than they could have: regret, the price of fairness, pairs that would both rather have each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.problem import Problem
from matcher.assignment.result import Assignment, Position
from matcher.assignment.solve import best_assignment
from matcher.program import Objective


def regrets(problem: Problem, assignment: Assignment) -> NDArray[np.float64]:
    """Return (n,) ≥ 0: how much more each startup would have if all experts were its own.

    Against the best scores of as many experts as it got, one for a startup that got none and takes some; 0 where it
    has no eligible pair.
    """
    got = _made(problem, assignment)
    counts = np.where(problem.startup_max > 0, np.maximum(got.sum(axis=1), 1), 0)
    scores = np.where(problem.open, problem.scores, -np.inf)
    best = -np.sort(-scores, axis=1)
    wished = np.where((np.arange(scores.shape[1]) < counts[:, None]) & np.isfinite(best), best, 0.0).sum(axis=1)
    found: NDArray[np.float64] = np.maximum(wished - np.where(got, problem.scores, 0.0).sum(axis=1), 0.0)
    return found


def price_of_fairness(problem: Problem, assignment: Assignment) -> float:
    """Return how much of the largest total this assignment gives up; 0 under the total (Bertsimas et al. 2011)."""
    largest = best_assignment(replace(problem, objective=Objective.TOTAL)).total
    return max(largest - assignment.total, 0.0)


def blocking_pairs(problem: Problem, assignment: Assignment) -> list[Position]:
    """Return the pairs not made whose two sides both prefer each other to somebody they got (Gale and Shapley 1962).

    Both sides prefer the higher score; a free place is worth 0.
    """
    got = _made(problem, assignment)
    scores = np.where(problem.open, problem.scores, np.nan)
    kept = np.where(got, scores, np.inf)
    worst_of_startups = np.where(got.sum(axis=1) < problem.startup_max, 0.0, kept.min(axis=1, initial=np.inf))
    worst_of_experts = np.where(got.sum(axis=0) < problem.expert_max, 0.0, kept.min(axis=0, initial=np.inf))
    rather = ~got & (scores > worst_of_startups[:, None]) & (scores > worst_of_experts[None, :])
    return [(int(row), int(column)) for row, column in np.argwhere(rather)]


def _made(problem: Problem, assignment: Assignment) -> NDArray[np.bool_]:
    made = np.zeros(problem.scores.shape, dtype=bool)
    for pair in assignment.pairs:
        made[pair] = True
    return made
