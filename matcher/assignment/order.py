"""The order in which solvers see startups and experts, drawn by the seed: it breaks ties, and nothing else does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.network import Limits
from matcher.assignment.problem import Problem
from matcher.assignment.result import Position

# Cells of a table moved in one go.
_CELLS = 100_000


@dataclass(frozen=True)
class Order:
    """rows (n,) and columns (m,): the positions in the problem, as they are seen."""

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]

    @classmethod
    def drawn(cls, problem: Problem) -> Order:
        """Return an order that depends on the ids and the seed alone, not on how the problem is written down."""
        return cls(_shuffle(problem.startup_ids, problem.seed, 0), _shuffle(problem.expert_ids, problem.seed, 1))

    def of(self, problem: Problem) -> Problem:
        """Return the problem in this order."""
        rows, columns = self.rows.tolist(), self.columns.tolist()
        row_at, column_at = self._places
        quotas = [
            replace(
                quota,
                rows=frozenset(row_at[row] for row in quota.rows),
                columns=frozenset(column_at[column] for column in quota.columns),
            )
            for quota in problem.quotas
        ]
        return replace(
            problem,
            startup_ids=tuple(problem.startup_ids[row] for row in rows),
            expert_ids=tuple(problem.expert_ids[column] for column in columns),
            scores=self._of_table(problem.scores),
            worth=problem.worth[self.rows],
            startup_min=problem.startup_min[self.rows],
            startup_max=problem.startup_max[self.rows],
            expert_min=problem.expert_min[self.columns],
            expert_max=problem.expert_max[self.columns],
            pins=self.moved(problem.pins),
            bans=self.moved(problem.bans),
            quotas=tuple(quotas),
        )

    def _of_table(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the table (n, m) in this order, few rows at a time: what fits in the processor's cache is moved there.

        It keeps its rows together in memory, as they are read; `table[rows][:, columns]` would lay out columns.
        """
        moved = np.empty(table.shape)
        step = max(1, _CELLS // max(1, len(self.columns)))
        for begin in range(0, len(self.rows), step):
            some = slice(begin, begin + step)
            np.take(table[self.rows[some]], self.columns, axis=1, out=moved[some], mode="clip")
        return moved

    def of_limits(self, limits: Limits) -> Limits:
        """Return the limits of startups and experts, without groups, in this order."""
        return Limits(
            limits.startup_min[self.rows],
            limits.startup_max[self.rows],
            limits.expert_min[self.columns],
            limits.expert_max[self.columns],
        )

    def moved(self, pairs: Iterable[Position]) -> tuple[Position, ...]:
        """Return pairs of the problem as positions in this order."""
        row_at, column_at = self._places
        return tuple((row_at[row], column_at[column]) for row, column in pairs)

    @cached_property
    def _places(self) -> tuple[list[int], list[int]]:
        """Where each row, and each column, of the problem stands in this order."""
        return np.argsort(self.rows).tolist(), np.argsort(self.columns).tolist()

    def restored(self, pairs: Sequence[Position]) -> tuple[Position, ...]:
        """Return pairs found in this order as positions in the problem, ascending."""
        rows, columns = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
        return tuple(sorted(zip(self.rows[rows].tolist(), self.columns[columns].tolist(), strict=True)))


def _shuffle(ids: Sequence[str], seed: int, side: int) -> NDArray[np.intp]:
    ascending = np.array(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.intp)
    return np.random.default_rng([seed, side]).permutation(ascending)
