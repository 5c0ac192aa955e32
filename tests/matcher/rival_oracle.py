"""Who may compete, read couple by couple: the plain and slow way of `matcher.competitors`."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from matcher.corpus import build_corpus
from matcher.derived import holdings
from matcher.encoding import Role
from matcher.engine import Engine
from matcher.passages import Passage, document_passages, summary_passages
from matcher.profiles import Cohort, Party, Side
from matcher.program import Verdict
from matcher.similarity import build_comparer
from matcher.terms import Vocabulary, canonical_set, organisation
from matcher.tie import Pair, Tie

Text = tuple[Party, str, frozenset[str], list[Passage]]
Told = tuple[Party, Party, float]


def read_couples(cohort: Cohort, engine: Engine) -> tuple[list[Told], list[tuple[Pair, Tie]]]:
    """Return who may compete with whom and how nearly they say the same, and the warnings of holders, in order."""
    startups, decided, holders = startup_texts(cohort), decided_couples(cohort), holders_of(cohort)
    companies = startups + held_texts(cohort)
    couples: list[Told] = []
    held: defaultdict[Pair, list[tuple[str, str, list[str], float]]] = defaultdict(list)
    for at, one in enumerate(startups):
        for other in companies[at + 1 :]:
            sectors = sorted(one[2] & other[2])
            if not sectors or {one[0], other[0]} in decided or (worth := worth_of(one[3], other[3], engine)) < 0.6:
                continue
            couples.append((one[0], other[0], worth))
            for (startup, name, *_), (company_, held_name, *_) in ((one, other), (other, one)):
                for holder in holders[company_] if startup.side is Side.STARTUP else ():
                    if {startup, Party(Side.EXPERT, holder)} not in decided:
                        held[startup.id, holder].append((name, held_name, sectors, worth))
    ties = [(pair, Tie(Verdict.WARN, "suspected", reason_of(pair[1], found))) for pair, found in held.items()]
    return couples, ties


def reason_of(holder: str, found: list[tuple[str, str, list[str], float]]) -> str:
    (name, held_name, sectors, worth), *more = found
    if not more:
        why = f"both in {', '.join(sectors)}, and their texts say nearly the same: {worth:.2f}"
        return f"{holder} invested in {held_name}, which may compete with {name} ({why})"
    told = [f"{held_name} ({', '.join(sectors)}, {worth:.2f})" for _, held_name, sectors, worth in found]
    ranks = sorted(range(len(found)), key=lambda at: (-found[at][3], at))
    return (
        f"{holder} invested in {len(found)} companies which may compete with {name} (sectors that both are in, and how "
        f"nearly their texts say the same): {', '.join(told[at] for at in ranks)}"
    )


def startup_texts(cohort: Cohort) -> list[Text]:
    texts = [
        (Party(Side.STARTUP, one.id), one.name, canonical_set(Vocabulary.SECTOR, one.sectors), summary_passages(0, one))
        for one in cohort.startups
    ]
    return [text for text in texts if text[2] and text[3]]


def held_texts(cohort: Cohort) -> list[Text]:
    names = {organisation(one.name) for one in cohort.startups}
    found: dict[Party, Text] = {}
    for expert in cohort.experts:
        for document in expert.documents:
            party = company(document.title)
            if party.id not in names and document.sectors:
                sectors = canonical_set(Vocabulary.SECTOR, document.sectors)
                passages = document_passages(0, (replace(document, date=None),))
                found.setdefault(party, (party, document.title, sectors, passages))
    return list(found.values())


def company(title: str) -> Party:
    return Party(None, organisation(title))


def keyed(party: Party) -> Party:
    return company(party.id) if party.side is None else party


def decided_couples(cohort: Cohort) -> list[set[Party]]:
    return [{keyed(one.source), keyed(one.target)} for one in cohort.relations if one.type.endswith("competitor")]


def holders_of(cohort: Cohort) -> defaultdict[Party, list[str]]:
    found: defaultdict[Party, list[str]] = defaultdict(list)
    for one in (*(one for one in cohort.relations if one.type == "invested_in"), *holdings(cohort)):
        if one.source.id not in found[keyed(one.target)]:
            found[keyed(one.target)].append(one.source.id)
    return found


def worth_of(asking: list[Passage], answering: list[Passage], engine: Engine) -> float:
    sides = [
        build_corpus([passages], role, engine.encoder, engine.lexicon, engine.calibration)
        for passages, role in ((asking, Role.QUERY), (answering, Role.PASSAGE))
    ]
    return float(build_comparer(*sides, engine.calibration, engine.today).answered(0, [0]).mean())
