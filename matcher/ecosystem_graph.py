"""The graph of an ecosystem as arrays: every party and every relation, those that were derived included."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matcher.derived import CO_INVESTED, co_investments, coauthors, employments, holdings, namings
from matcher.mandates import Mask
from matcher.profiles import Cohort, Party, Relation, Side
from matcher.program import SAME_EMPLOYER, Program, Verdict, relation_type
from matcher.terms import organisation

Positions = NDArray[np.intp]
# A day as a number that grows with it, 20260331, so that adding years is adding numbers.
Days = NDArray[np.int64]
UNKNOWN = 0
FOREVER = np.iinfo(np.int64).max
_YEAR = 10_000


@dataclass(frozen=True)
class Ecosystem:
    """Every party and every relation.

    parties: (n,) the nodes; an organisation is one, however it is written. relations: (r,). types: the names of types
    as rules spell them; type_of: (r,) which of them each relation has. ends: (r, 2) positions of the parties. since,
    until: (r,) days, `UNKNOWN` where nobody says. belongs: (r,) whether the relation says that a party belongs to an
    organisation. named: (r,) whether it says that a startup is that organisation. told: how many of the relations, the
    first, were told; the others follow from profiles.
    """

    parties: tuple[Party, ...]
    relations: tuple[Relation, ...]
    types: tuple[str, ...]
    type_of: Positions
    ends: Positions
    since: Days
    until: Days
    belongs: Mask
    named: Mask
    told: int

    def on_side(self, side: Side | None) -> Mask:
        """Return (n,) which parties are of this side; None: the organisations."""
        return np.array([party.side is side for party in self.parties], dtype=bool)

    def of_type(self, type_: str) -> list[int]:
        """Return the positions of the relations of a type: a million are not looked at one by one for a few."""
        number = self.types.index(type_) if type_ in self.types else -1
        return [int(at) for at in np.flatnonzero(self.type_of == number)]

    @cached_property
    def called(self) -> Mapping[int, Sequence[int]]:
        """The organisations that a startup is, and the startups that an organisation is: positions of parties."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        for startup, name in self.ends[self.named].tolist():
            found[startup].append(name)
            found[name].append(startup)
        return found

    @cached_property
    def organisations(self) -> Mask:
        """(n,): which parties are organisations."""
        return self.on_side(None)

    @cached_property
    def places(self) -> sparse.csr_array:
        """(n, 2r): where each party stands in `ends`, read row by row; p is an end of relation p // 2."""
        flat = self.ends.ravel()
        marks = np.ones(len(flat), dtype=bool)
        return sparse.csr_array((marks, (flat, np.arange(len(flat)))), shape=(len(self.parties), len(flat)))

    def last_days(self, program: Program) -> Days:
        """Return (r,) the last day on which each relation counts by the rule of its type."""
        rules = [program.rule_for(type_) for type_ in self.types]
        dated = np.array([rule.years is not None for rule in rules], dtype=bool)[self.type_of]
        years = np.array([rule.years or 0 for rule in rules], dtype=np.int64)[self.type_of]
        last = np.where(dated & (self.until == UNKNOWN), self.since, self.until)
        return np.where(last == UNKNOWN, FOREVER, last + _YEAR * years)


def build_ecosystem(cohort: Cohort, program: Program) -> Ecosystem:
    """Return the graph of a cohort: its relations, and those that follow from the profiles.

    Who invested together is among them where the program says what it means: every two investors of a company are many.
    """
    told, names = (*cohort.relations, *coauthors(cohort)), tuple(namings(cohort))
    is_ruled = program.rule_for(CO_INVESTED).verdict is not Verdict.ALLOW
    together = co_investments(cohort) if is_ruled else ()
    relations = (*told, *names, *employments(cohort), *holdings(cohort), *together)
    named = np.zeros(len(relations), dtype=bool)
    named[len(told) : len(told) + len(names)] = True
    numbers = _Numbers(cohort)
    ends = numbers.of_ends(relations)
    types, type_of = _types(relations)
    is_organisation = np.array([party.side is None for party in numbers.parties], dtype=bool)
    of_employers = np.array([type_ == SAME_EMPLOYER for type_ in types], dtype=bool)[type_of]
    belongs = of_employers & is_organisation[ends].any(axis=1)
    since, until = numbered([one.since for one in relations]), numbered([one.until for one in relations])
    return Ecosystem(
        tuple(numbers.parties), relations, types, type_of, ends, since, until, belongs, named, len(cohort.relations)
    )


def numbered(days: Iterable[dt.date | None]) -> Days:
    """Return the days as numbers."""
    return np.array([UNKNOWN if day is None else _number_of(day) for day in days], dtype=np.int64)


def _number_of(day: dt.date) -> int:
    return _YEAR * day.year + 100 * day.month + day.day


class _Numbers:
    """Numbers the parties in the order in which they turn up; the spellings and aliases of an organisation are one."""

    def __init__(self, cohort: Cohort) -> None:
        self._aliases = cohort.organisations
        # By side, then by id: a million texts are looked up sooner than a million parties.
        self._numbers: dict[Side | None, dict[str, int]] = {Side.STARTUP: {}, Side.EXPERT: {}, None: {}}
        self._organisations: dict[str, int] = {}
        self.parties: list[Party] = []

    def of_ends(self, relations: Sequence[Relation]) -> Positions:
        """Return (r, 2) the numbers of both ends.

        Most relations share their parties with others: each object is looked at once, where it first stands.
        """
        objects = (id(party) for one in relations for party in (one.source, one.target))
        flat = np.fromiter(objects, np.int64, 2 * len(relations))
        _, first, which = np.unique(flat, return_index=True, return_inverse=True)
        numbers = np.empty(len(first), dtype=np.intp)
        for at in np.argsort(first).tolist():
            relation, is_target = divmod(int(first[at]), 2)
            numbers[at] = self._of(relations[relation].target if is_target else relations[relation].source)
        return numbers[which].reshape(-1, 2)

    def _of(self, party: Party) -> int:
        number = self._numbers[party.side].get(party.id)
        return self._number_anew(party) if number is None else number

    def _number_anew(self, party: Party) -> int:
        number = self._organisation(party) if party.side is None else self._add(party)
        self._numbers[party.side][party.id] = number
        return number

    def _organisation(self, party: Party) -> int:
        key = organisation(party.id)
        key = self._aliases.get(key, key)
        if key not in self._organisations:
            self._organisations[key] = self._add(Party(None, key))
        return self._organisations[key]

    def _add(self, party: Party) -> int:
        self.parties.append(party)
        return len(self.parties) - 1


def _types(relations: Sequence[Relation]) -> tuple[tuple[str, ...], Positions]:
    """Return the names of the types, and which of them each relation has."""
    known = {written: relation_type(written) for written in dict.fromkeys(one.type for one in relations)}
    number = {type_: at for at, type_ in enumerate(dict.fromkeys(known.values()))}
    of_written = {written: number[type_] for written, type_ in known.items()}
    return tuple(number), np.fromiter((of_written[one.type] for one in relations), np.intp, len(relations))
