"""Who is tied to whom, one relation after the other on a networkx graph of the day: slow, and easy to believe."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import networkx as nx

from matcher.derived import coauthors, holdings, memberships
from matcher.profiles import Cohort, Party, Relation, Side
from matcher.program import SAME_EMPLOYER, Program, RelationRule, Verdict, relation_type
from matcher.terms import organisation

Tied = tuple[str, str, Verdict, str]  # startup, expert, verdict, type


def plain_ties(cohort: Cohort, program: Program, today: dt.date) -> set[Tied]:
    """Return who is tied by relations: all but one organisation on both sides, and who may be one."""
    relations = [*cohort.relations, *coauthors(cohort), *memberships(cohort), *holdings(cohort)]
    found: set[Tied] = set()
    for startup in cohort.startups:
        day = startup.date or today
        standing = [one for one in relations if in_force(program.rule_for(relation_type(one.type)), one, day)]
        found |= {one for one in _of_startup(cohort, startup.id, standing, program) if one[2] is not Verdict.ALLOW}
    return found


def in_force(rule: RelationRule, relation: Relation, on: dt.date) -> bool:
    last = relation.until if rule.years is None else relation.until or relation.since
    return last is None or (last.year + (rule.years or 0), last.month, last.day) >= (on.year, on.month, on.day)


def _of_startup(cohort: Cohort, startup: str, relations: list[Relation], program: Program) -> Iterator[Tied]:
    graph = nx.Graph([(_node(one.source), _node(one.target)) for one in relations])
    graph.add_nodes_from([Party(Side.STARTUP, startup), *(Party(Side.EXPERT, one.id) for one in cohort.experts)])
    members = _members(graph, relations)
    for one in relations:
        type_ = relation_type(one.type)
        rule = program.rule_for(type_)
        if type_ == SAME_EMPLOYER and None in (one.source.side, one.target.side):
            continue
        for left, right in ((one.source, one.target), (one.target, one.source)):
            before = _steps(graph, members[_node(left)], rule.steps).get(Party(Side.STARTUP, startup), rule.steps)
            after = _steps(graph, members[_node(right)], rule.steps)
            near = {expert for expert, steps in after.items() if before + 1 + steps <= rule.steps}
            yield from ((startup, expert.id, rule.verdict, type_) for expert in near if expert.side is Side.EXPERT)
    rule = program.rule_for(SAME_EMPLOYER)
    for colleagues in [all_ for employer, all_ in members.items() if employer.side is None]:
        if Party(Side.STARTUP, startup) in colleagues:
            experts = [one.id for one in colleagues if one.side is Side.EXPERT]
            yield from ((startup, expert, rule.verdict, SAME_EMPLOYER) for expert in experts)


def _members(graph: nx.Graph, relations: list[Relation]) -> dict[Party, set[Party]]:
    """Return whom each party stands for: itself, and an organisation for those who belong to it."""
    members = {node: {node} for node in graph}
    for one in relations:
        if relation_type(one.type) == SAME_EMPLOYER:
            for member, employer in ((one.source, one.target), (one.target, one.source)):
                if employer.side is None:
                    members[_node(employer)].add(_node(member))
    return members


def _steps(graph: nx.Graph, begin: set[Party], most: int) -> dict[Party, int]:
    return dict(nx.multi_source_dijkstra_path_length(graph, begin, cutoff=most))


def _node(party: Party) -> Party:
    return Party(None, organisation(party.id)) if party.side is None else party
