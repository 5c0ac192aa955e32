"""Coming in and going out: the front page, signing in with a key, the language."""

from __future__ import annotations

import logging

from anyio.to_thread import run_sync
from fastapi import Request
from fastapi.responses import Response

from service.console.api import Refused
from service.console.languages import CODES, COOKIE
from service.console.pages import Said, console_router, go, link, show
from service.console.visitor import Reading, Visiting, read_form, sign_in, sign_out
from service.http.state import shared
from service.store.keys import Role, find_key

router = console_router()
_LOG = logging.getLogger("matcher.http")
_YEAR_S = 365 * 24 * 3600


@router.api_route("/", methods=["GET", "HEAD"])
async def front(request: Request, who: Reading) -> Response:
    """Lead a manager to the programs, anybody else to the own page. Signed out it is the page to sign in."""
    return go("/programs" if who.key.role in (Role.ADMIN, Role.MANAGER) else "/own")


@router.post("/sign-in")
async def enter(request: Request, who: Visiting) -> Response:
    """Open a session for a key."""
    form = await read_form(request, who)
    after = _own_path(str(form.get("after", "/")))
    key = await run_sync(find_key, shared(request).database, str(form.get("key", "")).strip())
    if key is None:
        client = request.client.host if request.client else None
        _LOG.warning("key refused", extra={"request_id": request.scope["state"]["request_id"], "client": client})
        said = Said(who.tongue.words.gettext("This key opens nothing: it is mistyped, expired or revoked."))
        return show(request, who, "sign_in.html.j2", 401, said=said, after=after)
    response = go(after)
    await sign_in(request, response, key)
    return response


@router.post("/sign-out")
async def leave(request: Request, who: Reading) -> Response:
    """End the session."""
    await read_form(request, who)
    response = go("/")
    await sign_out(request, response)
    return response


@router.get("/language/{code}")
async def choose_language(request: Request, code: str, after: str = "/") -> Response:
    """Keep the language that a reader chose."""
    if code not in CODES:
        raise Refused(404, f"found the language {code!r}, expected one of {', '.join(CODES)}")
    response = go(_own_path(after))
    response.set_cookie(COOKIE, code, max_age=_YEAR_S, samesite="lax", httponly=True)
    return response


def _own_path(where: str) -> str:
    """Return a path of this service: a link from elsewhere must not lead elsewhere."""
    is_own = where.startswith("/") and where.isprintable() and not where.startswith(("//", "/\\"))
    return where if is_own else link()
