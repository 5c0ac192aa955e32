"""Relations read: a row in which all is well is read as one that needs a closer look."""

from __future__ import annotations

import pytest

from service.reading.links import read_relations
from service.reading.references import Directory
from service.reading.tables import Row, Table

DIRECTORY = Directory(frozenset({"s1", "x"}), frozenset({"e1", "x"}))
ROWS = [
    {"source": "s1", "target": "e1", "type": "family"},
    {"source": " s1 ", "target": "org: Acme ", "type": " co-author ", "since": "2024", "until": "2024-06"},
    {"source": "expert:x", "target": "startup:x", "type": "advisor", "since": "2024-02-29"},
    {"source": "e1", "target": "s1", "type": "declined", "until": "2025-01"},
    {"source": "e1", "target": "s1", "type": "family", "since": "2025", "until": "2024"},
    {"source": "x", "target": "s1", "type": "family"},
    {"source": "e9", "target": "s1", "type": "family", "since": "soon"},
    {"source": "e1", "target": "s1", "type": "family", "since": "20250101"},
    {"source": "e1", "target": "s1", "since": 2024},
]


def read(rows: list[dict[str, object]]):
    table = Table(tuple(Row("relations.csv", at, row, True) for at, row in enumerate(rows, 2)))
    relations, problems = read_relations(table, Table(), DIRECTORY)
    return [(one.source, one.target, one.type, one.since, one.until) for one in relations], problems


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_plain_row_is_read_as_one_with_a_column_more(row: dict[str, object]) -> None:
    assert read([row]) == read([{**row, "note": "kept"}])


def test_relations_stand_in_the_order_of_the_rows_and_no_problem_is_lost() -> None:
    told, problems = read([{**row, "note": "kept"} if at % 2 else row for at, row in enumerate(ROWS * 2)])
    assert told == read(ROWS)[0] * 2
    assert len(problems) == 2 * len(read(ROWS)[1])
