"""A side of a program as a table that people search, filter and sort: a page of rows at a time."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from matcher.profiles import Side
from service.store.programs import find_program
from service.store.tables import profiles

Fields = dict[str, Any]
PAGE = 50
# What a search looks through.
_SEARCHED = ("id", "name", "affiliation", "summary", "stage", "region")
_SEARCHED_LISTS = ("sectors", "needs", "data_assets", "expertise", "stages", "regions")
COLUMNS = {
    Side.STARTUP: ("name", "id", "sectors", "stage", "region", "max_matches"),
    Side.EXPERT: ("name", "id", "kind", "affiliation", "sectors", "max_load"),
}
_COUNTS = {"max_matches": 1, "max_load": 3}


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
        return max(1, -(-self.found // PAGE))


def browse(connection: Connection, program: str, side: Side, view: View) -> Rows:
    """Return a page of a side; one past the last is the last. Raises `NotThere`."""
    find_program(connection, program)
    words = folded(view.search).split()
    # Without a search most of a profile stays in the database until its page is shown.
    needed = None if words else {"id", "name", "kind", view.sort}
    every = _profiles(connection, program, side, needed)
    found = [one for one in every if (not view.kind or one.get("kind") == view.kind) and _has(one, words)]
    found.sort(key=lambda one: folded(one["id"]))
    found.sort(key=lambda one: _key(one, view.sort), reverse=view.is_down)
    page = min(max(1, view.page), max(1, -(-len(found) // PAGE)))
    shown = found[(page - 1) * PAGE : page * PAGE]
    if needed:
        ids = [one["id"] for one in shown]
        whole = {one["id"]: one for one in _profiles(connection, program, side, None, ids)}
        shown = [whole[id_] for id_ in ids]
    return Rows(tuple(shown), len(found), len(every), page)


def _profiles(
    connection: Connection, program: str, side: Side, columns: Set[str] | None, ids: Sequence[str] | None = None
) -> list[Fields]:
    """Return the profiles of a side, or those of these ids; of each all columns or only some."""
    names = sorted(columns or ())
    shown = [profiles.c.fields[name] for name in names] or [profiles.c.fields]
    query = select(*shown).where(
        profiles.c.program == program, profiles.c.side == side.value, profiles.c.fields.is_not(None)
    )
    if ids is not None:
        query = query.where(profiles.c.id.in_(ids))
    if not names:
        return list(connection.scalars(query))
    rows = (zip(names, row, strict=True) for row in connection.execute(query))
    return [{name: value for name, value in row if value is not None} for row in rows]


def names_of(connection: Connection, program: str, side: Side, ids: Iterable[str]) -> dict[str, str]:
    """Return the names of those who have one, by id."""
    wanted = sorted(set(ids))
    query = select(profiles.c.id, profiles.c.fields["name"].as_string().label("name")).where(
        profiles.c.program == program, profiles.c.side == side.value, profiles.c.id.in_(wanted)
    )
    return {row.id: row.name for row in connection.execute(query) if row.name}


def folded(text: str) -> str:
    """Return a text as it is compared: full-width letters, separate jamo and capitals are no difference."""
    return unicodedata.normalize("NFKC", text).casefold()


def _has(fields: Fields, words: list[str]) -> bool:
    if not words:
        return True
    parts = [str(fields.get(name, "")) for name in _SEARCHED]
    for name in _SEARCHED_LISTS:
        parts += [one["text"] if isinstance(one, dict) else str(one) for one in fields.get(name, [])]
    text = folded("\n".join(parts))
    return all(word in text for word in words)


def _key(fields: Fields, column: str) -> tuple[bool, float, str]:
    """Return what a row is sorted by; a column that is empty comes last."""
    if column in _COUNTS:
        value = fields.get(column, _COUNTS[column])
        return False, float(max(value.values(), default=0) if isinstance(value, dict) else value), ""
    value = fields.get(column) or (fields["id"] if column == "name" else "")
    text = folded(", ".join(value) if isinstance(value, list) else str(value))
    return not text, 0.0, text
