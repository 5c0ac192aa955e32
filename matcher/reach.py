"""Who reaches whom over relations, for many at once in arrays, and until which day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.ecosystem_graph import Days, Positions
from matcher.mandates import Mask


@dataclass(frozen=True)
class Reach:
    """Who reaches which party: `origin` reaches `at`, all (k,), by a chain that lasts until the day `last`."""

    at: Positions
    origin: Positions
    last: Days

    def where(self, kept: Mask | Positions) -> Reach:
        """Return the part that is kept."""
        return Reach(self.at[kept], self.origin[kept], self.last[kept])

    def joined(self, other: Reach) -> Reach:
        """Return both as one, of each two parties the chain that lasts longest."""
        parts = ((self.at, other.at), (self.origin, other.origin), (self.last, other.last))
        return Reach(*(np.concatenate(part) for part in parts)).longest()

    def longest(self) -> Reach:
        """Return the chain that lasts longest of each two parties, by `at` and then by `origin`."""
        return self.where(first_of_each((self.at, self.origin), -self.last))

    def of(self, parties: Positions) -> tuple[Positions, Positions]:
        """Return who reaches these parties: positions in `parties`, and beside each one in here.

        It must be sorted by `at`, as `longest` and `joined` are.
        """
        starts, ends = (np.searchsorted(self.at, parties, side) for side in ("left", "right"))
        return spread(starts, ends)


def spread(starts: Positions, ends: Positions) -> tuple[Positions, Positions]:
    """Return for runs of numbers, from each start to before its end, which run each number is of, and the numbers."""
    counts = ends - starts
    run = np.repeat(np.arange(len(counts)), counts)
    within = np.arange(len(run)) - np.repeat(np.cumsum(counts) - counts, counts)
    return run, starts[run] + within


def first_of_each(keys: Sequence[Positions], then: NDArray[np.int64]) -> Positions:
    """Return where each distinct row of the keys stands, in their order; of equal ones that of the least `then`."""
    order = np.lexsort((then, *reversed(keys)))
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = np.any([key[order[1:]] != key[order[:-1]] for key in keys], axis=0)
    return order[is_first]
