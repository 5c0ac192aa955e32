"""The MILP solver: every limit, pin and quota as a linear constraint, solved by HiGHS through scipy.

Variables: x, one a pair that may be made; for the fair objective y, one a startup that is served; for a best-effort
result one slack for each minimum and pin. Objectives that come one after the other are solved one after the other:
what is reached is read off the rounded pairs, so that it is exact, and held while the next is improved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

from matcher.assignment.problem import Problem
from matcher.assignment.result import Position, Unmet
from matcher.errors import Infeasible
from matcher.program import Objective

if TYPE_CHECKING:
    from scipy.optimize import LinearConstraint

NAME = "highs"


def can_solve(problem: Problem) -> bool:
    """Return True: every limit, pin and quota and both objectives are linear."""
    return True


# Among equally good totals more pairs win; far below any difference between scores of six decimals.
_PAIR_BONUS = 1e-9
# HiGHS stops within 1e-6 of the best and lets a constraint be off by 1e-6. Scores are multiplied by this first, so
# that both are far below a score's sixth decimal.
_SCALE = 1e4
# Sums of scores that lie closer than this are one: half of a sixth decimal of the largest score.
_RESOLUTION = 5e-7
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

    def copy(self) -> _Model:
        """Return a model that can be changed without changing this one."""
        return _Model([*self.lower], [*self.upper], [*self.integer], [*self.rows])

    def take(self, other: _Model) -> None:
        """Become the other model."""
        self.upper, self.rows = other.upper, other.rows

    def constrain(
        self, variables: NDArray[np.intp], coefficients: NDArray[np.float64], least: float, most: float
    ) -> None:
        self.rows.append((variables, coefficients, least, most))

    def minimise(self, variables: NDArray[np.intp], costs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the values of all variables at the minimum. Raises `Infeasible` where there is none."""
        from scipy.optimize import Bounds, milp

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
        values: NDArray[np.float64] = found.x
        return values

    def _constraints(self) -> list[LinearConstraint]:
        from scipy.optimize import LinearConstraint

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
    problem = _in_range(problem)
    pairs = np.argwhere(problem.open)
    minimums = _minimums(problem, pairs)
    if not len(pairs):
        if minimums:
            raise Infeasible("there are minimums or pins, and no pair that may be made")
        return []
    model = _with_maximums(problem, pairs)
    for minimum in minimums:
        model.constrain(minimum.which, np.ones(len(minimum.which)), minimum.needed, np.inf)
    return _pairs(_optimise(model, problem, pairs), pairs)


def solve_best_effort(problem: Problem) -> tuple[list[Position], list[Unmet]]:
    """Return the pairs that fall short by the fewest over all minimums and pins, then are best."""
    problem = _in_range(problem)
    pairs = np.argwhere(problem.open)
    minimums = _minimums(problem, pairs)
    if not len(pairs):
        return [], [Unmet(minimum.what, minimum.at, minimum.needed, 0) for minimum in minimums]
    model = _with_maximums(problem, pairs)
    _fall_short_least(model, minimums)
    values = _optimise(model, problem, pairs)
    made = _made(values, pairs)
    given = [int(made[minimum.which].sum()) for minimum in minimums]
    unmet = [Unmet(m.what, m.at, m.needed, n) for m, n in zip(minimums, given, strict=True) if n < m.needed]
    return _pairs(values, pairs), unmet


def _in_range(problem: Problem) -> Problem:
    """Return the problem with scores times a power of two, the largest from 1 to 2: tolerances are absolute."""
    largest = np.abs(np.nan_to_num(problem.scores)).max(initial=0)
    return replace(problem, scores=np.ldexp(problem.scores, 1 - int(np.frexp(largest)[1])))


def _fall_short_least(model: _Model, minimums: Sequence[_Minimum]) -> None:
    """Hold the smallest number of pairs that the minimums and pins can be short of in all."""
    if not minimums:
        return
    slack = model.variables(len(minimums), np.inf)
    for minimum, short in zip(minimums, slack, strict=True):
        which = np.append(minimum.which, short)
        model.constrain(which, np.ones(len(which)), minimum.needed, np.inf)
    values = model.minimise(slack, np.ones(len(slack)))
    model.constrain(slack, np.ones(len(slack)), -np.inf, float(np.round(values[slack]).sum()))


def _with_maximums(problem: Problem, pairs: NDArray[np.intp]) -> _Model:
    """Return a model of these pairs, of which the variables come first, under every maximum."""
    model = _Model()
    model.variables(len(pairs), 1)
    _add_maximums(model, problem, pairs)
    return model


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
    if problem.objective is Objective.FAIR:
        hold = _serve_fairly if problem.serve_most else _raise_worst_off
        hold(model, problem, pairs)
    gains = problem.gains[pairs[:, 0], pairs[:, 1]] + _PAIR_BONUS
    return model.minimise(np.arange(len(pairs)), -gains * _SCALE)


