"""Warm paths: who could introduce a startup to an expert, by relations of trust.

A path runs over experts and organisations only: another startup's acquaintances are its own, also where an organisation
is called by its name. It never runs over an expert with whom the startup must not be paired, over a relation that the
program forbids, or over one of a later day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from matcher.derived import CO_INVESTED, INVESTED_IN
from matcher.ecosystem_graph import Ecosystem, build_ecosystem
from matcher.foretelling import Foretelling
from matcher.profiles import Cohort, Party, Relation, Side
from matcher.program import SAME_EMPLOYER, Program, relation_type
from matcher.tie import Pair, Tie, forbidden_pairs
from matcher.trust import ALUMNI, LONGEST, closeness, nearness, trust_network

# How each type of trust is said of its source and target.
_SAID = {
    "mentored": "{0} mentored {1}",
    "advisor": "{0} advises {1}",
    INVESTED_IN: "{0} invested in {1}",
    CO_INVESTED: "{0} and {1} invested together{2}",
    ALUMNI: "{0} is an alumnus of {1}",
    SAME_EMPLOYER: "{0} belongs to {1}",
}
# Alumni of the same school, where no school is named.
_ALUMNI_OF_ONE = "{0} and {1} are alumni of one school"


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
        """How much the path counts, in (0, 1]."""
        return nearness(self.steps)

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


class Introductions:
    """To whom each startup of a cohort could be introduced.

    shut: pairs of startup and expert ids; no path of the startup runs over that expert. ecosystem: as in `warm_paths`.
    """

    def __init__(
        self, cohort: Cohort, program: Program, shut: Iterable[Pair] = (), ecosystem: Ecosystem | None = None
    ) -> None:
        self._startups = cohort.startups
        self._network = trust_network(ecosystem or build_ecosystem(cohort, program), cohort, program)
        self._shut = self._network.experts_of(shut)
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
        network = self._network
        begin = network.numbers.get(Party(Side.STARTUP, startup))
        if begin is None:
            return
        seen = {begin, *self._shut.get(startup, ())}
        missing = set(network.tied_experts - seen)
        ends: list[tuple[int, tuple[Relation, ...]]] = [(begin, ())]
        for _ in range(LONGEST):
            further: list[tuple[int, tuple[Relation, ...]]] = []
            for end, path in ends:
                if not missing:  # in a dense network, most ties lead to those who were found long ago
                    break
                for at, between in network.near[end].items():
                    if at in seen or network.sides[at] is Side.STARTUP:
                        continue
                    if begun := [relation for relation in between if _has_begun(relation, day)]:
                        seen.add(at)
                        missing.discard(at)
                        further.append((at, (*path, min(begun, key=closeness))))
            for end, path in further:
                if network.sides[end] is Side.EXPERT:
                    yield network.parties[end].id, WarmPath(path, self._names)
            ends = further

    def foretelling(self, startup: str, day: dt.date) -> Iterator[tuple[str, int]]:
        """Yield the experts within reach by what began before the day, and in how many steps: see `Foretelling`."""
        return self._before.steps(startup, day)

    @cached_property
    def _before(self) -> Foretelling:
        return Foretelling(self._network, self._shut)


def _has_begun(relation: Relation, day: dt.date) -> bool:
    return relation.since is None or relation.since <= day


def _said(relation: Relation, names: Mapping[Party, str]) -> str:
    in_what = f" in {relation.extra['company']}" if "company" in relation.extra else ""
    type_ = relation_type(relation.type)
    said = _ALUMNI_OF_ONE if type_ == ALUMNI and relation.target.side is not None else _SAID[type_]
    one, other = (names.get(party) or party.id for party in (relation.source, relation.target))
    return said.format(one, other, in_what)
