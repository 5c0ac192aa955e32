"""Who may come in: keys are checked before a body is looked at, and each has a rate and a role."""

from __future__ import annotations

import logging
import math
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from urllib.parse import unquote

from fastapi import Request
from sqlalchemy import Engine
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from matcher.profiles import Side
from service.http.problems import ApiError, problem_response
from service.http.quick import look_up
from service.http.rate import Rate, RateLimiter
from service.store.errors import LOST
from service.store.keys import Key, Role, find_key, hash_of
from service.store.until_written import UntilWritten

_LOG = logging.getLogger("matcher.http")
_GUARDED = "/v1"
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="matcher"'}


class KeyGate:
    """Lets requests to /v1 through that carry an active key, as many as its rate allows."""

    def __init__(self, app: ASGIApp, database: Engine, seen: UntilWritten, rate: str) -> None:
        self._app = app
        self._database = database
        self._seen = seen
        self._rate = Rate.parse(rate)
        self._limiter = RateLimiter(self._rate)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401, 429 or 503, or pass the request on with its key in `state`."""
        # A page of the console asks with the key of who is signed in.
        is_known = scope["type"] == "http" and "key" in scope["state"]
        if scope["type"] != "http" or is_known or not is_guarded(scope["path"]):
            await self._app(scope, receive, send)
            return
        try:
            scope["state"]["key"] = await self._admit(scope)
        except ApiError as error:
            refused = problem_response(scope["state"]["request_id"], error.status, error.detail, error.headers)
            await refused(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _admit(self, scope: Scope) -> Key:
        scheme, _, secret = Headers(scope=scope).get("authorization", "").partition(" ")
        try:
            wanted = secret.strip() if scheme.casefold() == "bearer" else ""
            found = await look_up(self._database, lambda: self._find(wanted))
        except LOST as error:
            detail = "the database cannot be reached now; try again"
            raise ApiError(HTTPStatus.SERVICE_UNAVAILABLE, detail, {"Retry-After": "5"}) from error
        if found is None or not found.is_active:  # it may have expired since it was found
            _LOG.warning("key refused", extra={"request_id": scope["state"]["request_id"], "client": scope["client"]})
            detail = "found no active key, expected the header Authorization: Bearer KEY"
            raise ApiError(HTTPStatus.UNAUTHORIZED, detail, _CHALLENGE)
        seconds = self._limiter.wait(found.id)
        if seconds:
            wait = max(1, math.ceil(seconds))
            detail = f"this key may ask {self._rate}; try again in {wait} s"
            raise ApiError(HTTPStatus.TOO_MANY_REQUESTS, detail, {"Retry-After": str(wait)})
        return found

    def _find(self, secret: str) -> Key | None:
        return self._seen.find(("key", hash_of(secret)), lambda: find_key(self._database, secret))


def is_guarded(path: str) -> bool:
    """Return whether a path is of the API, which needs a key and is read by programs."""
    return path == _GUARDED or path.startswith(f"{_GUARDED}/")


class Roles:
    """A dependency of a route: the roles that may use it. Every route under /v1 has one."""

    def __init__(self, *roles: Role) -> None:
        self.roles = frozenset(roles)

    async def __call__(self, request: Request) -> Key:
        """Return the key of the request. Raises 403 for one of another role."""
        key: Key = request.scope["state"]["key"]
        if key.role not in self.roles:
            needed = " or ".join(sorted(self.roles))
            raise ApiError(HTTPStatus.FORBIDDEN, f"found a key of role {key.role}, expected {needed}")
        _check_scope(key, request.path_params)
        return key


def _check_scope(key: Key, path: Mapping[str, str]) -> None:
    """Raise 403 for what lies outside of a key's program, and for another party than the one it speaks for."""
    program, party = path.get("p"), path.get("id")
    if key.program is not None and program is not None and unquote(program) != key.program:
        raise ApiError(HTTPStatus.FORBIDDEN, f"found a key for program {key.program!r}, expected one for this program")
    if key.party is not None and party is not None and unquote(party) != key.party:
        raise ApiError(HTTPStatus.FORBIDDEN, f"found the key of {key.role} {key.party!r}, which reads its own alone")


Guard = Callable[[Request], Awaitable[Key]]
MANAGERS: Guard = Roles(Role.ADMIN, Role.MANAGER)
ADMINS: Guard = Roles(Role.ADMIN)
# Managers, and the party that a path names.
OWN: Mapping[Side, Guard] = {
    Side.STARTUP: Roles(Role.ADMIN, Role.MANAGER, Role.STARTUP),
    Side.EXPERT: Roles(Role.ADMIN, Role.MANAGER, Role.EXPERT),
}
ANYBODY: Guard = Roles(*Role)
