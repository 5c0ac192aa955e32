"""What startups and experts may see of a match: their own, and nothing that tells of others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matcher.profiles import Side

Fields = dict[str, Any]
_SHOWN = ("startup", "expert", "kind", "score", "parts", "evidence", "warm_path", "rank")


def for_party(side: Side, record: Mapping[str, Any]) -> Fields:
    """Return a match or suggestion as a party of this side may see it.

    No next best, no warning and no reason: they name others, with their limits and scores. What a startup marks
    confidential is shown to nobody else.
    """
    shown = {name: record[name] for name in _SHOWN if name in record}
    if side is Side.EXPERT and "evidence" in shown:
        shown["evidence"] = [found for found in shown["evidence"] if not found.get("confidential")]
    return shown
