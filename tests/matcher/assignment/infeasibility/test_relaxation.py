"""A relaxation makes a problem feasible with as little as can be changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, event, given

from matcher.assignment.infeasibility import violation
from matcher.assignment.infeasibility.changes import changed
from matcher.assignment.infeasibility.relaxation import relaxations
from matcher.assignment.problem import Problem
from matcher.assignment.result import Change, Field, Relaxation
from tests.matcher.assignment.cramped import can_hold, cramped_problems, fewest_units, one_unit_away
from tests.matcher.assignment.infeasibility.test_conflict import quota, random_problem
from tests.matcher.assignment.small_problems import NO, problem
from tests.matcher.strategies import drawn

DRAWN = drawn(25)


@DRAWN
@given(cramped_problems())
def test_each_relaxation_frees_the_problem_and_nothing_of_it_can_be_left_out(posed: Problem) -> None:
    assume(not can_hold(posed))
    found = relaxations(posed).found
    event(f"{len(found)} relaxations, quotas: {bool(posed.quotas)}")
    assert found
    for relaxation in found:
        assert can_hold(changed(posed, relaxation.changes))
        for at, change in enumerate(relaxation.changes):
            others = (*relaxation.changes[:at], *relaxation.changes[at + 1 :])
            assert not can_hold(changed(posed, others)), f"{change} can be left out"
            if change.to is not None and change.units > 1:
                back = 1 if change.field.endswith("min") else -1
                smaller = replace(change, to=change.to + back, units=change.units - 1)
                assert not can_hold(changed(posed, (*others, smaller))), f"{change} goes further than needed"


@DRAWN
@given(cramped_problems())
def test_the_first_has_the_fewest_units_of_all_and_units_ascend(posed: Problem) -> None:
    found = relaxations(posed).found
    units = [one.units for one in found]
    assert units == sorted(units)
    assert (units[0] if units else 0) == fewest_units(posed, {*Field})


@DRAWN
@given(cramped_problems())
def test_every_field_that_can_mend_the_problem_alone_is_told_with_the_fewest_units(posed: Problem) -> None:
    assume(not can_hold(posed))
    alone = {field: units for field in Field if np.isfinite(units := fewest_units(posed, {field}))}
    told = {one.changes[0].field: one.units for one in relaxations(posed).found if len(fields_of(one)) == 1}
    # What mends it with fewest units of all may be of one field too, and is told once.
    assert told == alone


def fields_of(relaxation: Relaxation) -> set[Field]:
    return {change.field for change in relaxation.changes}


@DRAWN
@given(cramped_problems())
def test_no_problem_with_one_unit_less_changed_can_hold(posed: Problem) -> None:
    """The same by trying every way to change so many units, one after the other."""
    assume(not can_hold(posed))
    units = relaxations(posed).found[0].units
    assume(units <= 2)
    for one in one_unit_away(posed) if units == 2 else ():
        assert not can_hold(one)
    event(f"{units} units")


@DRAWN
@given(cramped_problems())
def test_changes_are_told_as_they_are(posed: Problem) -> None:
    for relaxation in relaxations(posed).found:
        for change in relaxation.changes:
            assert change.units >= 1
            assert (change.to is None) == (change.field in {Field.PIN, Field.BAN})
            assert change.to is None or change.to >= 0
        changed(posed, relaxation.changes)  # which would refuse a minimum above its maximum


# --- known answers -----------------------------------------------------------------------------------------------


def told(posed: Problem) -> list[str]:
    return [one.message for one in relaxations(posed).found]


def test_two_startups_for_one_place() -> None:
    posed = problem([[0.5], [0.4]], startup_min=[1, 1])
    found = relaxations(posed).found
    assert [(one.units, fields_of(one)) for one in found] == [(1, {Field.STARTUP_MIN}), (1, {Field.EXPERT_MAX})]
    assert found[1] == Relaxation("raise e1's max from 1 to 2", (Change(Field.EXPERT_MAX, "e1", 2, 1),))


def test_experts_that_need_more_than_startups_take() -> None:
    found = relaxations(problem([[0.5, 0.5]], expert_min=1)).found
    assert [one.units for one in found] == [1, 1]
    assert [fields_of(one) for one in found] == [{Field.STARTUP_MAX}, {Field.EXPERT_MIN}]


def test_a_limit_is_moved_no_further_than_needed() -> None:
    posed = problem(np.full((3, 1), 0.5), startup_min=1)
    assert "raise e1's max from 1 to 3" in told(posed)
    assert all(one.units == 2 for one in relaxations(posed).found)


def test_a_banned_pin_loses_the_pin_or_the_ban() -> None:
    posed = problem([[0.5]], pins=((0, 0), (0, 0)), bans=((0, 0), (0, 0)))
    assert told(posed) == ["drop the pin of s1 with e1", "drop the ban of s1 with e1"]
    assert relaxations(posed).found[1].changes == (Change(Field.BAN, ("s1", "e1"), None, 1),)


def test_a_ban_is_not_dropped_where_the_pair_has_no_score() -> None:
    assert told(problem([[NO]], pins=((0, 0),), bans=((0, 0),))) == ["drop the pin of s1 with e1"]
    assert told(problem([[NO]], startup_min=1, bans=((0, 0),))) == ["lower s1's min from 1 to 0"]


def test_quotas_give_way_on_either_side() -> None:
    quotas = (quota("a", [0, 1], [0, 1], 3, None), quota("나", [0, 1], [0, 1], 0, 2))
    assert told(problem(np.full((2, 2), 0.5), startup_max=2, expert_max=2, quotas=quotas)) == [
        "lower the min of quota 'a' from 3 to 2",
        "raise the max of quota '나' from 2 to 3",
    ]


def test_where_fractions_of_pairs_would_do_whole_ones_are_counted() -> None:
    three = tuple(quota(f"q{at}", [0], {0, 1, 2} - {at}, 1, 1) for at in range(3))
    assert [one.units for one in relaxations(problem([[0.5] * 3], startup_max=3, quotas=three)).found] == [1, 1]


def test_two_independent_conflicts_are_mended_together() -> None:
    # s1 and s2 share the one place of e1; e2 and e3 share the one place of s3.
    posed = problem([[0.5, NO, NO], [0.5, NO, NO], [NO, 0.5, 0.5]], startup_min=[1, 1, 0], expert_min=[0, 1, 1])
    found = relaxations(posed).found
    assert [one.units for one in found] == [2]
    assert " and " in found[0].message
    assert can_hold(changed(posed, found[0].changes))


def test_many_changes_are_told_in_short() -> None:
    posed = problem(np.full((20, 1), NO), startup_min=1, startup_ids=tuple(f"스타트업{at}" for at in range(20)))
    (message,) = told(posed)
    assert message.startswith("lower 스타트업0's min from 1 to 0 and lower 스타트업1's min from 1 to 0 and ")
    assert message.endswith(" and 12 more changes")


def test_nothing_is_changed_where_the_limits_hold() -> None:
    assert relaxations(problem([[0.5]], startup_min=1)).found == ()


# --- size --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(40))
def test_flow_and_linear_model_need_equally_few_units(seed: int) -> None:
    """Quotas that limit nothing send the same problem through HiGHS."""
    posed = replace(random_problem(seed), quotas=())
    through_highs = replace(posed, quotas=(quota("no limit", [0], [0], 0, None),))
    assert units_by_fields(posed) == units_by_fields(through_highs)


def units_by_fields(posed: Problem) -> set[tuple[int, str]]:
    """Return the units and the field of each relaxation; one of several fields may be any mix of them."""
    return {
        (one.units, "".join(fields_of(one)) if len(fields_of(one)) == 1 else "") for one in relaxations(posed).found
    }


@pytest.mark.parametrize("seed", range(40))
def test_some_of_the_pairs_do_as_well_as_all(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    posed = random_problem(seed)
    posed = posed if posed.quotas else replace(posed, quotas=(quota("no limit", [0], [0], 0, None),))
    of_all = units_by_fields(posed)
    monkeypatch.setattr(violation, "_FEW", 0)
    monkeypatch.setattr(violation, "_AT_ONCE", 1)
    assert units_by_fields(posed) == of_all


def test_1000_by_200_with_a_quota_that_is_too_small() -> None:
    scores = np.where(np.random.default_rng(0).random((1000, 200)) < 0.9, 0.5, NO)
    group = quota("group", range(40), range(200), 0, 30)
    found = relaxations(problem(scores, startup_min=1, expert_max=6, quotas=(group,))).found
    assert [(one.units, fields_of(one)) for one in found] == [(10, {Field.QUOTA_MAX}), (10, {Field.STARTUP_MIN})]
