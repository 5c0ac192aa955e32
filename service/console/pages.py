"""Pages: templates filled in the reader's language, under a policy that loads nothing from outside."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import cache, partial
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.routing import APIRoute, APIRouter
from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from matcher.errors import BadInput, ProcessLost
from service.console.api import Refused
from service.console.fitting import cut, fit, marked
from service.console.languages import Tongue
from service.console.naming import Names, called, profile_address
from service.console.visitor import Guest, Reader, SignedOut, greet, guest, reader
from service.console.ways import here, way_out
from service.http.problems import NOT_TO_BE_KEPT, ApiError
from service.sentences import say
from service.store.errors import LOST, Clash, NotThere, Stale

_LOG = logging.getLogger("matcher.http")
_FILES = Path(__file__).with_name("files")
files = StaticFiles(directory=_FILES)
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src {style}; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
POLICY = _POLICY.format(style="'self'")
# Plotly writes the styles of its plots into the page.
PLOT_POLICY = _POLICY.format(style="'self' 'unsafe-inline'")
_STATUSES: dict[type[Exception], int] = {NotThere: 404, Clash: 409, Stale: 412}


@dataclass(frozen=True)
class Said:
    """What a page tells at its top. is_wrong: an error. errors: (where, what)."""

    text: str
    is_wrong: bool = True
    errors: tuple[tuple[str, str], ...] = ()


class Page(APIRoute):
    """A route that answers people: what is refused is told on a page, who is signed out is asked to sign in."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, with errors as pages."""
        answer = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await answer(request)
            except SignedOut:
                return await _ask_to_sign_in(request)
            except HTTPException:
                raise
            except LOST as error:
                _LOG.error("database lost", extra={**_known(request), "reason": type(error).__name__})
                return await _tell_plainly(request, 503, "the database cannot be reached now; try again")
            except Exception as error:
                refused = refusal(error)
                if refused is None:
                    _LOG.exception("defect", extra=_known(request))
                    told = "this is a defect of the service; its log has the request id"
                    return await _tell_plainly(request, 500, told)
                return await tell(request, *refused)

        return told


def refusal(error: Exception) -> tuple[int, Said] | None:
    """Return how a page tells an error that can be foreseen."""
    match error:
        case Refused():
            return error.status, Said(error.detail, errors=tuple(error.errors))
        case ApiError():
            return error.status, Said(error.detail)
        case NotThere() | Clash() | Stale():
            return _STATUSES[type(error)], Said(str(error))
        case BadInput():
            return 422, Said(str(error))
        case ProcessLost():
            return 503, Said(str(error))
        case RequestValidationError():
            return 422, Said("a parameter of this address cannot be used")
        case DataError():
            return 422, Said(NOT_TO_BE_KEPT)
        case _:
            return None


def console_router() -> APIRouter:
    """Return a router of pages, which the document of the API leaves out."""
    return APIRouter(route_class=Page, include_in_schema=False, default_response_class=HTMLResponse)


def show(
    request: Request,
    who: Guest,
    template: str,
    code: int = 200,
    policy: str = POLICY,
    names: Names | None = None,
    **values: object,
) -> HTMLResponse:
    """Return a page, its texts cut to what there is room for. names: of those whose ids its sentences hold."""
    page = _environment(who.tongue.code).get_template(template)
    values = {
        "said": None,
        "who": who,
        "tongue": who.tongue,
        "here": here(request),
        "key": getattr(who, "key", None),
        "names": names or {},
        "say": partial(say, who.tongue.code, names=names or {}),
        **values,
    }
    response = HTMLResponse(fit(lambda room: page.render(values, room=room)), code)
    response.headers["Content-Security-Policy"] = policy
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "same-origin"
    if not isinstance(who, Reader):
        greet(response, who, request.url.scheme == "https")
    return response


def go(where: str) -> RedirectResponse:
    """Return the way to another page after a form: going back or repeating does nothing twice."""
    return RedirectResponse(where, HTTPStatus.SEE_OTHER, {"Content-Security-Policy": POLICY})


def link(*segments: object, **query: object) -> str:
    """Return the path of a page, each segment escaped; queries that are empty are left out."""
    asked = {name: value for name, value in query.items() if value not in (None, "", False)}
    way = "/" + "/".join(quote(str(one), safe="") for one in segments)
    return f"{way}?{urlencode(asked)}" if asked else way


async def _ask_to_sign_in(request: Request) -> Response:
    """Return the page to sign in, which then leads to where the reader wanted to go."""
    who, is_front = await guest(request), request.url.path == "/"
    is_over = Said(who.tongue.words.gettext("Your session is over. Sign in again; nothing was changed."))
    after = request.url.path if request.method in ("GET", "HEAD") else "/"
    said = None if is_front else is_over
    return show(request, who, "sign_in.html.j2", 200 if is_front else 401, said=said, after=after)


async def tell(request: Request, status: int, said: Said) -> Response:
    """Return a page that tells why something did not work."""
    try:
        who: Guest = await reader(request)
    except SignedOut:
        who = await guest(request)
    return show(request, who, "error.html.j2", status, said=said, status=status, out=way_out(request, status))


async def _tell_plainly(request: Request, status: int, text: str) -> Response:
    """Return such a page without asking who reads it, which may be what did not work."""
    out = way_out(request, status)
    return show(request, await guest(request), "error.html.j2", status, said=Said(text), status=status, out=out)


def _known(request: Request) -> Mapping[str, str]:
    return {"request_id": request.scope["state"]["request_id"]}


@cache
def _environment(code: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("service.console", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(Tongue(code).words, newstyle=True)  # type: ignore[attr-defined]
    environment.filters["cut"] = cut
    environment.globals.update(
        link=link,
        profile_address=profile_address,
        file=_file,
        marked=marked,
        place=place,
        called=called,
        answer=answer,
    )
    return environment


def place(where: str, row: str) -> str:
    """Return the path of a mistake as people count: experts.csv[2].kind is experts.csv, row 3, kind.

    row: how a row is called, {} its number.
    """
    found = re.fullmatch(r"(.*?)\[(\d+)\]\.?(.*)", where)
    told = (found[1], row.format(int(found[2]) + 1), found[3]) if found else (where,)
    return ", ".join(part for part in told if part) or "–"


def answer(found: Mapping[str, Any]) -> str:
    """Return the expert's passage of a piece of evidence without its title, which stands above it."""
    passage, title = str(found["expert_passage"]), str(found["source"])
    rest = passage.removeprefix(title).lstrip(" .:–-\n")
    return rest if rest and passage.startswith(title) else passage


@cache
def _file(name: str) -> str:
    """Return the address of a file of ours, another one when it changes."""
    digest = hashlib.sha256((_FILES / name).read_bytes()).hexdigest()[:12]
    return f"/console-files/{name}?{digest}"
