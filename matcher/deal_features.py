"""What each expert did and says it does, for one startup: the features of the learned ranker.

Only deals of days before the one on which the startup asks count, and none with the startup itself: an expert's
documents hold the very outcomes that a ranker learns from. Ages are measured from the newest deal that counts, not from
the day asked: a record that ends a year ago would otherwise show everybody as idle.

Most of it are counts: how many deals like the startup an expert did, lately, within a year or so and at all. A deal
counts the more, the more what it was about is like the startup, exp(0.4 z + 0.1 v) with the likeness in meaning z and
in words v in standard deviations, and little where it was made in another region; one of an unknown region counts as
the average of the known ones. Each fades with its age.

An affinity tells apart who does the same amount: how many times as often an expert's deals agree with the startup as
all deals do, held back by pseudo-counts where an expert has few,

    log((c + a·p) / ((n + a)·p)),   c agreeing of n deals that say, p the share of all that agree, a pseudo-counts

A field about which the startup says nothing, or nobody has done anything in, has affinity 0 for all. An expert without
a deal that counts is given the mean of those with one, and flagged: what that is worth is learned, for newcomers are
taken too. What an expert states counts where it states it, and is average where it does not. Who could be introduced
to the startup is nearer by one over the steps that it takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from matcher.co_investment import CoInvestment
from matcher.profiles import Startup
from matcher.track_record import Agreement, TrackRecord

Values = NDArray[np.float64]


class Feature(StrEnum):
    """The features, in the order of their columns. `docs/investors.md` tells each in a sentence."""

    LIKE_DEALS_LATELY = "like_deals_lately"
    LIKE_DEALS = "like_deals"
    LIKE_DEALS_EVER = "like_deals_ever"
    ACTIVITY = "activity"
    CO_INVESTORS = "co_investors"
    CO_INVESTOR_ACTIVITY = "co_investor_activity"
    SECTOR = "sector"
    REGION = "region"
    STAGE = "stage"
    NO_RECORD = "no_record"
    THESIS = "thesis"
    MANDATE = "mandate"
    WARM_PATH = "warm_path"


FEATURES = tuple(Feature)
# Those that grow with the number of an expert's deals.
COUNTS = (Feature.LIKE_DEALS_LATELY, Feature.LIKE_DEALS, Feature.LIKE_DEALS_EVER, Feature.ACTIVITY)
# Those that are used only where they tell much (`matcher.learning`): who does little, and all of it like this startup,
# is far ahead in them, which is true of many and costs the first places of a list, where those stand who do much.
REFINING = (Feature.ACTIVITY, Feature.SECTOR, Feature.REGION, Feature.STAGE)
# In days, after which half of a deal's weight is gone.
_LATELY, _YEAR, _EVER = 60.0, 365.0, 1460.0
# How fast a deal counts more with its likeness, in standard deviations, and where that ends: most texts share no word,
# so that one which shares some lies far out.
_MEANING_SLOPE, _WORDS_SLOPE = 0.4, 0.1
_FARTHEST = 6.0
# What a deal in another region counts, beside one in the startup's.
_OTHER_REGION = 0.05
# Added to a count before its logarithm: of an expert's deals, and of those of co-investors, which nearness makes small.
_FLOOR, _CO_FLOOR = 0.1, 0.02
_PSEUDO_COUNTS = 3.0


@dataclass(frozen=True)
class Besides:
    """What is known of m experts besides their deals, held against one startup.

    thesis: (m,) how like its nearest line of expertise is to the startup's text, on any scale; NaN for who has none.
    mandate: (m,) in [0, 1], how well the sectors, stages and regions it names agree with the startup's; NaN for who
    names none. near: (m,) in [0, 1], how near it is by a warm path that was known before the startup asked, 0 without.
    """

    thesis: Values
    mandate: Values
    near: Values


@dataclass(frozen=True)
class Likeness:
    """How like what each deal was about is to the startup, (d,) each on any scale: in its meaning, and in its words.

    NaN for a deal that says nothing of it, which counts as an average one.
    """

    meaning: Values
    words: Values


def features(record: TrackRecord, startup: Startup, day: int, likeness: Likeness | None, besides: Besides) -> Values:
    """Return (m, len(FEATURES)) of each expert for the startup that asks on `day`, a proleptic ordinal.

    likeness: None where one side says nothing of what it does.
    """
    columns = _Asked(record, startup, day, likeness).features()
    columns[Feature.THESIS] = _standardised(besides.thesis)
    columns[Feature.MANDATE] = _standardised(besides.mandate)
    columns[Feature.WARM_PATH] = besides.near
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
        self._year, self._ever = self._fade(_YEAR), self._fade(_EVER)
        self._sector = record.names_one_of(startup.sectors)
        self._region = record.lies_in(startup.region)
        self._stage = record.is_of_stage(startup.stage)
        self._like = self._likeness(likeness) * self._nearness()

    def features(self) -> dict[Feature, Values]:
        columns = self._amounts() | self._co_investment() | self._affinities()
        has_record = self._sum(self._counts.astype(float)) > 0
        if has_record.any():
            columns = {name: np.where(has_record, one, float(one[has_record].mean())) for name, one in columns.items()}
        columns[Feature.NO_RECORD] = (~has_record).astype(np.float64)
        return columns

    def _amounts(self) -> dict[Feature, Values]:
        faded = {
            Feature.LIKE_DEALS_LATELY: self._fade(_LATELY) * self._like,
            Feature.LIKE_DEALS: self._year * self._like,
            Feature.LIKE_DEALS_EVER: self._ever * self._like,
            Feature.ACTIVITY: self._year,
        }
        return {feature: np.log(self._sum(weight) + _FLOOR) for feature, weight in faded.items()}

    def _co_investment(self) -> dict[Feature, Values]:
        """Return how much of what is like the startup co-investors did, and how much of anything."""
        graph = CoInvestment(self._record, self._counts)
        done = {Feature.CO_INVESTORS: self._year * self._like, Feature.CO_INVESTOR_ACTIVITY: self._year}
        return {name: np.log(graph.of_neighbours(self._sum(weight)) + _CO_FLOOR) for name, weight in done.items()}

    def _affinities(self) -> dict[Feature, Values]:
        return {
            Feature.SECTOR: self._affinity(self._sector),
            Feature.REGION: self._affinity(self._region),
            Feature.STAGE: self._affinity(self._stage),
        }

    def _fade(self, half_life: float) -> Values:
        return np.asarray(np.where(self._counts, 0.5 ** (self._age / half_life), 0.0))

    def _sum(self, weights: Values) -> Values:
        return np.bincount(self._record.owners, weights, minlength=self._record.experts).astype(float)

    def _likeness(self, likeness: Likeness | None) -> Values:
        """Return (d,): how much each deal counts for what it was about, 1 for one of average likeness."""
        if likeness is None:
            return np.ones(len(self._record.owners))
        slopes = (_MEANING_SLOPE, likeness.meaning), (_WORDS_SLOPE, likeness.words)
        return np.asarray(np.exp(sum(slope * self._deviations(values) for slope, values in slopes)))

    def _deviations(self, likeness: Values) -> Values:
        """Return the likeness in standard deviations from its mean over the deals that count, 0 where all are alike."""
        seen = likeness[self._counts & ~np.isnan(likeness)]
        spread = seen.std() if seen.size else 0.0
        if spread == 0:
            return np.zeros(len(likeness))
        return np.asarray(np.nan_to_num(np.minimum((likeness - seen.mean()) / spread, _FARTHEST)))

    def _nearness(self) -> Values:
        """Return (d,): how much each deal counts for where it was made."""
        if self._region is None or (share := self._share(self._region)) == 0:
            return np.ones(len(self._record.owners))
        unknown = share + (1 - share) * _OTHER_REGION
        return np.where(self._region.known, np.where(self._region.agrees, 1.0, _OTHER_REGION), unknown)

    def _affinity(self, agreement: Agreement | None) -> Values:
        if agreement is None or (share := self._share(agreement)) == 0:
            return np.zeros(self._record.experts)
        counted = self._sum(self._ever * agreement.agrees) + _PSEUDO_COUNTS * share
        return np.asarray(np.log(counted / (self._sum(self._ever * agreement.known) + _PSEUDO_COUNTS) / share))

    def _share(self, agreement: Agreement) -> float:
        """Return the share of the deals that say something which agree, 0 where none says."""
        said = float((self._ever * agreement.known).sum())
        return float((self._ever * agreement.agrees).sum()) / said if said > 0 else 0.0
