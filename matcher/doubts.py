"""What a pair is ruled out for under another name: of two who are one, or may be. A doubt warns and forbids nothing."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence, Set
from itertools import permutations

from matcher.derived import COAUTHOR
from matcher.identity import Suspicion, experts_in_one, heard_authors, suspicions
from matcher.profiles import Cohort, Party, Relation, Side
from matcher.program import SAME_ORGANISATION, Program, Verdict
from matcher.tie import SUSPECTED, Pair, Tie, unwanted


def doubts(
    ties: Mapping[Pair, Iterable[Tie]], cohort: Cohort, program: Program, today: dt.date
) -> Iterator[tuple[Pair, Tie]]:
    """Yield the ties of who is another one, and of who may be."""
    suspected, one = suspicions(cohort), experts_in_one(cohort)
    concerned = {party for both in suspected for party in (both.one, both.other)}
    concerned |= {end for relation in one for end in (relation.source, relation.target)}
    ruled_out = _ruled_out(ties, cohort, program, concerned)
    applied = {startup.id: startup.date or today for startup in cohort.startups}
    for pair, tie in list(_of_one(one, ruled_out, program, applied)):
        for party in (Party(side, id_) for side, id_ in zip(Side, pair, strict=True)):
            if tie.verdict is Verdict.FORBID and party in concerned:
                ruled_out[party].append((pair, tie.reason))
        yield pair, tie
    yield from _suspected(suspected, ruled_out)


def doubtful_authors(cohort: Cohort, program: Program, today: dt.date) -> Iterator[tuple[Pair, Tie]]:
    """Yield a warning for each expert who may be an author of a startup's document that a coauthor's rule is about."""
    rule = program.rule_for(COAUTHOR)
    applied = {one.id: one.date or today for one in cohort.startups}
    for one in heard_authors(cohort) if rule.verdict is not Verdict.ALLOW else ():
        if rule.counts(one.document.date, None, applied[one.startup]):
            yield (one.startup, one.expert), Tie(Verdict.WARN, SUSPECTED, one.told)


def _ruled_out(
    ties: Mapping[Pair, Iterable[Tie]], cohort: Cohort, program: Program, concerned: Set[Party]
) -> defaultdict[Party, list[tuple[Pair, str]]]:
    """Return of each of these parties which pairs a conflict, a ban or a wish rules out, and why."""
    startups = [one for one in cohort.startups if Party(Side.STARTUP, one.id) in concerned]
    experts = [one for one in cohort.experts if Party(Side.EXPERT, one.id) in concerned]
    wishes = dict.fromkeys((*unwanted(experts, cohort.startups), *unwanted(cohort.experts, startups)))
    reasons = [(pair, tie.reason) for pair, tied in ties.items() for tie in tied if tie.verdict is Verdict.FORBID]
    reasons += [(pair, "a ban of the program") for pair in program.bans]
    reasons += [((startup, expert), f"{expert} does not want {startup}") for startup, expert in wishes]
    found: defaultdict[Party, list[tuple[Pair, str]]] = defaultdict(list)
    for pair, reason in reasons:
        for party in (Party(side, id_) for side, id_ in zip(Side, pair, strict=True)):
            if party in concerned:
                found[party].append((pair, reason))
    return found


def _of_one(
    one: Iterable[Relation],
    ruled_out: Mapping[Party, Sequence[tuple[Pair, str]]],
    program: Program,
    applied: Mapping[str, dt.date],
) -> Iterator[tuple[Pair, Tie]]:
    """Yield what rules out pairs of one of two experts that are one, for the other, as long as they are."""
    rule = program.rule_for(SAME_ORGANISATION)
    for relation in one if rule.verdict is not Verdict.ALLOW else ():
        for here, there in permutations((relation.source, relation.target)):
            for (startup, _), why in ruled_out.get(here, ()):
                if rule.counts(relation.since, relation.until, applied[startup]):
                    reason = f"{there.id} and {here.id} are one, for whom: {why}"
                    yield (startup, there.id), Tie(rule.verdict, SAME_ORGANISATION, reason)


def _suspected(
    suspicions: Sequence[Suspicion], ruled_out: Mapping[Party, Sequence[tuple[Pair, str]]]
) -> Iterator[tuple[Pair, Tie]]:
    """Yield a warning for each pair of somebody who may be another one that the pair is ruled out for, or its own."""
    across = [one for one in suspicions if one.one.side is not one.other.side]
    for one in across:  # the startup stands first
        reason = f"{one.one.id} may be {one.other.id} ({one.reason})"
        yield (one.one.id, one.other.id), Tie(Verdict.WARN, SUSPECTED, reason)
    within = [one for one in suspicions if one.one.side is one.other.side]
    for here, there, told in _who_may_be_whom(within, ruled_out):
        for (startup, expert), why in ruled_out[here]:
            pair = (there.id, expert) if there.side is Side.STARTUP else (startup, there.id)
            yield pair, Tie(Verdict.WARN, SUSPECTED, f"{told}, for whom: {why}")


def _who_may_be_whom(suspicions: Iterable[Suspicion], asked: Container[Party]) -> Iterator[tuple[Party, Party, str]]:
    """Yield of those asked for who may be one of them, and how that is told: over others too, by the fewest."""
    alike: defaultdict[Party, dict[Party, Suspicion]] = defaultdict(dict)
    for one in suspicions:
        alike[one.one][one.other] = alike[one.other][one.one] = one
    for here in alike:
        told = {here: ""}
        ends = [here] if here in asked else []
        for end in ends:  # grows while it is walked: breadth first
            for there, suspicion in alike[end].items():
                if there not in told:
                    over = f", who{told[end]}" if told[end] else ""
                    told[there] = f" may be {end.id} ({suspicion.reason}){over}"
                    if not suspicion.is_by_sound:
                        ends.append(there)
                    yield here, there, f"{there.id}{told[there]}"
