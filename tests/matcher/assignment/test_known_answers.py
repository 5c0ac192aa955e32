"""Problems whose answer was worked out on paper, and the corners: no rows, no places, all scores equal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from matcher.assignment.problem import PositionQuota, Problem
from matcher.assignment.result import Status
from matcher.assignment.solve import assign
from matcher.errors import Infeasible
from matcher.program import Objective
from tests.matcher.assignment.small_problems import NO, named, problem, total

# Everybody's own best is e1. The best three pairs leave it to s3: .8 + .7 + .9 = 2.4. The other five orders
# give 2.35, 2.1, 1.9, 1.6 and 1.35.
THREE = [[0.9, 0.8, 0.3], [0.75, 0.4, 0.7], [0.9, 0.3, 0.8]]


def test_a_problem_of_three_is_solved_as_on_paper() -> None:
    posed = problem(THREE)
    found = assign(posed)
    assert named(posed, found) == {("s1", "e2"), ("s2", "e3"), ("s3", "e1")}
    assert total(posed, found) == pytest.approx(2.4)
    assert found.status is Status.OPTIMAL


def test_the_same_three_through_the_other_solver() -> None:
    # A quota that binds nothing, and does not nest, sends the problem to the MILP.
    some = PositionQuota("some", frozenset(range(2)), frozenset(range(2)), 0, 9)
    hungarian, milp = assign(problem(THREE)), assign(problem(THREE, quotas=(some,)))
    assert (hungarian.solver, milp.solver) == ("hungarian", "highs")
    assert hungarian.pairs == milp.pairs


def test_fair_gives_up_total_for_the_worst_off() -> None:
    # Total: .9 + .1 = 1.0 against .5 + .4 = .9. Fair prefers a worst-off of .4 to one of .1.
    scores = [[0.9, 0.5], [0.4, 0.1]]
    by_total, by_fair = problem(scores), problem(scores, objective=Objective.FAIR)
    assert named(by_total, assign(by_total)) == {("s1", "e1"), ("s2", "e2")}
    assert named(by_fair, assign(by_fair)) == {("s1", "e2"), ("s2", "e1")}


def test_fair_serves_more_startups_before_it_looks_at_scores() -> None:
    # e1 with s1 alone is worth .9; only e1 is eligible for s2, so serving both costs .8.
    posed = problem([[0.9, 0.05], [0.05, NO]], objective=Objective.FAIR)
    assert named(posed, assign(posed)) == {("s1", "e2"), ("s2", "e1")}


def test_fair_looks_at_scores_and_not_at_priority_for_the_worst_off() -> None:
    posed = problem([[0.9, 0.5], [0.4, 0.1]], objective=Objective.FAIR, worth=[10.0, 1.0])
    assert named(posed, assign(posed)) == {("s1", "e2"), ("s2", "e1")}


@pytest.mark.parametrize("objective", Objective)
@pytest.mark.parametrize("shape", [(0, 0), (0, 2), (2, 0)])
def test_an_empty_side_gives_no_pairs(shape: tuple[int, int], objective: Objective) -> None:
    assert assign(problem(np.empty(shape), objective=objective)).pairs == ()


@pytest.mark.parametrize("objective", Objective)
@pytest.mark.parametrize("places", [1, 2])
def test_no_eligible_pair_gives_no_pairs(places: int, objective: Objective) -> None:
    posed = problem([[NO, NO], [NO, NO]], startup_max=places, expert_max=places, objective=objective)
    assert assign(posed).pairs == ()


@pytest.mark.parametrize("objective", Objective)
def test_a_quota_over_no_eligible_pair_is_no_crash(objective: Objective) -> None:
    quota = PositionQuota("q", frozenset({0}), frozenset({0}), 0, 1)
    assert assign(problem([[NO]], quotas=(quota,), objective=objective)).pairs == ()


def test_a_minimum_without_an_eligible_pair_is_infeasible_and_no_crash() -> None:
    posed = problem([[NO, NO]], startup_min=2, startup_max=2, expert_max=2)
    with pytest.raises(Infeasible, match=r"1 startup \(s1\) needs 2 pairs, no pair is open to it"):
        assign(posed)
    assert assign(posed, best_effort=True).pairs == ()


@pytest.mark.parametrize("objective", Objective)
def test_nobody_with_a_maximum_of_zero_is_paired(objective: Objective) -> None:
    posed = problem([[0.9, 0.9], [0.9, 0.9]], startup_max=[0, 2], expert_max=[2, 0], objective=objective)
    assert named(posed, assign(posed)) == {("s2", "e1")}


@pytest.mark.parametrize("objective", Objective)
@pytest.mark.parametrize("places", [1, 2])
def test_experts_without_any_place_leave_every_startup_alone(places: int, objective: Objective) -> None:
    assert assign(problem([[0.9, 0.9]], startup_max=places, expert_max=0, objective=objective)).pairs == ()


@pytest.mark.parametrize("objective", Objective)
@pytest.mark.parametrize("places", [1, 2])
def test_all_zero_scores_still_make_every_pair_that_fits(places: int, objective: Objective) -> None:
    posed = problem([[0.0] * 3] * 3, startup_max=places, expert_max=places, objective=objective)
    assert len(assign(posed).pairs) == 3 * places


@pytest.mark.parametrize("objective", Objective)
def test_all_equal_scores_still_make_every_pair_that_fits(objective: Objective) -> None:
    posed = problem([[0.5] * 4] * 3, startup_max=2, expert_max=2, objective=objective)
    assert len(assign(posed).pairs) == 6


def test_a_startup_of_no_priority_is_still_matched_where_there_is_room() -> None:
    posed = problem([[0.9, 0.8], [0.9, 0.8]], worth=[1.0, 0.0], startup_max=2, expert_max=2)
    assert len(assign(posed).pairs) == 4


@pytest.mark.parametrize("places", [1, 2])
@pytest.mark.parametrize("step", [1e-5, 1e-6])
def test_a_difference_in_the_last_decimals_decides(step: float, places: int) -> None:
    scores = np.full((4, 4), 0.5)
    scores[[0, 1, 2, 3], [2, 0, 3, 1]] += step
    posed = problem(scores, startup_max=places, expert_max=places)
    chosen = set(assign(posed).pairs)
    assert {(0, 2), (1, 0), (2, 3), (3, 1)} <= chosen
    assert len(chosen) == 4 * places


IN_MILP = {"quotas": (PositionQuota("binds nothing", frozenset({0, 1}), frozenset({0, 1}), 0, 9),)}


@pytest.mark.parametrize("solver", [{}, IN_MILP], ids=["hungarian", "milp"])
def test_more_pairs_win_among_equal_totals(solver: dict[str, Any]) -> None:
    for seed in range(6):
        posed = problem([[0.0, 0.0], [0.0, NO]], seed=seed, **solver)
        assert named(posed, assign(posed)) == {("s1", "e2"), ("s2", "e1")}


@pytest.mark.parametrize("solver", [{}, IN_MILP], ids=["hungarian", "milp"])
def test_more_pairs_never_win_over_a_better_total(solver: dict[str, Any]) -> None:
    # One pair of .5 beats two that make .499999 together and would take its places.
    posed = problem([[0.5, 0.25], [0.249999, NO]], **solver)
    assert named(posed, assign(posed)) == {("s1", "e1")}


def test_priority_decides_who_is_left_out_and_not_what_a_pair_is_worth() -> None:
    scores = [[0.6], [0.5]]
    assert named(problem(scores), assign(problem(scores))) == {("s1", "e1")}
    prior = problem(scores, worth=[1.0, 2.0])
    assert named(prior, assign(prior)) == {("s2", "e1")}


def adding_an_expert(scores: np.ndarray) -> tuple[Problem, Problem]:
    return problem(scores[:, :-1], startup_max=2, expert_max=2), problem(scores, startup_max=2, expert_max=2)


@pytest.mark.parametrize("seed", range(20))
def test_one_more_expert_without_a_minimum_never_lowers_the_best_total(seed: int) -> None:
    before, after = adding_an_expert(np.random.default_rng(seed).random((4, 4)).round(6))
    assert total(after, assign(after)) >= total(before, assign(before)) - 1e-9
