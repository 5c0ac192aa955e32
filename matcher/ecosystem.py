"""The graph of who is tied to whom, and the conflicts that follow from it.

Nodes are parties: startups, experts and organisations. A relation with an organisation holds for everybody
who belongs to it: experts by affiliation, startups by name, both by e-mail domain, and those whom a relation says it
employs. Whoever may be a party with a conflict under another name is shown with a warning.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

import numpy as np

from matcher.chains import Chained, Chains
from matcher.derived import INVESTED_IN
from matcher.doubts import doubtful_authors, doubts
from matcher.ecosystem_graph import Days, Ecosystem, Positions, build_ecosystem, numbered
from matcher.profiles import Cohort, Relation, Side
from matcher.program import COMPETITOR, NOT_COMPETITOR, SAME_EMPLOYER, SAME_ORGANISATION, Program, Verdict
from matcher.tie import Pair, Tie


def ties(cohort: Cohort, program: Program, today: dt.date) -> Mapping[Pair, tuple[Tie, ...]]:
    """Return every tie that forbids a pair or warns of it, by (startup id, expert id).

    A relation is judged on the day the startup applied, or `today` where that is unknown.
    """
    return conflicts(build_ecosystem(cohort, program), cohort, program, today)


def conflicts(ecosystem: Ecosystem, cohort: Cohort, program: Program, today: dt.date) -> Mapping[Pair, tuple[Tie, ...]]:
    """Return the `ties` of a cohort whose graph is there already."""
    chains = Chains(ecosystem, ecosystem.last_days(program), _days(ecosystem, cohort, today))
    found: defaultdict[Pair, dict[Tie, None]] = defaultdict(dict)
    for pair, tie in [
        *_same_ids(cohort),
        *_related(ecosystem, program, chains),
        *_same_employers(ecosystem, program, chains),
    ]:
        if tie.verdict is not Verdict.ALLOW:
            found[pair][tie] = None
    for pair, tie in list(_held_competitors(found, ecosystem, program, chains)):
        found[pair][tie] = None
    for pair, tie in [*doubtful_authors(cohort, program, today), *doubts(found, cohort, program, today)]:
        found[pair][tie] = None
    return {pair: tuple(tied) for pair, tied in found.items()}


def _held_competitors(
    ties: Mapping[Pair, Iterable[Tie]], ecosystem: Ecosystem, program: Program, chains: Chains
) -> Iterator[tuple[Pair, Tie]]:
    """Yield a warning for who holds a competitor of a startup, where no chain ties the two already.

    Whoever says that two compete says more than a suspicion does, and may leave `steps` at 1.
    """
    rivalries = ecosystem.of_type(COMPETITOR) if program.rule_for(COMPETITOR).verdict is not Verdict.ALLOW else []
    if not rivalries:
        return
    called, parties = ecosystem.called, ecosystem.parties
    ends = np.unique(ecosystem.ends[rivalries])
    held_by = _holders(ecosystem, np.array([*ends, *(name for end in ends.tolist() for name in called.get(end, ()))]))
    looked_at = {tuple(ecosystem.ends[at].tolist()) for at in ecosystem.of_type(NOT_COMPETITOR)}
    for rivalry in rivalries:
        relation, (one, other) = ecosystem.relations[rivalry], ecosystem.ends[rivalry].tolist()
        for here, there, rival in ((one, other, relation.target), (other, one, relation.source)):
            startups = [at for at in (here, *called.get(here, ())) if parties[at].side is Side.STARTUP]
            holders = [found for company in (there, *called.get(there, ())) for found in held_by.get(company, ())]
            for startup, (expert, deal) in product(startups, holders):
                pair = parties[startup].id, parties[expert].id
                is_over = min(chains.last[rivalry], chains.last[deal]) < chains.days[startup]
                is_settled = {(startup, expert), (expert, startup)} & looked_at
                if is_over or is_settled or any(tie.type == COMPETITOR for tie in ties.get(pair, ())):
                    continue
                reason = f"{pair[1]} invested in {rival.id}, a competitor of {pair[0]}"
                yield pair, Tie(Verdict.WARN, COMPETITOR, reason)


def _holders(ecosystem: Ecosystem, companies: Positions) -> Mapping[int, Sequence[tuple[int, int]]]:
    """Return by each of these parties the experts that invested in it, and by which relation; all are positions.

    What is told of an investment, its end too, stands before what documents say of it.
    """
    found: defaultdict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    deals = np.array(ecosystem.of_type(INVESTED_IN), dtype=np.intp)
    for at in deals[np.isin(ecosystem.ends[deals], companies).any(axis=1)].tolist():
        one, other = ecosystem.ends[at].tolist()
        for expert, held in ((one, other), (other, one)):
            if ecosystem.parties[expert].side is Side.EXPERT:
                found[held][expert].append(at)
    return {
        held: [
            (expert, at)
            for expert, all_ in experts.items()
            for at in [one for one in all_ if one < ecosystem.told] or all_
        ]
        for held, experts in found.items()
    }


def _days(ecosystem: Ecosystem, cohort: Cohort, today: dt.date) -> Days:
    """Return (n,) the day on which each party that is a startup applied; 0 for all others."""
    applied = {startup.id: startup.date or today for startup in cohort.startups}
    return numbered(applied[party.id] if party.side is Side.STARTUP else None for party in ecosystem.parties)


def _same_ids(cohort: Cohort) -> Iterator[tuple[Pair, Tie]]:
    for same in {startup.id for startup in cohort.startups} & {expert.id for expert in cohort.experts}:
        reason = f"{same} is one organisation on both sides"
        yield (same, same), Tie(Verdict.FORBID, SAME_ORGANISATION, reason)


def _related(ecosystem: Ecosystem, program: Program, chains: Chains) -> Iterator[tuple[Pair, Tie]]:
    """Yield the pairs that a chain of at most `steps` relations ties, one of them of the rule's type."""
    rules = [program.rule_for(type_) for type_ in ecosystem.types]
    longest = np.array([0 if rule.verdict is Verdict.ALLOW else rule.steps for rule in rules], dtype=np.intp)
    tied = chains.through(np.where(ecosystem.belongs, 0, longest[ecosystem.type_of]))
    for at, (startup, expert) in _ids_of(ecosystem, tied):
        type_ = ecosystem.type_of[at]
        reason = _sentence(ecosystem.relations[at], ecosystem.types[type_], startup, expert)
        yield (startup, expert), Tie(rules[type_].verdict, ecosystem.types[type_], reason)


