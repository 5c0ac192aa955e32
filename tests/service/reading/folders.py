"""Cohort folders and files for tests: a folder that is fine until a test puts something into it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl
import pytest

from matcher.profiles import Expert, Startup
from service.reading.cohort import CohortInput, read_cohort
from service.reading.problems import BadCohort, Problem
from service.reading.tables import SUFFIXES

STARTUP = {"id": "s1", "summary": "leaf photos of peppers"}
EXPERT = {"id": "e1", "kind": "professor", "expertise": ["plant pathology"]}


class CohortFolder:
    """A folder of cohort files; a file that is put replaces the one of the same name in another format."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.startups(STARTUP)
        self.experts(EXPERT)

    def put(self, name: str, content: str | bytes) -> None:
        for suffix in SUFFIXES:
            (self.path / name).with_suffix(suffix).unlink(missing_ok=True)
        (self.path / name).write_bytes(content.encode() if isinstance(content, str) else content)

    def startups(self, *rows: Mapping[str, object] | str) -> None:
        self.put("startups.jsonl", jsonl(rows))

    def experts(self, *rows: Mapping[str, object] | str) -> None:
        self.put("experts.jsonl", jsonl(rows))

    def read(self) -> CohortInput:
        return read_cohort(self.path)

    def startup(self, **fields: object) -> Startup:
        """Return what becomes of a startup with these fields."""
        self.startups({**STARTUP, **fields})
        return self.read().cohort.startups[0]

    def expert(self, **fields: object) -> Expert:
        """Return what becomes of an expert with these fields."""
        self.experts({**EXPERT, **fields})
        return self.read().cohort.experts[0]

    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong with the folder; a folder that reads fails the test."""
        with pytest.raises(BadCohort) as caught:
            self.read()
        return caught.value.problems

    def places(self) -> list[tuple[str, int, str]]:
        """Return file, row and column of every problem."""
        return [(problem.file, problem.row, problem.column) for problem in self.problems()]


def jsonl(rows: Sequence[Mapping[str, object] | str]) -> str:
    """Return the rows as lines; a text is a line as it stands."""
    return "".join(f"{row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)}\n" for row in rows)


def csv_text(rows: Sequence[Sequence[object]]) -> str:
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    return file.getvalue()


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            if value is not None:
                sheet.cell(number, column, value)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
