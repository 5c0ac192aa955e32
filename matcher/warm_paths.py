"""Warm paths: who could introduce a startup to an expert, by relations of trust.

A path runs over experts and organisations only: another startup's acquaintances are its own, also where an organisation
is called by its name. It never runs over an expert with whom the startup must not be paired, over a relation that the
program forbids, or over one of a later day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx

from matcher.derived import CO_INVESTED, co_investments, memberships
from matcher.ecosystem import Pair, Tie
from matcher.eligibility import named_by
from matcher.profiles import Cohort, Party, Relation, Side
from matcher.program import SAME_EMPLOYER, Program, Verdict, relation_type

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
    cohort: Cohort, program: Program, ties: Mapping[Pair, tuple[Tie, ...]], today: dt.date
) -> Mapping[Pair, WarmPath]:
    """Return the shortest warm path of every startup and expert that have one of at most `LONGEST` steps.

    A relation counts from its first day on, for good: who was mentored once is known. The day is that on which the
    startup applied, or `today` where that is unknown.
    """
    named = [relation for relation in cohort.relations if _is_trust(relation_type(relation.type), program)]
    known = {party for relation in named for party in (relation.source, relation.target) if party.side is Side.STARTUP}
    if not known:
        return {}
    derived = [one for one in memberships(cohort) if one.source.side is Side.EXPERT]
    graph = _graph_of(cohort, [*named, *derived, *co_investments(cohort)])
    forbidden = _forbidden(cohort, program, ties)
    own = [Party(None, cohort.organisation_of(name)) for one in cohort.startups for name in one.names]
    graph.remove_nodes_from(own)
    names = {Party(Side.STARTUP, one.id): one.name for one in cohort.startups if "name" not in one.confidential}
    names |= {Party(Side.EXPERT, one.id): one.name for one in cohort.experts}
    paths = {}
    for startup in cohort.startups:
        begin = Party(Side.STARTUP, startup.id)
        if begin in known:
            seen = _seen_by(graph, begin, forbidden.get(startup.id, set()), startup.date or today)
            for path in nx.single_source_shortest_path(seen, begin, cutoff=LONGEST).values():
                if path[-1].side is Side.EXPERT:
                    paths[startup.id, path[-1].id] = WarmPath(len(path) - 1, _sentence(seen, path, names))
    return paths


def _is_trust(type_: str, program: Program) -> bool:
    return type_ in _SAID and type_ != SAME_EMPLOYER and program.rule_for(type_).verdict is not Verdict.FORBID


def _graph_of(cohort: Cohort, relations: Iterable[Relation]) -> nx.MultiGraph:
    graph = nx.MultiGraph()
    for relation in relations:
        ends = [_node(cohort, party) for party in (relation.source, relation.target)]
        graph.add_edge(*ends, relation=relation, type=relation_type(relation.type))
    return graph


def _node(cohort: Cohort, party: Party) -> Party:
    return party if party.side is not None else Party(None, cohort.organisation_of(party.id))


def _forbidden(cohort: Cohort, program: Program, ties: Mapping[Pair, tuple[Tie, ...]]) -> Mapping[str, set[str]]:
    """Return the experts with whom each startup must not be paired, whatever their mandates say."""
    forbidden: dict[str, set[str]] = {startup.id: set() for startup in cohort.startups}
    conflicts = [pair for pair, tied in ties.items() if any(tie.verdict is Verdict.FORBID for tie in tied)]
    for startup, expert in (*conflicts, *program.bans):
        forbidden[startup].add(expert)
    for one in cohort.experts:
        for row in named_by(one.avoids, cohort.startups):
            forbidden[cohort.startups[row].id].add(one.id)
    return forbidden


def _seen_by(graph: nx.MultiGraph, startup: Party, forbidden: Set[str], day: dt.date) -> nx.MultiGraph:
    """Return the part of the graph that a path of this startup may run over on this day."""

    def may_pass(party: Party) -> bool:
        if party.side is Side.EXPERT:
            return party.id not in forbidden
        return party.side is None or party == startup

    def has_begun(one: Party, other: Party, key: int) -> bool:
        since = graph[one][other][key]["relation"].since
        return since is None or since <= day

    return nx.subgraph_view(graph, filter_node=may_pass, filter_edge=has_begun)


def _sentence(graph: nx.MultiGraph, path: list[Party], names: Mapping[Party, str]) -> str:
    return "; ".join(_steps(graph, path, lambda party: names.get(party) or party.id))


def _steps(graph: nx.MultiGraph, path: list[Party], name: Callable[[Party], str]) -> Iterator[str]:
    for one, other in pairwise(path):
        edges = sorted(graph[one][other].values(), key=lambda edge: _CLOSENESS[edge["type"]])
        relation: Relation = edges[0]["relation"]
        in_what = f" in {relation.extra['company']}" if "company" in relation.extra else ""
        yield _SAID[edges[0]["type"]].format(name(relation.source), name(relation.target), in_what)
