"""Dual prices of a largest flow: what a place with each startup, expert and group is worth.

With prices u on the startups' side and p on the experts' no pair that is not made is worth more than it pays, and none
that is made is worth less; a pair pays the price of its startup, its expert and all groups it is in. A price is above 0
only where somebody is at a maximum, below 0 only at a minimum. They are potentials of the residual network: longest
paths from the hub (Ahuja, Magnanti and Orlin 1993, chapter 9), found by rounds of Bellman and Ford over all arcs at
once. Of all such prices these have the smallest p: without groups, what one more place with the expert would add to
the total.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.flow import Worth
from matcher.assignment.network import Counts, Made, Network, Positions


@dataclass(frozen=True)
class Prices:
    """In units of worth: (n,) of startups and their groups, (m,) of experts and theirs."""

    startups: Worth
    experts: Worth

    def paid(self, network: Network) -> Worth:
        """Return (k,) what each pair of the network pays on both sides."""
        startups, experts = network.limits.parents
        return _up_to_hub(self.startups, startups)[network.rows] + _up_to_hub(self.experts, experts)[network.columns]


def _up_to_hub(prices: Worth, parents: Positions) -> Worth:
    """Return the sums of prices from each node up to the hub."""
    sums, at = prices.copy(), parents
    while (at >= 0).any():
        sums += np.where(at >= 0, prices[at], 0)
        at = np.where(at >= 0, parents[at], -1)
    return sums


def dual_prices(network: Network, worth: Worth, made: Made | Counts, short: int) -> Prices:
    """Return the prices of a largest flow.

    short < 0: what a unit missing to a minimum is worth, far below any sum of worths; it bounds the prices of who
    is held to a minimum.
    """
    out, back = _trees(network, made, short)
    of_startups, of_experts = out.start(), back.start()
    # A pair that may be made more than once can be both.
    free, taken = np.flatnonzero(made < network.most), made > 0
    by_expert = free[np.argsort(network.columns[free], kind="stable")]
    spread = _Spread(network.rows[by_expert], network.columns[by_expert], worth[by_expert])
    taken_rows, taken_columns, taken_worth = network.rows[taken], network.columns[taken], worth[taken]
    while True:
        before = of_startups.copy(), of_experts.copy()
        np.maximum.at(of_startups, taken_rows, of_experts[taken_columns] - taken_worth)
        out.settle(of_startups)
        spread.over(of_startups, of_experts)
        back.settle(of_experts)
        if (of_startups == before[0]).all() and (of_experts == before[1]).all():
            return Prices(-out.risen(of_startups), back.risen(of_experts))


def _trees(network: Network, made: Made | Counts, short: int) -> tuple[_Tree, _Tree]:
    limits, (out_loads, back_loads) = network.limits, network.loads(made)
    out_parents, back_parents = limits.parents
    # A unit more into a place that is missing, that is free, that does not exist.
    more = np.select([out_loads < limits.startup_min, out_loads < limits.startup_max], [-short, 0], 2 * short)
    fewer = np.where((limits.expert_min > 0) & (back_loads <= limits.expert_min), short, 0)
    return (
        _Tree(out_parents, more, (out_loads > limits.startup_min) & (out_parents >= 0)),
        _Tree(back_parents, fewer, (back_loads < limits.expert_max) & (back_parents >= 0)),
    )


@dataclass(frozen=True)
class _Tree:
    """The arcs of a side between the hub, groups and startups or experts.

    parents, down: (n,) from where to each, and what the way brings. up: (n,) who has a free way back to a group.
    Potentials are (n + 1,): the hub is the last, where −1 finds it.
    """

    parents: Positions
    down: Worth
    up: NDArray[np.bool_]

    def start(self) -> Worth:
        """Return the potentials that are reached from the hub within the side."""
        potentials = np.append(np.full(len(self.parents), np.iinfo(np.int64).min // 2), 0)
        self.settle(potentials)
        return potentials

    def settle(self, potentials: Worth) -> None:
        """Raise the potentials in place until no arc of the side raises any."""
        rising, into = np.flatnonzero(self.up), self.parents[self.up]
        while True:
            before = potentials.copy()
            np.maximum(potentials[:-1], potentials[self.parents] + self.down, out=potentials[:-1])
            np.maximum.at(potentials, into, potentials[rising])
            if (potentials == before).all():
                return

    def risen(self, potentials: Worth) -> Worth:
        """Return (n,) by how much each potential is above its parent's."""
        risen: Worth = potentials[:-1] - potentials[self.parents]
        return risen


@dataclass(frozen=True)
class _Spread:
    """Arcs from startups to experts, sorted by expert."""

    rows: Positions
    columns: Positions
    worth: Worth

    def over(self, of_startups: Worth, of_experts: Worth) -> None:
        """Raise the experts' potentials in place."""
        if not len(self.rows):
            return
        starts = np.flatnonzero(np.diff(self.columns, prepend=-1))
        best: NDArray[np.int64] = np.maximum.reduceat(of_startups[self.rows] + self.worth, starts)
        heads = self.columns[starts]
        of_experts[heads] = np.maximum(of_experts[heads], best)
