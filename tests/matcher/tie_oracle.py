"""Who is tied to whom, one relation after the other on a networkx graph of the day: slow, and easy to believe."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import product

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
        tied = {one for one in _of_startup(cohort, startup.id, standing, program) if one[2] is not Verdict.ALLOW}
        forbidden = {one[1] for one in tied if one[2:] == (Verdict.FORBID, "competitor")}
        found |= {one for one in tied if one[2:] != (Verdict.WARN, "competitor") or one[1] not in forbidden}
    return found


def in_force(rule: RelationRule, relation: Relation, on: dt.date) -> bool:
    last = relation.until if rule.years is None else relation.until or relation.since
    return last is None or (last.year + (rule.years or 0), last.month, last.day) >= (on.year, on.month, on.day)


def _of_startup(cohort: Cohort, startup: str, relations: list[Relation], program: Program) -> Iterator[Tied]:
    names = _names(cohort)
    links = [one for one in relations if relation_type(one.type) != "not_competitor" and not _is_name(one, names)]
    graph = nx.Graph([pair for one in links for pair in product(*(_called(end, names) for end in _ends(one)))])
    graph.add_nodes_from({_node(end) for one in relations for end in (one.source, one.target)})
    graph.add_nodes_from([Party(Side.STARTUP, startup), *(Party(Side.EXPERT, one.id) for one in cohort.experts)])
    members = _members(graph, relations, names)
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
    yield from _held_competitors(startup, relations, program, names, cohort)
    rule = program.rule_for(SAME_EMPLOYER)
    for colleagues in [all_ for employer, all_ in members.items() if employer.side is None]:
        if Party(Side.STARTUP, startup) in colleagues:
            experts = [one.id for one in colleagues if one.side is Side.EXPERT]
            yield from ((startup, expert, rule.verdict, SAME_EMPLOYER) for expert in experts)


def _held_competitors(
    startup: str, relations: list[Relation], program: Program, names: set[tuple[Party, Party]], cohort: Cohort
) -> Iterator[Tied]:
    """Yield a warning for every expert that holds a competitor and of whom nobody said that it is none."""
    if program.rule_for("competitor").verdict is Verdict.ALLOW:
        return
    asks = Party(Side.STARTUP, startup)
    rivals = [_ends(one) for one in relations if relation_type(one.type) == "competitor"]
    deals = [_ends(one) for one in relations if relation_type(one.type) == "invested_in"]
    settled = [{*_ends(one)} for one in cohort.relations if relation_type(one.type) == "not_competitor"]
    for here, there in (order for one in rivals for order in (one, one[::-1])):
        for expert, held in (order for one in deals for order in (one, one[::-1])):
            is_holder = expert.side is Side.EXPERT and held in _called(there, names)
            if is_holder and asks in _called(here, names) and {asks, expert} not in settled:
                yield startup, expert.id, Verdict.WARN, "competitor"


def _names(cohort: Cohort) -> set[tuple[Party, Party]]:
    """Return every startup with every organisation that it is called like."""
    return {
        (Party(Side.STARTUP, one.id), Party(None, organisation(name))) for one in cohort.startups for name in one.names
    }


def _ends(relation: Relation) -> tuple[Party, Party]:
    return _node(relation.source), _node(relation.target)


def _is_name(relation: Relation, names: set[tuple[Party, Party]]) -> bool:
    return relation_type(relation.type) == SAME_EMPLOYER and _ends(relation) in names


def _called(node: Party, names: set[tuple[Party, Party]]) -> set[Party]:
    """Return the party and what it is besides: a startup the organisation of its name, and the other way round."""
    return {node, *(one for both in names if node in both for one in both)}


def _members(graph: nx.Graph, relations: list[Relation], names: set[tuple[Party, Party]]) -> dict[Party, set[Party]]:
    """Return whom each party stands for: itself, and an organisation, or the startup that it is, for its people."""
    members = {node: {node} for node in graph}
    for one in relations:
        if relation_type(one.type) == SAME_EMPLOYER:
            for member, employer in (_ends(one), _ends(one)[::-1]):
                if employer.side is None:
                    members[employer].add(member)
                    if (member, employer) not in names:
                        for startup in _called(employer, names) - {employer}:
                            members[startup].add(member)
    return members


def _steps(graph: nx.Graph, begin: set[Party], most: int) -> dict[Party, int]:
    return dict(nx.multi_source_dijkstra_path_length(graph, begin, cutoff=most))


def _node(party: Party) -> Party:
    return Party(None, organisation(party.id)) if party.side is None else party
