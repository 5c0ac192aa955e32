"""The fair objective where startups take several experts or quotas cross: bisection over the worst-off's scores.

Each try asks HiGHS for pairs with which nobody who counts has a sum of scores below a threshold. Who counts: every
startup that takes any (one that is not served has 0); with `serve_most` those that are served, as many as can be.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from matcher.assignment.highs import Amounts
from matcher.assignment.linear_model import RESOLUTION, SCALE, LinearModel, Positions
from matcher.assignment.problem import Problem
from matcher.assignment.scaling import whole_scale
from matcher.assignment.time_left import TimeLeft, first_half
from matcher.errors import Infeasible, OutOfTime

# Where a threshold may be this close above everybody's sum, HiGHS goes without its presolve: that takes solutions which
# are off by a millionth for good ones, notices in the end, and gives up with a solve error and lines on stdout.
_NARROW = 1e-3


@dataclass(frozen=True)
class Fairness:
    """A model under which the worst-off is held, values (v,) that keep it, and what no worst-off can be above.

    bound: None where the worst-off is proved to be the best there is.
    """

    model: LinearModel
    values: Amounts
    bound: float | None


def hold_fairness(model: LinearModel, problem: Problem, pairs: Positions, time_left: TimeLeft) -> Fairness:
    """Return the model of these pairs (k, 2) in which the worst-off startup has as much as it can.

    Takes up to half of the time. Raises `Infeasible` where the limits cannot hold, `OutOfTime` before any are found.
    """
    time_left, model = first_half(time_left), model.copy()
    floor = _Floor.of(model, problem, pairs)
    if problem.serve_most:
        _count_served(model, floor)
    else:
        model.count(floor.flags, len(floor.flags), np.inf)
    found = model.minimise(floor.flags, -np.ones(len(floor.flags)), time_left())
    if not found.proved:
        raise OutOfTime("how many startups can be served was not found in time")
    count = round(-found.cost)
    model.count(floor.flags, count, np.inf)
    return _raised(model, floor, found.values, count, time_left) if count else Fairness(model, found.values, None)


def _count_served(model: LinearModel, floor: _Floor) -> None:
    """Let only those startups count that are served."""
    for which, most, flag in zip(floor.which, floor.most, floor.flags, strict=True):
        both = np.append(which, flag)
        model.constrain(both, np.append(np.ones(len(which)), -1), 0, np.inf)
        model.constrain(both, np.append(np.ones(len(which)), -most), -np.inf, 0)


def _raised(model: LinearModel, floor: _Floor, values: Amounts, count: int, time_left: TimeLeft) -> Fairness:
    """Return the model with the highest floor that holds, by bisection from the values of a first try."""
    closest, every = _closest(floor.scores), np.arange(len(floor.scores))
    reached, beyond = floor.worst_off(values), floor.highest(count) + closest
    while beyond - reached >= closest:
        threshold, presolve = (reached + beyond) / 2, beyond - reached > _NARROW
        try:
            tried = floor.at(threshold, model).minimise(every, np.zeros(len(every)), time_left(), presolve).values
            found = floor.worst_off(tried)
        except Infeasible:
            found = -math.inf
        except OutOfTime:
            return Fairness(floor.at(reached, model), values, beyond)
        if found > reached:
            reached, values = found, tried
        else:
            beyond = threshold
    return Fairness(floor.at(reached, model), values, None)


def _closest(scores: Amounts) -> float:
    """Return half of what unequal sums of these scores differ by at least; no threshold has to come closer to one."""
    scale = whole_scale(scores)
    return max(RESOLUTION, 0.5 / scale) if scale else RESOLUTION


@dataclass(frozen=True)
class _Floor:
    """The startups whose sums of scores are looked at, where their flags (s,) are 1.

    scores: (k,) of the pairs. which: the pairs of each of these startups; most: (s,) how many of them it takes.
    """

    scores: Amounts
    which: list[Positions]
    most: Positions
    flags: Positions

    @classmethod
    def of(cls, model: LinearModel, problem: Problem, pairs: Positions) -> _Floor:
        """Return the floor under all startups that take any, with a new flag for each."""
        rows = np.flatnonzero(problem.startup_max)
        which = [np.flatnonzero(pairs[:, 0] == row) for row in rows]
        scores = problem.scores[pairs[:, 0], pairs[:, 1]]
        return cls(scores, which, problem.startup_max[rows], model.variables(len(rows), 1))

    def worst_off(self, values: Amounts) -> float:
        """Return the smallest sum of scores of a startup that counts; inf where none does."""
        made = values[: len(self.scores)] > 0.5
        sums = [
            float(self.scores[which][made[which]].sum())
            for which, flag in zip(self.which, self.flags, strict=True)
            if values[flag] > 0.5
        ]
        return min(sums, default=math.inf)

    def highest(self, count: int) -> float:
        """Return what the worst-off of so many startups cannot be above: the count-th best of what each could have."""
        best = [
            float(np.cumsum(np.sort(self.scores[which])[::-1][:most]).max(initial=0.0))
            for which, most in zip(self.which, self.most, strict=True)
        ]
        return sorted(best, reverse=True)[count - 1]

    def at(self, threshold: float, model: LinearModel) -> LinearModel:
        """Return the model in which no startup that counts has a sum of scores below the threshold."""
        raised = model.copy()
        for which, most, flag in zip(self.which, self.most, self.flags, strict=True):
            if most == 1:
                for pair in which[self.scores[which] < threshold]:
                    raised.upper[pair] = 0.0
            coefficients = np.append(self.scores[which], -threshold) * SCALE
            raised.constrain(np.append(which, flag), coefficients, -RESOLUTION, np.inf)
        return raised
