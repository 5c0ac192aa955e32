"""Who knows whom, as a graph: where everybody stands, and which names have room."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

import networkx as nx
import numpy as np
import plotly.graph_objects as go

from service.console.plots import AMBER, BLUE, GREEN, GREY, RED, plain

Point = tuple[float, float]
_COLOURS = {"forbid": RED, "warm": GREEN, "warn": AMBER, "allow": GREY}
_HEIGHT_PX = 720
# What is shown of either axis, on which everybody stands between 0 and 1, and how many pixels are between the two at
# least: the page lets the graph become no narrower than 720 pixels (`.plot.wide`).
_ACROSS, _UP = (-0.08, 1.08), (-0.05, 1.05)
_ACROSS_PX, _UP_PX = 580, 590
_LETTER_PX, _POINT_PX = 11, 8
_SIDES = ("top center", "bottom center", "middle right", "middle left")


@dataclass(frozen=True)
class Tie:
    """A relation in the graph. verdict: forbid, warn, allow, or warm for one that an introduction goes along."""

    source: str
    target: str
    type: str
    verdict: str


def graph(ties: Sequence[Tie], chosen: Sequence[tuple[str, str]], words: Mapping[str, str]) -> str:
    """Return relations as lines between names: conflicts red, warnings amber, warm paths green, matches dotted."""
    network, places = _laid_out((*((tie.source, tie.target) for tie in ties), *chosen))

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

    drawn = [lines(chosen, words["match"], BLUE, "dot")] if chosen else []
    for verdict, colour in _COLOURS.items():
        pairs = [(tie.source, tie.target) for tie in ties if tie.verdict == verdict]
        if pairs:
            drawn.append(lines(pairs, words[verdict], colour))
    names = list(network)
    told = label_places(places, sorted(names, key=lambda name: -network.degree(name)))
    nodes = go.Scatter(
        x=[places[name][0] for name in names],
        y=[places[name][1] for name in names],
        text=[name if name in told else "" for name in names],
        hovertext=names,
        mode="markers+text",
        textposition=[told.get(name, "top center") for name in names],
        textfont={"size": _LETTER_PX},
        hoverinfo="text",
        showlegend=False,
        cliponaxis=False,
        marker={"size": _POINT_PX, "color": GREY},
    )
    figure = go.Figure([*drawn, nodes])
    figure.update_xaxes(visible=False, range=_ACROSS)
    figure.update_yaxes(visible=False, range=_UP)
    return plain(figure, _HEIGHT_PX)


@lru_cache(maxsize=16)
def _laid_out(lines: tuple[tuple[str, str], ...]) -> tuple[nx.Graph, Mapping[str, Point]]:
    """Return the graph of these lines and where everybody stands, which is most of the work."""
    network = nx.Graph(lines)
    return network, _places(network)


def _places(network: nx.Graph) -> dict[str, Point]:
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
) -> dict[str, Point]:
    circle = nx.Graph()
    circle.add_nodes_from(name for name in network if name in names)  # in an order that does not change
    circle.add_edges_from(network.edges(names))
    found = nx.spring_layout(circle, seed=7, k=1.8 / len(circle) ** 0.5, iterations=100)
    low, high = np.min([*found.values()], axis=0), np.max([*found.values()], axis=0)
    spread = np.where(high > low, high - low, 1.0)  # a circle fills its whole place
    filled = {name: np.array(corner) + size * (at - low) / spread for name, at in found.items()}
    return {name: (float(x), float(y)) for name, (x, y) in filled.items()}


def label_places(places: Mapping[str, Point], names: Sequence[str]) -> dict[str, str]:
    """Return on which side of its point each name stands; one that has no room on any side is left out.

    names: those that should have room before others come first. It is reckoned for the narrowest graph.
    """
    taken = [_box(point, "middle center", 0) for point in places.values()]
    told: dict[str, str] = {}
    for name in names:
        for side in _SIDES:
            box = _box(places[name], side, _width(name))
            if _is_within(box) and not any(_meet(box, other) for other in taken):
                told[name] = side
                taken.append(box)
                break
    return told


def _box(point: Point, side: str, width: float) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of a name at a point in pixels; "middle center" is the point itself."""
    x, y = point[0] * _ACROSS_PX, -point[1] * _UP_PX
    gap, high = _POINT_PX / 2 + 1, _LETTER_PX * 1.3
    if side == "middle center":
        return x - gap, y - gap, x + gap, y + gap
    left = x + gap if side.endswith("right") else x - gap - width if side.endswith("left") else x - width / 2
    top = y - gap - high if side.startswith("top") else y + gap if side.startswith("bottom") else y - high / 2
    return left, top, left + width, top + high


def _width(name: str) -> float:
    """Return about how wide a name is written, in pixels: a letter of Hangul is as wide as it is high."""
    return sum(_LETTER_PX * (1.0 if unicodedata.east_asian_width(letter) in "WF" else 0.6) for letter in name)


def _is_within(box: tuple[float, ...]) -> bool:
    left, right = (end * _ACROSS_PX for end in _ACROSS)
    return left <= box[0] and box[2] <= right


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
