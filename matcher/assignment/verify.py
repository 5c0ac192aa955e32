"""The check that every assignment passes before anybody sees it. It shares no code with the solvers."""

from __future__ import annotations

import math
from collections import Counter

from matcher.assignment.problem import Assignment, Problem, Status
from matcher.errors import BrokenResult


def verify(problem: Problem, assignment: Assignment) -> None:
    """Raise `BrokenResult` where the assignment breaks a limit, a pin, a ban, a quota or eligibility.

    The minimums, quotas and pins that a best-effort assignment names as unmet must fall short just as it says.
    """
    pairs = assignment.pairs
    told = {(unmet.what, unmet.at): unmet.given for unmet in assignment.unmet}
    if assignment.status is Status.OPTIMAL and assignment.unmet:
        raise BrokenResult(f"the status is optimal, with {len(assignment.unmet)} limits unmet")
    if len(set(pairs)) != len(pairs):
        raise BrokenResult(f"a pair is made twice: {pairs}")
    for row, column in pairs:
        if not (0 <= row < len(problem.startup_ids) and 0 <= column < len(problem.expert_ids)):
            raise BrokenResult(f"the pair {row, column} is of nobody in the problem")
        if math.isnan(problem.scores[row, column]) or (row, column) in problem.bans:
            names = f"{problem.startup_ids[row]} with {problem.expert_ids[column]}"
            raise BrokenResult(f"{names} is made, and is not eligible")
    loads = Counter(row for row, _ in pairs)
    for row, name in enumerate(problem.startup_ids):
        _within(
            f"startup {name}",
            loads[row],
            problem.startup_min[row],
            problem.startup_max[row],
            told.get(("startup", row)),
        )
    loads = Counter(column for _, column in pairs)
    for column, name in enumerate(problem.expert_ids):
        _within(
            f"expert {name}",
            loads[column],
            problem.expert_min[column],
            problem.expert_max[column],
            told.get(("expert", column)),
        )
    for at, quota in enumerate(problem.quotas):
        count = sum(row in quota.rows and column in quota.columns for row, column in pairs)
        most = math.inf if quota.most is None else quota.most
        _within(f"quota {quota.name}", count, quota.least, most, told.get(("quota", at)))
    for at, pin in enumerate(problem.pins):
        _within(f"pin {pin}", int(pin in pairs), 1, 1, told.get(("pin", at)))


def _within(who: str, count: int, least: float, most: float, told: int | None) -> None:
    """Raise where the count is out of its limits. told: what a best-effort result says it gave, below the least."""
    if told is not None and not (told == count < least):
        raise BrokenResult(f"{who} has {count} pairs of at least {least}, and is said to have {told}")
    if count > most or (told is None and count < least):
        raise BrokenResult(f"{who} has {count} pairs, and must have {least} to {most}")
