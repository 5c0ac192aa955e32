"""Relations that follow from the profiles: who belongs where, who wrote with whom, and who invested with whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from matcher.names import mail_domain, person
from matcher.profiles import Cohort, Document, Expert, Kind, Party, Relation, Side, Startup
from matcher.program import SAME_EMPLOYER, relation_type
from matcher.terms import fold, organisation

COAUTHOR = "coauthor"
CO_INVESTED = "co_invested"
INVESTED_IN = "invested_in"
Paper = tuple[str, int | None]  # title, year
# Who stands behind a paper, with whom: an owner may have two of one title, "Editorial" by others each.
Writer = tuple[Party, frozenset[str]]


def memberships(cohort: Cohort) -> Iterator[Relation]:
    """Yield who belongs to which organisation: by name, by affiliation, and by the domain of an e-mail address."""
    yield from namings(cohort)
    yield from employments(cohort)


def namings(cohort: Cohort) -> Iterator[Relation]:
    """Yield how each startup is called as an organisation."""
    for startup in cohort.startups:
        for name in startup.names:
            yield Relation(Party(Side.STARTUP, startup.id), Party(None, name), SAME_EMPLOYER)


def employments(cohort: Cohort) -> Iterator[Relation]:
    """Yield whose affiliation or whose e-mail address tells an organisation."""
    for startup in cohort.startups:
        if employer := mail_domain(startup.email):
            yield Relation(Party(Side.STARTUP, startup.id), Party(None, employer), SAME_EMPLOYER)
    for expert in cohort.experts:
        for employer in (expert.affiliation, mail_domain(expert.email)):
            if employer:
                yield Relation(Party(Side.EXPERT, expert.id), Party(None, employer), SAME_EMPLOYER)


def coauthors(cohort: Cohort) -> Iterator[Relation]:
    """Yield a relation for every two who stand behind one document: as its owner, or among its authors by name.

    Only documents with authors count: two investors that backed one company have not written together. An author's
    name is an expert's where it is spelled alike, or as `also_named` tells, and not as `not_named` does. Dated by the
    latest such document.
    """
    known: defaultdict[str, set[Party]] = defaultdict(set)
    for expert in cohort.experts:
        spelled = {person(name) for name in (expert.name, *expert.also_named)}
        for name in sorted(spelled - {"", *map(person, expert.not_named)}):
            known[name].add(Party(Side.EXPERT, expert.id))
    writers: defaultdict[Paper, dict[Writer, Document]] = defaultdict(dict)
    for owner, document in _written(cohort):
        paper = (fold(document.title or document.text), document.date.year if document.date else None)
        authors = frozenset(map(person, document.authors))
        for party in (owner, *(party for author in sorted(authors) for party in known.get(author, ()))):
            writers[paper].setdefault((party, authors), document)
    yield from _latest(writers)


def holdings(cohort: Cohort) -> Iterator[Relation]:
    """Yield what each investor holds, by the titles of its documents: the startups of that name, or else a company."""
    startups: defaultdict[str, dict[Party, None]] = defaultdict(dict)
    for startup in cohort.startups:
        for name in startup.names:
            startups[organisation(name)][Party(Side.STARTUP, startup.id)] = None
    for investor in cohort.experts_of(Kind.INVESTOR):
        for document in investor.documents:
            company = organisation(document.title)
            if company:
                for held in startups.get(company, (Party(None, document.title),)):
                    yield Relation(Party(Side.EXPERT, investor.id), held, INVESTED_IN, document.date)


def holders(cohort: Cohort) -> Mapping[Party, Sequence[str]]:
    """Return the ids of the experts that invested in each startup and company; a company by its organisation's key."""
    found: defaultdict[Party, dict[str, None]] = defaultdict(dict)
    told = [one for one in cohort.relations if relation_type(one.type) == INVESTED_IN]
    for relation in (*told, *holdings(cohort)):
        for holder, held in ((relation.source, relation.target), (relation.target, relation.source)):
            if holder.side is Side.EXPERT:
                found[cohort.keyed(held)][holder.id] = None
    return {party: tuple(ids) for party, ids in found.items()}


def co_investments(cohort: Cohort) -> Iterator[Relation]:
    """Yield a relation for every two investors that backed one company, by the titles of their documents.

    Dated by the first day on which both had; undated where that is unknown. A company of the cohort is left out: who
    invests in a startup is no news to it, and to all others its own affair.
    """
    own = {organisation(name) for startup in cohort.startups for name in startup.names}
    backers: defaultdict[str, dict[Party, Document]] = defaultdict(dict)
    for investor in cohort.experts_of(Kind.INVESTOR):
        for document in investor.documents:
            company = cohort.organisation_of(document.title)
            if company and not {company, organisation(document.title)} & own:
                party = Party(Side.EXPERT, investor.id)
                backers[company][party] = _earlier(backers[company].get(party), document)
    found: dict[tuple[Party, Party], Relation] = {}
    for together in backers.values():
        for one, other in combinations(together, 2):
            dates = [together[party].date for party in (one, other)]
            since = max(filter(None, dates)) if all(dates) else None
            known = found.get((one, other))
            if known is None or (known.since and (since is None or since < known.since)):
                told = {"company": together[one].title}
                found[one, other] = Relation(one, other, CO_INVESTED, since, extra=told)
    yield from found.values()


def _earlier(known: Document | None, found: Document) -> Document:
    """Return the one of the first day; one with a day before one without, and else the one that was known."""
    if known is None or found.date is None:
        return known or found
    return found if known.date is None or found.date < known.date else known


def _written(cohort: Cohort) -> Iterator[tuple[Party, Document]]:
    sides: tuple[tuple[Side, tuple[Startup, ...] | tuple[Expert, ...]], ...] = (
        (Side.STARTUP, cohort.startups),
        (Side.EXPERT, cohort.experts),
    )
    for side, profiles in sides:
        for profile in profiles:
            for document in profile.documents:
                if document.authors:
                    yield Party(side, profile.id), document


def _latest(writers: Mapping[Paper, Mapping[Writer, Document]]) -> Iterator[Relation]:
    """Yield one relation for every two parties that share documents; an undated one always counts.

    Two documents of one title without an author in common are two: "Introduction" is many.
    """
    found: dict[tuple[Party, Party], Document] = {}
    for together in writers.values():
        ordered = sorted(together, key=lambda writer: (writer[0].side or "", writer[0].id))
        for (one, authors), (other, others) in combinations(ordered, 2):
            if one == other or authors.isdisjoint(others):
                continue
            document, known = together[one, authors], found.get((one, other))
            if known is None or (known.date and (document.date is None or document.date > known.date)):
                found[one, other] = document
    for (one, other), document in found.items():
        title = document.title or document.text
        yield Relation(one, other, COAUTHOR, document.date, extra={"document": title})
