"""A network solved together with its dual prices, on few of its pairs where prices are nearly known.

Most pairs of a network are far below the prices of both sides, and are in no best assignment. So the pairs least below
are solved alone, and the new prices are held against the others: those above them join, and the solve is repeated until
what is above them is next to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.flow import Worth, largest_flow, largest_worth, plain_hub
from matcher.assignment.network import Limits, Made, Network
from matcher.assignment.prices import Prices, dual_prices
from matcher.assignment.result import gap

Values = NDArray[np.float64]

# Pairs a place of a startup that are solved first.
_NEAR = 5


@dataclass(frozen=True)
class Priced:
    """The best pairs of a network, and the proof how good they are among all pairs.

    gains: (k,) scores of its pairs. u: (n,), p: (m,) prices. bound ≥ the total of any assignment. short: pairs
    missing to minimums.
    """

    network: Network
    gains: Values
    made: Made
    u: Values
    p: Values
    total: float
    bound: float
    short: int

    @property
    def surplus(self) -> Values:
        """(k,): what each pair is above the prices of both sides; others by very little."""
        return self.gains - self.u[self.network.rows] - self.p[self.network.columns]

    @property
    def gap(self) -> float:
        """How far from the best the total may be, as a share of the bound."""
        return gap(self.total, self.bound)


def solve_network(network: Network, gains: Values, surplus: Values | None, left: float) -> Priced:
    """Return the best pairs of a network with their prices; its bound is still open.

    gains: (k,), finite. surplus: (k,) how far each pair is above prices that are near those sought, where some are
    known. left: what pairs may be above the new prices in all, as a share of the total. Minimums that cannot be met are
    left short by the fewest pairs.
    """
    limits = network.limits
    scale = _scale(limits, gains)
    worth = np.rint(gains * scale).astype(np.int64)
    # No swap of pairs gains as much as one more minimum met.
    short = -4 * (limits.most_pairs + 1) * int(np.abs(worth).max(initial=1))
    near = np.ones(len(gains), dtype=bool) if surplus is None else _highest(surplus, _NEAR * limits.startup_max.sum())
    while True:
        made, found = _solve(network.only(near), worth[near], short)
        above = worth - found.startups[network.rows] - found.experts[network.columns]
        better: NDArray[np.bool_] = (above > 0) & ~near
        # In floats: where minimums are missing, integers would overflow.
        if above[better].sum(dtype=np.float64) <= left * abs(worth[near][made].sum(dtype=np.float64)):
            break
        near |= better
    whole = np.zeros(len(gains), dtype=bool)
    whole[near] = made
    loads = network.loads(whole)
    missing = np.maximum(limits.startup_min - loads[0], 0).sum() + np.maximum(limits.expert_min - loads[1], 0).sum()
    total = float(gains[whole].sum())
    return Priced(network, gains, whole, found.startups / scale, found.experts / scale, total, np.inf, int(missing))


def _scale(limits: Limits, gains: Values) -> float:
    """Return what gains are multiplied by to become integers: a power of two."""
    room = largest_worth(limits) // (8 * (limits.most_pairs + 1) if _has_minimums(limits) else 16)
    largest = float(np.abs(gains).max(initial=0)) or 1.0
    return 2.0 ** int(np.floor(np.log2(room / largest)))


def _has_minimums(limits: Limits) -> bool:
    return bool(limits.startup_min.any() or limits.expert_min.any())


def _highest(surplus: Values, count: int) -> NDArray[np.bool_]:
    """Return which pairs are the `count` highest, one at least, and all of those that are equal to the last."""
    count = max(1, count)  # nobody may take any
    if count >= len(surplus):
        return np.ones(len(surplus), dtype=bool)
    last = np.partition(surplus, len(surplus) - count)[len(surplus) - count]
    return np.asarray(surplus >= last)


def _solve(network: Network, worth: Worth, short: int) -> tuple[Made, Prices]:
    hub = plain_hub(network.limits)
    made = largest_flow(network, worth, replace(hub, short=short) if _has_minimums(network.limits) else hub)
    return made, dual_prices(network, worth, made, short)
