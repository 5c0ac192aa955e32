"""The ecosystem as a whole: who belongs together, and who connects the professors with the investors.

Only what ties people in good faith is looked at: a relation that the program forbids is no tie, nor is any between a
startup and an expert that must not be paired.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass

import networkx as nx
import numpy as np

from matcher.derived import co_investments
from matcher.ecosystem import Pair
from matcher.ecosystem_graph import Ecosystem, build_ecosystem
from matcher.layout import in_order, lay_out
from matcher.profiles import Cohort, Kind, Party, Side
from matcher.program import Program, Verdict

# Fewer than three are a pair, no community.
_SMALLEST = 3
_BRIDGES = 8
# Ways are counted from so many professors; in larger ecosystems that estimates the share.
_SOURCES = 200
# More names than this on one picture are a knot that nobody reads.
_DRAWN = 70


@dataclass(frozen=True)
class Bridge:
    """Somebody on the way between professors and investors. share in (0, 1]: of all shortest ways between them."""

    party: Party
    share: float


@dataclass(frozen=True)
class Spot:
    """A party on the picture: x, y in [0, 1]; community: its number from 0, None outside of all."""

    party: Party
    x: float
    y: float
    community: int | None
    is_bridge: bool


@dataclass(frozen=True)
class Survey:
    """What there is to say of an ecosystem. parties, ties: its size, without those who have no tie.

    communities: largest first, each its parties, those with most ties first. spots, lines: the picture; a line holds
    the positions of two spots. names: of the organisations, as they are written.
    """

    parties: int
    ties: int
    communities: tuple[tuple[Party, ...], ...]
    bridges: tuple[Bridge, ...]
    spots: tuple[Spot, ...]
    lines: tuple[tuple[int, int], ...]
    names: Mapping[Party, str]

    @property
    def left_out(self) -> int:
        """How many parties are not on the picture."""
        return self.parties - len(self.spots)


def survey(cohort: Cohort, program: Program, forbidden: Set[Pair]) -> Survey:
    """Return the communities (Blondel et al. 2008, Louvain) and bridges of a cohort's ecosystem.

    forbidden: the pairs of startup id and expert id that must not be made. The program's seed fixes the
    communities.
    """
    ecosystem = build_ecosystem(cohort)
    graph = _graph(ecosystem, program, forbidden)
    graph.add_edges_from((relation.source, relation.target) for relation in co_investments(cohort))
    names = _written(ecosystem, graph)
    _leave_out_idle_organisations(graph, names)
    communities = _communities(graph, program.seed)
    bridges = _bridges(graph, cohort)
    spots, lines = _picture(graph, communities, {bridge.party for bridge in bridges})
    return Survey(len(graph), graph.number_of_edges(), communities, bridges, spots, lines, names)


def _graph(ecosystem: Ecosystem, program: Program, forbidden: Set[Pair]) -> nx.Graph:
    """Return who is tied to whom in good faith."""
    graph = nx.Graph()
    verdicts = [program.rule_for(type_).verdict for type_ in ecosystem.types]
    is_allowed = np.array([one is not Verdict.FORBID for one in verdicts], dtype=bool)
    for one, other in ecosystem.ends[ecosystem.belongs | is_allowed[ecosystem.type_of]].tolist():
        graph.add_edge(ecosystem.parties[one], ecosystem.parties[other])
    graph.remove_edges_from([edge for edge in graph.edges if _pair(*edge) in forbidden])
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    return graph


def _leave_out_idle_organisations(graph: nx.Graph, names: Mapping[Party, str]) -> None:
    """Take out the organisations that tie nobody, or only those whom another ties: a university and its mail domain."""
    for one in sorted(names, key=lambda party: (graph.degree[party], "." not in names[party], party.id)):
        tied = set(graph[one])
        others = {at for party in tied for at in graph[party] if at.side is None and at != one}
        if len(tied) < 2 or any(tied <= set(graph[other]) for other in others):
            graph.remove_node(one)
    graph.remove_nodes_from(list(nx.isolates(graph)))


def _written(ecosystem: Ecosystem, graph: nx.Graph) -> Mapping[Party, str]:
    """Return how the organisations of the graph are written where they are first named."""
    names: dict[Party, str] = {}
    for relation, ends in zip(ecosystem.relations, ecosystem.ends.tolist(), strict=True):
        for end, position in zip((relation.source, relation.target), ends, strict=True):
            party = ecosystem.parties[position]
            if party.side is None and party in graph:
                names.setdefault(party, end.id)
    return names


def _pair(one: Party, other: Party) -> Pair:
    return (one.id, other.id) if one.side is Side.STARTUP else (other.id, one.id)


def _communities(graph: nx.Graph, seed: int) -> tuple[tuple[Party, ...], ...]:
    # By number: sets of parties have another order in every process.
    order, numbered = list(graph), nx.convert_node_labels_to_integers(graph)
    found = nx.community.louvain_communities(numbered, seed=seed) if order else []
    large = [sorted((order[at] for at in one), key=_by_ties(graph)) for one in found if len(one) >= _SMALLEST]
    return tuple(tuple(one) for one in sorted(large, key=lambda one: (-len(one), one[0].id)))


def _by_ties(graph: nx.Graph) -> Callable[[Party], tuple[int, str]]:
    return lambda party: (-graph.degree[party], party.id)


def _bridges(graph: nx.Graph, cohort: Cohort) -> tuple[Bridge, ...]:
    """Return who lies on the most shortest ways between a professor and an investor (Brandes 2008), most first."""
    professors, investors = (
        [party for one in cohort.experts_of(kind) if (party := Party(Side.EXPERT, one.id)) in graph] for kind in Kind
    )
    sources = professors[:: math.ceil(len(professors) / _SOURCES)] if professors else []
    ways = _count(graph, sources, set(investors))
    if not ways:
        return ()
    # networkx halves the sum, as it would count every way of an undirected graph from both of its ends.
    between = nx.betweenness_centrality_subset(graph, sources, investors)
    shares = {party: 2 * found / ways for party, found in between.items() if found > 0}
    most = sorted(shares, key=lambda party: (-shares[party], party.id))[:_BRIDGES]
    return tuple(Bridge(party, shares[party]) for party in most)


def _count(graph: nx.Graph, sources: Iterable[Party], targets: Set[Party]) -> int:
    """Return how many of the sources and targets are connected at all."""
    asked = set(sources)
    return sum(len(targets & part) * len(asked & part) for part in nx.connected_components(graph))


def _picture(
    graph: nx.Graph, communities: tuple[tuple[Party, ...], ...], bridges: Set[Party]
) -> tuple[tuple[Spot, ...], tuple[tuple[int, int], ...]]:
    """Return where the parties are drawn: the bridges, then those of the largest communities with most ties."""
    number = {party: at for at, members in enumerate(communities) for party in members}
    by_ties = _by_ties(graph)
    first = sorted(graph, key=lambda one: (one not in bridges, number.get(one, len(number)), by_ties(one)))
    near = graph.subgraph(first[:_DRAWN])
    drawn = in_order(graph, [party for party in first[:_DRAWN] if near.degree[party]])
    places = lay_out(drawn)
    spots = [Spot(party, x, y, number.get(party), party in bridges) for party, (x, y) in places.items()]
    at = {party: position for position, party in enumerate(places)}
    return tuple(spots), tuple((at[one], at[other]) for one, other in drawn.edges)
