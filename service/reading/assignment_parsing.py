"""The values of an assignment problem, out of a file or a request → a `Problem`, or every mistake they have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from matcher.assignment.problem import PositionQuota, Problem
from matcher.assignment.result import Position
from matcher.program import Objective
from service.reading.assignment_mistakes import BadProblem, Mistake
from service.reading.assignment_names import default_name, ids_of_sides, name_mistakes
from service.reading.assignment_schema import Pair, ProblemRow, field_mistakes
from service.reading.assignment_scores import read_scores
from service.reading.problems import expected


def parse_problem(values: object, where: str, expert_max: int | None = None) -> Problem:
    """Return the problem that these values describe.

    where: what they come from. expert_max: for experts without one. Raises `BadProblem` with every mistake.
    """
    if not isinstance(values, dict):
        raise BadProblem(where, [Mistake("", expected(values, 'an object like {"id": …, "startups": …}'))])
    if expert_max is not None:
        values = _with_expert_max(values, expert_max)
    row, mistakes = _parse_fields(values)
    mistakes += name_mistakes(values)
    scores, wrong_scores = _parse_scores(values)
    mistakes += wrong_scores
    if row is None or mistakes:
        raise BadProblem(where, mistakes)
    return _problem(row, scores)


def _with_expert_max(values: Mapping[str, object], expert_max: int) -> dict[str, object]:
    """Return the values with this max for each expert that has none."""
    experts = values.get("experts")
    if not isinstance(experts, list):
        return dict(values)
    return {**values, "experts": [{"max": expert_max, **row} if isinstance(row, dict) else row for row in experts]}


def _parse_fields(values: Mapping[str, object]) -> tuple[ProblemRow | None, list[Mistake]]:
    try:
        return ProblemRow.model_validate(values), []
    except ValidationError as error:
        return None, list(field_mistakes(error))


def _parse_scores(values: Mapping[str, object]) -> tuple[NDArray[np.float64], list[Mistake]]:
    """Return the scores and what is wrong with them; nothing can be said of them where a side is missing."""
    ids = ids_of_sides(values)
    if len(ids) < 2 or "scores" not in values:
        return np.empty((0, 0)), []
    return read_scores(values["scores"], (len(ids["startups"]), len(ids["experts"])))


def _problem(row: ProblemRow, scores: NDArray[np.float64]) -> Problem:
    row_of = {startup.id: at for at, startup in enumerate(row.startups)}
    column_of = {expert.id: at for at, expert in enumerate(row.experts)}

    def positions(pairs: Sequence[Pair]) -> tuple[Position, ...]:
        return tuple(dict.fromkeys((row_of[startup], column_of[expert]) for startup, expert in pairs))

    quotas = [
        PositionQuota(
            quota.name or default_name(at),
            _among(row_of, quota.startups),
            _among(column_of, quota.experts),
            quota.min,
            quota.max,
        )
        for at, quota in enumerate(row.quotas)
    ]
    return Problem(
        startup_ids=tuple(row_of),
        expert_ids=tuple(column_of),
        scores=scores,
        worth=np.ones(len(row_of)),
        startup_min=_limits(startup.min for startup in row.startups),
        startup_max=_limits(startup.max for startup in row.startups),
        expert_min=_limits(expert.min for expert in row.experts),
        expert_max=_limits(expert.max for expert in row.experts),
        pins=positions(row.pins),
        bans=positions(row.bans),
        quotas=tuple(quotas),
        objective=Objective(row.objective),
        seed=row.seed,
    )


def _among(position: Mapping[str, int], ids: Sequence[str] | None) -> frozenset[int]:
    return frozenset(position.values() if ids is None else (position[id_] for id_ in ids))


def _limits(numbers: Iterable[int]) -> NDArray[np.intp]:
    return np.fromiter(numbers, dtype=np.intp)
