"""Runs: started, followed, cancelled, read, steered, compared, published and taken away as a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anyio.to_thread import run_sync
from fastapi import Request
from fastapi.responses import Response

from matcher.profiles import Side
from service.browsing import PAGE, folded, names_of
from service.console import steering
from service.console.api import Refused
from service.console.pages import console_router, go, link, show
from service.console.visitor import Form, Reading, read_form
from service.http.access import MANAGERS
from service.http.paths import ProgramId
from service.http.state import shared
from service.store.runs import places_taken

router = console_router()
OPEN = ("queued", "running")
Fields = dict[str, Any]


@router.post("/programs/{p}/runs")
async def start(request: Request, p: ProgramId, who: Reading) -> Response:
    """Ask for a run. What cannot be matched is told at once."""
    form = await read_form(request, who)
    run = await who.api.post("programs", p, "runs", json=_asked(form))
    return go(link("programs", p, "runs", run["id"], before=form.get("before")))


@router.api_route("/programs/{p}/runs/{r}", methods=["GET", "HEAD"])
async def read(
    request: Request, p: ProgramId, r: str, who: Reading, page: int = 1, search: str = "", before: str = ""
) -> Response:
    """Show a run: its progress, its match list, or what kept it from one."""
    run = await who.api.get("programs", p, "runs", r)
    program = await who.api.program(p)
    values: Fields = {"program": program, "run": run, "before": before, "is_open": run["state"] in OPEN}
    if run["state"] == "infeasible":
        values["conflict"] = run["problem"].get("conflict") or {}
    if run["state"] != "done":
        return show(request, who, "run.html.j2", **values)
    found = await who.api.get("programs", p, "runs", r, "matches")
    values |= await _listed(request, p, found, search, page)
    values |= {"steered": steering.changes(program, found["matches"]), "search": search}
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
    return go(
        f"{link('programs', p, 'runs', r, page=form.get('page'), search=form.get('search'))}#m{form.get('row', '')}"
    )


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
    found = await who.api.get("programs", p, "runs", r, "matches")
    shown = next(
        (one for one in (await who.api.get("programs", p, "runs", limit=500))["items"] if one["published"]), None
    )
    values = {"program": program, "run": run, "shown": shown, **_counts(found)}
    values["warnings"] = [(one, text) for one in found["matches"] for text in one["warnings"]]
    values["names"] = await _names(request, p, found["matches"])
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
    names = await _names(request, p, _named_in(diff)) if diff else {}
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


async def _listed(request: Request, p: str, found: Mapping[str, Any], search: str, page: int) -> Fields:
    """Return a page of the match list, of the pairs in which a search finds all its words."""
    names = await _names(request, p, [*found["matches"], *found["unmatched"]])
    words = folded(search).split()

    def has(one: Mapping[str, Any]) -> bool:
        ids = [("startup", one.get("startup")), ("expert", one.get("expert"))]
        texts = [str(part) for side, id_ in ids if id_ for part in (id_, names.get((side, id_), ""))]
        texts += [found[name] for found in one.get("evidence", []) for name in ("startup_passage", "expert_passage")]
        text = folded("\n".join(texts))
        return all(word in text for word in words)

    matches = [one for one in found["matches"] if not words or has(one)]
    unmatched = [one for one in found["unmatched"] if not words or has(one)]
    pages = max(1, -(-max(len(matches), len(unmatched)) // PAGE))
    page = min(max(1, page), pages)
    at = slice((page - 1) * PAGE, page * PAGE)
    shown = {"matches": matches[at], "unmatched": unmatched[at], "names": names, "page": page, "pages": pages}
    return {**shown, **_counts(found), "found": len(matches), "found_unmatched": len(unmatched), "begin": at.start}


def _counts(found: Mapping[str, Any]) -> Fields:
    scores = [one["score"] for one in found["matches"] if one["score"] is not None]
    return {
        "count": len(found["matches"]),
        "alone": len(found["unmatched"]),
        "total": sum(scores),
        "least": min(scores, default=None),
        "answered": {
            word: sum(one["decision"] == word for one in found["matches"]) for word in ("accepted", "declined")
        },
    }


async def _names(request: Request, p: str, pairs: list[Fields]) -> dict[tuple[str, str], str]:
    await MANAGERS(request)

    def read() -> dict[tuple[str, str], str]:
        named: dict[tuple[str, str], str] = {}
        with shared(request).database.connect() as connection:
            for side in Side:
                ids = {one[side.value] for one in pairs if one.get(side.value)}
                named |= {(side.value, id_): name for id_, name in names_of(connection, p, side, ids).items()}
        return named

    return await run_sync(read)
