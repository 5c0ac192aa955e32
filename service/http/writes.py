"""Writes over HTTP: ETags that catch a lost update, Idempotency-Keys that catch a repeated one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from http import HTTPStatus

from anyio.to_thread import run_sync
from fastapi import Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy import Connection

from service.http.problems import ApiError
from service.http.state import shared
from service.store.keys import Key
from service.store.profiles import Expected
from service.store.writes import Repeatable, Reply, perform

_LONGEST_KEY = 200


async def write(request: Request, body: bytes, work: Callable[[Connection], Reply]) -> Response:
    """Do a write once, whole or not at all, and answer it."""
    reply = await run_sync(perform, shared(request).database, work, _repeatable(request, body))
    if reply.body is None:
        return Response(status_code=reply.status, headers=dict(reply.headers))
    return JSONResponse(reply.body, reply.status, headers=dict(reply.headers))


def key_of(request: Request) -> Key:
    """Return the key that a request was let in with."""
    key: Key = request.scope["state"]["key"]
    return key


def etag(revision: int) -> str:
    """Return the ETag of something kept in this revision."""
    return f'"{revision}"'


def expected_by(request: Request) -> Expected:
    """Return what If-Match and If-None-Match expect. Raises 412 for an ETag that nothing here ever had."""
    wanted = request.headers.get("if-match")
    if request.headers.get("if-none-match") == "*":
        return Expected(absent=True)
    if wanted is None:
        return Expected()
    if wanted.strip() == "*":
        return Expected(present=True)
    number = wanted.strip().removeprefix("W/").strip('"')
    if not number.isdecimal() or len(number) > 18:
        raise ApiError(HTTPStatus.PRECONDITION_FAILED, f"found If-Match {wanted}, expected the ETag of the last answer")
    return Expected(int(number))


def _repeatable(request: Request, body: bytes) -> Repeatable | None:
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not 1 <= len(key) <= _LONGEST_KEY:
        raise ApiError(HTTPStatus.BAD_REQUEST, f"found an Idempotency-Key of {len(key)} characters, expected 1 to 200")
    asked = f"{request.method} {request.url.path}?{request.url.query}\n".encode() + body
    return Repeatable(key_of(request).id, key, hashlib.sha256(asked).hexdigest())
