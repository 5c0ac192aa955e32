"""Quotas that a flow can hold: those that nest on the side of the startups or on that of the experts.

Two sets of pairs are laminar where one holds the other or they have nothing in common. A flow holds the limits of two
families of sets, each laminar in itself (Edmonds 1970; Schrijver 2003, chapter 48): one with the pairs of each startup,
one with those of each expert. A quota can join the first where it is of whole startups or within one, the second where
it is so for experts, and two quotas that cross must join different ones. Only pairs that may be made count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.network import Network, Positions, limits_of
from matcher.assignment.problem import PositionQuota, Problem

Mask = NDArray[np.bool_]


class _Side(IntEnum):
    STARTUPS = 0
    EXPERTS = 1


def can_nest(problem: Problem) -> bool:
    """Return whether a flow can hold all the quotas."""
    return not problem.quotas or _sides(*_counted(problem)) is not None


def network_of(problem: Problem) -> tuple[Positions, Network]:
    """Return all pairs (k, 2) that may be made, ascending, and their network under all limits and quotas.

    Raises `ValueError` where the quotas do not nest; `can_nest` says so.
    """
    pairs, counted = _counted(problem)
    sides = _sides(pairs, counted)
    if sides is None:
        raise ValueError("the quotas do not nest on two sides")
    limits = limits_of(problem)
    startups, experts = (
        _Groups.of(pairs[:, side], count, counted, [at for at, one in enumerate(sides) if one is side])
        for side, count in zip(_Side, problem.scores.shape, strict=True)
    )
    network = Network(
        startups.nodes,
        experts.nodes,
        replace(
            limits,
            startup_min=np.append(limits.startup_min, startups.least(problem.quotas)),
            startup_max=np.append(limits.startup_max, startups.most(problem.quotas)),
            expert_min=np.append(limits.expert_min, experts.least(problem.quotas)),
            expert_max=np.append(limits.expert_max, experts.most(problem.quotas)),
            startup_parents=startups.parents,
            expert_parents=experts.parents,
        ),
    )
    return pairs, network


def _counted(problem: Problem) -> tuple[Positions, Mask]:
    """Return the pairs (k, 2) that may be made, and (q, k) which of them count for each quota."""
    pairs = np.argwhere(problem.open)
    counted = [quota.counts(*pairs.T) for quota in problem.quotas]
    return pairs, np.array(counted, dtype=bool).reshape(len(counted), len(pairs))


def _sides(pairs: Positions, counted: Mask) -> list[_Side] | None:
    """Return the side that each quota joins, as two colours of the graph of those that cross; None: not possible."""
    if not len(counted):
        return []
    import networkx as nx  # a third of a second, for nothing where there are no quotas

    fits = [[_fits(mask, pairs[:, side]) for side in _Side] for mask in counted]
    crossing = nx.Graph()
    crossing.add_nodes_from(range(len(counted)))
    crossing.add_edges_from(np.argwhere(_cross(counted)).tolist())
    sides = [_Side.STARTUPS] * len(counted)
    for part in nx.connected_components(crossing):
        graph = crossing.subgraph(part)
        if not nx.is_bipartite(graph):
            return None
        colours = nx.bipartite.color(graph)
        ways = [{at: _Side(colour ^ turned) for at, colour in colours.items()} for turned in (0, 1)]
        way = next((way for way in ways if all(fits[at][side] for at, side in way.items())), None)
        if way is None:
            return None
        for at, side in way.items():
            sides[at] = side
    return sides


def _fits(mask: Mask, owners: Positions) -> bool:
    """Return whether a set of pairs is within one owner's or of whole owners."""
    inside = np.bincount(owners[mask], minlength=owners.max(initial=0) + 1)
    whole = np.bincount(owners, minlength=len(inside))
    return bool(np.count_nonzero(inside) <= 1 or (inside == whole)[inside > 0].all())


def _cross(counted: Mask) -> Mask:
    """Return (q, q) which sets have something in common without one holding the other."""
    common = np.array([[np.count_nonzero(one & other) for other in counted] for one in counted])
    sizes = np.diag(common)
    crossing: Mask = (common > 0) & (common < np.minimum(sizes[:, None], sizes[None, :]))
    return crossing


@dataclass(frozen=True)
class _Groups:
    """The quotas on one side, behind its owners in its tree.

    quotas: (g,) which they are. sizes: (g,) how many pairs each has. nodes: (k,) the smallest set each pair is in.
    parents: (owners + g,), −1 for the hub.
    """

    quotas: Sequence[int]
    sizes: Positions
    nodes: Positions
    parents: Positions

    @classmethod
    def of(cls, owners: Positions, count: int, counted: Mask, quotas: Sequence[int]) -> _Groups:
        """Return the tree of quotas that fit `count` owners, of whom each pair (k,) has one."""
        nodes, around, parents = owners.copy(), np.full(count, -1), np.full(count + len(quotas), -1)
        largest_first = sorted(range(len(quotas)), key=lambda at: -np.count_nonzero(counted[quotas[at]]))
        for at in largest_first:
            mask, group = counted[quotas[at]], count + at
            held = np.unique(owners[mask])
            if len(held) == 1 and np.count_nonzero(mask) < np.count_nonzero(owners == held[0]):
                parents[group] = nodes[mask][0]
                nodes[mask] = group
            elif len(held):
                parents[group] = around[held[0]]
                around[held] = group
        parents[:count] = around
        sizes = np.array([np.count_nonzero(counted[at]) for at in quotas], dtype=np.intp)
        return cls(quotas, sizes, nodes, parents)

    def least(self, quotas: Sequence[PositionQuota]) -> Positions:
        """Return (g,) how many pairs each group takes at least; where it has fewer, one more than it has."""
        return np.minimum(np.array([quotas[at].least for at in self.quotas], dtype=np.intp), self.sizes + 1)

    def most(self, quotas: Sequence[PositionQuota]) -> Positions:
        """Return (g,) how many pairs each group takes at most: not more than it has, unless it must."""
        limits = [quotas[at].most for at in self.quotas]
        given = [size if most is None else most for most, size in zip(limits, self.sizes.tolist(), strict=True)]
        return np.maximum(np.minimum(np.array(given, dtype=np.intp), self.sizes), self.least(quotas))
