"""Who may compete with whom: suggested for people to confirm, never enforced.

Two companies may compete where they share a sector and their texts say nearly the same. An investor that holds one of
them is told at its pairs with the other. Whoever looks at it writes a relation of type competitor or not_competitor.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import compress

import numpy as np

from matcher.corpus import Corpus, build_corpus, in_role
from matcher.derived import INVESTED_IN, holdings
from matcher.ecosystem import Pair, Tie
from matcher.encoding import Role
from matcher.engine import Engine
from matcher.mandates import overlap
from matcher.passages import Passage, document_passages, summary_passages
from matcher.profiles import Cohort, Document, Kind, Party, Relation, Side, Startup
from matcher.program import Verdict, relation_type
from matcher.similarity import build_comparer
from matcher.terms import Vocabulary, canonical_set, organisation

# Nearer to a text's own translation (0.9) than to the one in a thousand of unrelated texts that is nearest (0.3).
NEARLY_THE_SAME = 0.6
_DECIDED = ("competitor", "not_competitor")
_WRITTEN = {Side.STARTUP: "startup:", Side.EXPERT: "expert:", None: "org:"}
Couple = frozenset[Party]


@dataclass(frozen=True)
class Company:
    """A startup of the cohort, or a company that an expert's document tells of. holders: experts that invested."""

    party: Party
    name: str
    holders: tuple[str, ...] = ()

    @cached_property
    def written(self) -> str:
        """How a relation names it."""
        return f"{_WRITTEN[self.party.side]}{self.party.id}"


@dataclass(frozen=True)
class Rivals:
    """A startup and another company that may compete. worth in [0, 1]: how nearly their texts say the same."""

    one: Company
    other: Company
    sectors: tuple[str, ...]
    worth: float

    @property
    def sentence(self) -> str:
        """The suspicion, and what to do about it."""
        return (
            f"{self.one.name} and {self.other.name} may be competitors ({self._why}); "
            f"say so in relations: {self.one.written}, {self.other.written}, competitor or not_competitor"
        )

    @property
    def _why(self) -> str:
        return f"both in {', '.join(self.sectors)}, and their texts say nearly the same: {self.worth:.2f}"

    @property
    def is_held(self) -> bool:
        """Whether anybody invested in one of the two."""
        return bool(self.one.holders or self.other.holders)

    def ties(self) -> Iterator[tuple[Pair, Tie]]:
        """Yield a warning for each of the two that is a startup, and each holder of the other."""
        for startup, held in ((self.one, self.other), (self.other, self.one)):
            for holder in held.holders if startup.party.side is Side.STARTUP else ():
                reason = f"{holder} invested in {held.name}, which may compete with {startup.name} ({self._why})"
                yield (startup.party.id, holder), Tie(Verdict.WARN, "suspected", reason)


def rivals(cohort: Cohort, engine: Engine) -> tuple[Rivals, ...]:
    """Return who may compete and was not looked at yet: startups with each other, and with companies experts hold."""
    told = [_Text.of_startup(one) for one in cohort.startups if one.sectors]
    startups = [one for one in told if one.passages]
    companies = startups + _held(cohort)
    decided, holders = _decided(cohort), _holders(cohort)
    held_by = [holders.get(one.party, ()) for one in companies]
    found = []
    for row, column, same in _alike(companies, len(startups), engine):
        one, other = companies[row], companies[column]
        if not decided or frozenset((one.party, other.party)) not in decided:
            sides = (
                one.company(held_by[row], other.party, decided),
                other.company(held_by[column], one.party, decided),
            )
            found.append(Rivals(*sides, _common(one.sectors, other.sectors), same))
    return tuple(found)


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

    def company(self, held_by: Sequence[str], rival: Party, decided: Set[Couple]) -> Company:
        """Return the company with those of its holders of whom nobody decided whether they hold a rival."""
        if not held_by:
            return self._unheld
        is_open = [frozenset((rival, Party(Side.EXPERT, holder))) not in decided for holder in held_by]
        return Company(self.party, self.name, tuple(compress(held_by, is_open)))

    @cached_property
    def _unheld(self) -> Company:
        return Company(self.party, self.name)


def _held(cohort: Cohort) -> list[_Text]:
    """Return the companies that investors tell of, each once, but for the startups of the cohort."""
    own = {organisation(name) for startup in cohort.startups for name in startup.names}
    found: dict[str, _Text] = {}
    for investor in cohort.experts_of(Kind.INVESTOR):
        for document in investor.documents:
            key = cohort.organisation_of(document.title)
            is_own = bool({key, organisation(document.title)} & own)
            if key and not is_own and key not in found and document.text and document.sectors:
                found[key] = _Text.of_document(Party(None, key), document)
    return list(found.values())


def _alike(companies: Sequence[_Text], startups: int, engine: Engine) -> list[tuple[int, int, float]]:
    """Return which of the first companies, the startups, say nearly the same as which later one of their sectors.

    Each with how nearly, in order. Startups of the same sectors are compared at once, and with nobody else: most
    companies share no sector.
    """
    meets = overlap([one.sectors for one in companies[:startups]], [one.sectors for one in companies])
    if not np.triu(meets, 1).any():
        return []
    asking, answering = _corpora(companies, startups, engine)
    same_sectors: defaultdict[frozenset[str], list[int]] = defaultdict(list)
    for row, one in enumerate(companies[:startups]):
        same_sectors[one.sectors].append(row)
    found = []
    for rows in same_sectors.values():
        columns = np.flatnonzero(meets[rows[0]])
        sides = asking.of_profiles(np.array(rows)), answering.of_profiles(columns)
        comparer = build_comparer(*sides, engine.calibration, engine.today)
        for at, row in enumerate(rows):
            later = np.flatnonzero(columns > row)  # of two startups, once
            worth = comparer.answered(at, later).mean(axis=0)
            alike = worth >= NEARLY_THE_SAME
            found += [(row, *one) for one in zip(columns[later[alike]].tolist(), worth[alike].tolist(), strict=True)]
    return sorted(found)


def _corpora(companies: Sequence[_Text], startups: int, engine: Engine) -> tuple[Corpus, Corpus]:
    """Return the first companies, the startups, as they ask, and all as they answer."""
    passages = [[replace(passage, owner=at) for passage in one.passages] for at, one in enumerate(companies)]
    answering = build_corpus(passages, Role.PASSAGE, engine.encoder, engine.lexicon, engine.calibration)
    asking = in_role(answering.first_profiles(startups), Role.QUERY, engine.encoder, engine.calibration)
    return asking, answering


def _decided(cohort: Cohort) -> frozenset[Couple]:
    """Return whom somebody looked at, whatever was decided."""
    looked = [relation for relation in cohort.relations if relation_type(relation.type) in _DECIDED]
    return frozenset(frozenset((_key(cohort, one.source), _key(cohort, one.target))) for one in looked)


def _holders(cohort: Cohort) -> Mapping[Party, Sequence[str]]:
    """Return the experts that invested in each startup and company."""
    found: defaultdict[Party, dict[str, None]] = defaultdict(dict)
    told: list[Relation] = [one for one in cohort.relations if relation_type(one.type) == INVESTED_IN]
    for relation in (*told, *holdings(cohort)):
        for holder, held in ((relation.source, relation.target), (relation.target, relation.source)):
            if holder.side is Side.EXPERT:
                found[_key(cohort, held)][holder.id] = None
    return {party: tuple(holders) for party, holders in found.items()}


def _key(cohort: Cohort, party: Party) -> Party:
    return Party(None, cohort.organisation_of(party.id)) if party.side is None else party
