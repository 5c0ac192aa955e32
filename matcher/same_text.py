"""Companies that say word for word the same are one group.

An import made twice, or a text that hundreds of applications copy, would be millions of couples.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from matcher.profiles import Party, Side

_WRITTEN = {Side.STARTUP: "startup:", Side.EXPERT: "expert:", None: "org:"}


@dataclass(frozen=True)
class Company:
    """A startup of the cohort, or a company that an expert's document tells of.

    place: where it stands among all that are compared, the startups first. holders: experts that invested.
    """

    party: Party
    name: str
    place: int
    holders: tuple[str, ...] = ()

    @cached_property
    def written(self) -> str:
        """How a relation names it."""
        return f"{_WRITTEN[self.party.side]}{self.party.id}"


@dataclass(frozen=True)
class Group:
    """Companies of the same sectors that say word for word the same, in the order of their places; mostly one.

    is_listed: whether the suspicion of the group within itself names them all.
    """

    companies: tuple[Company, ...]
    is_listed: bool = False

    @property
    def party(self) -> Party:
        """The first of them."""
        return self.companies[0].party

    @cached_property
    def name(self) -> str:
        """The first of them, and how many more there are."""
        first, more = self.companies[0].name, len(self.companies) - 1
        return f"{first} (and {more} more that say{'s' if more == 1 else ''} the same)" if more else first

    @cached_property
    def full_name(self) -> str:
        """All of them, where no other sentence lists them."""
        if self.is_listed or len(self.companies) == 1:
            return self.name
        names = ", ".join(company.name for company in self.companies)
        return f"{names} ({', '.join(company.written for company in self.companies)}, who say the same)"

    @cached_property
    def holders(self) -> tuple[str, ...]:
        """The experts that invested in any of them, each once."""
        return tuple(dict.fromkeys(holder for company in self.companies for holder in company.holders))

    @cached_property
    def parties(self) -> frozenset[Party]:
        """Who they are."""
        return frozenset(company.party for company in self.companies)

    @cached_property
    def concerned(self) -> frozenset[Party]:
        """Who they are, and who holds them."""
        return self.parties | {Party(Side.EXPERT, holder) for holder in self.holders}
