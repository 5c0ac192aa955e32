"""Competitors: suggested where sector and text agree, told at the holders' pairs, never enforced."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.competitors import held_rivals, rivals, what_is_held
from matcher.ecosystem import ties
from matcher.live import LiveIndex
from matcher.pipeline import match, may_compete
from matcher.profiles import Cohort, Document, Expert, Kind, Relation, Startup
from matcher.program import Program, RelationRule, Verdict
from matcher.rivals import Rivals, ties_of_all
from matcher.scored_pairs import score_kinds
from tests.fakes import TODAY, fake_engine
from tests.matcher.people import asks, knows, related, years_ago
from tests.matcher.rival_oracle import read_couples

CRACKS = "drones find cracks in bridges before they fall"
STARTUPS = (
    asks("s1", summary=CRACKS, sectors=("robotics",), name="Cracksight"),
    asks("s2", summary=CRACKS, sectors=("로봇",), name="Bridgewren"),
    asks("s3", summary=CRACKS, sectors=("law",)),
    asks("s4", summary="recipes for school kitchens", sectors=("robotics",)),
)


def backs(id_: str, title: str, text: str = CRACKS, sectors: tuple[str, ...] = ("robotics",)) -> Expert:
    return knows(id_, kind=Kind.INVESTOR, documents=(Document(title=title, text=text, sectors=sectors),))


def found(startups: tuple[Startup, ...], experts: tuple[Expert, ...] = (), *relations: str) -> tuple[Rivals, ...]:
    told = [related(*one.split()) for one in relations]
    return rivals(Cohort(startups, experts, tuple(told)), fake_engine())


def couples(told: tuple[Rivals, ...]) -> set[tuple[str, str]]:
    return {(one.one.party.id, one.other.party.id) for one in told}


def test_the_same_text_in_one_sector_is_suggested_once() -> None:
    (one,) = found(STARTUPS)
    assert (one.one.name, one.other.name) == ("Cracksight", "Bridgewren")
    assert one.worth >= 0.9
    assert one.sentence == (
        f"Cracksight and Bridgewren may be competitors (both in {one.sectors[0]}, and their texts say nearly the same: "
        f"{one.worth:.2f}); say so in relations: startup:s1, startup:s2, competitor or not_competitor"
    )


def test_a_summary_without_a_letter_is_compared_with_nothing() -> None:
    assert found((asks("s0", summary="!!!", sectors=("robotics",)), *STARTUPS[:2])) == found(STARTUPS[:2])


def test_each_is_compared_within_its_sectors_alone_and_the_most_alike_are_told_first() -> None:
    several = (
        asks("a", summary=CRACKS, sectors=("law", "robotics")),
        asks("b", summary=CRACKS, sectors=("law",)),
        asks("c", summary=CRACKS, sectors=("robotics",)),
        asks("d", summary=f"{CRACKS}!", sectors=("law", "robotics")),
        asks("e", summary=CRACKS, sectors=("food",)),
    )
    told = found(several, (backs("v1", "Nabi", sectors=("law", "food")),))
    expected = ["a b", "a c", "a d", "a nabi", "b d", "b nabi", "c d", "d nabi", "e nabi"]
    worth = {f"{one.one.party.id} {one.other.party.id}": one.alike for one in told}
    assert sorted(worth) == expected
    assert len(set(worth.values())) > 1
    assert list(worth) == sorted(expected, key=lambda couple: -worth[couple])


@pytest.mark.parametrize("decided", ["competitor", "not_competitor"])
def test_what_somebody_looked_at_is_not_suggested_again(decided: str) -> None:
    assert found(STARTUPS, (), f"startup:s2 {decided} startup:s1") == ()


def test_a_company_that_an_investor_holds_is_suggested_with_its_holders() -> None:
    told = found(STARTUPS[:1], (backs("v1", "Nabi"), backs("v2", "㈜Nabi"), backs("v3", "Tax", "tax law")))
    assert couples(told) == {("s1", "nabi")}
    assert told[0].other.holders == ("v1", "v2")
    assert found(STARTUPS[:1], (backs("v1", "Cracksight"),)) == (), "its own deal is no competitor"


def test_a_startup_that_an_investor_holds_warns_at_the_other() -> None:
    (one,) = found(STARTUPS[:2], (backs("v1", ""),), "expert:v1 invested_in startup:s1")
    assert {pair for pair, _ in ties_of_all([one])} == {("s2", "v1")}
    assert one.holders == ("v1",)


def test_a_pair_that_somebody_looked_at_is_not_told_again() -> None:
    experts = backs("v1", "Nabi"), backs("v2", "Nabi")
    (one,) = found(STARTUPS[:1], experts, "expert:v1 not_competitor startup:s1")
    assert one.other.holders == ("v2",)
    assert found(STARTUPS[:1], experts, "org:Nabi not_competitor startup:s1") == ()


def test_a_suggestion_warns_and_forbids_nothing() -> None:
    cohort = Cohort(STARTUPS[:1], (backs("v1", "Nabi"), backs("v2", "Tax", "tax law")))
    (pairs,) = score_kinds(cohort, Program(), fake_engine())
    assert pairs.eligibility.eligible.all()
    ((pair, (warning,)),) = pairs.eligibility.warnings.items()
    assert pair == (0, 0)
    assert warning.startswith("v1 invested in Nabi, which may compete with Cracksight (both in ")


def test_all_that_an_investor_holds_is_one_warning_most_alike_first() -> None:
    investor = backs("v1", "Nabi", sectors=("law",))
    told = found((*same(2, NEAR), *same(1, CRACKS, "z")), (investor,), "expert:v1 invested_in startup:s1")
    warnings = dict(ties_of_all(told))
    one, other = re.findall(r"(S 1|Nabi) \(legal, (\d\.\d\d)\)", warnings["z0", "v1"].reason)
    assert (one[0], other[0]) == ("Nabi", "S 1")
    assert one[1] > other[1]
    assert warnings["z0", "v1"].reason.startswith(
        "v1 invested in 2 companies which may compete with Z 0 (sectors that both are in, and how nearly their texts "
        "say the same): Nabi"
    )


def test_nothing_is_compared_without_a_text_or_a_sector() -> None:
    assert found(tuple(replace(one, sectors=()) for one in STARTUPS)) == ()
    assert found(tuple(replace(one, summary="") for one in STARTUPS), (backs("v1", "Nabi"),)) == ()


NEAR = "drones find cracks in bridges before trains fall"
# Two passages: the first says what CRACKS says, the second something else, or some of it.
LONG = " ".join([*[f"{CRACKS}."] * 29, *["recipes for school kitchens feed children well."] * 20])
MIXED = " ".join([*[f"{CRACKS}."] * 29, *["drones find cracks in kitchens feed children well."] * 20])


def same(count: int, text: str = CRACKS, letter: str = "s") -> tuple[Startup, ...]:
    """Return so many startups that say the same."""
    return tuple(
        asks(f"{letter}{at}", summary=text, sectors=("law",), name=f"{letter.upper()} {at}") for at in range(count)
    )


def all_couples(told: tuple[Rivals, ...]) -> list[tuple[str, str]]:
    return [(one.party.id, other.party.id) for rival in told for one, other in rival.couples()]


def test_startups_that_say_the_same_are_one_suspicion_that_names_them_all() -> None:
    (one,) = found(same(3))
    assert one.sentence == (
        "3 startups may be competitors of each other (all in legal, and word for word the same: 1.00): "
        "S 0 (startup:s0), S 1 (startup:s1), S 2 (startup:s2); "
        "say so in relations of any two, as in: startup:s0, startup:s1, competitor or not_competitor"
    )
    assert one.brief == "3 startups may be competitors of each other (all in legal, and word for word the same: 1.00)"
    assert all_couples((one,)) == [("s0", "s1"), ("s0", "s2"), ("s1", "s2")]


def test_a_group_is_named_by_its_first_where_another_sentence_lists_it() -> None:
    within, between = found((*same(3), *same(1, NEAR, "n")))
    assert within.is_within
    assert between.brief == (
        "S 0 (and 2 more that say the same) and N 0 may be competitors "
        f"(both in legal, and their texts say nearly the same: {between.worth:.2f})"
    )
    assert between.sentence == (
        f"{between.brief}; say so in relations of any two, as in: startup:s0, startup:n0, competitor or not_competitor"
    )


@pytest.mark.parametrize("count", [2, 3])
def test_a_group_that_no_other_sentence_lists_is_named_whole(count: int) -> None:
    looked = [f"startup:s{one} not_competitor startup:s{other}" for one in range(count) for other in range(one)]
    (between,) = found((*same(count), *same(1, NEAR, "n")), (), *looked)
    names, ids = [", ".join(f"{how}{at}" for at in range(count)) for how in ("S ", "startup:s")]
    assert between.sentence.startswith(f"{names} ({ids}, who say the same) and N 0 may be competitors (both in legal")
    assert all_couples((between,)) == [(f"s{at}", "n0") for at in range(count)]


def test_of_a_group_all_is_told_but_what_somebody_looked_at() -> None:
    looked = "startup:s2 competitor startup:s0", "startup:s1 not_competitor startup:n0"
    within, between = found((*same(3), *same(1, NEAR, "n")), (), *looked)
    assert all_couples((within,)) == [("s0", "s1"), ("s1", "s2")]
    assert "S 2 (startup:s2); looked at already: startup:s0 and startup:s2; say so" in within.sentence
    assert within.brief.endswith("1.00); 1 couple of them looked at already")
    assert all_couples((between,)) == [("s0", "n0"), ("s2", "n0")]
    assert "; looked at already: startup:s1 and startup:n0; " in between.sentence


def test_held_companies_that_say_the_same_are_a_group_but_no_rivals_of_each_other() -> None:
    deals = (
        backs("v1", "Nabi. Robotics", "They find cracks.", ("law",)),
        backs("v2", "Nabi", "Robotics. They find cracks.", ("law",)),
    )
    (one,) = found(same(1, "Nabi. Robotics. They find cracks."), deals)
    assert one.sentence.startswith(
        "S 0 and Nabi. Robotics, Nabi (org:nabirobotics, org:nabi, who say the same) may be competitors"
    )
    assert {pair for pair, _ in ties_of_all([one])} == {("s0", "v1"), ("s0", "v2")}


def test_a_company_that_somebody_said_is_no_rival_of_itself_changes_nothing() -> None:
    assert all_couples(found(same(3), (), "startup:s1 not_competitor startup:s1")) == all_couples(found(same(3)))


def test_who_answers_but_is_not_answered_is_suspected_in_that_order_alone() -> None:
    first, second, third = same(1), same(1, LONG, "long"), same(1, CRACKS, "z")
    (same_text, between) = found((*first, *second, *third))
    assert all_couples((same_text, between)) == [("s0", "z0"), ("s0", "long0")]
    assert between.sentence.startswith(
        "S 0, Z 0 (startup:s0, startup:z0, who say the same) may be competitors of LONG 0, each of those that stand "
        "after it in the cohort (both in legal"
    )


def test_who_is_answered_by_a_group_that_begins_before_it_is_suspected_of_those_after_it() -> None:
    first, second, third = same(1, LONG, "long"), same(1), same(1, LONG, "z")
    told = found((*first, *second, *third))
    assert all_couples(told) == [("long0", "z0"), ("s0", "z0")]


def test_what_is_worth_more_one_way_is_one_suspicion_with_both() -> None:
    told = found((*same(1), *same(1, MIXED, "m"), *same(1, CRACKS, "z")))
    (between,) = [one for one in told if not one.is_couple]
    assert between.back is not None
    assert between.worth > between.back + 0.01
    assert f": {between.worth:.2f}, read the other way round {between.back:.2f})" in between.brief
    assert all_couples((between,)) == [("s0", "m0"), ("m0", "z0")]


def test_groups_that_are_more_alike_the_other_way_round_are_told_by_that() -> None:
    startups = (*same(1, MIXED, "m"), *same(1), *same(1, MIXED, "y"), *same(1, NEAR, "n"))
    told = may_compete(match(Cohort(startups, (knows("p1", "law"),)), Program(), fake_engine()))
    turned = next(one for one in told if one.back is not None and one.back > one.worth)
    assert turned.alike == turned.back
    assert [one.alike for one in told] == sorted((one.alike for one in told), reverse=True)
    assert [one.worth for one in told] != sorted((one.worth for one in told), reverse=True)


def test_thousands_that_say_the_same_are_few_suspicions() -> None:
    many = same(3_000)
    (one,) = found(many, (backs("v1", ""),), "expert:v1 invested_in startup:s7")
    assert [company.party.id for company in one.one.companies] == [startup.id for startup in many]
    assert sum(1 for _ in ties_of_all([one])) == 2_999
    texts = [f"{CRACKS}{'!' * (at % 30)}" for at in range(3_000)]
    cohort = tuple(replace(startup, summary=text) for startup, text in zip(many, texts, strict=True))
    looked = "startup:s0 not_competitor startup:s1", "startup:s0 not_competitor startup:s30"
    assert len(found(cohort, (), *looked)) == 30 * 31 // 2


SECTORS = st.sampled_from([("law",), ("food",), ("law", "food"), ()])
TEXTS = st.sampled_from([CRACKS, CRACKS, NEAR, LONG, MIXED, "recipes for school kitchens", ""])
COMPANIES = ("Nabi", "Haneul", "S 0")
DECISIONS = st.sampled_from(["competitor", "not_competitor"])


@st.composite
def cohorts(draw: st.DrawFn) -> Cohort:
    """A few startups and investors with few texts among them, some held, some looked at."""
    drawn = draw(st.lists(st.tuples(TEXTS, SECTORS), min_size=2, max_size=8))
    startups = tuple(asks(f"s{at}", summary=text, sectors=of, name=f"S {at}") for at, (text, of) in enumerate(drawn))
    documents = st.lists(
        st.builds(Document, st.sampled_from(COMPANIES), TEXTS.filter(bool), sectors=SECTORS), max_size=3
    )
    investors = [knows(f"v{at}", kind=Kind.INVESTOR, documents=tuple(draw(documents))) for at in range(2)]
    asking = st.sampled_from([f"startup:{one.id}" for one in startups])
    experts = st.sampled_from([f"expert:{one.id}" for one in investors])
    anybody = asking | experts | st.sampled_from([f"org:{name}" for name in COMPANIES])
    looked = draw(st.lists(st.tuples(asking, DECISIONS, anybody) | st.tuples(anybody, DECISIONS, asking), max_size=5))
    held = draw(st.lists(st.tuples(experts, st.just("invested_in"), asking), max_size=3))
    return Cohort(startups, tuple(investors), tuple(related(*one) for one in (*looked, *held)))


@given(cohorts())
def test_groups_tell_the_couples_and_the_ties_of_a_reading_couple_by_couple(cohort: Cohort) -> None:
    told = rivals(cohort, fake_engine())
    couples, ties = read_couples(cohort, fake_engine())
    assert sorted(all_couples(told)) == sorted((one.id, other.id) for one, other, _ in couples)
    assert list(ties_of_all(told)) == ties
    worth = {(one.id, other.id): worth for one, other, worth in couples}
    for rival in told:
        for one, other in rival.couples():
            is_forward = one.party in rival.one.parties
            here = rival.worth if is_forward else rival.back
            assert here == pytest.approx(worth[one.party.id, other.party.id], abs=1e-6)
            assert rival.sentence


@given(cohorts())
def test_what_a_pair_is_told_alone_is_what_the_whole_cohort_tells_of_it(cohort: Cohort) -> None:
    whole = dict(ties_of_all(rivals(cohort, fake_engine())))
    held = what_is_held(cohort)
    for startup in cohort.startups:
        for experts in (cohort.experts, cohort.experts[1:], cohort.experts[:1]):
            alone = held_rivals(cohort, held, startup, experts, fake_engine())
            ids = {expert.id for expert in experts}
            assert alone == {
                expert: tie.reason for (id_, expert), tie in whole.items() if id_ == startup.id and expert in ids
            }


def test_a_live_suggestion_and_a_pair_carry_it_until_somebody_looked_at_it() -> None:
    cohort = Cohort(STARTUPS[:1], (backs("v1", "Nabi"), backs("v2", "Tax", "tax law")))
    index = LiveIndex(cohort, Program(), fake_engine())
    warned = {one.expert: one.warnings for one in index.for_startup("s1", Kind.INVESTOR, 10)}
    assert warned["v1"][0].startswith("v1 invested in Nabi, which may compete with Cracksight (both in ")
    assert warned["v2"] == ()
    judged = index.pair("s1", "v1").suggestion
    assert judged is not None
    assert judged.warnings == warned["v1"]
    (of_expert,) = index.for_expert("v1", 10)
    assert of_expert.warnings == warned["v1"]
    looked = replace(cohort, relations=(related("startup:s1", "not_competitor", "expert:v1"),))
    index.decide(looked, Program())
    assert [one.warnings for one in index.for_startup("s1", Kind.INVESTOR, 10)] == [(), ()]


def test_a_confirmed_competitor_in_an_investors_hands_is_no_less_told_than_a_suspected_one() -> None:
    said = related("startup:s1", "competitor", "startup:s2"), related("org:Nabi", "competitor", "startup:s1")
    experts = backs("v1", STARTUPS[1].name), backs("v2", "㈜Nabi"), backs("v3", "Tax", "tax law")
    cohort = Cohort(STARTUPS[:2], experts, said)

    def warned(rules: dict[str, RelationRule]) -> dict[tuple[str, str], list[tuple[Verdict, str]]]:
        found = ties(cohort, Program(relation_rules=rules), TODAY)
        return {pair: [(tie.verdict, tie.reason) for tie in tied] for pair, tied in found.items()}

    assert warned({}) == {
        ("s1", "v1"): [(Verdict.WARN, "v1 invested in s2, a competitor of s1")],
        ("s1", "v2"): [(Verdict.WARN, "v2 invested in Nabi, a competitor of s1")],
    }
    forbidden = warned({"competitor": RelationRule(Verdict.FORBID, steps=2)})
    assert set(forbidden) == {("s1", "v1"), ("s1", "v2")}
    assert {verdict for tied in forbidden.values() for verdict, _ in tied} == {Verdict.FORBID}
    assert warned({"competitor": RelationRule(Verdict.ALLOW)}) == {}
    over = tuple(replace(one, until=years_ago(1)) for one in said)
    applied = tuple(replace(one, date=TODAY) for one in cohort.startups)
    assert ties(replace(cohort, relations=over, startups=applied), Program(), TODAY) == {}


def test_a_confirmed_competitor_is_told_of_organisations_and_until_somebody_says_otherwise() -> None:
    def warned(*relations: Relation, experts: tuple[Expert, ...] = (knows("v1", kind=Kind.INVESTOR),)) -> bool:
        rivalry = related("org:Cracksight Inc.", "competitor", "org:Beta")
        return bool(ties(Cohort(STARTUPS[:1], experts, (rivalry, *relations)), Program(), TODAY))

    holds = related("expert:v1", "invested_in", "org:Beta")
    assert warned(holds)
    assert not warned(holds, related("startup:s1", "not_competitor", "expert:v1"))
    portfolio = (backs("v1", "Beta"),)
    assert warned(experts=portfolio)
    sold = replace(holds, until=years_ago(1))
    assert not warned(sold, experts=portfolio), "what is told of a sale stands before a portfolio that was not mended"
    assert warned(sold, replace(holds, since=years_ago(0)), experts=portfolio), "bought again"
