"""For the admin: keys, and who did what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from anyio.to_thread import run_sync
from fastapi import Request
from fastapi.responses import Response

from matcher.errors import BadInput
from service.browsing import PAGE, pages_of
from service.console.api import Refused
from service.console.pages import Said, console_router, go, show
from service.console.visitor import Reader, Reading, read_form
from service.http.access import ADMINS
from service.http.state import shared
from service.store.keys import Grant, Role, all_keys, create_key, revoke_key

router = console_router()
# More programs are not chosen from a list, but by an id.
_MOST_PROGRAMS = 100
_MOST_DAYS = 36_500
# Of the form for a new key.
_FIELDS = ("role", "program", "party", "days")


@router.api_route("/audit", methods=["GET", "HEAD"])
async def audit(request: Request, who: Reading, cursor: int | None = None) -> Response:
    """Show who did what, the newest first."""
    page = await who.api.get("audit", limit=50, cursor=cursor)
    roles = {one.id: one.role.value for one in await run_sync(all_keys, shared(request).database)}
    values: dict[str, Any] = {
        "entries": page["items"],
        "next": page["next"],
        "roles": roles,
        "programs": await _programs(who),
        "written": _written,
    }
    return show(request, who, "audit.html.j2", **values)


@router.get("/audit/{number}.json")
async def entry(request: Request, number: int, who: Reading) -> Response:
    """Give an entry of the audit log whole."""
    await ADMINS(request)
    found = (await who.api.get("audit", limit=1, cursor=number + 1))["items"]
    if not found or found[0]["id"] != number:
        raise Refused(404, f"found no entry {number} in the audit log")
    headers = {"Content-Disposition": f'attachment; filename="audit-{number}.json"'}
    return Response(_written(found[0]), media_type="application/json", headers=headers)


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


@router.api_route("/keys", methods=["GET", "HEAD"])
async def keys(request: Request, who: Reading, page: int = 1) -> Response:
    """Show a page of the keys, the newest first, never their secrets."""
    return await _keys(request, who, page=page)


@router.post("/keys")
async def make(request: Request, who: Reading) -> Response:
    """Make a key and show its secret once."""
    await ADMINS(request)
    form = await read_form(request, who)
    typed = {name: str(form.get(name, "")).strip() for name in _FIELDS}
    try:
        days = _days(typed["days"])
    except BadInput as error:
        return await _keys(request, who, Said(str(error)), 422, typed=typed, wrong={"days": str(error)})
    try:
        grant = Grant(Role(typed["role"]), typed["program"] or None, typed["party"] or None, days)
    except (BadInput, ValueError) as error:
        return await _keys(request, who, Said(str(error)), 422, typed=typed)
    _, secret = await run_sync(create_key, shared(request).database, grant, who.key.id)
    return await _keys(request, who, secret=secret)


def _days(text: str) -> int | None:
    if not text:
        return None
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(_MOST_DAYS))
    if not is_number or not 1 <= int(text) <= _MOST_DAYS:
        raise BadInput(f"found {text!r} days, expected a whole number from 1 to {_MOST_DAYS}")
    return int(text)


@router.post("/keys/revoke")
async def revoke(request: Request, who: Reading) -> Response:
    """Make a key open nothing from now on."""
    await ADMINS(request)
    form = await read_form(request, who)
    await run_sync(revoke_key, shared(request).database, str(form.get("id", "")), who.key.id)
    return go("/keys")


async def _keys(
    request: Request,
    who: Reader,
    said: Said | None = None,
    status: int = 200,
    secret: str = "",
    page: int = 1,
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Response:
    """Show a page of keys. typed: what was refused of the form for a new one; wrong: why, by field."""
    await ADMINS(request)
    found = (await run_sync(all_keys, shared(request).database))[::-1]
    pages = pages_of(len(found))
    page = min(max(1, page), pages)
    values: dict[str, Any] = {
        "keys": found[(page - 1) * PAGE : page * PAGE],
        "page": page,
        "pages": pages,
        "secret": secret,
        "roles": [*Role],
        "programs": await _programs(who),
        "most_programs": _MOST_PROGRAMS,
        "typed": typed or dict.fromkeys(_FIELDS, ""),
        "wrong": wrong or {},
    }
    return show(request, who, "keys.html.j2", status, said=said, **values)


async def _programs(who: Reader) -> dict[str, str]:
    """Return what programs are called, by their ids."""
    listed = (await who.api.get("programs", limit=500))["items"]
    return {one["id"]: one.get("name") or one["id"] for one in listed}
