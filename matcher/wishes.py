"""Which startups an expert's wishes are about."""

from __future__ import annotations

from collections.abc import Sequence

from matcher.profiles import Startup
from matcher.terms import Vocabulary, canonical, canonical_set

_STARTUP_PREFIX = "startup:"


def named_by(wishes: Sequence[str], startups: Sequence[Startup]) -> list[int]:
    """Return the rows of the startups that `wants` or `avoids` name: by id, `startup:` and id, or sector."""
    if not wishes:
        return []
    ids = {startup.id for startup in startups}
    by_id = {wish if wish in ids else wish.removeprefix(_STARTUP_PREFIX) for wish in wishes}
    sectors = {canonical(Vocabulary.SECTOR, wish) for wish in wishes if wish not in ids}
    return [
        row
        for row, startup in enumerate(startups)
        if startup.id in by_id or sectors & canonical_set(Vocabulary.SECTOR, startup.sectors)
    ]
