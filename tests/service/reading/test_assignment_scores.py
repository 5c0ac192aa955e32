"""Scores in JSON: what they mean, and what is none told by its cell."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.reading.assignment_scores import read_scores

NO_SCORE = "expected a number from -1,000,000 to 1,000,000, or null for a pair that is not eligible"


def mistakes(scores: object, shape: tuple[int, int]) -> list[str]:
    return [str(mistake) for mistake in read_scores(scores, shape)[1]]


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (float("-inf"), "-inf"),
        (10**400, f"1{'0' * 79}…"),
        (1_000_001, "1000001"),
        (-1000000.5, "-1000000.5"),
        (True, "True"),
        ("0.5", "'0.5'"),
        ([0.5], "[0.5]"),
        ({}, "{}"),
    ],
)
def test_what_is_no_score_is_told_by_its_cell(cell, told):
    assert mistakes([[0.5], [cell]], (2, 1)) == [f"scores[1][0]: found {told}, {NO_SCORE}"]


@pytest.mark.parametrize(
    ("scores", "told"),
    [
        ([[0.5]], "scores: found 1, expected 2: one row for each startup"),
        ([], "scores: found 0, expected 2: one row for each startup"),
        (None, "scores: found nothing, expected a list of 2: one row for each startup"),
        ({"s1": [0.5]}, "scores: found {'s1': [0.5]}, expected a list of 2: one row for each startup"),
        ([[0.5], []], "scores[1]: found 0, expected 1: one score for each expert"),
        ([[0.5, 1], [1]], "scores[0]: found 2, expected 1: one score for each expert"),
        ([[0.5], 7], "scores[1]: found 7, expected a list of 1: one score for each expert"),
    ],
)
def test_a_matrix_that_does_not_fit_the_sides_is_told(scores, told):
    assert mistakes(scores, (2, 1)) == [told]


CELLS = st.none() | st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6)
ANYTHING = (
    CELLS
    | st.booleans()
    | st.sampled_from(["", "1", "0.5", "x"])
    | st.floats()
    | st.integers(-(10**400), 10**400)
    | st.just([])
)


@given(st.lists(CELLS))
def test_scores_are_read_as_they_stand(cells):
    scores, wrong = read_scores(json.loads(json.dumps([cells])), (1, len(cells)))
    assert not wrong
    assert [None if np.isnan(score) else score for score in scores[0]] == cells


@given(st.lists(ANYTHING))
def test_the_look_at_a_whole_row_agrees_with_the_look_at_its_cells(cells):
    wrong = [
        f"scores[0][{at}]"
        for at, cell in enumerate(cells)
        if cell is not None and (type(cell) not in (int, float) or not abs(cell) <= 1e6)
    ]
    assert [mistake.field for mistake in read_scores([cells], (1, len(cells)))[1]] == wrong
