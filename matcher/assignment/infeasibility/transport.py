"""Needs of rows against capacities of columns: a maximum flow, and which rows and columns stand in its way."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python.max_flow import SimpleMaxFlow

from matcher.assignment.time_left import TimeLeft, check_time, unlimited

Mask = NDArray[np.bool_]
Positions = NDArray[np.intp]
_UNSEEN, _ROOT = -1, -2


@dataclass(frozen=True)
class _Search:
    """What alternating paths reach: where each row (k,) and column (l,) was reached from, and a column with room."""

    row_from: Positions
    column_from: Positions
    free: int | None


@dataclass(frozen=True)
class Transport:
    """As many pairs as can be made, each once at most, between k rows and l columns.

    may, made: (k, l), the pairs that may be made and those that are. unmet: (k,) pairs that a row still needs,
    left: (l,) pairs that a column still takes. Pairs are rerouted along alternating paths (Ford and Fulkerson 1956).
    """

    may: Mask
    made: Mask
    unmet: Positions
    left: Positions

    @staticmethod
    def largest(may: Mask, need: Positions, capacity: Positions) -> Transport:
        """Return a maximum flow; `need` (k,) and `capacity` (l,) are 0 or more."""
        rows, columns = may.shape
        tails, heads = np.nonzero(may)
        need = np.minimum(need, columns + 1)  # beyond what a row can get, so it stays short; and sums stay small
        source, sink = rows + columns, rows + columns + 1
        graph = SimpleMaxFlow()
        arcs = graph.add_arcs_with_capacity(
            np.concatenate([tails, np.full(rows, source), rows + np.arange(columns)]).astype(np.int32),
            np.concatenate([rows + heads, np.arange(rows), np.full(columns, sink)]).astype(np.int32),
            np.concatenate([np.ones(len(tails)), need, np.minimum(capacity, rows)]).astype(np.int64),
        )
        if graph.solve(source, sink) != SimpleMaxFlow.OPTIMAL:
            raise RuntimeError("the flow solver gave up on a conflict")
        made = np.zeros(may.shape, dtype=bool)
        made[tails, heads] = graph.flows(arcs[: len(tails)]) > 0
        return Transport(may, made, need - made.sum(axis=1), capacity - made.sum(axis=0))

    @property
    def is_short(self) -> bool:
        """Whether some row gets less than it needs."""
        return bool(self.unmet.any())

    def around(self, row: int) -> tuple[Mask, Mask]:
        """Return the rows (k,) and columns (l,) that compete with a row that is short, itself among them.

        These rows cannot be served: the columns are full, and all else that the rows may have, they have (Hall 1935).
        """
        found = self._search(np.array([row]))
        return found.row_from != _UNSEEN, found.column_from != _UNSEEN

    def irreducible(self, order: Positions, time_left: TimeLeft = unlimited) -> tuple[Positions, Positions]:
        """Return rows and columns that cannot all have what they need and keep to what they take.

        Without the need of any one of these rows, or the capacity of any one of these columns, they can. Rows are tried
        to be done without in the given order, then columns. Raises `OutOfTime` before all were tried.
        """
        kept, rows, columns = self, [], []
        for row in order:
            check_time(time_left)
            without = kept._without_row(row)
            if without.is_short:
                kept = without
            else:
                rows.append(row)
        for column in range(len(self.left)):
            check_time(time_left)
            without = kept._without_column(column)
            if without.is_short:
                kept = without
            else:
                columns.append(column)
        return np.array(rows, dtype=np.intp), np.array(columns, dtype=np.intp)

    def _without_row(self, row: int) -> Transport:
        made, unmet = self.made.copy(), self.unmet.copy()
        made[row], unmet[row] = False, 0
        return replace(self, made=made, unmet=unmet, left=self.left + self.made[row])._filled()

    def _without_column(self, column: int) -> Transport:
        left = self.left.copy()
        left[column] = len(self.unmet)
        return replace(self, made=self.made.copy(), unmet=self.unmet.copy(), left=left)._filled()

    def _filled(self) -> Transport:
        """Reroute, in place, until every row has what it needs or nothing more can be made."""
        while self.is_short:
            found = self._search(np.flatnonzero(self.unmet))
            if found.free is None:
                break
            self._make(found, found.free)
        return self

    def _make(self, found: _Search, column: int) -> None:
        """Make one pair more along the path that ends at a column with room."""
        self.left[column] -= 1
        row = found.column_from[column]
        self.made[row, column] = True
        while found.row_from[row] != _ROOT:
            column = found.row_from[row]
            self.made[row, column] = False
            row = found.column_from[column]
            self.made[row, column] = True
        self.unmet[row] -= 1

    def _search(self, roots: Positions) -> _Search:
        """Search breadth first for a column with room: rows → columns they may still have → rows that have those."""
        row_from, column_from = (np.full(count, _UNSEEN, dtype=np.intp) for count in self.may.shape)
        row_from[roots] = _ROOT
        frontier = roots
        while len(frontier):
            forth = self.may[frontier] & ~self.made[frontier] & (column_from == _UNSEEN)
            columns = np.flatnonzero(forth.any(axis=0))
            if not len(columns):
                break
            column_from[columns] = frontier[forth[:, columns].argmax(axis=0)]
            free = columns[self.left[columns] > 0]
            if len(free):
                return _Search(row_from, column_from, int(free[0]))
            back = self.made[:, columns] & (row_from == _UNSEEN)[:, None]
            frontier = np.flatnonzero(back.any(axis=1))
            row_from[frontier] = columns[back[frontier].argmax(axis=1)]
        return _Search(row_from, column_from, None)
