"""Files of assignment problems: one in a .json, one a line of a .jsonl."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcher.assignment.problem import Problem
from matcher.program import Objective
from service.reading.assignment_mistakes import BadProblem
from service.reading.assignment_problems import AssignmentInput, read_problems

SMALL = {
    "startups": [{"id": "s1"}, {"id": "s2"}],
    "experts": [{"id": "e1", "max": 2}],
    "scores": [[0.5], [None]],
}


def lines_of(tmp_path: Path, *lines: bytes, name: str = "p.jsonl") -> list[AssignmentInput]:
    file = tmp_path / name
    file.write_bytes(b"\n".join(lines))
    return read_problems(file, None, None)


def line(**more: Any) -> bytes:
    return json.dumps({**SMALL, **more}, ensure_ascii=False).encode()


def test_bad_lines_stand_among_the_others_with_their_id_where_it_can_be_read(tmp_path):
    broken = [
        b'{"id": "b"',
        b"\xff\xfe",
        line(id="나", scores=[]),
        b'{"id": "b", "id": "c"}',
        rb'{"id": "b", "\ud800": 1}',
        rb'{"id": "\ud800"}',
        b"[" * 100_000,
        b'{"seed": ' + b"1" * 5000 + b"}",
        b"[]",
    ]
    found = lines_of(tmp_path, b"\xef\xbb\xbf" + line(id="a"), b"", *broken, b"  \r", line(id="z") + b"\r", b"")
    assert [one.id for one in found] == ["a", None, None, "나", None, None, None, None, None, None, "z"]
    assert [isinstance(one.problem, Problem) for one in found] == [True, *[False] * 9, True]
    told = [str(one.problem).split("\n")[1].strip() for one in found[1:-1]]
    assert [one.split(":")[0].split(" (")[0] for one in told] == [
        "is not JSON",
        "is not UTF-8",
        "scores",
        "is not JSON",
        "is not JSON",
        "id",
        "is not JSON",
        "is not JSON",
        'found [], expected an object like {"id"',
    ]
    assert str(found[1].problem).startswith("1 mistake in line 3 of p.jsonl:")
    assert all(str(one.problem).encode() for one in found[1:-1])


@pytest.mark.parametrize("depth", range(900, 1000, 7))
def test_a_problem_nested_to_the_edge_of_what_can_be_read_is_only_a_bad_line(tmp_path, depth):
    (found,) = lines_of(tmp_path, b'{"scores": ' + b"[" * depth + b"]" * depth + b"}")
    assert isinstance(found.problem, BadProblem)


def test_a_file_without_lines_has_no_problems(tmp_path):
    assert lines_of(tmp_path, b"\xef\xbb\xbf", b" ") == []


def test_an_objective_and_a_max_beside_the_file_hold_for_every_line(tmp_path):
    file = tmp_path / "p.jsonl"
    file.write_bytes(line(objective="total") + b"\n" + line(experts=[{"id": "e1"}]))
    for one in read_problems(file, Objective.FAIR, 4):
        assert isinstance(one.problem, Problem)
        assert one.problem.objective is Objective.FAIR
    assert one.problem.expert_max.tolist() == [4]


def test_a_problem_of_a_thousand_by_five_hundred_is_read_well_below_two_seconds(tmp_path):
    rng = np.random.default_rng(0)
    scores = [[None if score < 0.1 else score for score in row] for row in rng.random((1000, 500)).tolist()]
    values = {
        "startups": [{"id": f"s{at}", "min": 0, "max": 2} for at in range(1000)],
        "experts": [{"id": f"e{at}", "min": 0, "max": 6} for at in range(500)],
        "scores": scores,
    }
    file = tmp_path / "p.json"
    file.write_text(json.dumps(values))
    begin = time.process_time()
    (found,) = read_problems(file, None, None)
    assert time.process_time() - begin < 1
    assert isinstance(found.problem, Problem)
    assert np.array_equal(found.problem.scores, np.array(scores, dtype=float), equal_nan=True)
