"""What a startup or an expert sees with its own key: its matches and suggestions, and nothing of anybody else."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from anyio.to_thread import run_sync
from fastapi import Request
from fastapi.responses import Response

from matcher.profiles import Side
from matcher.program import Part
from service.browsing import PAGE, pages_of
from service.console.api import Refused
from service.console.entries import ENTRIES, fill, typed_value
from service.console.naming import names_in, parties_of
from service.console.pages import Said, console_router, go, link, show
from service.console.suggested import Suggested, Wanted, suggested
from service.console.visitor import Form, Reader, Reading, read_form
from service.http.routes.profiles import OWN_FIELDS
from service.http.state import shared
from service.run_lists import find_published
from service.store.keys import Role

Fields = dict[str, Any]
router = console_router()
# Of so many suggestions so many are shown, and of those who could use a data asset so many.
_LOOKED_AT, _SUGGESTED, _USERS = 100, 10, 3
_SIDES = {Role.STARTUP: Side.STARTUP, Role.EXPERT: Side.EXPERT}


@router.api_route("/own", methods=["GET", "HEAD"])
async def own(request: Request, who: Reading, page: int = 1) -> Response:
    """Show a party its own page, so many matches at a time."""
    return await _own(request, who, page=page)


@router.get("/own/suggestions")
async def suggestions(request: Request, who: Reading) -> Response:
    """Show the suggestions for a party, or that they are still to come, for a page that is open."""
    side, p, party = _party(who)
    profile = (await who.api.profile(p, side, party)).body
    found = await suggested(request, who, Wanted(p, side, party, _LOOKED_AT), is_opened=False)
    names = await names_in(request, p, parties_of(found.found))
    return show(request, who, "own_suggestions.html.j2", names=names, **_about(side, profile, found))


@router.post("/own/limits")
async def limit(request: Request, who: Reading) -> Response:
    """Keep the limits and wishes of an expert."""
    form = await read_form(request, who)
    side, program, party = _party(who)
    values = {
        one.name: typed_value(one, str(form.get(one.name, "")))
        for one in ENTRIES[side]
        if one.name in OWN_FIELDS and one.name in form
    }
    try:
        await who.api.ask("PATCH", "programs", program, f"{side}s", party, json=values)
    except Refused as refused:
        said = Said(refused.detail, errors=tuple(refused.errors))
        return await _own(request, who, said, refused.status, form)
    return go("/own")


@router.post("/own/answer")
async def answer(request: Request, who: Reading) -> Response:
    """Keep what a party says of a match."""
    form = await read_form(request, who)
    said = {"decision": str(form.get("decision", "")), "reason": str(form.get("reason", ""))}
    page = str(form.get("page", ""))
    page = page if re.fullmatch("[0-9]{1,9}", page) else "1"
    try:
        await who.api.post("programs", _party(who)[1], "matches", form.get("match", ""), "decision", json=said)
    except Refused as refused:
        told = Said(refused.detail, errors=tuple(refused.errors))
        return await _own(request, who, told, refused.status, page=int(page), answer=form)
    return go(link("own", page=page if page != "1" else ""))


def _party(who: Reader) -> tuple[Side, str, str]:
    if who.key.role not in _SIDES or who.key.program is None or who.key.party is None:
        raise Refused(403, f"found a key of role {who.key.role}, expected one of a startup or an expert")
    return _SIDES[who.key.role], who.key.program, who.key.party


async def _own(
    request: Request,
    who: Reader,
    said: Said | None = None,
    status: int = 200,
    form: Form | None = None,
    page: int = 1,
    answer: Form | None = None,
) -> Response:
    """Show the page; form, answer: what was typed and refused of the limits, or of what is said of a match."""
    side, p, party = _party(who)
    profile = (await who.api.profile(p, side, party)).body
    found = await suggested(request, who, Wanted(p, side, party, _LOOKED_AT))

    def shown_run() -> str | None:
        with shared(request).database.connect() as connection:
            run = find_published(connection, p)
            return run.id if run else None

    run = await run_sync(shown_run)
    matches = (await who.api.get("programs", p, "runs", run, "matches"))["matches"] if run else []
    pages = pages_of(len(matches))
    page = min(max(1, page), pages)
    matches = matches[(page - 1) * PAGE : page * PAGE]
    values = {
        "page": page,
        "pages": pages,
        "matches": matches,
        **_about(side, profile, found),
        "names": await names_in(request, p, parties_of([*found.found, *matches])),
        "entries": fill([one for one in ENTRIES[side] if one.name in OWN_FIELDS], profile, form),
        "typed": (str(answer.get("match", "")), str(answer.get("reason", ""))) if answer else ("", ""),
        "wrong": {where.partition("[")[0]: what for where, what in said.errors} if said else {},
    }
    return show(request, who, "own.html.j2", status, said=said, **values)


def _about(side: Side, profile: Fields, found: Suggested) -> Fields:
    """Return what both the page and its suggestions alone show."""
    return {
        "profile": profile,
        "side": side.value,
        "other": (Side.EXPERT if side is Side.STARTUP else Side.STARTUP).value,
        "suggested": found,
        "most": _SUGGESTED,
        "uses": uses_of_data(found.found) if side is Side.STARTUP else {},
    }


def uses_of_data(suggestions: Sequence[Fields]) -> dict[str, list[Fields]]:
    """Return by data asset of a startup who could put it to use best, each with the evidence that says so."""
    uses: defaultdict[str, list[Fields]] = defaultdict(list)
    for one in suggestions:
        for found in one["evidence"]:
            if found["part"] == Part.DATA_ASSETS.value:
                uses[found["startup_passage"]].append({**one, "found": found})
    return {asset: sorted(those, key=_worth, reverse=True)[:_USERS] for asset, those in uses.items()}


def _worth(use: Fields) -> float:
    return float(use["found"]["worth"])
