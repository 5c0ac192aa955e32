"""The report of a run: one self-contained page that reads without scripts, prints, and opens from a mail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from matcher.audit import Rather
from matcher.explanation import Match, shown_amount
from matcher.offers import TAKERS, Offer
from matcher.outcome import Outcome
from matcher.pipeline import Explained, may_compete
from matcher.profiles import Expert, Kind, Party, Side
from matcher.program import Part
from matcher.ranker import LearnedScorer
from matcher.survey import Survey, survey
from matcher.tie import forbidden_pairs
from matcher.unmatched import Unmatched
from service.reading.cohort import CohortInput
from service.threads import on_one_core
from service.writing.fragments import PART_TITLES, bar, evidence, label, lock, parts_of, taker, who
from service.writing.picture import COLOURS, HEIGHT, WIDTH, draw

# A map of more pairs than this is a carpet nobody reads, and makes the page heavy.
_LARGEST_MAP = 5_000
_BINS = 20
# Of what the limits cost the largest rows are shown; run.json has all.
_LONGEST_TABLE = 15


@dataclass(frozen=True)
class Load:
    """How many startups an expert got, of how many it takes, and what one more place would add to the total."""

    expert: Expert
    given: int
    adds: float

    @property
    def most(self) -> int:
        """Its places."""
        return self.expert.limits.most


@dataclass(frozen=True)
class Bin:
    """A bar of the distribution: the pairs whose score lies in [low, high), and how many of them were made."""

    low: float
    high: float
    pairs: int
    made: int


@dataclass(frozen=True)
class Cell:
    """A pair on the heat map: score None for a pair that is not eligible or not scored."""

    score: float | None
    made: bool


@dataclass(frozen=True)
class Wish:
    """A pair that would rather have each other, and what making it would take from the total; None: it cannot be."""

    pair: Rather
    cost: float | None


@dataclass(frozen=True)
class KindSection:
    """What the page shows of one kind."""

    explained: Explained
    loads: tuple[Load, ...]
    bins: tuple[Bin, ...]
    cells: tuple[tuple[Cell, ...], ...]

    @property
    def outcome(self) -> Outcome:
        """The assignment."""
        return self.explained.outcome

    @property
    def learned(self) -> bool:
        """Whether the scores are a ranker's probabilities, whose parts may be negative."""
        return isinstance(self.outcome.scorer, LearnedScorer)

    @property
    def matches(self) -> tuple[Match, ...]:
        """The pairs, best first, so that a reader meets the strong ones before the weak."""
        return tuple(sorted(self.explained.matches, key=lambda match: -(match.score or 0.0)))

    @property
    def left_out(self) -> list[Unmatched]:
        """The startups without a pair."""
        return [one for one in self.explained.unmatched if one.side is Side.STARTUP]

    @property
    def idle(self) -> list[Unmatched]:
        """The experts without a pair."""
        return [one for one in self.explained.unmatched if one.side is Side.EXPERT]

    @property
    def served(self) -> int:
        """How many startups have a pair at least."""
        return len({match.startup for match in self.matches})

    @property
    def median_score(self) -> float | None:
        """The score in the middle of the list."""
        scores = [match.score for match in self.matches if match.score is not None]
        return float(np.median(scores)) if scores else None

    @property
    def wishes(self) -> list[Wish]:
        """The pairs that would rather have each other, as many as the page shows; empty where costs are not known."""
        what_if = self.outcome.what_if
        if what_if is None:
            return []
        shown = self.explained.audit.rather[:_LONGEST_TABLE]
        positions = self.outcome.positions([(one.startup, one.expert) for one in shown])
        forced = [what_if.forced(position) for position in positions]
        return [Wish(pair, one.cost if one else None) for pair, one in zip(shown, forced, strict=True)]

    @property
    def prioritised(self) -> bool:
        """Whether any startup counts more or less than the others."""
        return bool((self.outcome.problem.worth != 1).any())

    @property
    def warned(self) -> list[Match]:
        """The pairs that carry a tie worth a look."""
        return [match for match in self.matches if match.warnings]


