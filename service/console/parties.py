"""What a startup or an expert sees with its own key: its matches and suggestions, and nothing of anybody else."""

from __future__ import annotations

from typing import Any

from anyio.to_thread import run_sync
from fastapi import Request
from fastapi.responses import Response

from matcher.profiles import Side
from service.browsing import names_of
from service.console.api import Refused
from service.console.cohort import ENTRIES, shown_value, typed_value
from service.console.pages import Said, console_router, go, show
from service.console.visitor import Reader, Reading, read_form
from service.http.routes.profiles import OWN_FIELDS
from service.http.state import shared
from service.store.keys import Role
from service.store.runs import published_run

router = console_router()
_SIDES = {Role.STARTUP: Side.STARTUP, Role.EXPERT: Side.EXPERT}


@router.api_route("/own", methods=["GET", "HEAD"])
async def own(request: Request, who: Reading) -> Response:
    """Show a party its own page."""
    return await _own(request, who)


@router.post("/own/limits")
async def limit(request: Request, who: Reading) -> Response:
    """Keep the limits and wishes of an expert."""
    form = await read_form(request, who)
    side, program, party = _party(who)
    values = {
        one.name: typed_value(one, str(form.get(one.name, ""))) for one in ENTRIES[side] if one.name in OWN_FIELDS
    }
    try:
        await who.api.ask("PATCH", "programs", program, f"{side}s", party, json=values)
    except Refused as refused:
        return await _own(request, who, Said(refused.detail, errors=tuple(refused.errors)), refused.status)
    return go("/own")


@router.post("/own/answer")
async def answer(request: Request, who: Reading) -> Response:
    """Keep what a party says of a match."""
    form = await read_form(request, who)
    said = {"decision": str(form.get("decision", "")), "reason": str(form.get("reason", ""))}
    await who.api.post("programs", _party(who)[1], "matches", form.get("match", ""), "decision", json=said)
    return go("/own")


def _party(who: Reader) -> tuple[Side, str, str]:
    if who.key.role not in _SIDES or who.key.program is None or who.key.party is None:
        raise Refused(403, f"found a key of role {who.key.role}, expected one of a startup or an expert")
    return _SIDES[who.key.role], who.key.program, who.key.party


async def _own(request: Request, who: Reader, said: Said | None = None, status: int = 200) -> Response:
    side, p, party = _party(who)
    other = Side.EXPERT if side is Side.STARTUP else Side.STARTUP
    profile = (await who.api.profile(p, side, party)).body
    suggested = (await who.api.get("programs", p, f"{side}s", party, "suggestions", limit=10))["suggestions"]

    def shown_run() -> str | None:
        with shared(request).database.connect() as connection:
            run = published_run(connection, p)
            return run.id if run else None

    run = await run_sync(shown_run)
    matches = (await who.api.get("programs", p, "runs", run, "matches"))["matches"] if run else []

    def named() -> dict[str, Any]:
        with shared(request).database.connect() as connection:
            return names_of(connection, p, other, [one[other.value] for one in (*suggested, *matches)])

    entries = [(one, shown_value(one, profile)) for one in ENTRIES[side] if one.name in OWN_FIELDS]
    values = {
        "profile": profile,
        "side": side.value,
        "other": other.value,
        "matches": matches,
        "suggestions": suggested,
        "names": await run_sync(named),
        "entries": entries,
        "program": {"id": p},
    }
    return show(request, who, "own.html.j2", status, said=said, **values)
