"""Who is reading: the key of their session, the language they read, and the token that their forms carry."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import Depends, Request
from starlette.datastructures import ImmutableMultiDict, UploadFile
from starlette.responses import Response

from service.console.api import Api, Refused
from service.console.languages import Tongue, tongue_of
from service.http.body import read_body
from service.http.quick import look_up
from service.http.state import shared
from service.store.keys import Key
from service.store.sessions import LASTS, end_session, find_session, open_session

SESSION = "matcher_session"
_VISIT = "matcher_visit"


class SignedOut(Exception):
    """Nobody is signed in, or the session is over."""


@dataclass(frozen=True)
class Guest:
    """Somebody who has not signed in. secret: of the cookie that ties a form to a browser."""

    tongue: Tongue
    secret: str

    @property
    def token(self) -> str:
        """What a form of this browser carries and no other site knows."""
        return hmac.new(self.secret.encode(), b"form", hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Reader(Guest):
    """Somebody who has signed in."""

    key: Key
    api: Api


@dataclass(frozen=True)
class Upload:
    """A file that was sent with a form. name: as its sender calls it."""

    name: str
    content: bytes


Form = ImmutableMultiDict[str, str | Upload]


async def _kept(file: UploadFile) -> Upload:
    return Upload(file.filename or "", await file.read())


async def guest(request: Request) -> Guest:
    """Return who reads, signed in or not."""
    return Guest(tongue_of(request), request.cookies.get(_VISIT) or secrets.token_urlsafe(24))


async def reader(request: Request) -> Reader:
    """Return who is signed in. Raises `SignedOut`."""
    secret, database = request.cookies.get(SESSION, ""), shared(request).database
    key = await look_up(database, lambda: find_session(database, secret)) if secret else None
    if key is None:
        raise SignedOut
    request.scope["state"]["key"] = key  # for the log
    return Reader(tongue_of(request), secret, key, Api(request, key))


Visiting = Annotated[Guest, Depends(guest)]
Reading = Annotated[Reader, Depends(reader)]


async def read_form(request: Request, who: Guest) -> Form:
    """Return a form that this browser was given. Raises 413, and `Refused` for a form from anywhere else."""
    body = await read_body(request, shared(request).settings.largest_body)

    async def again() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    async with Request(request.scope, again).form() as sent:
        given = [(name, value if isinstance(value, str) else await _kept(value)) for name, value in sent.multi_items()]
    form = Form(given)
    if not hmac.compare_digest(str(form.get("token", "")).encode("utf-8", "surrogatepass"), who.token.encode()):
        raise Refused(403, "this form was not made for this browser or is too old: open the page again and repeat it")
    return form


def greet(response: Response, who: Guest, is_safe: bool) -> None:
    """Give a guest the cookie that its form will be held against."""
    response.set_cookie(_VISIT, who.secret, httponly=True, samesite="lax", secure=is_safe)


async def sign_in(request: Request, response: Response, key: Key) -> None:
    """Open a session with this key and give its cookie."""
    secret = await run_sync(open_session, shared(request).database, key)
    is_safe, lasts = request.url.scheme == "https", int(LASTS.total_seconds())
    response.set_cookie(SESSION, secret, max_age=lasts, httponly=True, samesite="lax", secure=is_safe)


async def sign_out(request: Request, response: Response) -> None:
    """End the session."""
    await run_sync(end_session, shared(request).database, request.cookies.get(SESSION, ""))
    response.delete_cookie(SESSION, httponly=True, samesite="lax")
