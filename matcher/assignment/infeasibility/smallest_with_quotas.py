"""The smallest conflict of a problem with quotas, by minimal hitting sets.

Whatever blocks has one of each set of limits without which all others can hold (Reiter 1987, "A theory of diagnosis
from first principles"). So no blocking set has fewer limits than the fewest that meet all such sets found so far. Where
these block, they are the smallest; where they can hold, what must go so that others may stay is another such set
(Ignatiev, Previti, Liffiton and Marques-Silva 2015, "Smallest MUS extraction with minimal hitting set dualization").
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matcher.assignment.highs import least_cost
from matcher.assignment.infeasibility.blocking import Blocking
from matcher.assignment.infeasibility.feasibility import LimitModel, limit_model
from matcher.assignment.infeasibility.quota_blocking import by_side, everybody
from matcher.assignment.problem import Problem
from matcher.assignment.time_left import TimeLeft
from matcher.errors import OutOfTime

# Of more limits it would take minutes; and so many questions are asked at most, so that the answer does not depend on
# how fast a machine is.
LIMITS, _QUESTIONS = 60, 300


def smallest_with_quotas(problem: Problem, below: int, time_left: TimeLeft) -> Blocking | None:
    """Return the fewest startups, experts, pins and quotas that block, None where no fewer than `below` do.

    Raises `OutOfTime` where that is not known.
    """
    elements = everybody(problem)
    if len(elements) > LIMITS:
        raise OutOfTime("so many limits are not looked through for the smallest conflict")
    search = _Search(limit_model(problem, elements, problem.open), time_left)
    found = search.fewest(below)
    return None if found is None else by_side(search.model.only(found), lambda asked: asked.can_hold(time_left))


class _Search:
    """A search among the limits of a model; `corrections` are sets of them without which all others can hold."""

    def __init__(self, model: LimitModel, time_left: TimeLeft) -> None:
        self.model = model
        self._time_left = time_left
        self._asked = 0
        self._corrections: list[list[int]] = []

    def can_hold(self, asked: LimitModel) -> bool:
        """Return whether limits can hold. Raises `OutOfTime` when enough was asked, or the time is over."""
        self._asked += 1
        if self._asked > _QUESTIONS:
            raise OutOfTime("it is not known which conflict is the smallest")
        return asked.can_hold(self._time_left)

    def fewest(self, below: int) -> list[int] | None:
        """Return the fewest limits that cannot hold together, None where no fewer than `below` cannot."""
        every = range(len(self.model.elements))
        while len(chosen := self._fewest_that_meet()) < below:
            if not self.can_hold(self.model.only(chosen)):
                return chosen
            kept = [*chosen]
            self._corrections.append(self._left_out(kept, [at for at in every if at not in chosen]))
        return None

    def _fewest_that_meet(self) -> list[int]:
        """Return the fewest limits of which each correction has one."""
        from scipy.optimize import LinearConstraint

        if not self._corrections:
            return []
        meets = np.zeros((len(self._corrections), len(self.model.elements)))
        for row, correction in enumerate(self._corrections):
            meets[row, correction] = 1
        ones = np.ones(meets.shape[1])
        found = least_cost(ones, 0, 1, LinearConstraint(meets, 1, np.inf), self._time_left())
        if not found.proved:
            raise OutOfTime("it is not known which conflict is the smallest")
        return np.flatnonzero(found.values > 0.5).tolist()

    def _left_out(self, kept: list[int], others: Sequence[int]) -> list[int]:
        """Return those of the others that cannot hold with the kept ones; who can is kept from then on."""
        if self.can_hold(self.model.only([*kept, *others])):
            kept.extend(others)
            return []
        if len(others) == 1:
            return [*others]
        half = len(others) // 2
        return [*self._left_out(kept, others[:half]), *self._left_out(kept, others[half:])]
