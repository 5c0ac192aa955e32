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
from matcher.assignment.laminar import can_nest, network_of
from matcher.assignment.network import Network
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
    """Questions to an optimal assignment under the total, whose quotas nest.

    Raises `BadInput` for other objectives, for quotas that cross, and for an assignment that is not proved the best.
    """

    problem: Problem
    assignment: Assignment

    def __post_init__(self) -> None:
        if not has_prices(self.problem, self.assignment):
            raise BadInput("the price of a change is known at the best total only, and not where quotas cross")

    @property
    def prices(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(n,) of startups and (m,) of experts, in units of score; no pair that is not made is worth more than both.

        A pair that a quota counts pays the price of the quota besides.
        """
        startups, experts = self.problem.scores.shape
        return self._prices.startups[:startups] / self._scale, self._prices.experts[:experts] / self._scale

    def one_more_place(self) -> NDArray[np.float64]:
        """Return (m,) ≥ 0: what one more place with each expert would add to the total."""
        return np.asarray(np.maximum(self.prices[1] - self._ways_to_experts / self._scale, 0.0))

    def forced(self, pair: Position, score: float | None = None) -> Forced | None:
        """Return what making this pair would change, at the least cost; None where no assignment has it.

        score: of a pair that may be made but was not weighed, so that the problem has none for it. Which quotas would
        count it is not known then, and with quotas the answer is None.

        Raises `BadInput` for a pair that is made already, or may not be made.
        """
        _check_can_be_forced(self.problem, self.assignment, pair, score)
        if score is not None and self.problem.quotas:
            return None
        end, begin = self._nodes(pair)
        lengths, before = dijkstra(self._residual, indices=np.array([begin]), return_predecessors=True)
        if math.isinf(lengths[0, end]):
            return None
        path = [end]
        while path[-1] != begin:
            path.append(int(before[0, path[-1]]))
        own = self.problem.scores[pair] if score is None else score
        return self._change(pair, own * self.problem.worth[pair[0]], path[::-1])

    def _change(self, pair: Position, gain: float, path: list[int]) -> Forced:
        """Return the change along a path from the expert of the forced pair to its startup."""
        is_startups = [node < self._startup_nodes for node in path]
        crossing = zip(pairwise(path), pairwise(is_startups), strict=True)
        steps = [step for step, (one, other) in crossing if one != other and self._hub not in step]
        others = tuple(self._pair(*step) for step in steps if step[0] < step[1])
        dropped = tuple(self._pair(*step[::-1]) for step in steps if step[0] > step[1])
        lost, won = (self.problem.gains_of(np.array(some, dtype=np.intp).reshape(-1, 2)) for some in (dropped, others))
        cost = math.fsum([*lost, *-won, -gain])
        return Forced(cost if math.isnan(self.problem.scores[pair]) else max(cost, 0.0), dropped, (pair, *others))

    def _nodes(self, pair: Position) -> tuple[int, int]:
        """Return between which nodes a pair is: its startup and its expert, or the smallest groups that it is in."""
        (at,) = np.flatnonzero((self._pairs == pair).all(axis=1)) if self.problem.open[pair] else (None,)
        row, column = pair if at is None else (self._network.rows[at], self._network.columns[at])
        return int(row), int(self._startup_nodes + column)

    def _pair(self, row_node: int, column_node: int) -> Position:
        """Return the pair between two nodes; a smallest group is of one startup or expert, so there is one only."""
        is_between = (self._network.rows == row_node) & (self._network.columns == column_node - self._startup_nodes)
        ((row, column),) = self._pairs[is_between].tolist()
        return row, column

    @property
    def _startup_nodes(self) -> int:
        return len(self._network.limits.startup_max)

    @property
    def _hub(self) -> int:
        return self._startup_nodes + len(self._network.limits.expert_max)

    @cached_property
    def _posed(self) -> tuple[NDArray[np.intp], Network]:
        """The pairs (k, 2) that may be made or dropped: pinned ones may not, and their places are gone."""
        return network_of(settle_pins(self.problem))

    @property
    def _pairs(self) -> NDArray[np.intp]:
        return self._posed[0]

    @property
    def _network(self) -> Network:
        return self._posed[1]

    @cached_property
    def _made(self) -> NDArray[np.bool_]:
        return np.asarray(self.problem.marked(self.assignment.pairs)[tuple(self._pairs.T)])

    @cached_property
    def _gains(self) -> NDArray[np.float64]:
        return self.problem.gains_of(self._pairs)

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
    def _ways_to_experts(self) -> NDArray[np.float64]:
        """(m,): what a unit gives up on its way to each expert from the group it is in; nothing from the hub."""
        parents = self._network.limits.parents[1][: len(self.problem.expert_ids)]
        lengths = np.zeros(len(parents))
        for group in np.unique(parents[parents >= 0]):
            found = dijkstra(self._residual, indices=self._startup_nodes + group)[self._startup_nodes :]
            lengths[parents == group] = found[: len(parents)][parents == group]
        return lengths

    @cached_property
    def _residual(self) -> csr_array:
        """The network in which every arc leads to a change that keeps the limits, with what it gives up as its length.

        Nodes: startups and their groups, experts and theirs, hub.
        """
        network, limits, prices = self._network, self._network.limits, self._prices
        rows, columns = network.rows, self._startup_nodes + network.columns
        given_up = prices.paid(network) - self._worth
        startups, experts = np.arange(self._startup_nodes), np.arange(self._startup_nodes, self._hub)
        above_startups, above_experts = limits.parents
        before = np.where(above_startups < 0, self._hub, above_startups)
        behind = np.where(above_experts < 0, self._hub, self._startup_nodes + above_experts)
        out, back = network.loads(self._made)
        arcs = [
            (rows, columns, given_up, ~self._made),
            (columns, rows, -given_up, self._made),
            (before, startups, -prices.startups, out < limits.startup_max),
            (startups, before, prices.startups, out > limits.startup_min),
            (experts, behind, -prices.experts, back < limits.expert_max),
            (behind, experts, prices.experts, back > limits.expert_min),
        ]
        tails, heads, lengths = (np.concatenate([parts[at][parts[3]] for parts in arcs]) for at in range(3))
        return csr_array((lengths.astype(np.float64), (tails, heads)), shape=(self._hub + 1, self._hub + 1))


def has_prices(problem: Problem, assignment: Assignment) -> bool:
    """Return whether the prices of changes can be read off this assignment: the best total, and quotas that nest."""
    is_best = assignment.status is Status.OPTIMAL and problem.objective is Objective.TOTAL
    return is_best and can_nest(problem)


def _check_can_be_forced(problem: Problem, assignment: Assignment, pair: Position, score: float | None) -> None:
    """Raise `BadInput` for a pair that is made already, may not be made, or has no score of its own nor this one."""
    may_be_made = problem.open[pair] if score is None else pair not in problem.bans
    if pair in assignment.pairs or not may_be_made:
        raise BadInput(f"pair {pair}: expected one that may be made and is not")