def _raise_worst_off(model: _Model, problem: Problem, pairs: NDArray[np.intp]) -> None:
    """Hold the largest smallest sum of scores over all startups that take any; one that is not served has 0."""
    scores = problem.scores[pairs[:, 0], pairs[:, 1]]
    rows = [
        _Row(np.flatnonzero(pairs[:, 0] == row), int(problem.startup_max[row]))
        for row in np.flatnonzero(problem.startup_max)
    ]
    if not rows:
        return

    def smallest_sum(values: NDArray[np.float64]) -> float:
        made = _made(values, pairs)
        return min(float(scores[row.which][made[row.which]].sum()) for row in rows)

    every, nothing = np.arange(len(pairs)), np.zeros(len(pairs))
    reached = smallest_sum(model.minimise(every, nothing))
    beyond = min(_most(scores[row.which], row.most) for row in rows) + _RESOLUTION
    while beyond - reached >= _RESOLUTION:
        threshold = (reached + beyond) / 2
        try:
            found = smallest_sum(_all_above(model, threshold, rows, scores).minimise(every, nothing))
        except Infeasible:
            found = -np.inf
        reached, beyond = (found, beyond) if found > reached else (reached, threshold)
    model.take(_all_above(model, reached, rows, scores))


def _most(scores: NDArray[np.float64], count: int) -> float:
    """Return the largest sum of at most so many of the scores."""
    return float(np.maximum(np.sort(scores)[::-1][:count], 0).sum())


def _all_above(model: _Model, threshold: float, rows: Sequence[_Row], scores: NDArray[np.float64]) -> _Model:
    """Return the model in which every startup has at least this sum of scores."""
    raised = model.copy()
    for row in rows:
        if not len(row.which) and threshold > _RESOLUTION:
            raise Infeasible("a startup without eligible pairs has no score")
        if len(row.which):
            least = (threshold * _SCALE) - _RESOLUTION
            raised.constrain(row.which, scores[row.which] * _SCALE, least, np.inf)
    return raised


def _serve_fairly(model: _Model, problem: Problem, pairs: NDArray[np.intp]) -> None:
    """Hold the largest number of startups served, then the largest smallest sum of scores among them.

    The smallest sum is found by bisection: each try asks for as many served startups, none of them below a threshold.
    """
    rows = [
        _Row(np.flatnonzero(pairs[:, 0] == row), int(problem.startup_max[row]))
        for row in np.unique(pairs[:, 0])
        if problem.startup_max[row]
    ]
    if not rows:
        return
    scores = problem.scores[pairs[:, 0], pairs[:, 1]]
    served = model.variables(len(rows), 1)
    for row, flag in zip(rows, served, strict=True):
        model.constrain(np.append(row.which, flag), np.append(np.ones(len(row.which)), -1), 0, np.inf)
        model.constrain(np.append(row.which, flag), np.append(np.ones(len(row.which)), -row.most), -np.inf, 0)
    values = model.minimise(served, -np.ones(len(rows)))
    model.constrain(served, np.ones(len(served)), float(np.round(values[served]).sum()), np.inf)
    if not _made(values, pairs).any():
        return
    reached = _worst_off(values, pairs, rows, scores)
    beyond = max(float(np.sort(scores[row.which])[-row.most :].sum()) for row in rows) + _RESOLUTION
    while beyond - reached >= _RESOLUTION:
        threshold = (reached + beyond) / 2
        try:
            tried = _above(model, threshold, rows, served, scores).minimise(served, -np.ones(len(rows)))
            found = _worst_off(tried, pairs, rows, scores)
        except Infeasible:
            found = -np.inf
        reached, beyond = (found, beyond) if found > reached else (reached, threshold)
    model.take(_above(model, reached, rows, served, scores))


@dataclass(frozen=True)
class _Row:
    """The pairs of one startup, and how many of them it takes."""

    which: NDArray[np.intp]
    most: int


def _worst_off(
    values: NDArray[np.float64], pairs: NDArray[np.intp], rows: Sequence[_Row], scores: NDArray[np.float64]
) -> float:
    """Return the smallest sum of scores among the startups that are served; one at least is."""
    made = _made(values, pairs)
    return min(float(scores[row.which][made[row.which]].sum()) for row in rows if made[row.which].any())


def _above(
    model: _Model, threshold: float, rows: Sequence[_Row], served: NDArray[np.intp], scores: NDArray[np.float64]
) -> _Model:
    """Return the model in which no startup is served with a sum of scores below the threshold."""
    raised = model.copy()
    for row, flag in zip(rows, served, strict=True):
        if row.most == 1:
            for pair in row.which[scores[row.which] < threshold]:
                raised.upper[pair] = 0.0
        else:
            coefficients = np.append(scores[row.which], -threshold) * _SCALE
            raised.constrain(np.append(row.which, flag), coefficients, -_RESOLUTION, np.inf)
    return raised


def _made(values: NDArray[np.float64], pairs: NDArray[np.intp]) -> NDArray[np.bool_]:
    return np.asarray(values[: len(pairs)] > 0.5)


def _pairs(values: NDArray[np.float64], pairs: NDArray[np.intp]) -> list[Position]:
    made: Sequence[tuple[int, int]] = pairs[_made(values, pairs)].tolist()
    return [(row, column) for row, column in made]
