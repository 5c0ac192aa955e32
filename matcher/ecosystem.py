"""The graph of who is tied to whom, and the conflicts that follow from it.

Nodes are parties: startups, experts and organisations. A relation with an organisation holds for everybody
who belongs to it: experts by affiliation, startups by name, both by e-mail domain, and those whom a relation says it
employs. Whoever may be a party with a conflict under another name is shown with a warning.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import networkx as nx
import numpy as np

from matcher.ecosystem_graph import Ecosystem, build_ecosystem
from matcher.identity import Suspicion, suspicions
from matcher.profiles import Cohort, Party, Relation, Side
from matcher.program import SAME_EMPLOYER, Program, Verdict

Pair = tuple[str, str]  # startup id, expert id


@dataclass(frozen=True)
class Tie:
    """Why a pair is forbidden or deserves a look."""

    verdict: Verdict
    type: str
    reason: str


def ties(cohort: Cohort, program: Program, today: dt.date) -> Mapping[Pair, tuple[Tie, ...]]:
    """Return every tie that forbids a pair or warns of it, by (startup id, expert id).

    A relation is judged on the day the startup applied, or `today` where that is unknown.
    """
    return conflicts(build_ecosystem(cohort), cohort, program, today)


def conflicts(ecosystem: Ecosystem, cohort: Cohort, program: Program, today: dt.date) -> Mapping[Pair, tuple[Tie, ...]]:
    """Return the `ties` of a cohort whose graph is there already."""
    days = {startup.id: startup.date or today for startup in cohort.startups}
    found: defaultdict[Pair, dict[Tie, None]] = defaultdict(dict)
    for pair, tie in [
        *_same_ids(cohort),
        *_related(ecosystem, program, days),
        *_same_employers(ecosystem, program, days),
    ]:
        if tie.verdict is not Verdict.ALLOW:
            found[pair][tie] = None
    certain = {pair: tuple(tied) for pair, tied in found.items()}
    for pair, tie in _suspected(certain, suspicions(cohort)):
        found[pair][tie] = None
    return {pair: tuple(tied) for pair, tied in found.items()}


def _suspected(ties: Mapping[Pair, tuple[Tie, ...]], suspicions: Iterable[Suspicion]) -> Iterator[tuple[Pair, Tie]]:
    """Yield a warning for each pair of somebody who may be a party to a conflict under another name."""
    by_party: defaultdict[Party, list[tuple[Pair, Tie]]] = defaultdict(list)
    for pair, tied in ties.items():
        for side, id_ in zip(Side, pair, strict=True):
            by_party[Party(side, id_)] += [(pair, tie) for tie in tied if tie.verdict is Verdict.FORBID]
    for suspicion in suspicions:
        for here, there in ((suspicion.one, suspicion.other), (suspicion.other, suspicion.one)):
            for (startup, expert), tie in by_party[here]:
                pair = (there.id, expert) if there.side is Side.STARTUP else (startup, there.id)
                reason = f"{there.id} may be {here.id} ({suspicion.reason}), for whom: {tie.reason}"
                yield pair, Tie(Verdict.WARN, "suspected", reason)


def _same_ids(cohort: Cohort) -> Iterator[tuple[Pair, Tie]]:
    for same in {startup.id for startup in cohort.startups} & {expert.id for expert in cohort.experts}:
        reason = f"{same} is one organisation on both sides"
        yield (same, same), Tie(Verdict.FORBID, "same_organisation", reason)


def _related(ecosystem: Ecosystem, program: Program, days: Mapping[str, dt.date]) -> Iterator[tuple[Pair, Tie]]:
    """Yield the pairs that a chain of at most `steps` relations ties, one of them of the rule's type."""
    rules = {type_: program.rule_for(type_) for type_ in set(ecosystem.types)}
    longest = {type_: 0 if rule.verdict is Verdict.ALLOW else rule.steps for type_, rule in rules.items()}
    steps = np.array([longest[type_] for type_ in ecosystem.types], dtype=np.intp)
    steps[ecosystem.belongs] = 0
    tying = ecosystem.tying(steps)
    beyond = int(steps[tying].max(initial=1)) - 1
    near = _Neighbourhood(ecosystem.around(tying, np.empty(0, dtype=np.intp), beyond), program)
    for at in tying.tolist():
        one, other = (ecosystem.parties[end] for end in ecosystem.ends[at].tolist())
        for left, right in ((one, other), (other, one)):
            yield from _pairs_through(near, left, right, ecosystem.relations[at], ecosystem.types[at], days)


