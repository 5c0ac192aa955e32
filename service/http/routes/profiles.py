"""Startups and experts of a program: put, read, changed, deleted, listed. The same routes for both sides."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy import Connection

from matcher.profiles import Side
from service.confirming import check_kinds
from service.http.access import MANAGERS, OWN
from service.http.body import parse_body, read_body
from service.http.paths import PartyId, ProgramId
from service.http.problems import ApiError
from service.http.router import api_router
from service.http.schemas import PROFILE_BODIES, ProfileAnswer, ProfilePage, body_of, errors_of
from service.http.state import shared
from service.http.writes import etag, expected_by, key_of, write
from service.reading.problems import BadCohort, Problem, expected
from service.reading.single import read_profile, texts_lost
from service.store import computed
from service.store import profiles as store
from service.store.keys import Role
from service.store.programs import find_program, hold_program
from service.store.writes import Reply

_ERRORS = (400, 401, 403, 404, 413, 422, 429, 503)
# What an expert may set of its own profile.
OWN_FIELDS = frozenset(("min_load", "max_load", "wants", "avoids"))
_CHANGERS = {Side.STARTUP: MANAGERS, Side.EXPERT: OWN[Side.EXPERT]}
Fields = dict[str, Any]


def _profile_routes(side: Side) -> APIRouter:
    """Return the routes of one side."""
    router = api_router(prefix=f"/v1/programs/{{p}}/{side}s", tags=[f"{side}s"])
    _add_reads(router, side)
    _add_put(router, side)
    _add_change(router, side)
    _add_forget(router, side)
    return router


def _add_reads(router: APIRouter, side: Side) -> None:
    @router.get("", dependencies=[Depends(MANAGERS)], response_model=ProfilePage, responses=errors_of(*_ERRORS))
    async def list_all(
        request: Request,
        p: ProgramId,
        cursor: Annotated[str, Query(max_length=500, description="`next` of the page before.")] = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> JSONResponse:
        """List the profiles in the order of their ids."""

        def read() -> Fields:
            with shared(request).database.connect() as connection:
                find_program(connection, p)
                found = store.list_profiles(connection, p, side, cursor, limit)
            return {"items": [one.fields for one in found], "next": found[-1].id if len(found) == limit else None}

        return JSONResponse(await run_sync(read))

    @router.get(
        "/{id}",
        dependencies=[Depends(OWN[side])],
        response_model=ProfileAnswer,
        responses=errors_of(*_ERRORS),
    )
    async def read(request: Request, p: ProgramId, id: PartyId) -> JSONResponse:  # noqa: A002
        """Read a profile. Its ETag is for PUT, PATCH and DELETE."""

        def look() -> store.Profile:
            with shared(request).database.connect() as connection:
                return store.find_profile(connection, p, side, id)

        found = await run_sync(look)
        return JSONResponse(found.fields, headers={"ETag": etag(found.revision)})


def _add_put(router: APIRouter, side: Side) -> None:
    @router.put(
        "/{id}",
        dependencies=[Depends(MANAGERS)],
        response_model=None,
        responses={201: {"model": ProfileAnswer}, 200: {"model": ProfileAnswer}, **errors_of(409, 412, *_ERRORS)},
        openapi_extra=body_of(PROFILE_BODIES[side]),
    )
    async def put(request: Request, p: ProgramId, id: PartyId) -> Response:  # noqa: A002
        """Put a profile; with If-Match only if nobody changed it since, with If-None-Match * only if it is new."""
        body = await read_body(request, shared(request).settings.largest_body)
        fields = await run_sync(lambda: read_profile(side, id, parse_body(body)))
        return await write(request, body, _put(request, p, side, id, fields))


def _add_change(router: APIRouter, side: Side) -> None:
    @router.patch(
        "/{id}",
        dependencies=[Depends(_CHANGERS[side])],
        response_model=None,
        responses={200: {"model": ProfileAnswer}, **errors_of(409, 412, *_ERRORS)},
        openapi_extra=body_of(PROFILE_BODIES[side], required=False),
    )
    async def change(request: Request, p: ProgramId, id: PartyId) -> Response:  # noqa: A002
        """Change the named fields; null empties one. An expert's own key sets its limits, `wants` and `avoids`."""
        body = await read_body(request, shared(request).settings.largest_body)
        values = await run_sync(parse_body, body)
        if not isinstance(values, dict):
            raise BadCohort([Problem("", 0, "", expected(values, f"fields of {side.one} as an object"))])
        _check_own(key_of(request).role, values)
        return await write(request, body, _change(request, p, side, id, values))


def _add_forget(router: APIRouter, side: Side) -> None:
    @router.delete(
        "/{id}",
        status_code=204,
        dependencies=[Depends(MANAGERS)],
        response_model=None,
        responses=errors_of(409, 412, *_ERRORS),
    )
    async def forget(request: Request, p: ProgramId, id: PartyId) -> Response:  # noqa: A002
        """Delete a profile: its texts go everywhere but from published runs, where its name is replaced."""

        def work(connection: Connection) -> Reply:
            gone = store.delete_profile(connection, p, side, id, expected_by(request), key_of(request).id)
            computed.forget(connection, texts_lost(side, gone, []))
            return Reply(204)

        answer = await write(request, b"", work)
        app = shared(request)
        # What is in memory goes too, whether or not anybody asks for suggestions again.
        app.matchmaker.submit(app.suggestions.follow(p))
        return answer


def _put(request: Request, p: str, side: Side, id_: str, fields: Fields) -> Callable[[Connection], Reply]:
    """Return the write; what was computed for texts that the profile has no longer goes with it."""
    wanted = expected_by(request)

    def work(connection: Connection) -> Reply:
        kept, before = store.put_profile(connection, p, side, id_, fields, wanted, key_of(request).id)
        computed.forget(connection, texts_lost(side, [before] if before else [], [fields]))
        if side is Side.EXPERT:
            check_kinds(connection, p, [id_])
        return Reply(200 if before else 201, fields, {"ETag": etag(kept.revision)})

    return work


def _change(request: Request, p: str, side: Side, id_: str, values: Fields) -> Callable[[Connection], Reply]:
    """Return the write of what is there with other values; nobody else writes in between."""

    def work(connection: Connection) -> Reply:
        hold_program(connection, p)
        before = store.find_profile(connection, p, side, id_)
        fields = read_profile(side, id_, {**(before.fields or {}), **values})
        return _put(request, p, side, id_, fields)(connection)

    return work


def _check_own(role: Role, values: Fields) -> None:
    """Raise 403 where an expert's own key would change more than is its to decide."""
    others = sorted(set(values) - OWN_FIELDS)
    if role is Role.EXPERT and others:
        wanted = f"of {', '.join(sorted(OWN_FIELDS))} only"
        detail = f"found a change of {', '.join(others)} by a key of role {role}, expected {wanted}"
        raise ApiError(HTTPStatus.FORBIDDEN, detail)


routers = [_profile_routes(side) for side in Side]
