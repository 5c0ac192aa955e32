"""Pinned pairs are made first; the rest is a smaller problem."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

import numpy as np

from matcher.assignment.problem import PositionQuota, Problem
from matcher.assignment.result import Position
from matcher.errors import Infeasible


def settle_pins(problem: Problem) -> Problem:
    """Return the problem that is left when the pinned pairs are made: their places are gone.

    Raises `Infeasible` where a pin is not eligible or goes beyond a maximum.
    """
    pins = set(problem.pins)
    rows = np.bincount([row for row, _ in pins], minlength=len(problem.startup_ids))
    columns = np.bincount([column for _, column in pins], minlength=len(problem.expert_ids))
    full = (rows > problem.startup_max).any() or (columns > problem.expert_max).any()
    if full or not all(problem.open[pin] for pin in problem.pins):
        raise Infeasible("the pins go beyond a maximum or name a pair that is not eligible")
    quotas = tuple(_less_the_pins(quota, pins) for quota in problem.quotas)
    return replace(
        problem,
        startup_min=np.maximum(problem.startup_min - rows, 0),
        startup_max=problem.startup_max - rows,
        expert_min=np.maximum(problem.expert_min - columns, 0),
        expert_max=problem.expert_max - columns,
        quotas=quotas,
        pins=(),
        bans=(*problem.bans, *problem.pins),
    )


def _less_the_pins(quota: PositionQuota, pins: Set[Position]) -> PositionQuota:
    made = sum(row in quota.rows and column in quota.columns for row, column in pins)
    if quota.most is not None and made > quota.most:
        raise Infeasible(f"the pins go beyond the maximum of quota {quota.name!r}")
    return replace(quota, least=max(quota.least - made, 0), most=None if quota.most is None else quota.most - made)
