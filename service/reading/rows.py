"""Rows → checked models, with a problem for every field that is not what it should be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from service.reading.cells import parse_cells
from service.reading.problems import Problem, expected
from service.reading.tables import Row, Table

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Parsed(Generic[Model]):
    """A row and what could be understood of it: the fields in `wrong` hold their default in `model`.

    Such a row still takes part in the checks across rows, so that one report tells everything.
    """

    row: Row
    model: Model
    wrong: frozenset[str] = frozenset()

    def problem(self, column: str, message: str) -> Problem:
        """Return a problem of this row."""
        return Problem(self.row.file, self.row.number, column, message)


def parse_rows(
    model: type[Model], table: Table, placeholders: dict[str, object]
) -> tuple[list[Parsed[Model]], list[Problem]]:
    """Return every row as far as it can be understood, and the problems of all rows.

    placeholders: stand in for required fields that are missing or wrong, so that the others can be looked at.
    """
    parsed, problems = [], list(table.problems)
    for row in table.rows:
        values = parse_cells(row.values) if row.is_table else row.values
        try:
            parsed.append(Parsed(row, model.model_validate(values)))
        except ValidationError as error:
            found = _field_problems(model, row, error)
            problems += found
            wrong = frozenset(problem.column.split("[")[0] for problem in found)
            usable = {name: value for name, value in values.items() if name not in wrong}
            parsed.append(Parsed(row, model.model_validate({**placeholders, **usable}), wrong))
    return parsed, problems


def _field_problems(model: type[Model], row: Row, error: ValidationError) -> list[Problem]:
    """Return one problem for each field that the model refused."""
    found: dict[str, Problem] = {}
    for detail in error.errors(include_url=False):
        name = str(detail["loc"][0]) if detail["loc"] else ""
        field = model.model_fields.get(name)
        wanted = field.description if field is not None and field.description else detail["msg"]
        value = None if detail["type"] == "missing" else detail["input"]
        found.setdefault(name, Problem(row.file, row.number, _place(detail["loc"]), expected(value, wanted)))
    return list(found.values())


def _place(location: Sequence[int | str]) -> str:
    """Return "documents[2].date" for the third document's date; what pydantic calls its branches is left out."""
    place = ""
    for step in location:
        if isinstance(step, int):
            place += f"[{step}]"
        elif place and step.isidentifier() and "[" in place:
            place += f".{step}"
        elif not place:
            place = step
    return place
