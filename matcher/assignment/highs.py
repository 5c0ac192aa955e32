"""HiGHS through scipy: the one place that knows what it is asked and what it answers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matcher.errors import Infeasible, OutOfTime

if TYPE_CHECKING:
    from scipy.optimize import LinearConstraint

Amounts = NDArray[np.float64]
_OPTIMAL, _OUT_OF_TIME, _INFEASIBLE, _OTHER = 0, 1, 2, 4
_ALL = 2**31 - 1  # nodes: what HiGHS takes for no limit


@dataclass(frozen=True)
class Found:
    """The values (v,) of all variables, their cost, and the bound below which no cost is: the cost itself if proved."""

    values: Amounts
    cost: float
    bound: float
    proved: bool


def least_cost(
    costs: Amounts,
    lower: ArrayLike,
    upper: ArrayLike,
    constraints: LinearConstraint | None,
    seconds: float = math.inf,
    presolve: bool = True,
    cases: int = _ALL,
) -> Found:
    """Return whole numbers between lower and upper (v,) that keep the constraints at the least cost.

    cases: nodes of the search tree after which HiGHS stops.

    Raises `Infeasible` where there are none, and `OutOfTime` where none were found within the seconds, or none was
    proved within the cases.
    """
    # Slow to load, as `scipy.optimize` is everywhere here; the flow does without.
    from scipy.optimize import Bounds, milp

    if seconds <= 0:
        raise OutOfTime("the time was over before HiGHS could begin")
    found = milp(
        costs,
        integrality=np.ones(len(costs), dtype=np.intp),
        bounds=Bounds(lower, upper),
        constraints=constraints,
        options={"mip_rel_gap": 0.0, "time_limit": seconds, "presolve": presolve, "node_limit": cases},
    )
    if found.status == _INFEASIBLE:
        raise Infeasible("the limits, pins and quotas cannot hold together")
    if found.status == _OTHER and "limit reached" in found.message:
        raise OutOfTime("HiGHS looked at as many cases as it may")
    if found.status not in (_OPTIMAL, _OUT_OF_TIME):
        raise RuntimeError(f"HiGHS gave up: {found.message}")
    if found.x is None or found.fun is None:
        raise OutOfTime("HiGHS found no assignment in time")
    proved = found.status == _OPTIMAL
    bound = -math.inf if found.mip_dual_bound is None else found.mip_dual_bound
    return Found(found.x, found.fun, found.fun if proved else min(found.fun, bound), proved)
