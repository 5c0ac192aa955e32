"""The service's own API, asked in this process with the key of who is signed in.

So a page can do what its reader's key can, under the same checks, errors and audit log, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

import httpx
from fastapi import Request
from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

from matcher.profiles import Side
from service.console.fitting import shortened
from service.reading.program import ProgramRow
from service.reading.schema import ExpertRow, StartupRow
from service.store.keys import Key

Fields = dict[str, Any]
# Of the name of a program so many letters are shown.
LONGEST_TITLE = 120
_ROWS: Mapping[Side, type[BaseModel]] = {Side.STARTUP: StartupRow, Side.EXPERT: ExpertRow}


@dataclass(frozen=True)
class Refused(Exception):
    """What the API refused, as its problem details tell it. errors: (field, message)."""

    status: int
    detail: str
    errors: Sequence[tuple[str, str]] = ()
    conflict: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Answer:
    """What the API answered. body: of JSON its value, otherwise bytes. etag: "" where there is none."""

    body: Any
    etag: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def path(*segments: object) -> str:
    """Return a path under /v1 of these segments, each escaped."""
    return "/v1/" + "/".join(quote(str(one), safe="") for one in segments)


class Api:
    """The API for one request of one reader."""

    def __init__(self, request: Request, key: Key) -> None:
        async def signed(scope: Scope, receive: Receive, send: Send) -> None:
            scope["state"] = {"key": key}
            await request.app(scope, receive, send)

        base = str(request.base_url)
        transport = httpx.ASGITransport(signed, raise_app_exceptions=False)
        headers = {"X-Request-ID": request.scope["state"]["request_id"]}
        self._client = httpx.AsyncClient(transport=transport, base_url=base, headers=headers)

    async def get(self, *segments: object, **query: object) -> Any:
        """Return the value that is answered. Raises `Refused`."""
        return (await self.ask("GET", *segments, query=query)).body

    async def program(self, id_: str) -> Fields:
        """Return a program, with None for what its manager left out, and its title. Raises `Refused`."""
        found = _whole(ProgramRow, await self.get("programs", id_))
        return {**found, "title": shortened(found["name"] or found["id"], LONGEST_TITLE)}

    async def profile(self, program: str, side: Side, id_: str) -> Answer:
        """Return a profile, with None for what it leaves out. Raises `Refused`."""
        found = await self.ask("GET", "programs", program, f"{side}s", id_)
        return replace(found, body=_whole(_ROWS[side], found.body))

    async def post(self, *segments: object, json: object = None, **query: object) -> Any:
        """Send a value. Raises `Refused`."""
        return (await self.ask("POST", *segments, query=query, json=json)).body

    async def ask(
        self,
        method: str,
        *segments: object,
        query: Mapping[str, object] | None = None,
        json: object = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Return what is answered. Raises `Refused` for any status that is not a success."""
        asked = {name: str(value) for name, value in (query or {}).items() if value not in (None, "")}
        got = await self._client.request(
            method, path(*segments), params=asked, json=json, content=content, headers=dict(headers or {})
        )
        is_json = "json" in got.headers.get("content-type", "")
        body = got.json() if is_json and got.content else got.content
        if got.is_error:
            raise _refused(got.status_code, body)
        return Answer(body, got.headers.get("etag", ""), got.headers)


def _whole(row: type[BaseModel], body: Fields) -> Fields:
    return {**dict.fromkeys(row.model_fields), **body}


def _refused(status: int, body: Any) -> Refused:
    errors = tuple((one["field"], one["message"]) for one in body.get("errors", []))
    return Refused(status, body["detail"], errors, body.get("conflict"))
