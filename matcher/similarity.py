"""How well each passage of a startup is answered by each expert."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.calibration import Calibration, Evidence, Worth
from matcher.corpus import Corpus
from matcher.passages import Passage
from matcher.shared_words import Share, SharedWords, share_words

# An expert answers a passage as well as the mean of its best three lines or papers: not one lucky line, not the
# average of a long career. (Loss on graded expertise with 1, 2, 3, 5 and 8: docs/relevance.md.)
BEST_SOURCES = 3
# What a document shows fades: half of its worth stays for good, of the other half one half is left after 20 years.
HALF_LIFE_YEARS = 20.0
_LASTING = 0.5
_DAYS_A_YEAR = 365.25
# Similarities held at a time: 16 MB.
_BLOCK_CELLS = 2_000_000


@dataclass(frozen=True)
class Comparison:
    """One startup's passages (p) against the passages (c) and the profiles (k) of some experts.

    worth: (p, c) in [0, 1]. columns: (c,) where each compared passage stands in the experts' corpus.
    answered: (p, k) in [0, 1], NaN for an expert without passages.
    """

    worth: Worth
    columns: NDArray[np.intp]
    answered: Worth


class Products:
    """The similarities and shares of words between the startups' passages and all answers, some passages at a time.

    One large product is many times as fast as a small one for each startup, and does not suffer from another process
    on the same cores.
    """

    def __init__(self, calibration: Calibration, startups: Corpus, experts: Corpus, shared: SharedWords) -> None:
        self._calibration = calibration
        self._startups = startups
        self._answers = experts.vectors.astype(np.float64), experts.languages
        self._shared = shared
        self._begin = self._end = 0
        self._alike = self._share = np.empty((0, len(experts.languages)))

    def of(self, passages: slice) -> tuple[Evidence, Share]:
        """Return both (p, c) for these passages; they are cheapest in ascending order."""
        if not self._begin <= passages.start <= passages.stop <= self._end:
            self._take(passages)
        held = slice(passages.start - self._begin, passages.stop - self._begin)
        return self._alike[held], self._share[held]

    def _take(self, passages: slice) -> None:
        rows = max(1, _BLOCK_CELLS // max(1, len(self._answers[1])))
        begin = passages.start
        end = min(max(passages.stop, begin + rows), len(self._startups.languages))
        asks = self._startups.vectors[begin:end], self._startups.languages[begin:end]
        self._alike = self._calibration.similarity(asks, self._answers)
        self._share = self._shared.of(begin, end)
        self._begin, self._end = begin, end


@dataclass(frozen=True)
class Comparer:
    """The texts of n startups and of m experts, ready to be compared. freshness: (c,) in (0, 1], of each answer."""

    startups: Corpus
    experts: Corpus
    products: Products
    shared: SharedWords
    freshness: Worth
    calibration: Calibration

    def compare(self, row: int, chosen: NDArray[np.intp]) -> Comparison:
        """Compare the startup `row` with the experts `chosen`, (k,) ascending positions."""
        experts, passages = self.experts, self.startups.of(row)
        is_chosen = np.zeros(len(experts.has_passages), dtype=bool)
        is_chosen[chosen] = True
        columns = np.flatnonzero(is_chosen[experts.owners])
        count = passages.stop - passages.start
        answered = np.full((count, len(chosen)), np.nan, dtype=np.float32)
        if not count or not columns.size:
            return Comparison(np.empty((count, len(columns)), dtype=np.float32), columns, answered)
        worth = self._worth(passages, columns)
        answered[:, experts.has_passages[chosen]] = _mean_of_best(
            worth, experts.sources[columns], experts.owners[columns]
        )
        return Comparison(worth, columns, answered)

    def _worth(self, passages: slice, columns: NDArray[np.intp]) -> Worth:
        asks, answers = self.startups.languages[passages], self.experts.languages[columns]
        alike, share = (found[:, columns] for found in self.products.of(passages))
        worth: Worth = self.calibration.worth(alike, share, asks, answers) * self.freshness[columns]
        return worth


def build_comparer(startups: Corpus, experts: Corpus, calibration: Calibration, today: dt.date) -> Comparer:
    """Return what compares the two sides; documents are as old as they are `today`."""
    shared = share_words(startups.words, experts.words)
    products = Products(calibration, startups, experts, shared)
    return Comparer(startups, experts, products, shared, _freshness(experts.passages, today), calibration)


def _freshness(passages: Sequence[Passage], today: dt.date) -> Worth:
    """Return (c,): 1 for what has no date or is of today, towards ½ for what is very old."""
    ages = np.array([(today - passage.date).days if passage.date else 0 for passage in passages])
    years = np.maximum(ages, 0) / _DAYS_A_YEAR
    return np.asarray(_LASTING + (1 - _LASTING) * 0.5 ** (years / HALF_LIFE_YEARS), dtype=np.float32)


def _mean_of_best(worth: Worth, sources: NDArray[np.intp], owners: NDArray[np.intp]) -> Worth:
    """Return (p, experts): the mean over each expert's best sources of the best passage in each.

    worth: (p, c). sources, owners: (c,) ascending, of each column.
    """
    of_source = _starts(sources)
    best = np.maximum.reduceat(worth, of_source, axis=1)
    owner = owners[of_source]
    of_owner = _starts(owner)
    within = np.arange(len(owner)) - np.repeat(of_owner, np.diff([*of_owner, len(owner)]))
    kept = within < BEST_SOURCES
    ranked = np.stack([row[np.lexsort((-row, owner))] for row in best])
    counts = np.add.reduceat(kept.astype(np.float32), of_owner)
    means = np.add.reduceat(np.where(kept, ranked, 0), of_owner, axis=1) / counts
    return means.astype(np.float32)


def _starts(ascending: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return where each run of equal numbers begins."""
    return np.flatnonzero(np.diff(ascending, prepend=ascending[0] - 1))
