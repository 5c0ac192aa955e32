"""What tables of startups and experts are searched and sorted by, so that the database can page through them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert

from matcher.profiles import DEFAULT_EXPERT_LIMITS, DEFAULT_STARTUP_LIMITS, Side
from service.store.batches import batches
from service.store.tables import listings

Fields = Mapping[str, Any]
# What a search looks through.
_SEARCHED = ("name", "affiliation", "summary", "stage", "region")
_SEARCHED_LISTS = ("sectors", "needs", "data_assets", "expertise", "stages", "regions")
_SORTED = ("name", "kind", "affiliation", "sectors", "stage", "region")
_PLACES = {
    Side.STARTUP: ("max_matches", DEFAULT_STARTUP_LIMITS.most),
    Side.EXPERT: ("max_load", DEFAULT_EXPERT_LIMITS.most),
}


def keep_listings(connection: Connection, program: str, side: Side, profiles_: Mapping[str, Fields | None]) -> None:
    """Keep what these profiles are listed by, in place of what was kept; nothing of one that is None."""
    mine = (listings.c.program == program, listings.c.side == side.value)
    for ids in batches(profiles_):
        connection.execute(delete(listings).where(*mine, listings.c.id.in_(ids)))
    rows = [
        {"program": program, "side": side.value, "id": id_, **listed_by(side, id_, fields)}
        for id_, fields in profiles_.items()
        if fields is not None
    ]
    if rows:
        connection.execute(insert(listings), rows)


def listed_by(side: Side, id_: str, fields: Fields) -> dict[str, Any]:
    """Return the columns of `tables.listings` for a profile; a field that is empty is "" there."""
    keys = {f"by_{name}": _text(fields.get(name)) for name in _SORTED}
    field, usual = _PLACES[side]
    most = fields.get(field)
    return {
        **keys,
        "by_id": folded(id_),
        "by_name": keys["by_name"] or folded(id_),
        "places": float(usual if most is None else max(most.values(), default=0) if isinstance(most, dict) else most),
        "searched": folded("\n".join(_searched(id_, fields))),
    }


def folded(text: str) -> str:
    """Return a text as it is compared: full-width letters, separate jamo and capitals are no difference.

    What no database keeps in a text, a character of code 0 or half of a pair of surrogates, is replaced.
    """
    whole = text.replace("\0", " ").encode("utf-8", "replace").decode()
    return whole.casefold() if whole.isascii() else unicodedata.normalize("NFKC", whole).casefold()


def holds(connection: Connection, column: ColumnElement[str], word: str) -> ColumnElement[bool]:
    """Return the condition that a column of folded texts has a folded word in it."""
    find = func.strpos if connection.dialect.name == "postgresql" else func.instr
    return find(column, word) > 0


def _text(value: object) -> str:
    return folded(", ".join(map(str, value)) if isinstance(value, list) else str(value or ""))


def _searched(id_: str, fields: Fields) -> list[str]:
    parts = [id_, *(str(fields.get(name) or "") for name in _SEARCHED)]
    for name in _SEARCHED_LISTS:
        parts += [one["text"] if isinstance(one, dict) else str(one) for one in fields.get(name) or ()]
    return parts
