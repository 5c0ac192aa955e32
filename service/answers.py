"""A file of assignment problems → the answers to them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from matcher.assignment.problem import Problem
from matcher.assignment.result import Assignment
from matcher.assignment.solve import assign, unproved_sentence
from matcher.assignment.vectors import VectorProblem
from matcher.errors import BadInput, Infeasible, MatcherError, OutOfTime, ProcessLost
from matcher.program import Objective
from service.reading.assignment_arrays import read_arrays
from service.reading.assignment_mistakes import BadProblem
from service.reading.assignment_problems import AssignmentInput, read_problems, read_values
from service.solving import Solving
from service.stages import StageClock
from service.writing.assignment_results import result_arrays, result_record, summary_record
from service.writing.files import jsonl_bytes
from service.writing.records import Record

_SUFFIXES = (".json", ".jsonl", ".npz")


@dataclass(frozen=True)
class AssignRequest:
    """What is said beside the file: an objective in place of its own, and a max for experts without one.

    certify: prove the result of vectors. best_effort: where the limits cannot hold together, fall short of the fewest.
    time_limit: seconds for each problem, after which the best that was found is taken.
    """

    time_limit: float
    objective: Objective | None = None
    expert_max: int | None = None
    certify: bool = False
    best_effort: bool = False


@dataclass(frozen=True)
class Answers:
    """data: the file of results. summary: a line about those of a .npz. infeasible: why the one problem has none.

    out_of_time: of each result that was not proved the best in time, how far it may be from it.
    """

    data: bytes
    summary: bytes = b""
    infeasible: Infeasible | None = None
    out_of_time: tuple[str, ...] = ()


def check_files(problem: Path, out: Path | None) -> None:
    """Raise `BadInput` for what is no file of a problem, and where its result cannot go to `out`."""
    suffix = problem.suffix.lower()
    if not problem.is_file() or suffix not in _SUFFIXES:
        raise BadInput(f"{problem} is no assignment problem, expected a file as {' or '.join(_SUFFIXES)}")
    if out is None:
        if suffix == ".npz":
            raise BadInput("found no --out, expected a file for the pairs like --out result.npz")
    elif out.suffix.lower() != suffix:
        raise BadInput(f"found --out {out}, expected a file that ends in {suffix} like {problem}")
    elif out.resolve() == problem.resolve():
        raise BadInput(f"found --out {out}, which is the problem itself, expected another file")


def answer_file(path: Path, request: AssignRequest, clock: StageClock) -> Answers:
    """Return the answers to a .json, .jsonl or .npz. Raises `BadProblem` for a bad .json or .npz."""
    if path.suffix.lower() == ".npz":
        return _answer_arrays(path, request, clock)
    is_one = path.suffix.lower() == ".json"
    with clock("read"):
        given = read_problems(path, request.objective, request.expert_max)
    if is_one and isinstance(given[0].problem, BadProblem):
        raise given[0].problem
    outcomes = [_solve(one, request, clock) for one in given]
    if is_one and isinstance(outcomes[0], (OutOfTime, ProcessLost)):
        raise outcomes[0]
    data = jsonl_bytes(result_record(one, outcome) for one, outcome in zip(given, outcomes, strict=True))
    late = [
        told
        for one, outcome in zip(given, outcomes, strict=True)
        for told in _out_of_time(one.id or path.name, outcome)
    ]
    return Answers(data, infeasible=_infeasible(outcomes[0]) if is_one else None, out_of_time=tuple(late))


def answer_values(values: object, request: AssignRequest) -> Record:
    """Return the answer to one problem in values of JSON. Raises `BadProblem`, `OutOfTime` and `ProcessLost`."""
    given = read_values(values, "the request")
    if isinstance(given.problem, BadProblem):
        raise given.problem
    return result_record(given, assign_problem(given.problem, request, StageClock()))


def _answer_arrays(path: Path, request: AssignRequest, clock: StageClock) -> Answers:
    with clock("read"):
        problem = read_arrays(path, request.objective, request.expert_max)
    outcome = assign_problem(problem, request, clock)
    summary = summary_record(problem, outcome, clock.seconds["assign"])
    late = _out_of_time(path.name, outcome) if request.certify or isinstance(problem, Problem) else ()
    return Answers(result_arrays(problem, outcome), jsonl_bytes([summary]), _infeasible(outcome), late)


def _solve(given: AssignmentInput, request: AssignRequest, clock: StageClock) -> Assignment | MatcherError:
    if isinstance(given.problem, BadProblem):
        return given.problem
    try:
        return assign_problem(given.problem, request, clock)
    except (OutOfTime, ProcessLost) as error:
        return error


def _infeasible(outcome: Assignment | MatcherError) -> Infeasible | None:
    return outcome if isinstance(outcome, Infeasible) else None


def _out_of_time(name: str, outcome: Assignment | MatcherError) -> tuple[str, ...]:
    told = unproved_sentence(outcome) if isinstance(outcome, Assignment) else ""
    return (f"{name}: {told}",) if told else ()


def assign_problem(
    problem: Problem | VectorProblem, request: AssignRequest, clock: StageClock
) -> Assignment | Infeasible:
    """Return the best assignment of scores or vectors, the best found in time, or why there is none.

    Raises `BadInput` for vectors at best effort, `OutOfTime` where no assignment was found, `ProcessLost`.
    """
    solving = Solving(request.time_limit, clock.on_stage)
    try:
        if isinstance(problem, Problem):
            with clock("assign"):
                return assign(problem, request.best_effort, solving=solving)
        if request.best_effort:
            raise BadInput("found --best-effort, expected scores: vectors are assigned under all limits or not at all")
        with clock("assign"):
            return solving.vectors(problem, request.certify)
    except Infeasible as infeasible:
        return infeasible
