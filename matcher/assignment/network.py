"""The pairs that may be made, as a sparse network: startups on one side, experts on the other, limits on both.

Limits of groups of pairs stand behind those of startups or experts where the groups of a side nest: each startup and
group is then in one group or in none, and a side is a tree that ends at the hub.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.problem import Problem
from matcher.assignment.result import Position
from matcher.assignment.vectors import VectorProblem

Positions = NDArray[np.intp]
# Of each pair of a network whether it is made, or how often.
Made = NDArray[np.bool_]
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Limits:
    """How many pairs each startup (n,) and each expert (m,) takes: 0 ≤ min ≤ max.

    Groups stand behind the startups and behind the experts in these arrays. *_parents: the group that each startup,
    expert or group is in, by its position; −1 for the hub, None where all are at the hub.
    """

    startup_min: Positions
    startup_max: Positions
    expert_min: Positions
    expert_max: Positions
    startup_parents: Positions | None = None
    expert_parents: Positions | None = None

    @property
    def parents(self) -> tuple[Positions, Positions]:
        """Of the startups' side and of the experts' side, −1 for the hub."""
        sides = ((self.startup_parents, self.startup_max), (self.expert_parents, self.expert_max))
        startups, experts = (np.full(len(most), -1) if given is None else given for given, most in sides)
        return startups, experts

    @property
    def most_pairs(self) -> int:
        """No assignment has more pairs."""
        startups, experts = self.parents
        return int(min(self.startup_max[startups < 0].sum(), self.expert_max[experts < 0].sum()))


@dataclass(frozen=True)
class Network:
    """The k pairs, each of which is made once or not at all, under limits.

    rows, columns: (k,) the startup and the expert, or the smallest group that the pair is in on that side.
    most: (k,) or one number for all: how often each pair may be made.
    """

    rows: Positions
    columns: Positions
    limits: Limits
    most: Positions | int = 1

    def loads(self, made: Made | Counts) -> tuple[Positions, Positions]:
        """Return how many of the pairs made are of each startup (n,) and of each expert (m,), and of the groups."""
        startups, experts = self.limits.parents
        often = made.astype(np.intp)
        return _loads(np.repeat(self.rows, often), startups), _loads(np.repeat(self.columns, often), experts)

    def only(self, kept: NDArray[np.bool_]) -> Network:
        """Return the network of those of the pairs (k,) that are kept."""
        most = self.most if isinstance(self.most, int) else self.most[kept]
        return Network(self.rows[kept], self.columns[kept], self.limits, most)

    def pairs(self, made: Made) -> list[Position]:
        """Return the positions of the pairs made."""
        return list(zip(self.rows[made].tolist(), self.columns[made].tolist(), strict=True))


def _loads(at: Positions, parents: Positions) -> Positions:
    loads = np.zeros(len(parents), dtype=np.intp)
    while len(at):
        loads += np.bincount(at, minlength=len(parents))
        at = parents[at]
        at = at[at >= 0]
    return loads


def limits_of(problem: Problem | VectorProblem) -> Limits:
    """Return the limits of a problem; nobody takes more pairs than there are partners.

    Who needs more than that needs one more here: it cannot have them either, and sums stay far below what overflows.
    """
    startups, experts = len(problem.startup_max), len(problem.expert_max)
    return Limits(
        *_within(problem.startup_min, problem.startup_max, experts),
        *_within(problem.expert_min, problem.expert_max, startups),
    )


def _within(least: Positions, most: Positions, partners: int) -> tuple[Positions, Positions]:
    least = np.minimum(least, partners + 1)
    return least, np.maximum(np.minimum(most, partners), least)
