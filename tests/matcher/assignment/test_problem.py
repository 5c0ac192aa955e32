"""A problem is checked where it is built, and says what it expects."""

from __future__ import annotations

import numpy as np
import pytest

from matcher.assignment import hungarian
from matcher.assignment.problem import PositionQuota
from matcher.errors import BadInput
from matcher.program import Objective
from tests.matcher.assignment.small_problems import NO, problem


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"startup_min": 2, "startup_max": 1}, id="a minimum above its maximum"),
        pytest.param({"expert_min": -1}, id="a minimum below 0"),
        pytest.param({"worth": -1.0}, id="a worth below 0"),
        pytest.param({"startup_ids": ("s1", "s2")}, id="more names than rows"),
    ],
)
def test_limits_that_cannot_be_meant_are_bad_input(broken: dict[str, object]) -> None:
    with pytest.raises(BadInput, match=r"expected|must be"):
        problem([[0.5]], **broken)  # type: ignore[arg-type]


@pytest.mark.parametrize("score", [float("inf"), float("-inf")])
def test_scores_are_finite(score: float) -> None:
    with pytest.raises(BadInput, match="finite"):
        problem([[score]])


def test_pairs_without_a_score_and_banned_pairs_are_not_open() -> None:
    posed = problem([[0.5, NO], [0.0, 0.5]], bans=((1, 1),))
    assert posed.open.tolist() == [[True, False], [True, False]]


def test_worth_multiplies_what_a_row_adds_and_leaves_its_scores_alone() -> None:
    posed = problem([[0.5, NO]], worth=2.0)
    assert posed.gains.tolist() == [[1.0, 0.0]]
    assert posed.scores[0, 0] == 0.5


def test_hungarian_takes_problems_that_slots_can_say_and_no_others() -> None:
    one = np.full((2, 2), 0.5)
    assert hungarian.can_solve(problem(one, startup_max=1, expert_max=3))
    assert hungarian.can_solve(problem(one, startup_max=3, expert_max=1))
    assert not hungarian.can_solve(problem(one, startup_max=2, expert_max=2))
    assert not hungarian.can_solve(problem(one, objective=Objective.FAIR))
    quota = PositionQuota("q", frozenset({0}), frozenset({0}), 0, 1)
    assert not hungarian.can_solve(problem(one, quotas=(quota,)))


def test_the_gains_of_some_pairs_are_those_in_the_table_of_all() -> None:
    posed = problem([[0.5, NO, 0.1], [0.0, 0.5, 0.9]], worth=np.array([2.0, 0.5]))
    pairs = np.array([[1, 2], [0, 1], [0, 0]])
    assert (
        posed.gains_of(pairs).tolist() == [posed.gains[row, column] for row, column in pairs.tolist()] == [0.45, 0, 1]
    )
    assert posed.gains_of(np.empty((0, 2), dtype=np.intp)).shape == (0,)
