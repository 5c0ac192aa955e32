"""Warm paths: shortest introductions, said in words, that tell nobody's secret and run over no conflict."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.ecosystem import ties
from matcher.profiles import Cohort, Document, Expert, Kind, Party, Relation, Side, Startup
from matcher.program import Program, RelationRule, Verdict
from matcher.terms import organisation
from matcher.tie import Pair
from matcher.trust import CLOSEST_FIRST, LONGEST
from matcher.warm_paths import _SAID, Introductions, WarmPath, warm_paths
from tests.matcher.people import asks, knows, related
from tests.matcher.strategies import FEW

TODAY = dt.date(2026, 1, 1)


def startup(id_: str) -> Party:
    return Party(Side.STARTUP, id_)


def expert(id_: str) -> Party:
    return Party(Side.EXPERT, id_)


def org(name: str) -> Party:
    return Party(None, name)


def backs(id_: str, *companies: str, date: dt.date | None = None, **fields: object) -> Expert:
    deals = tuple(Document(title=company, date=date) for company in companies)
    return Expert(id_, Kind.INVESTOR, name=id_.upper(), documents=deals, **fields)  # type: ignore[arg-type]


def found(
    startups: list[Startup], experts: list[Expert], relations: list[Relation], program: Program | None = None
) -> Mapping[Pair, WarmPath]:
    cohort = Cohort(tuple(startups), tuple(experts), tuple(relations))
    program = program or Program()
    return warm_paths(cohort, program, ties(cohort, program, TODAY), TODAY)


def test_who_invested_once_introduces_whom_it_invested_with() -> None:
    experts = [backs("v1", "Nabi Robotics"), backs("v2", "㈜Nabi Robotics"), backs("v3", "Nabi Robotics Labs")]
    paths = found([asks("s1")], experts, [Relation(expert("v1"), startup("s1"), "invested_in")])
    assert {pair: (path.steps, path.sentence) for pair, path in paths.items()} == {
        ("s1", "v1"): (1, "V1 invested in s1"),
        ("s1", "v2"): (2, "V1 invested in s1; V1 and V2 invested together in Nabi Robotics"),
    }


def test_alumni_and_mentors_are_said_in_words() -> None:
    experts = [knows("e1", affiliation="Gaon University", name="Min Kim"), knows("e2", name="Lee")]
    relations = [
        Relation(startup("s1"), org("가온대학교"), "Alumnus"),
        Relation(expert("e2"), org("Gaon University"), "alumni"),
        Relation(expert("e1"), startup("s2"), "mentoring"),
    ]
    cohort = Cohort(
        (asks("s1", name="Acme"), asks("s2")),
        tuple(experts),
        tuple(relations),
        organisations={organisation("가온대학교"): organisation("Gaon University")},
    )
    paths = warm_paths(cohort, Program(), {}, TODAY)
    assert {pair: path.sentence for pair, path in paths.items()} == {
        ("s1", "e1"): "Acme is an alumnus of 가온대학교; Min Kim belongs to Gaon University",
        ("s1", "e2"): "Acme is an alumnus of 가온대학교; Lee is an alumnus of Gaon University",
        ("s2", "e1"): "Min Kim mentored s2",
        ("s2", "e2"): "Min Kim mentored s2; Min Kim belongs to Gaon University; Lee is an alumnus of Gaon University",
    }


def test_no_path_runs_over_another_startup() -> None:
    """Who knows another startup is that one's own affair, and would tell that it takes part."""
    relations = [
        Relation(expert("e1"), startup("s2"), "mentored"),
        Relation(startup("s1"), startup("s2"), "alumni"),
        Relation(expert("e2"), startup("s2"), "advisor"),
    ]
    paths = found([asks("s1"), asks("s2")], [knows("e1"), knows("e2")], relations)
    assert {pair for pair in paths if pair[0] == "s1"} == set()


@pytest.mark.parametrize("how", ["conflict", "ban", "avoids"])
def test_no_path_runs_over_somebody_with_whom_the_startup_must_not_be_paired(how: str) -> None:
    between = backs("v1", "Nabi", avoids=("s1",) if how == "avoids" else ())
    relations = [Relation(expert("v1"), startup("s1"), "invested_in")]
    relations += [Relation(expert("v1"), startup("s1"), "family")] * (how == "conflict")
    program = Program(bans=(("s1", "v1"),) if how == "ban" else ())
    assert found([asks("s1")], [between, backs("v2", "Nabi")], relations, program) == {}


def test_a_type_that_the_program_forbids_is_no_trust() -> None:
    rules = {"advisor": RelationRule(Verdict.FORBID)}
    relations = [Relation(expert("e1"), startup("s1"), "advisor")]
    assert found([asks("s1")], [knows("e1")], relations, Program(relation_rules=rules)) == {}
    assert found([asks("s1")], [knows("e1")], relations)["s1", "e1"].steps == 1


