"""A side of a program as a table that people search, filter and sort: a page of rows at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from matcher.profiles import Side
from service.store.listings import folded, holds
from service.store.programs import find_program
from service.store.tables import listings, profiles

Fields = dict[str, Any]
PAGE = 50
LONGEST_SEARCH = 300  # letters
COLUMNS = {
    Side.STARTUP: ("name", "id", "sectors", "stage", "region", "max_matches"),
    Side.EXPERT: ("name", "id", "kind", "affiliation", "sectors", "max_load"),
}
_PLACES = ("max_matches", "max_load")


@dataclass(frozen=True)
class View:
    """Which rows of a side, in which order. sort: one of the side's `COLUMNS`. page: from 1."""

    search: str = ""
    kind: str = ""
    sort: str = "name"
    is_down: bool = False
    page: int = 1


@dataclass(frozen=True)
class Rows:
    """A page of rows. found: how many rows the view has on all its pages, of `total`."""

    rows: tuple[Fields, ...]
    found: int
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages the view has, one at least."""
        return pages_of(self.found)


def pages_of(count: int) -> int:
    """Return how many pages so many rows have, one at least."""
    return max(1, -(-count // PAGE))


def browse(connection: Connection, program: str, side: Side, view: View) -> Rows:
    """Return a page of a side; one past the last is the last. Raises `NotThere`."""
    find_program(connection, program)
    of_side = [listings.c.program == program, listings.c.side == side.value]
    chosen = [*of_side, *(holds(connection, listings.c.searched, word) for word in folded(view.search).split())]
    if view.kind:
        chosen.append(listings.c.by_kind == folded(view.kind))
    total = _count(connection, of_side)
    found = _count(connection, chosen) if len(chosen) > len(of_side) else total
    page = min(max(1, view.page), pages_of(found))
    query = select(listings.c.id).where(*chosen).order_by(*_order(view)).limit(PAGE).offset((page - 1) * PAGE)
    ids = connection.scalars(query).all()
    mine = (profiles.c.program == program, profiles.c.side == side.value, profiles.c.id.in_(ids))
    whole = {row.id: row.fields for row in connection.execute(select(profiles.c.id, profiles.c.fields).where(*mine))}
    return Rows(tuple(whole[id_] for id_ in ids), found, total, page)


def ids_of(connection: Connection, program: str, side: Side) -> list[str]:
    """Return the ids of a side."""
    query = select(listings.c.id).where(listings.c.program == program, listings.c.side == side.value)
    return list(connection.scalars(query))


def _count(connection: Connection, chosen: list[ColumnElement[bool]]) -> int:
    return connection.scalar(select(func.count()).select_from(listings).where(*chosen)) or 0


def _order(view: View) -> list[ColumnElement[Any]]:
    """Return what rows are ordered by; a column that is empty comes last either way, and ids decide among equals."""
    last = [listings.c.by_id, listings.c.id]
    if view.sort in _PLACES:
        return [listings.c.places.desc() if view.is_down else listings.c.places, *last]
    key = listings.c[f"by_{view.sort}"]
    return [key == "", key.desc() if view.is_down else key, *last]


def names_of(connection: Connection, program: str, side: Side, ids: Iterable[str]) -> dict[str, str]:
    """Return the names of those who have one, by id."""
    wanted = sorted(set(ids))
    query = select(profiles.c.id, profiles.c.fields["name"].as_string().label("name")).where(
        profiles.c.program == program, profiles.c.side == side.value, profiles.c.id.in_(wanted)
    )
    return {row.id: row.name for row in connection.execute(query) if row.name}
