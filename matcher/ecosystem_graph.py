"""The graph of an ecosystem: parties and relations for networkx, and the same edges as arrays where the volume is.

A relation can only tie a startup to an expert where both are near enough. How near each party is comes from a
breadth-first search over all of them at once, in sparse matrices; only the relations that are left are followed
one by one in the graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matcher.derived import coauthors, memberships
from matcher.mandates import Mask
from matcher.profiles import Cohort, Party, Relation, Side
from matcher.program import SAME_EMPLOYER, relation_type
from matcher.terms import organisation

Positions = NDArray[np.intp]


@dataclass(frozen=True)
class Ecosystem:
    """Every party and every relation, those that were derived included.

    graph: parties as nodes, one edge a relation, which it holds as `relation`. parties: (n,) in the order of the
    graph. relations: (r,), with their types as rules spell them. ends: (r, 2) positions of their parties. belongs:
    (r,) whether the relation says that a party belongs to an organisation.
    """

    graph: nx.MultiGraph
    parties: tuple[Party, ...]
    relations: tuple[Relation, ...]
    types: tuple[str, ...]
    ends: Positions
    belongs: Mask

    def steps_from(self, side: Side, most: int) -> Positions:
        """Return (n,) the fewest relations between each party and any of this side; most + 1 where it is farther.

        An organisation is as near as the nearest of those who belong to it, for it stands for them.
        """
        count = len(self.parties)
        forth, back = self.ends.T
        links = sparse.coo_array((np.ones(len(forth), bool), (forth, back)), shape=(count, count))
        adjacent = (links + links.T).tocsr()
        reached: Mask = np.array([party.side is side for party in self.parties], dtype=bool)
        steps = np.where(reached, 0, most + 1).astype(np.intp)
        for step in range(1, most + 1):
            reached = reached | (adjacent @ reached)
            steps[reached & (steps > step)] = step
        near = steps.copy()
        for member, employer in (self.ends[self.belongs].T, self.ends[self.belongs].T[::-1]):
            stands = np.array([self.parties[at].side is None for at in employer.tolist()], dtype=bool)
            np.minimum.at(near, employer[stands], steps[member[stands]])
        return near

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

    def employers_of_both(self) -> list[Party]:
        """Return the organisations to which a startup and an expert belong, or once belonged."""
        found: dict[Side, set[int]] = {side: set() for side in Side}
        for one, other in self.ends[self.belongs].tolist():
            for member, employer in ((one, other), (other, one)):
                side = self.parties[member].side
                if side is not None and self.parties[employer].side is None:
                    found[side].add(employer)
        return [self.parties[at] for at in sorted(found[Side.STARTUP] & found[Side.EXPERT])]


def build_ecosystem(cohort: Cohort) -> Ecosystem:
    """Return the graph of a cohort: its relations, and those that follow from the profiles."""
    relations = (*cohort.relations, *coauthors(cohort), *memberships(cohort))
    nodes = _nodes(relations, cohort)
    graph = nx.MultiGraph()
    graph.add_edges_from(
        (nodes[relation.source], nodes[relation.target], {"relation": relation}) for relation in relations
    )
    position = {party: at for at, party in enumerate(graph)}
    at = {party: position[node] for party, node in nodes.items()}
    ends = np.array([(at[one.source], at[one.target]) for one in relations], dtype=np.intp).reshape(-1, 2)
    types = _types(relations)
    belongs = [
        type_ == SAME_EMPLOYER and None in (relation.source.side, relation.target.side)
        for type_, relation in zip(types, relations, strict=True)
    ]
    return Ecosystem(graph, tuple(graph), relations, types, ends, np.array(belongs, dtype=bool))


def _nodes(relations: Iterable[Relation], cohort: Cohort) -> dict[Party, Party]:
    """Return the node of each party: an organisation's spellings and aliases are one."""
    nodes: dict[Party, Party] = {}
    for relation in relations:
        for party in (relation.source, relation.target):
            if party not in nodes:
                key = "" if party.side is not None else organisation(party.id)
                nodes[party] = Party(None, cohort.organisations.get(key, key)) if party.side is None else party
    return nodes


def _types(relations: Sequence[Relation]) -> tuple[str, ...]:
    known = {written: relation_type(written) for written in {relation.type for relation in relations}}
    return tuple(known[relation.type] for relation in relations)