@pytest.mark.parametrize("type_", ["family", "competitor", "declined", "coauthor", "colleague", "neighbour"])
def test_what_is_no_trust_makes_no_path(type_: str) -> None:
    assert found([asks("s1")], [knows("e1")], [Relation(expert("e1"), startup("s1"), type_)]) == {}


def test_what_is_of_a_later_day_is_not_known_yet() -> None:
    later = dt.date(2025, 6, 1)
    relations = [Relation(expert("v1"), startup("s1"), "invested_in")]
    experts = [backs("v1", "Nabi", date=later), backs("v2", "Nabi", date=later)]
    assert set(found([asks("s1", date=dt.date(2025, 5, 31))], experts, relations)) == {("s1", "v1")}
    assert set(found([asks("s1", date=later)], experts, relations)) == {("s1", "v1"), ("s1", "v2")}


def test_that_two_backed_a_startup_of_the_cohort_is_told_to_nobody() -> None:
    experts = [backs("v1", "Acme"), backs("v2", "Acme")]
    relations = [Relation(expert("v1"), startup("s1"), "invested_in")]
    assert set(found([asks("s1"), asks("s2", name="Acme Inc.")], experts, relations)) == {("s1", "v1")}


CHAIN = [expert(f"e{at}") for at in range(5)]
LINKS = st.lists(st.tuples(st.sampled_from([*CHAIN, startup("s1")]), st.sampled_from([*CHAIN, org("o")])), max_size=12)


@pytest.mark.parametrize(
    ("relation", "sentence"),
    [
        (Relation(org("KAIST"), expert("e1"), "alumni"), "s1 is an alumnus of KAIST; Kim is an alumnus of KAIST"),
        (Relation(startup("s1"), expert("e1"), "동문"), "s1 and Kim are alumni of one school"),
        (Relation(startup("s1"), expert("e1"), "invested_in"), "Kim invested in s1"),
        (Relation(startup("s1"), expert("e1"), "advisor"), "Kim advises s1"),
        (Relation(startup("s1"), expert("e1"), "멘토링"), "Kim mentored s1"),
    ],
)
def test_a_step_is_said_the_right_way_round_however_it_was_told(relation: Relation, sentence: str) -> None:
    relations = [Relation(startup("s1"), org("KAIST"), "alumni"), relation]
    assert found([asks("s1")], [knows("e1", name="Kim")], relations)["s1", "e1"].sentence == sentence


def test_who_invested_together_introduces_nobody_where_the_program_forbids_it() -> None:
    experts = [backs("v1", "Nabi Robotics"), backs("v2", "Nabi Robotics")]
    program = Program(relation_rules={"co_invested": RelationRule(Verdict.FORBID)})
    paths = found([asks("s1")], experts, [Relation(expert("v1"), startup("s1"), "invested_in")], program)
    assert set(paths) == {("s1", "v1")}


@FEW
@given(LINKS)
def test_paths_are_as_short_as_those_that_trying_every_walk_finds(links: list[tuple[Party, Party]]) -> None:
    relations = [Relation(one, other, "mentored") for one, other in links if one != other]
    paths = found([asks("s1")], [knows(party.id) for party in CHAIN], relations)
    walks = {startup("s1"): 0}
    for step in range(1, LONGEST + 1):
        for relation in relations:
            for one, other in ((relation.source, relation.target), (relation.target, relation.source)):
                if walks.get(one, step) < step:
                    walks.setdefault(other, step)
    expected = {("s1", party.id): steps for party, steps in walks.items() if party.side is Side.EXPERT}
    assert {pair: path.steps for pair, path in paths.items()} == expected


@pytest.mark.parametrize(
    "told",
    [related("expert:e1", "employer", "org:Gaon University"), related("org:Gaon University", "employer", "expert:e1")],
)
def test_where_an_expert_belongs_counts_however_it_is_told(told: Relation) -> None:
    mentored = related("org:Gaon University", "mentored", "startup:s1")
    cohort = Cohort((asks("s1"),), (knows("e1"),), (mentored, told))
    path = warm_paths(cohort, Program(), {}, TODAY)["s1", "e1"]
    assert path.sentence == "Gaon University mentored s1; e1 belongs to Gaon University"


DAY = dt.date(2025, 6, 1)


@pytest.mark.parametrize(
    ("type_", "since", "counts"),
    [
        ("mentored", DAY - dt.timedelta(days=1), True),
        ("mentored", DAY, False),
        ("invested_in", None, False),
        ("alumni", None, False),
        ("alumni", DAY - dt.timedelta(days=1), True),
    ],
)
def test_what_foretells_an_outcome_was_told_before_it_or_cannot_come_of_it(
    type_: str, since: dt.date | None, counts: bool
) -> None:
    cohort = Cohort((asks("s1"),), (knows("e1"),), (Relation(expert("e1"), startup("s1"), type_, since),))
    assert list(Introductions(cohort, Program()).foretelling("s1", DAY)) == ([("e1", 1)] if counts else [])


