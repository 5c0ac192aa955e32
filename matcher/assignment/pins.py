"""Pinned pairs are made first; the rest is a smaller problem."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from matcher.assignment.problem import Problem
from matcher.errors import Infeasible


def settle_pins(problem: Problem) -> Problem:
    """Return the problem that is left when the pinned pairs are made: their places are gone.

    Raises `Infeasible` where a pin is not eligible or goes beyond a maximum. Quotas are left as they are.
    """
    pins = set(problem.pins)
    rows = np.bincount([row for row, _ in pins], minlength=len(problem.startup_ids))
    columns = np.bincount([column for _, column in pins], minlength=len(problem.expert_ids))
    full = (rows > problem.startup_max).any() or (columns > problem.expert_max).any()
    if full or not all(problem.open[pin] for pin in problem.pins):
        raise Infeasible("the pins go beyond a maximum or name a pair that is not eligible")
    return replace(
        problem,
        startup_min=np.maximum(problem.startup_min - rows, 0),
        startup_max=problem.startup_max - rows,
        expert_min=np.maximum(problem.expert_min - columns, 0),
        expert_max=problem.expert_max - columns,
        pins=(),
        bans=(*problem.bans, *problem.pins),
    )
