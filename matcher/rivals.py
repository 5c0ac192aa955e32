"""What is told of companies that may compete: in what words, and at which pairs.

A suspicion is of two groups of companies that say the same, or of one group within itself. None of its couples is left
out but those that somebody looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

from matcher.profiles import Party, Side
from matcher.program import Verdict
from matcher.same_text import Company, Group
from matcher.tie import SUSPECTED, Pair, Tie

Couple = frozenset[Party]


@dataclass(frozen=True, slots=True)  # where all texts differ a little there is one for every couple
class Rivals:
    """Each company of a group may compete with each of another, or of the same one.

    worth in [0, 1]: how nearly the texts say the same, where the company of `one` stands before the one of `other`.
    back: where it stands after it, for a text is not answered exactly as well as it answers; None where that is too
    little to tell, and within a group. decided: couples of two of the companies, or of a company and a holder, that
    somebody looked at; those of companies are left out.
    """

    one: Group
    other: Group
    sectors: tuple[str, ...]
    worth: float
    back: float | None = None
    decided: frozenset[Couple] = frozenset()

    def couples(self) -> Iterator[tuple[Company, Company]]:
        """Yield every two that may compete, the one that stands first before the other."""
        return self._open(self.one.companies, self.other.companies)

    def _open(self, ones: Iterable[Company], others: Sequence[Company]) -> Iterator[tuple[Company, Company]]:
        for one in ones:
            for other in others:
                if self._is_decided(one.party, other.party):
                    continue
                if one.place < other.place:
                    yield one, other
                elif self.back is not None:
                    yield other, one

    def _is_decided(self, one: Party, other: Party) -> bool:
        return bool(self.decided) and frozenset((one, other)) in self.decided

    @property
    def is_within(self) -> bool:
        """Whether this is of one group: nobody is in two."""
        return self.one.companies[0].place == self.other.companies[0].place

    @property
    def alike(self) -> float:
        """How nearly the texts say the same at most, either way."""
        return self.worth if self.back is None else max(self.worth, self.back)

    @property
    def sentence(self) -> str:
        """The suspicion, and what to do about it: with everybody of whom it is."""
        one, other = next(self.couples())
        told = self._told(self.one.full_name, self.other.full_name)
        if self.is_within:
            told += ": " + ", ".join(f"{company.name} ({company.written})" for company in self.one.companies)
        looked = ", ".join(f"{here.written} and {there.written}" for here, there in self._looked_at())
        return (
            f"{told}{f'; looked at already: {looked}' if looked else ''}; "
            f"say so in relations{'' if self.is_couple else ' of any two, as in'}: {one.written}, {other.written}, "
            "competitor or not_competitor"
        )

    @property
    def brief(self) -> str:
        """The suspicion in a line, of however many it is."""
        if self.is_couple:
            return self.sentence
        looked = len(self._looked_at())
        aside = f"; {looked} couple{'s' if looked > 1 else ''} of them looked at already" if looked else ""
        return f"{self._told(self.one.name, self.other.name)}{aside}"

    def _told(self, one: str, other: str) -> str:
        if self.is_within:
            why = f"all in {', '.join(self.sectors)}, and word for word the same: {self.worth:.2f}"
            return f"{len(self.one.companies)} startups may be competitors of each other ({why})"
        why = _why(self)
        if self.back is not None and f"{self.back:.2f}" != f"{self.worth:.2f}":
            why += f", read the other way round {self.back:.2f}"
        if self.back is None and self.one.companies[-1].place > self.other.companies[0].place:
            return f"{one} may be competitors of {other}, each of those that stand after it in the cohort ({why})"
        return f"{one} and {other} may be competitors ({why})"

    @property
    def is_couple(self) -> bool:
        """Whether this is of two companies."""
        return len(self.one.companies) == len(self.other.companies) == 1

    def _looked_at(self) -> list[tuple[Company, Company]]:
        """Return whom somebody decided upon, of those that it would be said of."""
        if not self.decided:
            return []
        ones = {company.party: company for company in self.one.companies}
        others = {company.party: company for company in self.other.companies}
        ordered = [both for couple in self.decided for both in permutations(couple, 2)]
        found = [(ones[one], others[other]) for one, other in ordered if one in ones and other in others]
        if self.back is None:
            found = [(one, other) for one, other in found if one.place < other.place]
        return sorted(found, key=_places)

    @property
    def holders(self) -> tuple[str, ...]:
        """Who invested in any of them."""
        return tuple(dict.fromkeys((*self.one.holders, *self.other.holders)))

    @property
    def is_held(self) -> bool:
        """Whether anybody invested in any of them."""
        return bool(self.one.holders or self.other.holders)

    def held_couples(self) -> Iterator[tuple[Company, Company]]:
        """Yield those of the couples of whom somebody holds one."""
        held = [company for company in self.other.companies if company.holders]
        for one in self.one.companies:
            yield from self._open((one,), self.other.companies if one.holders else held)

    def holdings_of(self, one: Company, other: Company) -> Iterator[tuple[Pair, _Holding]]:
        """Yield who holds a possible competitor of whom, of one couple; not at a pair that somebody looked at."""
        worth = self.worth if self.back is None or one.party in self.one.parties else self.back
        for startup, held in ((one, other), (other, one)):
            for holder in held.holders if startup.party.side is Side.STARTUP else ():
                if not self._is_decided(startup.party, Party(Side.EXPERT, holder)):
                    yield (startup.party.id, holder), _Holding(startup.name, held.name, self.sectors, worth)


@dataclass(frozen=True, slots=True)  # where all texts are alike there is one for every couple and holder
class _Holding:
    """A company in an investor's hands that may compete with a startup; both by name."""

    startup: str
    held: str
    sectors: tuple[str, ...]
    worth: float


def ties_of_all(told: Iterable[Rivals]) -> Iterator[tuple[Pair, Tie]]:
    """Yield one warning a pair, of all that the expert holds, those whose couple stands first in the cohort first."""
    held = [(*couple, one) for one in told if one.is_held for couple in one.held_couples()]
    held.sort(key=lambda found: _places(found[:2]))
    of_pair: defaultdict[Pair, list[_Holding]] = defaultdict(list)
    for one, other, rivals in held:
        for pair, holding in rivals.holdings_of(one, other):
            of_pair[pair].append(holding)
    for pair, holdings in of_pair.items():
        yield pair, Tie(Verdict.WARN, SUSPECTED, _reason(pair[1], holdings))


def _reason(holder: str, holdings: Sequence[_Holding]) -> str:
    first = holdings[0]
    if len(holdings) == 1:
        return f"{holder} invested in {first.held}, which may compete with {first.startup} ({_why(first)})"
    listed = sorted(holdings, key=lambda one: -one.worth)
    named = ", ".join(f"{one.held} ({', '.join(one.sectors)}, {one.worth:.2f})" for one in listed)
    return (
        f"{holder} invested in {len(holdings)} companies which may compete with {first.startup} "
        f"(sectors that both are in, and how nearly their texts say the same): {named}"
    )


def _why(found: Rivals | _Holding) -> str:
    return f"both in {', '.join(found.sectors)}, and their texts say nearly the same: {found.worth:.2f}"


def _places(couple: tuple[Company, Company]) -> tuple[int, int]:
    return couple[0].place, couple[1].place
