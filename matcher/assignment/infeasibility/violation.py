"""The least violation of limits over all pairs, by column generation (Dantzig and Wolfe 1960).

The linear program is solved on some of the pairs. Its dual values price every other pair: one that would lower the cost
is added, and where there is none the cost is the least of all pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.infeasibility.blocking import Element, Holder
from matcher.assignment.infeasibility.feasibility import LimitModel, Violation, limit_model
from matcher.assignment.problem import Problem
from matcher.assignment.time_left import TimeLeft

Amounts = NDArray[np.float64]
Mask = NDArray[np.bool_]
# Costs are whole numbers in whole units; HiGHS is exact to 1e-7, and anything below this is nothing.
NOTHING = 1e-6
# Of so many pairs all are tried at once; of more first so many of each startup and each expert, then twice as many.
_FEW, _AT_ONCE = 20_000, 8


@dataclass(frozen=True)
class Costs:
    """What a unit below (k,) and a unit above (k,) the limits of each element costs, and a banned pair; inf: never."""

    short: Amounts
    over: Amounts
    ban: float


@dataclass(frozen=True)
class Solved:
    """The least violation, the elements it was asked of, and the pairs (n, m) and the model that reach it."""

    violation: Violation
    model: LimitModel
    pairs: Mask

    @property
    def at_fault(self) -> list[Element]:
        """Elements that cannot hold together even in fractions of pairs: those with a price prove it (Farkas 1902)."""
        if self.violation.cost < NOTHING:
            return []
        prices = zip(self.model.elements, self.violation.prices, strict=True)
        return [element for element, price in prices if abs(price) > NOTHING]


def least_violation(
    problem: Problem, elements: Sequence[Element], costs: Costs, time_left: TimeLeft, start: Mask | None = None
) -> Solved:
    """Return the least cost at which the limits of the elements hold in fractions of pairs, over all pairs.

    start: (n, m), the pairs to begin with, on which they do hold at some cost. Raises `OutOfTime`.
    """
    ban = np.where(problem.open, 0.0, costs.ban)
    allowed = ~np.isnan(problem.scores) & np.isfinite(ban)
    chosen, at_once = (_some_pairs(problem) if start is None else start) & allowed, _AT_ONCE
    while True:
        model = limit_model(problem, elements, chosen)
        violation = model.least_violation(costs.short, costs.over, ban[model.rows, model.columns], time_left)
        gain = np.where(allowed & ~chosen, _worth(problem, elements, violation.prices) - ban, 0.0)
        if violation.cost < NOTHING or gain.max(initial=0.0) < NOTHING:
            return Solved(violation, model, chosen)
        chosen = chosen | ((gain >= NOTHING) & _smallest(-gain, at_once))
        at_once *= 2


def _some_pairs(problem: Problem) -> Mask:
    """Return (n, m) some of the pairs that have a score, of each startup and each expert; of few pairs all."""
    scored = ~np.isnan(problem.scores)
    if scored.sum() <= _FEW:
        return scored
    by_chance = np.where(scored, np.random.default_rng(problem.seed).random(scored.shape), np.inf)
    return scored & _smallest(by_chance, _AT_ONCE)


def _smallest(table: Amounts, count: int) -> Mask:
    """Return (n, m) where the smallest numbers of each row and of each column are."""
    in_rows = table <= np.sort(table, axis=1)[:, :count].max(axis=1, initial=-np.inf, keepdims=True)
    in_columns = table <= np.sort(table, axis=0)[:count].max(axis=0, initial=-np.inf)
    return np.asarray(in_rows | in_columns)


def _worth(problem: Problem, elements: Sequence[Element], prices: Amounts) -> Amounts:
    """Return (n, m) by how much each pair would lower the cost."""
    worth = np.zeros(problem.scores.shape)
    for element, price in zip(elements, prices.tolist(), strict=True):
        if element.holder is Holder.STARTUP:
            worth[element.at] += price
        elif element.holder is Holder.EXPERT:
            worth[:, element.at] += price
        elif element.holder is Holder.PIN:
            worth[problem.pins[element.at]] += price
        else:
            quota = problem.quotas[element.at]
            worth[np.ix_(sorted(quota.rows), sorted(quota.columns))] += price
    return worth
