"""Relations of a program, and files with many rows of one kind."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import Depends, Query, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy import Connection

from matcher.profiles import Side
from service.confirming import check_kinds
from service.http.access import MANAGERS
from service.http.body import read_body
from service.http.paths import ProgramId
from service.http.problems import ApiError
from service.http.router import api_router
from service.http.routes.aliases import keep_aliases
from service.http.rows import page_of, read_rows
from service.http.schemas import ImportAnswer, RelationBody, RelationPage, body_of, errors_of
from service.http.state import shared
from service.http.writes import key_of, write
from service.reading.problems import BadCohort, Problem
from service.reading.single import read_profiles, read_related, texts_lost
from service.reading.tables import Table, read_table
from service.store import computed
from service.store import profiles as store
from service.store.programs import hold_program
from service.store.writes import Reply

router = api_router(prefix="/v1/programs/{p}", tags=["relations and imports"], dependencies=[Depends(MANAGERS)])
_ERRORS = (400, 401, 403, 404, 413, 422, 429, 503)
_FILE = {"type": "string", "format": "binary"}
_SUFFIXES = {
    "text/csv": ".csv",
    "application/jsonl": ".jsonl",
    "application/x-ndjson": ".jsonl",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
# A workbook that unpacks to more than this many times the largest body is a bomb.
_UNPACKED = 4
# Relations are short, and a picture needs them all.
_MOST_RELATIONS = 10_000
Fields = dict[str, Any]


class What(StrEnum):
    """What the rows of a file are."""

    STARTUPS = "startups"
    EXPERTS = "experts"
    RELATIONS = "relations"
    ALIASES = "aliases"


@router.post(
    "/relations",
    status_code=201,
    response_model=None,
    responses={201: {"model": RelationPage}, **errors_of(409, *_ERRORS)},
    openapi_extra=body_of(RelationBody),
)
async def relate(request: Request, p: ProgramId) -> Response:
    """Add a relation, or a list of them."""
    body = await read_body(request, shared(request).settings.largest_body)
    table = await read_rows(body, "a relation", "relations")
    return await write(request, body, _add(request, p, table))


@router.get("/relations", response_model=RelationPage, responses=errors_of(*_ERRORS))
async def list_all(
    request: Request,
    p: ProgramId,
    cursor: Annotated[int, Query(ge=0, le=2**31 - 1, description="`next` of the page before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=_MOST_RELATIONS)] = _MOST_RELATIONS,
) -> JSONResponse:
    """List the relations in the order in which they came."""
    return await page_of(request, p, store.list_relations, _record, cursor, limit)


@router.delete("/relations/{number}", status_code=204, response_model=None, responses=errors_of(409, *_ERRORS))
async def forget(request: Request, p: ProgramId, number: int) -> Response:
    """Delete a relation by its id."""

    def work(connection: Connection) -> Reply:
        store.delete_relation(connection, p, number, key_of(request).id)
        return Reply(204)

    return await write(request, b"", work)


@router.post(
    "/import",
    response_model=None,
    responses={200: {"model": ImportAnswer}, **errors_of(409, 415, *_ERRORS)},
    openapi_extra={"requestBody": {"required": True, "content": {kind: {"schema": _FILE} for kind in _SUFFIXES}}},
)
async def import_rows(
    request: Request,
    p: ProgramId,
    what: Annotated[What, Query(description="What the rows of the file are.")],
) -> Response:
    """Put all rows of a csv, jsonl or xlsx file, whole or not at all; every bad row is told with its number."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().casefold()
    if kind not in _SUFFIXES:
        detail = f"found the content type {kind or 'none'}, expected one of {', '.join(_SUFFIXES)}"
        raise ApiError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)
    most = shared(request).settings.largest_body
    body = await read_body(request, most)
    table = await run_sync(_read, body, _SUFFIXES[kind], what, most)
    if what is What.RELATIONS:
        return await write(request, body, _add(request, p, table))
    if what is What.ALIASES:
        return await write(request, body, keep_aliases(request, p, table))
    side = Side.STARTUP if what is What.STARTUPS else Side.EXPERT
    rows = await run_sync(read_profiles, side, table)

    def work(connection: Connection) -> Reply:
        new, replaced = store.import_profiles(connection, p, side, rows, key_of(request).id)
        computed.forget(connection, texts_lost(side, replaced, rows))
        if side is Side.EXPERT:
            check_kinds(connection, p, [row["id"] for row in rows])
        return Reply(200, {"rows": len(rows), "new": new, "replaced": len(replaced)})

    return await write(request, body, work)


def _read(body: bytes, suffix: str, what: What, most: int) -> Table:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{what}{suffix}"
        path.write_bytes(body)
        if suffix == ".xlsx" and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                unpacked = sum(one.file_size for one in packed.infolist())
            if unpacked > _UNPACKED * most:
                detail = f"found a workbook that unpacks to {unpacked:,} bytes, expected at most {_UNPACKED * most:,}"
                raise ApiError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
        table = read_table(path)
    if not table.rows and not table.problems:
        raise BadCohort([Problem(f"{what}{suffix}", 0, "", f"found no {what}, expected one at least")])
    return table


def _add(request: Request, p: str, table: Table) -> Callable[[Connection], Reply]:
    def work(connection: Connection) -> Reply:
        hold_program(connection, p)
        there = [one for one in store.changed_since(connection, p, 0) if one.fields is not None]
        ids = {side: frozenset(one.id for one in there if one.side is side) for side in Side}
        rows = read_related(table, ids[Side.STARTUP], ids[Side.EXPERT])
        kept = store.add_relations(connection, p, rows, key_of(request).id)
        return Reply(201, {"items": [_record(one) for one in kept]})

    return work


def _record(related: store.Related) -> Fields:
    return {"id": related.id, **related.fields}
