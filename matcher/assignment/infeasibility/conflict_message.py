"""A sentence a program manager reads: who needs how much, and what stands against it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.closed import Closed, tell_closed
from matcher.assignment.infeasibility.blocking import Blocking, Holder
from matcher.assignment.infeasibility.hall import count_places
from matcher.assignment.problem import Problem
from matcher.assignment.result import Position
from matcher.assignment.vectors import VectorProblem

_SIDES = (Holder.STARTUP, Holder.EXPERT)
_TOLD = 8  # names that a sentence tells one by one


def vector_message(problem: VectorProblem, blocking: Blocking) -> str:
    """Return one sentence on an irreducible set where every pair is eligible, as in `conflict_message`."""
    needs, one = " and ".join(_needs_of_sides(problem, blocking)), len(blocking.needs) == 1
    if not blocking.limits:
        return needs + _open("pair", count_places(problem, blocking).available, one)
    return needs + _open_places(problem, blocking, one)


def conflict_message(problem: Problem, blocking: Blocking, closed: Closed = ()) -> str:
    """Return one sentence on an irreducible set; of many names only the first.

    closed: what rules out pairs that have no score; those that nothing here does are told to be not eligible.
    """
    pins = [problem.pins[at] for at in blocking.needing(Holder.PIN)]
    if blocking.size == 1 and pins:
        return f"the pin of {_pair(problem, pins[0])} cannot hold: the pair is {_why_closed(problem, pins[0])}"
    needs = " and ".join(_needs(problem, blocking, pins))
    pairs = _pairs_of_needs(problem, blocking)
    one = len(blocking.needs) == 1
    if not blocking.limits:
        open_to = _open("pair", int((pairs & problem.open).sum()), one)
    elif blocking.all_of(Holder.QUOTA):
        open_to = ", but " + " and ".join(_limits(problem, blocking))
    else:
        open_to = _open_places(problem, blocking, one)
    told = tell_closed(problem, pairs, closed, "its" if one else "their")
    return needs + open_to + (f"; {told}" if told else "")


def _needs(problem: Problem, blocking: Blocking, pins: Sequence[Position]) -> Iterator[str]:
    """Yield who needs how many pairs."""
    yield from _needs_of_sides(problem, blocking)
    for number in blocking.needing(Holder.QUOTA):
        yield f"{_quota(problem, number)} needs {_count(problem.quotas[number].least, 'pair')}"
    if pins:
        who = f"{_count(len(pins), 'pin')} ({_names([_pair(problem, pin) for pin in pins])})"
        yield f"{who} {_verb(len(pins), 'need')} {_count(len(pins), 'place')}"


def _needs_of_sides(problem: Problem | VectorProblem, blocking: Blocking) -> Iterator[str]:
    for holder, names, least in zip(_SIDES, problem.names, (problem.startup_min, problem.expert_min), strict=True):
        if at := blocking.needing(holder):
            who = f"{_count(len(at), holder)} ({_names([names[one] for one in at])})"
            yield f"{who} {_verb(len(at), 'need')} {_count(int(least[at].sum()), 'pair')}"


def _limits(problem: Problem, blocking: Blocking) -> Iterator[str]:
    """Yield who allows at most how many pairs."""
    for number in blocking.limiting(Holder.QUOTA):
        yield f"{_quota(problem, number)} allows at most {_count(problem.quotas[number].most or 0, 'pair')}"
    for holder, names, most in zip(_SIDES, problem.names, (problem.startup_max, problem.expert_max), strict=True):
        if at := blocking.limiting(holder):
            pairs = _count(int(most[at].sum()), "pair")
            yield f"{_count(len(at), holder)} {_verb(len(at), 'take')} at most {pairs}: {_places(names, most, at)}"


def _open_places(problem: Problem | VectorProblem, blocking: Blocking, one: bool) -> str:
    """Return how many places are open to the needs, and whose they are."""
    places = count_places(problem, blocking)
    if startups := blocking.limiting(Holder.STARTUP):
        whose = _places(problem.names[0], problem.startup_max, startups)
    else:
        whose = _places(problem.names[1], problem.expert_max, blocking.limiting(Holder.EXPERT))
    elsewhere = f", and {places.elsewhere} with others" if places.elsewhere else ""
    return f"{_open('place', places.available, one)}: {whose}{elsewhere}"


def _places(names: Sequence[str], most: NDArray[np.intp], at: Sequence[int]) -> str:
    """Return who takes how many, those that take most first."""
    return _names([f"{names[one]} ({most[one]})" for one in sorted(at, key=lambda one: -most[one])])


def _open(what: str, count: int, one: bool) -> str:
    if not count:
        return f", no {what} is open to {'it' if one else 'them'}"
    return f", only {_count(count, what)} {'is' if count == 1 else 'are'} open to {'it' if one else 'them'}"


def _pairs_of_needs(problem: Problem, blocking: Blocking) -> NDArray[np.bool_]:
    """Return (n, m) the pairs, open or not, of all whose minimum cannot be met."""
    pairs = np.zeros(problem.scores.shape, dtype=bool)
    pairs[blocking.needing(Holder.STARTUP)] = True
    pairs[:, blocking.needing(Holder.EXPERT)] = True
    for quota in (problem.quotas[number] for number in blocking.needing(Holder.QUOTA)):
        pairs[np.ix_(sorted(quota.rows), sorted(quota.columns))] = True
    return pairs


def _why_closed(problem: Problem, pin: Position) -> str:
    return "not eligible" if np.isnan(problem.scores[pin]) else "banned"


def _quota(problem: Problem, number: int) -> str:
    quota = problem.quotas[number]
    return f"quota {quota.name!r} ({_count(len(quota.rows), 'startup')} × {_count(len(quota.columns), 'expert')})"


def _pair(problem: Problem, pair: Position) -> str:
    return f"{problem.names[0][pair[0]]} with {problem.names[1][pair[1]]}"


def _names(names: Sequence[str]) -> str:
    rest = len(names) - _TOLD
    return ", ".join(names[:_TOLD]) + (f" and {rest} more" if rest > 0 else "")


def _count(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _verb(count: int, verb: str) -> str:
    return f"{verb}s" if count == 1 else verb
