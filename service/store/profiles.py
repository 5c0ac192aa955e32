"""Profiles and relations of a program: written one by one or many at once, whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from matcher.profiles import Side
from service.store.aliases import forget_aliases, merged_in
from service.store.audit import record, record_many
from service.store.errors import NotThere, Stale
from service.store.forgetting import forget_in_replies, forget_in_runs
from service.store.listings import keep_listings
from service.store.programs import Fields, find_program, next_revision
from service.store.tables import profiles, relations
from service.store.told_rows import rows_after, take_row


@dataclass(frozen=True)
class Profile:
    """A profile as it is kept; fields None for one that was deleted."""

    side: Side
    id: str
    fields: Fields | None
    revision: int


@dataclass(frozen=True)
class Expected:
    """What a writer expects to find: this revision (None: any), nothing at all (`absent`), or some (`present`)."""

    revision: int | None = None
    absent: bool = False
    present: bool = False


@dataclass(frozen=True)
class Related:
    """A relation as it is kept."""

    id: int
    fields: Fields


ANYTHING = Expected()


def find_profile(connection: Connection, program: str, side: Side, id_: str) -> Profile:
    """Return a profile. Raises `NotThere`."""
    found = _row(connection, program, side, id_)
    if found is None or found.fields is None:
        find_program(connection, program)
        raise NotThere(f"found no {side} {id_!r} in program {program!r}")
    return found


def put_profile(
    connection: Connection, program: str, side: Side, id_: str, fields: Fields, expected: Expected, by: str
) -> tuple[Profile, Fields | None]:
    """Keep a profile, and return it and what it was before, None where it is new. Raises `NotThere` and `Stale`."""
    revision = next_revision(connection, program)
    before = _row(connection, program, side, id_)
    _check(before, expected, side, id_)
    _keep(connection, program, [Profile(side, id_, fields, revision)], {id_} if before else set())
    old = before.fields if before else None
    record(connection, by, f"{side}.put", f"{program}/{id_}", summary_of(old), summary_of(fields))
    return Profile(side, id_, fields, revision), old


def import_profiles(
    connection: Connection, program: str, side: Side, rows: Sequence[Fields], by: str
) -> tuple[int, list[Fields]]:
    """Keep many profiles in place of those of the same ids.

    Return how many are new, and those that were replaced as they were before. Raises `NotThere`.
    """
    revision = next_revision(connection, program)
    query = select(profiles.c.id, profiles.c.fields)
    known: dict[str, Fields | None] = {
        row.id: row.fields
        for row in connection.execute(query.where(profiles.c.program == program, profiles.c.side == side.value))
    }
    _keep(connection, program, [Profile(side, row["id"], row, revision) for row in rows], set(known))
    before = [known.get(row["id"]) for row in rows]
    changes = [
        (f"{program}/{row['id']}", summary_of(old), summary_of(row)) for row, old in zip(rows, before, strict=True)
    ]
    record_many(connection, by, f"{side}.put", changes)
    replaced = [old for old in before if old is not None]
    new = len(rows) - len(replaced)
    record(connection, by, f"{side}.import", program, None, {"rows": len(rows), "new": new})
    return new, replaced


def delete_profile(
    connection: Connection, program: str, side: Side, id_: str, expected: Expected, by: str
) -> list[Fields]:
    """Forget a profile, its relations and aliases, and its texts in runs and answers; its id stays.

    So an index can follow.

    Return what it was, now and in each run. Raises `NotThere` and `Stale`.
    """
    revision = next_revision(connection, program)
    before = find_profile(connection, program, side, id_)
    _check(before, expected, side, id_)
    _keep(connection, program, [Profile(side, id_, None, revision)], {id_})
    named, kept = f"{side}:{id_}", list_relations(connection, program)
    gone = [one.id for one in kept if named in (one.fields["source"], one.fields["target"])]
    connection.execute(delete(relations).where(relations.c.id.in_(gone)))
    forget_aliases(connection, program, side, id_)
    were = forget_in_runs(connection, program, side, id_, (before.fields or {}).get("name", ""))
    forget_in_replies(connection, side, id_)
    record(connection, by, f"{side}.delete", f"{program}/{id_}", summary_of(before.fields), None)
    return [before.fields or {}, *were]


def list_profiles(connection: Connection, program: str, side: Side, after: str, limit: int) -> list[Profile]:
    """Return the profiles of one side in the order of their ids, those after one."""
    query = (
        select(profiles)
        .where(profiles.c.program == program, profiles.c.side == side.value, profiles.c.id > after)
        .where(profiles.c.fields.is_not(None))
        .order_by(profiles.c.id)
        .limit(limit)
    )
    return [Profile(Side(row.side), row.id, row.fields, row.revision) for row in connection.execute(query)]


def confidential_fields(connection: Connection, program: str) -> dict[str, list[str]]:
    """Return the fields that startups show to managers alone, by startup; of those that are one, what any marks."""
    query = select(profiles.c.id, profiles.c.fields["confidential"]).where(
        profiles.c.program == program, profiles.c.side == Side.STARTUP.value, profiles.c.fields.is_not(None)
    )
    marked = {row[0]: row[1] for row in connection.execute(query) if row[1]}
    return merged_in(connection, program).joined(Side.STARTUP, marked)


def changed_since(connection: Connection, program: str, revision: int) -> list[Profile]:
    """Return the profiles written after a revision, deleted ones included, in the order of their ids."""
    query = select(profiles).where(profiles.c.program == program, profiles.c.revision > revision)
    rows = connection.execute(query.order_by(profiles.c.side, profiles.c.id))
    return [Profile(Side(row.side), row.id, row.fields, row.revision) for row in rows]


def add_relations(connection: Connection, program: str, rows: Sequence[Fields], by: str) -> list[Related]:
    """Keep relations. Raises `NotThere`."""
    next_revision(connection, program)
    kept = []
    for row in rows:
        (id_,) = connection.execute(insert(relations).values(program=program, fields=row)).inserted_primary_key or (0,)
        kept.append(Related(id_, row))
        record(connection, by, "relation.add", f"{program}/{id_}", None, _told(row))
    return kept


def list_relations(connection: Connection, program: str, after: int = 0, limit: int | None = None) -> list[Related]:
    """Return the relations of a program in the order in which they came, those after one, so many of them or all."""
    return [Related(row.id, row.fields) for row in rows_after(connection, relations, program, after, limit)]


def count_relations(connection: Connection, program: str) -> int:
    """Return how many relations a program has."""
    return connection.scalar(select(func.count()).where(relations.c.program == program)) or 0


def relations_of(connection: Connection, program: str, side: Side, id_: str) -> list[Related]:
    """Return the relations of a party, in the order in which they came."""
    ends = [relations.c.fields[end].as_string().in_((id_, f"{side}:{id_}")) for end in ("source", "target")]
    query = select(relations).where(relations.c.program == program, or_(*ends)).order_by(relations.c.id)
    return [Related(row.id, row.fields) for row in connection.execute(query)]


def delete_relation(connection: Connection, program: str, id_: int, by: str) -> None:
    """Forget a relation. Raises `NotThere`."""
    fields = take_row(connection, relations, program, id_, "relation")
    record(connection, by, "relation.delete", f"{program}/{id_}", _told(fields), None)


def _told(relation: Fields) -> Fields:
    """Return what the audit log says of a relation: a column that somebody added may hold texts, and the log stays."""
    return {name: relation[name] for name in ("source", "target", "type", "since", "until") if name in relation}


# What the audit log tells as it is: limits say nothing of a person.
_LIMITS = ("min_load", "max_load", "min_matches", "max_matches", "priority")


def summary_of(fields: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return what the audit log says of a profile: which fields, a digest and limits; no texts, for the log stays."""
    if fields is None:
        return None
    text = json.dumps(fields, ensure_ascii=False, sort_keys=True)
    limits = {name: fields[name] for name in _LIMITS if name in fields}
    return {"fields": sorted(fields), "sha256": hashlib.sha256(text.encode()).hexdigest(), **limits}


