"""What users of other matching systems reported (peers.md), asked of ours.

ORM: openreview-matcher, HC: hotcrp, ORP: openreview-py, DM: the `matching` library.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from matcher.assignment.problem import PositionQuota
from matcher.assignment.result import Status
from matcher.assignment.solve import assign
from matcher.errors import Infeasible
from matcher.program import Objective
from tests.matcher.assignment.small_problems import NO, named, problem, total


@pytest.mark.parametrize("objective", Objective)
@pytest.mark.parametrize("places", [1, 2])
def test_row_1_orm_27_minimum_loads_are_respected(places: int, objective: Objective) -> None:
    # Nobody would choose e2; its minimum makes somebody.
    posed = problem([[0.9, 0.1], [0.8, 0.1]], startup_max=places, expert_min=[0, 1], expert_max=2, objective=objective)
    assert {expert for _, expert in named(posed, assign(posed))} == {"e1", "e2"}


def best_total_of_permutations(scores: np.ndarray) -> float | None:
    totals = [scores[range(5), list(order)].sum() for order in itertools.permutations(range(5))]
    able = [one for one in totals if not np.isnan(one)]
    return max(able, default=None)


@pytest.mark.parametrize("with_conflicts", [False, True])
def test_row_2_minimums_are_met_without_giving_up_the_optimum(with_conflicts: bool) -> None:
    """Every expert of 5 × 5 has a minimum of 1, so the answer is the best of the 120 permutations."""
    for seed in range(100):
        draw = np.random.default_rng(seed)
        scores = draw.random((5, 5)).round(6)
        scores[draw.random((5, 5)) < 0.35 * with_conflicts] = np.nan
        posed, best = problem(scores, expert_min=1), best_total_of_permutations(scores)
        if best is None:
            with pytest.raises(Infeasible):
                assign(posed)
        else:
            assert total(posed, assign(posed)) == pytest.approx(best, abs=1e-7)


@pytest.mark.parametrize("objective", Objective)
@pytest.mark.parametrize("places", [1, 3])
def test_row_3_orm_278_no_conflicted_pair_is_made_when_all_scores_are_zero(places: int, objective: Objective) -> None:
    scores = np.zeros((3, 3))
    scores[[0, 1, 2], [0, 1, 2]] = NO
    posed = problem(scores, startup_max=places, expert_max=places, bans=((0, 1),), objective=objective)
    made = assign(posed).pairs
    assert made
    assert not {(0, 0), (1, 1), (2, 2), (0, 1)} & set(made)


def test_row_3_a_conflict_is_not_lifted_to_meet_a_minimum() -> None:
    posed = problem([[NO, 0.5]], expert_min=[1, 0], startup_max=2)
    with pytest.raises(Infeasible, match=r"1 expert \(e1\) needs 1 pair, no pair is open to it"):
        assign(posed)
    assert assign(posed, best_effort=True).pairs == ((0, 1),)


@pytest.mark.parametrize("objective", Objective)
@pytest.mark.parametrize("places", [1, 2])
def test_row_5_forced_pairs_hold_however_bad_they_are(places: int, objective: Objective) -> None:
    scores = [[0.0, 0.9], [0.9, 0.0]]
    posed = problem(scores, startup_max=places, expert_max=places, pins=((0, 0),), objective=objective)
    assert (0, 0) in assign(posed).pairs


def test_row_5_a_forced_pair_that_is_not_eligible_is_named_and_not_ignored() -> None:
    with pytest.raises(Infeasible, match="s1 with e1"):
        assign(problem([[NO, 0.9]], pins=((0, 0),)))


def test_row_5_a_pair_that_is_forced_twice_is_forced_once() -> None:
    assert assign(problem([[0.5, 0.9]], pins=((0, 0), (0, 0)))).pairs == ((0, 0),)


@pytest.mark.parametrize("objective", Objective)
def test_row_5_a_forced_pair_is_not_made_again_where_both_have_room(objective: Objective) -> None:
    posed = problem([[0.9, 0.1]], startup_max=2, expert_max=2, pins=((0, 0),), objective=objective)
    assert assign(posed).pairs == ((0, 0), (0, 1))


def test_row_6_orm_284_infeasible_says_who_falls_short_of_what() -> None:
    posed = problem([[0.5], [0.4]], startup_min=1)
    with pytest.raises(Infeasible, match=r"2 startups \(s1, s2\) need 2 pairs, only 1 place is open to them: e1 \(1\)"):
        assign(posed)


def test_row_7_a_partial_result_is_never_called_optimal() -> None:
    posed = problem([[0.5], [0.4]], startup_min=1)
    found = assign(posed, best_effort=True)
    assert found.status is Status.BEST_EFFORT
    assert [(one.what, one.at, one.needed, one.given) for one in found.unmet] == [("startup", 1, 1, 0)]


def test_row_8_orm_175_everybody_has_limits_of_their_own() -> None:
    posed = problem(np.full((3, 3), 0.5), startup_min=[0, 1, 3], startup_max=[0, 1, 3], expert_max=[3, 0, 1])
    with pytest.raises(Infeasible, match="s3"):
        assign(posed)
    posed = problem(np.full((3, 3), 0.5), startup_min=[0, 1, 2], startup_max=[0, 1, 3], expert_max=[3, 0, 1])
    loads = [sum(row == at for row, _ in assign(posed).pairs) for at in range(3)]
    assert loads == [0, 1, 2]


@pytest.mark.parametrize("objective", Objective)
def test_row_8_dm_112_no_places_at_all_is_no_crash(objective: Objective) -> None:
    assert assign(problem(np.full((2, 2), 0.5), startup_max=0, expert_max=0, objective=objective)).pairs == ()


def test_row_9_hc_165_a_quota_keeps_a_group_from_taking_everything() -> None:
    quota = PositionQuota("at most one from KAIST", frozenset({0, 1}), frozenset({0, 1}), 0, 1)
    posed = problem([[0.9, 0.8, 0.1], [0.8, 0.9, 0.2]], quotas=(quota,))
    # .9 from the group and the better of what is left outside of it: s1–e1 with s2–e3.
    assert named(posed, assign(posed)) == {("s1", "e1"), ("s2", "e3")}


def test_row_9_orm_86_each_aspect_of_one_need_is_covered_by_a_group_of_its_own() -> None:
    # Alone, s1 would take both lawyers, .9 + .8; with one from each group .9 + .2 is best.
    law = PositionQuota("law", frozenset({0}), frozenset({0, 1}), 1, None)
    data = PositionQuota("data", frozenset({0}), frozenset({2, 3}), 1, None)
    posed = problem([[0.9, 0.8, 0.1, 0.2]], startup_max=2, quotas=(law, data))
    assert named(posed, assign(posed)) == {("s1", "e1"), ("s1", "e4")}


def test_row_9_orm_178_nobody_gets_two_experts_of_one_institution() -> None:
    # e1 and e2 are of one institution, e3 and e4 of another: s1 gives up .8 for .4, s2 gives up .6 for .3.
    groups = {"one": {0, 1}, "other": {2, 3}}
    quotas = tuple(
        PositionQuota(f"{name} for s{row + 1}", frozenset({row}), frozenset(columns), 0, 1)
        for row in range(2)
        for name, columns in groups.items()
    )
    posed = problem([[0.9, 0.8, 0.4, 0.1], [0.3, 0.2, 0.7, 0.6]], startup_max=2, expert_max=2, quotas=quotas)
    assert named(posed, assign(posed)) == {("s1", "e1"), ("s1", "e3"), ("s2", "e1"), ("s2", "e3")}


@pytest.mark.parametrize("objective", Objective)
@pytest.mark.parametrize("places", [1, 2])
def test_row_15_zero_is_a_score_and_unknown_is_none(places: int, objective: Objective) -> None:
    posed = problem([[0.0, NO], [NO, -0.1]], startup_max=places, startup_min=[0, 1], objective=objective)
    assert named(posed, assign(posed)) == {("s1", "e1"), ("s2", "e2")}


def test_row_18_a_popular_expert_takes_no_more_than_its_places_and_the_others_their_minimums() -> None:
    # Everybody's best is e1, which has 2 places; those who lose least by going elsewhere go: s3 and s4.
    scores = [[0.9, 0.1, 0.1], [0.8, 0.1, 0.1], [0.7, 0.6, 0.1], [0.6, 0.1, 0.5]]
    posed = problem(scores, expert_min=1, expert_max=2)
    assert named(posed, assign(posed)) == {("s1", "e1"), ("s2", "e1"), ("s3", "e2"), ("s4", "e3")}


@pytest.mark.parametrize("places", [1, 2])
def test_row_20_scores_are_not_rounded_to_two_decimals(places: int) -> None:
    posed = problem([[0.501], [0.509]], startup_max=places)
    assert named(posed, assign(posed)) == {("s2", "e1")}
    small = problem([[0.009]], startup_max=places, expert_max=places)
    assert named(small, assign(small)) == {("s1", "e1")}
