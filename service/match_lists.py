"""A match list as people page through it: what all its lines come to, and the whole of a few of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, select

from service.store.tables import matches

Fields = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """A match, or somebody without one (then startup or expert is None), without reasons and evidence."""

    id: int
    startup: str | None
    expert: str | None
    kind: str
    score: float | None
    is_pinned: bool
    is_doubtful: bool
    decision: str | None

    @property
    def is_match(self) -> bool:
        """Whether both ends are there."""
        return self.startup is not None and self.expert is not None


def list_lines(connection: Connection, run: str) -> list[Line]:
    """Return the lines of a run that is over, in the order of its match list. Long texts stay in the database."""
    known = _fixed(connection.engine, run)
    query = select(matches.c.id, matches.c.startup, matches.c.expert, matches.c.decision).where(matches.c.run == run)
    return [
        Line(row.id, row.startup, row.expert, *known[row.id], row.decision)
        for row in connection.execute(query.order_by(matches.c.id))
    ]


@lru_cache(maxsize=16)
def _fixed(database: Engine, run: str) -> dict[int, tuple[str, float | None, bool, bool]]:
    """Return by line its kind, its score, whether it is pinned and has warnings: what a run that is over keeps."""
    of = matches.c.fields
    query = select(
        matches.c.id, of["kind"].as_string(), of["score"].as_float(), of["pinned"].as_boolean(), of["warnings"]
    )
    with database.connect() as connection:
        rows = connection.execute(query.where(matches.c.run == run)).all()
    return {id_: (kind, score, bool(is_pinned), bool(warnings)) for id_, kind, score, is_pinned, warnings in rows}


def whole_lines(connection: Connection, run: str, ids: Sequence[int] | None = None) -> dict[int, Fields]:
    """Return everything that is kept of lines, by their numbers; of all of them where none are named."""
    query = select(matches).where(matches.c.run == run)
    if ids is not None:
        query = query.where(matches.c.id.in_(ids))
    return {
        row.id: {**row.fields, "id": row.id, "decision": row.decision, "said": row.reason}
        for row in connection.execute(query)
    }
