"""The MILP solver: every limit, pin and quota as a linear constraint, solved by HiGHS through scipy.

Variables: x, one a pair that may be made; for the fair objective y (a startup is served) and t (the smallest
sum of scores among the served); for a best-effort result one slack for each minimum and pin. Objectives that
come one after the other are solved one after the other, each held while the next is improved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from matcher.assignment.problem import Position, Problem, Unmet
from matcher.errors import Infeasible
from matcher.program import Objective

NAME = "highs"
# Among equally good totals more pairs win; far below any difference between scores of six decimals.
_PAIR_BONUS = 1e-9
# How far a later objective may eat into an earlier one: HiGHS's own feasibility tolerance is 1e-6.
_HELD = 1e-7
_INFEASIBLE = 2


@dataclass
class _Model:
    """Variables and constraints, added one after the other; least ≤ coefficients · variables ≤ most."""

    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    integer: list[int] = field(default_factory=list)
    rows: list[tuple[NDArray[np.intp], NDArray[np.float64], float, float]] = field(default_factory=list)

    def variables(self, count: int, upper: float, integer: bool = True) -> NDArray[np.intp]:
        first = len(self.lower)
        self.lower += [0.0] * count
        self.upper += [upper] * count
        self.integer += [int(integer)] * count
        return np.arange(first, first + count)

    def constrain(
        self, variables: NDArray[np.intp], coefficients: NDArray[np.float64], least: float, most: float
    ) -> None:
        self.rows.append((variables, coefficients, least, most))

    def minimise(self, variables: NDArray[np.intp], costs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the values of all variables at the minimum, and hold it from now on."""
        objective = np.zeros(len(self.lower))
        objective[variables] = costs
        found = milp(
            objective,
            integrality=np.array(self.integer),
            bounds=Bounds(self.lower, self.upper),
            constraints=self._constraints(),
            options={"mip_rel_gap": 0},
        )
        if found.status == _INFEASIBLE:
            raise Infeasible("the limits, pins and quotas cannot hold together")
        if not found.success:
            raise RuntimeError(f"HiGHS gave up on an assignment: {found.message}")
        self.constrain(variables, costs, -np.inf, found.fun + _HELD)
        values: NDArray[np.float64] = found.x
        return values

    def _constraints(self) -> list[LinearConstraint]:
        if not self.rows:
            return []
        lengths = [len(variables) for variables, *_ in self.rows]
        at = np.repeat(np.arange(len(self.rows)), lengths)
        columns = np.concatenate([variables for variables, *_ in self.rows])
        values = np.concatenate([coefficients for _, coefficients, *_ in self.rows])
        matrix = coo_array((values, (at, columns)), shape=(len(self.rows), len(self.lower))).tocsc()
        return [LinearConstraint(matrix, [row[2] for row in self.rows], [row[3] for row in self.rows])]


@dataclass(frozen=True)
class _Minimum:
    """Something that at least `needed` of the pairs `which` have to satisfy."""

    what: str
    at: int
    needed: int
    which: NDArray[np.intp]


def solve(problem: Problem) -> list[Position]:
    """Return the pairs that are best under the objective. Raises `Infeasible` where the limits cannot hold."""
    model, pairs = _Model(), np.argwhere(problem.open)
    chosen = model.variables(len(pairs), 1)
    _add_maximums(model, problem, pairs)
    for minimum in _minimums(problem, pairs):
        model.constrain(chosen[minimum.which], np.ones(len(minimum.which)), minimum.needed, np.inf)
    return _pairs(_optimise(model, problem, pairs), pairs)


