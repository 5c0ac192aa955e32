"""The total under lower and upper limits on both sides, and quotas that nest: a pair at most once, by flow."""

from __future__ import annotations

import numpy as np

from matcher.assignment.alike import solve_alike
from matcher.assignment.certified import assign_table
from matcher.assignment.laminar import can_nest, network_of
from matcher.assignment.network import limits_of
from matcher.assignment.order import Order
from matcher.assignment.pins import settle_pins
from matcher.assignment.problem import Problem
from matcher.assignment.result import Solution
from matcher.assignment.scaling import largest_total
from matcher.assignment.table import Table
from matcher.assignment.time_left import TimeLeft, unlimited
from matcher.program import Objective

NAME = "flow"
# Beyond so many pairs it is faster to solve on few of them and to prove the result on all.
_PAIRS = 200_000


def can_solve(problem: Problem) -> bool:
    """Return whether the total is asked for, and the quotas nest."""
    return problem.objective is Objective.TOTAL and can_nest(problem)


def solve(problem: Problem, order: Order, time_left: TimeLeft = unlimited) -> Solution:
    """Return the pairs with the largest total, and among equals most pairs. Raises `Infeasible`."""
    if not problem.quotas and np.count_nonzero(problem.open) > _PAIRS:
        return _solve_large(problem, order)
    ordered = order.of(problem)
    unpinned = settle_pins(ordered)
    pairs, network = network_of(unpinned)
    made = largest_total(network, unpinned.gains_of(pairs))
    return Solution([*dict.fromkeys(ordered.pins), *((row, column) for row, column in pairs[made].tolist())])


def _solve_large(problem: Problem, order: Order) -> Solution:
    """Return the same; what is in order is the few rows that are looked at, not a table of them all."""
    unpinned = settle_pins(problem)
    table, limits = Table(unpinned, order), order.of_limits(limits_of(unpinned))
    made = solve_alike(table, limits)
    if made is None:
        made = assign_table(table, limits)
    return Solution([*order.moved(dict.fromkeys(problem.pins)), *made])
