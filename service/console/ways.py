"""Where a reader is, and the way out of a page that tells a mistake: back to where the form stood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.routing import APIRoute

from service.http.paths import routed

_READS = ("GET", "HEAD")
# /programs/PROGRAM: the steps of an address that lead to the overview of a program.
_TO_PROGRAM = 3


class Out(StrEnum):
    """What a way out is called."""

    BACK = "back"
    PROGRAM = "program"
    START = "start"


@dataclass(frozen=True)
class Way:
    """A way out: what it is called and where it leads."""

    out: Out
    address: str


def here(request: Request) -> str:
    """Return the address of the page that is shown; what a form was sent to is no page, the one it stood on is."""
    if request.method in _READS:
        return _path(request) + (f"?{request.url.query}" if request.url.query else "")
    came = urlsplit(request.headers.get("referer", ""))
    # A site elsewhere does not choose where a link of ours leads.
    if came.netloc != request.url.netloc or not came.path.startswith("/"):
        return _page_at(request, _path(request))
    page = _page_at(request, came.path)
    return f"{page}?{came.query}" if came.query and page == came.path else page


def way_out(request: Request, status: int) -> Way:
    """Return the way out of a page of this status that tells what did not work: of a form to where it stood."""
    if request.method == "POST":
        where = here(request)
        return Way(Out.START if where == "/" else Out.BACK, where)
    steps = _path(request).split("/")
    is_inside = steps[1] == "programs" and len(steps) > _TO_PROGRAM
    if is_inside and status != HTTPStatus.FORBIDDEN:
        return Way(Out.PROGRAM, "/".join(steps[:_TO_PROGRAM]))
    return Way(Out.START, "/")


def _page_at(request: Request, path: str) -> str:
    """Return the page at this address, or the next above it: a form that was refused is shown where it was sent to."""
    steps = path.split("/")
    for count in range(len(steps), 1, -1):
        above = "/".join(steps[:count])
        if _is_page(request.app.state.pages, routed(above)):
            return above
    return "/"


def _is_page(pages: Sequence[APIRoute], path: str) -> bool:
    """Return whether the first route that takes this path can be opened."""
    taken = next((one.path for one in pages if one.path_regex.match(path)), None)
    return any(one.path == taken and "GET" in (one.methods or ()) for one in pages)


def _path(request: Request) -> str:
    """Return the path as it was asked for, what an id needs escaped still so."""
    return str(request.scope["raw_path"].decode("ascii", "replace")).split("?")[0]
