"""Aliases of a program: who is one under several ids or names, who is not, and who may be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import Depends, Query, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy import Connection

from service.confirming import confirm, suspected
from service.http.access import MANAGERS
from service.http.body import read_body
from service.http.paths import ProgramId
from service.http.router import api_router
from service.http.rows import page_of, read_rows
from service.http.schemas import AliasBody, AliasPage, SuspicionsAnswer, body_of, errors_of
from service.http.state import shared
from service.http.writes import key_of, write
from service.reading.tables import Table
from service.store import aliases as store
from service.store.writes import Reply, reading

router = api_router(prefix="/v1/programs/{p}/aliases", tags=["aliases"], dependencies=[Depends(MANAGERS)])
_ERRORS = (400, 401, 403, 404, 413, 422, 429, 503)
# Aliases are short, and a page shows them all.
_MOST = 10_000
Fields = dict[str, Any]


@router.post(
    "",
    status_code=201,
    response_model=None,
    responses={201: {"model": AliasPage}, **errors_of(409, *_ERRORS)},
    openapi_extra=body_of(AliasBody),
)
async def decide(request: Request, p: ProgramId) -> Response:
    """Say who is one and who is not, one alias or a list; what was said of the same two before is replaced."""
    body = await read_body(request, shared(request).settings.largest_body)
    table = await read_rows(body, "an alias", "aliases")
    return await write(request, body, keep_aliases(request, p, table))


@router.get("", response_model=AliasPage, responses=errors_of(*_ERRORS))
async def list_all(
    request: Request,
    p: ProgramId,
    cursor: Annotated[int, Query(ge=0, le=2**31 - 1, description="`next` of the page before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = _MOST,
) -> JSONResponse:
    """List what was confirmed, in the order in which it came."""
    return await page_of(request, p, store.list_aliases, _record, cursor, limit)


@router.get("/suspected", response_model=SuspicionsAnswer, responses=errors_of(*_ERRORS))
async def list_suspected(request: Request, p: ProgramId) -> JSONResponse:
    """List every two profiles that may be one, with the reason, until somebody says whether they are."""

    def read() -> Fields:
        with reading(shared(request).database) as connection:
            found = suspected(connection, p)
        ends = [(f"{one.one.side}:{one.one.id}", f"{one.other.side}:{one.other.id}", one.reason) for one in found]
        return {"items": [{"canonical": one, "alias": other, "reason": why} for one, other, why in ends]}

    return JSONResponse(await run_sync(read))


@router.delete("/{number}", status_code=204, response_model=None, responses=errors_of(409, *_ERRORS))
async def forget(request: Request, p: ProgramId, number: int) -> Response:
    """Take back by its id what was confirmed."""

    def work(connection: Connection) -> Reply:
        store.delete_alias(connection, p, number, key_of(request).id)
        return Reply(204)

    return await write(request, b"", work)


def keep_aliases(request: Request, p: str, table: Table) -> Callable[[Connection], Reply]:
    """Return the write that keeps what the rows of a table confirm."""

    def work(connection: Connection) -> Reply:
        kept = confirm(connection, p, table, key_of(request).id)
        return Reply(201, {"items": [_record(one) for one in kept]})

    return work


def _record(alias: store.Alias) -> Fields:
    return {"id": alias.id, "same": True, **alias.fields}
