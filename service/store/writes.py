"""One write, one transaction: what it does, its line in the audit log, and the answer to keep for a repetition."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, Table, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from service.store.errors import Clash
from service.store.tables import replies

# A reply is kept so long: who repeats a write later means another one.
_KEPT = dt.timedelta(days=7)


@dataclass(frozen=True)
class Reply:
    """What is answered to a write."""

    status: int
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Repeatable:
    """A write that says by a key of its own when it is the same one again. request: a digest of all it asks for."""

    owner: str
    key: str
    request: str


@contextmanager
def writing(database: Engine) -> Iterator[Connection]:
    """Hold a transaction that will write. SQLite takes the lock at once: a reader that turns writer is refused."""
    with database.connect().execution_options(immediate=True) as connection, connection.begin():
        yield connection


def looking(database: Engine) -> Connection:
    """Return a connection for one statement, which sees one moment without a transaction, and costs less."""
    return database.connect().execution_options(alone=True)


@contextmanager
def reading(database: Engine) -> Iterator[Connection]:
    """Hold a connection that sees one moment, whatever is written while it reads."""
    # A reader of SQLite sees one moment anyway.
    options = {} if database.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with database.connect().execution_options(**options) as connection:
        yield connection


def put_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows; one whose primary key is there already takes its place."""
    put = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)
    new = {column.name: put.excluded[column.name] for column in table.c if not column.primary_key}
    connection.execute(put.on_conflict_do_update(index_elements=[*table.primary_key], set_=new), list(rows))


def perform(database: Engine, write: Callable[[Connection], Reply], once: Repeatable | None = None) -> Reply:
    """Return the answer of a write, or of the same one before. Raises `Clash` for another one under its key."""
    with writing(database) as connection:
        if once is not None:
            _wait_for_twin(connection, once)
        known = _known(connection, once) if once else None
        if known is not None:
            return known
        reply = write(connection)
        if once is not None:
            _keep(connection, once, reply)
        return reply


def _wait_for_twin(connection: Connection, once: Repeatable) -> None:
    """Wait until the same write, sent at the same time, is over; SQLite has one writer at a time anyway."""
    if connection.dialect.name == "postgresql":
        lock = func.hashtextextended(f"{once.owner} {once.key}", 0)
        connection.execute(select(func.pg_advisory_xact_lock(lock)))


def _known(connection: Connection, once: Repeatable) -> Reply | None:
    connection.execute(replies.delete().where(replies.c.at < dt.datetime.now(dt.UTC) - _KEPT))
    row = connection.execute(
        select(replies).where(replies.c.owner == once.owner, replies.c.key == once.key)
    ).one_or_none()
    if row is None:
        return None
    if row.request != once.request:
        raise Clash(f"found the Idempotency-Key {once.key!r} of another request, expected a new one")
    return Reply(row.status, row.body, {**row.headers, "Idempotent-Replay": "true"})


def _keep(connection: Connection, once: Repeatable, reply: Reply) -> None:
    connection.execute(
        insert(replies).values(
            owner=once.owner,
            key=once.key,
            request=once.request,
            status=reply.status,
            body=reply.body,
            headers=dict(reply.headers),
            at=dt.datetime.now(dt.UTC),
        )
    )
