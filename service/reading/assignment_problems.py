"""Files of assignment problems: .json one problem, .jsonl one a line. For .npz see `assignment_arrays`."""

from __future__ import annotations

import codecs
import json
from dataclasses import dataclass, replace
from pathlib import Path

from matcher.assignment.problem import Problem
from matcher.errors import BadInput
from matcher.program import Objective
from service.reading.assignment_mistakes import BadProblem, Mistake
from service.reading.assignment_parsing import parse_problem


@dataclass(frozen=True)
class AssignmentInput:
    """A problem as it was read, or what keeps it from being one; id: None where it has none that can be read."""

    id: str | None
    problem: Problem | BadProblem


def read_problems(path: Path, objective: Objective | None, expert_max: int | None) -> list[AssignmentInput]:
    """Return the one problem of a .json, or those of a .jsonl in its order; a bad one stands among the others.

    objective: instead of the file's. expert_max: for experts without one. Raises `BadInput` for an unreadable file.
    """
    try:
        data = path.read_bytes().removeprefix(codecs.BOM_UTF8)
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error
    if path.suffix.lower() == ".json":
        return [_read_one(data, path.name, objective, expert_max)]
    lines = [(f"line {number} of {path.name}", line) for number, line in enumerate(data.split(b"\n"), 1)]
    return [_read_one(line, where, objective, expert_max) for where, line in lines if line.strip()]


def _read_one(data: bytes, where: str, objective: Objective | None, expert_max: int | None) -> AssignmentInput:
    id_ = None
    try:
        values = _parse_json(data, where)
        id_ = _readable_id(values)
        problem = parse_problem(values, where, expert_max)
    except BadProblem as bad:
        return AssignmentInput(id_, bad)
    return AssignmentInput(id_, replace(problem, objective=objective or problem.objective))


def read_values(values: object, where: str) -> AssignmentInput:
    """Return the problem of values that were parsed already, or what keeps it from being one."""
    id_ = _readable_id(values)
    try:
        return AssignmentInput(id_, parse_problem(values, where))
    except BadProblem as bad:
        return AssignmentInput(id_, bad)


def _parse_json(data: bytes, where: str) -> object:
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_unique_keys)
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 ({error.reason} at byte {error.start}); save it as UTF-8"
        raise BadProblem(where, [Mistake("", message)]) from error
    except (ValueError, RecursionError) as error:
        raise BadProblem(where, [Mistake("", f"is not JSON: {error}")]) from error


def _unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record = dict(pairs)
    "".join(record).encode()  # half of a surrogate pair is no character, and fails wherever it is told
    if len(record) < len(pairs):
        raise ValueError(f"a key stands twice in {{{', '.join(key for key, _ in pairs)}}}")
    return record


def _readable_id(values: object) -> str | None:
    id_ = values.get("id") if isinstance(values, dict) else None
    return id_ if isinstance(id_, str) and id_.isprintable() else None
