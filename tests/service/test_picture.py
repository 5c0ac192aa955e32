"""Names on the picture of an ecosystem hide neither a mark nor another name."""

from __future__ import annotations

from itertools import combinations

from matcher.profiles import Party
from matcher.survey import Spot, Survey
from service.writing.picture import COLOURS, HEIGHT, WIDTH, Box, draw


def drawn(*places: tuple[float, float], name: str = "Haemil Institute", community: int | None = 0):
    spots = tuple(Spot(Party(None, f"o{at}"), x, y, community, at == 0) for at, (x, y) in enumerate(places))
    return draw(Survey(len(spots), 0, (), (), spots, (), {}), lambda party: f"{name} {party.id}")


def around(mark) -> Box:
    return Box(mark.x - mark.r, mark.y - mark.r, mark.x + mark.r, mark.y + mark.r)


def test_names_of_marks_side_by_side_stand_apart() -> None:
    marks = drawn((0.5, 0.5), (0.56, 0.5), (0.5, 0.54), (0.56, 0.54))
    assert not [one for one, other in combinations(marks, 2) if one.name.box.shared(other.name.box)]
    assert not [one for one in marks for other in marks if one.name.box.shared(around(other))]


def test_names_stay_on_the_picture() -> None:
    frame = Box(0, 0, WIDTH, HEIGHT)
    for mark in drawn((0, 0), (1, 0), (0, 1), (1, 1), name="가온하늘로보틱스벤처스인베스트먼트"):
        assert mark.name.box.shared(frame) == mark.name.box.area


def test_only_the_largest_communities_have_a_colour_of_their_own() -> None:
    assert [drawn((0, 0), community=number)[0].colour for number in (0, COLOURS - 1, COLOURS, None)] == [
        0,
        COLOURS - 1,
        None,
        None,
    ]
