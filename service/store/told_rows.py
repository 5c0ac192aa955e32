"""What a program is told row by row, relations and aliases: in the order in which it came, each under a number."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Table, delete, select

from service.store.errors import NotThere
from service.store.programs import find_program, next_revision

_LARGEST = 2**31 - 1  # that PostgreSQL takes for a number of a row


def rows_after(connection: Connection, table: Table, program: str, after: int, limit: int | None) -> list[Row[Any]]:
    """Return the rows of a program with a higher number, so many of them or all."""
    query = select(table).where(table.c.program == program, table.c.id > after).order_by(table.c.id).limit(limit)
    return list(connection.execute(query))


def take_row(connection: Connection, table: Table, program: str, number: int, what: str) -> dict[str, Any]:
    """Delete a row and return its fields. what: what it is called. Raises `NotThere`."""
    mine = (table.c.program == program, table.c.id == number)
    fields: dict[str, Any] | None = None
    if 0 < number <= _LARGEST:
        fields = connection.execute(select(table.c.fields).where(*mine)).scalar_one_or_none()
    if fields is None:
        find_program(connection, program)
        raise NotThere(f"found no {what} {number} in program {program!r}")
    next_revision(connection, program)
    connection.execute(delete(table).where(*mine))
    return fields
