"""Who lies on the way from some parties to others: shares of the shortest ways between them (Brandes 2008).

Ways are counted from many sources at once, a column each, by products with the matrix of ties.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Positions = NDArray[np.intp]
Values = NDArray[np.float64]
# Sources counted from at once: a table of so many columns is held.
_AT_ONCE = 16


def shares_of_ways(near: sparse.csr_array, sources: Positions, targets: Positions) -> Values:
    """Return (n,) in [0, 1]: of all shortest ways from a source to a target the share that passes each party.

    near: (n, n) 1 for a tie, symmetric. The ends of a way do not lie on it; sources and targets have nobody in
    common. All zeros where no source is connected to a target.
    """
    is_target = np.zeros(near.shape[0])
    is_target[targets] = 1
    passed, ways = np.zeros(near.shape[0]), 0
    for begin in range(0, len(sources), _AT_ONCE):
        found, reached = _passed(near, sources[begin : begin + _AT_ONCE], is_target)
        passed += found
        ways += reached
    return passed / ways if ways else passed


def _passed(near: sparse.csr_array, sources: Positions, is_target: Values) -> tuple[Values, int]:
    """Return how much of the ways of these sources passes each party, 1 for those to each target, and their number."""
    steps, counts = _ways(near, sources, is_target)
    depends = np.zeros_like(counts)
    for step in range(int(steps.max(initial=0)), 1, -1):
        here, before = steps == step, steps == step - 1
        share = np.divide(is_target[:, None] + depends, counts, out=np.zeros_like(counts), where=here)
        depends += np.where(before, counts * (near @ share), 0)
    return depends.sum(axis=1), int(((steps > 0) & (is_target[:, None] > 0)).sum())


def _ways(near: sparse.csr_array, sources: Positions, is_target: Values) -> tuple[NDArray[np.int16], Values]:
    """Return (n, sources) how many steps away each party is, -1 beyond, and how many shortest ways lead there.

    No further than the last target.
    """
    columns = np.arange(len(sources))
    steps = np.full((near.shape[0], len(sources)), -1, dtype=np.int16)
    counts = np.zeros(steps.shape)
    steps[sources, columns], counts[sources, columns] = 0, 1
    front, wanted = counts.copy(), is_target > 0
    while front.any() and (steps[wanted] < 0).any():
        front = np.where(steps < 0, near @ front, 0)
        steps[front > 0] = steps.max() + 1
        counts += front
    return steps, counts
