"""Chains of relations between startups and experts, all at once.

A chain is in force as long as every relation in it is. So of all chains of some length between two parties the one
that lasts longest is kept: the widest path (Pollack 1960), whose width is its last day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matcher.ecosystem_graph import FOREVER, Days, Ecosystem, Positions
from matcher.mandates import Mask
from matcher.profiles import Side
from matcher.program import NOT_COMPETITOR
from matcher.reach import Reach, first_of_each, spread


@dataclass(frozen=True)
class Chained:
    """The startups and experts that a relation ties, all (k,): positions of relations and of parties."""

    relations: Positions
    startups: Positions
    experts: Positions


@dataclass(frozen=True)
class Chains:
    """The chains of an ecosystem, in which an organisation stands for everybody who belongs to it.

    A startup is the organisation of its name: a relation with the one is a relation with the other.

    last: (r,) the last day of each relation. days: (n,) when each startup applied; 0 for all others, who ask no day.
    """

    ecosystem: Ecosystem
    last: Days
    days: Days

    def through(self, steps: Positions) -> Chained:
        """Return whom chains tie, by relation, startup, expert.

        steps: (r,) how many relations a chain may have that ties by each relation; 0 for one that ties nobody.
        """
        found = [
            tied
            for most in np.unique(steps[steps > 0]).tolist()
            for tied in self._tied_by(np.flatnonzero(steps == most), most)
        ]
        return _distinct(found)

    def _tied_by(self, relations: Positions, most: int) -> Iterator[Chained]:
        """Yield whom chains of at most `most` relations tie that hold one of these."""
        startups, experts = (list(self._within(side, most - 1)) for side in Side)
        for before in range(most):
            for begin in (0, 1):
                yield self._across(relations, begin, startups[before], experts[most - 1 - before])

    def _across(self, relations: Positions, begin: int, startups: Reach, experts: Reach) -> Chained:
        """Return whom these relations tie, startups at the begin and experts at the other end."""
        ends = self.ecosystem.ends[relations]
        across, of_startup = startups.of(ends[:, begin])
        startup = startups.origin[of_startup]
        in_force = self.last[relations[across]] >= self.days[startup]
        across, startup = across[in_force], startup[in_force]
        both, of_expert = experts.of(ends[across, 1 - begin])
        in_force = experts.last[of_expert] >= self.days[startup[both]]
        both, of_expert = both[in_force], of_expert[in_force]
        return Chained(relations[across[both]], startup[both], experts.origin[of_expert])

    def _within(self, side: Side, most: int) -> Iterator[Reach]:
        """Yield where everybody of this side gets by at most 0, 1, … most relations."""
        own = np.flatnonzero(self.ecosystem.on_side(side))
        reach = Reach(own, own, np.full(len(own), FOREVER))
        for step in range(most + 1):
            if step:
                further = self._further(reach.joined(self._further(reach, self._names)), self._links)
                reach = reach.joined(further.joined(self._further(further, self._called)))
            colleagues = self._further(self._further(reach, self._belonging & ~self._names), self._called)
            yield reach.joined(self._further(reach, self._belonging)).joined(colleagues)

    def _further(self, reach: Reach, over: Mask) -> Reach:
        """Return where these get by one relation more. over: (2r,) the ends that may be left for the other end."""
        starts = self.ecosystem.places.indptr.astype(np.intp)
        of, within = spread(starts[reach.at], starts[reach.at + 1])
        ends = self.ecosystem.places.indices[within]
        of, ends = of[over[ends]], ends[over[ends]]
        last = np.minimum(reach.last[of], self.last[ends // 2])
        further = Reach(self._others[ends], reach.origin[of], last)
        return further.where(last >= self.days[further.origin])

    @cached_property
    def _others(self) -> Positions:
        """(2r,): who stands at the other end."""
        return self.ecosystem.ends[:, ::-1].ravel()

    @cached_property
    def _belonging(self) -> Mask:
        """(2r,): whether the party at this end belongs to the organisation at the other."""
        is_organisation = self.ecosystem.organisations[self.ecosystem.ends]
        return (self.ecosystem.belongs[:, None] & is_organisation[:, ::-1]).ravel()

    @cached_property
    def _links(self) -> Mask:
        """(2r,): whether a chain may run over the relation; that two do not compete links nobody."""
        is_link = np.array([type_ != NOT_COMPETITOR for type_ in self.ecosystem.types], dtype=bool)
        return (is_link[self.ecosystem.type_of] & ~self.ecosystem.named).repeat(2)

    @cached_property
    def _names(self) -> Mask:
        """(2r,): whether the party at this end is a startup, and at the other the organisation that it is."""
        return self._belonging & self.ecosystem.named.repeat(2)

    @cached_property
    def _called(self) -> Mask:
        """(2r,): whether the party at this end is an organisation, and at the other a startup that is called so."""
        return ~self._belonging & self.ecosystem.named.repeat(2)

    def together(self) -> Chained:
        """Return every two who belong to one organisation, by organisation, startup, expert.

        The relation is the last that says that the expert belongs there.
        """
        ends = np.flatnonzero(self._belonging)
        member, employer, last = self.ecosystem.ends.ravel()[ends], self._others[ends], self.last[ends // 2]
        startups, experts = (Reach(employer, member, last).where(self.ecosystem.on_side(side)[member]) for side in Side)
        startups = startups.where(startups.last >= self.days[startups.origin]).longest()
        relation = (ends // 2)[self.ecosystem.on_side(Side.EXPERT)[member]]
        of, at = startups.of(experts.at)
        startup = startups.origin[at]
        in_force = experts.last[of] >= self.days[startup]
        of, startup = of[in_force], startup[in_force]
        told = first_of_each((experts.at[of], startup, experts.origin[of]), -relation[of])
        return Chained(relation[of][told], startup[told], experts.origin[of][told])


def _distinct(found: list[Chained]) -> Chained:
    """Return all of them once each, by relation, startup, expert."""
    none = np.empty(0, dtype=np.intp)
    relations, startups, experts = (
        np.concatenate([none, *(getattr(one, name) for one in found)]) for name in ("relations", "startups", "experts")
    )
    kept = first_of_each((relations, startups, experts), np.zeros(len(relations), dtype=np.int64))
    return Chained(relations[kept], startups[kept], experts[kept])
