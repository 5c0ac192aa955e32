"""What comes of an assignment problem: a record for .json and .jsonl, arrays and a summary for .npz."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.problem import Problem
from matcher.assignment.result import Assignment, Conflict, Relaxation
from matcher.assignment.solve import unmet_sentence
from matcher.assignment.vectors import VectorProblem
from matcher.errors import Infeasible, MatcherError
from service.reading.assignment_mistakes import BadProblem
from service.reading.assignment_problems import AssignmentInput
from service.writing.records import Record

# Vectors that are multiplied at once: their copies in double stay small beside the vectors themselves.
_AT_ONCE = 8192


def result_record(given: AssignmentInput, outcome: Assignment | MatcherError) -> Record:
    """Return what is told of a problem: its pairs by id, whose limits conflict, or what went wrong with it."""
    named: Record = {} if given.id is None else {"id": given.id}
    if isinstance(outcome, Infeasible):
        return {**named, **_infeasible_record(outcome)}
    if isinstance(given.problem, BadProblem) or isinstance(outcome, MatcherError):
        return {**named, "status": "error", "message": str(outcome)}
    problem = given.problem
    pairs = [
        [problem.startup_ids[row], problem.expert_ids[column], score]
        for (row, column), score in zip(outcome.pairs, _pair_scores(problem, outcome).tolist(), strict=True)
    ]
    record = {**named, "status": outcome.status.value, "pairs": pairs, **_figures(problem, outcome)}
    return {**record, **_unmet_record(problem, outcome)}


def summary_record(problem: Problem | VectorProblem, outcome: Assignment | Infeasible, seconds: float) -> Record:
    """Return what is told beside the arrays; seconds: from the loaded problem to the checked result."""
    if isinstance(outcome, Infeasible):
        return {**_infeasible_record(outcome), "seconds": seconds}
    record = {"status": outcome.status.value, **_figures(problem, outcome), "pairs": len(outcome.pairs)}
    unmet = _unmet_record(problem, outcome) if isinstance(problem, Problem) else {}
    return {**record, "seconds": seconds, **unmet}


def result_arrays(problem: Problem | VectorProblem, outcome: Assignment | Infeasible) -> bytes:
    """Return a .npz of the pairs: startup and expert (k,) integers from 0, score (k,) float64; k = 0 for infeasible."""
    stream = io.BytesIO()
    if isinstance(outcome, Infeasible):
        np.savez(stream, startup=np.empty(0, np.intp), expert=np.empty(0, np.intp), score=np.empty(0))
    else:
        rows, columns = _positions(outcome)
        np.savez(stream, startup=rows, expert=columns, score=_pair_scores(problem, outcome))
    return stream.getvalue()


def _figures(problem: Problem | VectorProblem, assignment: Assignment) -> Record:
    worst_off = _worst_off(problem, assignment)
    figures = {"total": assignment.total, "bound": assignment.bound, "gap": assignment.gap, "worst_off": worst_off}
    # Only where the time was over before it was known.
    possible = {} if assignment.worst_off_bound is None else {"worst_off_bound": assignment.worst_off_bound}
    return {**figures, **possible, "solver": assignment.solver}


def _worst_off(problem: Problem | VectorProblem, assignment: Assignment) -> float | None:
    """Return the smallest sum of scores of a startup that may be matched, 0 for one that is not; None without any."""
    may_be = problem.startup_max > 0
    if not may_be.any():
        return None
    rows, _ = _positions(assignment)
    sums = np.bincount(rows, weights=_pair_scores(problem, assignment), minlength=len(may_be))
    return float(sums[may_be].min())


def _positions(assignment: Assignment) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows (k,) and columns (k,) of the pairs."""
    positions = np.array(assignment.pairs, dtype=np.intp).reshape(-1, 2)
    return positions[:, 0], positions[:, 1]


def _pair_scores(problem: Problem | VectorProblem, assignment: Assignment) -> NDArray[np.float64]:
    """Return the score (k,) of each pair, of vectors in double."""
    rows, columns = _positions(assignment)
    if isinstance(problem, Problem):
        return problem.scores[rows, columns]
    scores = np.empty(len(rows))
    for begin in range(0, len(rows), _AT_ONCE):
        some = slice(begin, begin + _AT_ONCE)
        ours, theirs = problem.startup_vectors[rows[some]], problem.expert_vectors[columns[some]]
        scores[some] = np.einsum("ij,ij->i", ours, theirs, dtype=np.float64)
    return scores


def _unmet_record(problem: Problem, assignment: Assignment) -> Record:
    """Return what a best-effort result falls short of, as sentences."""
    return {"unmet": [unmet_sentence(problem, unmet) for unmet in assignment.unmet]} if assignment.unmet else {}


def _infeasible_record(infeasible: Infeasible) -> Record:
    return {"status": "infeasible", "conflict": conflict_record(infeasible)}


def conflict_record(infeasible: Infeasible) -> Record:
    """Return whose limits cannot hold together, and what would mend it."""
    conflict = infeasible.conflict
    return {"message": str(infeasible)} if conflict is None else _told(conflict)


def _told(conflict: Conflict) -> Record:
    counts = {"needed": conflict.needed, "available": conflict.available}
    return {
        "message": conflict.message,
        "startups": list(conflict.startups),
        "experts": list(conflict.experts),
        **{name: count for name, count in counts.items() if count is not None},
        "pins": [list(pin) for pin in conflict.pins],
        "quotas": list(conflict.quotas),
        "smallest": conflict.is_smallest,
        "relaxations": [_relaxation_record(relaxation) for relaxation in conflict.relaxations],
    }


def _relaxation_record(relaxation: Relaxation) -> Record:
    changes = [{"field": change.field.value, "id": change.id, "to": change.to} for change in relaxation.changes]
    return {"message": relaxation.message, "changes": changes}
