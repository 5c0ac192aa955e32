"""Ids in paths: any printable character, `/` included, percent-encoded.

Servers decode a path before it is routed, and an id with a slash falls apart. So the raw path is taken, each of its
segments decoded, and only `%` and `/` inside a segment stay encoded until the route reads it.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import unquote

from fastapi import Depends
from starlette.types import ASGIApp, Receive, Scope, Send


class Segments:
    """Routes by the segments of the raw path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a path whose segments are whole."""
        if scope["type"] == "http" and scope.get("raw_path"):
            scope["path"] = routed(scope["raw_path"].decode("ascii", "replace").split("?")[0])
        await self._app(scope, receive, send)


def routed(raw: str) -> str:
    """Return a raw path as routes are asked for it."""
    return "/".join(_kept(segment) for segment in raw.split("/"))


def _kept(segment: str) -> str:
    return unquote(segment).replace("%", "%25").replace("/", "%2F")


async def _program(p: str) -> str:
    return unquote(p)


async def _id(id: str) -> str:  # noqa: A002
    return unquote(id)


ProgramId = Annotated[str, Depends(_program)]
PartyId = Annotated[str, Depends(_id)]
