"""The front door: choose a solver by the problem's shape, solve, check, or say what cannot hold."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import Protocol, TypeVar

import numpy as np

from matcher.assignment import bottleneck, hungarian, milp, total
from matcher.assignment.closed import Closed
from matcher.assignment.infeasibility.conflict import UNEXPLAINED, explain_conflict
from matcher.assignment.order import Order
from matcher.assignment.problem import Problem
from matcher.assignment.result import Assignment, Conflict, Solution, Status, Unmet
from matcher.assignment.time_left import TimeLeft, unlimited
from matcher.assignment.verify import verify
from matcher.errors import Infeasible, OutOfTime

Answer = TypeVar("Answer", covariant=True)
Found = TypeVar("Found")


class Solver(Protocol):
    """A way to solve some problems; a module with these names is one."""

    NAME: str

    def can_solve(self, problem: Problem) -> bool:
        """Return whether this solver says all of the problem and suits its size."""
        ...

    def solve(self, problem: Problem, order: Order, time_left: TimeLeft = unlimited) -> Solution:
        """Return the pairs that are best under the objective, at their positions in the order. Raises `Infeasible`.

        Who solves step by step may stop when the time is over, with what was found, or `OutOfTime`. The others are
        done soon; who must stop them ends their process.
        """
        ...


class Step(Protocol[Answer]):
    """Work on a problem that may take long: `best_assignment`, `best_effort_assignment` or `explain_conflict`."""

    def __call__(self, problem: Problem, *, time_left: TimeLeft) -> Answer:
        """Return the answer, or what there is of it when the time is over."""
        ...


class Solving(Protocol):
    """Takes a step, wherever and however long the caller lets it run."""

    def __call__(self, step: Step[Found], problem: Problem) -> Found:
        """Return step(problem). Raises what it raises, and `OutOfTime` where it was ended."""
        ...


def solve_here(step: Step[Found], problem: Problem) -> Found:
    """Return step(problem), however long it takes."""
    return step(problem, time_left=unlimited)


# The first that can solve a problem does.
_SOLVERS: tuple[Solver, ...] = (hungarian, total, bottleneck, milp)


def assign(
    problem: Problem, best_effort: bool = False, closed: Closed = (), solving: Solving = solve_here
) -> Assignment:
    """Return the best assignment, or the best found in time with how far it may be from the best, checked.

    Ties are broken by the problem's seed and by ids, so that the order of the input changes nothing.
    best_effort: where the limits cannot hold together, fall short by the fewest pairs over all minimums and pins.
    closed: what rules out pairs that have no score, for the message of a conflict. solving: takes each step.

    Raises `Infeasible` with the conflict and what would mend it, as far as that was found in time, unless best_effort
    is set, and `OutOfTime` where no assignment was found in time.
    """
    try:
        return solving(best_assignment, problem)
    except Infeasible as infeasible:
        if best_effort:
            return solving(best_effort_assignment, problem)
        conflict = _conflict(problem, closed, solving)
        raise Infeasible(conflict.message, conflict) from infeasible


def _conflict(problem: Problem, closed: Closed, solving: Solving) -> Conflict:
    try:
        return solving(partial(explain_conflict, closed=closed), problem)
    except OutOfTime:
        return UNEXPLAINED


def best_assignment(problem: Problem, time_left: TimeLeft = unlimited) -> Assignment:
    """Return the best assignment, checked; see `assign`. Raises `Infeasible` without saying why, and `OutOfTime`."""
    order, solver = Order.drawn(problem), solver_for(problem)
    found = solver.solve(problem, order, time_left)
    proved = found.bound is None and found.worst_off_bound is None
    return _checked(problem, order, found, Status.OPTIMAL if proved else Status.FEASIBLE, solver.NAME)


def solver_for(problem: Problem) -> Solver:
    """Return the solver that suits the problem's shape."""
    return next(solver for solver in _SOLVERS if solver.can_solve(problem))


def best_effort_assignment(problem: Problem, time_left: TimeLeft = unlimited) -> Assignment:
    """Return the assignment that falls short by the fewest pairs, then is best; see `assign`. Raises `OutOfTime`."""
    order = Order.drawn(problem)
    found, unmet = milp.solve_best_effort(order.of(problem), time_left)
    places = {"startup": order.rows, "expert": order.columns}
    at_home = [replace(one, at=int(places[one.what][one.at])) if one.what in places else one for one in unmet]
    return _checked(problem, order, found, Status.BEST_EFFORT, milp.NAME, tuple(at_home))


def _checked(
    problem: Problem, order: Order, found: Solution, status: Status, solver: str, unmet: tuple[Unmet, ...] = ()
) -> Assignment:
    """Return what was found in an order as an assignment of the problem, once it has passed the check."""
    pairs = order.restored(found.pairs)
    gained = math.fsum(problem.gains_of(np.array(pairs, dtype=np.intp).reshape(-1, 2)).tolist())
    bound = gained if found.bound is None else max(gained, found.bound)
    assignment = Assignment(pairs, status, solver, gained, bound, unmet, found.worst_off_bound)
    verify(problem, assignment)
    return assignment


def unproved_sentence(assignment: Assignment) -> str:
    """Return how far an assignment may be from the best that was not proved in time; "" for one that was."""
    if assignment.status is not Status.FEASIBLE:
        return ""
    worst = assignment.worst_off_bound
    told = f"the time was over before this was proved the best: its total is {assignment.total:.6g}"
    return f"{told}, none is above {assignment.bound:.6g}" + (
        "" if worst is None else f", and no worst-off startup can have more than {worst:.6g}"
    )


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
