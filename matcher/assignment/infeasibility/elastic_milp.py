"""The fewest changes where there are quotas: every limit has a slack, and HiGHS finds the cheapest.

A linear program says how few units could do, and where it comes out in whole pairs, they do. Where not, a mixed-integer
program is asked: of the pairs that the linear program used first, and of all where those need more units than could do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, eye_array, hstack

from matcher.assignment.highs import least_cost
from matcher.assignment.infeasibility.blocking import Element, Holder
from matcher.assignment.infeasibility.feasibility import LimitModel, limit_model
from matcher.assignment.infeasibility.violation import NOTHING, Costs, least_violation
from matcher.assignment.problem import Problem
from matcher.assignment.result import Field
from matcher.assignment.time_left import TimeLeft
from matcher.errors import Infeasible, OutOfTime

Pairs = NDArray[np.intp]
_LOWER = {
    Holder.STARTUP: Field.STARTUP_MIN,
    Holder.EXPERT: Field.EXPERT_MIN,
    Holder.QUOTA: Field.QUOTA_MIN,
    Holder.PIN: Field.PIN,
}
_RAISE = {Holder.STARTUP: Field.STARTUP_MAX, Holder.EXPERT: Field.EXPERT_MAX, Holder.QUOTA: Field.QUOTA_MAX}


def fewest_changes(problem: Problem, fields: Set[Field], time_left: TimeLeft) -> Pairs | None:
    """Return the pairs (k, 2) of an assignment that needs the fewest units of change, or None.

    fields: what may change; None where their changes alone cannot do. Raises `OutOfTime`.
    """
    elements = _elements(problem)
    free = least_violation(problem, elements, _costs(elements, fields, allowed=0.0, others=1.0), time_left)
    if free.violation.cost > NOTHING:
        return None
    costs = _costs(elements, fields, allowed=1.0, others=np.inf)
    found = least_violation(problem, elements, costs, time_left, free.pairs)
    made = found.violation.made
    if np.abs(made - made.round()).max(initial=0.0) < NOTHING:
        return found.model.pairs_of(made)
    few = _fewest(problem, found.model, costs, time_left)
    if few is None or few.units > math.ceil(found.violation.cost - NOTHING):
        few = _fewest(problem, limit_model(problem, elements, ~np.isnan(problem.scores)), costs, time_left)
    return few.pairs if few else None


def _elements(problem: Problem) -> list[Element]:
    return [
        *(Element(Holder.STARTUP, at) for at in range(len(problem.startup_ids))),
        *(Element(Holder.EXPERT, at) for at in range(len(problem.expert_ids))),
        *(Element(Holder.QUOTA, at) for at in range(len(problem.quotas))),
        *(Element(Holder.PIN, problem.pins.index(pin)) for pin in dict.fromkeys(problem.pins)),
    ]


def _costs(elements: Sequence[Element], fields: Set[Field], allowed: float, others: float) -> Costs:
    """Return what a unit costs of the fields that may change, and of the others; a ban of the others holds."""
    short = [allowed if _LOWER[element.holder] in fields else others for element in elements]
    over = [allowed if _RAISE.get(element.holder) in fields else others for element in elements]
    return Costs(np.array(short), np.array(over), allowed if Field.BAN in fields else np.inf)


@dataclass(frozen=True)
class _Fewest:
    units: int
    pairs: Pairs


def _fewest(problem: Problem, model: LimitModel, costs: Costs, time_left: TimeLeft) -> _Fewest | None:
    """Return the fewest units over the model's pairs, or None where the limits that may not be broken cannot hold."""
    from scipy.optimize import LinearConstraint

    ban = np.where(problem.open, 0.0, costs.ban)[model.rows, model.columns]
    paid, unit = np.concatenate([ban, costs.short, costs.over]), eye_array(len(model.elements))
    upper = np.append(model.alike, np.full(2 * len(model.elements), np.inf))
    limits = LinearConstraint(csr_array(hstack([model.matrix, unit, -unit])), model.least, model.most)
    may = np.isfinite(paid)
    try:
        found = least_cost(np.where(may, paid, 0.0), 0, np.where(may, upper, 0.0), limits, time_left())
    except Infeasible:
        return None
    if not found.proved:
        raise OutOfTime("the fewest changes were not found in time")
    return _Fewest(round(found.cost), model.pairs_of(found.values[: len(model.alike)]))
