"""The front door: choose a solver by the problem's shape, solve, check, or say what cannot hold."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Protocol

import numpy as np

from matcher.assignment import bottleneck, hungarian, milp, total
from matcher.assignment.conflict import explain_conflict
from matcher.assignment.order import Order
from matcher.assignment.problem import Problem
from matcher.assignment.result import Assignment, Position, Status, Unmet
from matcher.assignment.verify import verify
from matcher.errors import Infeasible


class Solver(Protocol):
    """A way to solve some problems; a module with these names is one."""

    NAME: str

    def can_solve(self, problem: Problem) -> bool:
        """Return whether this solver says all of the problem and suits its size."""
        ...

    def solve(self, problem: Problem) -> list[Position]:
        """Return the pairs that are best under the objective. Raises `Infeasible`."""
        ...


# The first that can solve a problem does.
_SOLVERS: tuple[Solver, ...] = (hungarian, total, bottleneck, milp)


def assign(problem: Problem, best_effort: bool = False) -> Assignment:
    """Return the best assignment, checked.

    Ties are broken by the problem's seed and by ids, so that the order of the input changes nothing.
    best_effort: where the limits cannot hold together, fall short by the fewest pairs over all minimums and pins.

    Raises `Infeasible` with the conflict and what would mend it, unless best_effort is set.
    """
    try:
        return best_assignment(problem)
    except Infeasible as infeasible:
        if best_effort:
            return _best_effort(problem)
        conflict = explain_conflict(problem)
        raise Infeasible(conflict.message, conflict) from infeasible


def best_assignment(problem: Problem) -> Assignment:
    """Return the best assignment, checked; see `assign`. Raises `Infeasible` without saying why."""
    order = Order.drawn(problem)
    solver = next(solver for solver in _SOLVERS if solver.can_solve(problem))
    pairs = order.restored(solver.solve(order.of(problem)))
    return _checked(problem, pairs, Status.OPTIMAL, solver.NAME, ())


def _best_effort(problem: Problem) -> Assignment:
    order = Order.drawn(problem)
    pairs, unmet = milp.solve_best_effort(order.of(problem))
    places = {"startup": order.rows, "expert": order.columns}
    at_home = [replace(one, at=int(places[one.what][one.at])) if one.what in places else one for one in unmet]
    return _checked(problem, order.restored(pairs), Status.BEST_EFFORT, milp.NAME, tuple(at_home))


def _checked(
    problem: Problem, pairs: tuple[Position, ...], status: Status, solver: str, unmet: tuple[Unmet, ...]
) -> Assignment:
    gained = math.fsum(problem.scores[row, column] * problem.worth[row] for row, column in pairs)
    found = Assignment(pairs, status, solver, gained, gained, unmet)
    verify(problem, found)
    return found


def unmet_sentence(problem: Problem, unmet: Unmet) -> str:
    """Return who falls short of what, with the number of eligible pairs there are."""
    if unmet.what == "pin":
        row, column = problem.pins[unmet.at]
        return f"the pin of {problem.startup_ids[row]} with {problem.expert_ids[column]}"
    if unmet.what == "quota":
        return f"quota {problem.quotas[unmet.at].name!r} gets {unmet.given} of at least {unmet.needed} pairs"
    ids, axis = (problem.startup_ids, 0) if unmet.what == "startup" else (problem.expert_ids, 1)
    eligible = int(np.take(problem.open, unmet.at, axis=axis).sum())
    return f"{unmet.what} {ids[unmet.at]} gets {unmet.given} of at least {unmet.needed} pairs ({eligible} eligible)"
