"""Problems to write down in a line: scores as a list of lists, everything else by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from matcher.assignment.problem import Problem
from matcher.assignment.result import Assignment

NO = float("nan")  # not eligible


def problem(
    scores: Sequence[Sequence[float]] | np.ndarray,
    startup_min: Sequence[int] | int = 0,
    startup_max: Sequence[int] | int = 1,
    expert_min: Sequence[int] | int = 0,
    expert_max: Sequence[int] | int = 1,
    worth: Sequence[float] | float = 1.0,
    **rest: Any,
) -> Problem:
    """Return the problem with startups s1, s2, … and experts e1, e2, …; one number as a limit holds for all."""
    table = np.array(scores, dtype=float)
    table = table if table.ndim == 2 else table.reshape(0, 0)
    rows, columns = table.shape
    return Problem(
        startup_ids=rest.pop("startup_ids", tuple(f"s{row + 1}" for row in range(rows))),
        expert_ids=rest.pop("expert_ids", tuple(f"e{column + 1}" for column in range(columns))),
        scores=table,
        worth=np.broadcast_to(np.asarray(worth, dtype=float), rows),
        startup_min=np.broadcast_to(np.asarray(startup_min, dtype=np.intp), rows),
        startup_max=np.broadcast_to(np.asarray(startup_max, dtype=np.intp), rows),
        expert_min=np.broadcast_to(np.asarray(expert_min, dtype=np.intp), columns),
        expert_max=np.broadcast_to(np.asarray(expert_max, dtype=np.intp), columns),
        **rest,
    )


def total(posed: Problem, assignment: Assignment) -> float:
    return float(sum(posed.scores[pair] * posed.worth[pair[0]] for pair in assignment.pairs))


def named(posed: Problem, assignment: Assignment) -> set[tuple[str, str]]:
    return {(posed.startup_ids[row], posed.expert_ids[column]) for row, column in assignment.pairs}
