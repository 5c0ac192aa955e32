"""Ids and names across an assignment problem: each once, and none of nobody.

They are looked at as they stand in the values, so that what is wrong in one field hides nothing in another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from service.reading.assignment_mistakes import Mistake
from service.reading.problems import expected

_SIDES = ("startups", "experts")


def default_name(at: int) -> str:
    """Return what the quota at this place is called where it has no name."""
    return f"quota {at + 1}"


def ids_of_sides(values: Mapping[str, object]) -> dict[str, list[object]]:
    """Return the ids of each side that is a list, None where there is none."""
    sides = {side: values.get(side) for side in _SIDES}
    return {side: [_get(row, "id") for row in rows] for side, rows in sides.items() if isinstance(rows, list)}


def name_mistakes(values: Mapping[str, object]) -> Iterator[Mistake]:
    """Yield every id that stands twice on its side or that nobody has, and every name of two quotas."""
    ids = ids_of_sides(values)
    for side, of_side in ids.items():
        yield from _repeated(side, "id", of_side)
    # A conflict and its relaxations tell quotas by name.
    names = [_get(quota, "name") or default_name(at) for at, quota in enumerate(_list(values.get("quotas")))]
    yield from _repeated("quotas", "name", names)
    known = {side: {id_ for id_ in of_side if isinstance(id_, str)} for side, of_side in ids.items()}
    for field, side, id_ in _references(values):
        if side in known and isinstance(id_, str) and id_ not in known[side]:
            yield Mistake(field, expected(id_, f"the id of one of the {side}"))


def _repeated(key: str, field: str, names: Sequence[object]) -> Iterator[Mistake]:
    first: dict[str, int] = {}
    for at, name in enumerate(names):
        if isinstance(name, str) and first.setdefault(name, at) != at:
            yield Mistake(f"{key}[{at}].{field}", expected(name, f"another {field} than that of {key}[{first[name]}]"))


def _references(values: Mapping[str, object]) -> Iterator[tuple[str, str, object]]:
    """Yield each place that names an id, the side it should stand on, and what stands there."""
    for key in ("pins", "bans"):
        for at, pair in enumerate(_list(values.get(key))):
            for end, (side, id_) in enumerate(zip(_SIDES, _list(pair), strict=False)):
                yield f"{key}[{at}][{end}]", side, id_
    for at, quota in enumerate(_list(values.get("quotas"))):
        for side in _SIDES:
            for nth, id_ in enumerate(_list(_get(quota, side))):
                yield f"quotas[{at}].{side}[{nth}]", side, id_


def _get(row: object, key: str) -> object:
    return row.get(key) if isinstance(row, dict) else None


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
