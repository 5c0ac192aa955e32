"""The cohort: tables of startups and experts, and the page of one of them, where it is edited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from anyio.to_thread import run_sync
from fastapi import Request
from fastapi.responses import Response

from matcher.profiles import Side
from service.browsing import COLUMNS, View, browse, names_of
from service.console.api import Refused
from service.console.pages import Said, console_router, go, link, show
from service.console.visitor import Form, Reader, Reading, read_form
from service.http.access import MANAGERS
from service.http.paths import PartyId, ProgramId
from service.http.state import shared

router = console_router()
SIDES = {"startups": Side.STARTUP, "experts": Side.EXPERT}
Values = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """A field of a form. kind: text, long, list (a line each), number or kinds."""

    name: str
    kind: str = "text"


ENTRIES = {
    Side.STARTUP: (
        Entry("name"),
        Entry("summary", "long"),
        Entry("needs", "list"),
        Entry("data_assets", "list"),
        Entry("sectors", "list"),
        Entry("stage"),
        Entry("region"),
        Entry("raise_usd", "number"),
        Entry("languages", "list"),
        Entry("seeks", "list"),
        Entry("min_matches", "counts"),
        Entry("max_matches", "counts"),
        Entry("confidential", "list"),
        Entry("email"),
    ),
    Side.EXPERT: (
        Entry("name"),
        Entry("kind"),
        Entry("affiliation"),
        Entry("expertise", "list"),
        Entry("sectors", "list"),
        Entry("stages", "list"),
        Entry("regions", "list"),
        Entry("languages", "list"),
        Entry("min_load", "number"),
        Entry("max_load", "number"),
        Entry("wants", "list"),
        Entry("avoids", "list"),
        Entry("email"),
    ),
}


async def _table(request: Request, p: str, who: Reader, table: str, view: View) -> Response:
    side = SIDES[table]
    await MANAGERS(request)
    if view.sort not in COLUMNS[side]:
        raise Refused(422, f"found the order {view.sort!r}, expected one of {', '.join(COLUMNS[side])}")

    def read() -> object:
        with shared(request).database.connect() as connection:
            return browse(connection, p, side, view)

    rows, program = await run_sync(read), await who.api.program(p)
    values: Values = {"program": program, "table": table, "view": view, "found": rows, "columns": COLUMNS[side]}
    return show(request, who, "table.html.j2", **values)


@router.api_route("/programs/{p}/startups", methods=["GET", "HEAD"])
async def startups(
    request: Request,
    p: ProgramId,
    who: Reading,
    search: str = "",
    sort: str = "name",
    down: bool = False,
    page: int = 1,
) -> Response:
    """Show the startups of a program as a table."""
    return await _table(request, p, who, "startups", View(search, "", sort, down, page))


@router.api_route("/programs/{p}/experts", methods=["GET", "HEAD"])
async def experts(
    request: Request,
    p: ProgramId,
    who: Reading,
    search: str = "",
    kind: str = "",
    sort: str = "name",
    down: bool = False,
    page: int = 1,
) -> Response:
    """Show the experts of a program as a table, of one kind or all."""
    return await _table(request, p, who, "experts", View(search, kind, sort, down, page))


def _add_pages(table: str, side: Side) -> None:
    """Add the page of one profile, and what its forms send."""
    way = f"/programs/{{p}}/{table}/{{id}}"

    @router.api_route(way, methods=["GET", "HEAD"])
    async def profile(request: Request, p: ProgramId, id: PartyId, who: Reading) -> Response:  # noqa: A002
        """Show a profile with its limits, relations and suggestions."""
        return await _profile(request, who, p, side, id)

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
    table, program = f"{side}s", await who.api.program(p)
    found = await who.api.profile(p, side, id_)
    related = (await who.api.get("programs", p, "relations"))["items"]
    ends = {id_, f"{side}:{id_}"}
    shown = await who.api.get("programs", p, table, id_, "suggestions", limit=5)
    suggestions = shown["suggestions"]
    other = Side.EXPERT if side is Side.STARTUP else Side.STARTUP

    def read() -> dict[str, str]:
        with shared(request).database.connect() as connection:
            return names_of(connection, p, other, [one[other.value] for one in suggestions])

    values = {
        "program": program,
        "side": side.value,
        "other": other.value,
        "profile": found.body,
        "etag": str(form.get("etag")) if form else found.etag,
        "entries": [(one, _told(one, found.body, form)) for one in ENTRIES[side]],
        "relations": [one for one in related if ends & {one["source"], one["target"]}],
        "suggestions": suggestions,
        "names": await run_sync(read),
        "is_open": form is not None,
    }
    return show(request, who, "profile.html.j2", status, said=said, **values)


def _told(entry: Entry, profile: Mapping[str, Any], form: Form | None) -> str:
    """Return what a field holds: what was typed into it, where that was refused."""
    return str(form[entry.name]) if form and entry.name in form else shown_value(entry, profile)


def shown_value(entry: Entry, profile: Mapping[str, Any]) -> str:
    """Return a field of a profile as a form shows it."""
    value = profile.get(entry.name)
    if value is None:
        return ""
    if isinstance(value, list):
        return "\n".join(_line(one) for one in value)
    if isinstance(value, dict):
        return "; ".join(f"{kind}={count}" for kind, count in value.items())
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _line(value: object) -> str:
    """Return a need as "text | weight", anything else as its text."""
    if isinstance(value, dict):
        weight = value.get("weight", 1.0)
        return value["text"] if weight == 1.0 else f"{value['text']} | {weight:g}"
    return str(value)


def typed_value(entry: Entry, text: str) -> object:
    """Return the value of a field as the API takes it; what it does not take, it refuses."""
    text = text.strip()
    if not text:
        return None
    if entry.kind == "list":
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return [_need(line) for line in lines] if entry.name == "needs" else lines
    if entry.kind == "counts" and "=" in text:
        pairs = (one.partition("=") for one in text.split(";"))
        return {kind.strip(): count.strip() for kind, _, count in pairs}
    return text


def _need(line: str) -> object:
    text, bar, weight = line.rpartition("|")
    return {"text": text.strip(), "weight": weight.strip()} if bar else line