class _Neighbourhood:
    """Who is near whom on a day, by the relations that are in force then, each by the rule of its type.

    What was found is kept: many relations meet in one party, and many startups apply on one day.
    """

    def __init__(self, graph: nx.MultiGraph, program: Program) -> None:
        self.graph, self.program = graph, program
        self.reach = cache(self._reach)
        self.members = cache(self._members)
        self._standing = cache(self._on)

    def _on(self, day: dt.date | None) -> nx.MultiGraph:
        """Return the graph of what is in force on this day; None: of all that ever was."""
        if day is None:
            return self.graph

        def is_in_force(one: Party, other: Party, key: int) -> bool:
            edge = self.graph[one][other][key]
            return self.program.rule_for(edge["type"]).in_force(edge["relation"], day)

        return nx.subgraph_view(self.graph, filter_edge=is_in_force)

    def _reach(self, start: Party, side: Side, steps: int, day: dt.date | None) -> dict[str, int]:
        """Return the parties of one side within `steps` of `start`; an organisation stands for its members."""
        begin = {start, *self.members(start, day)} if start.side is None else {start}
        layers = nx.bfs_layers(self._standing(day), begin) if steps else [begin]
        return {
            party.id: step
            for step, layer in zip(range(steps + 1), layers, strict=False)
            for party in layer
            if party.side is side
        }

    def _members(self, organisation_: Party, day: dt.date | None) -> dict[Party, str]:
        """Return who belongs to the organisation, and how the relation that says so calls it."""
        return {
            party: next(end.id for end in (edge["relation"].target, edge["relation"].source) if end.side is None)
            for party, edges in self._standing(day)[organisation_].items()
            for edge in edges.values()
            if edge["type"] == SAME_EMPLOYER
        }


def _pairs_through(
    near: _Neighbourhood, left: Party, right: Party, relation: Relation, type_: str, days: Mapping[str, dt.date]
) -> Iterator[tuple[Pair, Tie]]:
    """Yield the pairs whose startup lies on the left of the relation and whose expert on its right."""
    rule = near.program.rule_for(type_)
    for startup in near.reach(left, Side.STARTUP, rule.steps - 1, None):
        day = days[startup]
        if not rule.in_force(relation, day):
            continue
        before = near.reach(left, Side.STARTUP, rule.steps - 1, day).get(startup, rule.steps)
        for expert, after in near.reach(right, Side.EXPERT, rule.steps - 1, day).items():
            if before + 1 + after <= rule.steps:
                yield (startup, expert), Tie(rule.verdict, type_, _sentence(relation, type_, startup, expert))


def _same_employers(ecosystem: Ecosystem, program: Program, days: Mapping[str, dt.date]) -> Iterator[tuple[Pair, Tie]]:
    """Yield the pairs of which both belong to one organisation."""
    rule, employers = program.rule_for(SAME_EMPLOYER), ecosystem.employers_of_both()
    near = _Neighbourhood(ecosystem.around(np.empty(0, dtype=np.intp), employers, 0), program)
    for employer in (ecosystem.parties[at] for at in employers.tolist()):
        sides = defaultdict(list)
        for party in near.members(employer, None):
            sides[party.side].append(party)
        for startup in sides[Side.STARTUP]:
            now = near.members(employer, days[startup.id])
            for expert in sides[Side.EXPERT]:
                if startup in now and expert in now:
                    reason = f"{startup.id} and {expert.id} both belong to {now[expert]}"
                    yield (startup.id, expert.id), Tie(rule.verdict, SAME_EMPLOYER, reason)


def _sentence(relation: Relation, type_: str, startup: str, expert: str) -> str:
    dates = [f"since {relation.since}"] if relation.since else []
    dates += [f"until {relation.until}"] if relation.until else []
    ends = {relation.source.id, relation.target.id}
    told = f"{type_.replace('_', ' ')} ({relation.source.id} – {relation.target.id}"
    if "document" in relation.extra:
        told += f" of “{relation.extra['document']}”"
    through = "" if ends == {startup, expert} else f", which ties {startup} to {expert}"
    return f"{told}{', ' if dates else ''}{', '.join(dates)}{through})"
