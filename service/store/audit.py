"""Who did what, when, with what before and after. Rows are only ever added."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, insert, select

from service.store.tables import audit

COMMAND_LINE = "command line"
Values = Mapping[str, object]


@dataclass(frozen=True)
class Entry:
    """One line of the log. who: the id of a key, or the command line."""

    id: int
    at: dt.datetime
    who: str
    action: str
    target: str
    before: Values | None
    after: Values | None


def record(
    connection: Connection, who: str, action: str, target: str, before: Values | None, after: Values | None
) -> None:
    """Add a line, in the transaction of what it tells of: both happen or neither."""
    now = dt.datetime.now(dt.UTC)
    connection.execute(insert(audit).values(at=now, who=who, action=action, target=target, before=before, after=after))


def record_many(
    connection: Connection, who: str, action: str, changes: Sequence[tuple[str, Values | None, Values | None]]
) -> None:
    """Add a line for each target, before and after; see `record`."""
    now = dt.datetime.now(dt.UTC)
    common = {"at": now, "who": who, "action": action}
    rows = [{**common, "target": target, "before": before, "after": after} for target, before, after in changes]
    if rows:
        connection.execute(insert(audit), rows)


def entries(database: Engine, before: int | None, limit: int) -> list[Entry]:
    """Return the newest `limit` lines, those older than the line `before` where one is given."""
    query = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(audit.c.id < before)
    with database.connect() as connection:
        rows = connection.execute(query).all()
    return [Entry(row.id, as_utc(row.at), row.who, row.action, row.target, row.before, row.after) for row in rows]


def as_utc(moment: dt.datetime) -> dt.datetime:
    """Return the moment with its zone, which SQLite does not keep."""
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
