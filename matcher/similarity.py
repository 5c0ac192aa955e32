"""How well each passage of a startup is answered by each expert."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.calibration import Calibration, Worth
from matcher.corpus import Corpus

# An expert answers a passage as well as the mean of its best three lines or papers: not one lucky line, not
# the average of a long career. (all-MiniLM-L6-v2 on the graded expertise of Stelmakh and others, 2023: Kendall loss
# .211 with the mean of the best three papers, .240 with the best, .227 with all. Not yet measured with this pipeline.)
BEST_SOURCES = 3


@dataclass(frozen=True)
class Comparison:
    """One startup's passages (p) against the passages (c) and the profiles (k) of some experts.

    worth: (p, c) in [0, 1]. columns: (c,) where each compared passage stands in the experts' corpus.
    answered: (p, k) in [0, 1], NaN for an expert without passages.
    """

    worth: Worth
    columns: NDArray[np.intp]
    answered: Worth


def compare(
    startups: Corpus, row: int, experts: Corpus, chosen: NDArray[np.intp], calibration: Calibration
) -> Comparison:
    """Compare the startup `row` with the experts `chosen`, (k,) ascending positions."""
    begin, end = startups.first[row], startups.first[row + 1]
    is_chosen = np.zeros(len(experts.has_passages), dtype=bool)
    is_chosen[chosen] = True
    columns = np.flatnonzero(is_chosen[experts.owners])
    if begin == end or not columns.size:
        empty = np.zeros((end - begin, len(columns)), dtype=np.float32)
        return Comparison(empty, columns, np.full((end - begin, len(chosen)), np.nan, dtype=np.float32))
    # In float64 the sum does not depend on who else is compared, so that a newcomer moves nobody's score.
    similarity = startups.vectors[begin:end].astype(np.float64) @ experts.vectors[columns].T.astype(np.float64)
    worth = calibration.worth(similarity.astype(np.float32), startups.languages[begin:end], experts.languages[columns])
    answered = np.full((end - begin, len(chosen)), np.nan, dtype=np.float32)
    with_text = experts.has_passages[chosen]
    answered[:, with_text] = _mean_of_best(worth, experts.sources[columns], experts.owners[columns])
    return Comparison(worth, columns, answered)


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
