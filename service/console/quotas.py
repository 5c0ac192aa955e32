"""Quotas: how many pairs a program takes between some startups and some experts; listed, added, changed, taken away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import Path, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from matcher.profiles import Side
from service.browsing import ids_of
from service.console.api import Refused
from service.console.entries import fill
from service.console.looking import look
from service.console.naming import LONGEST_NAME, Names, names_in
from service.console.pages import Said, console_router, go, link, show
from service.console.quota_form import ENTRIES, GROUPS, at_fields, flat, typed_quota
from service.console.steering import decide
from service.console.visitor import Form, Reader, Reading, read_form
from service.http.paths import ProgramId
from service.reading.program import QuotaRow

Fields = dict[str, Any]
Number = Annotated[int, Path(ge=1, le=10**6)]
router = console_router()
# So many quotas are shown at a time, and so many ids of each side.
_PAGE, _MOST_IDS = 15, 5


async def page_of_quotas(request: Request, program: Mapping[str, Any], page: int) -> Fields:
    """Return a page of a program's quotas, with the names of those in them and whom the program does not have."""
    kept: Sequence[Fields] = program["quotas"] or []
    pages = max(1, -(-len(kept) // _PAGE))
    page = min(max(1, page), pages)
    first = (page - 1) * _PAGE
    shown = [_read(one, number) for number, one in enumerate(kept[first : first + _PAGE], first + 1)]
    named = {side: _ids(shown, f"{side}s") for side in Side}
    known = await look(request, lambda connection: _known(connection, program["id"], named))
    listed: list[Fields] = []
    for one in shown:
        lost = [id_ for side in Side for id_ in _ids([one], f"{side}s") if id_ not in known[side]]
        listed.append({**one, "lost": [id_ if len(id_) <= LONGEST_NAME else f"{id_[:LONGEST_NAME]}…" for id_ in lost]})
    parties = [(side.value, id_) for side in Side for one in shown for id_ in _ids([one], f"{side}s")[:_MOST_IDS]]
    names: Names = await names_in(request, program["id"], parties)
    about = {"quotas": listed, "quota_page": page, "quota_pages": pages, "most_ids": _MOST_IDS}
    return {**about, "quota_count": len(kept), "names": names}


@router.api_route("/programs/{p}/quotas/new", methods=["GET", "HEAD"])
async def begin(request: Request, p: ProgramId, who: Reading) -> Response:
    """Show an empty quota."""
    return await _page(request, who, p)


@router.post("/programs/{p}/quotas/new")
async def add(request: Request, p: ProgramId, who: Reading) -> Response:
    """Add a quota to those that there are by then."""
    form = await read_form(request, who)
    at = 0

    def added(decisions: Fields) -> Fields:
        nonlocal at
        quotas = decisions.get("quotas", [])
        at = len(quotas)
        return {"quotas": [*quotas, typed_quota(form, {})]}

    try:
        await decide(who.api, p, added)
    except Refused as refused:
        return await _page(request, who, p, form=form, refused=at_fields(refused, at))
    return go(_listed(p, at + 1))


@router.api_route("/programs/{p}/quotas/{number}", methods=["GET", "HEAD"])
async def read(request: Request, p: ProgramId, number: Number, who: Reading) -> Response:
    """Show a quota to be changed."""
    return await _page(request, who, p, number)


@router.post("/programs/{p}/quotas/{number}")
async def change(request: Request, p: ProgramId, number: Number, who: Reading) -> Response:
    """Change a quota, if nobody changed the program since the form was opened."""
    form = await read_form(request, who)
    try:
        quotas = await _quotas(who, p, number)
        quotas[number - 1] = typed_quota(form, flat(quotas[number - 1]))
        await _keep(who, p, quotas, form)
    except Refused as refused:
        return await _page(request, who, p, number, form, at_fields(refused, number - 1))
    return go(_listed(p, number))


@router.post("/programs/{p}/quotas/{number}/delete")
async def take_away(request: Request, p: ProgramId, number: Number, who: Reading) -> Response:
    """Take a quota away, if nobody changed the program since it was shown."""
    form = await read_form(request, who)
    quotas = await _quotas(who, p, number)
    del quotas[number - 1]
    await _keep(who, p, quotas, form)
    return go(_listed(p, number))


async def _quotas(who: Reader, p: str, number: int) -> list[Fields]:
    """Return the quotas as they stand. Raises `Refused` where the program has not so many any more."""
    quotas = (await who.api.get("programs", p)).get("quotas", [])
    if number > len(quotas):
        raise Refused(412, f"program {p!r} was changed since it was read; read it again")
    return list(quotas)


async def _keep(who: Reader, p: str, quotas: list[Fields], form: Form) -> None:
    headers = {"If-Match": str(form.get("etag", ""))}
    await who.api.ask("PATCH", "programs", p, json={"quotas": quotas or None}, headers=headers)


async def _page(
    request: Request,
    who: Reader,
    p: str,
    number: int | None = None,
    form: Form | None = None,
    refused: Refused | None = None,
) -> Response:
    """Show the form of a quota, number None: of a new one; with what was typed and what was refused of it."""
    found = await who.api.ask("GET", "programs", p)
    quotas = found.body.get("quotas", [])
    if number is not None and number > len(quotas) and form is None:
        raise Refused(404, f"found no quota {number} in program {p!r}")
    kept = flat(quotas[number - 1]) if number is not None and number <= len(quotas) else {}
    names = {one.name for one in ENTRIES}
    errors = refused.errors if refused else ()
    wrong = {where: what for where, what in errors if where in names}
    if form is None:
        # A side of no ids holds nobody; a form that says nothing of a side means everybody.
        text = who.tongue.words.gettext("Nobody is in this side. Saved empty it will be everybody.")
        wrong = {f"{side}.ids": text for side in GROUPS if kept.get(f"{side}.ids") == []}
    rest = tuple((where, what) for where, what in errors if where not in names)
    values: Fields = {
        "program": await who.api.program(p),
        "number": number,
        "etag": str(form.get("etag", "")) if form else found.etag,
        "entries": fill(ENTRIES, kept, form),
        "wrong": wrong,
        "is_stale": refused is not None and refused.status == 412,
    }
    said = Said(refused.detail, errors=rest) if refused else None
    return show(request, who, "quota.html.j2", refused.status if refused else 200, said=said, **values)


def _read(quota: Mapping[str, Any], number: int) -> Fields:
    """Return a quota as the table shows it; without a name it is called as runs call it."""
    row = QuotaRow.model_validate(quota)
    kept = row.model_dump(mode="json")
    return {**kept, "number": number, "name": row.name or f"quota {number}"}


def _ids(quotas: Sequence[Fields], side: str) -> list[str]:
    return [id_ for one in quotas if isinstance(one[side], list) for id_ in one[side]]


def _known(connection: Connection, program: str, named: Mapping[Side, Sequence[str]]) -> dict[Side, set[str]]:
    return {side: set(ids_of(connection, program, side)) if named[side] else set() for side in Side}


def _listed(p: str, number: int) -> str:
    """Return where a quota stands in the list."""
    page = -(-number // _PAGE)
    return f"{link('programs', p, quotas=page if page > 1 else '')}#quotas"
