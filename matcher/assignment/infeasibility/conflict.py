"""Why a problem has no solution: the limits that cannot hold together, and the cheapest ways out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from matcher.assignment.closed import Closed
from matcher.assignment.infeasibility.blocking import Blocking, Holder
from matcher.assignment.infeasibility.complete import is_complete, smallest_blocking
from matcher.assignment.infeasibility.conflict_message import conflict_message, vector_message
from matcher.assignment.infeasibility.hall import blocking_without_quotas, count_places, sides_of
from matcher.assignment.infeasibility.quota_blocking import blocking_with_quotas
from matcher.assignment.infeasibility.relaxation import relaxations
from matcher.assignment.infeasibility.smallest import PAIRS, smallest_violated
from matcher.assignment.infeasibility.smallest_with_quotas import smallest_with_quotas
from matcher.assignment.problem import Problem
from matcher.assignment.result import Conflict
from matcher.assignment.time_left import TimeLeft, first_half, unlimited
from matcher.assignment.vectors import VectorProblem
from matcher.errors import BadInput, BrokenResult, OutOfTime

# Of a problem that is known to have no solution, when the time was over before more could be said.
UNEXPLAINED = Conflict(
    "the limits, pins and quotas cannot all hold; the time was over before it was found which stand against each other",
    *((), (), (), (), None, None, ()),
)
_NOT_ALL_SOUGHT = "the time was over before all that would mend it was sought"
# Pairs of a problem of vectors that are laid out as a table for the sake of what would mend it: seconds.
_MENDED = 1_000_000
_NOT_MENDED = "in so large a problem it is not sought what would mend it"


def explain_conflict(problem: Problem, closed: Closed = (), time_left: TimeLeft = unlimited) -> Conflict:
    """Return whose limits cannot hold together, none of whom could be left out, and what would mend the problem.

    closed: what rules out pairs that have no score, for the message.
    The conflict is one of perhaps several, and one without quotas where there is one; the relaxations mend them all.
    When the time is over, what was found so far is returned, `UNEXPLAINED` if nothing was, and the message says so.

    Raises `BadInput` where all limits can hold.
    """
    try:
        blocking, is_smallest = _blocking(problem, time_left)
    except OutOfTime:
        return UNEXPLAINED
    if blocking is None:
        raise BadInput("all limits of this problem can hold together: there is no conflict to explain")
    message, mends = conflict_message(problem, blocking, closed), relaxations(problem, time_left)
    startups, experts = problem.startup_ids, problem.expert_ids
    pins = [problem.pins[at] for at in blocking.all_of(Holder.PIN)]
    return replace(
        _conflict(problem, blocking, message if mends.all_sought else f"{message}; {_NOT_ALL_SOUGHT}"),
        pins=tuple((startups[row], experts[column]) for row, column in pins),
        quotas=tuple(problem.quotas[at].name for at in blocking.all_of(Holder.QUOTA)),
        relaxations=mends.found,
        is_smallest=is_smallest,
    )


def explain_vectors(problem: VectorProblem, time_left: TimeLeft = unlimited) -> Conflict | None:
    """Return the smallest conflict of a problem of vectors, with what would mend it up to a million pairs; None: none.

    Raises `BrokenResult` where what was found does not stand in the way: a defect of ours.
    """
    blocking = smallest_blocking(problem)
    if blocking is None:
        return None
    if len(problem.startup_min) * len(problem.expert_min) <= _MENDED:
        return explain_conflict(problem.as_table(), time_left=time_left)
    return _conflict(problem, blocking, f"{vector_message(problem, blocking)}; {_NOT_MENDED}")


def _blocking(problem: Problem, time_left: TimeLeft) -> tuple[Blocking | None, bool]:
    """Return an irreducible set, and whether it is known that no smaller one blocks. Raises `OutOfTime`."""
    if is_complete(problem):
        return smallest_blocking(problem), True
    blocking = blocking_without_quotas(problem, time_left)
    if blocking is None and problem.quotas:
        blocking = blocking_with_quotas(problem, time_left)
    if blocking is None or blocking.size == 1:
        return blocking, True
    # Half of the time is left to what would mend the problem.
    return _smallest(problem, blocking, first_half(time_left))


def _smallest(problem: Problem, blocking: Blocking, time_left: TimeLeft) -> tuple[Blocking, bool]:
    """Return the smallest set, which may be this one; this one and False where that is not known in time."""
    try:
        if problem.quotas:
            return smallest_with_quotas(problem, blocking.size, time_left) or blocking, True
        return _smallest_without_quotas(problem, blocking, time_left), True
    except OutOfTime:
        return blocking, False


def _smallest_without_quotas(problem: Problem, blocking: Blocking, time_left: TimeLeft) -> Blocking:
    if np.count_nonzero(problem.open) > PAIRS:
        raise OutOfTime("so many pairs are not looked through for the smallest conflict")
    smaller = blocking
    for side in sides_of(problem):
        if violated := smallest_violated(side, smaller.size, time_left):
            smaller = side.blocking(violated)
    return smaller


def _conflict(problem: Problem | VectorProblem, blocking: Blocking, message: str) -> Conflict:
    """Return the conflict of these startups and experts, with the counts of both sides where there are only these.

    It is told to be the smallest; who does not know that says so.
    """
    needed, available = _counts(problem, blocking)
    if needed is not None and available is not None and needed <= available:
        raise BrokenResult(f"{needed} pairs are needed and {available} can be made: no conflict")
    rows, columns = blocking.all_of(Holder.STARTUP), blocking.all_of(Holder.EXPERT)
    startups, experts = problem.startup_ids, problem.expert_ids
    named = tuple(startups[row] for row in rows), tuple(experts[column] for column in columns)
    return Conflict(message, *named, (), (), needed, available, (), is_smallest=True)


def _counts(problem: Problem | VectorProblem, blocking: Blocking) -> tuple[int, int] | tuple[None, None]:
    """Return what the minimums need and what is open to them, where these alone stand against maximums."""
    if blocking.all_of(Holder.PIN) or blocking.all_of(Holder.QUOTA):
        return None, None
    places = count_places(problem, blocking)
    return places.needed, places.available
