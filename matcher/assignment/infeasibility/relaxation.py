"""The cheapest ways out of a conflict: which limits to move, and which pins and bans to drop."""

from __future__ import annotations

import math
from collections.abc import Callable, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.infeasibility import elastic_flow, elastic_milp
from matcher.assignment.infeasibility.changes import changed, changes_for, told
from matcher.assignment.problem import Problem
from matcher.assignment.result import Assignment, Change, Field, Relaxation, Status
from matcher.assignment.verify import verify

Pairs = NDArray[np.intp]


def relaxations(problem: Problem) -> tuple[Relaxation, ...]:
    """Return the cheapest ways to make the limits hold, those with the fewest units changed first.

    For each field of the limits the fewest units of it that mend the problem, where changing nothing else can; and the
    fewest of all fields together, where that is fewer. Nothing can be left out of any of them: fewer units would do
    then. Empty where the limits hold as they are.

    Raises `BrokenResult` where a relaxation fails the check that it makes the limits hold: a defect of ours.
    """
    fewest = _solver(problem)
    found = [mend for field in Field if (mend := _mend(problem, {field}, fewest))]
    of_all = _mend(problem, {*Field}, fewest)
    if of_all and all(of_all.units < one.units for one in found):
        found.append(of_all)
    for mend in found:
        _check(problem, mend)
    found.sort(key=lambda mend: (mend.units, len(mend.changes)))
    return tuple(Relaxation(told(mend.changes), mend.changes) for mend in found if mend.changes)


@dataclass(frozen=True)
class _Mend:
    """Changes, and the pairs (k, 2) that keep all limits once they are made."""

    changes: tuple[Change, ...]
    pairs: Pairs

    @property
    def units(self) -> int:
        return sum(change.units for change in self.changes)


def _solver(problem: Problem) -> Callable[[Set[Field]], Pairs | None]:
    """Return what finds the pairs that need the fewest units of change in some fields."""
    if problem.quotas:
        return lambda fields: elastic_milp.fewest_changes(problem, fields)
    return lambda fields: elastic_flow.fewest_changes(problem, fields)


def _mend(problem: Problem, fields: Set[Field], fewest: Callable[[Set[Field]], Pairs | None]) -> _Mend | None:
    """Return the fewest units of change in these fields that make the limits hold; None where they cannot."""
    pairs = fewest(fields)
    if pairs is None:
        return None
    changes = changes_for(problem, pairs)
    return _Mend(changes, pairs) if {change.field for change in changes} <= fields else None


def _check(problem: Problem, mend: _Mend) -> None:
    """Raise `BrokenResult` where the pairs break a limit of the changed problem."""
    pairs = tuple(sorted((row, column) for row, column in mend.pairs.tolist()))
    total = math.fsum(problem.gains[pair] for pair in pairs)
    verify(changed(problem, mend.changes), Assignment(pairs, Status.FEASIBLE, "relaxation", total, math.inf))
