"""The body of `POST /v1/match` → a cohort and its program; mistakes have the path of their field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from service.reading.cohort import CohortInput, Tables, build_cohort
from service.reading.problems import BadCohort, Problem, expected
from service.reading.program import FILE, parse_program
from service.reading.tables import Row, Table

_TABLES = tuple(Tables.__dataclass_fields__)
_REQUIRED = ("startups", "experts")
_PROGRAM = "program"


@dataclass(frozen=True)
class FieldMistake:
    """A mistake in a request: where (like startups[0].needs), what was found and what is expected."""

    field: str
    message: str


def read_request(values: object) -> CohortInput:
    """Return the cohort that a body describes. Raises `BadCohort` with everything that is wrong with it."""
    if not isinstance(values, dict):
        raise BadCohort([Problem("", 0, "", expected(values, 'an object like {"startups": […], "experts": […]}'))])
    known = (*_TABLES, _PROGRAM)
    problems = [
        Problem(str(name), 0, "", f"found the unknown key {name!r}, expected one of {', '.join(known)}")
        for name in values
        if name not in known
    ]
    tables = {name: _table(values, name) for name in _TABLES}
    program = values.get(_PROGRAM) or {}
    if not isinstance(program, dict):
        problems.append(Problem(FILE, 0, "", expected(program, "an object like {objective, pins, bans, …}")))
        program = {}
    decided, found = parse_program(program)
    return build_cohort(Tables(**tables), decided, [*problems, *found])


def _table(values: Mapping[str, object], name: str) -> Table:
    given = values.get(name)
    if given is None and name not in _REQUIRED:
        return Table()
    if not isinstance(given, list) or (not given and name in _REQUIRED):
        return Table(problems=(Problem(name, 0, "", expected(given, f"a list of {name}, one at least")),))
    wrong = tuple(
        Problem(name, number, "", expected(row, "an object"))
        for number, row in enumerate(given, 1)
        if not isinstance(row, dict)
    )
    rows = tuple(
        Row(name, number, _present(row), is_table=False) for number, row in enumerate(given, 1) if isinstance(row, dict)
    )
    return Table(rows, wrong)


def _present(row: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if value is not None}


def field_mistakes(error: BadCohort) -> Iterator[FieldMistake]:
    """Yield the mistakes of a body by the path of their field; rows count from 0 there, as in JSON."""
    for problem in error.problems:
        table = _PROGRAM if problem.file == FILE else problem.file
        row = f"[{problem.row - 1}]" if problem.row else ""
        yield FieldMistake(".".join(filter(None, (f"{table}{row}", problem.column))), problem.message)
