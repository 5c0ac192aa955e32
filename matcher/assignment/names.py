"""How sentences call startups and experts."""

from __future__ import annotations

from collections.abc import Sequence


def told_apart(startup_ids: Sequence[str], expert_ids: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what startups and experts are called: their ids, with the side before each where sides share an id."""
    if set(startup_ids).isdisjoint(expert_ids):
        return tuple(startup_ids), tuple(expert_ids)
    return tuple(f"startup {id_}" for id_ in startup_ids), tuple(f"expert {id_}" for id_ in expert_ids)
