"""What experts did, deal by deal, as arrays that a startup can be held against."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matcher.profiles import Document, Expert, Startup
from matcher.terms import Vocabulary, canonical, organisation

Numbers = NDArray[np.intp]
# The number of a term that nobody names, and of one that is not said.
UNKNOWN = -1


@dataclass(frozen=True)
class Agreement:
    """Which of d deals agree with a startup in a field, and which say anything in it, (d,) each."""

    agrees: NDArray[np.bool_]
    known: NDArray[np.bool_]


@dataclass(frozen=True)
class TrackRecord:
    """The d deals of m experts (see `deals_of`), those of one expert side by side, in the order of the profiles.

    owners: (d,) the expert of each. days: (d,) proleptic ordinals.
    companies: (d,) whom it was with, a number per name. rounds: (d,) a number per company and day; where no company is
    named, a deal is a round of its own. regions, stages: (d,) numbers of terms, `UNKNOWN` where none is said. sectors:
    (d, terms) 1 for each of the deal's.
    """

    experts: int
    owners: Numbers
    days: Numbers
    companies: Numbers
    rounds: Numbers
    regions: Numbers
    stages: Numbers
    sectors: sparse.csr_array
    company_numbers: Mapping[str, int]
    sector_numbers: Mapping[str, int]
    region_numbers: Mapping[str, int]
    stage_numbers: Mapping[str, int]

    @cached_property
    def sectors_by_term(self) -> sparse.csc_array:
        """(d, terms): the sectors, quick to take a term from."""
        return sparse.csc_array(self.sectors)

    def names_one_of(self, sectors: Iterable[str]) -> Agreement | None:
        """Return which deals carry one of the sectors; None where no deal does."""
        wanted = [number for term in sectors_said(sectors) if (number := self.sector_numbers.get(term)) is not None]
        if not wanted:
            return None
        agrees = np.asarray(self.sectors_by_term[:, wanted].sum(axis=1)).ravel() > 0
        return Agreement(agrees, np.diff(self.sectors.indptr) > 0)

    def lies_in(self, region: str) -> Agreement | None:
        """Return which deals were made in the region; None where none was."""
        return _equal(self.regions, self.region_numbers.get(canonical(Vocabulary.REGION, region)))

    def is_of_stage(self, stage: str) -> Agreement | None:
        """Return which deals were of the stage; None where none was."""
        return _equal(self.stages, self.stage_numbers.get(canonical(Vocabulary.STAGE, stage)))

    def is_with(self, company: str) -> NDArray[np.bool_]:
        """Return (d,): which deals were made with the company of this name, however its legal form is written."""
        number = self.company_numbers.get(organisation(company))
        return np.zeros(len(self.companies), dtype=bool) if number is None else np.asarray(self.companies == number)


def _equal(numbers: Numbers, number: int | None) -> Agreement | None:
    return None if number is None else Agreement(numbers == number, numbers != UNKNOWN)


def deals_of(expert: Expert) -> Iterator[Document]:
    """Yield the documents that count as deals: those with a date.

    Of one without, nobody knows whether it came before the startup that asks, or of what is to be foretold.
    """
    return (document for document in expert.documents if document.date)


Said = tuple[Document, frozenset[str]]


def told_once(said: Iterable[Said]) -> Iterator[Said]:
    """Yield the documents with the terms of a field, of those of one title, day and terms the first.

    What two lists tell was done once; a company that closed two rounds in a year of which no more is known tells two
    stages.
    """
    told: set[tuple[str, dt.date | None, frozenset[str]]] = set()
    for document, terms in said:
        key = organisation(document.title), document.date, terms
        if not key[0] or key not in told:
            told.add(key)
            yield document, terms


def sectors_said(terms: Iterable[str]) -> list[str]:
    """Return the sectors in their canonical spelling; "-" and the like say none."""
    return [term for said in terms if (term := canonical(Vocabulary.SECTOR, said))]


def track_record(experts: Sequence[Expert]) -> TrackRecord:
    """Return the track record of these experts; one without deals has none."""
    deals = [(owner, document) for owner, expert in enumerate(experts) for document in deals_of(expert)]
    names, sectors, regions, stages = _Numbers(), _Numbers(), _Numbers(), _Numbers()
    terms = [[sectors.of(term) for term in sectors_said(document.sectors)] for _, document in deals]
    rows = np.repeat(np.arange(len(deals)), [len(of_one) for of_one in terms]).astype(np.intp)
    columns = np.array([number for of_one in terms for number in of_one], dtype=np.intp)
    cells = (np.ones(len(rows)), (rows, columns))
    days = np.array([document.date.toordinal() for _, document in deals if document.date], dtype=np.intp)
    companies = np.array([names.of(organisation(document.title)) for _, document in deals], dtype=np.intp)
    return TrackRecord(
        len(experts),
        np.array([owner for owner, _ in deals], dtype=np.intp),
        days,
        companies,
        _rounds(companies, days),
        np.array([regions.of(canonical(Vocabulary.REGION, document.region)) for _, document in deals], dtype=np.intp),
        np.array([stages.of(canonical(Vocabulary.STAGE, document.stage)) for _, document in deals], dtype=np.intp),
        sparse.csr_array(cells, shape=(len(deals), max(1, len(sectors.found)))),
        names.found,
        sectors.found,
        regions.found,
        stages.found,
    )


class _Numbers:
    """Gives each term a number, in the order in which they turn up; an empty one is `UNKNOWN`."""

    def __init__(self) -> None:
        self.found: dict[str, int] = {}

    def of(self, term: str) -> int:
        return self.found.setdefault(term, len(self.found)) if term else UNKNOWN


def _rounds(companies: Numbers, days: Numbers) -> Numbers:
    of_its_own = -1 - np.arange(len(companies))
    keys = np.stack([np.where(companies == UNKNOWN, of_its_own, companies), days])
    return np.unique(keys, axis=1, return_inverse=True)[1].astype(np.intp)


def day_of(startup: Startup, today: dt.date) -> int:
    """Return the day on which the startup asks, as a proleptic ordinal: its own date, or `today`."""
    return (startup.date or today).toordinal()
