"""What each expert did and says it does, for one startup: the features of the learned ranker.

Only deals of days before the one on which the startup asks count, and none with the startup itself: an expert's
documents hold the very outcomes that a ranker learns from. Ages are measured from the newest deal that counts, not from
the day asked: a record that ends a year ago would otherwise show everybody as idle.

Each expert's deals fade with their age. An affinity is the logarithm of how many times as often an expert's deals
agree with the startup as all deals do, held back by pseudo-counts where an expert has few:

    log((c + a·p) / ((n + a)·p)),   c agreeing of n deals, p the share of all deals that agree, a pseudo-counts

A field about which the startup says nothing, or nobody has done anything in, has affinity 0 for all. An expert without
a deal that counts is given the mean of those with one, and flagged: what that is worth is learned, for newcomers are
taken too. What an expert states counts where it states it, and is average where it does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from matcher.profiles import Startup
from matcher.track_record import TrackRecord

Values = NDArray[np.float64]


class Feature(StrEnum):
    """The features, in the order of their columns. `docs/investors.md` tells each in a sentence."""

    ACTIVITY = "activity"
    RECENT_ACTIVITY = "recent_activity"
    LASTING_ACTIVITY = "lasting_activity"
    SECTOR = "sector"
    REGION = "region"
    STAGE = "stage"
    TEXT = "text"
    SECTOR_DEALS = "sector_deals"
    LIKE_DEALS = "like_deals"
    NO_RECORD = "no_record"
    THESIS = "thesis"
    MANDATE = "mandate"


FEATURES = tuple(Feature)
# Those that grow with the number of an expert's deals.
COUNTS = (
    Feature.ACTIVITY,
    Feature.RECENT_ACTIVITY,
    Feature.LASTING_ACTIVITY,
    Feature.SECTOR_DEALS,
    Feature.LIKE_DEALS,
)
# Half of a deal's weight is gone after a year; of its lasting weight after four.
_HALF_LIFE, _LONG_HALF_LIFE = 365.0, 1460.0
_RECENT_DAYS = 120
_PSEUDO_COUNTS = 3.0
# Added to a count of deals before its logarithm.
_FLOOR = 0.3
_LIKE_FLOOR = 0.05
# What a deal that differs in a field weighs among like deals, beside one that agrees.
_OTHER_SECTOR, _OTHER_REGION, _OTHER_STAGE = 0.2, 0.05, 0.2
# How fast a deal's weight grows with the likeness of its text, in standard deviations.
_TEXT_SLOPE, _LIKE_SLOPE = 0.5, 0.4


@dataclass(frozen=True)
class Stated:
    """What m experts say of themselves, held against one startup; NaN for who says nothing.

    thesis: (m,) how like its nearest line of expertise is to the startup's text, on any scale. mandate: (m,) in [0, 1],
    how well the sectors, stages and regions it names agree with the startup's.
    """

    thesis: Values
    mandate: Values


def features(record: TrackRecord, startup: Startup, day: int, likeness: Values | None, stated: Stated) -> Values:
    """Return (m, len(FEATURES)) of each expert for the startup that asks on `day`, a proleptic ordinal.

    likeness: (d,) how like the text of each deal is to the startup's, on any scale; None where that is unknown.
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

    def __init__(self, record: TrackRecord, startup: Startup, day: int, likeness: Values | None) -> None:
        self._record = record
        self._counts = (record.days < day) & ~record.is_with(startup.name)
        newest = int(record.days[self._counts].max(initial=0))
        self._age = np.maximum(newest - record.days, 0)
        self._weight = self._fade(_HALF_LIFE)
        self._deals = self._sum(self._weight)
        self._sector = record.names_one_of(startup.sectors)
        self._region = record.lies_in(startup.region)
        self._stage = record.is_of_stage(startup.stage)
        self._likeness = None if likeness is None else self._standardised(likeness)

    def features(self) -> dict[Feature, Values]:
        recent = (self._counts & (self._age <= _RECENT_DAYS)).astype(float)
        lasting = self._fade(_LONG_HALF_LIFE)
        in_sector = lasting if self._sector is None else lasting * self._sector
        columns = {
            Feature.ACTIVITY: np.log(self._deals + _FLOOR),
            Feature.RECENT_ACTIVITY: np.log(self._sum(recent) + _FLOOR),
            Feature.LASTING_ACTIVITY: np.log(self._sum(lasting) + _FLOOR),
            Feature.SECTOR: self._affinity(self._sector),
            Feature.REGION: self._affinity(self._region),
            Feature.STAGE: self._affinity(self._stage),
            Feature.TEXT: self._affinity(self._grown(_TEXT_SLOPE)),
            Feature.SECTOR_DEALS: np.log(self._sum(in_sector) + _FLOOR),
            Feature.LIKE_DEALS: np.log(self._sum(self._alike()) + _LIKE_FLOOR),
        }
        has_record = self._sum(self._counts.astype(float)) > 0
        if has_record.any():
            columns = {name: np.where(has_record, one, one[has_record].mean()) for name, one in columns.items()}
        columns[Feature.NO_RECORD] = 1.0 - has_record
        return columns

    def _fade(self, half_life: float) -> Values:
        return np.asarray(np.where(self._counts, 0.5 ** (self._age / half_life), 0.0))

    def _sum(self, weights: Values) -> Values:
        return np.bincount(self._record.owners, weights, minlength=self._record.experts).astype(float)

    def _standardised(self, likeness: Values) -> Values | None:
        seen = likeness[self._counts]
        return (likeness - seen.mean()) / seen.std() if seen.size and seen.std() > 0 else None

    def _grown(self, slope: float) -> Values | None:
        return None if self._likeness is None else np.exp(slope * self._likeness)

    def _affinity(self, agreement: NDArray[np.bool_] | Values | None) -> Values:
        agreeing = None if agreement is None else self._weight * agreement
        if agreeing is None or not agreeing.any():
            return np.zeros(self._record.experts)
        share = agreeing.sum() / self._weight.sum()
        counted = self._sum(agreeing) + _PSEUDO_COUNTS * share
        return np.asarray(np.log(counted / (self._deals + _PSEUDO_COUNTS) / share))

    def _alike(self) -> Values:
        """Return (d,): the weight of each deal, less for every field in which it differs from the startup."""
        weight = self._weight
        fields = (self._sector, _OTHER_SECTOR), (self._region, _OTHER_REGION), (self._stage, _OTHER_STAGE)
        for agrees, other in fields:
            if agrees is not None:
                weight = weight * np.where(agrees, 1.0, other)
        grown = self._grown(_LIKE_SLOPE)
        return weight if grown is None else weight * grown
