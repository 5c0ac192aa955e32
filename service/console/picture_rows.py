"""What the pictures of a run show, as rows: no more of each than somebody can look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from matcher.profiles import DEFAULT_EXPERT_LIMITS, Side
from matcher.program import relation_type
from service.console.fitting import shortened
from service.console.naming import LONGEST_NAME, Names, Party, called, distinct, parties_named
from service.console.plots import Load
from service.console.relation_graph import Tie
from service.match_lists import Pair, Pairs, warm_startups
from service.reading.program import parse_program
from service.store.profiles import list_relations
from service.store.programs import Stored
from service.store.tables import listings, profiles

Fields = dict[str, Any]
_MOST_STARTUPS, _MOST_EXPERTS, _MOST_LOADS, _MOST_TIES = 40, 40, 100, 150
_ORDER = ("forbid", "warm", "warn", "allow")


@dataclass(frozen=True)
class Grid:
    """The first startups of a run with the experts that they were matched with. all: startups that have a match."""

    startups: list[str]
    experts: list[str]
    made: dict[Pair, float | None]
    all: int

    @property
    def parties(self) -> list[Party]:
        """Everybody in it."""
        sides = (Side.STARTUP, self.startups), (Side.EXPERT, self.experts)
        return [(side.value, id_) for side, ids in sides for id_ in ids]


@dataclass(frozen=True)
class Related:
    """Relations with the verdict on each, the strictest first, and the pairs of a run that they touch. all: of them."""

    relations: list[tuple[Fields, str]]
    pairs: list[Pair]
    all: int

    @property
    def parties(self) -> list[Party]:
        """Everybody whom they name."""
        ends = parties_named(end for one, _ in self.relations for end in (one["source"], one["target"]))
        return [*ends, *(party for pair in self.pairs for party in _ends(pair))]

    def ties(self, names: Names) -> list[Tie]:
        """Return the relations between names."""
        return [
            Tie(called(one["source"], names), called(one["target"], names), one["type"], verdict)
            for one, verdict in self.relations
        ]

    def chosen(self, names: Names) -> list[tuple[str, str]]:
        """Return the pairs between names."""
        return [(names.get(one, one[1]), names.get(other, other[1])) for one, other in map(_ends, self.pairs)]


def grid_of(pairs: Pairs) -> Grid:
    """Return the first startups of a run and the first of their experts."""
    startups = list(dict.fromkeys(startup for startup, _, _ in pairs))
    shown = set(startups[:_MOST_STARTUPS])
    experts = list(dict.fromkeys(expert for startup, expert, _ in pairs if startup in shown))[:_MOST_EXPERTS]
    named = set(experts)
    made = {(one, other): score for (one, other, _), score in pairs.items() if one in shown and other in named}
    return Grid(startups[:_MOST_STARTUPS], experts, made, len(startups))


def loads_of(connection: Connection, program: str, pairs: Pairs) -> tuple[list[Load], int]:
    """Return the experts that have most startups, and how many experts there are."""
    given = Counter(expert for _, expert, _ in pairs)
    query = select(listings.c.id).where(listings.c.program == program, listings.c.side == Side.EXPERT.value)
    ids = sorted(connection.scalars(query.order_by(listings.c.by_name)), key=lambda id_: -given[id_])
    mine = (profiles.c.program == program, profiles.c.side == Side.EXPERT.value, profiles.c.id.in_(ids[:_MOST_LOADS]))
    known = {row.id: row.fields for row in connection.execute(select(profiles.c.id, profiles.c.fields).where(*mine))}
    names = distinct(
        {(Side.EXPERT.value, id_): shortened(one.get("name") or id_, LONGEST_NAME) for id_, one in known.items()}
    )
    rows = [
        Load(
            names[Side.EXPERT.value, id_],
            known[id_].get("min_load", 0),
            given[id_],
            known[id_].get("max_load", DEFAULT_EXPERT_LIMITS.most),
        )
        for id_ in ids[:_MOST_LOADS]
    ]
    return rows, len(ids)


def related_of(connection: Connection, program: Stored, run: str, pairs: Pairs) -> Related:
    """Return the relations of a program that weigh most, and the matches of a run that they touch."""
    rules = parse_program({"relations": program.decisions.get("relations", {})})[0]
    ruled = [
        (one.fields, rules.rule_for(relation_type(one.fields["type"])).verdict.value)
        for one in list_relations(connection, program.id)
    ]
    allowed = {id_ for one, verdict in ruled if verdict == "allow" for id_ in _startups(one)}
    warm = warm_startups(connection, run, allowed)
    judged = [(one, "warm" if verdict == "allow" and _startups(one) & warm else verdict) for one, verdict in ruled]
    shown = sorted(judged, key=lambda one: _ORDER.index(one[1]))[:_MOST_TIES]
    ends = set(parties_named(end for one, _ in shown for end in (one["source"], one["target"])))
    touched = [(startup, expert) for startup, expert, _ in pairs if ends & set(_ends((startup, expert)))]
    return Related(shown, touched[:_MOST_TIES], len(judged))


def _startups(relation: Fields) -> set[str]:
    """Return the startups that a relation may name."""
    parties: Iterable[Party] = parties_named((relation["source"], relation["target"]))
    return {id_ for side, id_ in parties if side == Side.STARTUP}


def _ends(pair: Pair) -> tuple[Party, Party]:
    return (Side.STARTUP.value, pair[0]), (Side.EXPERT.value, pair[1])
