"""Which profiles are encoded: a mark for each, of the revision whose texts were encoded and of the models that did."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sqlalchemy import Connection, Select, and_, func, select, tuple_

from matcher.profiles import Side
from service.store.errors import NotThere
from service.store.profiles import Profile
from service.store.programs import hold_for_reading
from service.store.tables import encoded, profiles
from service.store.writes import put_rows

# In the order in which they were written: revision, side, id.
Place = tuple[int, str, str]


def mark_of(models: str) -> str:
    """Return what profiles are marked with that models of this fingerprint have encoded."""
    return hashlib.sha256(models.encode()).hexdigest()


def start_after(revision: int) -> Place:
    """Return the place before everything that was written after a revision."""
    return revision + 1, "", ""


def place_of(profile: Profile) -> Place:
    """Return where a profile stands."""
    return profile.revision, profile.side.value, profile.id


def find_unmarked(connection: Connection, program: str, mark: str, after: Place, limit: int) -> list[Profile]:
    """Return so many of the profiles of a program that are written after a place and have not this mark."""
    place = tuple_(profiles.c.revision, profiles.c.side, profiles.c.id)
    # The index is of revisions alone.
    later = and_(profiles.c.revision >= after[0], place > tuple_(*after))
    query = _with_marks(select(profiles), program, mark, is_outer=True).where(later, encoded.c.id.is_(None))
    rows = connection.execute(query.order_by(profiles.c.revision, profiles.c.side, profiles.c.id).limit(limit))
    return [Profile(Side(row.side), row.id, row.fields, row.revision) for row in rows]


def count_marked(connection: Connection, program: str, mark: str) -> int:
    """Return how many profiles of a program have this mark."""
    return int(connection.scalar(_with_marks(select(func.count()), program, mark, is_outer=False)) or 0)


def mark_encoded(connection: Connection, program: str, found: Sequence[Profile], mark: str) -> None:
    """Mark profiles as they were found; the mark of one that was written since then counts for nothing."""
    try:
        hold_for_reading(connection, program)
    except NotThere:  # it was deleted meanwhile, and its marks with it
        return
    rows = [
        {"program": program, "side": one.side.value, "id": one.id, "revision": one.revision, "fingerprint": mark}
        for one in found
    ]
    put_rows(connection, encoded, rows)


def _with_marks(query: Select, program: str, mark: str, is_outer: bool) -> Select:  # type: ignore[type-arg]
    """Return the query over the profiles of a program that are there, each joined with the mark of what it says now."""
    same = and_(
        encoded.c.program == profiles.c.program,
        encoded.c.side == profiles.c.side,
        encoded.c.id == profiles.c.id,
        encoded.c.revision == profiles.c.revision,
        encoded.c.fingerprint == mark,
    )
    joined = query.select_from(profiles.join(encoded, same, isouter=is_outer))
    return joined.where(profiles.c.program == program, profiles.c.fields.is_not(None))
