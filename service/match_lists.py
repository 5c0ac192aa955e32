"""A match list as people page through it: what all its lines come to, and the whole of a few of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

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
    warnings: Sequence[str]
    decision: str | None

    @property
    def is_match(self) -> bool:
        """Whether both ends are there."""
        return self.startup is not None and self.expert is not None


def list_lines(connection: Connection, run: str) -> list[Line]:
    """Return the lines of a run in the order of its match list. Long texts stay in the database."""
    of = matches.c.fields
    query = select(
        matches.c.id,
        matches.c.startup,
        matches.c.expert,
        of["kind"].as_string().label("kind"),
        of["score"].as_float().label("score"),
        of["pinned"].as_boolean().label("is_pinned"),
        of["warnings"].label("warnings"),
        matches.c.decision,
    )
    return [
        Line(
            row.id, row.startup, row.expert, row.kind, row.score, bool(row.is_pinned), row.warnings or (), row.decision
        )
        for row in connection.execute(query.where(matches.c.run == run).order_by(matches.c.id))
    ]


def whole_lines(connection: Connection, run: str, ids: Sequence[int] | None = None) -> dict[int, Fields]:
    """Return everything that is kept of lines, by their numbers; of all of them where none are named."""
    query = select(matches).where(matches.c.run == run)
    if ids is not None:
        query = query.where(matches.c.id.in_(ids))
    return {
        row.id: {**row.fields, "id": row.id, "decision": row.decision, "said": row.reason}
        for row in connection.execute(query)
    }
