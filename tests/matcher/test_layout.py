"""Where the parties of a picture stand."""

from __future__ import annotations

import networkx as nx
import pytest

from matcher.layout import lay_out
from matcher.profiles import Party, Side


def party(at: int) -> Party:
    return Party(Side.EXPERT, f"e{at}")


@pytest.mark.parametrize(
    "shape", [nx.star_graph(40), nx.path_graph(2), nx.disjoint_union(nx.complete_graph(12), nx.path_graph(9))]
)
def test_everybody_stands_inside_and_has_room_for_a_name(shape: nx.Graph) -> None:
    places = lay_out(nx.relabel_nodes(shape, party))
    assert set(places) == {party(at) for at in shape}
    for one, (x, y) in places.items():
        assert 0 <= x <= 1
        assert 0 <= y <= 1
        near = [other for other, (left, top) in places.items() if abs(left - x) < 0.04 and abs(top - y) < 0.017]
        assert near == [one]


def test_a_crowd_takes_the_whole_picture() -> None:
    places = lay_out(nx.relabel_nodes(nx.star_graph(40), party)).values()
    for axis in zip(*places, strict=True):
        assert (min(axis), max(axis)) == (0, 1)


def test_nobody_is_nowhere() -> None:
    assert lay_out(nx.Graph()) == {}
