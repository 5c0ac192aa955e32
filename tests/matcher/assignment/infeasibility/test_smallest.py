"""Of small problems the smallest conflict is named, and said to be that."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, event, example, given, settings
from hypothesis import strategies as st

from matcher.assignment.infeasibility import smallest_with_quotas
from matcher.assignment.infeasibility.conflict import explain_conflict
from matcher.assignment.infeasibility.hall import blocking_without_quotas
from matcher.assignment.infeasibility.quota_blocking import blocking_with_quotas
from matcher.assignment.infeasibility.smallest_with_quotas import LIMITS
from matcher.assignment.problem import PositionQuota, Problem
from tests.matcher.assignment.cramped import can_hold, cramped_problems, named_by, with_only
from tests.matcher.assignment.linear_oracle import can_hold_by_highs
from tests.matcher.assignment.small_problems import NO, problem


def everybody(posed: Problem) -> list[tuple[str, object]]:
    pins = {(posed.startup_ids[row], posed.expert_ids[column]) for row, column in posed.pins}
    quotas = [quota.name for quota in posed.quotas]
    sides = (("startup", posed.startup_ids), ("expert", posed.expert_ids), ("pin", sorted(pins)), ("quota", quotas))
    return [(kind, id_) for kind, ids in sides for id_ in ids]


def shared_and_own() -> Problem:
    """Return a problem whose four startups share three places, two of them a place that nobody else can reach."""
    scores = np.full((6, 4), NO)
    scores[:4, :3] = 0.5
    scores[4:, 3] = 0.5
    return problem(scores, startup_min=1)


TWO_QUOTAS = (
    PositionQuota("few", frozenset(range(3)), frozenset(range(3)), 0, 1),
    PositionQuota("many", frozenset({1, 2}), frozenset({1, 2}), 2, None),
)


def two_quotas_and_a_crowd() -> Problem:
    """Return a problem of five needs for four places, in which two quotas stand against each other besides."""
    scores = np.full((5, 4), 0.5)
    scores[0, 0] = NO
    return problem(scores, startup_min=1, quotas=TWO_QUOTAS)


@settings(max_examples=120, deadline=None)
@given(cramped_problems(), st.booleans())
@example(shared_and_own(), False)
@example(two_quotas_and_a_crowd(), True)
def test_no_set_of_fewer_startups_experts_pins_and_quotas_blocks(posed: Problem, with_quotas: bool) -> None:
    posed = posed if with_quotas else replace(posed, quotas=())
    assume(not can_hold(posed))
    holds = can_hold_by_highs if posed.scores.size else can_hold
    conflict = explain_conflict(posed)
    named = named_by(conflict)
    event(f"named: {len(named)}")
    assert conflict.is_smallest
    assert not can_hold(with_only(posed, named))
    for fewer in itertools.combinations(everybody(posed), len(named) - 1):
        assert holds(with_only(posed, set(fewer))), fewer


def random_problem(seed: int) -> Problem:
    draw = np.random.default_rng(seed)
    scores = np.where(draw.random((9, 8)) < 0.35, 0.5, NO)
    least = draw.choice([0, 1, 1, 2], 9)
    return problem(scores, startup_min=least, startup_max=least + 1, expert_min=draw.choice([0, 0, 1], 8), expert_max=1)


def with_random_quotas(seed: int) -> Problem:
    draw = np.random.default_rng(seed)
    sides = [[frozenset(draw.choice(count, count // 2, replace=False).tolist()) for count in (9, 8)] for _ in range(3)]
    least = draw.choice([0, 2, 4], 3).tolist()
    quotas = [PositionQuota(f"q{at}", *side, least[at], least[at] + 1) for at, side in enumerate(sides)]
    return replace(random_problem(seed), quotas=tuple(quotas))


@pytest.mark.parametrize("drawn", [random_problem, with_random_quotas])
def test_now_and_then_the_first_set_found_is_not_the_smallest(drawn: Callable[[int], Problem]) -> None:
    sizes = []
    for posed in filter(lambda one: not can_hold_by_highs(one), map(drawn, range(60))):
        first = blocking_without_quotas(posed) or blocking_with_quotas(posed)
        assert first is not None
        named = named_by(explain_conflict(posed))
        assert not can_hold_by_highs(with_only(posed, named))
        assert all(can_hold_by_highs(with_only(posed, named - {one})) for one in named)
        sizes.append((first.size, len(named)))
    assert all(size <= first for first, size in sizes)
    assert any(size < first for first, size in sizes)


def test_two_quotas_alone_are_named_where_a_crowd_is_in_the_way_too() -> None:
    conflict = explain_conflict(two_quotas_and_a_crowd())
    assert (conflict.quotas, conflict.startups, conflict.experts) == (("few", "many"), (), ())
    assert conflict.is_smallest


def test_of_many_limits_with_quotas_and_of_many_pairs_it_is_not_said_to_be_the_smallest() -> None:
    scores = np.full((51, 40), 0.5)
    scores[0, 0] = NO
    assert not explain_conflict(problem(scores, startup_min=1)).is_smallest
    crowd = problem(np.full((LIMITS, 4), 0.5), quotas=TWO_QUOTAS)
    assert explain_conflict(crowd).quotas == ("few", "many")
    assert not explain_conflict(crowd).is_smallest


def test_after_so_many_questions_what_is_known_is_told_and_not_said_to_be_the_smallest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(smallest_with_quotas, "_QUESTIONS", 5)
    conflict = explain_conflict(two_quotas_and_a_crowd())
    assert (len(named_by(conflict)), conflict.is_smallest) == (9, False)


def test_of_two_that_are_as_small_the_one_without_quotas_is_named() -> None:
    scores = np.full((5, 4), 0.5)
    scores[4, :3] = NO
    posed = problem(scores, startup_min=[0, 0, 0, 0, 1], expert_max=[5, 5, 5, 0], quotas=TWO_QUOTAS)
    conflict = explain_conflict(posed)
    assert named_by(conflict) == {("startup", "s5"), ("expert", "e4")}
    assert conflict.is_smallest


def test_one_alone_is_always_the_smallest() -> None:
    quotas = (PositionQuota("q", frozenset({0}), frozenset({0}), 0, 1),)
    posed = problem(np.array([[NO, NO], [0.5, 0.5]]), startup_min=1, quotas=quotas)
    conflict = explain_conflict(posed)
    assert (conflict.startups, conflict.is_smallest) == (("s1",), True)
