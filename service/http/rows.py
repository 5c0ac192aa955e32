"""The body of a request that gives one row or a list of them, as a table."""

from __future__ import annotations

from anyio.to_thread import run_sync

from service.http.body import parse_body
from service.reading.problems import BadCohort, Problem, expected
from service.reading.tables import Row, Table


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
