"""Warm paths: who could introduce a startup to an expert, by relations of trust.

A path runs over experts and organisations only: another startup's acquaintances are its own, also where an organisation
is called by its name. It never runs over an expert with whom the startup must not be paired, over a relation that the
program forbids, or over one of a later day.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

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


@dataclass(frozen=True, slots=True)
class WarmPath:
    """How somebody could introduce the two.

    relations: one a step, from the startup on. names: what the parties are called, for those that may be.
    """

    relations: tuple[Relation, ...]
    names: Mapping[Party, str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def steps(self) -> int:
        """How many acquaintances it takes: 1 where the two know each other."""
        return len(self.relations)

    @property
    def nearness(self) -> float:
        """How much the path counts, in (0, 1]: one over its steps."""
        return 1 / self.steps

    @property
    def sentence(self) -> str:
        """Each step in words."""
        return "; ".join(_said(relation, self.names) for relation in self.relations)


def warm_paths(
    cohort: Cohort,
    program: Program,
    ties: Mapping[Pair, tuple[Tie, ...]],
    today: dt.date,
    ecosystem: Ecosystem | None = None,
) -> Mapping[Pair, WarmPath]:
    """Return the shortest warm path of every startup and expert that have one of at most `LONGEST` steps.

    The day of a startup is that on which it applied, or `today` where that is unknown. ecosystem: the graph of the
    cohort, where it is there already.
    """
    return Introductions(cohort, program, forbidden_pairs(ties, cohort, program), ecosystem).of_all(today)


def nearness(paths: Mapping[tuple[int, int], WarmPath], shape: tuple[int, int]) -> sparse.csr_array:
    """Return how near each two are to each other, of this shape, 0 without a path; paths: by row and column."""
    cells = np.array(list(paths), dtype=np.intp).reshape(-1, 2).T
    near = np.array([path.nearness for path in paths.values()], dtype=float)
    return sparse.csr_array((near, (cells[0], cells[1])), shape=shape)


class Introductions:
    """To whom each startup of a cohort could be introduced.

    shut: pairs of startup and expert ids; no path of the startup runs over that expert. ecosystem: as in `warm_paths`.
    """

    def __init__(
        self, cohort: Cohort, program: Program, shut: Iterable[Pair] = (), ecosystem: Ecosystem | None = None
    ) -> None:
        self._startups = cohort.startups
        self._network = _network_of(ecosystem or build_ecosystem(cohort, program), cohort, program)
        self._shut: defaultdict[str, set[int]] = defaultdict(set)
        for startup, expert in shut:
            if (number := self._network.numbers.get(Party(Side.EXPERT, expert))) is not None:
                self._shut[startup].add(number)
        self._names = {
            Party(Side.STARTUP, one.id): one.name for one in cohort.startups if "name" not in one.confidential
        }
        self._names |= {Party(Side.EXPERT, one.id): one.name for one in cohort.experts}

    def of_all(self, today: dt.date) -> Mapping[Pair, WarmPath]:
        """Return the paths that each startup has on the day it applied, or `today` where that is unknown."""
        return {
            (startup.id, expert): path
            for startup in self._startups
            for expert, path in self.known(startup.id, startup.date or today)
        }

    def known(self, startup: str, day: dt.date) -> Iterator[tuple[str, WarmPath]]:
        """Yield the experts within reach on the day, by id, each with a shortest path.

        A relation counts from its first day on, for good: who was mentored once is known. One without a day counts.
        """
        return self._paths(startup, lambda relation: relation.since is None or relation.since <= day)

    def foretelling(self, startup: str, day: dt.date) -> Iterator[tuple[str, WarmPath]]:
        """Yield the same of what was known before the day, from which it can be learned who takes the startup then.

        Who takes it has invested in it, or mentors it, from then on: such a relation may be the very outcome, so that
        one without a day does not count. Where people come from, and where experts belong, no outcome changes.
        """
        return self._paths(
            startup,
            lambda relation: relation.since < day if relation.since else relation_type(relation.type) in _OF_MEMBERS,
        )

    def _paths(self, startup: str, counts: Callable[[Relation], bool]) -> Iterator[tuple[str, WarmPath]]:
        """Yield a shortest path to every expert within reach, over those alone whom a path of this startup may use."""
        network = self._network
        begin = network.numbers.get(Party(Side.STARTUP, startup))
        if begin is None:
            return
        seen = {begin, *self._shut[startup]}
        ends: list[tuple[int, tuple[Relation, ...]]] = [(begin, ())]
        for _ in range(LONGEST):
            further = []
            for end, path in ends:
                for at, between in network.near[end].items():
                    if at in seen or network.sides[at] is Side.STARTUP:
                        continue
                    if begun := [relation for relation in between if counts(relation)]:
                        seen.add(at)
                        further.append((at, (*path, min(begun, key=_closeness))))
            for end, path in further:
                if network.sides[end] is Side.EXPERT:
                    yield network.parties[end].id, WarmPath(path, self._names)
            ends = further


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


def _closeness(relation: Relation) -> int:
    return _CLOSENESS[relation_type(relation.type)]


def _said(relation: Relation, names: Mapping[Party, str]) -> str:
    in_what = f" in {relation.extra['company']}" if "company" in relation.extra else ""
    type_ = relation_type(relation.type)
    said = _ALUMNI_OF_ONE if type_ == "alumni" and relation.target.side is not None else _SAID[type_]
    one, other = (names.get(party) or party.id for party in (relation.source, relation.target))
    return said.format(one, other, in_what)
