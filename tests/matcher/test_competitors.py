"""Competitors: suggested where sector and text agree, told at the holders' pairs, never enforced."""

from __future__ import annotations

from dataclasses import replace

import pytest

from matcher.competitors import Rivals, rivals
from matcher.profiles import Cohort, Document, Expert, Kind, Startup
from matcher.program import Program
from matcher.scored_pairs import score_kinds
from tests.fakes import fake_engine
from tests.matcher.people import asks, knows, related

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


def test_each_is_compared_within_its_sectors_alone_and_all_are_told_in_order() -> None:
    several = (
        asks("a", summary=CRACKS, sectors=("law", "robotics")),
        asks("b", summary=CRACKS, sectors=("law",)),
        asks("c", summary=CRACKS, sectors=("robotics",)),
        asks("d", summary=CRACKS, sectors=("law", "robotics")),
        asks("e", summary=CRACKS, sectors=("food",)),
    )
    told = found(several, (backs("v1", "Nabi", sectors=("law", "food")),))
    expected = ["a b", "a c", "a d", "a nabi", "b d", "b nabi", "c d", "d nabi", "e nabi"]
    assert [f"{one.one.party.id} {one.other.party.id}" for one in told] == expected


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
    assert {pair for pair, _ in one.ties()} == {("s2", "v1")}


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


def test_nothing_is_compared_without_a_text_or_a_sector() -> None:
    assert found(tuple(replace(one, sectors=()) for one in STARTUPS)) == ()
    assert found(tuple(replace(one, summary="") for one in STARTUPS), (backs("v1", "Nabi"),)) == ()
