"""Assignment problems as arrays: what they mean, and every mistake told by its array."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.assignment.problem import Problem
from matcher.assignment.vectors import VectorProblem
from matcher.program import Objective
from service.reading.assignment_arrays import read_arrays
from service.reading.assignment_mistakes import BadProblem

SCORES = np.array([[0.25, np.nan, 0.1], [-1.5, 0.0, 2.0]], dtype=np.float32)
STARTUPS, EXPERTS = np.eye(2, 4, dtype=np.float32), np.eye(3, 4, dtype=np.float32)
PLACES = np.array([1, 2, 0])
TABLE = "expected float16, float32 or float64 in rows and columns"
SCORE = "expected a number from -1,000,000 to 1,000,000, or NaN for a pair that is not eligible"
COMPONENT = "expected a number from -1,000 to 1,000"
COUNT = "expected a whole number from 0 to 1,000,000,000"
INTEGERS = "expected 3 integers, one for each expert"
AS_MANY = "and 4 in expert_vectors, expected as many, at least 1"
OBJECTS = "cannot be read: Object arrays cannot be loaded when allow_pickle=False"
ORDER = "expected no more than"
EITHER = "expected either scores or startup_vectors and expert_vectors"
KNOWN = "expected some of scores, startup_vectors, expert_vectors, startup_min, startup_max, expert_min, expert_max"
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write arrays into an archive."""

    def run(**arrays: Any) -> Path:
        np.savez(tmp_path / "p.npz", **arrays)
        return tmp_path / "p.npz"

    return run


def mistakes(path: Path, objective: Objective | None = None, expert_max: int | None = None) -> list[str]:
    with pytest.raises(BadProblem) as caught:
        read_arrays(path, objective, expert_max)
    return [str(mistake) for mistake in caught.value.mistakes]


def test_scores_are_read_as_they_stand_and_missing_limits_are_the_default_ones(write):
    problem = read_arrays(write(scores=SCORES, expert_max=PLACES), None, None)
    assert isinstance(problem, Problem)
    assert problem.scores.dtype == np.float64
    assert np.array_equal(problem.scores, SCORES.astype(np.float64), equal_nan=True)
    assert (problem.startup_ids, problem.expert_ids) == (("0", "1"), ("0", "1", "2"))
    limits = [problem.startup_min, problem.startup_max, problem.expert_min, problem.expert_max]
    assert [limit.tolist() for limit in limits] == [[0, 0], [1, 1], [0, 0, 0], [1, 2, 0]]
    assert {limit.dtype for limit in limits} == {np.dtype(np.intp)}
    assert problem.objective is Objective.TOTAL


def test_every_limit_may_be_given(write):
    given = {"startup_min": [1, 0], "startup_max": [2, 3], "expert_min": [0, 1, 0], "expert_max": [1, 1, 2]}
    problem = read_arrays(write(scores=SCORES, **given), Objective.FAIR, None)
    assert {name: getattr(problem, name).tolist() for name in given} == given
    assert problem.objective is Objective.FAIR


def test_vectors_are_read_as_they_stand(write):
    problem = read_arrays(write(startup_vectors=STARTUPS, expert_vectors=EXPERTS), Objective.TOTAL, 6)
    assert isinstance(problem, VectorProblem)
    assert np.array_equal(problem.startup_vectors, STARTUPS)
    assert np.array_equal(problem.expert_vectors, EXPERTS)
    assert problem.expert_max.tolist() == [6, 6, 6]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, ">f4", ">f8"])
def test_floats_of_any_usual_size_are_read(write, dtype):
    scores = read_arrays(write(scores=SCORES.astype(dtype), expert_max=PLACES), None, None).scores
    assert np.array_equal(scores, SCORES.astype(dtype).astype(np.float64), equal_nan=True)
    vectors = read_arrays(write(startup_vectors=STARTUPS.astype(dtype), expert_vectors=EXPERTS), None, 1)
    assert vectors.startup_vectors.dtype == np.float32
    assert np.array_equal(vectors.startup_vectors, STARTUPS)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.uint64, ">i4"])
def test_integers_of_any_size_are_read(write, dtype):
    assert read_arrays(write(scores=SCORES, expert_max=PLACES.astype(dtype)), None, None).expert_max.tolist() == [
        1,
        2,
        0,
    ]


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (2, 0)])
def test_a_side_may_be_empty(write, shape):
    assert read_arrays(write(scores=np.zeros(shape)), None, 1).scores.shape == shape


def vectors(startups: Any, experts: Any = EXPERTS) -> dict[str, Any]:
    return {"startup_vectors": startups, "expert_vectors": experts}


