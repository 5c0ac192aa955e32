"""Problems of which most have no solution, and oracles that say whether, and how far from one they are."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Set
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from matcher.assignment.problem import PositionQuota, Problem
from matcher.assignment.result import Conflict, Field
from tests.matcher.assignment import brute_force
from tests.matcher.assignment.small_problems import NO, problem

MOST_PAIRS = 11  # with a score, so that there are 2048 sets of them to try
Names = Collection[tuple[str, object]]


@st.composite
def cramped_problems(draw: st.DrawFn) -> Problem:
    """Draw a problem of at most 5 × 5 with every kind of limit, and few pairs that have a score."""
    rows, columns = draw(st.integers(0, 5)), draw(st.integers(0, 5))
    cells = [*itertools.product(range(rows), range(columns))]
    table = np.full((rows, columns), NO)
    for cell in draw(st.permutations(cells))[: draw(st.integers(MOST_PAIRS // 2, MOST_PAIRS))]:
        table[cell] = 0.5
    named = st.lists(st.sampled_from(cells), max_size=3).map(tuple) if cells else st.just(())
    startup_min, startup_max = draw(_limits(rows))
    expert_min, expert_max = draw(_limits(columns))
    return replace(
        problem(np.zeros((0, 0))),
        startup_ids=tuple(f"s{row + 1}" for row in range(rows)),
        expert_ids=tuple(f"e{column + 1}" for column in range(columns)),
        scores=table,
        worth=np.ones(rows),
        startup_min=startup_min,
        startup_max=startup_max,
        expert_min=expert_min,
        expert_max=expert_max,
        pins=draw(st.one_of(st.just(()), named)),
        bans=draw(st.one_of(st.just(()), named)),
        quotas=draw(_quotas(rows, columns)),
    )


@st.composite
def _limits(draw: st.DrawFn, count: int) -> tuple[np.ndarray, np.ndarray]:
    lower = st.sampled_from(draw(st.sampled_from([[0], [0, 1], [0, 1, 2, 3], [1, 2]])))
    least = draw(st.lists(lower, min_size=count, max_size=count))
    most = [low + draw(st.sampled_from([0, 0, 1, 2, 9])) for low in least]
    return np.array(least, dtype=np.intp), np.array(most, dtype=np.intp)


@st.composite
def _quotas(draw: st.DrawFn, rows: int, columns: int) -> tuple[PositionQuota, ...]:
    found = []
    for number in range(draw(st.sampled_from([0, 1, 2, 3]))):
        sides = [draw(st.frozensets(st.integers(0, count - 1))) if count else frozenset() for count in (rows, columns)]
        least = draw(st.sampled_from([0, 0, 1, 2, 4]))
        most = draw(st.sampled_from([None, least, least + 1]))
        found.append(PositionQuota(f"q{number}", *sides, least, most))
    return tuple(found)


def can_hold(posed: Problem) -> bool:
    """Return whether one of all sets of pairs keeps every limit."""
    return bool(len(brute_force.feasible_sets(posed)))


def named_by(conflict: Conflict) -> set[tuple[str, object]]:
    """Return everybody whom the conflict names, each as kind and name."""
    kinds = {
        "startup": conflict.startups,
        "expert": conflict.experts,
        "pin": conflict.pins,
        "quota": conflict.quotas,
    }
    return {(kind, name) for kind, names in kinds.items() for name in names}


def with_only(posed: Problem, names: Names) -> Problem:
    """Return the problem in which the limits of nobody else count; eligibility and bans stay."""
    rows, columns = posed.scores.shape
    startups = np.array([("startup", id_) in names for id_ in posed.startup_ids], dtype=bool)
    experts = np.array([("expert", id_) in names for id_ in posed.expert_ids], dtype=bool)
    return replace(
        posed,
        startup_min=np.where(startups, posed.startup_min, 0),
        startup_max=np.where(startups, posed.startup_max, columns + posed.startup_max),
        expert_min=np.where(experts, posed.expert_min, 0),
        expert_max=np.where(experts, posed.expert_max, rows + posed.expert_max),
        pins=tuple(
            pin for pin in posed.pins if ("pin", (posed.startup_ids[pin[0]], posed.expert_ids[pin[1]])) in names
        ),
        quotas=tuple(quota for quota in posed.quotas if ("quota", quota.name) in names),
    )


def fewest_units(posed: Problem, fields: Set[Field]) -> float:
    """Return the fewest units of change in these fields that make one of all sets of pairs an assignment."""
    free = replace(posed, bans=(), pins=tuple(dict.fromkeys(posed.pins)))
    sets = brute_force.every_set(free)
    units = {field: np.zeros(len(sets)) for field in Field}
    short, rows, columns = brute_force.shortfalls(free, sets), *posed.scores.shape
    ends = np.cumsum([rows, columns, len(posed.quotas)])
    for field, part in zip(
        (Field.STARTUP_MIN, Field.EXPERT_MIN, Field.QUOTA_MIN, Field.PIN), np.split(short, ends, axis=1), strict=True
    ):
        units[field] += part.sum(axis=1)
    units[Field.STARTUP_MAX] += np.maximum(sets.sum(axis=2) - posed.startup_max, 0).sum(axis=1)
    units[Field.EXPERT_MAX] += np.maximum(sets.sum(axis=1) - posed.expert_max, 0).sum(axis=1)
    for quota in posed.quotas:
        if quota.most is not None:
            count = sets[:, sorted(quota.rows)][:, :, sorted(quota.columns)].sum(axis=(1, 2))
            units[Field.QUOTA_MAX] += np.maximum(count - quota.most, 0)
    for ban in {*posed.bans}:
        units[Field.BAN] += sets[:, ban[0], ban[1]]
    allowed = sum(units[field] for field in fields)
    other = sum(units[field] for field in Field if field not in fields)
    return float(np.where(other == 0, allowed, np.inf).min()) if len(fields) < len(Field) else float(allowed.min())


def one_unit_away(posed: Problem) -> Iterator[Problem]:
    """Yield every problem that differs by one unit of one limit, or by one pin or ban, towards a solution."""
    for name, step in (("startup_min", -1), ("startup_max", 1), ("expert_min", -1), ("expert_max", 1)):
        limits = getattr(posed, name)
        for at in np.flatnonzero(limits + step >= 0):
            yield replace(posed, **{name: limits + step * (np.arange(len(limits)) == at)})
    for at, quota in enumerate(posed.quotas):
        before, after = posed.quotas[:at], posed.quotas[at + 1 :]
        if quota.least:
            yield replace(posed, quotas=(*before, replace(quota, least=quota.least - 1), *after))
        if quota.most is not None:
            yield replace(posed, quotas=(*before, replace(quota, most=quota.most + 1), *after))
    for name in ("pins", "bans"):
        for pair in {*getattr(posed, name)}:
            yield replace(posed, **{name: tuple(one for one in getattr(posed, name) if one != pair)})
