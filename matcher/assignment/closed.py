"""How many pairs may not be made, and what rules them out, in the words of whoever posed the problem."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.problem import Problem

# By its name, which pairs (n, m) something rules out; a pair that several do counts for the first.
Closed = Sequence[tuple[str, NDArray[np.bool_]]]


def tell_closed(problem: Problem, pairs: NDArray[np.bool_], closed: Closed, whose: str) -> str:
    """Return how many of the pairs (n, m) may not be made and why, the most frequent reason first; "" for none.

    Those without a score that nothing in `closed` rules out are not eligible.
    """
    without_score = pairs & np.isnan(problem.scores)
    named, rest = _counted(without_score, closed)
    told = [f"{count} by {name}" for count, name in named]
    told[:1] = [f"{_are(count)} ruled out by {name}" for count, name in named[:1]]
    others = {"not eligible": rest, "banned": pairs & ~problem.open & ~without_score}
    told += [f"{_are(int(mask.sum()))} {why}" for why, mask in others.items() if mask.any()]
    return ", ".join(told).replace(" ", f" of {whose} pairs ", 1)


def _counted(pairs: NDArray[np.bool_], closed: Closed) -> tuple[list[tuple[int, str]], NDArray[np.bool_]]:
    """Return how many pairs each name rules out, the most first, and the pairs that none does."""
    found = []
    for name, ruled_out in closed:
        found.append((int((pairs & ruled_out).sum()), name))
        pairs = pairs & ~ruled_out
    return sorted(((count, name) for count, name in found if count), key=lambda one: -one[0]), pairs


def _are(count: int) -> str:
    return f"{count} {'is' if count == 1 else 'are'}"
