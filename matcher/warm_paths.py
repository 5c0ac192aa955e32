"""Warm paths: who could introduce a startup to an expert, by relations of trust.

A path runs over experts and organisations only: another startup's acquaintances are its own, also where an organisation
is called by its name. It never runs over an expert with whom the startup must not be paired, over a relation that the
program forbids, or over one of a later day.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from matcher.derived import CO_INVESTED, co_investments
from matcher.ecosystem_graph import Ecosystem, build_ecosystem
from matcher.profiles import Cohort, Party, Relation, Side
from matcher.program import SAME_EMPLOYER, Program, Verdict, relation_type
from matcher.tie import Pair, Tie, forbidden_pairs

# The longest path that is still an introduction: a friend of a friend of a friend.
LONGEST = 3

# Types of trust, closest first, and how each is said of its source and target.
_SAID = {
    "mentored": "{0} mentored {1}",
    "advisor": "{0} advises {1}",
    "invested_in": "{0} invested in {1}",
    CO_INVESTED: "{0} and {1} invested together{2}",
    "alumni": "{0} is an alumnus of {1}",
    SAME_EMPLOYER: "{0} belongs to {1}",
}
# What a person or a company is of an organisation, and what an expert does for a startup: never the other way round.
_OF_MEMBERS, _OF_EXPERTS = ("alumni", SAME_EMPLOYER), ("mentored", "advisor", "invested_in")
# Alumni of the same school, where no school is named.
_ALUMNI_OF_ONE = "{0} and {1} are alumni of one school"
_CLOSENESS = {type_: at for at, type_ in enumerate(_SAID)}


@dataclass(frozen=True)
class WarmPath:
    """How somebody could introduce the two: 1 step where they know each other. sentence: each step in words."""

    steps: int
    sentence: str

    @property
    def nearness(self) -> float:
        """How much the path counts, in (0, 1]: one over its steps."""
        return 1 / self.steps


def warm_paths(
    cohort: Cohort,
    program: Program,
    ties: Mapping[Pair, tuple[Tie, ...]],
    today: dt.date,
    ecosystem: Ecosystem | None = None,
) -> Mapping[Pair, WarmPath]:
    """Return the shortest warm path of every startup and expert that have one of at most `LONGEST` steps.

    A relation counts from its first day on, for good: who was mentored once is known. The day is that on which the
    startup applied, or `today` where that is unknown. ecosystem: the graph of the cohort, where it is there already.
    """
    network = _network_of(ecosystem or build_ecosystem(cohort, program), cohort, program)
    shut: defaultdict[str, set[int]] = defaultdict(set)
    for startup_id, expert_id in forbidden_pairs(ties, cohort, program):
        if (number := network.numbers.get(Party(Side.EXPERT, expert_id))) is not None:
            shut[startup_id].add(number)
    names = {Party(Side.STARTUP, one.id): one.name for one in cohort.startups if "name" not in one.confidential}
    names |= {Party(Side.EXPERT, one.id): one.name for one in cohort.experts}
    paths = {}
    for startup in cohort.startups:
        begin = network.numbers.get(Party(Side.STARTUP, startup.id))
        if begin is not None:
            day = startup.date or today
            for path in _paths_from(network, begin, shut[startup.id], day):
                expert = network.parties[path[-1]]
                paths[startup.id, expert.id] = WarmPath(len(path) - 1, _sentence(network, path, day, names))
    return paths


@dataclass(frozen=True)
class _Network:
    """Who is tied to whom by trust, by number.

    numbers: of startups and experts. near: of each party the others, with the relations between the two.
    """

    parties: Sequence[Party]
    numbers: Mapping[Party, int]
    sides: Sequence[Side | None]
    near: Sequence[Mapping[int, Sequence[Relation]]]


def _network_of(ecosystem: Ecosystem, cohort: Cohort, program: Program) -> _Network:
    """Return the network of trust without the organisations that are called like a startup."""
    parties = ecosystem.parties
    sides = [party.side for party in parties]
    at = {party: number for number, party in enumerate(parties) if party.side is not None}
    own = {cohort.organisation_of(name) for one in cohort.startups for name in one.names}
    is_own = [party.side is None and party.id in own for party in parties]
    near: list[dict[int, list[Relation]]] = [{} for _ in parties]

    def add(relation: Relation, one: int, other: int) -> None:
        if not is_own[one] and not is_own[other]:
            between = near[one].setdefault(other, [])
            between.append(relation)
            near[other][one] = between

    for number in np.flatnonzero(_is_trust(ecosystem, program)).tolist():
        add(_turned(ecosystem.relations[number]), *ecosystem.ends[number].tolist())
    if program.rule_for(CO_INVESTED).verdict is not Verdict.FORBID:
        for relation in co_investments(cohort):
            add(relation, at[relation.source], at[relation.target])
    return _Network(parties, at, sides, near)


def _turned(relation: Relation) -> Relation:
    """Return the relation as it is said, however it was told: of the one who belongs, and of the expert who helps."""
    type_, sides = relation_type(relation.type), (relation.source.side, relation.target.side)
    is_of_member = type_ in _OF_MEMBERS and sides[0] is None
    is_of_expert = type_ in _OF_EXPERTS and sides == (Side.STARTUP, Side.EXPERT)
    return (
        replace(relation, source=relation.target, target=relation.source) if is_of_member or is_of_expert else relation
    )


def _is_trust(ecosystem: Ecosystem, program: Program) -> NDArray[np.bool_]:
    """Return (r,) which relations introduce: those of trust that were told, and where experts belong."""
    told = np.arange(len(ecosystem.relations)) < ecosystem.told
    trusted = [
        type_ in _SAID and type_ != SAME_EMPLOYER and program.rule_for(type_).verdict is not Verdict.FORBID
        for type_ in ecosystem.types
    ]
    of_experts = ecosystem.belongs & ecosystem.on_side(Side.EXPERT)[ecosystem.ends].any(axis=1)
    is_trusted: NDArray[np.bool_] = told & np.array(trusted, dtype=bool)[ecosystem.type_of]
    return is_trusted | of_experts


def _paths_from(network: _Network, begin: int, shut: Set[int], day: dt.date) -> Iterator[tuple[int, ...]]:
    """Yield a shortest path to every expert within reach, over those alone whom a path of this startup may run over.

    shut: the experts with whom it must not be paired.
    """
    seen = {begin, *shut}
    ends: list[tuple[int, ...]] = [(begin,)]
    for _ in range(LONGEST):
        further = []
        for path in ends:
            for at, between in network.near[path[-1]].items():
                if at in seen or network.sides[at] is Side.STARTUP or not _has_begun(between, day):
                    continue
                seen.add(at)
                further.append((*path, at))
        yield from (path for path in further if network.sides[path[-1]] is Side.EXPERT)
        ends = further


def _has_begun(between: Sequence[Relation], day: dt.date) -> bool:
    return any(one.since is None or one.since <= day for one in between)


def _sentence(network: _Network, path: Sequence[int], day: dt.date, names: Mapping[Party, str]) -> str:
    return "; ".join(_steps(network, path, day, lambda party: names.get(party) or party.id))


def _steps(network: _Network, path: Sequence[int], day: dt.date, name: Callable[[Party], str]) -> Iterator[str]:
    for one, other in pairwise(path):
        begun = [relation for relation in network.near[one][other] if _has_begun([relation], day)]
        relation = min(begun, key=lambda relation: _CLOSENESS[relation_type(relation.type)])
        in_what = f" in {relation.extra['company']}" if "company" in relation.extra else ""
        type_ = relation_type(relation.type)
        said = _ALUMNI_OF_ONE if type_ == "alumni" and relation.target.side is not None else _SAID[type_]
        yield said.format(name(relation.source), name(relation.target), in_what)
