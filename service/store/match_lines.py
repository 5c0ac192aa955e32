"""What a match list is searched and ordered by, so that the database can page through it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from service.store.listings import folded
from service.store.tables import match_lines, matches

Fields = Mapping[str, Any]
_PASSAGES = ("startup_passage", "expert_passage")


def keep_lines(connection: Connection, run: str, *of: ColumnElement[bool]) -> None:
    """Keep the lines of the matches of a run in place of those that are there; of: which of its matches."""
    chosen = (matches.c.run == run, *of)
    connection.execute(delete(match_lines).where(match_lines.c.id.in_(select(matches.c.id).where(*chosen))))
    rows = connection.execute(select(matches.c.id, matches.c.fields).where(*chosen))
    lines = [{"id": row.id, "run": run, **_line(row.fields)} for row in rows]
    if lines:
        connection.execute(insert(match_lines), lines)


def _line(fields: Fields) -> dict[str, Any]:
    """Return the columns of `tables.match_lines`; a line without a match has no score."""
    startup, expert = fields.get("startup"), fields.get("expert")
    passages = [found.get(name, "") for found in fields.get("evidence", ()) for name in _PASSAGES]
    return {
        "startup": startup,
        "expert": expert,
        "is_match": bool(startup and expert),
        "kind": fields.get("kind", ""),
        "score": fields.get("score"),
        "is_pinned": bool(fields.get("pinned")),
        "is_doubtful": bool(fields.get("warnings")),
        "searched": folded("\n".join([startup or "", expert or "", *passages])),
    }
