"""Names in place of ids: who is called how in a program."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from anyio.to_thread import run_sync
from fastapi import Request

from matcher.profiles import Side
from service.browsing import names_of
from service.console.fitting import shortened
from service.http.state import shared
from service.sentences import parties_in

Party = tuple[str, str]  # side, id
Names = Mapping[Party, str]
Fields = Mapping[str, Any]
# Of a name or an id so many letters are shown beside others, and an id is part of an address up to so many bytes.
LONGEST_NAME, _LONGEST_ID = 80, 150


async def names_in(request: Request, program: str, parties: Iterable[Party]) -> Names:
    """Return what those of these parties are called whose ids do not say it: their names, or so much of a long id."""
    wanted = set(parties)

    def read() -> Names:
        named = {party: shortened(party[1], LONGEST_NAME) for party in wanted if len(party[1]) > LONGEST_NAME}
        with shared(request).database.connect() as connection:
            for side in Side:
                ids = {id_ for other, id_ in wanted if other == side}
                found = names_of(connection, program, side, ids) if ids else {}
                named |= {(side.value, id_): shortened(name, LONGEST_NAME) for id_, name in found.items()}
        return named

    return await run_sync(read)


def distinct(names: Names) -> Names:
    """Return names that nobody shares: behind one that several have stands the id, or of a long id its digest."""
    counts = Counter(names.values())

    def told(party: Party, name: str) -> str:
        id_ = party[1] if len(party[1]) <= LONGEST_NAME else digest_of(party[1])
        return f"{name} ({id_})" if counts[name] > 1 else name

    return {party: told(party, name) for party, name in names.items()}


def parties_of(records: Iterable[Fields]) -> list[Party]:
    """Return everybody whom matches, suggestions or their second choices are about."""
    found = []
    for one in records:
        found += [(side.value, one[side.value]) for side in Side if one.get(side.value)]
        other = one.get("alternative")
        found += [(Side.EXPERT.value, other["expert"])] if other else []
    return found


def parties_told(records: Iterable[Fields]) -> list[Party]:
    """Return everybody whom the sentences of matches, suggestions or those without one name."""
    told = []
    for one in records:
        sentences = [one.get("reason"), one.get("warm_path"), (one.get("alternative") or {}).get("reason")]
        told += [text for text in (*sentences, *one.get("warnings", ())) if text]
    return [party for text in told for party in parties_in(text)]


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
    return next(known, shortened(id_ if id_ and side in (*Side, "org") else reference, LONGEST_NAME))


def profile_address(side: str, id_: str) -> str:
    """Return the address of a profile for pages beside the tables of its program.

    An id that is long, or that browsers would take for a folder, is named by its digest: its table knows the way on.
    """
    written = quote(id_, safe="")
    is_plain = len(written) <= _LONGEST_ID and id_ not in (".", "..")
    return f"{side}s/{written}" if is_plain else f"{side}s?named={digest_of(id_)}"


def digest_of(id_: str) -> str:
    """Return what an id is known by where it is too long itself."""
    return hashlib.sha256(id_.encode("utf-8", "surrogatepass")).hexdigest()[:20]
