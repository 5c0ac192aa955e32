"""What another place or another pair would change, read off the residual network of a solved total.

A largest flow and its prices hold the answer to every small change: the best way to make room for one more unit is a
shortest path in the residual network, whose lengths are what each step gives up against the prices (Ahuja, Magnanti and
Orlin 1993, chapter 9). So forcing a pair costs one run of Dijkstra (1959), and nothing is solved again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from matcher.assignment.flow import Worth
from matcher.assignment.network import Network, limits_of
from matcher.assignment.pins import settle_pins
from matcher.assignment.prices import Prices, dual_prices
from matcher.assignment.problem import Problem
from matcher.assignment.result import Assignment, Position, Status
from matcher.assignment.scaling import whole_scale
from matcher.errors import BadInput
from matcher.program import Objective

# Scores with too many digits for exact integers are rounded to this share of the largest.
_FINE = 2.0**40
# Integers up to here add up exactly in every solver.
_EXACT = 2.0**50


@dataclass(frozen=True)
class Forced:
    """What making a pair would change: its cost in total, the pairs dropped and those added, itself first.

    cost < 0: more in total, as only a pair that was not weighed, or one under the fair objective, can bring.
    """

    cost: float
    dropped: tuple[Position, ...]
    added: tuple[Position, ...]


@dataclass(frozen=True)
class WhatIf:
    """Questions to an optimal assignment under the total.

    Raises `BadInput` for other objectives, for quotas, and for an assignment that is not proved the best.
    """

    problem: Problem
    assignment: Assignment

    def __post_init__(self) -> None:
        if not has_prices(self.problem, self.assignment):
            raise BadInput("the price of a change is known at the best total without quotas only")

    @property
    def prices(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(n,) of startups and (m,) of experts, in units of score; no pair that is not made is worth more than both."""
        return self._prices.startups / self._scale, self._prices.experts / self._scale

    def one_more_place(self) -> NDArray[np.float64]:
        """Return (m,) ≥ 0: what one more place with each expert would add to the total."""
        return np.maximum(self.prices[1], 0.0)

    def forced(self, pair: Position, score: float | None = None) -> Forced | None:
        """Return what making this pair would change, at the least cost; None where no assignment has it.

        score: of a pair that may be made but was not weighed, so that the problem has none for it.

        Raises `BadInput` for a pair that is made already, or may not be made.
        """
        row, column = pair
        _check_can_be_forced(self.problem, self.assignment, pair, score)
        begin = len(self.problem.startup_ids) + column
        lengths, before = dijkstra(self._residual, indices=np.array([begin]), return_predecessors=True)
        if math.isinf(lengths[0, row]):
            return None
        path = [row]
        while path[-1] != begin:
            path.append(int(before[0, path[-1]]))
        own = self.problem.scores[pair] if score is None else score
        return self._change(pair, own * self.problem.worth[row], path[::-1])

    def _change(self, pair: Position, gain: float, path: list[int]) -> Forced:
        """Return the change along a path from the expert of the forced pair to its startup."""
        startups, hub = len(self.problem.startup_ids), self._hub
        steps = [step for step in pairwise(path) if hub not in step]
        others = tuple((tail, head - startups) for tail, head in steps if tail < startups)
        dropped = tuple((head, tail - startups) for tail, head in steps if head < startups)
        gains = self.problem.gains
        cost = math.fsum([*(gains[one] for one in dropped), *(-gains[one] for one in others), -gain])
        return Forced(cost if math.isnan(self.problem.scores[pair]) else max(cost, 0.0), dropped, (pair, *others))

    @property
    def _hub(self) -> int:
        return len(self.problem.startup_ids) + len(self.problem.expert_ids)

    @cached_property
    def _network(self) -> Network:
        """The pairs that may be made or dropped: pinned ones may not, and their places are gone."""
        unpinned = settle_pins(self.problem)
        rows, columns = np.nonzero(unpinned.open)
        return Network(rows, columns, limits_of(unpinned))

    @cached_property
    def _made(self) -> NDArray[np.bool_]:
        return np.asarray(self.problem.marked(self.assignment.pairs)[self._network.rows, self._network.columns])

    @cached_property
    def _gains(self) -> NDArray[np.float64]:
        return np.asarray(self.problem.gains[self._network.rows, self._network.columns])

    @cached_property
    def _exact_scale(self) -> float | None:
        scale, places = whole_scale(self._gains), 1 + self._network.limits.most_pairs
        return scale if scale and scale * np.abs(self._gains).max(initial=0) * places < _EXACT else None

    @cached_property
    def _scale(self) -> float:
        return self._exact_scale or _FINE / float(np.abs(self._gains).max(initial=0))

    @cached_property
    def _worth(self) -> Worth:
        worth = np.rint(self._gains * self._scale).astype(np.int64)
        # Rounding could make a change of no worth look worth making, and then there would be no prices: a unit in
        # favour of what is made is more than rounding brings, and far below what anybody is told.
        return worth if self._exact_scale else worth + np.where(self._made, 1, -1)

    @cached_property
    def _prices(self) -> Prices:
        most = int(np.abs(self._worth).max(initial=0)) + 1
        short = -4 * (self._network.limits.most_pairs + 1) * most
        return dual_prices(self._network, self._worth, self._made, short)

    @cached_property
    def _residual(self) -> csr_array:
        """The network in which every arc leads to a change that keeps the limits, with what it gives up as its length.

        Nodes: startups, experts, hub.
        """
        network, limits, prices = self._network, self._network.limits, self._prices
        startups, experts = len(self.problem.startup_ids), len(self.problem.expert_ids)
        given_up = prices.startups[network.rows] + prices.experts[network.columns] - self._worth
        rows, columns = network.rows, startups + network.columns
        out, back = network.loads(self._made)
        free, bound = ~self._made, self._made
        every_row, every_column = np.arange(startups), startups + np.arange(experts)
        hub_of_rows, hub_of_columns = np.full(startups, self._hub), np.full(experts, self._hub)
        more_out, less_out = out < limits.startup_max, out > limits.startup_min
        more_back, less_back = back < limits.expert_max, back > limits.expert_min
        arcs = [
            (rows[free], columns[free], given_up[free]),
            (columns[bound], rows[bound], -given_up[bound]),
            (hub_of_rows[more_out], every_row[more_out], -prices.startups[more_out]),
            (every_row[less_out], hub_of_rows[less_out], prices.startups[less_out]),
            (every_column[more_back], hub_of_columns[more_back], -prices.experts[more_back]),
            (hub_of_columns[less_back], every_column[less_back], prices.experts[less_back]),
        ]
        tails, heads, lengths = (np.concatenate(parts) for parts in zip(*arcs, strict=True))
        return csr_array((lengths.astype(np.float64), (tails, heads)), shape=(self._hub + 1, self._hub + 1))


def has_prices(problem: Problem, assignment: Assignment) -> bool:
    """Return whether the prices of changes can be read off this assignment: the best total, without quotas."""
    is_total = problem.objective is Objective.TOTAL and not problem.quotas
    return is_total and assignment.status is Status.OPTIMAL


def _check_can_be_forced(problem: Problem, assignment: Assignment, pair: Position, score: float | None) -> None:
    """Raise `BadInput` for a pair that is made already, may not be made, or has no score of its own nor this one."""
    may_be_made = problem.open[pair] if score is None else pair not in problem.bans
    if pair in assignment.pairs or not may_be_made:
        raise BadInput(f"pair {pair}: expected one that may be made and is not")
