"""Programs: what their managers decide, and a revision that counts every write."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from service.store.audit import as_utc, record
from service.store.errors import Clash, NotThere, Stale
from service.store.tables import profiles, programs

Fields = dict[str, Any]
# Built once: every request for suggestions asks it.
_REVISION = select(programs.c.revision).where(programs.c.id == bindparam("wanted"))


@dataclass(frozen=True)
class Stored:
    """A program as it is kept. decisions: the fields of program.toml. See `tables.programs` for the counts."""

    id: str
    decisions: Fields
    revision: int
    edited: int
    created: dt.datetime


def create_program(connection: Connection, id_: str, decisions: Fields, by: str) -> Stored:
    """Keep a new program. Raises `Clash` where there is one of this id."""
    now = dt.datetime.now(dt.UTC)
    values = {"id": id_, "decisions": decisions, "revision": 1, "edited": 1, "created": now}
    try:
        connection.execute(insert(programs).values(**values))
    except IntegrityError:  # nothing more can be written in this transaction
        raise Clash(f"found a program {id_!r} already, expected another id") from None
    record(connection, by, "program.create", id_, None, decisions)
    return Stored(id_, decisions, 1, 1, now)


def find_program(connection: Connection, id_: str) -> Stored:
    """Return a program. Raises `NotThere`."""
    row = connection.execute(select(programs).where(programs.c.id == id_)).one_or_none()
    if row is None:
        raise NotThere(f"found no program {id_!r}")
    return _stored(row)


def hold_program(connection: Connection, id_: str) -> Stored:
    """Return a program that nobody else writes to until this transaction is over. Raises `NotThere`.

    Whoever reads a program to write it back holds it: PostgreSQL has many writers at a time, and the later one of two
    would undo what the earlier one did. SQLite has one, and ignores the lock.
    """
    row = connection.execute(select(programs).where(programs.c.id == id_).with_for_update()).one_or_none()
    if row is None:
        raise NotThere(f"found no program {id_!r}")
    return _stored(row)


def hold_for_reading(connection: Connection, id_: str) -> int:
    """Return how many writes a program has seen; there is no other until this transaction is over. Raises `NotThere`.

    SQLite has one writer at a time, and ignores the lock.
    """
    revision: int | None = connection.scalar(_REVISION.with_for_update(read=True), {"wanted": id_})
    if revision is None:
        raise NotThere(f"found no program {id_!r}")
    return revision


def revision_of(connection: Connection, id_: str) -> int:
    """Return how many writes a program has seen. Raises `NotThere`."""
    revision: int | None = connection.scalar(_REVISION, {"wanted": id_})
    if revision is None:
        raise NotThere(f"found no program {id_!r}")
    return revision


def revisions(connection: Connection) -> dict[tuple[str, str], int]:
    """Return how many writes each program has seen, by its id and when it was made: an id may be used again."""
    rows = connection.execute(select(programs.c.id, programs.c.created, programs.c.revision))
    return {(row.id, row.created.isoformat()): row.revision for row in rows}


def list_programs(connection: Connection, after: str, limit: int, only: str | None) -> list[Stored]:
    """Return the programs in the order of their ids, those after one, or `only` the one that a key is for."""
    query = select(programs).where(programs.c.id > after).order_by(programs.c.id).limit(limit)
    if only is not None:
        query = query.where(programs.c.id == only)
    return [_stored(row) for row in connection.execute(query)]


def decide(connection: Connection, id_: str, decisions: Fields, edited: int | None, by: str) -> Stored:
    """Replace the decisions. edited: what the writer saw. Raises `NotThere`, and `Stale` where it changed since."""
    before = hold_program(connection, id_)
    if edited is not None and edited != before.edited:
        raise Stale(f"program {id_!r} was changed since it was read; read it again")
    values = {"decisions": decisions, "edited": before.edited + 1, "revision": before.revision + 1}
    connection.execute(update(programs).where(programs.c.id == id_).values(**values))
    record(connection, by, "program.change", id_, before.decisions, decisions)
    return find_program(connection, id_)


def delete_program(connection: Connection, id_: str, by: str) -> None:
    """Forget a program with all that is in it. Raises `NotThere`."""
    before = hold_program(connection, id_)
    connection.execute(delete(programs).where(programs.c.id == id_))
    record(connection, by, "program.delete", id_, before.decisions, None)


def next_revision(connection: Connection, id_: str) -> int:
    """Count one more write to a program, and return its number. Raises `NotThere`."""
    counted = update(programs).where(programs.c.id == id_).values(revision=programs.c.revision + 1)
    row = connection.execute(counted.returning(programs.c.revision)).one_or_none()
    if row is None:
        raise NotThere(f"found no program {id_!r}")
    return int(row.revision)


def count_profiles(connection: Connection, id_: str) -> dict[str, int]:
    """Return how many profiles a program has on each side."""
    query = (
        select(profiles.c.side, func.count())
        .where(profiles.c.program == id_, profiles.c.fields.is_not(None))
        .group_by(profiles.c.side)
    )
    return {"startup": 0, "expert": 0, **{str(row[0]): int(row[1]) for row in connection.execute(query)}}


def _stored(row: Row[tuple[Any, ...]]) -> Stored:
    return Stored(row.id, row.decisions, row.revision, row.edited, as_utc(row.created))
