"""Large assignment problems as arrays in a .npz: scores, or vectors whose inner products they are."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np

from matcher.assignment.problem import Problem
from matcher.assignment.vectors import VectorProblem
from matcher.program import Objective
from service.reading.assignment_array_checks import LIMITS, SIDES, TABLES, Arrays, array_mistakes, sizes
from service.reading.assignment_mistakes import BadProblem, Mistake

# What numpy and zipfile raise for a damaged archive, or one with objects in it.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    MemoryError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


def read_arrays(path: Path, objective: Objective | None, expert_max: int | None) -> Problem | VectorProblem:
    """Return the problem of a .npz, for the total unless told; startups and experts are called by numbers, from 0.

    scores: (n, m) floats, NaN = not eligible; or startup_vectors (n, d) and expert_vectors (m, d), floats. startup_min,
    startup_max: (n,) integers; expert_min, expert_max: (m,) integers. Missing ones are 0, 1, 0 and `expert_max`.

    Raises `BadProblem` with every mistake, among them vectors under another objective than the total.
    """
    given, unreadable = _open(path)
    arrays = _with_defaults(given, expert_max)
    mistakes = [*unreadable, *array_mistakes(arrays)]
    if objective is Objective.FAIR and "startup_vectors" in given:
        mistakes.append(Mistake("objective", "found fair, expected total: vectors have no other, scores have both"))
    if mistakes:
        raise BadProblem(path.name, mistakes)
    return _problem(arrays, objective or Objective.TOTAL)


def _problem(arrays: Arrays, objective: Objective) -> Problem | VectorProblem:
    startup_min, startup_max, expert_min, expert_max = (arrays[name].astype(np.intp) for name in LIMITS)
    if "scores" not in arrays:
        startups, experts = (arrays[f"{side}_vectors"].astype(np.float32, copy=False) for side in SIDES)
        return VectorProblem(startups, experts, startup_min, startup_max, expert_min, expert_max)
    scores = arrays["scores"].astype(np.float64)
    startup_ids, expert_ids = (tuple(map(str, range(count))) for count in scores.shape)
    return Problem(
        startup_ids=startup_ids,
        expert_ids=expert_ids,
        scores=scores,
        worth=np.ones(len(startup_ids)),
        startup_min=startup_min,
        startup_max=startup_max,
        expert_min=expert_min,
        expert_max=expert_max,
        objective=objective,
    )


def _open(path: Path) -> tuple[Arrays, list[Mistake]]:
    """Return the arrays of a file by name, and what is wrong with its others."""
    if not zipfile.is_zipfile(path):
        raise BadProblem(path.name, [Mistake("", "is no .npz, expected arrays as numpy.savez writes them")])
    arrays, mistakes = {}, []
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            for name in archive.files:
                if name not in (*TABLES, *LIMITS):
                    wanted = ", ".join((*TABLES, *LIMITS))
                    mistakes.append(Mistake("", f"found the unknown array {name!r}, expected some of {wanted}"))
                    continue
                try:
                    arrays[name] = np.asarray(archive[name])
                except _DAMAGED as error:
                    mistakes.append(Mistake(name, f"cannot be read: {error}"))
    except _DAMAGED as error:
        raise BadProblem(path.name, [Mistake("", f"cannot be read: {error}")]) from error
    return arrays, mistakes


def _with_defaults(given: Arrays, expert_max: int | None) -> Arrays:
    """Return the arrays with those for the limits that are not given, where the problem's size is known."""
    defaults = {"startup_min": 0, "startup_max": 1, "expert_min": 0, "expert_max": expert_max}
    count = sizes(given)
    missing = {
        name: np.full(count[name.split("_")[0]], value)
        for name, value in defaults.items()
        if name not in given and value is not None and name.split("_")[0] in count
    }
    return {**given, **missing}
