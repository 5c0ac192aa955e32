"""Copies are solved as one, with the total of a solve of everybody, and dealt out so that each is within its limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from matcher.assignment import alike
from matcher.assignment.alike import solve_alike
from matcher.assignment.laminar import network_of
from matcher.assignment.network import limits_of
from matcher.assignment.order import Order
from matcher.assignment.problem import Problem
from matcher.assignment.result import Assignment, Position, Status
from matcher.assignment.scaling import largest_total
from matcher.assignment.solve import best_assignment
from matcher.assignment.table import Table
from matcher.assignment.verify import verify
from matcher.errors import Infeasible
from tests.matcher.assignment.small_problems import NO, named, problem
from tests.matcher.strategies import MANY, problems

SCORE = st.one_of(
    st.floats(-1, 1),
    st.integers(0, 3).map(lambda ulps: 1 + ulps * 2.0**-50),
    st.sampled_from([0.0, -0.0, 0.5, 0.501, 5e-324]),
)


@st.composite
def copies(draw: st.DrawFn) -> Problem:
    """Return a small problem of which everybody has copies, in any order, and some pairs may not be made."""
    few = draw(problems(priorities=False, quotas=False, pins=False))
    scores = np.reshape(
        [draw(SCORE) if np.isfinite(score) else score for score in few.scores.ravel()], few.scores.shape
    )
    rows, columns = (
        draw(st.permutations([at for at in range(count) for _ in range(draw(st.integers(1, 5)))]))
        for count in few.scores.shape
    )
    many = problem(
        scores[np.ix_(rows, columns)],
        few.startup_min[rows],
        few.startup_max[rows],
        few.expert_min[columns],
        few.expert_max[columns],
    )
    cells = st.tuples(st.integers(0, max(0, len(rows) - 1)), st.integers(0, max(0, len(columns) - 1)))
    return replace(many, bans=tuple(draw(st.lists(cells, max_size=2)))) if rows and columns else many


def solved(posed: Problem) -> Sequence[Position] | None:
    order = Order.drawn(posed)
    made = solve_alike(Table(posed, order), order.of_limits(limits_of(posed)))
    return None if made is None else order.restored(made)


def worth(posed: Problem, pairs: Sequence[Position]) -> tuple[Fraction, int]:
    return sum((Fraction(float(posed.gains[pair])) for pair in pairs), Fraction(0)), len(pairs)


@MANY
@given(copies())
def test_copies_solved_as_one_have_the_total_of_everybody(posed: Problem) -> None:
    pairs, network = network_of(posed)
    with patch.object(alike, "_FOLD", 0), patch.object(alike, "_seems_alike", lambda _: True):
        try:
            whole = network.pairs(largest_total(network, posed.gains_of(pairs)))
        except Infeasible:
            event("infeasible")
            with pytest.raises(Infeasible):
                solved(posed)
            return
        found = solved(posed)
    assert found is not None
    (total, count), (expected, most) = worth(posed, found), worth(posed, whole)
    # What is below this share of the largest gain is lost in the sums of floats anyway.
    assert abs(total - expected) <= Fraction(float(np.abs(posed.gains).max(initial=0))) * Fraction(2) ** -80
    assert count == most
    verify(posed, Assignment(tuple(found), Status.OPTIMAL, "copies", float(total), float(total)))


def repeated(startups: int, experts: int, texts: tuple[int, int] = (40, 15)) -> np.ndarray:
    """Return scores of so many, who say only a few different texts."""
    scores = np.random.default_rng(0).random(texts)
    return scores[np.arange(startups) % texts[0]][:, np.arange(experts) % texts[1]]


def test_a_large_table_of_few_texts_has_the_total_of_scipys_hungarian_on_slots() -> None:
    scores = repeated(900, 300)
    scores[np.random.default_rng(1).integers(900, size=20), np.random.default_rng(2).integers(300, size=20)] = NO
    posed = problem(scores, expert_max=2)
    slots = np.repeat(np.nan_to_num(posed.scores, nan=-1000.0), 2, axis=1)
    rows, columns = linear_sum_assignment(slots, maximize=True)
    assert solved(posed) is not None
    assert best_assignment(posed).total == pytest.approx(float(slots[rows, columns].sum()), rel=1e-12)


def test_no_copy_is_given_two_more_than_another() -> None:
    found = solved(problem(np.full((500, 450), 0.5), startup_max=7, expert_max=5))
    assert found is not None
    assert len(found) == 450 * 5
    assert set(np.bincount([row for row, _ in found])) == {4, 5}


@pytest.mark.parametrize("scores", [repeated(300, 900), repeated(900, 300, (900, 10)), repeated(300, 900, (9, 900))])
def test_who_is_alike_on_one_side_alone_is_seen(scores: np.ndarray) -> None:
    assert solved(problem(scores)) is not None


@pytest.mark.parametrize("levels", [2, 4, 10**6])
def test_where_nobody_is_alike_there_is_nothing_to_gain(levels: int) -> None:
    scores = np.random.default_rng(0).integers(levels, size=(300, 200)).astype(float)
    assert solved(problem(scores)) is None


def test_limits_or_a_pair_that_may_not_be_made_tell_copies_apart() -> None:
    posed = problem(np.full((200, 100), 0.5), startup_max=[1, 2] * 100, expert_max=2, bans=((5, 7),))
    found = solved(posed)
    assert found is not None
    loads = np.bincount([row for row, _ in found], minlength=200)
    assert len(found) == 200
    assert loads[::2].max() == 1
    assert (5, 7) not in found


def test_the_seed_deals_and_the_order_of_the_input_does_not() -> None:
    scores, draw = repeated(700, 300), np.random.default_rng(3)
    rows, columns = draw.permutation(700), draw.permutation(300)
    straight = problem(scores)
    turned = problem(
        scores[np.ix_(rows, columns)],
        startup_ids=tuple(straight.startup_ids[row] for row in rows),
        expert_ids=tuple(straight.expert_ids[column] for column in columns),
    )
    first = named(straight, best_assignment(straight))
    assert first == named(turned, best_assignment(turned))
    assert first != named(straight, best_assignment(replace(straight, seed=1)))
