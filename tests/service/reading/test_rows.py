from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import BaseModel, Field

from service.reading.problems import Problem
from service.reading.rows import parse_rows
from service.reading.schema import ExpertRow, RelationRow, StartupRow
from service.reading.tables import Row, Table


class Item(BaseModel):
    size: Annotated[int, Field(ge=0)]


class Box(BaseModel):
    name: str = Field(description="a name")
    size: int = Field(0, description="a whole number")
    items: list[Item] = Field([], description="a list of items")


def table(*rows: dict[str, object], is_table: bool = False) -> Table:
    return Table(tuple(Row("boxes", number, values, is_table) for number, values in enumerate(rows, 1)))


def test_a_good_row_becomes_a_model_that_knows_where_it_stood():
    (parsed,), problems = parse_rows(Box, table({"name": "a", "size": 3}), {})
    assert parsed.model == Box(name="a", size=3)
    assert parsed.problem("size", "too small") == Problem("boxes", 1, "size", "too small")
    assert not problems


def test_every_wrong_field_of_every_row_is_one_problem_with_what_was_expected():
    _, problems = parse_rows(Box, table({"name": 1, "size": "x"}, {"name": "b", "size": []}), {"name": "?"})
    assert [str(problem) for problem in problems] == [
        "boxes, row 1, name: found 1, expected a name",
        "boxes, row 1, size: found 'x', expected a whole number",
        "boxes, row 2, size: found [], expected a whole number",
    ]


def test_a_wrong_field_holds_its_default_so_that_the_row_takes_part_in_other_checks():
    (parsed,), _ = parse_rows(Box, table({"name": "a", "size": "x"}), {"name": "?"})
    assert parsed.model == Box(name="a", size=0)


def test_a_missing_field_is_told_as_nothing_and_takes_its_placeholder():
    (parsed,), (problem,) = parse_rows(Box, table({"size": 2}), {"name": "?"})
    assert str(problem) == "boxes, row 1, name: found nothing, expected a name"
    assert parsed.model == Box(name="?", size=2)


def test_a_problem_inside_a_list_names_its_place():
    _, (problem,) = parse_rows(Box, table({"name": "a", "items": [{"size": 1}, {"size": -1}]}), {"name": "?"})
    assert problem.column == "items[1].size"


def test_several_mistakes_in_one_field_are_one_problem():
    _, problems = parse_rows(Box, table({"name": "a", "items": [{"size": -1}, {"size": -1}, 5]}), {"name": "?"})
    assert [problem.column for problem in problems] == ["items[0].size"]


def test_problems_of_the_table_come_with_those_of_its_rows():
    broken = Problem("boxes", 9, "", "is not JSON")
    _, problems = parse_rows(Box, Table(table({"name": 1}).rows, (broken,)), {"name": "?"})
    assert broken in problems
    assert len(problems) == 2


def test_only_the_cells_of_tables_are_split():
    (line,), _ = parse_rows(ExpertRow, table({"id": "e", "kind": "professor", "expertise": "a;b"}), {})
    (cell,), _ = parse_rows(ExpertRow, table({"id": "e", "kind": "professor", "expertise": "a;b"}, is_table=True), {})
    assert line.model.expertise == ["a;b"]
    assert cell.model.expertise == ["a", "b"]


@pytest.mark.parametrize("id_", [None, "", " ", "a\x00b", "\u200b", [], {}, True, "x" * 501])
def test_a_startup_without_a_usable_id_is_a_problem(id_):
    _, (problem,) = parse_rows(StartupRow, table({"id": id_, "summary": "x"}), {"id": "?"})
    assert (problem.row, problem.column) == (1, "id")


@pytest.mark.parametrize("missing", ["source", "target", "type"])
def test_a_relation_that_lacks_a_required_field_is_a_problem(missing):
    values = {"source": "a", "target": "b", "type": "family"}
    del values[missing]
    _, (problem,) = parse_rows(RelationRow, table(values), {"source": "?", "target": "?", "type": "?"})
    assert (problem.row, problem.column) == (1, missing)
