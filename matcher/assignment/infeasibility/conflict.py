"""Why a problem has no solution: the limits that cannot hold together, and the cheapest ways out."""

from __future__ import annotations

from matcher.assignment.closed import Closed
from matcher.assignment.infeasibility.blocking import Blocking, Holder
from matcher.assignment.infeasibility.conflict_message import conflict_message
from matcher.assignment.infeasibility.hall import blocking_without_quotas, count_places
from matcher.assignment.infeasibility.quota_blocking import blocking_with_quotas
from matcher.assignment.infeasibility.relaxation import relaxations
from matcher.assignment.problem import Problem
from matcher.assignment.result import Conflict
from matcher.assignment.time_left import TimeLeft, unlimited
from matcher.errors import BadInput, OutOfTime

# Of a problem that is known to have no solution, when the time was over before more could be said.
UNEXPLAINED = Conflict(
    "the limits, pins and quotas cannot all hold; the time was over before it was found which stand against each other",
    *((), (), (), (), None, None, ()),
)
_NOT_ALL_SOUGHT = "the time was over before all that would mend it was sought"


def explain_conflict(problem: Problem, closed: Closed = (), time_left: TimeLeft = unlimited) -> Conflict:
    """Return whose limits cannot hold together, none of whom could be left out, and what would mend the problem.

    closed: what rules out pairs that have no score, for the message.
    The conflict is one of perhaps several, and one without quotas where there is one; the relaxations mend them all.
    When the time is over, what was found so far is returned, `UNEXPLAINED` if nothing was, and the message says so.

    Raises `BadInput` where all limits can hold.
    """
    try:
        blocking = blocking_without_quotas(problem, time_left)
        if blocking is None and problem.quotas:
            blocking = blocking_with_quotas(problem, time_left)
    except OutOfTime:
        return UNEXPLAINED
    if blocking is None:
        raise BadInput("all limits of this problem can hold together: there is no conflict to explain")
    message, mends = conflict_message(problem, blocking, closed), relaxations(problem, time_left)
    needed, available = _counts(problem, blocking)
    startups, experts = problem.startup_ids, problem.expert_ids
    pins = [problem.pins[at] for at in blocking.all_of(Holder.PIN)]
    return Conflict(
        message=message if mends.all_sought else f"{message}; {_NOT_ALL_SOUGHT}",
        startups=tuple(startups[row] for row in blocking.all_of(Holder.STARTUP)),
        experts=tuple(experts[column] for column in blocking.all_of(Holder.EXPERT)),
        pins=tuple((startups[row], experts[column]) for row, column in pins),
        quotas=tuple(problem.quotas[at].name for at in blocking.all_of(Holder.QUOTA)),
        needed=needed,
        available=available,
        relaxations=mends.found,
    )


def _counts(problem: Problem, blocking: Blocking) -> tuple[int, int] | tuple[None, None]:
    """Return what the minimums need and what is open to them, where these alone stand against maximums."""
    if blocking.all_of(Holder.PIN) or blocking.all_of(Holder.QUOTA):
        return None, None
    places = count_places(problem, blocking)
    return places.needed, places.available
