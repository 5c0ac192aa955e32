"""Places of experts that are in several programs, or in one under several ids: each is given away once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, func, or_, select

from service.store.aliases import same_experts
from service.store.batches import batches
from service.store.runs import Decision
from service.store.tables import matches, profiles, runs

Places = dict[str, dict[str, int]]  # expert → program → places


def places_taken(connection: Connection, program: str) -> Places:
    """Return how many places experts of this program have given away in others: by expert, then by program.

    An expert that is one with others, as somebody confirmed, has given away what any of them has.
    """
    here = select(profiles.c.id).where(profiles.c.program == program, profiles.c.side == "expert")
    taken = _taken(connection, program, matches.c.expert.in_(here))
    one_with = same_experts(connection, program)
    if not one_with:
        return taken
    for ids in batches(one_with):
        taken |= _taken(connection, program, matches.c.expert.in_(ids))
    there = {id_ for ids in batches(one_with) for id_ in connection.scalars(here.where(profiles.c.id.in_(ids)))}
    alone = {id_: counts for id_, counts in taken.items() if id_ not in one_with}
    together = {id_: _sum(taken.get(one, {}) for one in sorted(one_with[id_])) for id_ in sorted(there)}
    return alone | {id_: counts for id_, counts in together.items() if counts}


def _taken(connection: Connection, program: str, of_experts: ColumnElement[bool]) -> Places:
    query = (
        select(matches.c.expert, runs.c.program, func.count())
        .join(runs)
        .where(runs.c.published.is_not(None), runs.c.program != program, of_experts)
        .where(matches.c.startup.is_not(None))
        .where(or_(matches.c.decision.is_(None), matches.c.decision != Decision.DECLINED.value))
        .group_by(matches.c.expert, runs.c.program)
    )
    found: Places = {}
    for expert, other, count in connection.execute(query):
        found.setdefault(expert, {})[other] = count
    return found


def _sum(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    whole: Counter[str] = Counter()
    for one in counts:
        whole.update(one)
    return dict(whole)
