"""What a run that is done comes to, in a few figures: its record holds a line for every startup."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, insert

from service.store.tables import outlines

Fields = Mapping[str, Any]


def keep_outline(connection: Connection, run: str, record: Fields, made: Iterable[Fields]) -> None:
    """Keep the outline of a run that is done. made: its matches and who has none."""
    connection.execute(insert(outlines).values(run=run, fields=_outline(record, made)))


def _outline(record: Fields, made: Iterable[Fields]) -> dict[str, Any]:
    """Return the counts and sums. least: the smallest score. worst_off: the smallest sum of a startup.

    Both are of matches alone, and None where there is none.
    """
    sums: defaultdict[tuple[str, str], float] = defaultdict(float)
    pairs = alone = 0
    least: float | None = None
    for one in made:
        if one.get("startup") and one.get("expert"):
            pairs += 1
            score = one.get("score")
            sums[one["startup"], one.get("kind", "")] += score or 0.0
            least = min((known for known in (least, score) if known is not None), default=None)
        else:
            alone += 1
    return {
        "objective": record.get("objective"),
        "pairs": pairs,
        "alone": alone,
        "least": least,
        "startups": len({startup for startup, _ in sums}),
        "total": round(sum(sums.values()), 6),
        "worst_off": round(min(sums.values()), 6) if sums else None,
        "unmet": [one for result in record.get("results", ()) for one in result.get("unmet", ())],
    }
