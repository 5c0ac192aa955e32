"""How version 0008 fills its tables from what is there: as the service did it then.

It stands on its own. What the service keeps may change with a later version, which then brings a migration of its own;
a database of version 0007 must come to 0008 as it always did.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa

Fields = Mapping[str, Any]
_AT_ONCE = 500
_SEARCHED = ("name", "affiliation", "summary", "stage", "region")
_SEARCHED_LISTS = ("sectors", "needs", "data_assets", "expertise", "stages", "regions")
_SORTED = ("name", "kind", "affiliation", "sectors", "stage", "region")
_PLACES = {"startup": ("max_matches", 1), "expert": ("max_load", 3)}

_profiles = sa.table("profiles", *map(sa.column, ("program", "side", "id")), sa.column("fields", sa.JSON))
_runs = sa.table("runs", *map(sa.column, ("id", "state")), sa.column("record", sa.JSON))
_matches = sa.table("matches", *map(sa.column, ("id", "run")), sa.column("fields", sa.JSON))
_listings = sa.table(
    "listings",
    *map(sa.column, ("program", "side", "id", "by_id", "places", "searched", *(f"by_{name}" for name in _SORTED))),
)
_LINE = ("id", "run", "startup", "expert", "is_match", "kind", "score", "is_pinned", "is_doubtful", "searched")
_match_lines = sa.table("match_lines", *map(sa.column, _LINE))
_outlines = sa.table("outlines", sa.column("run"), sa.column("fields", sa.JSON))


def fill(connection: sa.Connection) -> None:
    """Fill the three tables, which are empty."""
    _list_everybody(connection)
    for run in connection.scalars(sa.select(_matches.c.run).distinct()).all():
        _draw_lines(connection, run)
    for run in connection.scalars(sa.select(_runs.c.id).where(_runs.c.state == "done")).all():
        _outline(connection, run)


def _list_everybody(connection: sa.Connection) -> None:
    there = connection.execute(sa.select(_profiles))
    for part in there.partitions(_AT_ONCE):
        rows = [
            {"program": row.program, "side": row.side, "id": row.id, **_listed_by(row.side, row.id, row.fields)}
            for row in part
            if row.fields is not None
        ]
        if rows:
            connection.execute(sa.insert(_listings), rows)


def _draw_lines(connection: sa.Connection, run: str) -> None:
    there = connection.execute(sa.select(_matches.c.id, _matches.c.fields).where(_matches.c.run == run))
    for part in there.partitions(_AT_ONCE):
        connection.execute(sa.insert(_match_lines), [{"id": row.id, "run": run, **_line(row.fields)} for row in part])


def _outline(connection: sa.Connection, run: str) -> None:
    record = connection.scalar(sa.select(_runs.c.record).where(_runs.c.id == run)) or {}
    made = connection.scalars(sa.select(_matches.c.fields).where(_matches.c.run == run))
    connection.execute(sa.insert(_outlines).values(run=run, fields=_comes_to(record, made)))


def _listed_by(side: str, id_: str, fields: Fields) -> dict[str, Any]:
    keys = {f"by_{name}": _text(fields.get(name)) for name in _SORTED}
    field, usual = _PLACES[side]
    most = fields.get(field)
    return {
        **keys,
        "by_id": _folded(id_),
        "by_name": keys["by_name"] or _folded(id_),
        "places": float(usual if most is None else max(most.values(), default=0) if isinstance(most, dict) else most),
        "searched": _folded("\n".join(_searched(id_, fields))),
    }


def _searched(id_: str, fields: Fields) -> Iterator[str]:
    yield id_
    yield from (str(fields.get(name) or "") for name in _SEARCHED)
    for name in _SEARCHED_LISTS:
        yield from (one["text"] if isinstance(one, dict) else str(one) for one in fields.get(name) or ())


def _text(value: object) -> str:
    return _folded(", ".join(map(str, value)) if isinstance(value, list) else str(value or ""))


def _folded(text: str) -> str:
    """Return a text without differences of width and capitals, and without what no database keeps in a text."""
    whole = text.replace("\0", " ").encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFKC", whole).casefold()


def _line(fields: Fields) -> dict[str, Any]:
    startup, expert = fields.get("startup"), fields.get("expert")
    evidence = fields.get("evidence", ())
    passages = [found.get(name, "") for found in evidence for name in ("startup_passage", "expert_passage")]
    return {
        "startup": startup,
        "expert": expert,
        "is_match": bool(startup and expert),
        "kind": fields.get("kind", ""),
        "score": fields.get("score"),
        "is_pinned": bool(fields.get("pinned")),
        "is_doubtful": bool(fields.get("warnings")),
        "searched": _folded("\n".join([startup or "", expert or "", *passages])),
    }


def _comes_to(record: Fields, made: Iterable[Fields]) -> dict[str, Any]:
    """Return the counts and sums of a run that is done, None where there is nothing to count."""
    sums: defaultdict[tuple[str, str], float] = defaultdict(float)
    known, alone, pairs = [], 0, 0
    for one in made:
        if not (one.get("startup") and one.get("expert")):
            alone += 1
            continue
        pairs += 1
        score = one.get("score")
        sums[one["startup"], one.get("kind", "")] += score or 0.0
        known += [] if score is None else [score]
    return {
        "objective": record.get("objective"),
        "pairs": pairs,
        "alone": alone,
        "least": min(known, default=None),
        "startups": len({startup for startup, _ in sums}),
        "total": round(sum(sums.values()), 6),
        "worst_off": round(min(sums.values()), 6) if sums else None,
        "unmet": [one for result in record.get("results", ()) for one in result.get("unmet", ())],
    }
