"""How well each passage of a startup is answered by each expert."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.calibration import Calibration, Spoken, Worth, spoken
from matcher.corpus import Corpus
from matcher.passages import Passage
from matcher.shared_words import SharedWords, share_words

# An expert answers a passage as well as the mean of its best three lines or papers: not one lucky line, not the
# average of a long career. (Loss on graded expertise with 1, 2, 3, 5 and 8: docs/relevance.md.)
BEST_SOURCES = 3
# What a document shows fades: half of its worth stays for good, of the other half one half is left after 20 years.
HALF_LIFE_YEARS = 20.0
_LASTING = 0.5
_DAYS_A_YEAR = 365.25
# Pairs of passages compared at a time, 8 MB of similarities, and how many such blocks are kept, 4 MB each.
_BLOCK_CELLS = 1_000_000
_BLOCKS_KEPT = 16


@dataclass(frozen=True)
class Answers:
    """The passages of some startups side by side (q), against all c passages of all m experts.

    first: where the block begins among the startups' passages. worth: (q, c) in [0, 1]. by_expert: (q, m) in [0, 1],
    NaN for an expert without passages.
    """

    first: int
    worth: Worth
    by_expert: Worth


class Comparer:
    """The texts of n startups and of m experts, ready to be compared.

    One large comparison is many times as fast as a small one for each startup, and does not suffer from another
    process on the same cores. So startups are compared in blocks, the last of which are kept. freshness: (c,) in
    (0, 1], of each answer.
    """

    def __init__(
        self, startups: Corpus, experts: Corpus, shared: SharedWords, freshness: Worth, calibration: Calibration
    ) -> None:
        self.startups, self.experts, self.shared, self.calibration = startups, experts, shared, calibration
        self._freshness = freshness
        self._answers = experts.spoken
        self._block_rows = max(1, _BLOCK_CELLS // max(1, len(experts.languages)))
        # No `lru_cache` of a method: the cycle would keep a comparer, and its blocks, until the collector comes by.
        self._blocks: dict[int, Answers] = {}

    def worth(self, row: int | np.intp) -> Worth:
        """Return (p, c): what each passage of the startup `row` is answered by each passage of the experts."""
        block, held = self._find(row)
        return block.worth[held]

    def alike(self, row: int | np.intp) -> NDArray[np.float64]:
        """Return (p, c): the similarity of each passage of the startup and each of the experts', as calibrated."""
        held = self.startups.of(row)
        return self.calibration.similarity(self._asks(held), self._answers)

    def answered(self, row: int | np.intp, chosen: NDArray[np.intp]) -> Worth:
        """Return (p, k): how well the experts `chosen`, (k,), answer each passage of the startup; NaN without text."""
        block, held = self._find(row)
        return block.by_expert[held, chosen]

    def _find(self, row: int | np.intp) -> tuple[Answers, slice]:
        """Return the block that holds the startup, and where its passages stand there; cheapest in ascending order."""
        passages = self.startups.of(row)
        block = self._block(passages.start // self._block_rows)
        return block, slice(passages.start - block.first, passages.stop - block.first)

    def _block(self, number: int) -> Answers:
        """Return a block, which is compared where it is not among those that were asked for last."""
        block = self._blocks.pop(number, None) or self._compare_block(number)
        if len(self._blocks) >= _BLOCKS_KEPT:
            del self._blocks[next(iter(self._blocks))]
        self._blocks[number] = block
        return block

    def _compare_block(self, number: int) -> Answers:
        """Compare the startups whose first passage is one of the block's."""
        starts = self.startups.first
        begin, end = starts[np.searchsorted(starts[:-1] // self._block_rows, [number, number + 1])].tolist()
        worth = self._worth(begin, end)
        return Answers(begin, worth, self._by_expert(worth))

    def _worth(self, begin: int, end: int) -> Worth:
        asked, answered = self.startups.languages[begin:end], self.experts.languages
        if begin == end or not answered.size:
            return np.empty((end - begin, answered.size), dtype=np.float32)
        alike = self.calibration.similarity(self._asks(slice(begin, end)), self._answers)
        share = self.shared.of(begin, end)
        worth: Worth = self.calibration.worth(alike, share, asked, answered) * self._freshness
        return worth

    def _asks(self, held: slice) -> tuple[Spoken, ...]:
        return spoken(self.startups.vectors[held], self.startups.languages[held])

    def _by_expert(self, worth: Worth) -> Worth:
        experts = self.experts
        answered = np.full((len(worth), len(experts.has_passages)), np.nan, dtype=np.float32)
        if worth.size:
            answered[:, experts.has_passages] = _mean_of_best(worth, experts.sources, experts.owners)
        return answered


def mean_over(worth: Worth, passages: Sequence[int]) -> Worth:
    """Return the mean over some rows of `worth`. That of one is itself: numpy takes ten times as long to find out."""
    mean: Worth = worth[passages].mean(axis=0) if len(passages) > 1 else worth[passages[0]]
    return mean


def build_comparer(startups: Corpus, experts: Corpus, calibration: Calibration, today: dt.date) -> Comparer:
    """Return what compares the two sides; documents are as old as they are `today`."""
    shared = share_words(startups.words, experts.words)
    return Comparer(startups, experts, shared, freshness(experts.passages, today), calibration)


def freshness(passages: Sequence[Passage], today: dt.date) -> Worth:
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
    of_owner = _starts(owners[of_source])
    counts = np.diff([*of_owner, best.shape[1]])
    means = np.empty((len(best), len(of_owner)), dtype=np.float32)
    for count in np.unique(counts):
        alike = counts == count  # those with as many sources are sorted together
        own = best[:, of_owner[alike, None] + np.arange(count)]
        own.sort(axis=2)
        means[:, alike] = _sum_of_last(own[:, :, -BEST_SOURCES:]) / np.float32(min(count, BEST_SOURCES))
    return means


def _sum_of_last(ascending: Worth) -> Worth:
    """Return (p, experts): the sum along the last axis, from the small to the large ones."""
    total = ascending[:, :, 0]
    for at in range(1, ascending.shape[2]):
        total = total + ascending[:, :, at]
    return total


def _starts(ascending: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return where each run of equal numbers begins."""
    return np.flatnonzero(np.diff(ascending, prepend=ascending[0] - 1))
