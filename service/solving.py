"""Where and how long solvers run: long ones in a child process that can be ended, short ones here."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from matcher.assignment import milp
from matcher.assignment.problem import Problem
from matcher.assignment.result import Assignment
from matcher.assignment.solve import Found, Step, best_assignment, solver_for
from matcher.assignment.time_left import TimeLeft
from matcher.assignment.vectors import VectorProblem
from service.child import Report, run_in_child

# A child costs most of a second. HiGHS may take minutes from some hundred pairs on, a flow from some millions. So may
# what is asked after there was no solution, which is seldom, so that it can always have a child.
_PAIRS_FOR_HIGHS, _PAIRS_FOR_FLOW = 1_000, 2_000_000
# Who can stop by itself gets so much longer, at least so many seconds, before its process is ended.
_GRACE, _LEAST_GRACE = 0.25, 5.0


@dataclass(frozen=True)
class Solving:
    """Takes each step of an assignment, and stops it after so many seconds."""

    seconds: float
    report: Report

    def __call__(self, step: Step[Found], problem: Problem) -> Found:
        """Return step(problem, time left). Raises what it raises, `OutOfTime` and `ProcessLost`."""
        if not _is_long(step, problem):
            return step(problem, time_left=_countdown(self.seconds))
        found: Found = run_in_child(_take, step, problem, self.seconds, seconds=self._ended_after, report=self.report)
        return found

    def vectors(self, problem: VectorProblem, certify: bool) -> Assignment:
        """Return the best assignment of vectors; see `assign_vectors`."""
        given = (problem, certify, self.seconds)
        if len(problem.startup_vectors) * len(problem.expert_vectors) <= _PAIRS_FOR_FLOW:
            return _solve_vectors(self.report, *given)
        return run_in_child(_solve_vectors, *given, seconds=self._ended_after, report=self.report)

    @property
    def _ended_after(self) -> float:
        return self.seconds + max(_LEAST_GRACE, _GRACE * self.seconds)


def _is_long(step: Step[Found], problem: Problem) -> bool:
    pairs = int(np.count_nonzero(problem.open))
    is_first = step is best_assignment
    may_be_long = not is_first or pairs > _PAIRS_FOR_FLOW or solver_for(problem).NAME == milp.NAME
    return pairs > _PAIRS_FOR_HIGHS and may_be_long


def _countdown(seconds: float) -> TimeLeft:
    end = time.monotonic() + seconds
    return lambda: end - time.monotonic()


def _take(report: Report, step: Step[Found], problem: Problem, seconds: float) -> Found:
    return step(problem, time_left=_countdown(seconds))


def _solve_vectors(report: Report, problem: VectorProblem, certify: bool, seconds: float) -> Assignment:
    from matcher.assignment.certified import assign_vectors

    return assign_vectors(problem, certify, report, _countdown(seconds))
