"""The check that every assignment passes before anybody sees it. It shares no code with the solvers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.problem import Problem
from matcher.assignment.result import Assignment, Status
from matcher.assignment.vectors import VectorProblem
from matcher.errors import BrokenResult


def verify(problem: Problem, assignment: Assignment) -> None:
    """Raise `BrokenResult` where the assignment breaks a limit, a pin, a ban, a quota or eligibility.

    The minimums, quotas and pins that a best-effort assignment names as unmet must fall short just as it says.
    """
    told = {(unmet.what, unmet.at): unmet.given for unmet in assignment.unmet}
    if assignment.status is Status.OPTIMAL and assignment.unmet:
        raise BrokenResult(f"the status is optimal, with {len(assignment.unmet)} limits unmet")
    _check_pairs(problem, assignment.pairs)
    _check_limits(problem, assignment.pairs, told)
    _check_total(problem, assignment)
    _check_worst_off(problem, assignment)
    _check_bound(assignment)


def _check_pairs(problem: Problem, pairs: Sequence[tuple[int, int]]) -> None:
    """Raise where a pair is made twice, is of nobody, or is not eligible."""
    made = set(pairs)
    if len(made) != len(pairs):
        raise BrokenResult(f"a pair is made twice: {pairs}")
    for row, column in pairs:
        if not (0 <= row < len(problem.startup_ids) and 0 <= column < len(problem.expert_ids)):
            raise BrokenResult(f"the pair {row, column} is of nobody in the problem")
    rows, columns = _by_side(pairs)
    unscored = np.flatnonzero(np.isnan(problem.scores[rows, columns])).tolist()
    for row, column in [*(pairs[at] for at in unscored), *(ban for ban in problem.bans if ban in made)]:
        names = f"{problem.startup_ids[row]} with {problem.expert_ids[column]}"
        raise BrokenResult(f"{names} is made, and is not eligible")


def _check_total(problem: Problem, assignment: Assignment) -> None:
    """Raise where the total is not the sum of what the pairs are worth."""
    rows, columns = _by_side(assignment.pairs)
    total = math.fsum((problem.scores[rows, columns] * problem.worth[rows]).tolist())
    if not math.isclose(total, assignment.total, rel_tol=1e-9, abs_tol=1e-9):
        raise BrokenResult(f"the pairs add up to {total}, and are said to be worth {assignment.total}")


def _check_limits(problem: Problem, pairs: Sequence[tuple[int, int]], told: Mapping[tuple[str, int], int]) -> None:
    """Raise where somebody's load, a quota or a pin is not within its limits."""
    sides = (
        ("startup", problem.startup_ids, problem.startup_min, problem.startup_max),
        ("expert", problem.expert_ids, problem.expert_min, problem.expert_max),
    )
    for places, (what, ids, least, most) in zip(_by_side(pairs), sides, strict=True):
        loads = np.bincount(places, minlength=len(ids))
        beyond = np.flatnonzero((loads < least) | (loads > most)).tolist()
        for at in [*beyond, *(at for side, at in told if side == what)]:
            _within(f"{what} {ids[at]}", int(loads[at]), least[at], most[at], told.get((what, at)))
    for at, quota in enumerate(problem.quotas):
        count = sum(row in quota.rows and column in quota.columns for row, column in pairs)
        limit = math.inf if quota.most is None else quota.most
        _within(f"quota {quota.name}", count, quota.least, limit, told.get(("quota", at)))
    for at, pin in enumerate(problem.pins):
        _within(f"pin {pin}", int(pin in pairs), 1, 1, told.get(("pin", at)))


def _within(who: str, count: int, least: float, most: float, told: int | None) -> None:
    """Raise where the count is out of its limits. told: what a best-effort result says it gave, below the least."""
    if told is not None and not (told == count < least):
        raise BrokenResult(f"{who} has {count} pairs of at least {least}, and is said to have {told}")
    if count > most or (told is None and count < least):
        raise BrokenResult(f"{who} has {count} pairs, and must have {least} to {most}")


def _by_side(pairs: Sequence[tuple[int, int]]) -> NDArray[np.intp]:
    """Return (2, k): the rows, and the columns, of the pairs."""
    return np.array(pairs, dtype=np.intp).reshape(-1, 2).T


def verify_vectors(problem: VectorProblem, assignment: Assignment) -> None:
    """Raise `BrokenResult` where pairs of a problem of vectors break a limit or do not add up to their total."""
    pairs = _by_side(assignment.pairs).T
    sides = (
        ("startup", len(problem.startup_vectors), problem.startup_min, problem.startup_max),
        ("expert", len(problem.expert_vectors), problem.expert_min, problem.expert_max),
    )
    if len(np.unique(pairs, axis=0)) != len(pairs):
        raise BrokenResult("a pair is made twice")
    for side, (what, count, least, most) in enumerate(sides):
        places = pairs[:, side]
        if ((places < 0) | (places >= count)).any():
            raise BrokenResult(f"a pair is of a {what} that the problem does not have")
        loads = np.bincount(places, minlength=count)
        for at in np.flatnonzero((loads < least) | (loads > most)):
            raise BrokenResult(f"{what} {at} has {loads[at]} pairs, and must have {least[at]} to {most[at]}")
    scores = [
        float(np.dot(problem.startup_vectors[row].astype(float), problem.expert_vectors[column]))
        for row, column in pairs
    ]
    if not math.isclose(math.fsum(scores), assignment.total, rel_tol=1e-9, abs_tol=1e-9):
        raise BrokenResult(f"the pairs add up to {math.fsum(scores)}, and are said to be worth {assignment.total}")
    _check_bound(assignment)


def _check_worst_off(problem: Problem, assignment: Assignment) -> None:
    """Raise where the worst-off startup has more than is said to be possible."""
    most = assignment.worst_off_bound
    if most is None:
        return
    sums: dict[int, float] = {}
    for row, column in assignment.pairs:
        sums[row] = sums.get(row, 0.0) + float(problem.scores[row, column])
    looked_at = sums if problem.serve_most else [row for row, places in enumerate(problem.startup_max) if places]
    worst = min((sums.get(row, 0.0) for row in looked_at), default=0.0)
    if worst > most + 1e-6 * max(1.0, abs(most)):
        raise BrokenResult(f"the worst-off has {worst}, which is beyond what is said to be possible: {most}")


def _check_bound(assignment: Assignment) -> None:
    """Raise where the total is beyond its bound, or far below it and called optimal."""
    slack = 1e-6 * max(1.0, abs(assignment.bound))
    if assignment.total > assignment.bound + slack:
        raise BrokenResult(f"the total {assignment.total} is beyond its bound {assignment.bound}")
    if assignment.status is Status.OPTIMAL and assignment.bound - assignment.total > slack:
        raise BrokenResult(f"the total {assignment.total} is called optimal, with a bound of {assignment.bound}")
