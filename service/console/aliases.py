"""Who is who: profiles that may be one, shown with the reason until somebody says, and what was said."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.responses import Response

from service.browsing import PAGE, pages_of
from service.console.api import Refused
from service.console.naming import names_in, parties_named
from service.console.pages import Said, console_router, go, link, show
from service.console.visitor import Reader, Reading, read_form
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
    try:
        await who.api.post("programs", p, "aliases", json=said)
    except Refused as refused:
        return await _page(request, who, p, 1, Said(refused.detail, errors=tuple(refused.errors)), refused.status)
    return go(link("programs", p, "aliases"))


@router.post("/programs/{p}/aliases/{number}/delete")
async def take_back(request: Request, p: ProgramId, number: int, who: Reading) -> Response:
    """Take an answer back."""
    await read_form(request, who)
    await who.api.ask("DELETE", "programs", p, "aliases", number)
    return go(link("programs", p, "aliases"))


async def _page(
    request: Request, who: Reader, p: str, page: int, said: Said | None = None, status: int = 200
) -> Response:
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
    }
    return show(request, who, "aliases.html.j2", status, said=said, names=await names_in(request, p, parties), **values)