def scores(**limits: Any) -> dict[str, Any]:
    return {"scores": SCORES, **limits}


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        ({"scores": PLACES[None]}, f"scores: found int64 of shape (1, 3), {TABLE}"),
        ({"scores": SCORES.astype("U8")}, f"scores: found <U8 of shape (2, 3), {TABLE}"),
        ({"scores": SCORES.astype(complex)}, f"scores: found complex128 of shape (2, 3), {TABLE}"),
        ({"scores": SCORES[0]}, f"scores: found float32 of shape (3,), {TABLE}"),
        ({"scores": np.float32(1)}, f"scores: found float32 of shape (), {TABLE}"),
        ({"scores": SCORES[:, :1] * np.float32("inf")}, f"scores[0][0]: found inf, {SCORE} (and 1 more)"),
        ({"scores": SCORES.astype(float) * -1e300}, f"scores[0][0]: found -2.5e+299, {SCORE} (and 3 more)"),
        ({"scores": np.array([["a", None]])}, f"scores: {OBJECTS}"),
        (scores(startup_vectors=STARTUPS), f"found scores and startup_vectors, {EITHER}"),
        ({"startup_vectors": STARTUPS}, f"found startup_vectors, {EITHER}"),
        ({"expert_max": PLACES}, f"found none of them, {EITHER}"),
        (vectors(STARTUPS * np.nan), f"startup_vectors[0][0]: found nan, {COMPONENT} (and 7 more)"),
        (vectors(STARTUPS * np.float64(1e300)), f"startup_vectors[0][0]: found 1e+300, {COMPONENT} (and 1 more)"),
        (vectors(STARTUPS[:, :3]), f"startup_vectors: found 3 columns, {AS_MANY}"),
        (vectors(STARTUPS[:, :0]), f"startup_vectors: found 0 columns, {AS_MANY}"),
        (vectors(STARTUPS[0]), f"startup_vectors: found float32 of shape (4,), {TABLE}"),
        (scores(), f"expert_max: found nothing, {INTEGERS}, or one for all with --expert-max"),
        (scores(expert_max=PLACES.astype(float)), f"expert_max: found float64 of shape (3,), {INTEGERS}"),
        (scores(expert_max=PLACES > 0), f"expert_max: found bool of shape (3,), {INTEGERS}"),
        (scores(expert_max=PLACES[:2]), f"expert_max: found int64 of shape (2,), {INTEGERS}"),
        (scores(expert_max=3), f"expert_max: found int64 of shape (), {INTEGERS}"),
        (scores(startup_max=[1, -1]), f"startup_max[1]: found -1, {COUNT}"),
        (scores(startup_max=np.array([2**63, 1], np.uint64)), f"startup_max[0]: found 9223372036854775808, {COUNT}"),
        (scores(expert_max=PLACES, expert_min=[1, 1, 1]), f"expert_min[2]: found 1, {ORDER} expert_max has there"),
        (scores(startup_min=[2, 2]), f"startup_min[0]: found 2, {ORDER} startup_max has there (and 1 more)"),
        (scores(seed=3), f"found the unknown array 'seed', {KNOWN}"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_by_its_array(write, arrays, told):
    assert told in mistakes(write(**arrays))


def test_every_mistake_is_told_at_once(write):
    path = write(startup_vectors=STARTUPS * np.nan, expert_vectors=EXPERTS, startup_min=[-1, 2], expert_min=[0.0], x=1)
    fields = [told.split(":")[0] for told in mistakes(path, Objective.FAIR)]
    assert fields == [
        f"found the unknown array 'x', {KNOWN}",
        "startup_vectors[0][0]",
        "startup_min[0]",
        "startup_min[1]",
        "expert_min",
        "expert_max",
        "objective",
    ]


def test_vectors_are_assigned_for_the_total_alone(write):
    path = write(startup_vectors=STARTUPS, expert_vectors=EXPERTS)
    assert mistakes(path, Objective.FAIR, 1) == [
        "objective: found fair, expected total: vectors have no other, scores have both"
    ]


@pytest.mark.parametrize("data", [b"", b"no archive", b"PK\x03\x04", b"\x93NUMPY\x01\x00"])
def test_what_is_no_archive_is_told(tmp_path, data):
    (tmp_path / "p.npz").write_bytes(data)
    assert mistakes(tmp_path / "p.npz") == ["is no .npz, expected arrays as numpy.savez writes them"]


def test_an_array_behind_another_file_is_no_archive(tmp_path):
    archive, array = io.BytesIO(), io.BytesIO()
    np.savez(archive, scores=SCORES)
    np.save(array, SCORES)
    (tmp_path / "p.npz").write_bytes(array.getvalue() + archive.getvalue())
    assert "cannot be read" in mistakes(tmp_path / "p.npz")[0]


def test_vectors_without_columns_have_no_scores(write):
    (told,) = mistakes(write(**vectors(STARTUPS[:, :0], EXPERTS[:, :0])), None, 1)
    assert told.endswith("found 0 columns, and 0 in expert_vectors, expected as many, at least 1")


def test_an_array_that_claims_to_be_larger_than_the_memory_is_a_mistake(tmp_path):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": (10**9, 10**6)})
    with zipfile.ZipFile(tmp_path / "p.npz", "w") as archive:
        archive.writestr("scores.npy", header.getvalue())
    assert "scores: cannot be read" in mistakes(tmp_path / "p.npz")[0]


def test_a_file_that_is_no_array_is_a_mistake(tmp_path):
    with zipfile.ZipFile(tmp_path / "p.npz", "w") as archive:
        archive.writestr("scores", b"0.5, 0.6")
        archive.writestr("readme.txt", b"hello")
    assert len(mistakes(tmp_path / "p.npz")) == 2


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=5), st.booleans())
def test_a_damaged_archive_is_a_problem_or_a_mistake(tmp_path, damage, compressed):
    stream = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(stream, scores=SCORES, expert_max=PLACES)
    data = bytearray(stream.getvalue())
    for at, byte in damage:
        data[at % len(data)] = byte
    (tmp_path / "p.npz").write_bytes(data)
    try:
        problem = read_arrays(tmp_path / "p.npz", None, 1)
    except BadProblem:
        return
    assert problem.scores.ndim == 2
