"""Pairs of a finished run that a conflict, a ban or a wish rules out by now: told after the run was asked for."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection

from matcher.ecosystem import ties
from matcher.profiles import Side
from matcher.program import Verdict
from matcher.tie import forbidden_pairs
from service.kept import cohort_of, snapshot
from service.store.errors import Clash
from service.store.programs import find_program, hold_program
from service.store.runs import Decision, State, find_run, list_matches

Fields = dict[str, Any]
# So many are named, each with its reason.
_NAMED = 5


def look_for_conflicts(connection: Connection, program: str, run: str) -> int:
    """Return the revision of the program at which the run has no pair that must not be made. Raises `Clash`.

    To be called before the write, which would keep all others waiting while a cohort is read.
    """
    revision = find_program(connection, program).revision  # first: what is told while conflicts are looked for is later
    check_conflicts(connection, program, run)
    return revision


def look_again(connection: Connection, program: str, run: str, revision: int) -> None:
    """Look once more, within the write, where anything was written since that revision. Raises `Clash`."""
    if hold_program(connection, program).revision != revision:
        check_conflicts(connection, program, run)


def check_conflicts(connection: Connection, program: str, run: str) -> None:
    """Raise `Clash` naming the pairs of the run that must not be made, but for those that a party declined itself.

    Raises `BadCohort` where profiles and relations do not fit together, so that nobody can tell.
    """
    if find_run(connection, program, run).state is not State.DONE:
        return  # it has no pairs yet
    taken = snapshot(connection, program)
    if not taken["startups"] or not taken["experts"]:
        return  # nobody is left whom anything rules out
    given = cohort_of(_what_rules_out(taken))
    cohort = given.cohort
    found = ties(cohort, given.program, dt.date.today())
    forbidden = forbidden_pairs(found, cohort, given.program)
    told = []
    for made in list_matches(connection, run):
        if made.startup is None or made.expert is None or made.decision is Decision.DECLINED:
            continue
        pair = cohort.stays(Side.STARTUP, made.startup), cohort.stays(Side.EXPERT, made.expert)
        if pair in forbidden:
            reasons = [tie.reason for tie in found.get(pair, ()) if tie.verdict is Verdict.FORBID]
            told.append(f"{made.startup} with {made.expert}, {reasons[0] if reasons else 'by a ban or a wish'}")
    if told:
        more = f" and {len(told) - _NAMED} more" if len(told) > _NAMED else ""
        raise Clash(
            f"run {run} has pairs that are ruled out since it was asked for: {'; '.join(told[:_NAMED])}{more}; "
            "ask for another run"
        )


def _what_rules_out(taken: Fields) -> Fields:
    """Return of a snapshot what may rule a pair out: a quota that cannot be held by now keeps nothing from being shown.

    A ban of somebody who was deleted is of nobody.
    """
    startups, experts = ({one["id"] for one in taken[table]} for table in ("startups", "experts"))
    decided = taken["program"]
    bans = [[one, other] for one, other in decided.get("bans", ()) if one in startups and other in experts]
    return {**taken, "program": {"bans": bans, "relations": decided.get("relations", {})}}
