"""The overview of a program: what is in it, its runs and its settings; what its forms send comes back to it."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy import Connection

from service.console.api import Refused
from service.console.looking import look
from service.console.pages import Said, console_router, go, link, show
from service.console.quotas import page_of_quotas
from service.console.run_form import NOTHING_ASKED, asked_run, at_fields, filled_run
from service.console.visitor import Form, Reader, Reading, read_form
from service.http.paths import ProgramId
from service.run_lists import list_outlined
from service.store.profiles import count_relations

Fields = dict[str, Any]
_LATEST_RUNS = 20
_STALE = 412
router = console_router()


@router.api_route("/programs/{p}", methods=["GET", "HEAD"])
async def overview(request: Request, p: ProgramId, who: Reading, quotas: int = 1) -> Response:
    """Show a program: what is in it, its runs, and how to begin one. quotas: the page of them."""
    return await show_overview(request, who, p, page=quotas)


@router.get("/programs/{p}/reading")
async def reading(request: Request, p: ProgramId, who: Reading) -> Response:
    """Show how many profiles are read, for a page that is open."""
    return show(request, who, "reading.html.j2", program=await who.api.program(p))


@router.post("/programs/{p}/runs")
async def start(request: Request, p: ProgramId, who: Reading) -> Response:
    """Ask for a run. What cannot be matched is told at once, over the form and at its fields."""
    form = await read_form(request, who)
    try:
        run = await who.api.post("programs", p, "runs", json=asked_run(form))
    except Refused as refused:
        typed, wrong = filled_run(form), at_fields(refused)
        return await show_overview(request, who, p, _said(refused), refused.status, run_form=typed, wrong=wrong)
    return go(link("programs", p, "runs", run["id"]))


@router.post("/programs/{p}/settings")
async def change(request: Request, p: ProgramId, who: Reading) -> Response:
    """Change what a program aims at, if nobody changed it since the form was opened."""
    form = await read_form(request, who)
    least = str(form.get("min_score", "")).strip()
    name = {"name": str(form["name"]).strip() or None} if "name" in form else {}
    values = {
        **name,
        "objective": str(form.get("objective", "total")),
        "min_score": _number(least) if least else None,
    }
    try:
        await who.api.ask("PATCH", "programs", p, json=values, headers={"If-Match": str(form.get("etag", ""))})
    except Refused as refused:
        return await _settings_again(request, who, p, form, refused)
    return go(link("programs", p))


async def _settings_again(request: Request, who: Reader, p: str, form: Form, refused: Refused) -> Response:
    """Show the settings as they were typed, what was refused of them at its field."""
    typed = {name: str(form[name]) for name in ("name", "objective", "min_score", "etag") if name in form}
    wrong = {where: what for where, what in refused.errors if where in typed}
    is_stale = refused.status == _STALE
    return await show_overview(
        request, who, p, _said(refused), refused.status, typed=typed, wrong_settings=wrong, is_stale=is_stale
    )


def _said(refused: Refused) -> Said:
    """Return what is told over the forms: everything, and nothing twice."""
    return Said(refused.detail, errors=tuple(one for one in refused.errors if one[1] != refused.detail))


async def show_overview(
    request: Request,
    who: Reader,
    p: str,
    said: Said | None = None,
    status: int = 200,
    page: int = 1,
    run_form: Fields = NOTHING_ASKED,
    wrong: Mapping[str, str] | None = None,
    **settings: object,
) -> Response:
    """Return the overview. page: of its quotas. run_form, settings: what was typed and refused of either form."""
    found = await who.api.ask("GET", "programs", p)
    program = await who.api.program(p)

    def find(connection: Connection) -> Fields:
        return {"runs": list_outlined(connection, p, _LATEST_RUNS), "relations": count_relations(connection, p)}

    values = {"program": program, "etag": found.etag, **await look(request, find)}
    values |= await page_of_quotas(request, program, page)
    forms = {"run_form": run_form, "wrong": wrong or {}, "typed": {}, "wrong_settings": {}, "is_stale": False}
    return show(request, who, "program.html.j2", status, said=said, **{**values, **forms, **settings})


def _number(text: str) -> Any:
    """Return the number of a field, or its text, which the API will then refuse."""
    try:
        number = float(text)
    except ValueError:
        return text
    return number if isfinite(number) else text
