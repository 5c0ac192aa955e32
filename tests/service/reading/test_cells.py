from __future__ import annotations

import pytest

from service.reading.cells import parse_cells

LIST_COLUMNS = [
    "data_assets",
    "sectors",
    "stages",
    "regions",
    "languages",
    "documents",
    "seeks",
    "confidential",
    "expertise",
    "wants",
    "avoids",
    "authors",
]


def parsed(column: str, cell: object) -> object:
    return parse_cells({column: cell})[column]


@pytest.mark.parametrize("column", LIST_COLUMNS)
def test_a_list_cell_is_split_on_semicolons(column):
    assert parsed(column, "a b; c ;;  ;d") == ["a b", "c", "d"]


@pytest.mark.parametrize("column", ["id", "name", "summary", "stage", "region", "title", "text", "founder"])
def test_a_text_cell_keeps_its_semicolons(column):
    assert parsed(column, "a; b") == "a; b"


def test_commas_do_not_split_a_list():
    assert parsed("sectors", "health, care;bio") == ["health, care", "bio"]


@pytest.mark.parametrize(
    ("cell", "needs"),
    [
        ("text | 2", [{"text": "text", "weight": "2"}]),
        ("a|2; b |0.5;c", [{"text": "a", "weight": "2"}, {"text": "b", "weight": "0.5"}, {"text": "c"}]),
        ("a | b | 3", [{"text": "a | b", "weight": "3"}]),  # the last bar is the weight's
    ],
)
def test_a_need_carries_its_weight_behind_a_bar(cell, needs):
    assert parsed("needs", cell) == needs


@pytest.mark.parametrize(
    ("cell", "check"),
    [
        ("100;500", ["100", "500"]),
        (" 1,000 ; 2,000 ", ["1,000", "2,000"]),
        (";500", [None, "500"]),
        ("100;", ["100", None]),
    ],
)
def test_a_check_is_two_amounts_either_of_which_may_be_open(cell, check):
    assert parsed("check_usd", cell) == check


@pytest.mark.parametrize("column", ["min_matches", "max_matches"])
def test_counts_may_be_told_per_kind(column):
    assert parsed(column, "professor=1; investor = 2") == {"professor": "1", "investor": "2"}
    assert parsed(column, "3") == "3"


def test_values_that_are_not_text_stay_as_they_are():
    values = {"sectors": 5, "needs": None, "min_matches": 2}
    assert parse_cells(values) == values
