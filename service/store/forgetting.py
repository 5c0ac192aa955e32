"""What is left of a party in runs once its profile was deleted: nothing but its id, and in published runs its texts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, or_, select, update

from matcher.profiles import Side
from service.store.runs import OPEN, State
from service.store.tables import matches, runs

Fields = dict[str, Any]
REMOVED = "(removed)"
_TABLES = {Side.STARTUP: "startups", Side.EXPERT: "experts"}
# Where a match tells texts of its two parties, or names others.
_TELLING: Fields = {"evidence": [], "warnings": [], "alternative": None, "warm_path": None}


def forget_in_runs(connection: Connection, program: str, side: Side, id_: str) -> None:
    """Take a party's texts out of the runs of a program, and its name out of the published ones.

    A run that is not over goes on without the party: its snapshot has neither its profile nor its relations.
    """
    query = select(runs.c.id, runs.c.state, runs.c.published, runs.c.snapshot).where(runs.c.program == program)
    for run in connection.execute(query).all():
        profiles = run.snapshot[_TABLES[side]]
        if all(one["id"] != id_ for one in profiles):
            continue
        kept = _snapshot(run.snapshot, side, id_, State(run.state), run.published is not None)
        connection.execute(update(runs).where(runs.c.id == run.id).values(snapshot=kept))
        if run.published is None:
            _clear_matches(connection, run.id, id_)


def _snapshot(snapshot: Fields, side: Side, id_: str, state: State, is_published: bool) -> Fields:
    table = _TABLES[side]
    if is_published:
        named = [{**one, "name": REMOVED} if one["id"] == id_ else one for one in snapshot[table]]
        return {**snapshot, table: named}
    others = [one for one in snapshot[table] if one["id"] != id_]
    left = others if state in OPEN else [*others, {"id": id_, "name": REMOVED}]
    named_ids = {id_, f"{side}:{id_}"}
    relations = [one for one in snapshot["relations"] if not named_ids & {one["source"], one["target"]}]
    return {**snapshot, table: left, "relations": relations}


def _clear_matches(connection: Connection, run: str, id_: str) -> None:
    of_party = select(matches.c.id, matches.c.fields).where(
        matches.c.run == run, or_(matches.c.startup == id_, matches.c.expert == id_)
    )
    for row in connection.execute(of_party).all():
        cleared = {name: value for name, value in _TELLING.items() if name in row.fields}
        connection.execute(update(matches).where(matches.c.id == row.id).values(fields={**row.fields, **cleared}))
