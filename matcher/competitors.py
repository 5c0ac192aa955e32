"""Who may compete with whom: suggested for people to confirm, never enforced.

Two companies may compete where they share a sector and their texts say nearly the same. An investor that holds one of
them is told at its pairs with the other. Whoever looks at it writes a relation of type competitor or not_competitor.
What many companies say in the same words is compared once, for all of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import attrgetter

import numpy as np

from matcher.corpus import Corpus, build_corpus, in_role
from matcher.derived import holders
from matcher.encoding import Role
from matcher.engine import Engine
from matcher.mandates import Mask, overlap
from matcher.passages import Passage, document_passages, summary_passages
from matcher.profiles import Cohort, Document, Expert, Kind, Party, Side, Startup
from matcher.program import COMPETITOR, NOT_COMPETITOR, relation_type
from matcher.rivals import Couple, Rivals, ties_of_all
from matcher.same_text import Company, Group
from matcher.similarity import build_comparer
from matcher.terms import Vocabulary, canonical_set, organisation

# Nearer to a text's own translation (0.9) than to the one in a thousand of unrelated texts that is nearest (0.3).
NEARLY_THE_SAME = 0.6
_DECIDED = (COMPETITOR, NOT_COMPETITOR)
# Of everybody whom somebody looked at, with whom.
Decided = Mapping[Party, frozenset[Party]]


def rivals(cohort: Cohort, engine: Engine) -> tuple[Rivals, ...]:
    """Return who may compete and was not looked at yet: startups with each other, and with companies experts hold.

    Those that are most alike come first, then those that stand first in the cohort.
    """
    held = what_is_held(cohort)
    return _rivals(cohort.startups, held.companies.items(), held, engine)


def _rivals(
    asking: Iterable[Startup], companies: Iterable[tuple[Party, Document]], held: Held, engine: Engine
) -> tuple[Rivals, ...]:
    decided = held.decided
    told = [_Text.of_startup(one) for one in asking if one.sectors]
    startups = [one for one in told if one.passages]
    texts = [*startups, *(_Text.of_document(party, document) for party, document in companies)]
    said = _same_texts(texts, held.holders)
    alike = _alike(said, engine)
    groups = [_listed(one.group, decided) if (at, at) in alike else one.group for at, one in enumerate(said)]
    found = []
    for (row, column), worth in alike.items():
        back = alike.get((column, row)) if column != row else None
        if back is None or row < column:  # told once
            sectors = _common(said[row].sectors, said[column].sectors)
            found.append(_undecided(Rivals(groups[row], groups[column], sectors, worth, back), decided))
    return tuple(sorted(filter(None, found), key=attrgetter("alike"), reverse=True))


@dataclass(frozen=True)
class Held:
    """What experts hold.

    companies: those that investors tell of, each with the first document that says what it does, but for the startups
    of the cohort. holders: by startup and company who invested. of_expert: by id what each invested in. decided: whom
    somebody looked at.
    """

    companies: Mapping[Party, Document]
    holders: Mapping[Party, Sequence[str]]
    of_expert: Mapping[str, frozenset[Party]]
    decided: Decided


def what_is_held(cohort: Cohort) -> Held:
    """Return what the experts of a cohort hold."""
    held_by = holders(cohort)
    of_expert: defaultdict[str, set[Party]] = defaultdict(set)
    for party, ids in held_by.items():
        for id_ in ids:
            of_expert[id_].add(party)
    by_expert = {id_: frozenset(parties) for id_, parties in of_expert.items()}
    return Held(_companies(cohort), held_by, by_expert, _decided(cohort))


def held_rivals(
    cohort: Cohort, held: Held, startup: Startup, experts: Sequence[Expert], engine: Engine
) -> Mapping[str, str]:
    """Return by expert what is to be looked at in its pair with this startup: possible competitors that it holds.

    It is what `rivals` says of the pair, looking only at what these experts hold. held: of the whole cohort.
    """
    asked = {expert.id for expert in experts}
    theirs = frozenset[Party]().union(*(held.of_expert.get(id_, frozenset()) for id_ in asked))
    if not startup.sectors or not theirs:
        return {}
    sectors = canonical_set(Vocabulary.SECTOR, startup.sectors)

    def shares_one(of_another: Iterable[str]) -> bool:
        return not sectors.isdisjoint(canonical_set(Vocabulary.SECTOR, of_another))

    startups = [
        one
        for one in cohort.startups
        if one.id == startup.id or (Party(Side.STARTUP, one.id) in theirs and shares_one(one.sectors))
    ]
    companies = [one for one in held.companies.items() if one[0] in theirs and shares_one(one[1].sectors)]
    told = ties_of_all(_rivals(startups, companies, held, engine))
    return {expert: tie.reason for (asking, expert), tie in told if asking == startup.id and expert in asked}


def _listed(group: Group, decided: Decided) -> Group:
    """Return a group that is suspected within itself, marked where that names all of them."""
    told = _undecided(Rivals(group, group, (), 1.0), decided)
    return replace(group, is_listed=told is not None and told.is_within)


def _undecided(told: Rivals, decided: Decided) -> Rivals | None:
    """Return the suspicion as far as nobody looked at it; None where it is of no couple then."""
    if told.is_within and len(told.one.companies) == 2:  # two that say the same are a couple
        first, second = (Group((company,)) for company in told.one.companies)
        told = replace(told, one=first, other=second)
    looked = _looked_at(told.one, told.other, decided)
    if not looked:
        return told
    one, other = _facing(told.one, told.other, looked), _facing(told.other, told.one, looked)
    told = replace(told, one=one, other=other, decided=looked)
    return None if next(told.couples(), None) is None else told


def _looked_at(one: Group, other: Group, decided: Decided) -> frozenset[Couple]:
    """Return what was decided of the companies of the two groups, and of those who hold them."""
    if not decided:
        return frozenset()
    both = ((party, rival) for party in one.concerned & decided.keys() for rival in decided[party] & other.concerned)
    return frozenset(map(frozenset, both))


def _facing(group: Group, rivals: Group, looked: Set[Couple]) -> Group:
    """Return the companies with those of their holders of whom nobody decided whether they hold a rival."""

    def is_open(holder: str) -> bool:
        return any(frozenset((rival, Party(Side.EXPERT, holder))) not in looked for rival in rivals.parties)

    kept = [tuple(filter(is_open, company.holders)) for company in group.companies]
    companies = zip(group.companies, kept, strict=True)
    return replace(group, companies=tuple(replace(company, holders=holders) for company, holders in companies))


@lru_cache(1024)  # a large cohort has many pairs in few sectors
def _common(one: frozenset[str], other: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(one & other))


@dataclass(frozen=True)
class _Text:
    """What a company says of itself."""

    party: Party
    name: str
    sectors: frozenset[str]
    passages: Sequence[Passage]

    @classmethod
    def of_startup(cls, startup: Startup) -> _Text:
        sectors = canonical_set(Vocabulary.SECTOR, startup.sectors)
        return cls(Party(Side.STARTUP, startup.id), startup.name or startup.id, sectors, summary_passages(0, startup))

    @classmethod
    def of_document(cls, party: Party, document: Document) -> _Text:
        # What a company does is not worth less because it was funded long ago.
        undated = replace(document, date=None)
        sectors = canonical_set(Vocabulary.SECTOR, document.sectors)
        return cls(party, document.title, sectors, document_passages(0, (undated,)))


@dataclass(frozen=True)
class _Said:
    """What the companies of a group say, each of itself."""

    group: Group
    sectors: frozenset[str]
    passages: Sequence[Passage]


def _same_texts(texts: Sequence[_Text], held_by: Mapping[Party, Sequence[str]]) -> list[_Said]:
    """Return who says the same in the same sectors, in the order of the first of each: startups first.

    A startup is never in a group with a company that is no startup: two of those are not compared.
    """
    same: defaultdict[Hashable, list[int]] = defaultdict(list)
    for place, one in enumerate(texts):
        same[one.party.side, one.sectors, tuple(passage.text for passage in one.passages)].append(place)
    return [_said(texts, places, held_by) for places in same.values()]


def _said(texts: Sequence[_Text], places: Sequence[int], held_by: Mapping[Party, Sequence[str]]) -> _Said:
    told = ((texts[place].party, texts[place].name, place) for place in places)
    companies = tuple(Company(party, name, place, tuple(held_by.get(party, ()))) for party, name, place in told)
    return _Said(Group(companies), texts[places[0]].sectors, texts[places[0]].passages)


def _companies(cohort: Cohort) -> dict[Party, Document]:
    own = {organisation(name) for startup in cohort.startups for name in startup.names}
    found: dict[Party, Document] = {}
    for investor in cohort.experts_of(Kind.INVESTOR):
        for document in investor.documents:
            key = cohort.organisation_of(document.title)
            is_own = bool({key, organisation(document.title)} & own)
            if key and not is_own and document.text and document.sectors:
                found.setdefault(Party(None, key), document)
    return found


def _alike(said: Sequence[_Said], engine: Engine) -> dict[tuple[int, int], float]:
    """Return which groups of startups say nearly the same as which groups of their sectors that stand after them.

    A group of several is compared with itself too, and two whose companies stand in turns both ways. Each with how
    nearly, in order. Startups of the same sectors are compared at once, and with nobody else: most share no sector.
    """
    startups = sum(one.group.party.side is Side.STARTUP for one in said)
    shares = overlap([one.sectors for one in said[:startups]], [one.sectors for one in said])
    meets = shares & _stands_after(said, startups)
    if not meets.any():
        return {}
    asking, answering = _corpora(said, startups, engine)
    same_sectors: defaultdict[frozenset[str], list[int]] = defaultdict(list)
    for row, one in enumerate(said[:startups]):
        same_sectors[one.sectors].append(row)
    found: dict[tuple[int, int], float] = {}
    for rows in same_sectors.values():
        columns = np.flatnonzero(shares[rows[0]])
        sides = asking.of_profiles(np.array(rows)), answering.of_profiles(columns)
        comparer = build_comparer(*sides, engine.calibration, engine.today)
        for at, row in enumerate(rows):
            later = np.flatnonzero(meets[row, columns])
            worth = comparer.answered(at, later).mean(axis=0)
            alike = worth >= NEARLY_THE_SAME
            pairs = ((row, column) for column in columns[later[alike]].tolist())
            found |= zip(pairs, worth[alike].tolist(), strict=True)
    return dict(sorted(found.items()))


def _stands_after(said: Sequence[_Said], startups: int) -> Mask:
    """Return (startups, len(said)): whether any of the one group stands after any of the other in the cohort."""
    first = np.array([one.group.companies[0].place for one in said[:startups]])
    last = np.array([one.group.companies[-1].place for one in said])
    after: Mask = last > first[:, None]
    return after


def _corpora(said: Sequence[_Said], startups: int, engine: Engine) -> tuple[Corpus, Corpus]:
    """Return the first groups, those of startups, as they ask, and all as they answer."""
    passages = [[replace(passage, owner=at) for passage in one.passages] for at, one in enumerate(said)]
    answering = build_corpus(passages, Role.PASSAGE, engine.encoder, engine.lexicon, engine.calibration)
    asking = in_role(answering.first_profiles(startups), Role.QUERY, engine.encoder, engine.calibration)
    return asking, answering


def _decided(cohort: Cohort) -> Decided:
    """Return whom somebody looked at, whatever was decided."""
    found: defaultdict[Party, set[Party]] = defaultdict(set)
    for relation in cohort.relations:
        if relation_type(relation.type) in _DECIDED:
            one, other = cohort.keyed(relation.source), cohort.keyed(relation.target)
            found[one].add(other)
            found[other].add(one)
    return {party: frozenset(rivals) for party, rivals in found.items()}
