"""Backup and restore of everything that is kept, online, to a file that either database can be restored from.

The file is gzip over JSON lines: a head with the version of the schema, a line for each row, and a last line that
counts them, without which the file is not whole.
"""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, DateTime, Engine, LargeBinary, Table, func, insert, select, text

from matcher.errors import BadInput
from service.store.audit import COMMAND_LINE, record
from service.store.tables import metadata
from service.store.writes import reading, writing

_FORMAT = 1
_AT_ONCE = 1000
# What JSON has no type for, by the type of the column.
_READ: dict[type, Callable[[str], Any]] = {DateTime: dt.datetime.fromisoformat, LargeBinary: base64.b64decode}
Line = dict[str, Any]


def back_up(database: Engine, path: Path) -> int:
    """Write everything that is kept at one moment to a file, and return the number of rows.

    Others go on reading and writing meanwhile. The file appears whole, or not at all. Raises `BadInput` where it cannot
    be written.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        with gzip.open(part, "wt", encoding="utf-8") as file, reading(database) as connection:
            count = _write_all(connection, file)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise BadInput(f"cannot write {path}: {error.strerror or error}") from error
    return count


def back_up_logged(database: Engine, path: Path) -> int:
    """Back up as `back_up` does, and tell the audit log: nothing leaves the service unsaid."""
    count = back_up(database, path)
    with writing(database) as connection:
        record(connection, COMMAND_LINE, "backup.write", path.name, None, {"rows": count})
    return count


def restore_logged(database: Engine, path: Path) -> int:
    """Restore as `restore` does, and tell the audit log, which came with the backup."""
    count = restore(database, path)
    with writing(database) as connection:
        record(connection, COMMAND_LINE, "backup.restore", path.name, None, {"rows": count})
    return count


def _write_all(connection: Connection, file: IO[str]) -> int:
    now = dt.datetime.now(dt.UTC).isoformat()
    head = {"matcher_backup": _FORMAT, "schema": _schema_of(connection), "created": now}
    file.write(json.dumps(head) + "\n")
    count = 0
    for table in metadata.sorted_tables:
        for row in connection.execution_options(yield_per=_AT_ONCE).execute(select(table)):
            values = {name: _plain(value) for name, value in row._mapping.items()}
            file.write(json.dumps({"table": table.name, "row": values}, ensure_ascii=False) + "\n")
            count += 1
    file.write(json.dumps({"rows": count}) + "\n")
    return count


def restore(database: Engine, path: Path) -> int:
    """Put everything of a backup into an empty database, all of it or nothing, and return the number of rows.

    Raises `BadInput` for a file that is no whole backup of this version, and for a database that holds anything.
    """
    with writing(database) as connection:
        held = [
            table.name for table in metadata.sorted_tables if connection.scalar(select(func.count()).select_from(table))
        ]
        if held:
            raise BadInput(f"found a database with {', '.join(held)}, expected an empty one: nothing is overwritten")
        return _read_all(connection, path)


def _read_all(connection: Connection, path: Path) -> int:
    lines = _lines(path)
    head = next(lines, {})
    schema = _schema_of(connection)
    if head.get("matcher_backup") != _FORMAT or head.get("schema") != schema:
        raise BadInput(f"{path} is no backup of schema {schema}: found {json.dumps(head)[:200]}")
    count, waiting, name = 0, list[Line](), ""
    last: Line = {}
    for line in lines:
        if "rows" in line:
            last = line
            break
        if line["table"] != name or len(waiting) == _AT_ONCE:
            _insert(connection, name, waiting)
            waiting, name = [], line["table"]
        waiting.append(line["row"])
        count += 1
    _insert(connection, name, waiting)
    if last.get("rows") != count:
        raise BadInput(f"{path} is not whole: found {count} rows and no end that says so")
    if connection.dialect.name == "postgresql":
        _count_on(connection)
    return count


def _lines(path: Path) -> Iterator[Line]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)
    except (OSError, EOFError, ValueError) as error:
        raise BadInput(f"cannot read {path}: {error}; expected what `matcher backup` wrote") from error


def _insert(connection: Connection, name: str, rows: list[Line]) -> None:
    if rows:
        table = metadata.tables[name]
        connection.execute(insert(table), [_typed(table, row) for row in rows])


def _typed(table: Table, row: Line) -> Line:
    read = {column.name: _READ[type(column.type)] for column in table.c if type(column.type) in _READ}
    return {name: read[name](value) if value is not None and name in read else value for name, value in row.items()}


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dt.datetime):
        return (value if value.tzinfo else value.replace(tzinfo=dt.UTC)).isoformat()
    return value


def _schema_of(connection: Connection) -> str:
    return str(connection.scalar(text("SELECT version_num FROM alembic_version")))


def _count_on(connection: Connection) -> None:
    """Let numbered rows go on after the last one: PostgreSQL does not count those that were put with their number."""
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None and connection.scalar(select(func.max(column))):
            sequence = f"pg_get_serial_sequence('{table.name}', '{column.name}')"
            connection.execute(text(f"SELECT setval({sequence}, (SELECT max({column.name}) FROM {table.name}))"))  # noqa: S608