def report_html(cohort: CohortInput, explained: Sequence[Explained], fingerprint: str) -> str:
    """Return the page; every text of the cohort in it is escaped."""
    environment = Environment(
        loader=PackageLoader("service.writing"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    web = _survey(cohort, explained)
    called = _called(cohort, web)
    return environment.get_template("report.html.j2").render(
        program=cohort.program,
        sections=[_section(of_kind) for of_kind in explained],
        offers=_offers(explained),
        rivals=may_compete(explained),
        web=web,
        called=called,
        marks=draw(web, called),
        picture_width=WIDTH,
        picture_height=HEIGHT,
        colours=COLOURS,
        shape=_shapes(cohort),
        startups={startup.id: startup for startup in cohort.cohort.startups},
        experts={expert.id: expert for expert in cohort.cohort.experts},
        parts=list(Part),
        part_titles=PART_TITLES,
        digest=cohort.digest,
        fingerprint=fingerprint,
        largest_map=_LARGEST_MAP,
        longest_table=_LONGEST_TABLE,
        shown_amount=shown_amount,
        label=label,
        who=who,
        evidence=evidence,
        bar=bar,
        parts_of=parts_of,
        lock=lock,
        taker=taker,
    )


def _survey(cohort: CohortInput, explained: Sequence[Explained]) -> Survey:
    """Return the ecosystem without the pairs that a conflict, a ban or somebody's wish forbids, of all kinds."""
    ties = explained[0].outcome.web.ties if explained else {}
    forbidden = forbidden_pairs(ties, cohort.cohort, cohort.program)
    with on_one_core():
        return survey(cohort.cohort, cohort.program, forbidden)


def _called(cohort: CohortInput, web: Survey) -> Callable[[Party], str]:
    """Return what calls a party by its name."""
    names: dict[Party, str] = dict(web.names)
    names |= {Party(Side.STARTUP, one.id): label(one) for one in cohort.cohort.startups}
    names |= {Party(Side.EXPERT, one.id): label(one) for one in cohort.cohort.experts}
    return lambda party: names.get(party, party.id)


def _shapes(cohort: CohortInput) -> Callable[[Party], str]:
    """Return what tells whether a party is drawn as a startup, an organisation or an expert of a kind."""
    kinds: dict[str, Kind] = {one.id: one.kind for one in cohort.cohort.experts}
    return lambda party: kinds[party.id].value if party.side is Side.EXPERT else party.side or "organisation"


def _section(explained: Explained) -> KindSection:
    outcome = explained.outcome
    adds = {one.expert: one.adds for one in explained.audit.scarce or ()}
    loads = (Load(one, outcome.load(column), adds.get(one.id, 0.0)) for column, one in enumerate(outcome.experts))
    ordered = sorted(loads, key=lambda load: (-load.adds, -load.given / max(load.most, 1), label(load.expert)))
    return KindSection(explained, tuple(ordered), _bins(outcome), _cells(outcome))


def _bins(outcome: Outcome) -> tuple[Bin, ...]:
    """Return the distribution of the scores of all open pairs."""
    open_ = outcome.problem.open
    chosen = [outcome.problem.scores[pair] for pair in outcome.assignment.pairs]
    edges = np.linspace(0, 1, _BINS + 1)
    pairs, _ = np.histogram(outcome.problem.scores[open_], edges)
    made, _ = np.histogram(chosen, edges)
    bars = zip(edges[:-1].tolist(), edges[1:].tolist(), pairs.tolist(), made.tolist(), strict=True)
    return tuple(Bin(*bar) for bar in bars)


def _cells(outcome: Outcome) -> tuple[tuple[Cell, ...], ...]:
    if outcome.problem.scores.size > _LARGEST_MAP:
        return ()
    made = set(outcome.assignment.pairs)
    open_ = outcome.problem.open
    return tuple(
        tuple(
            Cell(float(score) if open_[row, column] else None, (row, column) in made)
            for column, score in enumerate(scores)
        )
        for row, scores in enumerate(outcome.problem.scores)
    )


def _offers(explained: Sequence[Explained]) -> list[Offer]:
    """Return each data asset once, with its takers of all kinds, best first."""
    joined: dict[tuple[str, str], Offer] = {}
    for of_kind in explained:
        for offer in of_kind.offers:
            key = (offer.startup, offer.data_asset)
            known = joined[key].takers if key in joined else ()
            takers = sorted((*known, *offer.takers), key=lambda taker: -taker.worth)[:TAKERS]
            joined[key] = replace(offer, takers=tuple(takers))
    return list(joined.values())
