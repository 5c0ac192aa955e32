"""What each expert did and says it does, for one startup: the features of the learned ranker.

Only deals of days before the one on which the startup asks count, and none with the startup itself: an expert's
documents hold the very outcomes that a ranker learns from. Ages are measured from the newest deal that counts, not from
the day asked: a record that ends a year ago would otherwise show everybody as idle.

Each expert's deals fade with their age, slowly where the question is what it backs and faster where it is how much. An
affinity is the logarithm of how many times as often an expert's deals
agree with the startup as all deals do, held back by pseudo-counts where an expert has few:

    log((c + a·p) / ((n + a)·p)),   c agreeing of n deals, p the share of all deals that agree, a pseudo-counts

A field about which the startup says nothing, or nobody has done anything in, has affinity 0 for all. Who lists deals
lists those of some experts and tells them in its own way, so that even the length of a text tells of who comes from the
same list. An expert without
a deal that counts is given the mean of those with one, and flagged: what that is worth is learned, for newcomers are
taken too. What an expert states counts where it states it, and is average where it does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from matcher.co_investment import CoInvestment
from matcher.profiles import Startup
from matcher.track_record import TrackRecord, length_of

Values = NDArray[np.float64]


class Feature(StrEnum):
    """The features, in the order of their columns. `docs/investors.md` tells each in a sentence."""

    ACTIVITY = "activity"
    LASTING_ACTIVITY = "lasting_activity"
    SECTORED_ACTIVITY = "sectored_activity"
    SECTOR = "sector"
    REGION = "region"
    STAGE = "stage"
    TEXT = "text"
    WORDS = "words"
    LENGTH = "length"
    SECTOR_DEALS = "sector_deals"
    LIKE_DEALS = "like_deals"
    CO_INVESTORS = "co_investors"
    CO_INVESTOR_ACTIVITY = "co_investor_activity"
    NO_RECORD = "no_record"
    THESIS = "thesis"
    MANDATE = "mandate"


FEATURES = tuple(Feature)
# Those that grow with the number of an expert's deals.
COUNTS = (
    Feature.ACTIVITY,
    Feature.LASTING_ACTIVITY,
    Feature.SECTOR_DEALS,
    Feature.LIKE_DEALS,
)
# Half of a deal's weight is gone after a year; of its lasting weight after four.
_HALF_LIFE, _LONG_HALF_LIFE = 365.0, 1460.0
_PSEUDO_COUNTS = 3.0
# Added to a count of deals before its logarithm.
_FLOOR = 0.3
_LIKE_FLOOR = 0.05
# What a deal that differs in a field weighs among like deals, beside one that agrees.
_OTHER_SECTOR, _OTHER_REGION, _OTHER_STAGE = 0.2, 0.05, 0.2
# How fast a deal's weight grows with the likeness of its text, in standard deviations, and where that ends: most texts
# share no word, so that one which shares some lies far out.
_TEXT_SLOPE, _LIKE_SLOPE = 0.5, 0.4
_FARTHEST = 6.0
# How far apart the lengths of two texts may be and still be alike, and what a deal weighs where they are far.
_LENGTH_SPREAD, _OTHER_LENGTH = 0.7, 0.02
# Held back as above, for co-investors: their deals, by nearness, are small numbers.
_CO_FLOOR, _CO_PSEUDO_COUNTS = 0.02, 0.05


@dataclass(frozen=True)
class Stated:
    """What m experts say of themselves, held against one startup; NaN for who says nothing.

    thesis: (m,) how like its nearest line of expertise is to the startup's text, on any scale. mandate: (m,) in [0, 1],
    how well the sectors, stages and regions it names agree with the startup's.
    """

    thesis: Values
    mandate: Values


@dataclass(frozen=True)
class Likeness:
    """How like the text of each deal is to a startup's, (d,) each on any scale: in its meaning, and in its words."""

    meaning: Values
    words: Values


def features(record: TrackRecord, startup: Startup, day: int, likeness: Likeness | None, stated: Stated) -> Values:
    """Return (m, len(FEATURES)) of each expert for the startup that asks on `day`, a proleptic ordinal.

    likeness: of the texts; None where one of the two has none.
    """
    columns = _Asked(record, startup, day, likeness).features()
    columns[Feature.THESIS] = _standardised(stated.thesis)
    columns[Feature.MANDATE] = _standardised(stated.mandate)
    return np.stack([columns[feature] for feature in FEATURES], axis=1)


def _standardised(values: Values) -> Values:
    """Return the values in standard deviations from their mean, 0 where unknown."""
    known = ~np.isnan(values)
    spread = values[known].std() if known.any() else 0.0
    return np.where(known, (values - values[known].mean()) / spread, 0.0) if spread > 0 else np.zeros(len(values))


