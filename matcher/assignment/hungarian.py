"""The Hungarian solver: one dense assignment of slots (Kuhn 1955; scipy's is Jonker and Volgenant 1987, Crouse 2016).

Everybody is as many slots as their maximum. The cost matrix is square:

                        expert slots                       idle startups
    startup slots       −gain where the pair is open       0 on own column, if the slot may stay empty
    idle experts        0 on own row, if it may be empty   0

A slot below somebody's minimum may not stay empty. Slots alone do not keep a pair from being made twice, so
this serves problems in which startups or experts have one slot each; the front door sends others elsewhere.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from matcher.assignment.problem import Position, Problem
from matcher.errors import Infeasible
from matcher.program import Objective

NAME = "hungarian"
# Among equally good totals more pairs win; far below any difference between scores of six decimals.
_PAIR_BONUS = 1e-9


def can_solve(problem: Problem) -> bool:
    """Return whether slots say all of the problem: the total, no quotas, and no pair that could come twice."""
    single = (problem.startup_max <= 1).all() or (problem.expert_max <= 1).all()
    return bool(single) and not problem.quotas and problem.objective is Objective.TOTAL


def solve(problem: Problem) -> list[Position]:
    """Return the pairs with the largest total. Raises `Infeasible` where the limits cannot hold together."""
    unpinned = _settle_pins(problem)
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
    return [*dict.fromkeys(problem.pins), *pairs]


def _settle_pins(problem: Problem) -> Problem:
    """Return the problem that is left when the pinned pairs are made: their places are gone."""
    pins = set(problem.pins)
    rows = np.bincount([row for row, _ in pins], minlength=len(problem.startup_ids))
    columns = np.bincount([column for _, column in pins], minlength=len(problem.expert_ids))
    full = (rows > problem.startup_max).any() or (columns > problem.expert_max).any()
    if full or not all(problem.open[pin] for pin in problem.pins):
        raise Infeasible("the pins go beyond a maximum or name a pair that is not eligible")
    return replace(
        problem,
        startup_min=np.maximum(problem.startup_min - rows, 0),
        startup_max=problem.startup_max - rows,
        expert_min=np.maximum(problem.expert_min - columns, 0),
        expert_max=problem.expert_max - columns,
        pins=(),
        bans=(*problem.bans, *problem.pins),
    )


def _slots(most: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the owner of each slot."""
    return np.repeat(np.arange(len(most)), most)


def _pair_costs(problem: Problem) -> NDArray[np.float64]:
    return np.where(problem.open, -(problem.gains + _PAIR_BONUS), np.inf)


def _own_idle(owners: NDArray[np.intp], least: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return (slots, slots): 0 where the slot may stay empty, infinite off the diagonal."""
    nth = np.arange(len(owners)) - np.searchsorted(owners, owners)
    idle = np.full((len(owners), len(owners)), np.inf)
    np.fill_diagonal(idle, np.where(nth < least[owners], np.inf, 0.0))
    return idle
