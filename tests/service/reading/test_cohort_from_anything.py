"""Whatever stands in a cell, a line or a file: a cohort, or a report of what is wrong, never another error."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.errors import BadInput
from service.reading.schema import ExpertRow, OutcomeRow, OwnedDocumentRow, RelationRow, StartupRow
from tests.service.reading.folders import CohortFolder, csv_text, jsonl

ROWS = {
    "startups": {"id": "s1", "summary": "pepper leaves", "sectors": "health"},
    "experts": {"id": "e1", "kind": "professor", "expertise": "plant pathology"},
    "relations": {"source": "s1", "target": "e1", "type": "family"},
    "outcomes": {"startup": "s1", "expert": "e1", "outcome": "declined"},
    "documents": {"owner": "e1", "title": "On blight"},
}
MODELS = {
    "startups": StartupRow,
    "experts": ExpertRow,
    "relations": RelationRow,
    "outcomes": OutcomeRow,
    "documents": OwnedDocumentRow,
}
COLUMNS = [(name, column) for name, model in MODELS.items() for column in [*model.model_fields, "unknown"]]

TELLING = st.sampled_from(
    [
        "",
        " ",
        ";",
        "|",
        "=",
        "professor=1",
        "a | 2",
        "startup:s1",
        "org:",
        "2024",
        "1e400",
        "-1",
        "#REF!",
        "\x00",
        "\r\n",
    ]
)
CELLS = st.text(max_size=30) | TELLING | st.lists(TELLING, max_size=4).map("".join)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | CELLS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(CELLS, inner, max_size=3),
    max_leaves=5,
)


def read(files: dict[str, str | bytes]) -> None:
    """Read a cohort folder with these files; only bad input may be raised."""
    with tempfile.TemporaryDirectory() as path:
        folder = CohortFolder(Path(path))
        for name, content in files.items():
            folder.put(name, content)
        with contextlib.suppress(BadInput):
            assert folder.read().digest


@pytest.mark.parametrize(("name", "column"), COLUMNS)
@given(cell=CELLS)
@settings(max_examples=15, deadline=None)
def test_any_text_in_any_cell(name, column, cell):
    row = {**ROWS[name], column: cell}
    read({f"{name}.csv": csv_text([list(row), list(row.values())])})


@pytest.mark.parametrize(("name", "column"), COLUMNS)
@given(value=JSON_VALUES)
@settings(max_examples=15, deadline=None)
def test_any_value_in_any_field(name, column, value):
    read({f"{name}.jsonl": jsonl([{**ROWS[name], column: value}])})


@given(header=st.lists(CELLS, max_size=5), records=st.lists(st.lists(CELLS, max_size=6), max_size=4))
@settings(max_examples=60, deadline=None)
def test_any_table(header, records):
    read({"startups.csv": csv_text([header, *records])})


@pytest.mark.parametrize("name", ["startups.csv", "startups.jsonl", "startups.xlsx", "relations.csv", "program.toml"])
@given(content=st.binary(max_size=100))
@settings(max_examples=40, deadline=None)
def test_any_bytes_in_any_file(name, content):
    read({name: content})


@given(text=st.text(max_size=100))
@settings(max_examples=60, deadline=None)
def test_any_text_as_program(text):
    read({"program.toml": text})
