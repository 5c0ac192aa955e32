"""The check rejects every kind of broken assignment, and accepts the sound one that each was made from."""

from __future__ import annotations

import numpy as np
import pytest

from matcher.assignment import hungarian
from matcher.assignment.problem import PositionQuota, Problem
from matcher.assignment.result import Assignment, Position, Solution, Status, Unmet
from matcher.assignment.solve import assign
from matcher.assignment.verify import verify
from matcher.errors import BrokenResult
from tests.matcher.assignment.small_problems import NO, problem

SCORES = [[0.9, 0.5, NO], [0.4, 0.8, 0.3]]
QUOTA = PositionQuota("q", frozenset({0, 1}), frozenset({0}), 1, 1)


def posed(**changes: object) -> Problem:
    limits = {"startup_min": [1, 1], "startup_max": 2, "expert_min": [1, 0, 0], "expert_max": [2, 1, 1]}
    return problem(SCORES, **{**limits, "pins": ((0, 0),), "bans": ((1, 2),), "quotas": (QUOTA,), **changes})  # type: ignore[arg-type]


def worth_of(pairs: tuple[Position, ...]) -> float:
    """Return the sum of the scores, 0 for a pair of nobody."""
    scores = posed().scores
    known = [pair for pair in pairs if 0 <= pair[0] < scores.shape[0] and 0 <= pair[1] < scores.shape[1]]
    return float(sum(scores[pair] for pair in known))


def optimal(*pairs: Position) -> Assignment:
    return Assignment(pairs, Status.OPTIMAL, "hand", worth_of(pairs), worth_of(pairs))


def best_effort(*pairs: Position, unmet: tuple[Unmet, ...]) -> Assignment:
    return Assignment(pairs, Status.BEST_EFFORT, "hand", worth_of(pairs), worth_of(pairs), unmet)


SOUND = ((0, 0), (1, 1))


def test_a_sound_assignment_passes() -> None:
    verify(posed(), optimal(*SOUND))


@pytest.mark.parametrize(
    ("pairs", "complaint"),
    [
        pytest.param((*SOUND, (1, 1)), "twice", id="a pair twice"),
        pytest.param((*SOUND, (0, 2)), "s1 with e3 is made, and is not eligible", id="an ineligible pair"),
        pytest.param((*SOUND, (1, 2)), "s2 with e3 is made, and is not eligible", id="a banned pair"),
        pytest.param((*SOUND, (0, 1)), "expert e2 has 2 pairs", id="an expert above its maximum"),
        pytest.param(((0, 0),), "startup s2 has 0 pairs", id="a startup below its minimum"),
        pytest.param((*SOUND, (1, 0)), "quota q has 2 pairs", id="a quota above its maximum"),
        pytest.param(((0, 1), (1, 0)), r"pin \(0, 0\) has 0 pairs", id="a missing pin"),
    ],
)
def test_a_broken_assignment_is_rejected(pairs: tuple[Position, ...], complaint: str) -> None:
    with pytest.raises(BrokenResult, match=complaint):
        verify(posed(), optimal(*pairs))


def test_a_startup_above_its_maximum_is_rejected() -> None:
    with pytest.raises(BrokenResult, match="startup s1 has 2 pairs, and must have 1 to 1"):
        verify(posed(startup_max=[1, 2]), optimal((0, 0), (0, 1), (1, 0)))


def test_an_expert_below_its_minimum_is_rejected() -> None:
    with pytest.raises(BrokenResult, match="expert e2 has 0 pairs, and must have 1"):
        verify(posed(expert_min=[1, 1, 0], startup_min=[1, 0]), optimal((0, 0)))


def test_a_quota_below_its_minimum_is_rejected() -> None:
    quota = PositionQuota("q", frozenset({1}), frozenset({0}), 1, None)
    with pytest.raises(BrokenResult, match="quota q has 0 pairs"):
        verify(posed(quotas=(quota,)), optimal(*SOUND))


def test_a_quota_without_a_maximum_takes_any_number() -> None:
    quota = PositionQuota("q", frozenset({0, 1}), frozenset({0, 1, 2}), 0, None)
    verify(posed(quotas=(quota,)), optimal(*SOUND))


@pytest.mark.parametrize("stranger", [(-1, 0), (0, -1), (2, 0), (0, 3)])
def test_a_pair_of_nobody_in_the_problem_is_rejected(stranger: Position) -> None:
    loose = problem(np.full((2, 3), 0.5), startup_max=3, expert_max=3)
    with pytest.raises(BrokenResult):
        verify(loose, optimal(stranger))


SHORT = Unmet("startup", 1, needed=1, given=0)


def test_a_minimum_that_a_best_effort_result_owns_up_to_may_stay_unmet() -> None:
    verify(posed(), best_effort((0, 0), unmet=(SHORT,)))


def test_a_minimum_that_a_best_effort_result_hides_is_rejected() -> None:
    loose = posed(quotas=(), pins=(), expert_min=0)
    verify(loose, best_effort(unmet=(Unmet("startup", 0, 1, 0), SHORT)))
    with pytest.raises(BrokenResult, match="startup s1"):
        verify(loose, best_effort(unmet=(SHORT,)))


def test_a_result_that_owns_up_to_more_than_it_lacks_is_rejected() -> None:
    with pytest.raises(BrokenResult):
        verify(posed(), best_effort(*SOUND, unmet=(SHORT,)))


def test_a_result_that_calls_itself_optimal_may_leave_nothing_unmet() -> None:
    with pytest.raises(BrokenResult):
        verify(
            posed(), Assignment(((0, 0),), Status.OPTIMAL, "hand", worth_of(((0, 0),)), worth_of(((0, 0),)), (SHORT,))
        )


def test_owning_up_to_one_minimum_excuses_no_other_limit() -> None:
    with pytest.raises(BrokenResult, match="pin"):
        verify(posed(quotas=(), expert_min=0), best_effort((0, 1), unmet=(SHORT,)))


def test_the_front_door_returns_nothing_that_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hungarian, "solve", lambda problem, order, time_left: Solution([(0, 0), (0, 1)]))
    with pytest.raises(BrokenResult, match="has 2 pairs"):
        assign(problem([[0.5, 0.5]]))


@pytest.mark.parametrize(("total", "bound"), [(1.8, 1.8), (1.2, 1.2)])
def test_a_total_that_the_pairs_do_not_add_up_to_is_rejected(total: float, bound: float) -> None:
    with pytest.raises(BrokenResult, match="add up to"):
        verify(posed(), Assignment(SOUND, Status.OPTIMAL, "hand", total, bound))


def test_a_total_beyond_its_bound_is_rejected() -> None:
    with pytest.raises(BrokenResult, match="beyond its bound"):
        verify(posed(), Assignment(SOUND, Status.FEASIBLE, "hand", worth_of(SOUND), worth_of(SOUND) - 0.1))


def test_a_total_far_below_its_bound_is_not_optimal() -> None:
    with pytest.raises(BrokenResult, match="called optimal"):
        verify(posed(), Assignment(SOUND, Status.OPTIMAL, "hand", worth_of(SOUND), worth_of(SOUND) + 0.1))
