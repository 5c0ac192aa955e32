"""Programs: made, listed, read, changed and deleted."""

from __future__ import annotations

import secrets
from contextlib import suppress
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from anyio.to_thread import run_sync
from fastapi import Depends, Query, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy import Connection

from service.http.access import MANAGERS
from service.http.body import parse_body, read_body
from service.http.paths import ProgramId
from service.http.problems import ApiError
from service.http.router import api_router
from service.http.schemas import ProgramAnswer, ProgramBody, ProgramPage, ProgramPatch, body_of, errors_of
from service.http.state import shared
from service.http.writes import etag, expected_by, key_of, write
from service.reading.problems import BadCohort, Problem, expected
from service.reading.program import FILE, parse_program
from service.said import texts_of_program
from service.store import computed
from service.store import programs as store
from service.store.encoded import count_marked, mark_of
from service.store.errors import NotThere
from service.store.writes import Reply, reading

router = api_router(prefix="/v1/programs", tags=["programs"], dependencies=[Depends(MANAGERS)])
_ERRORS = (400, 401, 403, 404, 413, 422, 429, 503)
_LONGEST_ID = 200
# What is told of a program beside its decisions; who sends it back decides nothing by it.
_COUNTED = ("startups", "experts", "read", "revision", "created")
Fields = dict[str, Any]


@router.post(
    "",
    status_code=201,
    response_model=None,
    responses={201: {"model": ProgramAnswer}, **errors_of(409, *_ERRORS)},
    openapi_extra=body_of(ProgramBody),
)
async def create(request: Request) -> Response:
    """Make a program. Without an `id` it gets one."""
    body = await read_body(request, shared(request).settings.largest_body)
    values = _object(await run_sync(parse_body, body))
    id_, decisions = values.pop("id", None) or secrets.token_hex(6), values
    _check_id(id_)
    _check_decisions(decisions)
    key = key_of(request)
    if key.program not in (None, id_):
        raise ApiError(HTTPStatus.FORBIDDEN, f"found a key for program {key.program!r}, expected one for every program")

    def work(connection: Connection) -> Reply:
        made = store.create_program(connection, id_, decisions, key.id)
        return Reply(
            201,
            _record(request, connection, made),
            {"ETag": etag(made.edited), "Location": f"/v1/programs/{quote(id_, safe='')}"},
        )

    return await write(request, body, work)


@router.get("", response_model=ProgramPage, responses=errors_of(*_ERRORS))
async def list_all(
    request: Request,
    cursor: Annotated[str, Query(max_length=_LONGEST_ID, description="`next` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> JSONResponse:
    """List the programs that the key may see."""

    def read() -> Fields:
        with shared(request).database.connect() as connection:
            found = store.list_programs(connection, cursor, limit, key_of(request).program)
            items = [_record(request, connection, one) for one in found]
        return {"items": items, "next": found[-1].id if len(found) == limit else None}

    return JSONResponse(await run_sync(read))


@router.get("/{p}", response_model=ProgramAnswer, responses=errors_of(*_ERRORS))
async def read(request: Request, p: ProgramId) -> JSONResponse:
    """Read a program. Its ETag is for PATCH."""

    def look() -> tuple[Fields, int]:
        with shared(request).database.connect() as connection:
            found = store.find_program(connection, p)
            return _record(request, connection, found), found.edited

    record, edited = await run_sync(look)
    return JSONResponse(record, headers={"ETag": etag(edited)})


@router.patch(
    "/{p}",
    response_model=None,
    responses={200: {"model": ProgramAnswer}, **errors_of(409, 412, *_ERRORS)},
    openapi_extra=body_of(ProgramPatch),
)
async def change(request: Request, p: ProgramId) -> Response:
    """Change the named decisions; null takes one back. With If-Match, only if nobody else changed it since."""
    body = await read_body(request, shared(request).settings.largest_body)
    values, wanted = _object(await run_sync(parse_body, body)), expected_by(request)

    def work(connection: Connection) -> Reply:
        before = store.hold_program(connection, p).decisions
        decisions = {name: value for name, value in {**before, **values}.items() if value is not None}
        _check_decisions(decisions)
        changed = store.decide(connection, p, decisions, wanted.revision, key_of(request).id)
        return Reply(200, _record(request, connection, changed), {"ETag": etag(changed.edited)})

    return await write(request, body, work)


@router.delete("/{p}", status_code=204, response_model=None, responses=errors_of(*_ERRORS))
async def forget(request: Request, p: ProgramId) -> Response:
    """Delete a program with its profiles, relations and runs."""
    app = shared(request)

    def said() -> tuple[int, set[str]]:
        with suppress(NotThere), reading(app.database) as connection:
            return store.revision_of(connection, p), texts_of_program(connection, p)
        return 0, set()

    # Outside the write, which nobody else can write beside: these are the cohorts of all runs.
    seen, texts = await run_sync(said)

    def work(connection: Connection) -> Reply:
        is_as_seen = store.hold_program(connection, p).revision == seen
        lost = texts if is_as_seen else texts_of_program(connection, p)
        store.delete_program(connection, p, key_of(request).id)
        computed.forget(connection, lost)
        return Reply(204)

    answer = await write(request, b"", work)
    app.matchmaker.submit(app.suggestions.follow(p))
    return answer


def _record(request: Request, connection: Connection, program: store.Stored) -> Fields:
    counts = store.count_profiles(connection, program.id)
    models = shared(request).matchmaker.fingerprint
    return {
        "id": program.id,
        **program.decisions,
        "startups": counts["startup"],
        "experts": counts["expert"],
        "read": None if models is None else count_marked(connection, program.id, mark_of(models)),
        "revision": program.revision,
        "created": program.created.isoformat(),
    }


def _object(values: object) -> Fields:
    if not isinstance(values, dict):
        raise BadCohort([Problem("", 0, "", expected(values, "an object like {name, objective, …}"))])
    return {name: value for name, value in values.items() if name not in _COUNTED}


def _check_id(id_: object) -> None:
    if not (isinstance(id_, str) and id_.isprintable() and id_.strip() and len(id_) <= _LONGEST_ID):
        raise BadCohort([Problem("", 0, "id", expected(id_, f"an id of 1 to {_LONGEST_ID} printable characters"))])


def _check_decisions(decisions: Fields) -> None:
    """Raise `BadCohort` for what no program file could say."""
    _, problems = parse_program(decisions)
    if problems:
        raise BadCohort([Problem("" if one.file == FILE else one.file, 0, one.column, one.message) for one in problems])
