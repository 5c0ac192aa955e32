"""When the time is over: what was found, checked, with bounds that the best is really under, or an error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from matcher.assignment.infeasibility.conflict import UNEXPLAINED, explain_conflict
from matcher.assignment.problem import PositionQuota, Problem
from matcher.assignment.result import Assignment, Status
from matcher.assignment.solve import Found, Step, assign, best_assignment, solve_here
from matcher.errors import Infeasible, OutOfTime
from matcher.program import Objective
from tests.matcher.assignment.cramped import named_by
from tests.matcher.assignment.small_problems import NO, problem


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
        found = best_assignment(posed, over_after(looks))
        seen.add(found.status)
        assert found.bound >= found.total
        if found.status is Status.FEASIBLE:
            possible = best.total if found.worst_off_bound is None else found.worst_off_bound
            assert worst_off(posed, found) <= worst_off(posed, best) + 1e-9
            assert possible >= worst_off(posed, best) - 1e-9
        else:
            assert found == best
            break  # with more time it is the same
    assert seen == {Status.FEASIBLE, Status.OPTIMAL}


@pytest.mark.parametrize("objective", Objective)
def test_no_time_at_all_is_an_error_and_no_empty_list(objective: Objective) -> None:
    with pytest.raises(OutOfTime):
        best_assignment(posed_with(objective), over_after(0))


def test_a_total_that_is_found_at_once_is_proved() -> None:
    posed = posed_with(Objective.TOTAL)
    assert best_assignment(posed, over_after(1)).status is Status.OPTIMAL


def posed_too_tight(quotas: tuple[PositionQuota, ...]) -> Problem:
    """Return a problem of 5 needs and 4 places, under these quotas; not every pair may be made."""
    scores = np.full((5, 4), 0.5)
    scores[0, 0] = NO
    return problem(scores, startup_min=1, quotas=quotas)


NOT_ALL_SOUGHT = "; the time was over before all that would mend it was sought"
CROSSING = (
    PositionQuota("few", frozenset(range(3)), frozenset(range(3)), 0, 1),
    PositionQuota("many", frozenset(range(1, 4)), frozenset(range(1, 4)), 2, None),
)


@pytest.mark.parametrize("quotas", [(), CROSSING])
def test_a_conflict_is_told_as_far_as_it_was_found_in_time(quotas: tuple[PositionQuota, ...]) -> None:
    posed = posed_too_tight(quotas)
    whole, seen = explain_conflict(posed), set()
    assert whole.is_smallest
    for looks in (*range(60), *range(60, 1_000, 20)):
        found = explain_conflict(posed, time_left=over_after(looks))
        seen.add(len(found.relaxations) if found != UNEXPLAINED else None)
        if found == whole:
            break  # with more time it is the same
        if found != UNEXPLAINED:
            assert set(found.relaxations) <= set(whole.relaxations)
            if len(named_by(found)) > len(named_by(whole)):
                assert not found.is_smallest
            else:
                assert found.message in (whole.message, f"{whole.message}{NOT_ALL_SOUGHT}")
                as_whole = {name: getattr(whole, name) for name in ("message", "relaxations", "is_smallest")}
                assert replace(found, **as_whole) == whole
            if found.relaxations != whole.relaxations:
                assert found.message.endswith(NOT_ALL_SOUGHT)
    assert found == whole
    assert {None, 0, 1, len(whole.relaxations)} <= seen


def test_where_the_explanation_is_ended_the_answer_is_still_that_there_is_none() -> None:
    posed = posed_too_tight(())

    def ended(step: Step[Found], problem: Problem) -> Found:
        if step is not best_assignment:
            raise OutOfTime("the process was ended")
        return solve_here(step, problem)

    with pytest.raises(Infeasible, match="cannot all hold; the time was over before it was found which") as caught:
        assign(posed, solving=ended)
    assert caught.value.conflict == UNEXPLAINED
