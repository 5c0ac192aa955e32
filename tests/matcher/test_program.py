"""What the manager decides: weights, groups for quotas, and whether a program fits its cohort."""

from __future__ import annotations

import pytest

from matcher.errors import BadInput
from matcher.profiles import Cohort, Kind
from matcher.program import DEFAULT_WEIGHTS, ExpertGroup, Part, Program, Quota, StartupGroup, relation_type
from matcher.program_check import misfits
from tests.matcher.people import asks, knows

STARTUP = asks("s1", sectors=("헬스케어", "AI"), stage="시드", region="판교")
EXPERT = knows("e1", sectors=("robot",), stages=("Seed", "Series A"), regions=("서울",), affiliation="㈜한빛")


@pytest.mark.parametrize(
    "group",
    [
        StartupGroup(),
        StartupGroup(frozenset({"s1", "s2"})),
        StartupGroup(sector="healthcare"),
        StartupGroup(stage="Seed"),
        StartupGroup(region="Korea"),
        StartupGroup(frozenset({"s1"}), "medical", "seed", "gyeonggi"),
    ],
)
def test_a_startup_belongs_to_the_groups_that_fit_it(group: StartupGroup) -> None:
    assert group.holds(STARTUP)


@pytest.mark.parametrize(
    "group",
    [
        StartupGroup(frozenset({"s2"})),
        StartupGroup(frozenset()),
        StartupGroup(sector="biotech"),
        StartupGroup(stage="Series A"),
        StartupGroup(region="Seoul"),
        StartupGroup(frozenset({"s1"}), "medical", "seed", "busan"),
    ],
)
def test_and_to_no_others(group: StartupGroup) -> None:
    assert not group.holds(STARTUP)
    assert not StartupGroup(sector="healthcare", stage="seed", region="korea").holds(asks("s3"))


@pytest.mark.parametrize(
    ("group", "held"),
    [
        (ExpertGroup(affiliation="한빛 주식회사", kind=Kind.PROFESSOR), True),
        (ExpertGroup(sector="로봇", stage="시리즈 A", region="한국"), True),
        (ExpertGroup(kind=Kind.INVESTOR), False),
        (ExpertGroup(affiliation="한빛바이오"), False),
        (ExpertGroup(region="Japan"), False),
        (ExpertGroup(frozenset({"e2"})), False),
    ],
)
def test_an_expert_belongs_to_the_groups_that_fit_it(group: ExpertGroup, held: bool) -> None:
    assert group.holds(EXPERT) is held


def test_weights_replace_the_default_of_their_part_alone() -> None:
    weights = Program(weights={Part.NEEDS: 2.0}).weights_for(Kind.PROFESSOR)
    assert weights == {**DEFAULT_WEIGHTS[Kind.PROFESSOR], Part.NEEDS: 2.0}


@pytest.mark.parametrize("kind", Kind)
def test_weights_that_are_all_0_are_bad_input(kind: Kind) -> None:
    with pytest.raises(BadInput, match="expected at least one above 0"):
        Program(weights=dict.fromkeys(Part, 0.0)).weights_for(kind)


@pytest.mark.parametrize(("least", "most"), [(-1, None), (2, 1)])
def test_a_quota_has_its_min_below_its_max(least: int, most: int | None) -> None:
    with pytest.raises(BadInput, match="quota 'q' has min"):
        Quota("q", StartupGroup(), ExpertGroup(), least, most)


COHORT = Cohort((asks("s1"),), (knows("e1"), knows("v1", kind=Kind.INVESTOR)))


def test_a_program_of_known_names_fits() -> None:
    group = StartupGroup(frozenset({"s1"})), ExpertGroup(frozenset({"e1"}))
    program = Program(pins=(("s1", "e1"),), bans=(("s1", "v1"),), quotas=(Quota("q", *group, 1),))
    assert misfits(program, COHORT) == []


def test_every_unknown_name_is_told_with_where_it_stands() -> None:
    quota = Quota("q", StartupGroup(frozenset({"s9"})), ExpertGroup(frozenset({"e9", "e1"})))
    program = Program(pins=(("s7", "e1"),), bans=(("s1", "e8"),), quotas=(quota,))
    assert misfits(program, COHORT) == [
        "pins: found startup 's7', expected the id of a startup in the cohort",
        "bans: found expert 'e8', expected the id of an expert in the cohort",
        "quota 'q': found startup 's9', expected the id of a startup in the cohort",
        "quota 'q': found expert 'e9', expected the id of an expert in the cohort",
    ]


def test_a_quota_over_both_kinds_cannot_be_meant() -> None:
    (problem,) = misfits(Program(quotas=(Quota("q", StartupGroup(), ExpertGroup()),)), COHORT)
    assert "quota 'q'" in problem
    assert "expected one kind" in problem


def test_a_quota_with_a_minimum_needs_an_expert() -> None:
    nobody = Quota("q", StartupGroup(), ExpertGroup(affiliation="POSTECH"), 1)
    (problem,) = misfits(Program(quotas=(nobody,)), COHORT)
    assert "no expert belongs to it" in problem


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("가족", "family"),
        ("공동 저자", "coauthor"),
        ("공저", "coauthor"),
        ("경쟁사", "competitor"),
        ("경쟁사 아님", "not_competitor"),
        ("거절", "declined"),
        ("동료", "colleague"),
        ("자문", "advisor"),
        ("투자", "invested_in"),
        ("공동 투자", "co_invested"),
        ("멘토", "mentored"),
        ("동문", "alumni"),
        ("소속", "same_employer"),
        ("같은 조직", "same_organisation"),
    ],
)
def test_types_of_relations_may_be_written_in_korean(written: str, meant: str) -> None:
    assert relation_type(written) == meant
    assert relation_type(f" {written} ") == meant
