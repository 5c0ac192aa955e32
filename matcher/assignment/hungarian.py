"""The Hungarian solver: one dense assignment of slots (Kuhn 1955; scipy's is Jonker and Volgenant 1987, Crouse 2016).

Everybody is as many slots as their maximum. The cost matrix is square:

                        expert slots                       idle startups
    startup slots       −gain where the pair is open       0 on own column, if the slot may stay empty
    idle experts        0 on own row, if it may be empty   0

A slot below somebody's minimum may not stay empty. Slots alone do not keep a pair from being made twice, so
this serves problems in which startups or experts have one slot each; the front door sends others elsewhere.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.network import limits_of
from matcher.assignment.order import Order
from matcher.assignment.pins import settle_pins
from matcher.assignment.problem import Problem
from matcher.assignment.result import Solution
from matcher.assignment.scaling import whole_worth
from matcher.assignment.time_left import TimeLeft, unlimited
from matcher.errors import BadInput, Infeasible
from matcher.program import Objective

NAME = "hungarian"
# Sums of worths up to here are exact in the solver's float64.
_EXACT = 2**53
# Beyond so many cells the flow is faster.
_CELLS = 300_000


def can_solve(problem: Problem) -> bool:
    """Return whether slots say all of a small problem: the total, no quotas, and no pair that could come twice.

    The scores must also have few enough digits for exact sums.
    """
    single = (problem.startup_max <= 1).all() or (problem.expert_max <= 1).all()
    if not single or problem.quotas or problem.objective is not Objective.TOTAL:
        return False
    startups, experts = int(problem.startup_max.sum()), int(problem.expert_max.sum())
    return (startups + experts) * (startups + experts) <= _CELLS and _worth(problem) is not None


def _worth(problem: Problem) -> NDArray[np.int64] | None:
    """Return (n, m) the gains as integers that order all totals, None where they have too many digits."""
    limits = limits_of(problem)
    return whole_worth(problem.gains, limits.most_pairs, _EXACT // (2 * limits.most_pairs + 2))


def solve(problem: Problem, order: Order, time_left: TimeLeft = unlimited) -> Solution:
    """Return the pairs with the largest total. Raises `Infeasible` where the limits cannot hold together."""
    # Slow to load, as `scipy.optimize` is everywhere here; the flow does without.
    from scipy.optimize import linear_sum_assignment

    ordered = order.of(problem)
    unpinned = settle_pins(ordered)
    rows = _slots(unpinned.startup_max)
    columns = _slots(unpinned.expert_max)
    # Without a minimum no expert slot has to be filled, and the lower half of the square can go.
    idle_experts = len(columns) if unpinned.expert_min.any() else 0
    cost = np.zeros((len(rows) + idle_experts, len(columns) + len(rows)))
    cost[: len(rows), : len(columns)] = _pair_costs(unpinned)[np.ix_(rows, columns)]
    cost[: len(rows), len(columns) :] = _own_idle(rows, unpinned.startup_min)
    if idle_experts:
        cost[len(rows) :, : len(columns)] = _own_idle(columns, unpinned.expert_min).T
    try:
        chosen_rows, chosen_columns = linear_sum_assignment(cost)
    except ValueError as error:
        raise Infeasible("the minimums, maximums and pins cannot hold together") from error
    real = (chosen_rows < len(rows)) & (chosen_columns < len(columns))
    pairs = [(int(rows[r]), int(columns[c])) for r, c in zip(chosen_rows[real], chosen_columns[real], strict=True)]
    return Solution([*dict.fromkeys(ordered.pins), *pairs])


def _slots(most: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the owner of each slot."""
    return np.repeat(np.arange(len(most)), most)


def _pair_costs(problem: Problem) -> NDArray[np.float64]:
    worth = _worth(problem)
    if worth is None:
        raise BadInput("the scores have too many digits for exact sums in float64; can_solve says so")
    return np.where(problem.open, -worth.astype(np.float64), np.inf)


def _own_idle(owners: NDArray[np.intp], least: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return (slots, slots): 0 where the slot may stay empty, infinite off the diagonal."""
    nth = np.arange(len(owners)) - np.searchsorted(owners, owners)
    idle = np.full((len(owners), len(owners)), np.inf)
    np.fill_diagonal(idle, np.where(nth < least[owners], np.inf, 0.0))
    return idle
