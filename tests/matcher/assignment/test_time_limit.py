"""When the time is over: what was found, checked, with bounds that the best is really under, or an error."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from matcher.assignment.problem import PositionQuota, Problem
from matcher.assignment.result import Assignment, Status
from matcher.assignment.solve import assign
from matcher.errors import OutOfTime
from matcher.program import Objective
from tests.matcher.assignment.small_problems import problem


def over_after(looks: int) -> Callable[[], float]:
    """Return a clock on which the time is over when it was looked at so many times."""
    left = [3600.0] * looks

    def look() -> float:
        return left.pop() if left else 0.0

    return look


def posed_with(objective: Objective, serve_most: bool = False) -> Problem:
    """Return a problem for HiGHS: a quota between some and some, several places each."""
    scores = np.random.default_rng(4).random((8, 6)).round(6)
    some = PositionQuota("some", frozenset(range(4)), frozenset(range(3)), 1, 4)
    return problem(scores, 0, 3, 0, 2, quotas=(some,), objective=objective, serve_most=serve_most)


def worst_off(posed: Problem, found: Assignment) -> float:
    return min(
        sum(float(posed.scores[pair]) for pair in found.pairs if pair[0] == row) for row in range(len(posed.scores))
    )


@pytest.mark.parametrize("serve_most", [False, True])
def test_fair_returns_the_best_it_found_and_how_much_better_there_may_be(serve_most: bool) -> None:
    posed = posed_with(Objective.FAIR, serve_most)
    best, seen = assign(posed), set()
    for looks in range(2, 30):
        found = assign(posed, time_left=over_after(looks))
        seen.add(found.status)
        assert found.bound >= found.total
        if found.status is Status.FEASIBLE:
            possible = best.total if found.worst_off_bound is None else found.worst_off_bound
            assert worst_off(posed, found) <= worst_off(posed, best) + 1e-9
            assert possible >= worst_off(posed, best) - 1e-9
        else:
            assert found == best
    assert seen == {Status.FEASIBLE, Status.OPTIMAL}


@pytest.mark.parametrize("objective", Objective)
def test_no_time_at_all_is_an_error_and_no_empty_list(objective: Objective) -> None:
    with pytest.raises(OutOfTime):
        assign(posed_with(objective), time_left=over_after(0))


def test_a_total_that_is_found_at_once_is_proved() -> None:
    posed = posed_with(Objective.TOTAL)
    assert assign(posed, time_left=over_after(1)).status is Status.OPTIMAL
