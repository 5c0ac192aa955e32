"""Which pairs may be made, and for each that may not, why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.ecosystem import ties
from matcher.eligibility import Eligibility, judge
from matcher.profiles import Cohort, Expert, Kind, Relation, Startup
from matcher.program import Program
from matcher.wishes import named_by
from tests.fakes import TODAY
from tests.matcher.people import asks, knows, related
from tests.matcher.strategies import FEW, cohorts, programs


def judged(
    startup: Startup, expert: Expert, *relations: Relation, bans: tuple[tuple[str, str], ...] = ()
) -> Eligibility:
    program = Program(bans=bans)
    found = ties(Cohort((startup,), (expert,), relations), program, TODAY)
    return judge([startup], [expert], found, program.bans)


def test_a_pair_that_nothing_rules_out_is_eligible_without_reasons_or_warnings() -> None:
    found = judged(asks("s1", sectors=("로봇",)), knows("e1", sectors=("robotics",)))
    assert found.eligible.tolist() == [[True]]
    assert found.reasons(0, 0) == ()
    assert found.warnings == {}


def test_a_conflict_rules_out_and_says_what_ties_whom() -> None:
    found = judged(asks("s1"), knows("e1"), related("startup:s1", "family", "expert:e1"))
    assert not found.eligible.any()
    assert found.reasons(0, 0) == ("conflict: family (s1 – e1)",)


def test_a_warning_leaves_the_pair_eligible() -> None:
    found = judged(asks("s1"), knows("e1"), related("expert:e1", "advisor", "startup:s1"))
    assert found.eligible.all()
    assert found.warnings == {(0, 0): ("advisor (e1 – s1)",)}


def test_a_conflict_beside_a_warning_is_not_hidden_by_it() -> None:
    relations = [related("startup:s1", type_, "expert:e1") for type_ in ("colleague", "declined")]
    found = judged(asks("s1"), knows("e1"), *relations)
    assert found.reasons(0, 0) == ("conflict: declined (s1 – e1)",)
    assert found.warnings == {(0, 0): ("colleague (s1 – e1)",)}


def test_a_ban_rules_out_the_banned_pair_alone() -> None:
    experts = [knows("e1"), knows("e2")]
    found = judge([asks("s1")], experts, {}, [("s1", "e2"), ("s1", "of another kind")])
    assert found.eligible.tolist() == [[True, False]]
    assert found.reasons(0, 1) == ("ban: the program forbids this pair",)


@pytest.mark.parametrize("wish", ["s1", "startup:s1", "헬스케어", "Digital Health"])
def test_avoids_rules_out_by_id_by_prefixed_id_and_by_sector(wish: str) -> None:
    found = judged(asks("s1", sectors=("healthcare",)), knows("e1", avoids=(wish,)))
    assert found.reasons(0, 0) == ("avoids: e1 does not want s1",)


@pytest.mark.parametrize("wish", ["s2", "startup:s2", "fintech", "startup:", ""])
def test_avoids_spares_everybody_else(wish: str) -> None:
    assert judged(asks("s1", sectors=("healthcare",)), knows("e1", avoids=(wish,))).eligible.all()


def test_an_id_that_looks_like_a_sector_or_a_prefix_is_taken_as_an_id() -> None:
    startups = [asks("fintech"), asks("s2", sectors=("핀테크",)), asks("startup:x"), asks("x")]
    assert named_by(["fintech"], startups) == [0]
    assert named_by(["startup:x"], startups) == [2]
    assert named_by(["startup:fintech"], startups) == [0]


def test_the_same_id_on_both_sides_is_never_eligible() -> None:
    found = judged(asks("한빛"), knows("한빛", kind=Kind.INVESTOR))
    assert found.reasons(0, 0) == ("conflict: 한빛 is one organisation on both sides",)


def test_every_reason_is_given() -> None:
    startup = asks("s1", stage="seed", region="Seoul")
    expert = knows("e1", stages=("Series B",), regions=("Japan",), avoids=("s1",))
    found = judged(startup, expert, related("startup:s1", "family", "expert:e1"), bans=(("s1", "e1"),))
    assert [reason.split(":")[0] for reason in found.reasons(0, 0)] == ["conflict", "ban", "avoids", "stage", "region"]


@FEW
@given(cohorts(), st.data())
def test_a_pair_is_eligible_exactly_where_there_is_no_reason_against_it(cohort: Cohort, data: st.DataObject) -> None:
    program = data.draw(programs(cohort))
    found_ties = ties(cohort, program, TODAY)
    found = judge(cohort.startups, cohort.experts, found_ties, program.bans)
    for row in range(len(cohort.startups)):
        for column in range(len(cohort.experts)):
            reasons = found.reasons(row, column)
            assert bool(found.eligible[row, column]) is not bool(reasons)
            assert all(reasons)


@FEW
@given(cohorts())
def test_one_more_relation_or_ban_never_makes_a_pair_eligible(cohort: Cohort) -> None:
    bare = Cohort(cohort.startups, cohort.experts)
    with_relations = judge(cohort.startups, cohort.experts, ties(cohort, Program(), TODAY), [])
    without = judge(cohort.startups, cohort.experts, ties(bare, Program(), TODAY), [])
    assert not (with_relations.eligible & ~without.eligible).any()
