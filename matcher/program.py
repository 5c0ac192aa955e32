"""What the manager decides: objective, weights, pins, bans, quotas and rules for relations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from matcher.errors import BadInput
from matcher.profiles import Expert, Kind, Startup
from matcher.terms import Vocabulary, around, canonical, canonical_set, fold, organisation


class Objective(StrEnum):
    """What the assignment maximises.

    total: the sum of scores, each times its startup's priority; among equals the number of pairs.
    fair: first the number of startups served, then the smallest sum of scores among them, then the total.
    """

    TOTAL = "total"
    FAIR = "fair"


class Part(StrEnum):
    """The parts of a score; see `matcher.scoring`."""

    NEEDS = "needs"
    DATA_ASSETS = "data_assets"
    SUMMARY = "summary"
    FIT = "fit"
    WANTS = "wants"
    WARM_PATH = "warm_path"


# Professors answer needs and use data; investors back what a startup is and where it stands. `wants` is
# bounded, and so is a warm path: neither lifts a pair by more than its share of the whole.
DEFAULT_WEIGHTS: Mapping[Kind, Mapping[Part, float]] = {
    Kind.PROFESSOR: {
        Part.NEEDS: 0.5,
        Part.DATA_ASSETS: 0.2,
        Part.SUMMARY: 0.15,
        Part.FIT: 0.05,
        Part.WANTS: 0.1,
        Part.WARM_PATH: 0.05,
    },
    Kind.INVESTOR: {
        Part.NEEDS: 0.1,
        Part.DATA_ASSETS: 0.15,
        Part.SUMMARY: 0.4,
        Part.FIT: 0.25,
        Part.WANTS: 0.1,
        Part.WARM_PATH: 0.1,
    },
}


class Verdict(StrEnum):
    """What a relation does to a pair."""

    FORBID = "forbid"
    WARN = "warn"
    ALLOW = "allow"


@dataclass(frozen=True)
class RelationRule:
    """What relations of one type do.

    years: how long after its last day (`until`, or `since` where that is empty) a relation still counts; None:
    until its `until`. A relation without dates always counts. steps ≥ 1: the longest chain of relations, one
    of them of this type, that ties a startup to an expert.
    """

    verdict: Verdict
    years: int | None = None
    steps: int = 1

    def counts(self, since: dt.date | None, until: dt.date | None, day: dt.date) -> bool:
        """Return whether a relation of these days, None where unknown, still counts on a day."""
        last = until if self.years is None else until or since
        return last is None or (last.year + (self.years or 0), last.month, last.day) >= (day.year, day.month, day.day)


SAME_EMPLOYER, SAME_ORGANISATION = "same_employer", "same_organisation"
COMPETITOR, NOT_COMPETITOR = "competitor", "not_competitor"
DEFAULT_RULES: Mapping[str, RelationRule] = {
    "family": RelationRule(Verdict.FORBID),
    COMPETITOR: RelationRule(Verdict.FORBID),
    "declined": RelationRule(Verdict.FORBID),
    SAME_ORGANISATION: RelationRule(Verdict.FORBID),
    SAME_EMPLOYER: RelationRule(Verdict.FORBID),
    "coauthor": RelationRule(Verdict.FORBID, years=3),
    "colleague": RelationRule(Verdict.WARN),
    "advisor": RelationRule(Verdict.WARN),
    "invested_in": RelationRule(Verdict.ALLOW),
    "co_invested": RelationRule(Verdict.ALLOW),
    "mentored": RelationRule(Verdict.ALLOW),
    "alumni": RelationRule(Verdict.ALLOW),
    NOT_COMPETITOR: RelationRule(Verdict.ALLOW),
}
# A type that nobody wrote a rule for is shown to the manager rather than passed over.
UNKNOWN_TYPE_RULE = RelationRule(Verdict.WARN)
_TYPE_SYNONYMS = {
    "co_author": "coauthor",
    "coinvested": "co_invested",
    "co_investor": "co_invested",
    "coinvestor": "co_invested",
    "co_investment": "co_invested",
    "coinvestment": "co_invested",
    "mentor": "mentored",
    "mentoring": "mentored",
    "alumnus": "alumni",
    "alumna": "alumni",
    "alumni_of": "alumni",
    "employer": SAME_EMPLOYER,
    "employee": SAME_EMPLOYER,
    "employed_by": SAME_EMPLOYER,
    "employment": SAME_EMPLOYER,
    "works_at": SAME_EMPLOYER,
    "affiliation": SAME_EMPLOYER,
    **dict.fromkeys(("공저", "공저자", "공동저자", "공동_저자"), "coauthor"),
    **dict.fromkeys(("동료", "직장_동료"), "colleague"),
    **dict.fromkeys(("자문", "자문위원", "고문"), "advisor"),
    **dict.fromkeys(("가족", "친족", "친인척", "가족_관계"), "family"),
    "투자": "invested_in",
    **dict.fromkeys(("공동투자", "공동_투자"), "co_invested"),
    **dict.fromkeys(("경쟁", "경쟁사", "경쟁자", "경쟁_관계"), COMPETITOR),
    **dict.fromkeys(("경쟁_아님", "경쟁사_아님", "비경쟁"), NOT_COMPETITOR),
    **dict.fromkeys(("거절", "거절함"), "declined"),
    **dict.fromkeys(("멘토", "멘토링"), "mentored"),
    **dict.fromkeys(("동문", "졸업생"), "alumni"),
    **dict.fromkeys(("소속", "재직", "같은_소속"), SAME_EMPLOYER),
    **dict.fromkeys(("같은_조직", "동일_조직"), SAME_ORGANISATION),
}


@lru_cache(maxsize=4096)  # a large ecosystem has few types in many relations
def relation_type(text: str) -> str:
    """Return the type in the spelling of the rules: "Co-author" → "coauthor", "employer" → "same_employer"."""
    folded = fold(text).replace(" ", "_")
    return _TYPE_SYNONYMS.get(folded, folded)


@dataclass(frozen=True)
class StartupGroup:
    """A set of startups: those with one of `ids` (None: all) that fit every filter; terms as in profiles."""

    ids: frozenset[str] | None = None
    sector: str = ""
    stage: str = ""
    region: str = ""

    def holds(self, startup: Startup) -> bool:
        """Return whether `startup` belongs to the set."""
        return (
            (self.ids is None or startup.id in self.ids)
            and (not self.sector or _names_sector(self.sector, startup.sectors))
            and (not self.stage or _same(Vocabulary.STAGE, self.stage, startup.stage))
            and (not self.region or _lies_in(self.region, (startup.region,)))
        )


@dataclass(frozen=True)
class ExpertGroup:
    """A set of experts: those with one of `ids` (None: all) that fit every filter; terms as in profiles."""

    ids: frozenset[str] | None = None
    sector: str = ""
    stage: str = ""
    region: str = ""
    affiliation: str = ""
    kind: Kind | None = None

    def holds(self, expert: Expert) -> bool:
        """Return whether `expert` belongs to the set."""
        return (
            (self.ids is None or expert.id in self.ids)
            and (self.kind is None or expert.kind is self.kind)
            and (not self.sector or _names_sector(self.sector, expert.sectors))
            and (not self.stage or any(_same(Vocabulary.STAGE, self.stage, stage) for stage in expert.stages))
            and (not self.region or _lies_in(self.region, expert.regions))
            and (not self.affiliation or organisation(self.affiliation) == organisation(expert.affiliation))
        )


def _names_sector(sector: str, sectors: tuple[str, ...]) -> bool:
    return canonical(Vocabulary.SECTOR, sector) in canonical_set(Vocabulary.SECTOR, sectors)


def _same(vocabulary: Vocabulary, one: str, other: str) -> bool:
    return canonical(vocabulary, one) == canonical(vocabulary, other)


def _lies_in(region: str, regions: tuple[str, ...]) -> bool:
    named = canonical(Vocabulary.REGION, region)
    return any(named in around(canonical(Vocabulary.REGION, other)) for other in regions if other)


@dataclass(frozen=True)
class Quota:
    """At least `least` and at most `most` (None: no limit) pairs between a set of startups and a set of experts."""

    name: str
    startups: StartupGroup
    experts: ExpertGroup
    least: int = 0
    most: int | None = None

    def __post_init__(self) -> None:
        if self.least < 0 or (self.most is not None and self.most < self.least):
            raise BadInput(f"quota {self.name!r} has min {self.least} and max {self.most}, expected 0 ≤ min ≤ max")


@dataclass(frozen=True)
class Program:
    """The manager's decisions for a run.

    seed: breaks ties between equally good assignments. min_score in [0, 1]: pairs below it are not eligible.
    pins and bans: (startup id, expert id). weights: those given replace the default of their part.
    relation_rules: those given replace the default of their type.
    """

    name: str = ""
    seed: int = 0
    objective: Objective = Objective.TOTAL
    min_score: float | None = None
    pins: tuple[tuple[str, str], ...] = ()
    bans: tuple[tuple[str, str], ...] = ()
    weights: Mapping[Part, float] = field(default_factory=dict)
    quotas: tuple[Quota, ...] = ()
    relation_rules: Mapping[str, RelationRule] = field(default_factory=dict)

    def weights_for(self, kind: Kind) -> dict[Part, float]:
        """Return the weight of every part for this kind; at least one is above 0."""
        weights = {**DEFAULT_WEIGHTS[kind], **self.weights}
        if not any(weights.values()):
            raise BadInput("all weights are 0, expected at least one above 0: no pair could be scored")
        return weights

    def rule_for(self, type_: str) -> RelationRule:
        """Return the rule for relations of this type, the manager's own before the default."""
        return self.relation_rules.get(type_) or DEFAULT_RULES.get(type_) or UNKNOWN_TYPE_RULE
