"""Profiles are checked where they are built, and know what they take."""

from __future__ import annotations

import pytest

from matcher.errors import BadInput
from matcher.profiles import Cohort, Kind, Limits, Need
from tests.matcher.people import asks, knows


@pytest.mark.parametrize(("least", "most"), [(2, 1), (-1, 1), (0, -1)])
def test_a_minimum_above_its_maximum_is_bad_input(least: int, most: int) -> None:
    with pytest.raises(BadInput, match=f"minimum of {least} and a maximum of {most}, expected 0 ≤ min ≤ max"):
        Limits(least, most)


@pytest.mark.parametrize("weight", [0.0, -1.0, float("inf"), float("nan")])
def test_a_need_weighs_more_than_nothing(weight: float) -> None:
    with pytest.raises(BadInput, match="expected a number above 0"):
        Need("data", weight)


def test_limits_are_per_kind_with_one_professor_and_one_investor_by_default() -> None:
    startup = asks("s1", limits={Kind.INVESTOR: Limits(1, 2)})
    assert startup.limits_for(Kind.INVESTOR) == Limits(1, 2)
    assert startup.limits_for(Kind.PROFESSOR) == Limits(0, 1)
    assert knows("e1").limits == Limits(0, 3)


def test_who_names_no_kind_seeks_all() -> None:
    assert all(asks("s1").seeks_kind(kind) for kind in Kind)
    assert not asks("s1", seeks=(Kind.INVESTOR,)).seeks_kind(Kind.PROFESSOR)


def test_a_cohort_has_the_kinds_that_are_there_and_those_that_are_sought() -> None:
    assert Cohort((asks("s1"),), (knows("e1"),)).kinds == (Kind.PROFESSOR,)
    assert Cohort((asks("s1", seeks=(Kind.INVESTOR,)),), (knows("e1"),)).kinds == (Kind.PROFESSOR, Kind.INVESTOR)
    assert Cohort((asks("s1"),), ()).kinds == ()


def test_experts_of_a_kind_keep_their_order() -> None:
    cohort = Cohort((), (knows("b"), knows("v", kind=Kind.INVESTOR), knows("a")))
    assert [expert.id for expert in cohort.experts_of(Kind.PROFESSOR)] == ["b", "a"]
