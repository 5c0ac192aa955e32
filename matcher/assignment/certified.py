"""Large problems, solved on few pairs and proved on all of them (see `matcher.assignment.pricing`)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from matcher.assignment.infeasibility.conflict import explain_vectors
from matcher.assignment.network import Limits, Network, Positions, limits_of
from matcher.assignment.priced import Priced, Values
from matcher.assignment.pricing import solve_priced
from matcher.assignment.result import Assignment, Position, Status
from matcher.assignment.scaling import largest_total
from matcher.assignment.table import Table
from matcher.assignment.time_left import TimeLeft, unlimited
from matcher.assignment.vectors import VectorProblem
from matcher.assignment.verify import verify_vectors
from matcher.encoding import Vectors
from matcher.errors import BrokenResult, Infeasible, OutOfTime

NAME = "priced flow"
# What counts as proved: the inner products themselves are only exact to about this share.
PROVED = 1e-6
# Pairs a place that are no trouble to the last, exact solve of a table.
_OPEN = 4
# With this share of all pairs in the network, as where most are equal, it is faster to solve them all.
_WHOLE = 0.25
# Pairs whose inner products are taken in one go.
_BLOCK = 1_000


def assign_vectors(
    problem: VectorProblem, certify: bool, report: Callable[[str], None], time_left: TimeLeft = unlimited
) -> Assignment:
    """Return the best assignment over all n × m pairs, checked.

    certify: search until the gap is at most 1e-6; otherwise, and when the time is over, stop with the gap there is.

    Raises `Infeasible` with the conflict where the limits cannot hold together, `OutOfTime` where no assignment that
    keeps the minimums was found in time.
    """
    if conflict := explain_vectors(problem, time_left):
        raise Infeasible(conflict.message, conflict)
    limits = limits_of(problem)
    scores = _InnerProducts(problem.startup_vectors, problem.expert_vectors)
    # Half of what may be open is left to the rounding of inner products.
    enough = PROVED / 2 if certify else math.inf

    def is_enough(found: Priced) -> bool:
        return time_left() <= 0 or (not found.short and found.gap <= enough)

    priced = solve_priced(scores, limits, is_enough, report)
    if priced.short and time_left() > 0:
        raise BrokenResult(f"{priced.short} pairs are missing to minimums that can all be met")
    if priced.short:
        raise OutOfTime("no assignment that keeps all minimums was found in time")
    found = _measured(scores, priced)
    verify_vectors(problem, found)
    return found


def _measured(scores: _InnerProducts, priced: Priced) -> Assignment:
    """Return the assignment with its total in float64, and a bound wide enough for inner products in float32.

    Every pair of the bound may be as far off as the worst of the pairs that are made.
    """
    network, made = priced.network, priced.made
    exact = scores.exactly(network.rows[made], network.columns[made])
    rounding = float(np.abs(exact - priced.gains[made]).max(initial=0))
    bound = priced.bound + network.limits.most_pairs * rounding
    open_ = Assignment(tuple(sorted(network.pairs(made))), Status.FEASIBLE, NAME, math.fsum(exact), bound)
    return replace(open_, status=Status.OPTIMAL) if open_.gap <= PROVED else open_


def assign_table(table: Table, limits: Limits) -> list[Position]:
    """Return the pairs with the largest total of a large table of gains, in its order.

    Exact: the last solve is on all pairs that can be part of any best assignment. Raises `Infeasible`.
    """
    few, many = _OPEN * limits.most_pairs, _WHOLE * table.size

    def is_enough(found: Priced) -> bool:
        open_ = int(np.count_nonzero(found.surplus >= -_slack(found)))
        return not found.short and (len(found.gains) > many or open_ <= few)

    priced = solve_priced(table, limits, is_enough, lambda stage: None)
    if priced.short:
        raise Infeasible("the minimums and maximums cannot hold together")
    # Who is below their prices by more than the gap is in no best assignment.
    undecided = Network(*table.above(priced.u - _slack(priced), priced.p), limits)
    return undecided.pairs(largest_total(undecided, table.of(undecided.rows, undecided.columns)))


def _slack(priced: Priced) -> float:
    """Return the gap, and room for the rounding of sums."""
    return max(priced.bound - priced.total, 0.0) + 1e-9 * max(1.0, abs(priced.bound))


@dataclass(frozen=True)
class _InnerProducts:
    """Scores that are inner products; less a price they are inner products too, of vectors one longer."""

    startups: Vectors
    experts: Vectors

    def search(self, rows: Positions, columns: Positions, prices: Values, count: int) -> tuple[Values, Positions]:
        """See `PairScores.search`; exact search by FAISS, in float32."""
        if not count:  # FAISS refuses to search for nothing
            return np.empty((len(rows), 0)), np.empty((len(rows), 0), dtype=np.intp)
        import faiss

        priced = np.column_stack([self.experts[columns], -prices[columns].astype(np.float32)])
        index = faiss.IndexFlatIP(priced.shape[1])
        index.add(np.ascontiguousarray(priced))
        asking = self._asking if len(rows) == len(self.startups) else self._asking[rows]
        values, found = index.search(asking, count)
        return values.astype(np.float64), columns[found]

    def of(self, rows: Positions, columns: Positions) -> Values:
        """See `PairScores.of`; in float32, as the search has them."""
        values = np.empty(len(rows))
        for begin in range(0, len(rows), _BLOCK):
            some = slice(begin, begin + _BLOCK)
            values[some] = np.vecdot(self.startups[rows[some]], self.experts[columns[some]])
        return values

    def exactly(self, rows: Positions, columns: Positions) -> Values:
        """Return the scores (k,) of pairs in float64."""
        values = np.empty(len(rows))
        for begin in range(0, len(rows), _BLOCK):
            some = slice(begin, begin + _BLOCK)
            one, other = self.startups[rows[some]], self.experts[columns[some]]
            values[some] = np.vecdot(one.astype(np.float64), other.astype(np.float64))
        return values

    @cached_property
    def _asking(self) -> Vectors:
        return np.column_stack([self.startups, np.ones(len(self.startups), dtype=np.float32)])
