"""What pictures show of large runs: no more than can be looked at, and no two names on one another."""

from __future__ import annotations

import json
import random

import pytest

from service.console.naming import distinct
from service.console.picture_rows import grid_of
from service.console.relation_graph import Tie, graph, label_places
from service.console.relation_graph import _box as box
from service.console.relation_graph import _meet as meet
from service.console.relation_graph import _width as width

WORDS = {name: name for name in ("match", "forbid", "warn", "warm", "allow")}


@pytest.mark.parametrize("count", [1, 2, 30, 300])
def test_no_name_stands_on_another_or_on_a_point(count):
    draw = random.Random(count)  # noqa: S311 (nothing secret)
    names = [f"{draw.choice(('가상기업', 'Company'))} {at}" for at in range(count)]
    places = {name: (draw.random(), draw.random()) for name in names}
    told = label_places(places, names)
    boxes = [box(places[name], side, width(name)) for name, side in told.items()]
    points = [box(place, "middle center", 0) for place in places.values()]
    for at, one in enumerate(boxes):
        assert not any(meet(one, other) for other in [*boxes[:at], *points])
    assert told
    assert count < 100 or len(told) < count


def test_who_has_no_room_for_a_name_still_says_it_when_pointed_at():
    ties = [Tie("Hub", f"Company number {at}", "advisor", "warn") for at in range(140)]
    nodes = json.loads(graph(ties, [], WORDS))["data"][-1]
    assert len(nodes["hovertext"]) == 141
    shown = [name for name in nodes["text"] if name]
    assert "Hub" in shown
    assert 0 < len(shown) < 141


def test_a_grid_holds_the_first_of_many_and_says_of_how_many():
    pairs = {(f"s{at}", f"e{at}", "professor"): 0.5 for at in range(10_000)}
    grid = grid_of(pairs)
    assert (len(grid.startups), len(grid.experts), grid.all) == (40, 40, 10_000)
    assert len(grid.made) == 40
    assert grid_of({}).all == 0


def test_two_people_of_one_name_stay_two():
    names = {("expert", "e1"): "김민수", ("expert", "e2"): "김민수", ("startup", "s1"): "한별로봇"}
    assert distinct(names) == {
        ("expert", "e1"): "김민수 (e1)",
        ("expert", "e2"): "김민수 (e2)",
        ("startup", "s1"): "한별로봇",
    }
    longest = {("expert", letter * 500): "김민수" for letter in "ab"}
    assert len(set(distinct(longest).values())) == 2
    assert max(map(len, distinct(longest).values())) < 100