def solve_best_effort(problem: Problem) -> tuple[list[Position], list[Unmet]]:
    """Return the pairs that leave the fewest minimums and pins unmet, then are best under the objective."""
    model, pairs = _Model(), np.argwhere(problem.open)
    chosen = model.variables(len(pairs), 1)
    _add_maximums(model, problem, pairs)
    minimums = _minimums(problem, pairs)
    slack = model.variables(len(minimums), np.inf)
    for minimum, short in zip(minimums, slack, strict=True):
        which = np.append(chosen[minimum.which], short)
        model.constrain(which, np.ones(len(which)), minimum.needed, np.inf)
    if len(slack):
        model.minimise(slack, np.ones(len(slack)))
    values = _optimise(model, problem, pairs)
    made = values[: len(pairs)] > 0.5
    given = [int(made[minimum.which].sum()) for minimum in minimums]
    unmet = [Unmet(m.what, m.at, m.needed, n) for m, n in zip(minimums, given, strict=True) if n < m.needed]
    return _pairs(values, pairs), unmet


def _add_maximums(model: _Model, problem: Problem, pairs: NDArray[np.intp]) -> None:
    for column, limits in ((0, problem.startup_max), (1, problem.expert_max)):
        for at, most in enumerate(limits):
            _at_most(model, np.flatnonzero(pairs[:, column] == at), int(most))
    for quota in problem.quotas:
        if quota.most is not None:
            _at_most(model, _between(pairs, quota.rows, quota.columns), quota.most)


def _at_most(model: _Model, which: NDArray[np.intp], most: int) -> None:
    if len(which) > most:
        model.constrain(which, np.ones(len(which)), -np.inf, most)


def _minimums(problem: Problem, pairs: NDArray[np.intp]) -> list[_Minimum]:
    found = [
        _Minimum(what, at, int(least), np.flatnonzero(pairs[:, column] == at))
        for what, column, limits in (("startup", 0, problem.startup_min), ("expert", 1, problem.expert_min))
        for at, least in enumerate(limits)
    ]
    found += [
        _Minimum("quota", at, quota.least, _between(pairs, quota.rows, quota.columns))
        for at, quota in enumerate(problem.quotas)
    ]
    found += [_Minimum("pin", at, 1, np.flatnonzero((pairs == pin).all(axis=1))) for at, pin in enumerate(problem.pins)]
    return [minimum for minimum in found if minimum.needed]


def _between(pairs: NDArray[np.intp], rows: frozenset[int], columns: frozenset[int]) -> NDArray[np.intp]:
    return np.flatnonzero(np.isin(pairs[:, 0], list(rows)) & np.isin(pairs[:, 1], list(columns)))


def _optimise(model: _Model, problem: Problem, pairs: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the values of the variables at the optimum of the problem's objective."""
    chosen = np.arange(len(pairs))
    if problem.objective is Objective.FAIR and len(pairs):
        _serve_fairly(model, problem, pairs)
    gains = problem.gains[pairs[:, 0], pairs[:, 1]] + _PAIR_BONUS
    return model.minimise(chosen, -gains)


def _serve_fairly(model: _Model, problem: Problem, pairs: NDArray[np.intp]) -> None:
    """Hold the largest number of startups served, then the largest smallest sum of scores among them."""
    scores = problem.scores[pairs[:, 0], pairs[:, 1]]
    rows = np.unique(pairs[:, 0])
    of_row = [np.flatnonzero(pairs[:, 0] == row) for row in rows]
    served = model.variables(len(rows), 1)
    for which, flag in zip(of_row, served, strict=True):
        model.constrain(np.append(which, flag), np.append(np.ones(len(which)), -1), 0, np.inf)
    model.minimise(served, -np.ones(len(rows)))
    largest = max(float(scores[which].sum()) for which in of_row)
    worst = model.variables(1, largest, integer=False)
    for which, flag in zip(of_row, served, strict=True):
        # Σ score·x − t − largest·y ≥ −largest: binds for a startup that is served.
        variables = np.concatenate([which, worst, [flag]])
        model.constrain(variables, np.concatenate([scores[which], [-1.0, -largest]]), -largest, np.inf)
    model.minimise(worst, -np.ones(1))


def _pairs(values: NDArray[np.float64], pairs: NDArray[np.intp]) -> list[Position]:
    made: Sequence[tuple[int, int]] = pairs[values[: len(pairs)] > 0.5].tolist()
    return [(row, column) for row, column in made]
