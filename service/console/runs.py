"""Runs: started, followed, cancelled, read, steered, compared, published and taken away as a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import BaseModel

from service.browsing import PAGE, folded
from service.console import steering
from service.console.api import Refused
from service.console.naming import Names, names_in, parties_of
from service.console.pages import console_router, go, link, show
from service.console.visitor import Form, Reading, read_form
from service.http.paths import ProgramId
from service.http.state import shared
from service.match_lists import Line, list_lines, whole_lines
from service.store.runs import places_taken

router = console_router()
SIDES = ("startup", "expert")
ORDERS = ("weakest", "strongest")
OPEN = ("queued", "running")
Fields = dict[str, Any]


class Listed(BaseModel):
    """Which part of a match list is shown. order: as the startups come, unless by score. page: from 1."""

    search: str = ""
    kind: Literal["", "professor", "investor"] = ""
    order: Literal["", "weakest", "strongest"] = ""
    page: int = 1


@router.post("/programs/{p}/runs")
async def start(request: Request, p: ProgramId, who: Reading) -> Response:
    """Ask for a run. What cannot be matched is told at once."""
    form = await read_form(request, who)
    run = await who.api.post("programs", p, "runs", json=_asked(form))
    return go(link("programs", p, "runs", run["id"], before=form.get("before")))


@router.api_route("/programs/{p}/runs/{r}", methods=["GET", "HEAD"])
async def read(
    request: Request, p: ProgramId, r: str, who: Reading, view: Annotated[Listed, Query()], before: str = ""
) -> Response:
    """Show a run: its progress, its match list, or what kept it from one."""
    run = await who.api.get("programs", p, "runs", r)
    program = await who.api.program(p)
    values: Fields = {"program": program, "run": run, "before": before, "is_open": run["state"] in OPEN}
    if run["state"] == "infeasible":
        values["conflict"] = run["problem"].get("conflict") or {}
        values["names"] = await names_in(request, p, _blocking(values["conflict"]))
    if run["state"] != "done":
        return show(request, who, "run.html.j2", **values)
    lines = await _lines(request, r)
    names = await names_in(request, p, _ends(lines) if view.search else ())
    values |= {**_counts(lines), **await _listed(request, r, lines, view, names)}
    values["names"] = await names_in(request, p, parties_of([*values["matches"], *values["unmatched"]]))
    values["unmet"] = [one for result in run["record"]["results"] for one in result["unmet"]]
    values |= {
        "steered": steering.changes(program, [one for one in lines if one.is_match]),
        "view": view,
        "orders": ORDERS,
    }
    return show(request, who, "matches.html.j2", **values)


@router.get("/programs/{p}/runs/{r}/progress")
async def progress(request: Request, p: ProgramId, r: str, who: Reading) -> Response:
    """Show where a run stands, for a page that is open."""
    run = await who.api.get("programs", p, "runs", r)
    return show(request, who, "progress.html.j2", run=run, is_open=run["state"] in OPEN)


@router.post("/programs/{p}/runs/{r}/cancel")
async def cancel(request: Request, p: ProgramId, r: str, who: Reading) -> Response:
    """Cancel a run."""
    await read_form(request, who)
    await who.api.ask("DELETE", "programs", p, "runs", r)
    return go(link("programs", p, "runs", r))


@router.post("/programs/{p}/runs/{r}/steer")
async def steer(request: Request, p: ProgramId, r: str, who: Reading) -> Response:
    """Pin a pair for the next run, ban it, or take that back; or keep what a party answered."""
    form = await read_form(request, who)
    pair, step = (str(form.get("startup", "")), str(form.get("expert", ""))), str(form.get("do", ""))
    if step in ("accepted", "declined"):
        said = {"decision": step, "reason": str(form.get("reason", ""))}
        await who.api.post("programs", p, "matches", form.get("match", ""), "decision", json=said)
    else:
        await steering.steer(who.api, p, pair, step)
    view = {name: form.get(name) for name in Listed.model_fields}
    return go(f"{link('programs', p, 'runs', r, **view)}#m{form.get('row', '')}")


@router.post("/programs/{p}/runs/{r}/again")
async def again(request: Request, p: ProgramId, r: str, who: Reading) -> Response:
    """Run again as this run was asked for, with the pins and bans that were set since."""
    await read_form(request, who)
    asked = (await who.api.get("programs", p, "runs", r))["asked"]
    known = {name: asked[name] for name in ("kinds", "objective", "seed", "best_effort") if name in asked}
    run = await who.api.post("programs", p, "runs", json=known)
    return go(link("programs", p, "runs", run["id"], before=r))


@router.post("/programs/{p}/runs/{r}/relax")
async def relax(request: Request, p: ProgramId, r: str, who: Reading) -> Response:
    """Apply one of the relaxations of an infeasible run, and run again."""
    form = await read_form(request, who)
    run = await who.api.get("programs", p, "runs", r)
    options = ((run["problem"] or {}).get("conflict") or {}).get("relaxations", [])
    number = str(form.get("option", ""))
    if not number.isdecimal() or int(number) >= len(options):
        raise Refused(422, f"found the relaxation {number!r}, expected one that run {r} shows")

    def taken() -> dict[str, int]:
        with shared(request).database.connect() as connection:
            return {expert: sum(counts.values()) for expert, counts in places_taken(connection, p).items()}

    elsewhere = await run_sync(taken)
    for change in options[int(number)]["changes"]:
        await steering.relax(who.api, p, change, elsewhere)
    known = {name: run["asked"][name] for name in ("kinds", "objective", "seed", "best_effort") if name in run["asked"]}
    made = await who.api.post("programs", p, "runs", json=known)
    return go(link("programs", p, "runs", made["id"]))


@router.api_route("/programs/{p}/runs/{r}/publish", methods=["GET", "HEAD"])
async def check(request: Request, p: ProgramId, r: str, who: Reading) -> Response:
    """Show once more what publishing would tell, and to whom."""
    run, program = await who.api.get("programs", p, "runs", r), await who.api.program(p)
    lines = await _lines(request, r)
    shown = next(
        (one for one in (await who.api.get("programs", p, "runs", limit=500))["items"] if one["published"]), None
    )
    values = {"program": program, "run": run, "shown": shown, **_counts(lines)}
    doubtful = await _whole(request, r, [one.id for one in lines if one.is_doubtful])
    values["warnings"] = [(one, text) for one in doubtful.values() for text in one["warnings"]]
    values["names"] = await names_in(request, p, parties_of(doubtful.values()))
    return show(request, who, "publish.html.j2", **values)


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
    return Response(got.body, headers=kept)


@router.api_route("/programs/{p}/runs/{r}/compare", methods=["GET", "HEAD"])
async def compare(request: Request, p: ProgramId, r: str, who: Reading, against: str = "") -> Response:
    """Show two runs side by side."""
    program, runs = await who.api.program(p), await who.api.get("programs", p, "runs", limit=100)
    done = [one for one in runs["items"] if one["state"] == "done" and one["id"] != r]
    diff = await who.api.get("programs", p, "runs", r, "diff", against=against) if against else None
    names = await names_in(request, p, parties_of(_named_in(diff))) if diff else {}
    values: Fields = {"program": program, "r": r, "against": against, "done": done, "diff": diff, "names": names}
    return show(request, who, "compare.html.j2", **values)


def _named_in(diff: Fields) -> list[Fields]:
    """Return everybody whom a comparison names."""
    ends = [(one["startup"], end["expert"]) for one in diff["startups"] for end in (*one["from"], *one["to"])]
    return [*({"startup": one, "expert": other} for one, other in ends), *diff["loads"]]


def _asked(form: Form) -> Fields:
    asked: Fields = {}
    kinds = [str(kind) for kind in form.getlist("kinds")]
    if kinds:
        asked["kinds"] = kinds
    if form.get("objective"):
        asked["objective"] = str(form.get("objective"))
    seed = str(form.get("seed", "")).strip()
    if seed:
        asked["seed"] = int(seed) if seed.isdecimal() else seed
    if form.get("best_effort"):
        asked["best_effort"] = True
    return asked


def _blocking(conflict: Fields) -> list[tuple[str, str]]:
    """Return everybody whom a conflict or what would mend it names."""
    pairs = [*conflict.get("pins", []), *(one["id"] for one in _changes(conflict) if one["field"] in ("pin", "ban"))]
    found = [(side, id_) for side in ("startup", "expert") for id_ in conflict.get(f"{side}s", [])]
    found += [party for pair in pairs for party in zip(("startup", "expert"), pair, strict=True)]
    return found + [
        (side, one["id"]) for one in _changes(conflict) if (side := one["field"].partition(".")[0]) in SIDES
    ]


def _changes(conflict: Fields) -> list[Fields]:
    return [change for one in conflict.get("relaxations", []) for change in one["changes"]]


async def _lines(request: Request, run: str) -> list[Line]:
    """Return the lines of a run that its reader may see: who asks, asked the API for the run before."""

    def read() -> list[Line]:
        with shared(request).database.connect() as connection:
            return list_lines(connection, run)

    return await run_sync(read)


def _ends(lines: Sequence[Line]) -> list[tuple[str, str]]:
    ends = [(("startup", one.startup), ("expert", one.expert)) for one in lines]
    return [(side, id_) for pair in ends for side, id_ in pair if id_]


async def _listed(request: Request, run: str, lines: Sequence[Line], view: Listed, names: Names) -> Fields:
    """Return a page of the match list, of the lines in which a search finds all its words."""
    asked = [one for one in lines if not view.kind or one.kind == view.kind]
    if words := folded(view.search).split():
        whole = await _whole(request, run)
        asked = [one for one in asked if _has(whole[one.id], words, names)]
    made = [one for one in asked if one.is_match]
    alone = [one for one in asked if not one.is_match]
    if view.order:
        made.sort(key=lambda one: one.score or 0.0, reverse=view.order == "strongest")
    pages = max(1, -(-max(len(made), len(alone)) // PAGE))
    page = min(max(1, view.page), pages)
    at = slice((page - 1) * PAGE, page * PAGE)
    shown = await _whole(request, run, [one.id for one in (*made[at], *alone[at])])
    lists = {"matches": [shown[one.id] for one in made[at]], "unmatched": [shown[one.id] for one in alone[at]]}
    return {**lists, "page": page, "pages": pages}


async def _whole(request: Request, run: str, ids: Sequence[int] | None = None) -> dict[int, Fields]:
    def read() -> dict[int, Fields]:
        with shared(request).database.connect() as connection:
            return whole_lines(connection, run, ids)

    return await run_sync(read)


def _has(line: Fields, words: Sequence[str], names: Names) -> bool:
    ends = [(side, line[side]) for side in SIDES if line.get(side)]
    texts = [text for end in ends for text in (end[1], names.get(end, ""))]
    texts += [found[name] for found in line.get("evidence", []) for name in ("startup_passage", "expert_passage")]
    text = folded("\n".join(texts))
    return all(word in text for word in words)


def _counts(lines: Sequence[Line]) -> Fields:
    made = [one for one in lines if one.is_match]
    scores = [one.score for one in made if one.score is not None]
    return {
        "count": len(made),
        "alone": len(lines) - len(made),
        "total": sum(scores),
        "least": min(scores, default=None),
        "answered": {word: sum(one.decision == word for one in made) for word in ("accepted", "declined")},
    }
