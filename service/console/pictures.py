"""The pictures of a run: scores, loads, what fairness costs, and who knows whom; each with its table."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import plotly
from anyio.to_thread import run_sync
from fastapi import Request
from fastapi.responses import FileResponse, Response

from matcher.profiles import Side
from matcher.program import relation_type
from service.console.naming import Names, called, names_in, parties_named, parties_of
from service.console.pages import PLOT_POLICY, console_router, show
from service.console.plots import Cell, Tie, graph, heat_map, loads, tradeoff
from service.console.visitor import Reader, Reading
from service.http.access import MANAGERS
from service.http.paths import ProgramId
from service.http.state import shared
from service.reading.program import parse_program
from service.store.profiles import changed_since

router = console_router()
# More is a carpet that nobody reads.
_MOST_ROWS, _MOST_TIES, _MOST_RUNS = 40, 150, 20
_PLOTLY = Path(plotly.__file__).with_name("package_data") / "plotly.min.js"
Fields = dict[str, Any]


@router.get("/plotly.js")
async def script(request: Request) -> Response:
    """Give Plotly's own script, from its package."""
    return FileResponse(_PLOTLY, media_type="text/javascript", headers={"Cache-Control": "public, max-age=86400"})


@router.api_route("/programs/{p}/runs/{r}/pictures", methods=["GET", "HEAD"])
async def pictures(request: Request, p: ProgramId, r: str, who: Reading) -> Response:
    """Show the pictures of a run."""
    await MANAGERS(request)
    program, run = await who.api.program(p), await who.api.get("programs", p, "runs", r)
    matches = (await who.api.get("programs", p, "runs", r, "matches"))["matches"]
    relations = (await who.api.get("programs", p, "relations"))["items"]

    def read() -> list[Fields]:
        with shared(request).database.connect() as connection:
            return [one.fields for one in changed_since(connection, p, 0) if one.fields and one.side is Side.EXPERT]

    experts = await run_sync(read)
    parties = [*parties_of(matches), *((Side.EXPERT.value, one["id"]) for one in experts)]
    parties += parties_named(end for one in relations for end in (one["source"], one["target"]))
    names = await names_in(request, p, parties)
    cells = await _cells(who, p, matches, names)
    rows = _loads(experts, matches, names)
    runs = await _totals(who, p, r)
    ties = _ties(relations, program, matches, names)
    tied = {name for tie in ties for name in (tie.source, tie.target)}
    pairs = [
        (
            names.get((Side.STARTUP.value, one["startup"]), one["startup"]),
            names.get((Side.EXPERT.value, one["expert"]), one["expert"]),
        )
        for one in matches
    ]
    chosen = [(pair[0], pair[1]) for pair in pairs if tied & set(pair)][:_MOST_TIES]
    word = who.tongue.words.gettext
    values = {
        "program": program,
        "run": run,
        "cells": cells,
        "heat": heat_map(cells) if cells else None,
        "loads": rows,
        "load_plot": loads(
            rows[:_MOST_ROWS], {"given": word("matched"), "free": word("free"), "least": word("at least")}
        ),
        "runs": runs,
        "tradeoff": tradeoff(runs, {"total": word("total score"), "worst_off": word("worst-off startup")}),
        "ties": ties,
        "graph": graph(
            ties,
            chosen,
            {
                "match": word("match"),
                "forbid": word("conflict"),
                "warn": word("warning"),
                "warm": word("warm path"),
                "allow": word("other relation"),
            },
        )
        if ties
        else None,
    }
    return show(request, who, "pictures.html.j2", policy=PLOT_POLICY, **values)


async def _cells(who: Reader, p: str, matches: list[Fields], names: Names) -> list[Cell]:
    """Return the scores of the first startups of a run with those experts that anybody of them was matched with."""
    startups = list(dict.fromkeys(one["startup"] for one in matches))[:_MOST_ROWS]
    experts = dict.fromkeys(one["expert"] for one in matches if one["startup"] in set(startups))
    made = {(one["startup"], one["expert"]): one["score"] for one in matches}
    cells = []
    for startup in startups:
        found = (await who.api.get("programs", p, "startups", startup, "suggestions", limit=100))["suggestions"]
        scores = {one["expert"]: one["score"] for one in found}
        scores |= {expert: score for (other, expert), score in made.items() if other == startup}
        named = names.get((Side.STARTUP.value, startup), startup)
        cells += [
            Cell(named, names.get((Side.EXPERT.value, expert), expert), scores[expert], (startup, expert) in made)
            for expert in experts
            if scores.get(expert) is not None
        ]
    return cells


def _loads(experts: list[Fields], matches: list[Fields], names: Names) -> list[tuple[str, int, int, int]]:
    given = Counter(one["expert"] for one in matches)
    rows = [
        (
            names.get((Side.EXPERT.value, one["id"]), one["id"]),
            int(one.get("min_load", 0)),
            given[one["id"]],
            int(one.get("max_load", 3)),
        )
        for one in experts
    ]
    return sorted(rows, key=lambda row: (-row[2], row[0]))


async def _totals(who: Reader, p: str, r: str) -> list[tuple[str, float, float, bool]]:
    """Return the total of the latest runs and the worst-off of the startups that they serve."""
    listed = (await who.api.get("programs", p, "runs", limit=100))["items"]
    done = [one for one in listed if one["state"] == "done"][:_MOST_RUNS]
    rows = []
    for one in done:
        whole = (await who.api.get("programs", p, "runs", one["id"], "diff", against=one["id"]))["after"]
        rows.append((one["id"][:6], whole["total"], whole["worst_off"] or 0.0, one["id"] == r))
    return rows


def _ties(relations: list[Fields], program: Fields, matches: list[Fields], names: Names) -> list[Tie]:
    rules = parse_program({"relations": program.get("relations", {})})[0]
    warm = {one["startup"] for one in matches if one.get("warm_path")}

    def verdict(relation: Fields) -> str:
        ruled = rules.rule_for(relation_type(relation["type"])).verdict.value
        ends = {relation[end].removeprefix("startup:") for end in ("source", "target")}
        return "warm" if ruled == "allow" and ends & warm else ruled

    order = {"forbid": 0, "warm": 1, "warn": 2, "allow": 3}
    ties = [
        Tie(called(one["source"], names), called(one["target"], names), one["type"], verdict(one)) for one in relations
    ]
    return sorted(ties, key=lambda tie: order[tie.verdict])[:_MOST_TIES]
