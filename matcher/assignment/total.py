"""The total under lower and upper limits on both sides: a transportation problem with a pair at most once, by flow."""

from __future__ import annotations

import numpy as np

from matcher.assignment.certified import assign_table
from matcher.assignment.network import Network, limits_of
from matcher.assignment.pins import settle_pins
from matcher.assignment.problem import Problem
from matcher.assignment.result import Position
from matcher.assignment.scaling import largest_total
from matcher.program import Objective

NAME = "flow"
# Beyond so many pairs it is faster to solve on few of them and to prove the result on all.
_PAIRS = 200_000


def can_solve(problem: Problem) -> bool:
    """Return whether the total is asked for and no quota is set."""
    return problem.objective is Objective.TOTAL and not problem.quotas


def solve(problem: Problem) -> list[Position]:
    """Return the pairs with the largest total, and among equals most pairs. Raises `Infeasible`."""
    unpinned = settle_pins(problem)
    pins = [*dict.fromkeys(problem.pins)]
    if np.count_nonzero(unpinned.open) > _PAIRS:
        table = unpinned.scores * unpinned.worth[:, None]
        table[~unpinned.open] = -np.inf
        return pins + assign_table(table, limits_of(unpinned))
    rows, columns = np.nonzero(unpinned.open)
    network = Network(rows, columns, limits_of(unpinned))
    return pins + network.pairs(largest_total(network, unpinned.gains[rows, columns]))
