"""The cheapest ways out of a conflict: which limits to move, and which pins and bans to drop."""

from __future__ import annotations

import math
from collections.abc import Iterator, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.infeasibility import elastic_flow, elastic_milp
from matcher.assignment.infeasibility.changes import changed, changes_for, told
from matcher.assignment.problem import Problem
from matcher.assignment.result import Assignment, Change, Field, Relaxation, Status
from matcher.assignment.time_left import TimeLeft, check_time, unlimited
from matcher.assignment.verify import verify
from matcher.errors import OutOfTime

Pairs = NDArray[np.intp]


@dataclass(frozen=True)
class Mends:
    """The relaxations that were found, and whether all were sought; the time was over where not."""

    found: tuple[Relaxation, ...]
    all_sought: bool


def relaxations(problem: Problem, time_left: TimeLeft = unlimited) -> Mends:
    """Return the cheapest ways to make the limits hold, those with the fewest units changed first.

    For each field of the limits the fewest units of it that mend the problem, where changing nothing else can; and the
    fewest of all fields together, where that is fewer. Nothing can be left out of any of them: fewer units would do
    then. Empty where the limits hold as they are.

    Raises `BrokenResult` where a relaxation fails the check that it makes the limits hold: a defect of ours.
    """
    found: list[_Mend] = []
    all_sought = True
    try:
        for mend in _each(problem, time_left):
            _check(problem, mend)
            found.append(mend)
    except OutOfTime:
        all_sought = False
    found.sort(key=lambda mend: (mend.units, len(mend.changes)))
    return Mends(
        tuple(Relaxation(told(problem, mend.changes), mend.changes) for mend in found if mend.changes), all_sought
    )


@dataclass(frozen=True)
class _Mend:
    """Changes, and the pairs (k, 2) that keep all limits once they are made."""

    changes: tuple[Change, ...]
    pairs: Pairs

    @property
    def units(self) -> int:
        return sum(change.units for change in self.changes)


def _each(problem: Problem, time_left: TimeLeft) -> Iterator[_Mend]:
    """Yield the fewest units of each field, then those of all fields where these are fewer. Raises `OutOfTime`."""
    units = []
    for field in Field:
        if mend := _mend(problem, {field}, time_left):
            units.append(mend.units)
            yield mend
    of_all = _mend(problem, {*Field}, time_left)
    if of_all and all(of_all.units < one for one in units):
        yield of_all


def _mend(problem: Problem, fields: Set[Field], time_left: TimeLeft) -> _Mend | None:
    """Return the fewest units of change in these fields that make the limits hold; None where they cannot."""
    check_time(time_left)
    if problem.quotas:
        pairs = elastic_milp.fewest_changes(problem, fields, time_left)
    else:
        pairs = elastic_flow.fewest_changes(problem, fields)
    if pairs is None:
        return None
    changes = changes_for(problem, pairs)
    return _Mend(changes, pairs) if {change.field for change in changes} <= fields else None


def _check(problem: Problem, mend: _Mend) -> None:
    """Raise `BrokenResult` where the pairs break a limit of the changed problem."""
    pairs = tuple(sorted((row, column) for row, column in mend.pairs.tolist()))
    total = math.fsum(problem.gains[pair] for pair in pairs)
    verify(changed(problem, mend.changes), Assignment(pairs, Status.FEASIBLE, "relaxation", total, math.inf))
