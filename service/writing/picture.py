"""The picture of an ecosystem: where its marks stand, and where each name hides neither a mark nor another name."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from matcher.profiles import Party
from matcher.survey import Spot, Survey

WIDTH, HEIGHT = 1130, 640
# As many communities have a colour of their own, the largest ones.
COLOURS = 6
_MARGINS = 70, 20, 130, 20  # left, top, right, bottom; names stand to the right where they can
_LONGEST_NAME = 24
_LINE = 13.0
_NARROW, _WIDE = 6.2, 11.0  # px of a Latin and of a Korean letter at 11 px
# A name outside of the frame cannot be read at all, one over another hardly.
_CUT_OFF = 10.0


@dataclass(frozen=True)
class Box:
    """A rectangle in px."""

    left: float
    top: float
    right: float
    bottom: float

    def shared(self, other: Box) -> float:
        """Return the area that both cover."""
        if self.left >= other.right or other.left >= self.right or self.top >= other.bottom or other.top >= self.bottom:
            return 0.0  # as of most
        across = min(self.right, other.right) - max(self.left, other.left)
        return across * (min(self.bottom, other.bottom) - max(self.top, other.top))

    @property
    def area(self) -> float:
        """How much it covers."""
        return (self.right - self.left) * (self.bottom - self.top)


@dataclass(frozen=True)
class Name:
    """A name beside its mark: text from there on, up to there, or around there. x, y from the middle of the mark."""

    text: str
    x: float
    y: float
    anchor: str
    box: Box


@dataclass(frozen=True)
class Mark:
    """A party at x, y in px, r from its middle to its edge. colour: of its community, None outside of the largest."""

    party: Party
    x: float
    y: float
    r: float
    colour: int | None
    is_bridge: bool
    name: Name


def draw(web: Survey, called: Callable[[Party], str]) -> tuple[Mark, ...]:
    """Return the marks of the survey's spots, in their order; bridges choose first where their names stand."""
    places = [_place(spot) for spot in web.spots]
    taken = [_around(*place) for place in places]
    names: dict[int, Name] = {}
    for at in sorted(range(len(places)), key=lambda at: not web.spots[at].is_bridge):
        names[at] = _best(places[at], _cut(called(web.spots[at].party)), taken)
        taken.append(names[at].box)
    return tuple(_mark(spot, place, names[at]) for at, (spot, place) in enumerate(zip(web.spots, places, strict=True)))


def _place(spot: Spot) -> tuple[float, float, float]:
    left, top, right, bottom = _MARGINS
    x, y = left + spot.x * (WIDTH - left - right), top + spot.y * (HEIGHT - top - bottom)
    return x, y, 9.0 if spot.is_bridge else 6.0


def _mark(spot: Spot, place: tuple[float, float, float], name: Name) -> Mark:
    has_colour = spot.community is not None and spot.community < COLOURS
    return Mark(spot.party, *place, spot.community if has_colour else None, spot.is_bridge, name)


def _around(x: float, y: float, r: float) -> Box:
    return Box(x - r, y - r, x + r, y + r)


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1].rstrip()}…"


def _best(place: tuple[float, float, float], text: str, taken: Sequence[Box]) -> Name:
    """Return the name where it covers least of what is there already; of equals the first."""
    frame = Box(0, 0, WIDTH, HEIGHT)

    def hidden(name: Name) -> float:
        outside = name.box.area - name.box.shared(frame)
        return sum(name.box.shared(box) for box in taken) + _CUT_OFF * outside

    return min(_beside(place, text), key=hidden)


def _beside(place: tuple[float, float, float], text: str) -> Iterator[Name]:
    """Yield where a name may stand, best first: right, left, below, above, and askew."""
    x, y, r = place
    width = sum(_WIDE if unicodedata.east_asian_width(sign) in "WF" else _NARROW for sign in text)
    away = r + 4
    for dy in (4.0, 4.0 + r + 2, 4.0 - r - 2):
        yield Name(text, away, dy, "start", _line(x + away, y + dy, width))
        yield Name(text, -away, dy, "end", _line(x - away - width, y + dy, width))
    for dy in (away + 9, -away - 1):
        yield Name(text, 0.0, dy, "middle", _line(x - width / 2, y + dy, width))


def _line(left: float, baseline: float, width: float) -> Box:
    return Box(left, baseline - _LINE + 3, left + width, baseline + 3)
