"""What a program is told row by row, relations and aliases: as a body that gives it, and as a page that lists it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from anyio.to_thread import run_sync
from fastapi import Request
from fastapi.responses import JSONResponse
from sqlalchemy import Connection

from service.http.body import parse_body
from service.http.state import shared
from service.reading.problems import BadCohort, Problem, expected
from service.reading.tables import Row, Table
from service.store.programs import find_program


class Numbered(Protocol):
    """A row that is kept."""

    @property
    def id(self) -> int:
        """Its number: later ones have higher ones."""
        ...


Kept = TypeVar("Kept", bound=Numbered)


async def read_rows(body: bytes, one: str, many: str) -> Table:
    """Return the rows of a body. one, many: how a row and the file of them are called. Raises `BadCohort`."""
    values = await run_sync(parse_body, body)
    given = values if isinstance(values, list) else [values]
    wrong = [Problem("", at, "", expected(row, one)) for at, row in enumerate(given, 1) if not isinstance(row, dict)]
    if wrong or not given:
        raise BadCohort(wrong or [Problem("", 0, "", expected(values, f"{one} or a list of them"))])
    is_list = values is given
    file = many if is_list else ""
    rows = enumerate(given, 1)
    return Table(tuple(Row(file, number if is_list else 0, row, is_table=False) for number, row in rows))


async def page_of(
    request: Request,
    program: str,
    find: Callable[[Connection, str, int, int], Sequence[Kept]],
    record: Callable[[Kept], dict[str, Any]],
    cursor: int,
    limit: int,
) -> JSONResponse:
    """Return the rows after a cursor, and `next` where there may be more. Raises `NotThere`."""

    def read() -> dict[str, Any]:
        with shared(request).database.connect() as connection:
            find_program(connection, program)
            found = find(connection, program, cursor, limit)
        return {"items": [record(one) for one in found], "next": found[-1].id if len(found) == limit else None}

    return JSONResponse(await run_sync(read))
