"""Pictures of runs as Plotly figures, in colours that read on light and dark pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

BLUE, RED, GREEN, AMBER, GREY = "#2b7bba", "#d1483c", "#1f9d6b", "#c98a12", "#8a94a3"
# Clear where the score is low, on light pages and on dark ones.
_SHADES = [[0, "rgba(43,123,186,.05)"], [1, "rgba(43,123,186,1)"]]
_ROW_PX, _LEAST_PX = 22, 300


@dataclass(frozen=True)
class Cell:
    """The score of a pair, 0 to 1, and whether the run has it. startup, expert: as they are called."""

    startup: str
    expert: str
    score: float
    is_chosen: bool


@dataclass(frozen=True)
class Load:
    """How many startups an expert has, between its limits. name: as it is called."""

    name: str
    least: int
    given: int
    most: int


def heat_map(cells: Sequence[Cell]) -> str:
    """Return the scores as a map; chosen pairs have a frame."""
    rows = list(dict.fromkeys(one.startup for one in cells))
    columns = list(dict.fromkeys(one.expert for one in cells))
    scores = {(one.startup, one.expert): one.score for one in cells}
    grid = [[scores.get((row, column)) for column in columns] for row in rows]
    figure = go.Figure(
        go.Heatmap(
            z=grid,
            x=columns,
            y=rows,
            colorscale=_SHADES,
            zmin=0,
            zmax=max(one.score for one in cells),
            hoverongaps=False,
            xgap=1,
            ygap=1,
        )
    )
    at = {name: number for number, name in enumerate(rows)}, {name: number for number, name in enumerate(columns)}
    chosen = [(at[1][one.expert], at[0][one.startup]) for one in cells if one.is_chosen]
    line = {"color": RED, "width": 2.5}
    figure.update_layout(
        shapes=[
            {"type": "rect", "x0": x - 0.5, "x1": x + 0.5, "y0": y - 0.5, "y1": y + 0.5, "line": line}
            for x, y in chosen
        ]
    )
    figure.update_yaxes(autorange="reversed")
    return plain(figure, max(_LEAST_PX, 160 + _ROW_PX * len(rows)))


def loads(rows: Sequence[Load], words: Mapping[str, str]) -> str:
    """Return who has how many of its places."""
    names = [row.name for row in rows]
    figure = go.Figure(
        [
            go.Bar(y=names, x=[row.given for row in rows], name=words["given"], orientation="h", marker_color=BLUE),
            go.Bar(
                y=names,
                x=[max(0, row.most - row.given) for row in rows],
                name=words["free"],
                orientation="h",
                marker_color="rgba(138,148,163,.28)",
            ),
            go.Scatter(
                y=[row.name for row in rows if row.least],
                x=[row.least for row in rows if row.least],
                name=words["least"],
                mode="markers",
                marker={"symbol": "line-ns-open", "size": 16, "color": RED, "line": {"width": 3}},
            ),
        ]
    )
    figure.update_layout(barmode="stack")
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(dtick=1 if max((row.most for row in rows), default=0) <= 20 else None)
    return plain(figure, max(_LEAST_PX, 120 + _ROW_PX * len(rows)))


def tradeoff(rows: Sequence[tuple[str, float, float, bool]], words: Mapping[str, str]) -> str:
    """Return all runs by total and worst-off. rows: name, total, worst-off, whether it is the run at hand."""
    figure = go.Figure(
        go.Scatter(
            x=[row[1] for row in rows],
            y=[row[2] for row in rows],
            text=[row[0] for row in rows],
            mode="markers+text",
            textposition="top center",
            cliponaxis=False,
            marker={"size": 14, "color": [RED if row[3] else BLUE for row in rows]},
        )
    )
    figure.update_xaxes(title=words["total"])
    figure.update_yaxes(title={"text": words["worst_off"], "standoff": 16}, rangemode="tozero")
    return plain(figure, 380)


def plain(figure: go.Figure, height: int) -> str:
    """Return the figure as JSON, on no ground of its own."""
    clear = "rgba(0,0,0,0)"
    figure.update_layout(
        template="none",
        height=height,
        paper_bgcolor=clear,
        plot_bgcolor=clear,
        margin={"l": 20, "r": 20, "t": 30, "b": 30},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
        dragmode=False,
    )
    figure.update_xaxes(automargin=True)
    figure.update_yaxes(automargin=True)
    return str(figure.to_json()).replace("<", "\\u003c")
