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
from matcher.errors import BadInput


def explain_conflict(problem: Problem, closed: Closed = ()) -> Conflict:
    """Return whose limits cannot hold together, none of whom could be left out, and what would mend the problem.

    closed: what rules out pairs that have no score, for the message.
    The conflict is one of perhaps several, and one without quotas where there is one; the relaxations mend them all.

    Raises `BadInput` where all limits can hold.
    """
    blocking = blocking_without_quotas(problem)
    if blocking is None and problem.quotas:
        blocking = blocking_with_quotas(problem)
    if blocking is None:
        raise BadInput("all limits of this problem can hold together: there is no conflict to explain")
    needed, available = _counts(problem, blocking)
    startups, experts = problem.startup_ids, problem.expert_ids
    pins = [problem.pins[at] for at in blocking.all_of(Holder.PIN)]
    return Conflict(
        message=conflict_message(problem, blocking, closed),
        startups=tuple(startups[row] for row in blocking.all_of(Holder.STARTUP)),
        experts=tuple(experts[column] for column in blocking.all_of(Holder.EXPERT)),
        pins=tuple((startups[row], experts[column]) for row, column in pins),
        quotas=tuple(problem.quotas[at].name for at in blocking.all_of(Holder.QUOTA)),
        needed=needed,
        available=available,
        relaxations=relaxations(problem),
    )


def _counts(problem: Problem, blocking: Blocking) -> tuple[int, int] | tuple[None, None]:
    """Return what the minimums need and what is open to them, where these alone stand against maximums."""
    if blocking.all_of(Holder.PIN) or blocking.all_of(Holder.QUOTA):
        return None, None
    places = count_places(problem, blocking)
    return places.needed, places.available
