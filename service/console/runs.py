"""Runs: followed, cancelled, read, steered, compared, published and taken away as a file."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from service.browsing import LONGEST_SEARCH, PAGE, pages_of
from service.comparing import compare_runs
from service.console import steering
from service.console.api import Refused
from service.console.looking import look
from service.console.naming import Names, names_in, parties_of, parties_told
from service.console.pages import Said, console_router, go, link, show
from service.console.visitor import Reader, Reading, read_form
from service.http.paths import ProgramId
from service.match_lists import ORDERS, Choice, answers, doubtful_lines, find_line, list_lines
from service.run_lists import OutlinedRun, find_outlined, find_published, list_outlined
from service.store.places import places_taken
from service.store.runs import State

router = console_router()
SIDES = ("startup", "expert")
# Of the runs to compare with, and of the warnings before publishing, so many are shown.
_MOST_RUNS, _MOST_DOUBTFUL = 100, 100
# And of the limits that a run fell short of.
MOST_UNMET = 50
Fields = dict[str, Any]


class Listed(BaseModel):
    """Which part of a match list is shown; see `Choice`."""

    search: Annotated[str, Field(max_length=LONGEST_SEARCH)] = ""
    kind: Literal["", "professor", "investor"] = ""
    order: Literal["", "weakest", "strongest"] = ""
    page: int = 1


@router.api_route("/programs/{p}/runs/{r}", methods=["GET", "HEAD"])
async def read(
    request: Request, p: ProgramId, r: str, who: Reading, view: Annotated[Listed, Query()], before: str = ""
) -> Response:
    """Show a run: its progress, its match list, or what kept it from one."""
    run = await look(request, lambda connection: find_outlined(connection, p, r))
    if run.state is not State.DONE:
        return await _unmade(request, who, p, run)
    program = await who.api.program(p)
    values: Fields = {"program": program, "run": run, "before": before}
    return show(request, who, "matches.html.j2", **values, **await _match_list(request, program, run, view))


async def _unmade(request: Request, who: Reader, p: str, run: OutlinedRun, refused: Refused | None = None) -> Response:
    """Show a run that has no match list; refused: what was asked for from its page and could not be done."""
    conflict = (run.problem or {}).get("conflict") or {}
    values: Fields = {"program": await who.api.program(p), "run": run, "conflict": conflict}
    values["names"] = await names_in(request, p, _blocking(conflict))
    said = Said(refused.detail, errors=tuple(refused.errors)) if refused else None
    return show(request, who, "run.html.j2", refused.status if refused else 200, said=said, **values)


async def _match_list(request: Request, program: Fields, run: OutlinedRun, view: Listed) -> Fields:
    """Return a page of a match list, and what its manager decided since."""
    choice = Choice(view.search, view.kind, view.order, view.page)

    def find(connection: Connection) -> Fields:
        return {
            "lines": list_lines(connection, program["id"], run.id, choice),
            "steered": steering.changes(connection, program, run.id),
            "answered": answers(connection, run.id) if run.published else {},
        }

    values = await look(request, find)
    shown = [*values["lines"].matches, *values["lines"].unmatched]
    names = await names_in(request, program["id"], [*parties_of(shown), *parties_told(shown), *_unmet(run)])
    return {**values, "view": view, "orders": ORDERS, "names": names, "most_unmet": MOST_UNMET}


@router.get("/programs/{p}/runs/{r}/progress")
async def progress(request: Request, p: ProgramId, r: str, who: Reading) -> Response:
    """Show where a run stands, for a page that is open."""
    run = await look(request, lambda connection: find_outlined(connection, p, r))
    return show(request, who, "progress.html.j2", run=run)


@router.post("/programs/{p}/runs/{r}/cancel")
async def cancel(request: Request, p: ProgramId, r: str, who: Reading) -> Response:
    """Cancel a run."""
    await read_form(request, who)
    await who.api.ask("DELETE", "programs", p, "runs", r)
    return go(link("programs", p, "runs", r))


@router.post("/programs/{p}/runs/{r}/steer")
async def steer(request: Request, p: ProgramId, r: str, who: Reading) -> Response:
    """Pin a pair for the next run, ban it, or take that back; or keep what a party answered.

    A button says what to do with which match, and in which row of the page it stands: ban/7/3.
    """
    form = await read_form(request, who)
    step, match, row = str(form.get("do", "")).split("/") if str(form.get("do", "")).count("/") == 2 else ("", "", "")
    if step in ("accepted", "declined"):
        await who.api.post("programs", p, "matches", match, "decision", json={"decision": step})
    else:
        made = await look(request, lambda connection: find_line(connection, p, r, match))
        await steering.steer(who.api, p, (made["startup"], made["expert"]), step)
    view = {name: form.get(name) for name in Listed.model_fields}
    return go(f"{link('programs', p, 'runs', r, **view)}#m{row}")


@router.api_route("/programs/{p}/runs/{r}/matches/{m}", methods=["GET", "HEAD"])
async def match(request: Request, p: ProgramId, r: str, m: str, who: Reading) -> Response:
    """Show a pair of a run with everything that speaks for it."""
    made = await look(request, lambda connection: find_line(connection, p, r, m))
    names = await names_in(request, p, [*parties_of([made]), *parties_told([made])])
    return show(request, who, "match.html.j2", program=await who.api.program(p), run=r, one=made, names=names)


@router.post("/programs/{p}/runs/{r}/again")
async def again(request: Request, p: ProgramId, r: str, who: Reading) -> Response:
    """Run again as this run was asked for, with the pins and bans that were set since."""
    await read_form(request, who)
    old = await look(request, lambda connection: find_outlined(connection, p, r))
    try:
        run = await who.api.post("programs", p, "runs", json=_asked_before(old))
    except Refused as refused:
        if old.state is State.DONE:  # its list stays where it is; the way out leads to the part that was open
            raise
        return await _unmade(request, who, p, old, refused)
    return go(link("programs", p, "runs", run["id"], before=r))


@router.post("/programs/{p}/runs/{r}/relax")
async def relax(request: Request, p: ProgramId, r: str, who: Reading) -> Response:
    """Apply one of the relaxations of an infeasible run, and run again."""
    form = await read_form(request, who)
    run = await look(request, lambda connection: find_outlined(connection, p, r))
    try:
        await _apply(request, who, p, run, str(form.get("option", "")))
    except Refused as refused:
        return await _unmade(request, who, p, run, refused)
    try:
        made = await who.api.post("programs", p, "runs", json=_asked_before(run))
    except Refused as refused:
        text = who.tongue.words.gettext("The limits were changed, but no run could begin.")
        told = (("", refused.detail), *refused.errors)
        return await _unmade(request, who, p, run, Refused(refused.status, text, told))
    return go(link("programs", p, "runs", made["id"]))


async def _apply(request: Request, who: Reader, p: str, run: OutlinedRun, number: str) -> None:
    """Make the changes of a relaxation. Raises `Refused`, which says how many were made where some were."""
    options = ((run.problem or {}).get("conflict") or {}).get("relaxations", [])
    if not number.isdecimal() or int(number) >= len(options):
        raise Refused(422, f"found the relaxation {number!r}, expected one that run {run.id} shows")
    taken = await look(request, lambda connection: places_taken(connection, p))
    elsewhere = {expert: sum(counts.values()) for expert, counts in taken.items()}
    changes = options[int(number)]["changes"]
    for made, change in enumerate(changes):
        try:
            await steering.relax(who.api, p, change, elsewhere)
        except Refused as refused:
            if not made:
                raise
            word = who.tongue.words.gettext("%(made)s of %(all)s changes were made; the next one was refused.")
            text = word % {"made": who.tongue.number(made), "all": who.tongue.number(len(changes))}
            raise Refused(refused.status, text, (("", refused.detail), *refused.errors)) from refused


@router.api_route("/programs/{p}/runs/{r}/publish", methods=["GET", "HEAD"])
async def check(request: Request, p: ProgramId, r: str, who: Reading) -> Response:
    """Show once more what publishing would tell, and to whom."""

    def find(connection: Connection) -> Fields:
        doubtful, count = doubtful_lines(connection, r, _MOST_DOUBTFUL)
        return {
            "run": find_outlined(connection, p, r),
            "shown": find_published(connection, p),
            "doubtful": doubtful,
            "more": count - len(doubtful),
        }

    values = {"program": await who.api.program(p), **await look(request, find)}
    names = await names_in(request, p, [*parties_of(values["doubtful"]), *parties_told(values["doubtful"])])
    return show(request, who, "publish.html.j2", names=names, **values)


@router.post("/programs/{p}/runs/{r}/publish")
async def publish(request: Request, p: ProgramId, r: str, who: Reading) -> Response:
    """Show a run to its startups and experts."""
    await read_form(request, who)
    await who.api.post("programs", p, "runs", r, "publish")
    return go(link("programs", p, "runs", r))


@router.get("/programs/{p}/runs/{r}/matches.{format}")
async def export(request: Request, p: ProgramId, r: str, format: str, who: Reading) -> Response:  # noqa: A002
    """Give the match list as a file."""
    got = await who.api.ask("GET", "programs", p, "runs", r, "matches", query={"format": format})
    kept = {name: got.headers[name] for name in ("content-type", "content-disposition") if name in got.headers}
    return Response(_for_excel(got.body) if format == "csv" else got.body, headers=kept)


@router.post("/programs/{p}/runs/{r}/letters")
async def letters(request: Request, p: ProgramId, r: str, who: Reading) -> Response:
    """Write a letter to everybody who has a match in a published run, and give them as a file for a mail merge."""
    await read_form(request, who)
    got = await who.api.ask("POST", "programs", p, "runs", r, "letters", query={"format": "csv"})
    headers = {"Content-Disposition": f'attachment; filename="letters-{r[:6]}.csv"'}
    return Response(_for_excel(got.body), media_type="text/csv; charset=utf-8", headers=headers)


def _for_excel(csv: bytes) -> bytes:
    """Return the file with a mark in front, without which Excel takes Korean for something else."""
    return codecs.BOM_UTF8 + csv


@router.api_route("/programs/{p}/runs/{r}/compare", methods=["GET", "HEAD"])
async def compare(request: Request, p: ProgramId, r: str, who: Reading, against: str = "", page: int = 1) -> Response:
    """Show two runs side by side, so many changes a page."""

    def find(connection: Connection) -> Fields:
        done = list_outlined(connection, p, _MOST_RUNS, State.DONE)
        diff = compare_runs(connection, p, against, r) if against else None
        return {"done": [one for one in done if one.id != r], "diff": diff}

    values = {"program": await who.api.program(p), "r": r, "against": against, **await look(request, find)}
    names: Names = {}
    if diff := values["diff"]:
        values["pages"] = pages_of(max(len(diff["startups"]), len(diff["loads"])))
        values["page"] = min(max(1, page), values["pages"])
        at = slice((values["page"] - 1) * PAGE, values["page"] * PAGE)
        values |= {"startups": diff["startups"][at], "loads": diff["loads"][at]}
        names = await names_in(request, p, parties_of(_named_in(values["startups"], values["loads"])))
    return show(request, who, "compare.html.j2", names=names, **values)


def _named_in(startups: Sequence[Fields], loads: Sequence[Fields]) -> list[Fields]:
    """Return everybody whom a part of a comparison names."""
    ends = [(one["startup"], end["expert"]) for one in startups for end in (*one["from"], *one["to"])]
    return [*({"startup": one, "expert": other} for one, other in ends), *loads]


def _asked_before(run: OutlinedRun) -> Fields:
    """Return what a run was asked for, to ask for it again."""
    return {name: run.asked[name] for name in ("kinds", "objective", "seed", "best_effort") if name in run.asked}


def _blocking(conflict: Fields) -> list[tuple[str, str]]:
    """Return everybody whom a conflict or what would mend it names."""
    pairs = [*conflict.get("pins", []), *(one["id"] for one in _changes(conflict) if one["field"] in ("pin", "ban"))]
    found = [(side, id_) for side in ("startup", "expert") for id_ in conflict.get(f"{side}s", [])]
    found += [party for pair in pairs for party in zip(("startup", "expert"), pair, strict=True)]
    return found + [
        (side, one["id"]) for one in _changes(conflict) if (side := one["field"].partition(".")[0]) in SIDES
    ]


def _unmet(run: OutlinedRun) -> Iterator[tuple[str, str]]:
    """Yield everybody whose limits a run fell short of."""
    for one in (run.outline or {}).get("unmet", [])[:MOST_UNMET]:
        yield from zip(SIDES, one["id"], strict=True) if one["what"] == "pin" else [(one["what"], one["id"])]


def _changes(conflict: Fields) -> list[Fields]:
    return [change for one in conflict.get("relaxations", []) for change in one["changes"]]
