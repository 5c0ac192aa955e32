"""The pairs that may be made, as a sparse network: startups on one side, experts on the other, limits on both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.problem import Problem
from matcher.assignment.result import Position

Positions = NDArray[np.intp]


@dataclass(frozen=True)
class Limits:
    """How many pairs each startup (n,) and each expert (m,) takes: 0 ≤ min ≤ max."""

    startup_min: Positions
    startup_max: Positions
    expert_min: Positions
    expert_max: Positions

    @property
    def most_pairs(self) -> int:
        """No assignment has more pairs."""
        return int(min(self.startup_max.sum(), self.expert_max.sum()))


@dataclass(frozen=True)
class Network:
    """The k pairs rows[a], columns[a] (k,), each of which is made once or not at all, under limits."""

    rows: Positions
    columns: Positions
    limits: Limits

    def loads(self, made: NDArray[np.bool_]) -> tuple[Positions, Positions]:
        """Return how many of the pairs made are of each startup (n,) and of each expert (m,)."""
        of_startups = np.bincount(self.rows[made], minlength=len(self.limits.startup_max))
        of_experts = np.bincount(self.columns[made], minlength=len(self.limits.expert_max))
        return of_startups, of_experts

    def part(self, kept: NDArray[np.bool_]) -> Network:
        """Return the network of the pairs kept (k,)."""
        return Network(self.rows[kept], self.columns[kept], self.limits)

    def pairs(self, made: NDArray[np.bool_]) -> list[Position]:
        """Return the positions of the pairs made."""
        return list(zip(self.rows[made].tolist(), self.columns[made].tolist(), strict=True))


def limits_of(problem: Problem) -> Limits:
    """Return the limits of a problem; nobody takes more pairs than there are partners."""
    rows, columns = problem.scores.shape
    return Limits(
        problem.startup_min,
        np.maximum(np.minimum(problem.startup_max, columns), problem.startup_min),
        problem.expert_min,
        np.maximum(np.minimum(problem.expert_max, rows), problem.expert_min),
    )
