"""What is kept of a program → a cohort as a file of it would be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

from matcher.profiles import DEFAULT_EXPERT_LIMITS, Side
from matcher.terms import Vocabulary, canonical, is_known
from service.reading.cohort import CohortInput
from service.reading.request import read_request
from service.store.aliases import Merged, list_aliases
from service.store.places import places_taken
from service.store.profiles import changed_since, list_relations
from service.store.programs import find_program

Fields = dict[str, Any]
_TABLES = {Side.STARTUP: "startups", Side.EXPERT: "experts"}


def snapshot(connection: Connection, program: str) -> Fields:
    """Return everything of a program now, in the shape of `POST /v1/match`, and `notes` on what was adapted.

    Places that an expert has given away in other programs are taken from its max_load; a wish that names nobody who is
    there is left out. Both are told. Raises `NotThere`.
    """
    stored = find_program(connection, program)
    given: dict[str, list[Fields]] = {table: [] for table in _TABLES.values()}
    for profile in changed_since(connection, program, 0):
        if profile.fields is not None:
            given[_TABLES[profile.side]].append(profile.fields)
    decided = list_aliases(connection, program)
    notes = [*_take_places(given["experts"], places_taken(connection, program), Merged(decided))]
    notes += _drop_wishes(given["startups"], given["experts"])
    relations = [relation.fields for relation in list_relations(connection, program)]
    aliases = [alias.fields for alias in decided]
    return {**given, "relations": relations, "aliases": aliases, "program": stored.decisions, "notes": notes}


def cohort_of(taken: Fields) -> CohortInput:
    """Return the cohort of a snapshot. Raises `BadCohort` with everything that does not fit together."""
    body = {name: value for name, value in taken.items() if name != "notes"}
    optional = {name: body.get(name) or None for name in ("relations", "aliases")}
    cohort = read_request({**body, **optional})
    return CohortInput(cohort.cohort, cohort.program, (*taken["notes"], *cohort.warnings))


def _take_places(experts: list[Fields], taken: dict[str, dict[str, int]], merged: Merged) -> Iterator[str]:
    """Lower each expert's places by those that other programs have published, and tell of it once."""
    for at, expert in enumerate(experts):
        elsewhere = taken.get(expert["id"])
        if elsewhere:
            most = expert.get("max_load", DEFAULT_EXPERT_LIMITS.most)
            left = max(0, most - sum(elsewhere.values()))
            least = min(expert.get("min_load", 0), left)
            experts[at] = {**expert, "max_load": left, "min_load": least}
            told = ", ".join(f"{count} in {program}" for program, count in sorted(elsewhere.items()))
            if not merged.is_other(Side.EXPERT, expert["id"]):
                yield f"expert {expert['id']}: {left} of {most} places left, for it has {told}"


def _drop_wishes(startups: list[Fields], experts: list[Fields]) -> Iterator[str]:
    """Leave out wishes that name neither a startup that is there nor a sector, and tell of it."""
    ids = {startup["id"] for startup in startups}
    sectors = {canonical(Vocabulary.SECTOR, term) for startup in startups for term in startup.get("sectors", [])}

    def means_something(wish: str) -> bool:
        if wish in ids or wish.removeprefix("startup:") in ids:
            return True
        return canonical(Vocabulary.SECTOR, wish) in sectors or is_known(Vocabulary.SECTOR, wish)

    for at, expert in enumerate(experts):
        for name in ("wants", "avoids"):
            lost = [wish for wish in expert.get(name, []) if not means_something(wish)]
            if lost:
                experts[at] = {**experts[at], name: [wish for wish in expert[name] if wish not in lost]}
                yield f"expert {expert['id']}: {name} names {', '.join(lost)}, who is not in the program"
