"""The check that every assignment passes before anybody sees it. It shares no code with the solvers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from matcher.assignment.problem import Assignment, Problem, Status
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


def _check_pairs(problem: Problem, pairs: Sequence[tuple[int, int]]) -> None:
    """Raise where a pair is made twice, is of nobody, or is not eligible."""
    if len(set(pairs)) != len(pairs):
        raise BrokenResult(f"a pair is made twice: {pairs}")
    for row, column in pairs:
        if not (0 <= row < len(problem.startup_ids) and 0 <= column < len(problem.expert_ids)):
            raise BrokenResult(f"the pair {row, column} is of nobody in the problem")
        if math.isnan(problem.scores[row, column]) or (row, column) in problem.bans:
            names = f"{problem.startup_ids[row]} with {problem.expert_ids[column]}"
            raise BrokenResult(f"{names} is made, and is not eligible")


def _check_limits(problem: Problem, pairs: Sequence[tuple[int, int]], told: Mapping[tuple[str, int], int]) -> None:
    """Raise where somebody's load, a quota or a pin is not within its limits."""
    sides = (
        ("startup", problem.startup_ids, problem.startup_min, problem.startup_max),
        ("expert", problem.expert_ids, problem.expert_min, problem.expert_max),
    )
    for side, (what, ids, least, most) in enumerate(sides):
        loads = Counter(pair[side] for pair in pairs)
        for at, name in enumerate(ids):
            _within(f"{what} {name}", loads[at], least[at], most[at], told.get((what, at)))
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
