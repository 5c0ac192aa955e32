"""The smallest conflict where every pair is eligible: counting is all it takes (Gale 1957, Ryser 1957).

Who shares which pairs does not matter then, only who needs most and who takes least. Some a startups cannot have what
they need if for some b experts, of m,

    the a largest minimums of startups  >  the b smallest maximums of experts + a · (m − b)

and the same with startups and experts swapped; by Hoffman's theorem (see `matcher.assignment.infeasibility.hall`) every
conflict is one of the two. So the smallest a + b of all is the smallest set there is.
"""

from __future__ import annotations

import numpy as np

from matcher.assignment.infeasibility.blocking import Blocking, Element, Holder
from matcher.assignment.infeasibility.transport import Positions
from matcher.assignment.problem import Problem
from matcher.assignment.vectors import VectorProblem


def is_complete(problem: Problem) -> bool:
    """Return whether every pair is eligible, and only minimums and maximums can be in the way."""
    return not problem.pins and not problem.quotas and bool(problem.open.all())


def smallest_blocking(problem: Problem | VectorProblem) -> Blocking | None:
    """Return the fewest startups and experts whose limits cannot hold together, None where all can.

    The problem's pairs are all eligible, and it has no pins and no quotas. Of equally small sets one with the
    fewest on the side that needs, a need of startups first.
    """
    startups, experts = Holder.STARTUP, Holder.EXPERT
    sides = (
        (startups, problem.startup_min, experts, problem.expert_max),
        (experts, problem.expert_min, startups, problem.startup_max),
    )
    found = [
        Blocking(_elements(needing, fewest[0]), _elements(limiting, fewest[1]))
        for needing, least, limiting, most in sides
        if (fewest := _fewest(least, most)) is not None
    ]
    return min(found, key=lambda blocking: blocking.size, default=None)


def _elements(holder: Holder, positions: Positions) -> tuple[Element, ...]:
    return tuple(Element(holder, at) for at in np.sort(positions).tolist())


def _fewest(least: Positions, most: Positions) -> tuple[Positions, Positions] | None:
    """Return the fewest rows, of minimums (n,), and columns, of maximums (m,), of a violated inequality."""
    rows, columns = np.argsort(-least, kind="stable"), np.argsort(most, kind="stable")
    needed, taken = (np.concatenate([[0], np.cumsum(side)]) for side in (least[rows], most[columns]))
    a = np.arange(len(needed))
    # Another column is in the way as long as it takes fewer than the rows are; the fewest of these that are enough are
    # found by halving, for every number of rows at once.
    low, high = np.zeros_like(a), np.searchsorted(most[columns], a)

    def violated(b: Positions) -> Positions:
        return np.asarray(needed > taken[b] + a * (len(most) - b))

    blocked = violated(high)
    if not blocked.any():
        return None
    while (low < high).any():
        middle = (low + high) // 2
        enough = violated(middle)
        low, high = np.where(enough, low, np.minimum(middle + 1, high)), np.where(enough, middle, high)
    fewest = int(np.argmin(np.where(blocked, a + low, len(needed) + len(taken))))
    return rows[:fewest], columns[: low[fewest]]
