"""Which files `matcher assign` takes and writes: lines, bad input, and where results go."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.service.problems import FAIR_PAYS, ids, problem, put

EXAMPLES = Path(__file__).parents[2] / "examples" / "assignment"


def test_every_line_gets_an_answer_in_its_place(matcher, tmp_path):
    lines = [
        problem([[0.5]], id="first"),
        "",
        problem(
            [[0.5]], id="infeasible", startups=[{"id": "s1", "min": 1, "max": 2}], experts=[{"id": "e1", "max": 0}]
        ),
        problem([["high"]], id="bad", pins=[["s1", "e9"]]),
        '{"id": "broken"',
        problem(FAIR_PAYS, id="마지막", objective="fair"),
        "  ",
    ]
    done = matcher("assign", put(tmp_path / "p.jsonl", *lines))
    assert (done.exit_code, done.stderr) == (0, "")
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [result.get("id") for result in results] == ["first", "infeasible", "bad", None, "마지막"]
    assert [result["status"] for result in results] == ["optimal", "infeasible", "error", "error", "optimal"]
    told = results[2]["message"]
    assert "2 mistakes in line 4 of p.jsonl" in told
    assert "scores[0][0]: found 'high'" in told
    assert "pins[0][1]: found 'e9'" in told
    assert set(results[3]) == {"status", "message"}


def test_lines_that_are_all_infeasible_or_bad_exit_0(matcher, tmp_path):
    infeasible = problem([[None]], startups=[{"id": "s1", "min": 1}])
    assert matcher("assign", put(tmp_path / "p.jsonl", infeasible, "{}")).exit_code == 0
    assert matcher("assign", put(tmp_path / "p.jsonl", "{}", infeasible)).exit_code == 0


def test_a_file_without_lines_has_an_empty_answer(matcher, tmp_path):
    done = matcher("assign", put(tmp_path / "p.jsonl", ""), "--out", tmp_path / "r.jsonl")
    assert done.exit_code == 0
    assert (tmp_path / "r.jsonl").read_bytes() == b""


def test_the_file_holds_what_the_screen_would_show(matcher, tmp_path):
    path = put(tmp_path / "p.jsonl", problem([[0.5]]), problem([[0.25]], id="나"), "{}")
    shown = matcher("assign", path).stdout
    done = matcher("assign", path, "--out", tmp_path / "new" / "결과.jsonl")
    assert done.exit_code == 0
    assert "결과.jsonl" in done.stdout
    assert (tmp_path / "new" / "결과.jsonl").read_text(encoding="utf-8") == shown


@pytest.mark.parametrize("text", ["", "{", "[]", '{"id": "p1"}', json.dumps(problem([["x"]])), '{"scores": [[NaN]]}'])
def test_a_bad_problem_exits_2_and_writes_nothing(matcher, tmp_path, text):
    done = matcher("assign", put(tmp_path / "p.json", text), "--out", tmp_path / "out" / "r.json")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "mistake" in done.stderr
    assert "in p.json:" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_literal_that_is_no_number_is_told_by_its_cell(matcher, tmp_path):
    text = json.dumps(problem([[0.5, 0.25]])).replace("0.25", "-Infinity")
    assert "scores[0][1]: found -inf, expected a number" in matcher("assign", put(tmp_path / "p.json", text)).stderr


def test_bytes_that_are_no_text_are_bad_input(matcher, tmp_path):
    (tmp_path / "p.json").write_bytes(json.dumps(problem([[0.5]], id="봄"), ensure_ascii=False).encode("cp949"))
    done = matcher("assign", tmp_path / "p.json")
    assert done.exit_code == 2
    assert "is not UTF-8" in done.stderr


@pytest.mark.parametrize("name", ["absent.json", "p.csv", "folder.json"])
def test_what_is_no_file_of_a_problem_is_bad_input(matcher, tmp_path, name):
    put(tmp_path / "p.csv", problem([[0.5]]))
    (tmp_path / "folder.json").mkdir()
    done = matcher("assign", tmp_path / name)
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"{name} is no assignment problem, expected a file as .json or .jsonl or .npz" in done.stderr


@pytest.mark.parametrize("out", ["r.jsonl", "r", "r.npz", "p.json", "../same/p.json"])
def test_a_result_goes_to_another_file_of_the_same_kind(matcher, tmp_path, out):
    (tmp_path / "same").mkdir()
    path = tmp_path / "same" / "p.json"
    path.write_text(json.dumps(problem([[0.5]])))
    done = matcher("assign", path, "--out", tmp_path / "same" / out)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "found --out" in done.stderr
    assert [one.name for one in (tmp_path / "same").iterdir()] == ["p.json"]
    assert json.loads(path.read_text()) == problem([[0.5]])


def test_a_result_that_cannot_be_written_exits_2(matcher, tmp_path):
    (tmp_path / "file").write_text("in the way")
    done = matcher("assign", put(tmp_path / "p.json", problem([[0.5]])), "--out", tmp_path / "file" / "r.json")
    assert done.exit_code == 2
    assert "cannot write to" in done.stderr


def test_the_example_lines_are_a_fair_one_an_infeasible_one_and_a_bad_one(matcher):
    results = [json.loads(line) for line in matcher("assign", EXAMPLES / "problems.jsonl").stdout.splitlines()]
    assert [result["status"] for result in results] == ["optimal", "infeasible", "error"]
    assert results[0]["worst_off"] == 0.3


def test_the_example_problem_keeps_its_pin_and_its_quota(matcher):
    result = json.loads(matcher("assign", EXAMPLES / "problem.json").stdout)
    assert ("Tallow & Reed", "Prof. Ode Varga") in ids(result)
    assert ("Mossgate", "봉하늘 교수") not in ids(result)
    assert sum(expert == "Prof. Wren Ashby" and startup != "Quietline/audio" for startup, expert in ids(result)) <= 1


@pytest.mark.parametrize(
    "options", [("--expert-max", -1), ("--expert-max", "many"), ("--objective", "best"), ("--fast",)]
)
def test_options_that_cannot_be_meant_exit_2(matcher, tmp_path, options):
    done = matcher("assign", put(tmp_path / "p.json", problem([[0.5]])), *options)
    assert done.exit_code == 2
    assert "Usage" in done.stderr