class _Asked:
    """One startup held against a record."""

    def __init__(self, record: TrackRecord, startup: Startup, day: int, likeness: Likeness | None) -> None:
        self._record = record
        is_own = [record.is_with(name) for name in startup.names]
        self._counts = (record.days < day) & ~np.any(is_own, axis=0)
        newest = int(record.days[self._counts].max(initial=0))
        self._age = np.maximum(newest - record.days, 0)
        self._weight, self._lasting = self._fade(_HALF_LIFE), self._fade(_LONG_HALF_LIFE)
        self._sector = record.names_one_of(startup.sectors)
        self._region = record.lies_in(startup.region)
        self._stage = record.is_of_stage(startup.stage)
        self._meaning = None if likeness is None else self._standardised(likeness.meaning)
        self._words = None if likeness is None else self._standardised(likeness.words)
        self._length = length_of(startup.summary) if startup.summary and likeness is not None else None
        self._says_sector = bool(startup.sectors)

    def features(self) -> dict[Feature, Values]:
        alike = self._alike()
        columns = self._amounts(alike) | self._affinities() | self._co_investment(alike)
        has_record = self._sum(self._counts.astype(float)) > 0
        if has_record.any():
            columns = {name: np.where(has_record, one, float(one[has_record].mean())) for name, one in columns.items()}
        columns[Feature.NO_RECORD] = (~has_record).astype(np.float64)
        return columns

    def _amounts(self, alike: Values) -> dict[Feature, Values]:
        in_sector = self._lasting if self._sector is None else self._lasting * self._sector
        activity = np.log(self._sum(self._weight) + _FLOOR)
        return {
            Feature.ACTIVITY: activity,
            Feature.LASTING_ACTIVITY: np.log(self._sum(self._lasting) + _FLOOR),
            Feature.SECTORED_ACTIVITY: activity if self._says_sector else np.zeros(len(activity)),
            Feature.SECTOR_DEALS: np.log(self._sum(in_sector) + _FLOOR),
            Feature.LIKE_DEALS: np.log(self._sum(alike) + _LIKE_FLOOR),
        }

    def _affinities(self) -> dict[Feature, Values]:
        return {
            Feature.SECTOR: self._affinity(self._lasting, self._sector),
            Feature.REGION: self._affinity(self._lasting, self._region),
            Feature.STAGE: self._affinity(self._lasting, self._stage),
            Feature.TEXT: self._affinity(self._weight, _grown(self._meaning, _TEXT_SLOPE)),
            Feature.WORDS: self._affinity(self._weight, _grown(self._words, _TEXT_SLOPE)),
            Feature.LENGTH: self._affinity(self._weight, self._as_long()),
        }

    def _co_investment(self, alike: Values) -> dict[Feature, Values]:
        """Return how much co-investors do, and how much more of it than of all deals is like the startup."""
        graph = CoInvestment(self._record, self._counts)
        done = graph.of_neighbours(self._sum(self._weight))
        done_alike = graph.of_neighbours(self._sum(alike))
        share = alike.sum() / self._weight.sum() if self._weight.any() else 1.0
        ratio = (done_alike + _CO_PSEUDO_COUNTS * share) / (done + _CO_PSEUDO_COUNTS) / share
        return {Feature.CO_INVESTORS: np.log(ratio), Feature.CO_INVESTOR_ACTIVITY: np.log(done + _CO_FLOOR)}

    def _fade(self, half_life: float) -> Values:
        return np.asarray(np.where(self._counts, 0.5 ** (self._age / half_life), 0.0))

    def _sum(self, weights: Values) -> Values:
        return np.bincount(self._record.owners, weights, minlength=self._record.experts).astype(float)

    def _standardised(self, likeness: Values) -> Values | None:
        seen = likeness[self._counts]
        return (likeness - seen.mean()) / seen.std() if seen.size and seen.std() > 0 else None

    def _as_long(self) -> Values | None:
        if self._length is None:
            return None
        apart = (self._record.lengths - self._length) / _LENGTH_SPREAD
        return np.asarray(np.exp(-(apart**2) / 2) + _OTHER_LENGTH)

    def _affinity(self, weight: Values, agreement: NDArray[np.bool_] | Values | None) -> Values:
        agreeing = None if agreement is None else weight * agreement
        if agreeing is None or not agreeing.any():
            return np.zeros(self._record.experts)
        share = agreeing.sum() / weight.sum()
        counted = self._sum(agreeing) + _PSEUDO_COUNTS * share
        return np.asarray(np.log(counted / (self._sum(weight) + _PSEUDO_COUNTS) / share))

    def _alike(self) -> Values:
        """Return (d,): the weight of each deal, less for every field in which it differs from the startup."""
        weight = self._weight
        fields = (self._sector, _OTHER_SECTOR), (self._region, _OTHER_REGION), (self._stage, _OTHER_STAGE)
        for agrees, other in fields:
            if agrees is not None:
                weight = weight * np.where(agrees, 1.0, other)
        grown = _grown(self._meaning, _LIKE_SLOPE)
        return weight if grown is None else weight * grown


def _grown(likeness: Values | None, slope: float) -> Values | None:
    return None if likeness is None else np.exp(slope * np.minimum(likeness, _FARTHEST))
