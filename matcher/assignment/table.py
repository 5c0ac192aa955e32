"""The gains of a large table of scores, worked out some rows at a time: a second table is never made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matcher.assignment.network import Positions
from matcher.assignment.order import Order
from matcher.assignment.priced import Values
from matcher.assignment.problem import Problem
from matcher.assignment.scaling import Gains

# Cells that stay in the processor's cache.
_CELLS = 250_000
# Columns are few where there are less than one in so many.
_FEW = 4


@dataclass(frozen=True)
class Table:
    """The gains of n startups (rows) and m experts (columns) in an order, −inf where a pair may not be made."""

    problem: Problem
    order: Order

    @property
    def shape(self) -> tuple[int, int]:
        """(n, m)."""
        rows, columns = self.problem.scores.shape
        return rows, columns

    @property
    def size(self) -> int:
        """How many pairs there are, those that may not be made included."""
        return self.problem.scores.size

    def search(self, rows: Positions, columns: Positions, prices: Values, count: int) -> tuple[Values, Positions]:
        """See `PairScores.search`."""
        values = np.empty((len(rows), count))
        found = np.empty((len(rows), count), dtype=np.intp)
        for some, left in self.blocks(rows, columns):
            left -= prices[columns]
            best = np.argpartition(left, len(columns) - count, axis=1)[:, len(columns) - count :]
            order = np.argsort(-np.take_along_axis(left, best, axis=1), axis=1)
            best = np.take_along_axis(best, order, axis=1)
            values[some] = np.take_along_axis(left, best, axis=1)
            found[some] = columns[best]
        return values, found

    def of(self, rows: Positions, columns: Positions) -> Values:
        """See `PairScores.of`."""
        at = self.order.rows[rows], self.order.columns[columns]
        gains: Values = self.problem.scores[at] * self.problem.worth[at[0]]
        return np.where(self.problem.open[at], gains, -np.inf)

    def above(self, least_of: Values, prices: Values) -> tuple[Positions, Positions]:
        """Return rows and columns, ascending, of the pairs whose gain, less the price (m,), is the row's least (n,).

        Or more than that.
        """
        rows, columns = map(np.arange, self.shape)
        found = []
        for some, left in self.blocks(rows, columns):
            left -= prices
            row, column = np.divmod(np.flatnonzero(left >= least_of[some, None]), len(columns))
            found.append((row + some.start, column))
        if not found:
            return rows[:0], columns[:0]
        return np.concatenate([row for row, _ in found]), np.concatenate([column for _, column in found])

    def blocks(self, rows: Positions, columns: Positions) -> Iterator[tuple[slice, Gains]]:
        """Yield the gains (some rows, columns), to be written to by who takes them; at a time what a cache holds."""
        # Whole rows are read faster than many single cells of them, and take more room than a few.
        whole = len(columns) > self.problem.scores.shape[1] // _FEW
        step = max(1, _CELLS // max(1, self.problem.scores.shape[1] if whole else len(columns)))
        behind = self.order.columns[columns]
        for begin in range(0, len(rows), step):
            some = slice(begin, min(begin + step, len(rows)))
            home = self.order.rows[rows[some]]
            if whole:
                yield some, np.take(self._gains(home, slice(None)), behind, axis=1)
            else:
                yield some, self._gains(home[:, None], behind)

    def _gains(self, rows: Positions, columns: Positions | slice) -> Gains:
        """Return a copy of the gains at these places of the problem."""
        gains: Gains = self.problem.scores[rows, columns]
        if self._has_worths:
            gains *= self.problem.worth[rows.ravel(), None]
        if self._has_closed:
            gains[~self.problem.open[rows, columns]] = -np.inf
        return gains

    @cached_property
    def _has_worths(self) -> bool:
        return bool((self.problem.worth != 1).any())

    @cached_property
    def _has_closed(self) -> bool:
        return not self.problem.open.all()
