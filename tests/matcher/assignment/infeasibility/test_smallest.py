"""Of small problems without quotas the smallest conflict is named, and said to be that."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
from hypothesis import assume, event, example, given, settings

from matcher.assignment.infeasibility.conflict import explain_conflict
from matcher.assignment.infeasibility.hall import blocking_without_quotas
from matcher.assignment.problem import PositionQuota, Problem
from tests.matcher.assignment.cramped import can_hold, cramped_problems, named_by, with_only
from tests.matcher.assignment.linear_oracle import can_hold_by_highs
from tests.matcher.assignment.small_problems import NO, problem


def everybody(posed: Problem) -> list[tuple[str, object]]:
    pins = {(posed.startup_ids[row], posed.expert_ids[column]) for row, column in posed.pins}
    sides = (("startup", posed.startup_ids), ("expert", posed.expert_ids), ("pin", sorted(pins)))
    return [(kind, id_) for kind, ids in sides for id_ in ids]


def shared_and_own() -> Problem:
    """Return a problem whose four startups share three places, two of them a place that nobody else can reach."""
    scores = np.full((6, 4), NO)
    scores[:4, :3] = 0.5
    scores[4:, 3] = 0.5
    return problem(scores, startup_min=1)


@settings(max_examples=80, deadline=None)
@given(cramped_problems())
@example(shared_and_own())
def test_no_set_of_fewer_startups_experts_and_pins_blocks(posed: Problem) -> None:
    posed = replace(posed, quotas=())
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


def test_now_and_then_the_first_set_found_is_not_the_smallest() -> None:
    sizes = []
    for posed in filter(lambda one: not can_hold_by_highs(one), map(random_problem, range(60))):
        first = blocking_without_quotas(posed)
        assert first is not None
        named = named_by(explain_conflict(posed))
        assert not can_hold_by_highs(with_only(posed, named))
        assert all(can_hold_by_highs(with_only(posed, named - {one})) for one in named)
        sizes.append((first.size, len(named)))
    assert all(size <= first for first, size in sizes)
    assert any(size < first for first, size in sizes)


def test_with_quotas_and_of_many_pairs_it_is_not_said_to_be_the_smallest() -> None:
    one = shared_and_own()
    assert explain_conflict(one).is_smallest
    quotas = (PositionQuota("q", frozenset({0}), frozenset({0}), 0, 1),)
    assert not explain_conflict(replace(one, quotas=quotas)).is_smallest
    scores = np.full((51, 40), 0.5)
    scores[0, 0] = NO
    assert not explain_conflict(problem(scores, startup_min=1)).is_smallest


def test_one_alone_is_always_the_smallest() -> None:
    quotas = (PositionQuota("q", frozenset({0}), frozenset({0}), 0, 1),)
    posed = problem(np.array([[NO, NO], [0.5, 0.5]]), startup_min=1, quotas=quotas)
    conflict = explain_conflict(posed)
    assert (conflict.startups, conflict.is_smallest) == (("s1",), True)
