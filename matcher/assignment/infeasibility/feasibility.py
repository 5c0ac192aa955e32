"""Whether limits can hold together where there are quotas: a linear model, asked of HiGHS.

Only some holders' limits count; pairs that these limits treat alike are one variable, which says how many of them are
made. So a question about few holders is small, however many pairs there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, eye_array, hstack, vstack

from matcher.assignment.highs import least_cost
from matcher.assignment.infeasibility.blocking import Element, Holder
from matcher.assignment.problem import Problem
from matcher.assignment.time_left import TimeLeft, check_time
from matcher.errors import Infeasible, OutOfTime

Positions = NDArray[np.intp]
Amounts = NDArray[np.float64]
Mask = NDArray[np.bool_]
_OUT_OF_TIME = 1  # scipy's status of a linear program


@dataclass(frozen=True)
class Violation:
    """How far limits are from holding together in fractions of pairs.

    cost: of the units by which they are missed. prices: (k,) by how much one pair more would lower it, for each element
    that the pair counts for. made: (v,) how many pairs are made of each variable.
    """

    cost: float
    prices: Amounts
    made: Amounts


@dataclass(frozen=True)
class LimitModel:
    """least (k,) ≤ matrix (k, v) · made (v,) ≤ most (k,), 0 ≤ made ≤ alike (v,), made whole.

    There is a row for each element. A variable says how many are made of the pairs that are like its row and column.
    """

    elements: tuple[Element, ...]
    matrix: csr_array
    least: Amounts
    most: Amounts
    rows: Positions
    columns: Positions
    alike: Amounts

    def can_hold(self, time_left: TimeLeft) -> bool:
        """Return whether all the limits can hold together. Raises `OutOfTime` where that was not found in time."""
        from scipy.optimize import LinearConstraint

        if not len(self.alike):
            return bool((self.least <= 0).all())
        limits = LinearConstraint(self.matrix, self.least, self.most)
        try:
            least_cost(np.zeros(len(self.alike)), 0, self.alike, limits, time_left())
        except Infeasible:
            return False
        return True

    def pairs_of(self, made: Amounts) -> Positions:
        """Return the pairs (k, 2) that are made, where every variable (v,) stands for one pair."""
        return np.column_stack([self.rows, self.columns])[made > 0.5]

    def only(self, which: Sequence[int]) -> LimitModel:
        """Return the model in which only these of the elements count."""
        at = np.array(which, dtype=np.intp)
        elements = tuple(self.elements[one] for one in which)
        return replace(self, elements=elements, matrix=self.matrix[at], least=self.least[at], most=self.most[at])

    def least_violation(self, short: Amounts, over: Amounts, pair: Amounts, time_left: TimeLeft) -> Violation:
        """Return the least cost at which the limits hold in fractions of pairs.

        short, over: (k,) what a unit below `least` and a unit above `most` costs, inf where it may not be.
        pair: (v,) what a pair costs. Raises `RuntimeError` where the limits that may not be broken cannot hold, and
        `OutOfTime`.
        """
        from scipy.optimize import linprog

        check_time(time_left)
        unit, capped = eye_array(len(self.elements)), np.isfinite(self.most)
        at_most = csr_array(hstack([self.matrix, 0 * unit, -unit]))[np.flatnonzero(capped)]
        at_least = hstack([-self.matrix, -unit, 0 * unit])
        costs = np.concatenate([pair, short, over])
        upper = np.where(np.isfinite(costs), np.inf, 0.0)
        upper[: len(self.alike)] = self.alike
        found = linprog(  # type: ignore[call-overload]  # its stubs know no sparse matrices
            np.where(np.isfinite(costs), costs, 0.0),
            A_ub=csr_array(vstack([at_most, at_least])),
            b_ub=np.append(self.most[capped], -self.least),
            bounds=np.column_stack([np.zeros(len(upper)), upper]),
            options={"time_limit": time_left()},
        )
        if found.status == _OUT_OF_TIME:
            raise OutOfTime("HiGHS found no least violation in time")
        if not found.success:
            raise RuntimeError(f"HiGHS gave up on a conflict: {found.message}")
        prices = -found.ineqlin.marginals[capped.sum() :]
        prices[capped] += found.ineqlin.marginals[: capped.sum()]
        return Violation(float(found.fun), prices, found.x[: len(self.alike)])


def limit_model(problem: Problem, elements: Sequence[Element], pairs: Mask) -> LimitModel:
    """Return the model of some pairs (n, m) in which only the limits of these elements count."""
    rows, columns, alike = _alike_pairs(problem, elements, pairs)
    held = [np.flatnonzero(_holds(problem, element, rows, columns)) for element in elements]
    at = np.repeat(np.arange(len(elements)), [len(one) for one in held])
    places = np.concatenate([*held, np.zeros(0, dtype=np.intp)])
    matrix = csr_array((np.ones(len(at)), (at, places)), shape=(len(elements), len(alike)))
    least, most = np.array([_limits(problem, element) for element in elements], dtype=float).reshape(-1, 2).T
    return LimitModel(tuple(elements), matrix, least, most, rows, columns, alike)


def _alike_pairs(problem: Problem, elements: Sequence[Element], pairs: Mask) -> tuple[Positions, Positions, Amounts]:
    """Return a row and a column of each kind of pairs that the elements treat alike, and how many are of that kind."""
    rows, columns = np.nonzero(pairs)
    of = {holder: [element.at for element in elements if element.holder is holder] for holder in Holder}
    quotas = [problem.quotas[at] for at in of[Holder.QUOTA]]
    of_rows = _kinds(len(problem.startup_ids), [quota.rows for quota in quotas], of[Holder.STARTUP])
    of_columns = _kinds(len(problem.expert_ids), [quota.columns for quota in quotas], of[Holder.EXPERT])
    kind = of_rows[rows] * (1 + of_columns.max(initial=0)) + of_columns[columns]
    for at in of[Holder.PIN]:
        kind[_holds(problem, Element(Holder.PIN, at), rows, columns)] = -1 - at
    _, first, alike = np.unique(kind, return_index=True, return_counts=True)
    return rows[first], columns[first], alike.astype(np.float64)


def _kinds(count: int, groups: Sequence[frozenset[int]], single: Sequence[int]) -> Positions:
    """Return a number (count,) for each position, equal where they are in the same groups and none is single."""
    within = np.zeros((count, len(groups) + 1), dtype=np.intp)
    for nth, group in enumerate(groups):
        within[sorted(group), nth] = 1
    within[single, -1] = 1 + np.array(single, dtype=np.intp)
    return np.unique(within, axis=0, return_inverse=True)[1].astype(np.intp)


def _holds(problem: Problem, element: Element, rows: Positions, columns: Positions) -> Mask:
    """Return which of the pairs count towards the limits of the element."""
    if element.holder is Holder.STARTUP:
        return np.asarray(rows == element.at)
    if element.holder is Holder.EXPERT:
        return np.asarray(columns == element.at)
    if element.holder is Holder.PIN:
        row, column = problem.pins[element.at]
        return np.asarray((rows == row) & (columns == column))
    return problem.quotas[element.at].counts(rows, columns)


def _limits(problem: Problem, element: Element) -> tuple[float, float]:
    """Return how many pairs count at least and at most."""
    if element.holder is Holder.STARTUP:
        return problem.startup_min[element.at], problem.startup_max[element.at]
    if element.holder is Holder.EXPERT:
        return problem.expert_min[element.at], problem.expert_max[element.at]
    if element.holder is Holder.PIN:
        return 1, np.inf
    quota = problem.quotas[element.at]
    return quota.least, np.inf if quota.most is None else quota.most
