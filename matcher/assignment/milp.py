"""The MILP solver: every limit, pin and quota as a linear constraint, solved by HiGHS through scipy.

Variables: x, one a pair that may be made; for the fair objective y, one a startup that is served; for a best-effort
result one slack for each minimum and pin. Objectives that come one after the other are solved one after the other:
what is reached is read off the rounded pairs, so that it is exact, and held while the next is improved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from matcher.assignment.fair_milp import hold_fairness
from matcher.assignment.highs import Amounts
from matcher.assignment.linear_model import SCALE, LinearModel, Minimum, Positions, minimums_of, model_of
from matcher.assignment.order import Order
from matcher.assignment.problem import Problem
from matcher.assignment.result import Position, Solution, Unmet
from matcher.assignment.time_left import TimeLeft, unlimited
from matcher.errors import Infeasible, OutOfTime
from matcher.program import Objective

NAME = "highs"
# Among equally good totals more pairs win; far below any difference between scores of six decimals.
_PAIR_BONUS = 1e-9


def can_solve(problem: Problem) -> bool:
    """Return True: every limit, pin and quota and both objectives are linear."""
    return True


def solve(problem: Problem, order: Order, time_left: TimeLeft = unlimited) -> Solution:
    """Return the pairs that are best under the objective, or the best that were found in time.

    Raises `Infeasible` where the limits cannot hold, and `OutOfTime` where no pairs were found.
    """
    scaled = _Scaled.of(order.of(problem))
    minimums = minimums_of(scaled.problem, scaled.pairs)
    if not len(scaled.pairs):
        if minimums:
            raise Infeasible("there are minimums or pins, and no pair that may be made")
        return Solution([])
    model = model_of(scaled.problem, scaled.pairs)
    for minimum in minimums:
        model.count(minimum.which, minimum.needed, np.inf)
    return scaled.best(model, time_left)


def solve_best_effort(problem: Problem, time_left: TimeLeft = unlimited) -> tuple[Solution, list[Unmet]]:
    """Return the pairs that fall short by the fewest over all minimums and pins, then are best.

    Raises `OutOfTime` where the fewest were not found.
    """
    scaled = _Scaled.of(problem)
    minimums = minimums_of(scaled.problem, scaled.pairs)
    if not len(scaled.pairs):
        return Solution([]), [Unmet(minimum.what, minimum.at, minimum.needed, 0) for minimum in minimums]
    model = model_of(scaled.problem, scaled.pairs)
    _fall_short_least(model, minimums, time_left)
    found = scaled.best(model, time_left)
    made = problem.marked(found.pairs)[scaled.pairs[:, 0], scaled.pairs[:, 1]]
    given = [int(made[minimum.which].sum()) for minimum in minimums]
    return found, [Unmet(m.what, m.at, m.needed, n) for m, n in zip(minimums, given, strict=True) if n < m.needed]


def _fall_short_least(model: LinearModel, minimums: Sequence[Minimum], time_left: TimeLeft) -> None:
    """Hold the smallest number of pairs that the minimums and pins can be short of in all."""
    if not minimums:
        return
    slack = model.variables(len(minimums), np.inf)
    for minimum, short in zip(minimums, slack, strict=True):
        model.count(np.append(minimum.which, short), minimum.needed, np.inf)
    found = model.minimise(slack, np.ones(len(slack)), time_left())
    if not found.proved:
        raise OutOfTime("the fewest unmet minimums were not found in time")
    model.count(slack, -np.inf, float(np.round(found.values[slack]).sum()))


@dataclass(frozen=True)
class _Scaled:
    """A problem whose scores are multiplied by 2^power, the largest from 1 to 2: HiGHS' tolerances are absolute.

    pairs: (k, 2) those that may be made.
    """

    problem: Problem
    power: int
    pairs: Positions

    @classmethod
    def of(cls, problem: Problem) -> _Scaled:
        power = 1 - int(np.frexp(np.abs(np.nan_to_num(problem.scores)).max(initial=0))[1])
        return cls(replace(problem, scores=np.ldexp(problem.scores, power)), power, np.argwhere(problem.open))

    def best(self, model: LinearModel, time_left: TimeLeft) -> Solution:
        """Return the pairs that are best under the objective among those of the model."""
        worst_off, known = None, None
        if self.problem.objective is Objective.FAIR and (self.problem.startup_max > 0).any():
            fair = hold_fairness(model, self.problem, self.pairs, time_left)
            model, worst_off, known = fair.model, fair.bound, fair.values
        gains = self.problem.gains[self.pairs[:, 0], self.pairs[:, 1]]
        every = np.arange(len(self.pairs))
        bound: float | None = _no_more(self.problem)
        try:
            found = model.minimise(every, -(gains + _PAIR_BONUS) * SCALE, time_left())
            known, bound = found.values, None if found.proved else min(_no_more(self.problem), -found.bound / SCALE)
        except OutOfTime:
            if known is None:
                raise
        return Solution(self._made(known), self._unscaled(bound), self._unscaled(worst_off))

    def _unscaled(self, value: float | None) -> float | None:
        return None if value is None else float(np.ldexp(value, -self.power))

    def _made(self, values: Amounts) -> list[Position]:
        return [(row, column) for row, column in self.pairs[values[: len(self.pairs)] > 0.5].tolist()]


def _no_more(problem: Problem) -> float:
    """Return a total that none is above: everybody's best, whoever else wants them."""
    gains = np.maximum(np.where(problem.open, problem.gains, 0.0), 0.0)
    best = -np.sort(-gains, axis=1)
    return float(best[np.arange(best.shape[1]) < problem.startup_max[:, None]].sum())
