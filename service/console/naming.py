"""Names in place of ids: who is called how in a program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from anyio.to_thread import run_sync
from fastapi import Request

from matcher.profiles import Side
from service.browsing import names_of
from service.http.state import shared

Party = tuple[str, str]  # side, id
Names = Mapping[Party, str]
Fields = Mapping[str, Any]


async def names_in(request: Request, program: str, parties: Iterable[Party]) -> Names:
    """Return the names of those of these parties who have one."""
    wanted = set(parties)

    def read() -> Names:
        named: dict[Party, str] = {}
        with shared(request).database.connect() as connection:
            for side in Side:
                ids = {id_ for other, id_ in wanted if other == side}
                found = names_of(connection, program, side, ids) if ids else {}
                named |= {(side.value, id_): name for id_, name in found.items()}
        return named

    return await run_sync(read)


def parties_of(records: Iterable[Fields]) -> list[Party]:
    """Return everybody whom matches, suggestions or their second choices are about."""
    found = []
    for one in records:
        found += [(side.value, one[side.value]) for side in Side if one.get(side.value)]
        other = one.get("alternative")
        found += [(Side.EXPERT.value, other["expert"])] if other else []
    return found


def parties_named(references: Iterable[str]) -> list[Party]:
    """Return whom the ends of relations may mean: an id without its side may be on either."""
    found = []
    for reference in references:
        side, _, id_ = reference.partition(":")
        found += [(side, id_)] if side in (*Side,) and id_ else [(one.value, reference) for one in Side]
    return found


def called(reference: str, names: Names) -> str:
    """Return what the end of a relation is called."""
    known = (names[party] for party in parties_named([reference]) if party in names)
    side, _, id_ = reference.partition(":")
    return next(known, id_ if id_ and side in (*Side, "org") else reference)
