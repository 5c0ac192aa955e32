"""Where every pair is eligible the smallest conflict is counted; no smaller set of limits blocks."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from matcher.assignment.infeasibility.blocking import Blocking, Element, Holder
from matcher.assignment.infeasibility.complete import is_complete, smallest_blocking
from matcher.assignment.infeasibility.conflict import explain_conflict
from matcher.assignment.problem import PositionQuota, Problem
from tests.matcher.assignment.cramped import named_by, with_only
from tests.matcher.assignment.linear_oracle import can_hold_by_highs
from tests.matcher.assignment.small_problems import NO, problem


@st.composite
def complete_problems(draw: st.DrawFn) -> Problem:
    """Draw a problem of at most 5 × 5 in which every pair is eligible."""
    rows, columns = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    limits = {}
    for side, count, partners in (("startup", rows, columns), ("expert", columns, rows)):
        least = draw(st.lists(st.integers(0, draw(st.integers(0, partners + 1))), min_size=count, max_size=count))
        more = draw(st.lists(st.sampled_from([0, 0, 1, 2, 9]), min_size=count, max_size=count))
        limits |= {f"{side}_min": np.array(least), f"{side}_max": np.array(least) + np.array(more)}
    return problem(np.full((rows, columns), 0.5), **limits)


def everybody(posed: Problem) -> list[tuple[str, object]]:
    return [("startup", id_) for id_ in posed.startup_ids] + [("expert", id_) for id_ in posed.expert_ids]


def sets_of(names: list[tuple[str, object]], size: int) -> Iterator[set[tuple[str, object]]]:
    yield from map(set, itertools.combinations(names, size))


@settings(max_examples=150, deadline=None)
@given(complete_problems())
def test_no_smaller_set_blocks(posed: Problem) -> None:
    assert is_complete(posed)
    blocking = smallest_blocking(posed)
    assert (blocking is None) == can_hold_by_highs(posed)
    assume(blocking is not None)
    named = named_by(explain_conflict(posed))
    event(f"size {blocking.size}")
    assert len(named) == blocking.size
    assert not can_hold_by_highs(with_only(posed, named))
    assert all(can_hold_by_highs(with_only(posed, one)) for one in sets_of(everybody(posed), blocking.size - 1))


def test_of_two_conflicts_the_smaller_is_named() -> None:
    posed = problem(np.full((6, 3), 0.5), startup_min=1, startup_max=3, expert_max=np.array([2, 2, 1]))
    least = np.array([1, 1, 3, 1, 1, 1])
    assert smallest_blocking(posed) == _blocking([0, 1, 2, 3, 4, 5], [0, 1, 2])
    several = problem(np.full((6, 3), 0.5), startup_min=least, startup_max=3, expert_max=np.array([0, 2, 2]))
    assert smallest_blocking(several) == _blocking([2], [0])


def _blocking(startups: list[int], experts: list[int]) -> Blocking:
    return Blocking(
        tuple(Element(Holder.STARTUP, at) for at in startups), tuple(Element(Holder.EXPERT, at) for at in experts)
    )


def test_a_pair_that_is_shut_a_pin_or_a_quota_is_not_counted_so() -> None:
    one = np.full((2, 2), 0.5)
    assert is_complete(problem(one))
    assert not is_complete(problem(np.array([[0.5, NO], [0.5, 0.5]])))
    assert not is_complete(problem(one, bans=((0, 0),)))
    assert not is_complete(problem(one, pins=((0, 0),)))
    assert not is_complete(problem(one, quotas=(PositionQuota("q", frozenset({0}), frozenset({0}), 0, 1),)))


def test_ids_on_both_sides_are_told_with_their_side() -> None:
    posed = problem(np.full((2, 2), 0.5), startup_min=1, expert_max=np.array([1, 0]), startup_ids=("a", "b"))
    shared = problem(
        np.full((2, 2), 0.5), startup_min=1, expert_max=np.array([1, 0]), startup_ids=("a", "b"), expert_ids=("b", "c")
    )
    plain, told = explain_conflict(posed), explain_conflict(shared)
    assert plain.message == "2 startups (a, b) need 2 pairs, only 1 place is open to them: e1 (1), e2 (0)"
    assert told.message == (
        "2 startups (startup a, startup b) need 2 pairs, only 1 place is open to them: expert b (1), expert c (0)"
    )
    assert [one.message for one in told.relaxations] == [
        "lower startup b's min from 1 to 0",
        "raise expert b's max from 1 to 2",
    ]
    assert (told.startups, told.experts) == (("a", "b"), ("b", "c"))
    assert [one.changes[0].id for one in told.relaxations] == ["b", "b"]