def _row(connection: Connection, program: str, side: Side, id_: str) -> Profile | None:
    query = select(profiles).where(profiles.c.program == program, profiles.c.side == side.value, profiles.c.id == id_)
    row = connection.execute(query).one_or_none()
    return None if row is None else Profile(side, row.id, row.fields, row.revision)


def _check(before: Profile | None, expected: Expected, side: Side, id_: str) -> None:
    there = before is not None and before.fields is not None
    if expected.absent and there:
        raise Stale(f"{side} {id_!r} is there already; read it and send its ETag in If-Match")
    if expected.present and not there:
        raise Stale(f"{side} {id_!r} is not there; leave If-Match out to put it")
    if expected.revision is not None and (not there or before is None or before.revision != expected.revision):
        raise Stale(f"{side} {id_!r} was changed since it was read; read it again")


def _keep(connection: Connection, program: str, kept: Sequence[Profile], known: set[str]) -> None:
    """Write profiles of one side; known: the ids that have a row already."""
    for profile in (one for one in kept if one.id in known):
        at = (profiles.c.program == program, profiles.c.side == profile.side.value, profiles.c.id == profile.id)
        connection.execute(update(profiles).where(*at).values(fields=profile.fields, revision=profile.revision))
    new = [
        {"program": program, "side": one.side.value, "id": one.id, "fields": one.fields, "revision": one.revision}
        for one in kept
        if one.id not in known
    ]
    if new:
        connection.execute(insert(profiles), new)
    if kept:
        keep_listings(connection, program, kept[0].side, {one.id: one.fields for one in kept})
