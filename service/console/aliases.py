"""Who is who: profiles that may be one, shown with the reason until somebody says, and what was said."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.responses import Response

from service.browsing import PAGE, pages_of
from service.console.api import Refused
from service.console.naming import names_in, parties_named
from service.console.pages import Said, console_router, go, link, show
from service.console.visitor import Form, Reader, Reading, read_form
from service.http.paths import ProgramId

Fields = dict[str, Any]
router = console_router()
_ENDS = ("canonical", "alias")


@router.api_route("/programs/{p}/aliases", methods=["GET", "HEAD"])
async def suspected(request: Request, p: ProgramId, who: Reading, page: Annotated[int, Query()] = 1) -> Response:
    """Show who may be one, with a button for either answer, and what was answered before."""
    return await _page(request, who, p, page)


@router.post("/programs/{p}/aliases")
async def decide(request: Request, p: ProgramId, who: Reading) -> Response:
    """Keep that two profiles are one, the chosen one of which stays, or that they are not."""
    form = await read_form(request, who)
    one, other = str(form.get("one", "")), str(form.get("other", ""))
    stays = str(form.get("stays", one))
    said = {"canonical": stays, "alias": one if stays == other else other, "same": form.get("same") == "yes"}
    page = _page_of(form)
    try:
        await who.api.post("programs", p, "aliases", json=said)
    except Refused as refused:
        told = Said(refused.detail, errors=tuple(refused.errors))
        return await _page(request, who, p, page, told, refused.status, said)
    return go(_listed(p, page))


@router.post("/programs/{p}/aliases/{number}/delete")
async def take_back(request: Request, p: ProgramId, number: int, who: Reading) -> Response:
    """Take an answer back."""
    page = _page_of(await read_form(request, who))
    try:
        await who.api.ask("DELETE", "programs", p, "aliases", number)
    except Refused as refused:
        return await _page(request, who, p, page, Said(refused.detail), refused.status)
    return go(_listed(p, page))


def _page_of(form: Form) -> int:
    """Return the page that a form stood on."""
    page = str(form.get("page", ""))
    return int(page) if re.fullmatch("[0-9]{1,9}", page) else 1


def _listed(p: str, page: int) -> str:
    return link("programs", p, "aliases", page=page if page > 1 else "")


async def _page(
    request: Request,
    who: Reader,
    p: str,
    page: int,
    said: Said | None = None,
    status: int = 200,
    chosen: Fields | None = None,
) -> Response:
    """Show a page of both lists. chosen: the answer that was refused."""
    waiting: list[Fields] = (await who.api.get("programs", p, "aliases", "suspected"))["items"]
    told: list[Fields] = (await who.api.get("programs", p, "aliases"))["items"]
    pages = pages_of(max(len(waiting), len(told)))
    page = min(max(1, page), pages)
    shown = slice((page - 1) * PAGE, page * PAGE)
    parties = parties_named(row[end] for row in (*waiting[shown], *told[shown]) for end in _ENDS)
    values: Fields = {
        "program": await who.api.program(p),
        "waiting": waiting[shown],
        "told": told[shown],
        "counts": (len(waiting), len(told)),
        "page": page,
        "pages": pages,
        "stays": (chosen["canonical"], chosen["alias"]) if chosen else (),
    }
    return show(request, who, "aliases.html.j2", status, said=said, names=await names_in(request, p, parties), **values)
