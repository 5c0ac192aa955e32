"""Where the parties of a small graph stand on a picture: what is tied stands near, and nothing on top of another."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from matcher.profiles import Party

Place = tuple[float, float]
Places = NDArray[np.float64]  # (n, 2), x and y
# The picture is about this much wider than high.
_SHAPE = 1.4
# How much of its width and height a name takes, and how often what stands closer is pushed apart.
_ROOM = np.array([0.08, 0.035])
_PUSHES = 200


def lay_out(graph: nx.Graph) -> dict[Party, Place]:
    """Return where each party stands, x and y in [0, 1]; it depends on the order of the graph alone.

    What is connected stands together, in boxes side by side, largest first. In its box ties pull and everybody pushes
    everybody off (Fruchterman and Reingold 1991).
    """
    found = [sorted(part, key=str) for part in nx.connected_components(graph)]
    parts = sorted(found, key=lambda part: (-len(part), str(part[0])))
    boxes = [math.sqrt(len(part)) + 0.8 for part in parts]
    across = max([*boxes, _SHAPE * math.sqrt(sum(box**2 for box in boxes))], default=1.0)
    parties: list[Party] = []
    places: list[Place] = []
    left = top = row = 0.0
    for part, box in zip(parts, boxes, strict=True):
        if left and left + box > across:
            left, top, row = 0.0, top + row, 0.0
        # Two that are tied stand above each other, where their names do not meet.
        for party, (y, x) in _pulled(in_order(graph, part)).items():
            parties.append(party)
            places.append((left + box * (0.5 + 0.36 * float(x)), top + box * (0.5 + 0.36 * float(y))))
        left, row = left + box, max(row, box)
    spread = _filling(_apart(_filling(np.array(places).reshape(-1, 2))))
    return {party: (x, y) for party, (x, y) in zip(parties, spread.tolist(), strict=True)}


def _pulled(part: nx.Graph) -> Mapping[Party, Places]:
    """Return the place of each, x and y in [−1, 1]; they begin on a circle, so that nothing is left to chance.

    Distances like the ties between (Kamada and Kawai 1989) look no better, and load scipy's optimisers.
    """
    places: Mapping[Party, Places] = nx.spring_layout(part, pos=nx.circular_layout(part), seed=0)
    return places


def in_order(graph: nx.Graph, parties: Sequence[Party]) -> nx.Graph:
    """Return the graph of these parties, they and its edges in their order: a picture depends on it.

    networkx gives the edges of a few out of many in the order of a set, another in every process.
    """
    ordered, place = nx.Graph(), {party: at for at, party in enumerate(parties)}
    ordered.add_nodes_from(parties)
    for at, party in enumerate(parties):
        later = sorted(place[other] for other in graph[party] if place.get(other, -1) > at)
        ordered.add_edges_from((party, parties[other]) for other in later)
    return ordered


def _filling(places: Places) -> Places:
    """Return the places stretched over the whole of [0, 1]; in the middle where they have no extent."""
    if not len(places):
        return places
    least, extent = places.min(axis=0), np.ptp(places, axis=0)
    return np.where(extent > 0, (places - least) / np.where(extent > 0, extent, 1.0), 0.5)


def _apart(places: Places) -> Places:
    """Return the places with those pushed apart, bit by bit, that leave no room for a name; a crowd moves outwards."""
    order = np.sign(np.subtract.outer(np.arange(len(places)), np.arange(len(places))))
    for _ in range(_PUSHES):
        gaps = places[:, None] - places[None]
        lacking = _ROOM - np.abs(gaps)
        close = (lacking > 0).all(axis=2) & (order != 0)
        if not close.any():
            break
        # The shorter way out: sideways or up and down, each against the room that it needs.
        one, _ = np.nonzero(close)
        gap, lack = gaps[close], lacking[close]
        upright = lack[:, 1] / _ROOM[1] < lack[:, 0] / _ROOM[0]
        towards = np.where(gap == 0, order[close][:, None], np.sign(gap))
        pushed = np.zeros_like(places)
        np.add.at(pushed, one, lack * towards * np.stack([~upright, upright], axis=1))
        places = places + pushed / 4
    return places
