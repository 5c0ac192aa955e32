"""A linear model of an assignment, built line by line: one variable a pair that may be made comes first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

from matcher.assignment.highs import Amounts, Found, least_cost
from matcher.assignment.problem import Problem

if TYPE_CHECKING:
    from scipy.optimize import LinearConstraint

Positions = NDArray[np.intp]
# HiGHS stops within 1e-6 of the best and lets a constraint be off by 1e-6. Scores are multiplied by this first, so
# that both are far below a score's sixth decimal.
SCALE = 1e4
# Sums of scores that lie closer than this are one, where the scores have no fewer digits: half of a sixth decimal of
# the largest score.
RESOLUTION = 5e-7


@dataclass
class LinearModel:
    """Variables of whole numbers ≥ 0 and constraints, added one after the other."""

    upper: list[float] = field(default_factory=list)
    rows: list[tuple[Positions, Amounts, float, float]] = field(default_factory=list)

    def variables(self, count: int, upper: float) -> Positions:
        """Add variables up to `upper` and return which they are."""
        first = len(self.upper)
        self.upper += [upper] * count
        return np.arange(first, first + count)

    def constrain(self, variables: Positions, coefficients: Amounts, least: float, most: float) -> None:
        """Add least ≤ coefficients · variables ≤ most."""
        self.rows.append((variables, coefficients, least, most))

    def count(self, variables: Positions, least: float, most: float) -> None:
        """Add least ≤ sum of the variables ≤ most."""
        self.constrain(variables, np.ones(len(variables)), least, most)

    def copy(self) -> LinearModel:
        """Return a model that can be changed without changing this one."""
        return LinearModel([*self.upper], [*self.rows])

    def minimise(self, variables: Positions, costs: Amounts, seconds: float = math.inf, presolve: bool = True) -> Found:
        """Return the cheapest values of all variables. Raises `Infeasible` and `OutOfTime`."""
        objective = np.zeros(len(self.upper))
        objective[variables] = costs
        return least_cost(objective, 0, self.upper, self._constraints(), seconds, presolve)

    def _constraints(self) -> LinearConstraint | None:
        from scipy.optimize import LinearConstraint

        if not self.rows:
            return None
        lengths = [len(variables) for variables, *_ in self.rows]
        at = np.repeat(np.arange(len(self.rows)), lengths)
        columns = np.concatenate([variables for variables, *_ in self.rows])
        values = np.concatenate([coefficients for _, coefficients, *_ in self.rows])
        matrix = coo_array((values, (at, columns)), shape=(len(self.rows), len(self.upper))).tocsc()
        return LinearConstraint(matrix, [row[2] for row in self.rows], [row[3] for row in self.rows])


@dataclass(frozen=True)
class Minimum:
    """Something that at least `needed` of the pairs `which` have to satisfy; what and at as in `Unmet`."""

    what: str
    at: int
    needed: int
    which: Positions


def model_of(problem: Problem, pairs: Positions) -> LinearModel:
    """Return a model of these pairs (k, 2) under every maximum."""
    model = LinearModel()
    model.variables(len(pairs), 1)
    for column, limits in ((0, problem.startup_max), (1, problem.expert_max)):
        for at, most in enumerate(limits.tolist()):
            _at_most(model, np.flatnonzero(pairs[:, column] == at), most)
    for quota in problem.quotas:
        if quota.most is not None:
            _at_most(model, np.flatnonzero(quota.counts(*pairs.T)), quota.most)
    return model


def _at_most(model: LinearModel, which: Positions, most: int) -> None:
    if len(which) > most:
        model.count(which, -np.inf, most)


def minimums_of(problem: Problem, pairs: Positions) -> Sequence[Minimum]:
    """Return what the pairs (k, 2) have to satisfy: minimums above 0 and pins."""
    found = [
        Minimum(what, at, least, np.flatnonzero(pairs[:, column] == at))
        for what, column, limits in (("startup", 0, problem.startup_min), ("expert", 1, problem.expert_min))
        for at, least in enumerate(limits.tolist())
    ]
    found += [
        Minimum("quota", at, quota.least, np.flatnonzero(quota.counts(*pairs.T)))
        for at, quota in enumerate(problem.quotas)
    ]
    found += [Minimum("pin", at, 1, np.flatnonzero((pairs == pin).all(axis=1))) for at, pin in enumerate(problem.pins)]
    return [minimum for minimum in found if minimum.needed]
