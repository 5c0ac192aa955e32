"""What a change of the problem may and may not do to its best assignment, whatever the solver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from matcher.assignment.problem import PositionQuota, Problem
from matcher.assignment.result import Assignment
from matcher.assignment.solve import best_assignment
from matcher.errors import Infeasible
from matcher.program import Objective
from tests.matcher.assignment.brute_force import set_of, values
from tests.matcher.assignment.small_problems import named, problem
from tests.matcher.strategies import FEW, problems

Value = tuple[float, ...]
# Six decimals times a priority of ½: values that differ at all, differ by more.
TIGHT = 1e-7
BIG = (5, 5)

total_problems = problems(largest=BIG)
any_problems = st.one_of(
    total_problems,
    problems(Objective.FAIR, largest=BIG),
    problems(Objective.FAIR, serve_most=True, largest=BIG),
)


def solved(posed: Problem) -> Assignment:
    """Return the best assignment; a problem that has none is not looked at."""
    found = answer(posed)
    assume(found is not None)
    return found


def answer(posed: Problem) -> Assignment | None:
    try:
        return best_assignment(posed)
    except Infeasible:
        return None


def value_of(posed: Problem, found: Assignment) -> Value:
    """Return what the objective makes of it, the most important first."""
    return values(posed, set_of(posed, found.pairs))[0]


def best_value(posed: Problem) -> Value | None:
    found = answer(posed)
    return found and value_of(posed, found)


def same(value: Value) -> Value:
    return pytest.approx(value, rel=0, abs=TIGHT)


def at_least(value: Value | None, least: Value) -> bool:
    """Return whether a value is no worse, the first figure that differs deciding."""
    if value is None:
        return False
    return next((one > other for one, other in zip(value, least, strict=True) if abs(one - other) > TIGHT), True)


# --- the same problem, written down in another way -----------------------------------------------------------------


def turned(posed: Problem, rows: Sequence[int], columns: Sequence[int]) -> Problem:
    """Return the problem with the startups and experts in this order."""

    def moved(pairs: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        return tuple((rows.index(row), columns.index(column)) for row, column in pairs)

    def moved_quota(quota: PositionQuota) -> PositionQuota:
        sides = frozenset(map(rows.index, quota.rows)), frozenset(map(columns.index, quota.columns))
        return PositionQuota(quota.name, *sides, quota.least, quota.most)

    return replace(
        posed,
        startup_ids=tuple(posed.startup_ids[row] for row in rows),
        expert_ids=tuple(posed.expert_ids[column] for column in columns),
        scores=posed.scores[np.ix_(rows, columns)],
        worth=posed.worth[rows],
        startup_min=posed.startup_min[rows],
        startup_max=posed.startup_max[rows],
        expert_min=posed.expert_min[columns],
        expert_max=posed.expert_max[columns],
        pins=moved(posed.pins),
        bans=moved(posed.bans),
        quotas=tuple(map(moved_quota, posed.quotas)),
    )


@FEW
@given(any_problems, st.data())
def test_the_order_of_startups_and_experts_changes_no_pair(posed: Problem, data: st.DataObject) -> None:
    found = solved(posed)
    rows, columns = (data.draw(st.permutations(range(count))) for count in posed.scores.shape)
    other = turned(posed, rows, columns)
    assert named(other, best_assignment(other)) == named(posed, found)


@FEW
@given(any_problems, st.integers(-30, 30))
def test_scores_times_a_power_of_two_have_an_equally_good_assignment(posed: Problem, exponent: int) -> None:
    found = solved(posed)
    other = best_assignment(replace(posed, scores=np.ldexp(posed.scores, exponent)))
    assert value_of(posed, other) == same(value_of(posed, found))


@pytest.mark.parametrize("exponent", [-20, 3, 20])
@pytest.mark.parametrize("objective", Objective)
@pytest.mark.parametrize("places", [1, 2])
def test_scores_times_a_power_of_two_keep_the_pairs_where_no_two_are_as_good(
    places: int, objective: Objective, exponent: int
) -> None:
    scores = np.random.default_rng(places).random((4, 5)).round(6) - 0.2
    limits = {"startup_min": places - 1, "startup_max": places, "expert_max": 2, "objective": objective}
    scaled = best_assignment(problem(np.ldexp(scores, exponent), **limits))
    assert scaled.pairs == best_assignment(problem(scores, **limits)).pairs


@FEW
@given(total_problems, st.sampled_from([-2.0, -0.125, 0.25, 3.0]))
def test_a_constant_on_every_score_is_added_once_a_pair_where_their_number_is_fixed(
    posed: Problem, constant: float
) -> None:
    loads = posed.startup_min
    fixed = replace(posed, startup_max=loads)
    total = solved(fixed).total
    raised = best_assignment(replace(fixed, scores=fixed.scores + constant))
    assert raised.total == pytest.approx(total + constant * float(loads @ posed.worth), rel=0, abs=TIGHT)


# --- more room, or less ----------------------------------------------------------------------------------------------


def with_copy(posed: Problem, column: int, most: int) -> Problem:
    """Return the problem with one expert more, of the same scores and in the same quotas, who needs nobody."""
    copy = len(posed.expert_ids)
    return replace(
        posed,
        expert_ids=(*posed.expert_ids, f"copy of {posed.expert_ids[column]}"),
        scores=np.column_stack([posed.scores, posed.scores[:, column]]),
        expert_min=np.append(posed.expert_min, 0),
        expert_max=np.append(posed.expert_max, most),
        bans=(*posed.bans, *((row, copy) for row, banned in posed.bans if banned == column)),
        quotas=tuple(
            replace(quota, columns=quota.columns | {copy}) if column in quota.columns else quota
            for quota in posed.quotas
        ),
    )


@FEW
@given(any_problems, st.data())
def test_a_copy_of_an_expert_who_needs_nobody_never_does_harm(posed: Problem, data: st.DataObject) -> None:
    value = value_of(posed, solved(posed))
    assume(posed.expert_ids)
    column = data.draw(st.integers(0, len(posed.expert_ids) - 1))
    assert at_least(best_value(with_copy(posed, column, int(posed.expert_max[column]))), value)
    assert best_value(with_copy(posed, column, 0)) == same(value)


def loads_of(posed: Problem, found: Assignment) -> tuple[np.ndarray, np.ndarray]:
    made = set_of(posed, found.pairs)[0]
    return made.sum(axis=1), made.sum(axis=0)


@FEW
@given(problems(quotas=False, largest=BIG))
def test_limits_that_do_not_bind_may_go(posed: Problem) -> None:
    """Without quotas: among whole pairs only these limits are such that what lies between two solutions is one."""
    found = solved(posed)
    of_startups, of_experts = loads_of(posed, found)
    rows, columns = posed.scores.shape
    loose = replace(
        posed,
        startup_min=np.where(of_startups > posed.startup_min, 0, posed.startup_min),
        startup_max=np.where(of_startups < posed.startup_max, columns + posed.startup_max, posed.startup_max),
        expert_min=np.where(of_experts > posed.expert_min, 0, posed.expert_min),
        expert_max=np.where(of_experts < posed.expert_max, rows + posed.expert_max, posed.expert_max),
    )
    assert best_value(loose) == same(value_of(posed, found))


@FEW
@given(any_problems, st.data())
def test_a_quota_that_nothing_can_break_may_come_and_go(posed: Problem, data: st.DataObject) -> None:
    """With quotas another solver is asked."""
    value = value_of(posed, solved(posed))
    rows, columns = (
        data.draw(st.frozensets(st.integers(0, count - 1))) if count else frozenset() for count in posed.scores.shape
    )
    idle = PositionQuota("idle", rows, columns, 0, data.draw(st.sampled_from([None, len(rows) * len(columns)])))
    assert best_value(replace(posed, quotas=(*posed.quotas, idle))) == same(value)


LIMITS = st.sampled_from(["startup_min", "startup_max", "expert_min", "expert_max"])


@FEW
@given(any_problems, LIMITS, st.data())
def test_a_looser_limit_never_does_harm_and_a_tighter_one_never_helps(
    posed: Problem, limit: str, data: st.DataObject
) -> None:
    value = value_of(posed, solved(posed))
    limits = getattr(posed, limit)
    # A startup that takes nobody is nobody's worst-off, one that may take somebody can be.
    able = np.flatnonzero(limits > 0) if limit == "startup_max" else np.arange(len(limits))
    assume(len(able))
    step = np.arange(len(limits)) == data.draw(st.sampled_from(able.tolist()))
    looser = limits + step if limit.endswith("max") else np.maximum(limits - step, 0)
    assert at_least(best_value(replace(posed, **{limit: looser})), value)
    tighter = limits - step if limit.endswith("max") else limits + step
    least, most = (tighter if limit.endswith(end) else getattr(posed, f"{limit[:-4]}_{end}") for end in ("min", "max"))
    assume((least >= 0).all() and (least <= most).all() and (most[step] > 0).all())
    tried = best_value(replace(posed, **{limit: tighter}))
    assert tried is None or at_least(value, tried)


@FEW
@given(any_problems)
def test_to_ban_what_is_not_made_or_to_pin_what_is_made_changes_no_value(posed: Problem) -> None:
    found = solved(posed)
    value = value_of(posed, found)
    idle = [(row, column) for row, column in np.argwhere(posed.open).tolist() if (row, column) not in found.pairs]
    assert best_value(replace(posed, bans=(*posed.bans, *idle))) == same(value)
    for pair in idle[:3]:
        assert best_value(replace(posed, bans=(*posed.bans, pair))) == same(value)
    for pair in found.pairs:
        assert best_value(replace(posed, pins=(*posed.pins, pair))) == same(value)
