"""What is left of a party once its profile was deleted: nothing but its id, and in published runs its texts.

A run that another one replaces as the published one is forgotten in like the others, from then on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Connection, Row, String, cast, null, or_, select, update

from matcher.profiles import Side
from service.store.aliases import Alias, Merged, couple_of, is_spelling
from service.store.match_lines import keep_lines
from service.store.runs import OPEN, State, record_of
from service.store.tables import matches, replies, runs

Fields = dict[str, Any]
REMOVED = "(removed)"
_TABLES = {Side.STARTUP: "startups", Side.EXPERT: "experts"}
# Where a match tells texts of its two parties, or names others.
_TELLING: Fields = {"evidence": [], "warnings": [], "alternative": None, "warm_path": None}
# What is said of people by name: in matches of others too.
_SENTENCES = ("warm_path", "warnings")
# Where the record of a run says something of somebody.
_RECORDED = ("may_compete", "warnings")
# What a published run keeps no longer: the name is replaced, and nobody is to be written to.
_REACHED_BY = ("email",)


def forget_in_runs(connection: Connection, program: str, side: Side, id_: str, name: str) -> list[Fields]:
    """Take a party's texts out of the runs of a program, and its name out of the published ones.

    Return its profile as it was in each.

    A run that is not over begins again without the party: its snapshot has neither its profile nor its relations, and
    whoever works at it may write nothing any more. name: as its profile has it now.
    """
    were = []
    for run in connection.execute(_runs_of(program)).all():
        found = next((one for one in run.snapshot[_TABLES[side]] if one["id"] == id_), None)
        if found is None:
            continue
        were += [found] if _says_anything(found) else []
        _forget(connection, run, side, id_)
        names = {name, found.get("name", "")} - {"", REMOVED}
        for said in names:
            _replace_name(connection, run.id, said)
        _clear_record(connection, run, f"{side} {id_}:", names)
    return were


def said_in_runs(connection: Connection, program: str) -> Iterator[tuple[Side, Fields]]:
    """Yield every profile in the cohorts that the runs of a program were asked for with, one run after the other."""
    query = select(runs.c.snapshot).where(runs.c.program == program).execution_options(yield_per=1)
    for snapshot in connection.scalars(query):
        for side, table in _TABLES.items():
            yield from ((side, fields) for fields in snapshot[table] if _says_anything(fields))


def _says_anything(profile: Fields) -> bool:
    """Whether this is a profile, and not what is left of one."""
    return not profile.keys() <= {"id", "name"}


def forget_in_replaced(connection: Connection, program: str, run: str) -> None:
    """Take the texts of those who were deleted out of a run that has just ceased to be the published one."""
    row = connection.execute(_runs_of(program).where(runs.c.id == run)).one()
    for side, table in _TABLES.items():
        for id_ in [one["id"] for one in row.snapshot[table] if one.get("name") == REMOVED]:
            _forget(connection, row, side, id_)
            _clear_record(connection, row, f"{side} {id_}:", ())
            row = connection.execute(_runs_of(program).where(runs.c.id == run)).one()


def forget_in_replies(connection: Connection, side: Side, id_: str) -> None:
    """Empty what is kept of answers in which a party stands: a write sent again is still not done again."""
    body = cast(replies.c.body, String)
    named = [body.contains(json.dumps(name), autoescape=True) for name in (id_, f"{side}:{id_}")]
    connection.execute(update(replies).where(or_(*named)).values(body=null()))


def _runs_of(program: str) -> Any:
    return select(runs.c.id, runs.c.state, runs.c.published, runs.c.snapshot).where(runs.c.program == program)


def _forget(connection: Connection, run: Row[Any], side: Side, id_: str) -> None:
    values: Fields = {"snapshot": _snapshot(run.snapshot, side, id_, State(run.state), run.published is not None)}
    if run.state in OPEN:
        # Who works at it has read the snapshot: its claim ends, and another takes the run anew.
        values |= {"state": State.QUEUED.value, "claim": None, "stage": ""}
    connection.execute(update(runs).where(runs.c.id == run.id).values(**values))
    if run.published is None:
        # What a profile said stands under the id that it was merged into.
        decided = [Alias(at, fields) for at, fields in enumerate(run.snapshot.get("aliases", []))]
        for one in {id_, Merged(decided).stays(side, id_)}:
            _clear_matches(connection, run.id, side, one)


def _snapshot(snapshot: Fields, side: Side, id_: str, state: State, is_published: bool) -> Fields:
    table, named, aliases = _TABLES[side], f"{side}:{id_}", snapshot.get("aliases", [])
    if is_published:
        # Which profiles were one says whose texts a match shows; how a person is spelled nobody needs to know.
        kept = [one for one in aliases if not (one["canonical"] == named and is_spelling(one))]
        nameless = [_nameless(one) if one["id"] == id_ else one for one in snapshot[table]]
        return {**snapshot, table: nameless, "aliases": kept}
    others = [one for one in snapshot[table] if one["id"] != id_]
    left = others if state in OPEN else [*others, {"id": id_, "name": REMOVED}]
    named_ids = {id_, f"{side}:{id_}"}
    relations = [one for one in snapshot["relations"] if not named_ids & {one["source"], one["target"]}]
    kept = [one for one in aliases if named not in couple_of(one)]
    return {**snapshot, table: left, "relations": relations, "aliases": kept}


def _nameless(profile: Fields) -> Fields:
    return {**{name: value for name, value in profile.items() if name not in _REACHED_BY}, "name": REMOVED}


def _clear_matches(connection: Connection, run: str, side: Side, id_: str) -> None:
    end = matches.c.startup if side is Side.STARTUP else matches.c.expert
    of_party = select(matches.c.id, matches.c.fields).where(matches.c.run == run, end == id_)
    for row in connection.execute(of_party).all():
        cleared = {name: value for name, value in _TELLING.items() if name in row.fields}
        values = {"fields": {**row.fields, **cleared}, "reason": None}
        connection.execute(update(matches).where(matches.c.id == row.id).values(**values))
    keep_lines(connection, run, end == id_)


def _replace_name(connection: Connection, run: str, name: str) -> None:
    """Replace a name wherever a sentence of the run says it: an introduction of two others runs over people."""
    whole = _whole(name)
    said = select(matches.c.id, matches.c.fields).where(matches.c.run == run)
    for row in connection.execute(said).all():
        told = {key: _replaced(row.fields[key], whole) for key in _SENTENCES if row.fields.get(key)}
        if any(row.fields[key] != value for key, value in told.items()):
            connection.execute(update(matches).where(matches.c.id == row.id).values(fields={**row.fields, **told}))


def _clear_record(connection: Connection, run: Row[Any], own: str, names: Collection[str]) -> None:
    """Replace names in what the record says; a warning of the party itself (`own` begins it) a shown run alone keeps.

    No other sentence goes: one of who may compete is of everybody whom it names.
    """
    record = record_of(connection, run.id) or {}
    before = {key: record[key] for key in _RECORDED if record.get(key)}
    after = dict(before)
    if run.published is None and "warnings" in before:
        after["warnings"] = [one for one in before["warnings"] if not one.startswith(own)]
    for name in names:
        after = {key: _replaced(told, _whole(name)) for key, told in after.items()}
    if after != before:
        connection.execute(update(runs).where(runs.c.id == run.id).values(record={**record, **after}))


def _whole(name: str) -> re.Pattern[str]:
    """Return what finds a name that is not a part of another word."""
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")


def _replaced(said: Any, name: re.Pattern[str]) -> Any:
    return name.sub(REMOVED, said) if isinstance(said, str) else [name.sub(REMOVED, one) for one in said]
