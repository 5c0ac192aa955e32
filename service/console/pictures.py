"""The pictures of a run: scores, loads, what fairness costs, and who knows whom; each with its table."""

from __future__ import annotations

from asyncio import wrap_future
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import plotly
from fastapi import Request
from fastapi.responses import FileResponse, Response
from sqlalchemy import Connection

from matcher.profiles import Side
from service.console.looking import look
from service.console.naming import Names, distinct, names_in
from service.console.pages import PLOT_POLICY, console_router, show
from service.console.picture_rows import Grid, Related, grid_of, loads_of, related_of
from service.console.plots import Cell, Load, heat_map, loads, tradeoff
from service.console.relation_graph import graph
from service.console.visitor import Reader, Reading
from service.http.paths import ProgramId
from service.http.state import shared
from service.match_lists import Pair, list_pairs
from service.run_lists import OutlinedRun, find_outlined, list_outlined
from service.store.programs import find_program
from service.store.runs import State

router = console_router()
# More is a carpet that nobody reads.
_MOST_BARS = 40
_PLOTLY = Path(plotly.__file__).with_name("package_data") / "plotly.min.js"
Fields = dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """What the pictures of a run are made of."""

    run: OutlinedRun
    grid: Grid
    loads: list[Load]
    experts: int
    runs: list[OutlinedRun]
    related: Related


@router.get("/plotly.js")
async def script(request: Request) -> Response:
    """Give Plotly's own script, from its package."""
    return FileResponse(_PLOTLY, media_type="text/javascript", headers={"Cache-Control": "public, max-age=86400"})


@router.api_route("/programs/{p}/runs/{r}/pictures", methods=["GET", "HEAD"])
async def pictures(request: Request, p: ProgramId, r: str, who: Reading) -> Response:
    """Show the pictures of a run."""
    seen = await look(request, lambda connection: _see(connection, p, r))
    app = shared(request)
    scores = await wrap_future(app.matchmaker.submit(app.suggestions.scores(p, seen.grid.startups, seen.grid.experts)))
    # Plots tell people apart by what they are called.
    names = distinct(await names_in(request, p, [*seen.grid.parties, *seen.related.parties]))
    values = {
        "program": await who.api.program(p),
        "run": seen.run,
        "seen": seen,
        **_heat(seen.grid, {**scores, **seen.grid.made}, names),
        **_bars(seen.loads, who),
        **_points(seen.runs, r, who),
        **_graph(seen.related, names, who),
    }
    return show(request, who, "pictures.html.j2", policy=PLOT_POLICY, **values)


def _see(connection: Connection, program: str, run: str) -> Seen:
    """Return what the database has to show. Raises `NotThere`."""
    pairs = list_pairs(connection, run)
    loads_, experts = loads_of(connection, program, pairs)
    related = related_of(connection, find_program(connection, program), run, pairs)
    done = list_outlined(connection, program, None, State.DONE)
    return Seen(find_outlined(connection, program, run), grid_of(pairs), loads_, experts, done, related)


def _heat(grid: Grid, scores: Mapping[Pair, float | None], names: Names) -> Fields:
    """Return the cells of the map, startup by startup, and the map. What the run has stands as it was scored then."""
    cells = [
        Cell(
            names.get((Side.STARTUP.value, startup), startup),
            names.get((Side.EXPERT.value, expert), expert),
            score,
            (startup, expert) in grid.made,
        )
        for startup in grid.startups
        for expert in grid.experts
        if (score := scores.get((startup, expert))) is not None
    ]
    return {"cells": cells, "heat": heat_map(cells) if cells else None}


def _bars(rows: list[Load], who: Reader) -> Fields:
    word = who.tongue.words.gettext
    words = {"given": word("matched"), "free": word("free"), "least": word("at least")}
    return {"load_plot": loads(rows[:_MOST_BARS], words), "most_bars": _MOST_BARS}


def _points(done: list[OutlinedRun], run: str, who: Reader) -> Fields:
    """Return the total of all runs and the worst-off of the startups that they serve."""
    word = who.tongue.words.gettext
    rows = [
        (one.id[:6], one.outline["total"], one.outline["worst_off"] or 0.0, one.id == run)
        for one in done
        if one.outline
    ]
    return {
        "runs": rows,
        "tradeoff": tradeoff(rows, {"total": word("total score"), "worst_off": word("worst-off startup")}),
    }


def _graph(related: Related, names: Names, who: Reader) -> Fields:
    ties = related.ties(names)
    word = who.tongue.words.gettext
    words = {
        "match": word("match"),
        "forbid": word("conflict"),
        "warn": word("warning"),
        "warm": word("warm path"),
        "allow": word("other relation"),
    }
    return {"ties": ties, "graph": graph(ties, related.chosen(names), words) if ties else None}
