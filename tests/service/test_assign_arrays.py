"""`matcher assign` on large problems: arrays in, arrays out, a summary on the screen."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.service.problems import FAIR_PAYS, put

SCREEN = ("status", "total", "bound", "gap", "worst_off", "solver", "pairs", "seconds")


def summary_of(done) -> dict[str, Any]:
    """Return the one line on stdout."""
    assert done.stdout.count("\n") == 1, done.output
    return json.loads(done.stdout)


def read(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as archive:
        return dict(archive)


SCORES = np.array([[0.3, np.nan], [0.1, 0.7], [0.2, 0.6]], dtype=np.float32)


def test_arrays_of_scores_are_solved_into_arrays_with_a_summary(matcher, tmp_path):
    path = put(tmp_path / "p.npz", scores=SCORES, expert_max=np.array([1, 1]))
    done = matcher("assign", path, "--out", tmp_path / "r.npz")
    assert (done.exit_code, done.stderr) == (0, "")
    summary = summary_of(done)
    assert tuple(summary) == SCREEN
    result = read(tmp_path / "r.npz")
    assert (result["startup"].tolist(), result["expert"].tolist()) == ([0, 1], [0, 1])
    assert result["score"].tolist() == [SCORES[0, 0], SCORES[1, 1]]
    assert (summary["status"], summary["pairs"], summary["gap"], summary["worst_off"]) == ("optimal", 2, 0, 0)
    assert summary["total"] == summary["bound"] == float(result["score"].sum())
    assert summary["seconds"] >= 0
    assert {array.dtype.kind for array in (result["startup"], result["expert"])} == {"i"}


def test_arrays_take_an_objective_and_a_max_for_all(matcher, tmp_path):
    path = put(tmp_path / "p.npz", scores=np.array(FAIR_PAYS))
    done = matcher("assign", path, "--objective", "fair", "--expert-max", 1, "--out", tmp_path / "r.npz")
    assert summary_of(done)["worst_off"] == 0.3


def test_infeasible_arrays_exit_1_with_an_empty_result_and_the_conflict_on_the_screen(matcher, tmp_path):
    path = put(tmp_path / "p.npz", scores=SCORES, startup_min=np.array([1, 1, 1]))
    done = matcher("assign", path, "--expert-max", 1, "--out", tmp_path / "r.npz")
    assert done.exit_code == 1
    summary = summary_of(done)
    assert (summary["status"], summary["conflict"]["needed"], summary["conflict"]["available"]) == ("infeasible", 3, 2)
    assert [len(array) for array in read(tmp_path / "r.npz").values()] == [0, 0, 0]


def test_arrays_at_best_effort_say_what_stays_unmet(matcher, tmp_path):
    path = put(tmp_path / "p.npz", scores=SCORES, startup_min=np.array([1, 1, 1]))
    done = matcher("assign", path, "--expert-max", 1, "--best-effort", "--out", tmp_path / "r.npz")
    assert done.exit_code == 0
    assert summary_of(done)["unmet"] == ["startup 2 gets 0 of at least 1 pairs (2 eligible)"]


def unit(rows: int, columns: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(rows, columns)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_vectors_are_solved_as_well_as_the_table_of_their_products(matcher, tmp_path):
    startups, experts = unit(60, 8, 0), unit(15, 8, 1)
    vectors = put(tmp_path / "v.npz", startup_vectors=startups, expert_vectors=experts)
    scores = put(tmp_path / "s.npz", scores=startups.astype(np.float64) @ experts.astype(np.float64).T)
    options = "--expert-max", 3, "--certify"
    proved = summary_of(matcher("assign", vectors, *options, "--out", tmp_path / "rv.npz"))
    exact = summary_of(matcher("assign", scores, *options, "--out", tmp_path / "rs.npz"))
    assert proved["status"] == exact["status"] == "optimal"
    assert proved["total"] == pytest.approx(exact["total"], rel=1e-6)
    assert proved["worst_off"] == pytest.approx(exact["worst_off"], abs=1e-6)
    result = read(tmp_path / "rv.npz")
    products = (startups[result["startup"]].astype(np.float64) * experts[result["expert"]]).sum(axis=1)
    assert result["score"] == pytest.approx(products, abs=1e-12)
    assert result["score"].sum() == pytest.approx(proved["total"], abs=1e-9)


def test_vectors_without_certify_are_feasible_with_a_bound_or_proved(matcher, tmp_path):
    path = put(tmp_path / "v.npz", startup_vectors=unit(60, 8, 0), expert_vectors=unit(15, 8, 1))
    done = matcher("assign", path, "--expert-max", 3, "--out", tmp_path / "r.npz")
    summary = summary_of(done)
    assert done.exit_code == 0
    assert summary["status"] in ("optimal", "feasible")
    assert summary["bound"] >= summary["total"] - 1e-9


def test_vectors_whose_limits_cannot_hold_exit_1_and_say_so(matcher, tmp_path):
    vectors = {"startup_vectors": unit(3, 2, 0), "expert_vectors": unit(2, 2, 1)}
    path = put(tmp_path / "v.npz", **vectors, startup_min=np.array([1, 1, 1]))
    done = matcher("assign", path, "--expert-max", 1, "--out", tmp_path / "r.npz")
    assert done.exit_code == 1
    summary = summary_of(done)
    assert summary["status"] == "infeasible"
    assert summary["conflict"]["message"] in done.stderr
    assert [len(array) for array in read(tmp_path / "r.npz").values()] == [0, 0, 0]


@pytest.mark.parametrize("experts", [0, 2])
def test_vectors_of_nobody_have_an_empty_answer(matcher, tmp_path, experts):
    count = {0: 3, 2: 0}[experts]
    path = put(tmp_path / "v.npz", startup_vectors=unit(count, 2, 0), expert_vectors=unit(experts, 2, 1))
    summary = summary_of(matcher("assign", path, "--expert-max", 1, "--certify", "--out", tmp_path / "r.npz"))
    assert (summary["status"], summary["pairs"], summary["total"]) == ("optimal", 0, 0)


def test_vectors_under_limits_beyond_everybody_are_solved_under_none(matcher, tmp_path):
    ones, most = np.ones((3, 2), dtype=np.float32), np.full(3, 10**9)
    path = put(tmp_path / "v.npz", startup_vectors=ones, expert_vectors=ones[:2], startup_max=most)
    summary = summary_of(matcher("assign", path, "--expert-max", 10**9, "--certify", "--out", tmp_path / "r.npz"))
    assert (summary["status"], summary["pairs"], summary["total"]) == ("optimal", 6, 12)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--objective", "fair"), "objective: found fair, expected total: vectors have no other, scores have both"),
        (("--best-effort",), "found --best-effort, expected scores: vectors are assigned under all limits"),
    ],
)
def test_what_vectors_cannot_have_exits_2(matcher, tmp_path, options, told):
    path = put(tmp_path / "v.npz", startup_vectors=unit(3, 2, 0), expert_vectors=unit(2, 2, 1))
    done = matcher("assign", path, "--expert-max", 3, *options, "--out", tmp_path / "r.npz")
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in done.stderr
    assert not (tmp_path / "r.npz").exists()


def test_arrays_without_a_max_for_experts_exit_2(matcher, tmp_path):
    done = matcher("assign", put(tmp_path / "p.npz", scores=SCORES), "--out", tmp_path / "r.npz")
    assert done.exit_code == 2
    assert "expert_max: found nothing, expected 2 integers, one for each expert, or one for all with" in done.stderr


def test_arrays_need_a_file_for_the_pairs(matcher, tmp_path):
    done = matcher("assign", put(tmp_path / "p.npz", scores=SCORES), "--expert-max", 1)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "found no --out, expected a file for the pairs" in done.stderr


@pytest.mark.parametrize("size", [0, 100])
def test_damaged_arrays_exit_2(matcher, tmp_path, size):
    stream = io.BytesIO()
    np.savez(stream, scores=SCORES)
    (tmp_path / "p.npz").write_bytes(stream.getvalue()[:size])
    done = matcher("assign", tmp_path / "p.npz", "--out", tmp_path / "r.npz")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "1 mistake in p.npz" in done.stderr
