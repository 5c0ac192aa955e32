"""The check that every assignment passes before anybody sees it. It shares no code with the solvers."""

from __future__ import annotations

import math
from collections import Counter

from matcher.assignment.problem import Assignment, Problem
from matcher.errors import BrokenResult


def verify(problem: Problem, assignment: Assignment) -> None:
    """Raise `BrokenResult` where the assignment breaks a limit, a pin, a ban, a quota or eligibility.

    The minimums, quotas and pins that a best-effort assignment names as unmet must fall short just as it says.
    """
    pairs = assignment.pairs
    told = {(unmet.what, unmet.at): unmet.given for unmet in assignment.unmet}
    if len(set(pairs)) != len(pairs):
        raise BrokenResult(f"a pair is made twice: {pairs}")
    for row, column in pairs:
        if math.isnan(problem.scores[row, column]) or (row, column) in problem.bans:
            names = f"{problem.startup_ids[row]} with {problem.expert_ids[column]}"
            raise BrokenResult(f"{names} is made, and is not eligible")
    loads = Counter(row for row, _ in pairs)
    for row, name in enumerate(problem.startup_ids):
        least = told.get(("startup", row), problem.startup_min[row])
        _within(f"startup {name}", loads[row], least, problem.startup_max[row])
    loads = Counter(column for _, column in pairs)
    for column, name in enumerate(problem.expert_ids):
        least = told.get(("expert", column), problem.expert_min[column])
        _within(f"expert {name}", loads[column], least, problem.expert_max[column])
    for at, quota in enumerate(problem.quotas):
        count = sum(row in quota.rows and column in quota.columns for row, column in pairs)
        most = math.inf if quota.most is None else quota.most
        _within(f"quota {quota.name}", count, told.get(("quota", at), quota.least), most)
    for at, pin in enumerate(problem.pins):
        _within(f"pin {pin}", int(pin in pairs), told.get(("pin", at), 1), 1)


def _within(who: str, count: int, least: float, most: float) -> None:
    if not least <= count <= most:
        raise BrokenResult(f"{who} has {count} pairs, and must have {least} to {most}")
