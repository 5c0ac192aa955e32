"""The cohort: tables of startups and experts, and the page of one of them, where it is edited."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.responses import Response

from matcher.profiles import Side
from service.browsing import COLUMNS, LONGEST_SEARCH, View, browse, ids_of
from service.console.api import Refused
from service.console.entries import ENTRIES, fill, typed_value
from service.console.looking import look
from service.console.naming import Party, digest_of, names_in, parties_named, parties_of, parties_told
from service.console.pages import Said, console_router, go, link, show
from service.console.suggested import Suggested, Wanted, suggested
from service.console.visitor import Form, Reader, Reading, read_form
from service.http.access import MANAGERS
from service.http.paths import PartyId, ProgramId
from service.store.aliases import merged_in
from service.store.profiles import relations_of

router = console_router()
Search = Annotated[str, Query(max_length=LONGEST_SEARCH)]
SIDES = {"startups": Side.STARTUP, "experts": Side.EXPERT}
Values = dict[str, Any]
_SUGGESTED = 5


async def _table(request: Request, p: str, who: Reader, table: str, view: View, named: str) -> Response:
    side = SIDES[table]
    if named:
        return await _lead_on(request, p, side, named)
    if view.sort not in COLUMNS[side]:
        raise Refused(422, f"found the order {view.sort!r}, expected one of {', '.join(COLUMNS[side])}")
    rows = await look(request, lambda connection: browse(connection, p, side, view))
    program = await who.api.program(p)
    values: Values = {"program": program, "table": table, "view": view, "found": rows, "columns": COLUMNS[side]}
    return show(request, who, "table.html.j2", **values)


@router.api_route("/programs/{p}/startups", methods=["GET", "HEAD"])
async def startups(
    request: Request,
    p: ProgramId,
    who: Reading,
    search: Search = "",
    sort: str = "name",
    down: bool = False,
    page: int = 1,
    named: str = "",
) -> Response:
    """Show the startups of a program as a table, or lead to the one that is named by its digest."""
    return await _table(request, p, who, "startups", View(search, "", sort, down, page), named)


@router.api_route("/programs/{p}/experts", methods=["GET", "HEAD"])
async def experts(
    request: Request,
    p: ProgramId,
    who: Reading,
    search: Search = "",
    kind: str = "",
    sort: str = "name",
    down: bool = False,
    page: int = 1,
    named: str = "",
) -> Response:
    """Show the experts of a program as a table, of one kind or all, or lead to the one that is named by its digest."""
    return await _table(request, p, who, "experts", View(search, kind, sort, down, page), named)


async def _lead_on(request: Request, p: str, side: Side, digest: str) -> Response:
    """Return the way to the profile whose id has this digest."""
    ids = await look(request, lambda connection: ids_of(connection, p, side))
    found = next((id_ for id_ in ids if digest_of(id_) == digest), None)
    if found is None:
        raise Refused(404, f"found no {side.value} {digest!r} in program {p!r}")
    return go(link("programs", p, f"{side.value}s", found))


def _add_pages(table: str, side: Side) -> None:
    """Add the page of one profile, and what its forms send."""
    way = f"/programs/{{p}}/{table}/{{id}}"

    @router.api_route(way, methods=["GET", "HEAD"])
    async def profile(request: Request, p: ProgramId, id: PartyId, who: Reading) -> Response:  # noqa: A002
        """Show a profile with its limits, relations and suggestions."""
        return await _profile(request, who, p, side, id)

    @router.get(f"{way}/suggestions")
    async def suggestions(request: Request, p: ProgramId, id: PartyId, who: Reading) -> Response:  # noqa: A002
        """Show the suggestions for a profile, or how far they are, for a page that is open."""
        return await _suggestions(request, who, p, side, id)

    @router.post(way)
    async def edit(request: Request, p: ProgramId, id: PartyId, who: Reading) -> Response:  # noqa: A002
        """Change a profile, if nobody else changed it since the form was opened."""
        form = await read_form(request, who)
        values = {one.name: typed_value(one, str(form.get(one.name, ""))) for one in ENTRIES[side] if one.name in form}
        try:
            await who.api.ask(
                "PATCH", "programs", p, table, id, json=values, headers={"If-Match": str(form.get("etag", ""))}
            )
        except Refused as refused:
            said = Said(refused.detail, errors=tuple(refused.errors))
            return await _profile(request, who, p, side, id, said, refused.status, form)
        return go(link("programs", p, table, id))

    @router.get(f"{way}/{side.value}.jsonl")
    async def export(request: Request, p: ProgramId, id: PartyId, who: Reading) -> Response:  # noqa: A002
        """Give a profile whole, as a row that can be changed and uploaded again."""
        await MANAGERS(request)
        row = json.dumps(await who.api.get("programs", p, table, id), ensure_ascii=False)
        headers = {"Content-Disposition": f'attachment; filename="{side.value}.jsonl"'}
        return Response(f"{row}\n", media_type="application/jsonl; charset=utf-8", headers=headers)

    @router.post(f"{way}/delete")
    async def forget(request: Request, p: ProgramId, id: PartyId, who: Reading) -> Response:  # noqa: A002
        """Delete a profile, if the box that says so is ticked."""
        form = await read_form(request, who)
        if form.get("sure") != "yes":
            said = Said(who.tongue.words.gettext("Tick the box to delete: it cannot be undone."))
            return await _profile(request, who, p, side, id, said, 422)
        await who.api.ask("DELETE", "programs", p, table, id)
        return go(link("programs", p, table))


for _name, _side in SIDES.items():
    _add_pages(_name, _side)


async def _profile(
    request: Request,
    who: Reader,
    p: str,
    side: Side,
    id_: str,
    said: Said | None = None,
    status: int = 200,
    form: Form | None = None,
) -> Response:
    await MANAGERS(request)
    program = await who.api.program(p)
    found = await who.api.profile(p, side, id_)
    values: Values = {
        "program": program,
        **_sides(side),
        "profile": found.body,
        "etag": str(form.get("etag")) if form else found.etag,
        "entries": fill(ENTRIES[side], found.body, form),
        "wrong": {where.partition("[")[0].partition(".")[0]: what for where, what in said.errors} if said else {},
        "is_open": form is not None,
    }
    if form is None:  # who mends a mistake is shown nothing else
        values |= await _around(request, who, p, side, found.body)
    return show(request, who, "profile.html.j2", status, said=said, **values)


async def _suggestions(request: Request, who: Reader, p: str, side: Side, id_: str) -> Response:
    await MANAGERS(request)
    found = await suggested(request, who, Wanted(p, side, id_, _SUGGESTED), is_opened=False)
    values: Values = {"program": await who.api.program(p), **_sides(side), "profile": {"id": id_}, "suggested": found}
    names = await names_in(request, p, _parties(side, id_, found))
    return show(request, who, "suggestions.html.j2", names=names, **values)


def _sides(side: Side) -> Values:
    return {"side": side.value, "other": (Side.EXPERT if side is Side.STARTUP else Side.STARTUP).value}


def _parties(side: Side, id_: str, found: Suggested) -> list[Party]:
    """Return everybody whom suggestions name."""
    return parties_of({side.value: id_, **one} for one in found.found) + parties_told(found.found)


async def _around(request: Request, who: Reader, p: str, side: Side, profile: Values) -> Values:
    """Return the relations and suggestions of a profile, and how everybody in them is called."""
    id_ = profile["id"]
    related = await look(request, lambda connection: relations_of(connection, p, side, id_))
    relations = [one.fields for one in related]
    merged = await look(request, lambda connection: merged_in(connection, p))
    one_with = sorted(merged.one_with(side, id_) - {id_})
    found = await suggested(request, who, Wanted(p, side, id_, _SUGGESTED))
    parties = _parties(side, id_, found) + [(side.value, one) for one in one_with]
    parties += parties_named(end for one in relations for end in (one["source"], one["target"]))
    parties += parties_named(one for name in ("wants", "avoids") for one in profile.get(name) or ())
    names = await names_in(request, p, parties)
    return {"relations": relations, "one_with": one_with, "suggested": found, "names": names}
