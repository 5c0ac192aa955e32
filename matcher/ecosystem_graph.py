"""The graph of an ecosystem: all of it as arrays, where the volume is, and the part that matters for networkx.

A relation can only tie a startup to an expert where both are near enough. How near each party is comes from a
breadth-first search over all of them at once, in sparse matrices; only the relations that are left, and those around
them, become a graph in which they are followed one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matcher.derived import coauthors, holdings, memberships
from matcher.mandates import Mask
from matcher.profiles import Cohort, Party, Relation, Side
from matcher.program import SAME_EMPLOYER, relation_type
from matcher.terms import organisation

Positions = NDArray[np.intp]


@dataclass(frozen=True)
class Ecosystem:
    """Every party and every relation, those that were derived included.

    parties: (n,) the nodes; an organisation is one, however it is written. relations: (r,), with their types as rules
    spell them. ends: (r, 2) positions of their parties. belongs: (r,) whether the relation says that a party belongs to
    an organisation.
    """

    parties: tuple[Party, ...]
    relations: tuple[Relation, ...]
    types: tuple[str, ...]
    ends: Positions
    belongs: Mask

    def graph_of(self, relations: Positions) -> nx.MultiGraph:
        """Return these relations as a graph of their parties; each edge holds its `relation` and the `type`."""
        graph = nx.MultiGraph()
        for at, (one, other) in zip(relations.tolist(), self.ends[relations].tolist(), strict=True):
            edge = {"relation": self.relations[at], "type": self.types[at]}
            graph.add_edge(self.parties[one], self.parties[other], **edge)
        return graph

    @cached_property
    def adjacent(self) -> sparse.csr_array:
        """(n, n): which parties share a relation."""
        count = len(self.parties)
        forth, back = self.ends.T
        links = sparse.coo_array((np.ones(len(forth), bool), (forth, back)), shape=(count, count))
        return (links + links.T).tocsr()

    @cached_property
    def organisations(self) -> Mask:
        """(n,): which parties are organisations."""
        return np.array([party.side is None for party in self.parties], dtype=bool)

    def steps_from(self, side: Side, most: int) -> Positions:
        """Return (n,) the fewest relations between each party and any of this side; most + 1 where it is farther.

        An organisation is as near as the nearest of those who belong to it, for it stands for them.
        """
        reached: Mask = np.array([party.side is side for party in self.parties], dtype=bool)
        steps = np.where(reached, 0, most + 1).astype(np.intp)
        for step in range(1, most + 1):
            reached = reached | (self.adjacent @ reached)
            steps[reached & (steps > step)] = step
        near = steps.copy()
        for member, employer in self._memberships():
            np.minimum.at(near, employer, steps[member])
        return near

    def _memberships(self) -> Iterator[tuple[Positions, Positions]]:
        """Yield the members and the employers of the relations that say so, either end first."""
        for member, employer in (self.ends[self.belongs].T, self.ends[self.belongs].T[::-1]):
            stands = self.organisations[employer]
            yield member[stands], employer[stands]

    def around(self, relations: Positions, parties: Positions, steps: int) -> nx.MultiGraph:
        """Return the graph of these relations and of all that lie within `steps` of them or of these parties.

        Who belongs to one of the organisations among them is there too, and what lies within `steps` of the members.
        """
        middle = np.zeros(len(self.parties), dtype=bool)
        middle[self.ends[relations]] = True
        middle[parties] = True
        inside = self.belongs & (middle & self.organisations)[self.ends].any(axis=1)
        inside[relations] = True
        reached = middle.copy()
        for member, employer in self._memberships():
            reached[member[middle[employer]]] = True
        for _ in range(steps):
            inside |= reached[self.ends].any(axis=1)
            reached = reached | (self.adjacent @ reached)
        return self.graph_of(np.flatnonzero(inside))

    def tying(self, steps: Positions) -> Positions:
        """Return the positions of the relations near enough to tie a startup to an expert.

        steps: (r,) the longest chain that each relation may be in the middle of; 0 for one that ties nobody.
        """
        most = int(steps.max(initial=0))
        if not most:
            return np.empty(0, dtype=np.intp)
        startups, experts = (self.steps_from(side, most) for side in Side)
        one, other = self.ends.T
        shortest = 1 + np.minimum(startups[one] + experts[other], startups[other] + experts[one])
        return np.flatnonzero(shortest <= steps)

    def employers_of_both(self) -> Positions:
        """Return the organisations to which a startup and an expert belong, or once belonged."""
        employs = {side: np.zeros(len(self.parties), dtype=bool) for side in Side}
        for member, employer in self._memberships():
            for side, marked in employs.items():
                marked[[at for of, at in zip(member, employer, strict=True) if self.parties[of].side is side]] = True
        return np.flatnonzero(employs[Side.STARTUP] & employs[Side.EXPERT])


def build_ecosystem(cohort: Cohort) -> Ecosystem:
    """Return the graph of a cohort: its relations, and those that follow from the profiles."""
    relations = (*cohort.relations, *coauthors(cohort), *memberships(cohort), *holdings(cohort))
    numbers = _Numbers(cohort)
    ends = np.array([(numbers.of(one.source), numbers.of(one.target)) for one in relations], np.intp).reshape(-1, 2)
    types = _types(relations)
    of_employers = np.array([type_ == SAME_EMPLOYER for type_ in types], dtype=bool)
    is_organisation = np.array([party.side is None for party in numbers.parties], dtype=bool)
    belongs = of_employers & is_organisation[ends].any(axis=1)
    return Ecosystem(tuple(numbers.parties), relations, types, ends, belongs)


class _Numbers:
    """Numbers the parties in the order in which they turn up; the spellings and aliases of an organisation are one."""

    def __init__(self, cohort: Cohort) -> None:
        self._aliases = cohort.organisations
        self._numbers: dict[Party, int] = {}
        self.parties: list[Party] = []

    def of(self, party: Party) -> int:
        number = self._numbers.get(party)
        return self._number_anew(party) if number is None else number

    def _number_anew(self, party: Party) -> int:
        node = party
        if party.side is None:
            key = organisation(party.id)
            node = Party(None, self._aliases.get(key, key))
        number = self._numbers.get(node)
        if number is None:
            number = self._numbers[node] = len(self.parties)
            self.parties.append(node)
        self._numbers[party] = number
        return number


def _types(relations: Sequence[Relation]) -> tuple[str, ...]:
    known = {written: relation_type(written) for written in {relation.type for relation in relations}}
    return tuple(known[relation.type] for relation in relations)
