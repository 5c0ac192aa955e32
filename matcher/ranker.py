"""A learned ranker: how probable it is that an expert takes a startup, from what the experts did before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matcher.choice_model import ChoiceModel
from matcher.deal_features import COUNTS, FEATURES, Besides, Feature, Likeness, features
from matcher.described import Descriptions
from matcher.errors import BadInput
from matcher.fit import Fit, structured_fit
from matcher.mandates import Mask
from matcher.profiles import Expert, Kind, Startup
from matcher.scoring import StartupScores, rounded
from matcher.similarity import Comparer
from matcher.track_record import TrackRecord, day_of, track_record
from matcher.trust import nearness

Values = NDArray[np.float64]
# Of the startup in a row: the ids of the experts within reach, and in how many steps.
Introduced = Callable[[int], Iterable[tuple[str, int]]]
# Changes with the features and with how they are computed: a ranker of another schema is refused.
SCHEMA = f"deals-6 {' '.join(FEATURES)}"


class Base(StrEnum):
    """The part of a learned score that no feature explains."""

    AVERAGE = "average"  # the probability of an expert who is average in everything, for this startup


PART_NAMES: tuple[StrEnum, ...] = (Base.AVERAGE, *FEATURES)


@dataclass(frozen=True)
class Ranker:
    """What was learned for one kind. evidence_fingerprint: of the encoder, lexicon and rules it was learned with."""

    kind: Kind
    model: ChoiceModel
    evidence_fingerprint: str

    def with_popularity(self, share: float) -> Ranker:
        """Return the ranker that lets an expert's number of deals count by this share, in [0, 1]; 1: as learned.

        At 0 the counts of deals become shares of the expert's deals: who does little, and all of it like this startup,
        comes before who does much of everything. Raises `BadInput` for a share outside of [0, 1].
        """
        if not 0 <= share <= 1:
            raise BadInput(f"found a popularity of {share}, expected 0 to 1")
        weights = self.model.weights.copy()
        by_name = dict(zip(FEATURES, weights.tolist(), strict=True))
        weights[FEATURES.index(Feature.ACTIVITY)] -= (1 - share) * sum(by_name[feature] for feature in COUNTS)
        return replace(self, model=replace(self.model, weights=weights))


@dataclass(frozen=True)
class Records:
    """n startups held against what m experts did and say.

    described: the texts of both sides, see `matcher.described`: the m experts, and one more with all descriptions.
    mandates: how well what the experts name agrees with the startups. columns: of the experts, by id. introduced: of
    the startup in a row, see `matcher.warm_paths.Introductions.foretelling`.
    """

    startups: tuple[Startup, ...]
    record: TrackRecord
    described: Comparer
    about: Descriptions
    mandates: Fit
    columns: Mapping[str, int]
    introduced: Introduced
    today: dt.date

    def features(self, row: int) -> Values:
        """Return (m, len(FEATURES)) for the startup `row` on its day."""
        startup = self.startups[row]
        alike = self.described.alike(row)
        mandate = self.mandates.of(row, np.arange(self.record.experts))
        besides = Besides(self._thesis(alike), mandate, self._near(row))
        return features(self.record, startup, day_of(startup, self.today), self._likeness(row, alike), besides)

    def _near(self, row: int) -> Values:
        """Return (m,): how near each expert is, 0 without a path."""
        near = np.zeros(self.record.experts)
        for expert, steps in self.introduced(row):
            if (column := self.columns.get(expert)) is not None:
                near[column] = nearness(steps)
        return near

    def _thesis(self, alike: Values) -> Values:
        """Return (m,): how like each expert's nearest line of expertise is to the startup's texts, NaN without one."""
        thesis = np.full(self.record.experts, -np.inf)
        states = ~self._describes
        if len(alike) and states.any():
            np.maximum.at(thesis, self.described.experts.owners[states], alike[:, states].max(axis=0))
        return np.where(np.isinf(thesis), np.nan, thesis)

    def _likeness(self, row: int, alike: Values) -> Likeness | None:
        """Return how like what each deal was about is to the startup; None where one side says nothing of it."""
        describes = self._describes
        if not len(alike) or not describes.any():
            return None
        held = self.described.startups.of(row)
        shared = self.described.shared.of(held.start, held.stop, np.flatnonzero(describes))
        return Likeness(self._of_deals(alike[:, describes].max(axis=0)), self._of_deals(shared.max(axis=0)))

    @cached_property
    def _describes(self) -> Mask:
        """(c,): which of the experts' passages belong to a description."""
        return np.asarray(self.described.experts.owners == self.record.experts)

    @cached_property
    def _descriptions(self) -> NDArray[np.intp]:
        """Which description each of those passages belongs to: a long one is cut."""
        passages = zip(self.described.experts.passages, self._describes, strict=True)
        return np.array([passage.item for passage, describes in passages if describes], dtype=np.intp)

    def _of_deals(self, of_passages: Values) -> Values:
        """Return (d,): the best of each deal's passages, NaN for one that says nothing."""
        best = np.full(len(self.about.texts) + 1, -np.inf)  # the last place, `UNSAID`, stays empty
        np.maximum.at(best, self._descriptions, of_passages)
        return np.where(np.isinf(best), np.nan, best)[self.about.of_deal]


def build_records(
    startups: Sequence[Startup],
    experts: Sequence[Expert],
    described: Comparer,
    about: Descriptions,
    introduced: Introduced,
    today: dt.date,
) -> Records:
    """Return the startups held against the experts' documents; described, about, introduced: see `Records`."""
    # Documents hold the very outcomes that a ranker learns from; a mandate is what is said besides.
    mandates = structured_fit(startups, [replace(expert, documents=()) for expert in experts])
    columns = {expert.id: column for column, expert in enumerate(experts)}
    return Records(tuple(startups), track_record(experts), described, about, mandates, columns, introduced, today)


@dataclass(frozen=True)
class LearnedScorer:
    """The probabilities of a ranker as scores; see `matcher.scoring.ScoringRule`.

    comparer: the texts as they stand, for evidence.
    """

    comparer: Comparer
    records: Records
    model: ChoiceModel

    def score(self, row: int, chosen: NDArray[np.intp]) -> StartupScores:
        """Score the startup `row` with the experts `chosen`, (k,) ascending positions.

        The probability depends on all experts, whoever is chosen; its parts may be negative.
        """
        if not len(chosen):
            return StartupScores(chosen, np.empty((0, len(PART_NAMES))), np.empty(0), PART_NAMES)
        found = self.records.features(row)
        parts, score = rounded(self.model.contributions(found)[chosen])
        return StartupScores(chosen, parts, score, PART_NAMES)

    def score_all(self, chosen: Mask) -> Iterator[StartupScores]:
        """Score each startup with the experts of its row in `chosen`, (n, m)."""
        return (self.score(row, np.flatnonzero(columns)) for row, columns in enumerate(chosen))
