"""The fair objective where every startup takes one expert: a bottleneck assignment.

(Burkard, Dell'Amico and Martello 2009, chapter 6.)

The smallest score that a startup ends with is one of the scores, so that it is found by bisection over them: can
everybody be served with pairs of at least this score? Then the total is maximised on these pairs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.flow import largest_flow, plain_hub
from matcher.assignment.network import Limits, Network, limits_of
from matcher.assignment.pins import settle_pins
from matcher.assignment.problem import Problem
from matcher.assignment.result import Position
from matcher.assignment.scaling import largest_total
from matcher.errors import Infeasible
from matcher.program import Objective

NAME = "bottleneck flow"


def can_solve(problem: Problem) -> bool:
    """Return whether fairness is asked for, no quota is set, and no startup takes more than one."""
    one_each = bool((problem.startup_max <= 1).all())
    return problem.objective is Objective.FAIR and not problem.quotas and one_each


def solve(problem: Problem) -> list[Position]:
    """Return the pairs with the best worst-off startup, then the largest total. Raises `Infeasible`."""
    unpinned = settle_pins(problem)
    pins = [*dict.fromkeys(problem.pins)]
    enough = min((float(problem.scores[pin]) for pin in pins), default=np.inf)
    rows, columns = np.nonzero(unpinned.open)
    every = _Asked(unpinned, rows, columns, _most_served(unpinned) if problem.serve_most else None)
    thresholds = np.unique(every.scores if problem.serve_most else np.append(every.scores, 0.0))
    thresholds = np.append(thresholds[thresholds < enough], enough)
    least, beyond = 0, len(thresholds)
    if not every.above(thresholds[0]).is_feasible():
        raise Infeasible("the minimums and maximums cannot hold together")
    while beyond - least > 1:
        middle = (least + beyond) // 2
        least, beyond = (middle, beyond) if every.above(thresholds[middle]).is_feasible() else (least, middle)
    return pins + every.above(thresholds[least]).best_pairs()


def _most_served(problem: Problem) -> int:
    """Return the largest number of startups that can be served."""
    rows, columns = np.nonzero(problem.open)
    network = Network(rows, columns, limits_of(problem))
    ones = np.ones(len(rows), dtype=np.int64)
    return int(largest_flow(network, ones, plain_hub(network.limits)).sum())


@dataclass(frozen=True)
class _Asked:
    """The pairs (k,) that may be made, and how many startups must be served; None: all, once a score above 0 is asked.

    To hold their number, whoever is not served takes a place with a guest expert who has as many as go without.
    """

    problem: Problem
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    served: int | None
    all_served: bool = False

    @property
    def scores(self) -> NDArray[np.float64]:
        """(k,): of the pairs."""
        return self.problem.scores[self.rows, self.columns]

    def above(self, threshold: float) -> _Asked:
        """Return the same without the pairs of a lower score."""
        kept = self.scores >= threshold
        everybody = self.served is None and threshold > 0
        return replace(self, rows=self.rows[kept], columns=self.columns[kept], all_served=everybody)

    def is_feasible(self) -> bool:
        """Return whether as many startups can be served as must be."""
        network = self._network()
        try:
            largest_flow(network, np.zeros(len(network.rows), dtype=np.int64), plain_hub(network.limits))
        except Infeasible:
            return False
        return True

    def best_pairs(self) -> list[Position]:
        """Return the pairs with the largest total."""
        network = self._network()
        gains = np.zeros(len(network.rows))
        gains[: len(self.rows)] = self.problem.gains[self.rows, self.columns]
        made = largest_total(network, gains)
        made[len(self.rows) :] = False
        return network.pairs(made)

    def _network(self) -> Network:
        """Return the pairs and, where so many are to be served, those with the guest."""
        limits = limits_of(self.problem)
        if self.served is None:
            least = limits.startup_max if self.all_served else limits.startup_min
            return Network(self.rows, self.columns, replace(limits, startup_min=least))
        optional = np.flatnonzero((limits.startup_max > 0) & (limits.startup_min == 0))
        idle = np.count_nonzero(limits.startup_max) - self.served
        guest = len(limits.expert_max)
        return Network(
            np.concatenate([self.rows, optional]),
            np.concatenate([self.columns, np.full(len(optional), guest)]),
            Limits(
                limits.startup_max,
                limits.startup_max,
                np.append(limits.expert_min, idle),
                np.append(limits.expert_max, idle),
            ),
        )
