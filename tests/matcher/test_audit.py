"""Scarce places, startups without their best, and pairs that would rather have each other."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from matcher.audit import Audit, Partner
from matcher.choice import choose
from matcher.errors import Infeasible
from matcher.pipeline import match
from matcher.profiles import Cohort, Kind, Limits
from matcher.program import ExpertGroup, Objective, Program, Quota, StartupGroup
from matcher.scored_pairs import score_kinds
from tests.fakes import fake_engine
from tests.matcher.people import asks, knows
from tests.matcher.strategies import FEW, cohorts, programs

NO_WISHES = Program()
ONE = Limits(0, 1)
# s1 with e1 1.00 and with e2 0.09, s2 with e1 0.54 and with e2 0.
RIVALS = Cohort(
    (asks("s1", "robot arm"), asks("s2", "robot ship")),
    (knows("e1", "robot arm", limits=ONE), knows("e2", "tax", limits=ONE)),
)


def audited(cohort: Cohort, program: Program = NO_WISHES, best_effort: bool = False) -> Audit:
    (explained,) = match(cohort, program, fake_engine(), [Kind.PROFESSOR], best_effort)
    return explained.audit


def test_the_regret_of_a_startup_is_what_its_best_has_more() -> None:
    found = audited(RIVALS)
    assert [(one.startup, one.regret) for one in found.regrets] == [("s2", 0.538638), ("s1", 0.0)]
    assert found.regretting == found.regrets[:1]
    assert found.regrets[0].got == (Partner("e2", 0.0),)
    assert found.regrets[0].best == (Partner("e1", 0.538638),)


def test_a_startup_that_takes_nobody_regrets_nothing() -> None:
    cohort = replace(RIVALS, startups=(asks("s1", "robot", limits={Kind.PROFESSOR: Limits(0, 0)}),))
    assert audited(cohort).regrets == ()


def test_a_startup_that_got_a_pinned_expert_of_unknown_score_has_no_0() -> None:
    cohort = Cohort((asks("s1", "robot"),), (knows("e1"), knows("e2", "robot")))
    (regret,) = audited(cohort, Program(pins=(("s1", "e1"),))).regrets
    assert (regret.got, regret.best) == ((Partner("e1", None),), (Partner("e2", 1.0),))


def test_two_that_both_prefer_each_other_are_told_with_what_they_got() -> None:
    # A startup of high priority gets e1 though s1 and e1 go better together.
    first, second = RIVALS.startups
    found = audited(replace(RIVALS, startups=(first, replace(second, priority=3.0))))
    (pair,) = found.rather
    assert (pair.startup, pair.expert, pair.score) == ("s1", "e1", 1.0)
    assert pair.startup_got == (Partner("e2", 0.094835),)
    assert pair.expert_got == (Partner("s2", 0.538638),)


@pytest.mark.parametrize(
    "program",
    [
        Program(objective=Objective.FAIR),
        Program(
            quotas=(Quota("two", StartupGroup(frozenset({"s1", "s2"})), ExpertGroup(frozenset({"e1", "e2"})), 0, 2),)
        ),
    ],
    ids=["fair", "a quota between some and some"],
)
def test_no_price_is_told_where_none_is_exact(program: Program) -> None:
    three = Cohort((*RIVALS.startups, asks("s3", "robot")), (*RIVALS.experts, knows("e3", "robot", limits=ONE)))
    assert audited(three, program).scarce is None


def test_under_a_quota_on_all_pairs_a_place_is_scarce_where_it_moves_one() -> None:
    # One pair in all: 1.00. A second place with e1 is of no use; without the quota it brings .54.
    one = Program(quotas=(Quota("one", StartupGroup(), ExpertGroup(), 0, 1),))
    assert audited(RIVALS, one).scarce == ()
    assert [place.expert for place in audited(RIVALS).scarce or ()] == ["e1"]


def test_no_price_is_told_at_best_effort() -> None:
    needed = {kind: Limits(1, 1) for kind in Kind}
    cohort = Cohort(tuple(replace(one, limits=needed) for one in RIVALS.startups), RIVALS.experts[:1])
    assert audited(cohort, best_effort=True).scarce is None


@FEW
@given(st.data())
def test_one_more_place_adds_what_the_cohort_with_it_has_more(data: st.DataObject) -> None:
    cohort = data.draw(cohorts(minimums=True))
    program = replace(data.draw(programs(cohort)), objective=Objective.TOTAL)
    try:
        explained = match(cohort, program, fake_engine())
    except Infeasible:
        assume(False)
    for of_kind in explained:
        assert of_kind.audit.scarce is not None
        scarce = {one.expert: one.adds for one in of_kind.audit.scarce}
        assert all(adds > 0 for adds in scarce.values())
        assert [*scarce.values()] == sorted(scarce.values(), reverse=True)
        for expert in of_kind.outcome.experts:
            more = replace(expert, limits=Limits(expert.limits.least, expert.limits.most + 1))
            roomier = replace(cohort, experts=tuple(more if one == expert else one for one in cohort.experts))
            (pairs,) = score_kinds(roomier, program, fake_engine(), [expert.kind])
            total = choose(pairs, program, best_effort=False).assignment.total
            adds = total - of_kind.outcome.assignment.total
            assert scarce.get(expert.id, 0.0) == pytest.approx(adds, abs=2e-6)
