"""Pictures of runs as Plotly figures, in colours that read on light and dark pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
import plotly.graph_objects as go

Fields = Mapping[str, Any]
_BLUE, _RED, _GREEN, _AMBER, _GREY = "#2b7bba", "#d1483c", "#1f9d6b", "#c98a12", "#8a94a3"
# Clear where the score is low, on light pages and on dark ones.
_SHADES = [[0, "rgba(43,123,186,.05)"], [1, "rgba(43,123,186,1)"]]
_TIES = {"forbid": _RED, "warm": _GREEN, "warn": _AMBER, "allow": _GREY}
_ROW_PX, _LEAST_PX = 22, 300


@dataclass(frozen=True)
class Cell:
    """The score of a pair, 0 to 1, and whether the run has it. startup, expert: as they are called."""

    startup: str
    expert: str
    score: float
    is_chosen: bool


@dataclass(frozen=True)
class Tie:
    """A relation in the graph. verdict: forbid, warn, allow, or warm for one that an introduction goes along."""

    source: str
    target: str
    type: str
    verdict: str


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
    for one in cells:
        if one.is_chosen:
            y, x = at[0][one.startup], at[1][one.expert]
            box = {"x0": x - 0.5, "x1": x + 0.5, "y0": y - 0.5, "y1": y + 0.5}
            figure.add_shape(type="rect", **box, line={"color": _RED, "width": 2.5})
    figure.update_yaxes(autorange="reversed")
    return _plain(figure, max(_LEAST_PX, 160 + _ROW_PX * len(rows)))


def loads(rows: Sequence[tuple[str, int, int, int]], words: Mapping[str, str]) -> str:
    """Return who has how many of its places. rows: name, smallest, given, largest number of startups."""
    names = [row[0] for row in rows]
    figure = go.Figure(
        [
            go.Bar(y=names, x=[row[2] for row in rows], name=words["given"], orientation="h", marker_color=_BLUE),
            go.Bar(
                y=names,
                x=[max(0, row[3] - row[2]) for row in rows],
                name=words["free"],
                orientation="h",
                marker_color="rgba(138,148,163,.28)",
            ),
            go.Scatter(
                y=[row[0] for row in rows if row[1]],
                x=[row[1] for row in rows if row[1]],
                name=words["least"],
                mode="markers",
                marker={"symbol": "line-ns-open", "size": 16, "color": _RED, "line": {"width": 3}},
            ),
        ]
    )
    figure.update_layout(barmode="stack")
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(dtick=1 if max((row[3] for row in rows), default=0) <= 20 else None)
    return _plain(figure, max(_LEAST_PX, 120 + _ROW_PX * len(rows)))


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
            marker={"size": 14, "color": [_RED if row[3] else _BLUE for row in rows]},
        )
    )
    figure.update_xaxes(title=words["total"])
    figure.update_yaxes(title=words["worst_off"], rangemode="tozero")
    return _plain(figure, 380)


def graph(ties: Sequence[Tie], chosen: Sequence[tuple[str, str]], words: Mapping[str, str]) -> str:
    """Return relations as lines between names: conflicts red, warnings amber, warm paths green, matches dotted."""
    network = nx.Graph([*((tie.source, tie.target) for tie in ties), *chosen])
    places = _places(network)

    def lines(pairs: Sequence[tuple[str, str]], name: str, colour: str, dash: str = "solid") -> go.Scatter:
        ends = [place for pair in pairs for place in (places[pair[0]], places[pair[1]], (None, None))]
        style = {"color": colour, "width": 2, "dash": dash}
        return go.Scatter(
            x=[end[0] for end in ends],
            y=[end[1] for end in ends],
            name=name,
            mode="lines",
            line=style,
            hoverinfo="skip",
        )

    drawn = [lines(chosen, words["match"], _BLUE, "dot")] if chosen else []
    for verdict, colour in _TIES.items():
        pairs = [(tie.source, tie.target) for tie in ties if tie.verdict == verdict]
        if pairs:
            drawn.append(lines(pairs, words[verdict], colour))
    names = list(network)
    nodes = go.Scatter(
        x=[places[name][0] for name in names],
        y=[places[name][1] for name in names],
        text=names,
        mode="markers+text",
        textposition=_beside(places, names),
        textfont={"size": 10},
        hoverinfo="text",
        showlegend=False,
        cliponaxis=False,
        marker={"size": 8, "color": _GREY},
    )
    figure = go.Figure([*drawn, nodes])
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return _plain(figure, 720)


def _places(network: nx.Graph) -> dict[str, tuple[float, float]]:
    """Return where everybody stands, in [0, 1]: the largest circle above, the others in a row below."""
    circles = sorted(nx.connected_components(network), key=len, reverse=True)
    if not circles:
        return {}
    first, *rest = circles
    places = _within(network, first, (0.0, 0.35 if rest else 0.0), (1.0, 0.65 if rest else 1.0))
    at, whole = 0.0, sum(map(len, rest))
    for circle in rest:
        width = len(circle) / whole
        places |= _within(network, circle, (at + 0.1 * width, 0.0), (0.8 * width, 0.25))
        at += width
    return places


def _within(
    network: nx.Graph, names: Set[str], corner: tuple[float, float], size: tuple[float, float]
) -> dict[str, tuple[float, float]]:
    circle = nx.Graph()
    circle.add_nodes_from(name for name in network if name in names)  # in an order that does not change
    circle.add_edges_from(network.edges(names))
    found = nx.spring_layout(circle, seed=7, k=1.8 / len(circle) ** 0.5, iterations=100)
    low, high = np.min([*found.values()], axis=0), np.max([*found.values()], axis=0)
    spread = np.where(high > low, high - low, 1.0)  # a circle fills its whole place
    filled = {name: np.array(corner) + size * (at - low) / spread for name, at in found.items()}
    return {name: (float(x), float(y)) for name, (x, y) in filled.items()}


def _beside(places: Mapping[str, Sequence[float]], names: Sequence[str]) -> list[str]:
    """Return where each name stands: neighbours from left to right in turn above and below, so that fewer overlap."""
    turn = {name: at for at, name in enumerate(sorted(names, key=lambda name: float(places[name][0])))}
    return ["top center" if turn[name] % 2 else "bottom center" for name in names]


def _plain(figure: go.Figure, height: int) -> str:
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
