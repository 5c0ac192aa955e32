"""What a program manager brings: startups, experts and what relates them. All frozen, checked where built."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from matcher.errors import BadInput
from matcher.terms import organisation


class Kind(StrEnum):
    """What kind of expert; each kind gets an assignment of its own."""

    PROFESSOR = "professor"
    INVESTOR = "investor"

    @property
    def one(self) -> str:
        """One of them, in a sentence."""
        return f"an {self}" if self is Kind.INVESTOR else f"a {self}"


class Side(StrEnum):
    """The side that asks and the side that is asked."""

    STARTUP = "startup"
    EXPERT = "expert"

    @property
    def one(self) -> str:
        """One of them, in a sentence."""
        return f"an {self}" if self is Side.EXPERT else f"a {self}"


@dataclass(frozen=True)
class Limits:
    """The smallest and the largest number of pairs somebody may have; 0 ≤ least ≤ most."""

    least: int
    most: int

    def __post_init__(self) -> None:
        if not 0 <= self.least <= self.most:
            raise BadInput(f"found a minimum of {self.least} and a maximum of {self.most}, expected 0 ≤ min ≤ max")


DEFAULT_STARTUP_LIMITS = Limits(0, 1)
DEFAULT_EXPERT_LIMITS = Limits(0, 3)


@dataclass(frozen=True)
class Need:
    """Something a startup looks for; `weight` > 0 says how much it counts among its needs."""

    text: str
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not (self.weight > 0 and self.weight < float("inf")):
            raise BadInput(f"need {self.text!r} has weight {self.weight}, expected a number above 0")


@dataclass(frozen=True)
class Document:
    """A paper, a portfolio company or another text that shows what its owner does.

    date: when it appeared; a bare year counts as its last day. extra: columns we do not know, kept as they came.
    """

    title: str = ""
    text: str = ""
    date: dt.date | None = None
    authors: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    stage: str = ""
    region: str = ""
    extra: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Startup:
    """The side that asks. An empty field is unknown and rules nothing out.

    raise_usd: the round it raises, US dollars. date: when it applied. email: of a founder; its domain is where the
    founders belong. seeks: the kinds it looks for; empty for every kind in the cohort.
    limits: per kind; a kind that is not there has `DEFAULT_STARTUP_LIMITS`.
    priority ≥ 0 multiplies its worth in the objective, not its scores. confidential: names of fields that
    only managers and the startup itself may see. extra: columns we do not know, kept as they came.
    also_named: other names that somebody confirmed.
    """

    id: str
    name: str = ""
    summary: str = ""
    data_assets: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    sectors: tuple[str, ...] = ()
    stage: str = ""
    region: str = ""
    raise_usd: float | None = None
    date: dt.date | None = None
    languages: tuple[str, ...] = ()
    documents: tuple[Document, ...] = ()
    seeks: tuple[Kind, ...] = ()
    limits: Mapping[Kind, Limits] = field(default_factory=dict)
    priority: float = 1.0
    confidential: tuple[str, ...] = ()
    extra: Mapping[str, object] = field(default_factory=dict)
    email: str = ""
    also_named: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that it is known under; none where it tells none."""
        return tuple(filter(None, (self.name, *self.also_named)))

    def limits_for(self, kind: Kind) -> Limits:
        """Return how many experts of this kind it wants and takes."""
        return self.limits.get(kind, DEFAULT_STARTUP_LIMITS)

    def seeks_kind(self, kind: Kind) -> bool:
        """Return whether it looks for experts of this kind."""
        return not self.seeks or kind in self.seeks


@dataclass(frozen=True)
class Expert:
    """The side that is asked. An empty field is unknown and rules nothing out.

    sectors, stages, regions, languages and check_usd (smallest and largest, US dollars, None for open) are the
    mandate. wants and avoids: ids of startups, or sectors. extra: columns we do not know, kept as they came.
    also_named: other spellings of the name that somebody confirmed. not_named: names of others that sound like it.
    """

    id: str
    kind: Kind
    name: str = ""
    affiliation: str = ""
    email: str = ""
    expertise: tuple[str, ...] = ()
    documents: tuple[Document, ...] = ()
    sectors: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    check_usd: tuple[float | None, float | None] = (None, None)
    languages: tuple[str, ...] = ()
    limits: Limits = DEFAULT_EXPERT_LIMITS
    wants: tuple[str, ...] = ()
    avoids: tuple[str, ...] = ()
    extra: Mapping[str, object] = field(default_factory=dict)
    also_named: tuple[str, ...] = ()
    not_named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Party:
    """One end of a relation: a startup or an expert by id, or an organisation by name (`side` is None)."""

    side: Side | None
    id: str


@dataclass(frozen=True, slots=True)
class Relation:
    """Something that ties two parties, of a type that rules in the program may name.

    since, until: the first and last day; None is unknown. extra: columns we do not know, kept as they came.
    """

    source: Party
    target: Party
    type: str
    since: dt.date | None = None
    until: dt.date | None = None
    extra: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_with_itself(self) -> bool:
        """Whether both ends are one party, so that it ties nobody."""
        return self.source.id == self.target.id and self.source.side is self.target.side


@dataclass(frozen=True)
class Cohort:
    """Everybody of one program. Ids are unique per side.

    merged: parties that were merged into another, by confirmed alias. organisations: the key of an organisation's
    alias → the key of its canonical name. known_apart: parties that look alike and are not one.
    """

    startups: tuple[Startup, ...]
    experts: tuple[Expert, ...]
    relations: tuple[Relation, ...] = ()
    merged: Mapping[Party, Party] = field(default_factory=dict)
    organisations: Mapping[str, str] = field(default_factory=dict)
    known_apart: frozenset[frozenset[Party]] = frozenset()

    def stays(self, side: Side, id_: str) -> str:
        """Return the id under which the profile of this id stands: its own, unless it was merged into another."""
        party = Party(side, id_)
        return self.merged.get(party, party).id

    def organisation_of(self, name: str) -> str:
        """Return the key of the organisation of this name, that of its canonical name where it has another."""
        key = organisation(name)
        return self.organisations.get(key, key)

    def keyed(self, party: Party) -> Party:
        """Return the party; an organisation by its key, see `organisation_of`."""
        return Party(None, self.organisation_of(party.id)) if party.side is None else party

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of experts that are present, and those that some startup names in `seeks`."""
        asked = {kind for startup in self.startups for kind in startup.seeks}
        present = {expert.kind for expert in self.experts}
        return tuple(kind for kind in Kind if kind in asked | present)

    def experts_of(self, kind: Kind) -> tuple[Expert, ...]:
        """Return the experts of this kind, in the order of the cohort."""
        return tuple(expert for expert in self.experts if expert.kind is kind)