def _same_employers(ecosystem: Ecosystem, program: Program, chains: Chains) -> Iterator[tuple[Pair, Tie]]:
    """Yield the pairs of which both belong to one organisation, called as the relation of the expert calls it."""
    rule = program.rule_for(SAME_EMPLOYER)
    for at, (startup, expert) in _ids_of(ecosystem, chains.together()):
        relation = ecosystem.relations[at]
        employer = next(end.id for end in (relation.target, relation.source) if end.side is None)
        reason = f"{startup} and {expert} both belong to {employer}"
        yield (startup, expert), Tie(rule.verdict, SAME_EMPLOYER, reason)


def _ids_of(ecosystem: Ecosystem, tied: Chained) -> Iterator[tuple[int, Pair]]:
    """Yield each relation's position with the ids of the two that it ties."""
    startups, experts = ([ecosystem.parties[at].id for at in side.tolist()] for side in (tied.startups, tied.experts))
    yield from zip(tied.relations.tolist(), zip(startups, experts, strict=True), strict=True)


def _sentence(relation: Relation, type_: str, startup: str, expert: str) -> str:
    dates = [f"since {relation.since}"] if relation.since else []
    dates += [f"until {relation.until}"] if relation.until else []
    ends = {relation.source.id, relation.target.id}
    told = f"{type_.replace('_', ' ')} ({relation.source.id} – {relation.target.id}"
    if "document" in relation.extra:
        told += f" of “{relation.extra['document']}”"
    through = "" if ends == {startup, expert} else f", which ties {startup} to {expert}"
    return f"{told}{', ' if dates else ''}{', '.join(dates)}{through})"
