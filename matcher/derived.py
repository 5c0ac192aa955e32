"""Relations that follow from the profiles: who belongs where, who wrote with whom, and who invested with whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations

from matcher.names import mail_domain, person
from matcher.profiles import Cohort, Document, Expert, Kind, Party, Relation, Side, Startup
from matcher.program import SAME_EMPLOYER
from matcher.terms import fold, organisation

COAUTHOR = "coauthor"
CO_INVESTED = "co_invested"
INVESTED_IN = "invested_in"
Paper = tuple[str, int | None]  # title, year


def memberships(cohort: Cohort) -> Iterator[Relation]:
    """Yield who belongs to which organisation: by name, by affiliation, and by the domain of an e-mail address."""
    for startup in cohort.startups:
        for employer in (*startup.names, mail_domain(startup.email)):
            if employer:
                yield Relation(Party(Side.STARTUP, startup.id), Party(None, employer), SAME_EMPLOYER)
    for expert in cohort.experts:
        for employer in (expert.affiliation, mail_domain(expert.email)):
            if employer:
                yield Relation(Party(Side.EXPERT, expert.id), Party(None, employer), SAME_EMPLOYER)


def coauthors(cohort: Cohort) -> Iterator[Relation]:
    """Yield a relation for every two who stand behind one document: as its owner, or among its authors by name.

    Only documents with authors count: two investors that backed one company have not written together. An author's
    name is an expert's where it is spelled alike, or as `also_named` tells. Dated by the latest such document.
    """
    known: defaultdict[str, set[Party]] = defaultdict(set)
    for expert in cohort.experts:
        for name in (expert.name, *expert.also_named):
            if person(name):
                known[person(name)].add(Party(Side.EXPERT, expert.id))
    writers: defaultdict[Paper, dict[Party, Document]] = defaultdict(dict)
    for owner, document in _written(cohort):
        paper = (fold(document.title or document.text), document.date.year if document.date else None)
        writers[paper][owner] = document
        for author in document.authors:
            for party in known.get(person(author), ()):
                writers[paper].setdefault(party, document)
    yield from _latest(writers)


def holdings(cohort: Cohort) -> Iterator[Relation]:
    """Yield what each investor holds, by the titles of its documents: a startup of that name, or else a company."""
    startups = {organisation(name): startup.id for startup in cohort.startups for name in startup.names}
    for investor in cohort.experts_of(Kind.INVESTOR):
        for document in investor.documents:
            company = organisation(document.title)
            if company:
                id_ = startups.get(company)
                held = Party(None, document.title) if id_ is None else Party(Side.STARTUP, id_)
                yield Relation(Party(Side.EXPERT, investor.id), held, INVESTED_IN, document.date)


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
                backers[company].setdefault(Party(Side.EXPERT, investor.id), document)
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


def _share_an_author(one: Document, other: Document) -> bool:
    """Return whether two documents of one title are one: "Introduction" is many."""
    names = [{person(author) for author in document.authors} for document in (one, other)]
    return not names[0].isdisjoint(names[1])


def _latest(writers: Mapping[Paper, Mapping[Party, Document]]) -> Iterator[Relation]:
    """Yield one relation for every two parties that share documents; an undated one always counts."""
    found: dict[tuple[Party, Party], Document] = {}
    for together in writers.values():
        parties = sorted(together, key=lambda party: (party.side or "", party.id))
        for at, one in enumerate(parties):
            for other in parties[at + 1 :]:
                document, known = together[one], found.get((one, other))
                if not _share_an_author(document, together[other]):
                    continue
                if known is None or (known.date and (document.date is None or document.date > known.date)):
                    found[one, other] = document
    for (one, other), document in found.items():
        title = document.title or document.text
        yield Relation(one, other, COAUTHOR, document.date, extra={"document": title})
