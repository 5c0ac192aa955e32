"""The fewest changes where there are quotas: a mixed-integer program in which every limit has a slack, by HiGHS."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack

from matcher.assignment.blocking import Element, Holder
from matcher.assignment.feasibility import LimitModel, kinds, limit_model
from matcher.assignment.problem import Problem
from matcher.assignment.result import Field

Pairs = NDArray[np.intp]
Mask = NDArray[np.bool_]
_INFEASIBLE = 2
_LOWER = {
    Holder.STARTUP: Field.STARTUP_MIN,
    Holder.EXPERT: Field.EXPERT_MIN,
    Holder.QUOTA: Field.QUOTA_MIN,
    Holder.PIN: Field.PIN,
}
_RAISE = {Holder.STARTUP: Field.STARTUP_MAX, Holder.EXPERT: Field.EXPERT_MAX, Holder.QUOTA: Field.QUOTA_MAX}
# Of so many pairs all are given to HiGHS; of more, first so many of each startup and of each expert.
_ALL_PAIRS, _SOME_PAIRS = 20_000, 16


@dataclass(frozen=True)
class _Found:
    """How many units of change do, and the pairs (k, 2) then made."""

    units: int
    pairs: Pairs


@dataclass(frozen=True)
class _Elastic:
    """Limits that can give way; banned (v,): which of the variables stand for banned pairs."""

    limits: LimitModel
    banned: Mask

    def fewest_changes(self, fields: Set[Field]) -> _Found | None:
        """Return the fewest units of change in these fields that let the limits hold, or None where none do."""
        limits, size, holders = self.limits, len(self.banned), [element.holder for element in self.limits.elements]
        down = np.where([_LOWER[holder] in fields for holder in holders], limits.least, 0)
        up = np.where([_RAISE.get(holder) in fields for holder in holders], np.inf, 0)
        most = np.where(self.banned & (Field.BAN not in fields), 0, limits.alike)
        slack = eye_array(len(holders))
        found = milp(
            np.concatenate([self.banned, np.ones(2 * len(holders))]),
            integrality=np.ones(size + 2 * len(holders), dtype=np.intp),
            bounds=Bounds(0, np.concatenate([most, down, up])),
            constraints=LinearConstraint(csr_array(hstack([limits.matrix, slack, -slack])), limits.least, limits.most),
            options={"mip_rel_gap": 0},
        )
        if found.status == _INFEASIBLE:
            return None
        if not found.success:
            raise RuntimeError(f"HiGHS gave up on a relaxation: {found.message}")
        return _Found(round(found.fun), np.column_stack([limits.rows, limits.columns])[found.x[:size] > 0.5])


def fewest_changes(problem: Problem) -> Callable[[Set[Field]], Pairs | None]:
    """Return what tells, for fields that may change, the pairs (k, 2) of an assignment that needs the fewest units.

    It tells None where changes in these fields alone cannot do. Of many pairs a few are tried first. With fewer pairs
    at least as many units are needed; with fewer limits, those at fault among the few pairs, at most as many. Where
    both come out equal that is proved to be the fewest; where not, all pairs and limits are.
    """
    every = _elements(problem)
    scored = ~np.isnan(problem.scores)
    if scored.sum() <= _ALL_PAIRS:
        whole = _elastic(problem, every, scored)
        return lambda fields: found.pairs if (found := whole.fewest_changes(fields)) else None
    some = _elastic(problem, every, _some_of(problem, scored))
    few = _elastic(problem, some.limits.at_fault(), scored)

    def fewest(fields: Set[Field]) -> Pairs | None:
        lower = few.fewest_changes(fields)
        if lower is None:
            return None
        found = some.fewest_changes(fields)
        if found is None or found.units > lower.units:
            found = _elastic(problem, every, scored).fewest_changes(fields)
        return found.pairs if found else None

    return fewest


def _elastic(problem: Problem, elements: Sequence[Element], pairs: Mask) -> _Elastic:
    limits = limit_model(problem, elements, pairs)
    return _Elastic(limits, ~problem.open[limits.rows, limits.columns])


def _elements(problem: Problem) -> list[Element]:
    return [
        *(Element(Holder.STARTUP, at) for at in range(len(problem.startup_ids))),
        *(Element(Holder.EXPERT, at) for at in range(len(problem.expert_ids))),
        *(Element(Holder.QUOTA, at) for at in range(len(problem.quotas))),
        *(Element(Holder.PIN, problem.pins.index(pin)) for pin in dict.fromkeys(problem.pins)),
    ]


def _some_of(problem: Problem, pairs: Mask) -> Mask:
    """Return (n, m) some of the pairs of each startup with experts of each mix of quotas, and the other way round."""
    by_chance = np.where(pairs, np.random.default_rng(problem.seed).random(pairs.shape), np.inf)
    chosen = np.zeros_like(pairs)
    chosen[tuple(np.array(problem.pins, dtype=np.intp).reshape(-1, 2).T)] = True
    of_rows = kinds(len(problem.startup_ids), [quota.rows for quota in problem.quotas])
    of_columns = kinds(len(problem.expert_ids), [quota.columns for quota in problem.quotas])
    for within in (of_rows == kind for kind in np.unique(of_rows)):
        chosen[within] |= _smallest(by_chance[within].T).T
    for within in (of_columns == kind for kind in np.unique(of_columns)):
        chosen[:, within] |= _smallest(by_chance[:, within])
    return chosen & pairs


def _smallest(table: NDArray[np.float64]) -> Mask:
    """Return where the smallest numbers of each line are."""
    return np.asarray(table <= np.sort(table, axis=1)[:, :_SOME_PAIRS].max(axis=1, initial=0.0, keepdims=True))
