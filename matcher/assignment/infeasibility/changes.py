"""Changes to a problem's limits: which ones an assignment asks for, what they are called, and the changed problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.problem import Problem
from matcher.assignment.result import Change, Field

Pairs = NDArray[np.intp]
Amounts = NDArray[np.intp]
_TOLD = 8  # changes that a sentence tells one by one


def changes_for(problem: Problem, pairs: Pairs) -> tuple[Change, ...]:
    """Return the fewest changes under which these pairs (k, 2), all of which have a score, are an assignment."""
    return tuple(_needed(problem, problem.marked(pairs.tolist()).astype(np.intp)))


def _needed(problem: Problem, made: Amounts) -> Iterator[Change]:
    startups, experts = problem.startup_ids, problem.expert_ids
    of_startups, of_experts = made.sum(axis=1), made.sum(axis=0)
    yield from _moved(Field.STARTUP_MIN, startups, problem.startup_min, np.minimum(of_startups, problem.startup_min))
    yield from _moved(Field.STARTUP_MAX, startups, problem.startup_max, np.maximum(of_startups, problem.startup_max))
    yield from _moved(Field.EXPERT_MIN, experts, problem.expert_min, np.minimum(of_experts, problem.expert_min))
    yield from _moved(Field.EXPERT_MAX, experts, problem.expert_max, np.maximum(of_experts, problem.expert_max))
    names = [quota.name for quota in problem.quotas]
    counts = np.array([made[np.ix_(sorted(q.rows), sorted(q.columns))].sum() for q in problem.quotas], dtype=np.intp)
    least = np.array([quota.least for quota in problem.quotas], dtype=np.intp)
    most = np.array([made.size if quota.most is None else quota.most for quota in problem.quotas], dtype=np.intp)
    yield from _moved(Field.QUOTA_MIN, names, least, np.minimum(counts, least))
    yield from _moved(Field.QUOTA_MAX, names, most, np.maximum(counts, most))
    for field, named, dropped in ((Field.PIN, problem.pins, 0), (Field.BAN, problem.bans, 1)):
        for row, column in dict.fromkeys(named):
            if made[row, column] == dropped:
                yield Change(field, (startups[row], experts[column]), None, 1)


def _moved(field: Field, ids: Sequence[str], before: Amounts, after: Amounts) -> Iterator[Change]:
    for at in np.flatnonzero(before != after).tolist():
        yield Change(field, ids[at], int(after[at]), int(abs(after[at] - before[at])))


def changed(problem: Problem, changes: Sequence[Change]) -> Problem:
    """Return the problem with the changes made."""
    to = {(change.field, change.id): change.to for change in changes if change.to is not None}
    dropped = {(change.field, change.id) for change in changes if change.to is None}

    def moved(field: Field, ids: Sequence[str], limits: Amounts) -> Amounts:
        return np.array([to.get((field, id_), limit) for id_, limit in zip(ids, limits, strict=True)], dtype=np.intp)

    def kept(field: Field, pairs: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        ids = [(problem.startup_ids[row], problem.expert_ids[column]) for row, column in pairs]
        return tuple(pair for pair, names in zip(pairs, ids, strict=True) if (field, names) not in dropped)

    quotas = [
        replace(
            quota,
            least=to.get((Field.QUOTA_MIN, quota.name), quota.least),
            most=to.get((Field.QUOTA_MAX, quota.name), quota.most),
        )
        for quota in problem.quotas
    ]
    return replace(
        problem,
        startup_min=moved(Field.STARTUP_MIN, problem.startup_ids, problem.startup_min),
        startup_max=moved(Field.STARTUP_MAX, problem.startup_ids, problem.startup_max),
        expert_min=moved(Field.EXPERT_MIN, problem.expert_ids, problem.expert_min),
        expert_max=moved(Field.EXPERT_MAX, problem.expert_ids, problem.expert_max),
        pins=kept(Field.PIN, problem.pins),
        bans=kept(Field.BAN, problem.bans),
        quotas=tuple(quotas),
    )


def told(problem: Problem, changes: Sequence[Change]) -> str:
    """Return the changes as a sentence; of many only the first."""
    startups, experts = (
        dict(zip(ids, names, strict=True))
        for ids, names in zip((problem.startup_ids, problem.expert_ids), problem.names, strict=True)
    )
    parts = [_told(change, startups, experts) for change in changes[:_TOLD]]
    rest = len(changes) - len(parts)
    return " and ".join([*parts, f"{rest} more changes"] if rest > 0 else parts)


def _told(change: Change, startups: Mapping[str, str], experts: Mapping[str, str]) -> str:
    """Return a change as a clause; startups, experts: what they are called, by id."""
    if change.to is None or isinstance(change.id, tuple):
        return f"drop the {change.field} of {startups[change.id[0]]} with {experts[change.id[1]]}"
    holder, limit = change.field.split(".")
    if holder == "quota":
        whose = f"the {limit} of quota {change.id!r}"
    else:
        whose = f"{(startups if holder == 'startup' else experts)[change.id]}'s {limit}"
    verb, before = ("lower", change.to + change.units) if limit == "min" else ("raise", change.to - change.units)
    return f"{verb} {whose} from {before} to {change.to}"
