"""Publishing: which run of a program its startups and experts see."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict

from sqlalchemy import Connection, func, select, update

from matcher.profiles import DEFAULT_EXPERT_LIMITS, Side
from service.store.aliases import merged_in
from service.store.audit import record
from service.store.batches import batches
from service.store.errors import Clash
from service.store.forgetting import forget_in_replaced
from service.store.places import places_taken
from service.store.programs import hold_program
from service.store.runs import Run, State, find_run, list_matches, published_run
from service.store.tables import profiles, runs

# Any number, the same in every process.
_PUBLISHING_LOCK = 7_205_317


def publish(connection: Connection, program: str, id_: str, by: str) -> Run:
    """Show a run to its startups and experts, in place of the one before.

    Raises `NotThere`, and `Clash` for a run that is not done, and for one whose experts have given away in other
    programs, since it was asked for, the places that it gives.
    """
    hold_program(connection, program)
    _wait_for_others(connection)
    run = find_run(connection, program, id_)
    if run.state is not State.DONE:
        raise Clash(f"run {id_} is {run.state}, expected one that is done")
    _check_places(connection, program, id_)
    shown = published_run(connection, program)
    connection.execute(update(runs).where(runs.c.program == program).values(published=None))
    connection.execute(update(runs).where(runs.c.id == id_).values(published=dt.datetime.now(dt.UTC)))
    if shown is not None and shown.id != id_:
        forget_in_replaced(connection, program, shown.id)
    before = {"published": shown.id if shown else None}
    record(connection, by, "run.publish", f"{program}/{id_}", before, {"published": id_})
    return find_run(connection, program, id_)


def _wait_for_others(connection: Connection) -> None:
    """Publish one program after the other: two at once would both count places that the other one gives."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_PUBLISHING_LOCK)))


def _check_places(connection: Connection, program: str, run: str) -> None:
    """Raise `Clash` naming every expert who would have more matches in all programs than it has places.

    Who is one under several ids, as was confirmed perhaps after the run, has the places of the id that stays.
    """
    elsewhere, merged = places_taken(connection, program), merged_in(connection, program)
    given: Counter[str] = Counter()
    under: defaultdict[str, set[str]] = defaultdict(set)
    for one in list_matches(connection, run):
        if one.startup and one.expert:
            expert = merged.stays(Side.EXPERT, one.expert)
            given[expert] += 1
            under[expert].add(one.expert)
    asked = sorted(expert for expert in given if expert in elsewhere or under[expert] != {expert})
    places = _places(connection, program, asked)
    told = []
    for expert in asked:
        taken = elsewhere.get(expert, {})
        if given[expert] + sum(taken.values()) > places[expert]:
            others = "".join(f"{count} in {other}, " for other, count in sorted(taken.items()))
            told.append(f"expert {expert} has {places[expert]} places, {others}and this run gives it {given[expert]}")
    if told:
        raise Clash(f"{'; '.join(told)}; ask for another run, which counts the places that are left")


def _places(connection: Connection, program: str, experts: list[str]) -> dict[str, int]:
    """Return how many places these experts have in all."""
    query = select(profiles.c.id, profiles.c.fields).where(profiles.c.program == program, profiles.c.side == "expert")
    return {
        row.id: (row.fields or {}).get("max_load", DEFAULT_EXPERT_LIMITS.most)
        for ids in batches(experts)
        for row in connection.execute(query.where(profiles.c.id.in_(ids)))
    }
