"""Who may be one in a program that is kept, and what people decide about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, select

from matcher.identity import Suspicion, suspicions
from matcher.merging import merge
from matcher.profiles import Cohort, Expert, Kind, Side, Startup
from service.reading.single import build_aliases, check_merges, read_confirmed
from service.reading.tables import Table
from service.store.aliases import Alias, list_aliases, put_aliases
from service.store.programs import find_program, hold_program
from service.store.tables import profiles

Fields = dict[str, Any]
# Of a profile what tells who it is.
_TELLING = ("name", "email", "affiliation", "kind")


def confirm(connection: Connection, program: str, table: Table, by: str) -> list[Alias]:
    """Keep what the rows of a table decide. Raises `NotThere`, and `BadCohort` with everything that is wrong."""
    hold_program(connection, program)
    people = _people(connection, program)
    startups = frozenset(one.id for one in people.startups)
    kinds = {one.id: one.kind for one in people.experts}
    rows = read_confirmed(table, _rows(connection, program), startups, kinds)
    return put_aliases(connection, program, rows, by)


def check_kinds(connection: Connection, program: str, written: Iterable[str]) -> None:
    """Raise `BadCohort` where an expert of those that were just written is of another kind than one it is one with."""
    rows = _rows(connection, program)
    named = {one[end] for one in rows for end in ("canonical", "alias")}
    if not named.isdisjoint(f"{Side.EXPERT}:{id_}" for id_ in written):
        people = _people(connection, program)
        startups = frozenset(one.id for one in people.startups)
        check_merges(rows, startups, {one.id: one.kind for one in people.experts})


def suspected(connection: Connection, program: str) -> Sequence[Suspicion]:
    """Return every two profiles of a program that may be one and that nobody has looked at. Raises `NotThere`."""
    find_program(connection, program)
    people = _people(connection, program)
    ids = frozenset(one.id for one in people.startups), frozenset(one.id for one in people.experts)
    return suspicions(merge(people, build_aliases(_rows(connection, program), *ids)))


def _rows(connection: Connection, program: str) -> list[Fields]:
    return [one.fields for one in list_aliases(connection, program)]


def _people(connection: Connection, program: str) -> Cohort:
    """Return everybody, with no more than tells who it is."""
    told = [profiles.c.fields[name].as_string().label(name) for name in _TELLING]
    query = select(profiles.c.side, profiles.c.id, *told).where(profiles.c.program == program)
    rows = connection.execute(query.where(profiles.c.fields.is_not(None)).order_by(profiles.c.id)).all()
    startups = [Startup(row.id, row.name or "", email=row.email or "") for row in rows if row.side == Side.STARTUP]
    experts = [
        Expert(row.id, Kind(row.kind), row.name or "", row.affiliation or "", row.email or "")
        for row in rows
        if row.side == Side.EXPERT
    ]
    return Cohort(tuple(startups), tuple(experts))
