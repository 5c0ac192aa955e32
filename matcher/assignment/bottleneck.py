"""The fair objective where every startup takes one expert: a bottleneck assignment.

(Burkard, Dell'Amico and Martello 2009, chapter 6.)

The smallest score that a startup ends with is one of the scores, so that it is found by bisection over them: can
everybody be served with pairs of at least this score? Then the total is maximised on these pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.flow import largest_flow, plain_hub
from matcher.assignment.laminar import can_nest, network_of
from matcher.assignment.network import Limits, Network, Positions
from matcher.assignment.order import Order
from matcher.assignment.pins import settle_pins
from matcher.assignment.problem import PositionQuota, Problem
from matcher.assignment.result import Position, Solution
from matcher.assignment.scaling import largest_total
from matcher.assignment.time_left import TimeLeft, unlimited
from matcher.errors import Infeasible
from matcher.program import Objective

NAME = "bottleneck flow"


def can_solve(problem: Problem) -> bool:
    """Return whether fairness is asked for, no startup takes more than one, and the quotas nest."""
    one_each = bool((problem.startup_max <= 1).all())
    return problem.objective is Objective.FAIR and one_each and can_nest(problem)


def solve(problem: Problem, order: Order, time_left: TimeLeft = unlimited) -> Solution:
    """Return the pairs with the best worst-off startup, then the largest total. Raises `Infeasible`."""
    ordered = order.of(problem)
    unpinned = settle_pins(ordered)
    pins = [*dict.fromkeys(ordered.pins)]
    enough = min((float(ordered.scores[pin]) for pin in pins), default=np.inf)
    every = _serving_most(unpinned) if problem.serve_most else _Asked.all_of(unpinned)
    thresholds = np.unique(every.scores if problem.serve_most else np.append(every.scores, 0.0))
    thresholds = np.append(thresholds[thresholds < enough], enough)
    least, beyond = 0, len(thresholds)
    if not every.above(thresholds[0]).is_feasible():
        raise Infeasible("the minimums and maximums cannot hold together")
    while beyond - least > 1:
        middle = (least + beyond) // 2
        least, beyond = (middle, beyond) if every.above(thresholds[middle]).is_feasible() else (least, middle)
    return Solution(pins + every.above(thresholds[least]).best_pairs())


def _serving_most(problem: Problem) -> _Asked:
    """Return the question in which as many startups must be served as can be, each by its one pair."""
    _, network = network_of(problem)
    ones = np.ones(len(network.rows), dtype=np.int64)
    served = int(largest_flow(network, ones, plain_hub(network.limits)).sum())
    everyone = PositionQuota("served", _all(problem.startup_ids), _all(problem.expert_ids), served, None)
    return _Asked.all_of(replace(problem, quotas=(*problem.quotas, everyone)))


def _all(ids: Sequence[str]) -> frozenset[int]:
    return frozenset(range(len(ids)))


@dataclass(frozen=True)
class _Asked:
    """Pairs (k, 2) of a problem that may be made, as a network, and their scores (k,).

    Unless as many startups are served as can be, a score above 0 for the worst-off asks for all of them.
    """

    problem: Problem
    network: Network
    pairs: Positions

    @classmethod
    def all_of(cls, problem: Problem) -> _Asked:
        pairs, network = network_of(problem)
        return cls(problem, network, pairs)

    @property
    def scores(self) -> NDArray[np.float64]:
        """(k,): of the pairs."""
        return self.problem.scores[self.pairs[:, 0], self.pairs[:, 1]]

    def above(self, threshold: float) -> _Asked:
        """Return the same without the pairs of a lower score."""
        kept = self.scores >= threshold
        network = self.network.only(kept)
        if threshold > 0 and not self.problem.serve_most:
            network = replace(network, limits=self._serving_all())
        return replace(self, network=network, pairs=self.pairs[kept])

    def _serving_all(self) -> Limits:
        limits, startups = self.network.limits, len(self.problem.startup_ids)
        least = np.append(limits.startup_max[:startups], limits.startup_min[startups:])
        return replace(limits, startup_min=least)

    def is_feasible(self) -> bool:
        """Return whether all limits can hold."""
        try:
            largest_flow(self.network, np.zeros(len(self.pairs), dtype=np.int64), plain_hub(self.network.limits))
        except Infeasible:
            return False
        return True

    def best_pairs(self) -> list[Position]:
        """Return the pairs with the largest total."""
        gains = self.problem.gains[self.pairs[:, 0], self.pairs[:, 1]]
        made = largest_total(self.network, gains)
        return [(row, column) for row, column in self.pairs[made].tolist()]
