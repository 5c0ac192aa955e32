"""Equally good assignments: the seed and the ids choose between them, the order of the input never does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.assignment.problem import Problem
from matcher.assignment.solve import assign
from tests.matcher.assignment.small_problems import named, problem
from tests.matcher.strategies import FEW


def all_equal(rows: int, columns: int, places: int, seed: int = 0) -> Problem:
    return problem(np.full((rows, columns), 0.5), startup_max=places, expert_max=places, seed=seed)


def results_over_seeds(rows: int, columns: int, places: int) -> set[frozenset[tuple[str, str]]]:
    posed = [all_equal(rows, columns, places, seed) for seed in range(20)]
    return {frozenset(named(one, assign(one))) for one in posed}


@pytest.mark.parametrize(("rows", "columns"), [(2, 2), (3, 3), (6, 6), (3, 5), (5, 3)])
def test_another_seed_can_choose_another_of_the_equally_good_assignments(rows: int, columns: int) -> None:
    assert len(results_over_seeds(rows, columns, places=1)) > 1


def test_another_seed_can_choose_another_where_everybody_has_two_places() -> None:
    assert len(results_over_seeds(4, 5, places=2)) > 1


@pytest.mark.parametrize("places", [1, 2])
def test_the_same_seed_chooses_the_same(places: int) -> None:
    posed = all_equal(4, 4, places, seed=7)
    assert assign(posed) == assign(posed)


@FEW
@given(
    st.permutations(range(4)),
    st.permutations(range(3)),
    st.integers(0, 5),
    st.sampled_from([1, 2]),
    st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=12, max_size=12),
)
def test_the_order_of_the_input_changes_nothing(
    rows: list[int], columns: list[int], seed: int, places: int, scores: list[float]
) -> None:
    table = np.array(scores).reshape(4, 3)
    limits = {"startup_max": places, "expert_max": places, "seed": seed}
    straight = problem(table, **limits)
    turned = problem(
        table[np.ix_(rows, columns)],
        startup_ids=tuple(f"s{row + 1}" for row in rows),
        expert_ids=tuple(f"e{column + 1}" for column in columns),
        **limits,
    )
    assert named(straight, assign(straight)) == named(turned, assign(turned))


def test_the_order_of_the_input_changes_nothing_in_a_large_table() -> None:
    draw = np.random.default_rng(0)
    table, rows, columns = draw.random((600, 400)).round(1), draw.permutation(600), draw.permutation(400)
    straight = problem(table, expert_max=2)
    turned = problem(
        table[np.ix_(rows, columns)],
        startup_ids=tuple(straight.startup_ids[row] for row in rows),
        expert_ids=tuple(straight.expert_ids[column] for column in columns),
        expert_max=2,
    )
    assert named(straight, assign(straight)) == named(turned, assign(turned))
