"""The total under lower and upper limits on both sides, and quotas that nest: a pair at most once, by flow."""

from __future__ import annotations

import numpy as np

from matcher.assignment.certified import assign_table
from matcher.assignment.laminar import can_nest, network_of
from matcher.assignment.network import limits_of
from matcher.assignment.pins import settle_pins
from matcher.assignment.problem import Problem
from matcher.assignment.result import Solution
from matcher.assignment.scaling import Gains, largest_total
from matcher.assignment.time_left import TimeLeft, unlimited
from matcher.program import Objective

NAME = "flow"
# Beyond so many pairs it is faster to solve on few of them and to prove the result on all.
_PAIRS = 200_000


def can_solve(problem: Problem) -> bool:
    """Return whether the total is asked for, and the quotas nest."""
    return problem.objective is Objective.TOTAL and can_nest(problem)


def solve(problem: Problem, time_left: TimeLeft = unlimited) -> Solution:
    """Return the pairs with the largest total, and among equals most pairs. Raises `Infeasible`."""
    unpinned = settle_pins(problem)
    pins = [*dict.fromkeys(problem.pins)]
    if np.count_nonzero(unpinned.open) > _PAIRS and not unpinned.quotas:
        return Solution(pins + assign_table(_table(unpinned), limits_of(unpinned)))
    pairs, network = network_of(unpinned)
    made = largest_total(network, unpinned.gains_of(pairs))
    return Solution(pins + [(row, column) for row, column in pairs[made].tolist()])


def _table(problem: Problem) -> Gains:
    """Return the gains (n, m), −inf where a pair may not be made; the scores themselves where these say the same."""
    if problem.open.all() and (problem.worth == 1).all():
        return problem.scores
    table: Gains = problem.scores * problem.worth[:, None]
    table[~problem.open] = -np.inf
    return table
