"""Dual prices of a largest flow: what a place with each startup and each expert is worth.

With prices u of startups and p of experts no pair that is not made is worth more than u + p, and none that is made
is worth less; u > 0 only where a startup is at its maximum, u < 0 only at its minimum, and so for p. They are
potentials of the residual network: longest paths from the hub (Ahuja, Magnanti and Orlin 1993, chapter 9), found by
rounds of Bellman and Ford over all arcs at once. Of all such prices these have the smallest p: what one more place
with the expert would add to the total.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.flow import Made, Worth
from matcher.assignment.network import Network, Positions


@dataclass(frozen=True)
class Prices:
    """In units of worth: u (n,) of startups, p (m,) of experts."""

    startups: Worth
    experts: Worth


def dual_prices(network: Network, worth: Worth, made: Made, short: int) -> Prices:
    """Return the prices of a largest flow.

    short < 0: what a unit missing to a minimum is worth, far below any sum of worths; it bounds the prices of who
    is held to a minimum.
    """
    limits = network.limits
    out_loads, back_loads = network.loads(made)
    floor = np.where(limits.expert_min > 0, short, 0)
    floor[back_loads > limits.expert_min] = 0
    potential_of_expert = floor.astype(np.int64)
    # What a startup can be reached for from the hub: a free place, or one that is missing to its minimum.
    reach = np.where(out_loads < limits.startup_max, 0, 2 * short).astype(np.int64)
    reach[out_loads < limits.startup_min] = -short
    potential_of_startup = reach
    free = np.flatnonzero(~made)
    by_expert = free[np.argsort(network.columns[free], kind="stable")]
    spread = _Spread(network.rows[by_expert], network.columns[by_expert], worth[by_expert])
    taken_rows, taken_columns, taken_worth = network.rows[made], network.columns[made], worth[made]
    while True:
        before = potential_of_startup.copy()
        np.maximum.at(potential_of_startup, taken_rows, potential_of_expert[taken_columns] - taken_worth)
        grown = spread.over(potential_of_startup, potential_of_expert)
        if not grown and (potential_of_startup == before).all():
            return Prices(-potential_of_startup, potential_of_expert)


@dataclass(frozen=True)
class _Spread:
    """Arcs from startups to experts, sorted by expert."""

    rows: Positions
    columns: Positions
    worth: Worth

    def over(self, of_startups: Worth, of_experts: Worth) -> bool:
        """Raise the experts' potentials in place; return whether any grew."""
        if not len(self.rows):
            return False
        starts = np.flatnonzero(np.diff(self.columns, prepend=-1))
        best: NDArray[np.int64] = np.maximum.reduceat(of_startups[self.rows] + self.worth, starts)
        heads = self.columns[starts]
        grown = best > of_experts[heads]
        of_experts[heads[grown]] = best[grown]
        return bool(grown.any())