@pytest.mark.parametrize(("type_", "counts"), [("alumni", True), ("mentored", False)])
def test_where_an_expert_comes_from_foretells_without_a_day(type_: str, counts: bool) -> None:
    known = Relation(startup("s1"), org("Gaon University"), "alumni", dt.date(2020, 1, 1))
    cohort = Cohort((asks("s1"),), (knows("e1"),), (known, Relation(expert("e1"), org("Gaon University"), type_)))
    assert list(Introductions(cohort, Program()).foretelling("s1", DAY)) == ([("e1", 2)] if counts else [])


@pytest.mark.parametrize("days", [["2015-01-01", "2024-01-01"], ["2024-01-01", "2015-01-01"], [None, "2015-01-01"]])
def test_who_invested_again_invested_together_since_the_first_time(days: list[str | None]) -> None:
    deals = tuple(Document("Hanul", date=day and dt.date.fromisoformat(day)) for day in days)  # type: ignore[arg-type]
    experts = [Expert("v1", Kind.INVESTOR, documents=deals), backs("v2", "Hanul", date=dt.date(2015, 1, 1))]
    known = Relation(expert("v1"), startup("s1"), "mentored", dt.date(2016, 1, 1))
    cohort = Cohort((asks("s1", date=dt.date(2020, 1, 1)),), tuple(experts), (known,))
    assert dict(Introductions(cohort, Program()).foretelling("s1", dt.date(2020, 1, 1))) == {"v1": 1, "v2": 2}
    assert {id_ for _, id_ in warm_paths(cohort, Program(), {}, TODAY)} == {"v1", "v2"}


def test_in_which_startup_two_invested_is_told_to_no_other() -> None:
    together = Relation(expert("v1"), expert("v2"), "co_invested", extra={"company": "㈜Secret"})
    relations = [Relation(expert("v1"), startup("s1"), "mentored"), together]
    startups = [asks("s1"), asks("s2", name="Secret", confidential=("name",))]
    paths = found(startups, [knows("v1"), knows("v2")], relations)
    assert paths["s1", "v2"].sentence == "v1 mentored s1; v1 and v2 invested together"


def test_a_search_that_found_everybody_found_the_shortest_paths() -> None:
    """Where all are within reach, the search ends early."""
    relations = [Relation(expert("e1"), startup("s1"), "mentored"), Relation(expert("e2"), startup("s1"), "mentored")]
    relations += [Relation(expert(one), expert(other), "mentored") for one in ("e1", "e2") for other in ("e3", "e4")]
    paths = found([asks("s1")], [knows(f"e{at}") for at in range(1, 5)], relations)
    assert {id_: path.steps for (_, id_), path in paths.items()} == {"e1": 1, "e2": 1, "e3": 2, "e4": 2}


def test_what_foretells_runs_over_nobody_whom_the_startup_must_not_meet() -> None:
    relations = (
        Relation(expert("e1"), startup("s1"), "mentored", dt.date(2020, 1, 1)),
        Relation(expert("e2"), expert("e1"), "mentored", dt.date(2020, 1, 1)),
    )
    cohort = Cohort((asks("s1"),), (knows("e1"), knows("e2")), relations)
    assert {id_ for id_, _ in Introductions(cohort, Program()).foretelling("s1", DAY)} == {"e1", "e2"}
    assert not list(Introductions(cohort, Program(), [("s1", "e1")]).foretelling("s1", DAY))


def test_of_several_relations_the_closest_that_has_begun_is_said() -> None:
    told = [("alumni", None), ("advisor", dt.date(2020, 1, 1)), ("mentored", dt.date(2030, 1, 1))]
    relations = [Relation(expert("e1"), startup("s1"), type_, since) for type_, since in told]
    assert found([asks("s1")], [knows("e1", name="Kim")], relations)["s1", "e1"].sentence == "Kim advises s1"


def test_every_type_of_trust_is_said_in_words() -> None:
    assert set(_SAID) == set(CLOSEST_FIRST)


def test_where_an_expert_went_later_foretells_nothing() -> None:
    known = Relation(startup("s1"), org("Gaon University"), "alumni", dt.date(2020, 1, 1))
    later = Relation(expert("e1"), org("Gaon University"), "alumni", DAY)
    cohort = Cohort((asks("s1"),), (knows("e1"),), (known, later))
    assert not list(Introductions(cohort, Program()).foretelling("s1", DAY))


def test_what_foretells_runs_over_no_other_startup() -> None:
    since = dt.date(2020, 1, 1)
    relations = (
        Relation(startup("s1"), startup("s2"), "alumni", since),
        Relation(expert("e1"), startup("s2"), "mentored", since),
    )
    cohort = Cohort((asks("s1"), asks("s2")), (knows("e1"),), relations)
    introductions = Introductions(cohort, Program())
    assert not list(introductions.foretelling("s1", DAY))
    assert list(introductions.foretelling("s2", DAY)) == [("e1", 1)]
