"""Who may be one, who was confirmed to be, and what that does to conflicts, limits and names."""

from __future__ import annotations

import pytest

from matcher.derived import co_investments
from matcher.ecosystem import ties
from matcher.errors import BadInput
from matcher.identity import crowds, heard_authors, suspicions
from matcher.merging import Aliases, merge, merge_program
from matcher.profiles import Cohort, Document, Expert, Kind, Limits, Party, Startup
from matcher.program import ExpertGroup, Program, Quota, RelationRule, StartupGroup, Verdict
from tests.fakes import TODAY
from tests.matcher.people import asks, knows, party, related, years_ago

E1, E2, S1, S2 = (party(text) for text in ("expert:e1", "expert:e2", "startup:s1", "startup:s2"))


def people(*experts: Expert, startups: tuple[Startup, ...] = (), relations=()) -> Cohort:  # type: ignore[no-untyped-def]
    return Cohort(startups or (asks("s1"), asks("s2")), experts, tuple(relations))


def suspected(*experts: Expert) -> list[str]:
    return [f"{one.one.id} {one.other.id}: {one.reason}" for one in suspicions(people(*experts))]


def verdicts(cohort: Cohort) -> dict[tuple[str, str], set[Verdict]]:
    return {pair: {tie.verdict for tie in found} for pair, found in ties(cohort, Program(), TODAY).items()}


FORBIDDEN, WARNED = {Verdict.FORBID}, {Verdict.WARN}
GAON = {"affiliation": "Gaon University"}


def test_one_mailbox_one_name_and_one_sound_are_suspected_with_their_reason() -> None:
    assert suspected(knows("e1", email="A@gaon.ac.kr"), knows("e2", email="a@gaon.ac.kr")) == [
        "e1 e2: the same e-mail address"
    ]
    assert suspected(
        knows("e1", name="Kim, Minsu", **GAON), knows("e2", name="Minsu Kim", affiliation="gaon university")
    ) == ["e1 e2: the same name in the same organisation"]
    assert suspected(knows("e1", name="김민수", **GAON), knows("e2", name="Min-su Kim", **GAON)) == [
        "e1 e2: names that sound alike in Korean and Latin letters, in the same organisation"
    ]
    assert suspected(knows("e1", name="김민수", **GAON), knows("e2", name="김민수")) == [
        "e1 e2: the same name, and one of them tells no organisation"
    ]


def test_namesakes_elsewhere_and_colleagues_are_not() -> None:
    assert not suspected(knows("e1", name="김민수", **GAON), knows("e2", name="김민수", affiliation="Narae Institute"))
    assert not suspected(knows("e1", name="김민수", **GAON), knows("e2", name="Jihoon Park", **GAON))
    assert not suspected(knows("e1"), knows("e2"))
    assert not suspected(knows("e1", email="n/a"), knows("e2", email="n/a"))


def test_one_person_in_two_scripts_is_suspected_where_nothing_says_that_they_are_two() -> None:
    unknown = (
        "names that sound alike in Korean and Latin letters, and nothing tells whether their organisations are one"
    )
    korean, latin = {"name": "김민수", "affiliation": "가온대학교"}, {"name": "Min-su Kim", **GAON}
    assert suspected(knows("e1", **korean), knows("e2", **latin)) == [f"e1 e2: {unknown}"]
    assert suspected(knows("e1", name="김민수"), knows("e2", name="Kim Minsu")) == [f"e1 e2: {unknown}"]
    assert not suspected(knows("e1", name="김민수", affiliation="Narae Lab"), knows("e2", **latin))
    mailed = knows("e1", **korean, email="k@gaon.ac.kr"), knows("e2", **latin, email="k@narae.ac.kr")
    assert not suspected(*mailed)
    common = [knows(f"e{at}", name=name) for at, name in enumerate(["김민수", *["Kim Minsu", "Gim Minsoo"] * 4])]
    assert not any(unknown in one for one in suspected(*common))


def test_a_startup_that_may_be_the_expert_is_shown_at_their_pair() -> None:
    startups = asks("s1", email="Minsu@gmail.com"), asks("s2", name="㈜한빛벤처"), asks("s3", name="Else")
    experts = knows("e1", email="minsu@gmail.com"), knows("v1", name="한빛벤처 주식회사", kind=Kind.INVESTOR)
    cohort = people(*experts, startups=startups)
    assert verdicts(cohort) == {("s1", "e1"): WARNED, ("s2", "v1"): WARNED}
    assert ties(cohort, Program(), TODAY)["s1", "e1"][0].reason == "s1 may be e1 (the same e-mail address)"
    assert suspicions(cohort)[0].sentence == (
        "startup s1 and expert e1 may be one (the same e-mail address); "
        "say so in aliases.csv: canonical startup:s1, alias expert:e1, same yes or no"
    )
    assert verdicts(merge(cohort, Aliases(across=((S1, E1),))))["s1", "e1"] >= FORBIDDEN
    looked = merge(cohort, Aliases(apart=frozenset({frozenset((S1, E1))})))
    assert ("s1", "e1") not in verdicts(looked)


def test_a_crowd_is_told_as_one_and_nothing_is_suspected_of_any_two() -> None:
    cohort = people(*(knows(f"e{at}", email="info@hub.example") for at in range(9)))
    assert not suspicions(cohort)
    (crowd,) = crowds(cohort)
    assert crowd.sentence.startswith("9 profiles have the same e-mail address (expert:e0, expert:e1, ")
    assert not crowds(people(*cohort.experts[:8]))
    assert len(suspicions(people(*cohort.experts[:8]))) == 8 * 7 // 2


def test_a_ban_and_a_wish_are_shown_at_who_may_be_the_same() -> None:
    experts = knows("e1", email="a@gaon.ac.kr", avoids=("s2",)), knows("e2", email="a@gaon.ac.kr")
    found = ties(people(*experts), Program(bans=(("s1", "e1"),)), TODAY)
    assert {pair: tied[0].reason for pair, tied in found.items()} == {
        ("s1", "e2"): "e2 may be e1 (the same e-mail address), for whom: a ban of the program",
        ("s2", "e2"): "e2 may be e1 (the same e-mail address), for whom: e1 does not want s2",
    }


def test_a_wish_is_shown_at_the_startup_that_may_be_the_unwanted_one() -> None:
    startups = asks("s1", name="Acme"), asks("s2", name="㈜Acme")
    found = ties(people(knows("e1", avoids=("s1",)), startups=startups), Program(), TODAY)
    assert {pair: tied[0].reason for pair, tied in found.items()} == {
        ("s2", "e1"): "s2 may be s1 (the same name), for whom: e1 does not want s1"
    }


def test_a_conflict_is_shown_over_others_that_may_be_one() -> None:
    experts = knows("e1", email="a@x.kr"), knows("e2", name="Lee", email="a@x.kr"), knows("e3", name="Lee")
    cohort = people(*experts, relations=[related("startup:s1", "family", "expert:e1")])
    assert verdicts(cohort) == {("s1", "e1"): FORBIDDEN, ("s1", "e2"): WARNED, ("s1", "e3"): WARNED}
    assert ties(cohort, Program(), TODAY)["s1", "e3"][0].reason == (
        "e3 may be e2 (the same name, and one of them tells no organisation), who may be e1 (the same e-mail address), "
        "for whom: family (s1 – e1)"
    )


def test_what_rules_out_a_professor_rules_out_the_investor_that_it_is() -> None:
    experts = knows("e1", email="a@x.kr", avoids=("s2",)), knows("v1", email="a@x.kr", kind=Kind.INVESTOR)
    relations = [related("startup:s1", "family", "expert:e1"), related("expert:v1", "same_organisation", "expert:e1")]
    startups = asks("s1"), asks("s2"), asks("s3")
    cohort = people(*experts, startups=startups, relations=relations)
    assert not suspicions(cohort)
    found = ties(cohort, Program(bans=(("s3", "v1"),)), TODAY)
    assert {pair: tied[0].verdict for pair, tied in found.items()} == dict.fromkeys(
        [("s1", "e1"), ("s1", "v1"), ("s2", "v1"), ("s3", "e1")], Verdict.FORBID
    )
    assert found["s1", "v1"][0].reason == "v1 and e1 are one, for whom: family (s1 – e1)"
    allowed = Program(relation_rules={"same_organisation": RelationRule(Verdict.ALLOW)})
    assert set(ties(cohort, allowed, TODAY)) == {("s1", "e1")}


@pytest.mark.parametrize("kind", [Kind.PROFESSOR, Kind.INVESTOR])
def test_two_professors_of_one_organisation_are_not_one_person(kind: Kind) -> None:
    experts = knows("e1", kind=kind, email="a@x.kr"), knows("e2", kind=kind, email="a@x.kr")
    relations = [related("startup:s1", "family", "expert:e1"), related("expert:e1", "같은 조직", "expert:e2")]
    cohort = people(*experts, relations=relations)
    assert verdicts(cohort) == {("s1", "e1"): FORBIDDEN, ("s1", "e2"): WARNED}, "by the address alone"
    assert len(suspicions(cohort)) == 1


def test_who_is_one_no_longer_and_who_may_be_the_other_one() -> None:
    experts = (
        knows("e1"),
        knows("v1", kind=Kind.INVESTOR, email="v@x.kr"),
        knows("v2", email="v@x.kr", kind=Kind.INVESTOR),
    )
    conflict = related("startup:s1", "family", "expert:e1")
    one = related("expert:e1", "same_organisation", "expert:v1")
    now = people(*experts, relations=[conflict, one])
    assert verdicts(now) == {("s1", "e1"): FORBIDDEN, ("s1", "v1"): FORBIDDEN, ("s1", "v2"): WARNED}
    over = people(
        *experts, relations=[conflict, related("expert:e1", "same_organisation", "expert:v1", until=years_ago(1))]
    )
    assert verdicts(over) == {("s1", "e1"): FORBIDDEN}


def test_nobody_is_suspected_over_who_only_sounds_alike() -> None:
    experts = knows("e1", name="윤정은"), knows("e2", name="Yoon Jungeun"), knows("e3", name="윤중은")
    cohort = people(*experts, relations=[related("startup:s1", "family", "expert:e1")])
    assert verdicts(cohort) == {("s1", "e1"): FORBIDDEN, ("s1", "e2"): WARNED}
    assert not suspected(knows("e1", name="김민수", **GAON), knows("e2", name="김문수", **GAON))
    assert not suspected(knows("e1", name="John Smith", **GAON), knows("e2", name="Jane Smith", **GAON))


def test_startups_under_two_spellings_are_suspected() -> None:
    cohort = people(startups=(asks("s1", name="㈜한빛 바이오"), asks("s2", name="한빛바이오 주식회사")))
    (found,) = suspicions(cohort)
    assert "startups s1 and s2 may be one (the same name)" in found.sentence
    assert "canonical startup:s1, alias startup:s2" in found.sentence


def test_a_suspected_conflict_is_shown_and_not_enforced() -> None:
    experts = knows("e1", name="김민수", **GAON), knows("e2", name="Kim Minsu", **GAON)
    cohort = people(*experts, relations=[related("startup:s1", "family", "expert:e1")])
    assert verdicts(cohort) == {("s1", "e1"): FORBIDDEN, ("s1", "e2"): WARNED}
    told = ties(cohort, Program(), TODAY)["s1", "e2"][0].reason
    assert told.startswith("e2 may be e1 (names that sound alike")
    assert told.endswith("for whom: family (s1 – e1)")


def test_a_conflict_of_a_startup_under_another_name_is_shown_too() -> None:
    startups = asks("s1", email="founder@hanbit.kr"), asks("s2", email="founder@hanbit.kr")
    cohort = people(knows("e1"), startups=startups, relations=[related("startup:s1", "family", "expert:e1")])
    assert verdicts(cohort) == {("s1", "e1"): FORBIDDEN, ("s2", "e1"): WARNED}


def test_who_was_looked_at_is_suspected_no_more() -> None:
    experts = knows("e1", email="a@gaon.ac.kr"), knows("e2", email="a@gaon.ac.kr")
    cohort = merge(people(*experts), Aliases(apart=frozenset({frozenset((E1, E2))})))
    assert not suspicions(cohort)
    assert len(cohort.experts) == 2


def test_a_confirmed_merge_joins_texts_and_conflicts_and_keeps_the_limits_of_who_stays() -> None:
    one = knows("e1", "plants", name="김민수", limits=Limits(0, 1), avoids=("s2",))
    other = knows("e2", "leaves", name="Kim Minsu", limits=Limits(0, 5), **GAON, email="a@cs.gaon.ac.kr")
    startups = asks("s1"), asks("s2"), asks("s3", name="Gaon University"), asks("s4", email="b@gaon.ac.kr")
    given = people(one, other, startups=startups, relations=[related("startup:s1", "family", "expert:e2")])
    cohort = merge(given, Aliases({E2: E1}))
    (kept,) = cohort.experts
    assert (kept.id, kept.expertise, kept.limits) == ("e1", ("plants", "leaves"), Limits(0, 1))
    assert kept.also_named == ("Kim Minsu",)
    assert kept.avoids == ("s2",)
    assert verdicts(cohort) == {("s1", "e1"): FORBIDDEN, ("s3", "e1"): FORBIDDEN, ("s4", "e1"): FORBIDDEN}


def test_the_organisations_of_both_stay_where_both_tell_one() -> None:
    experts = knows("e1", affiliation="Narae Institute"), knows("e2", **GAON)
    startups = asks("s1", name="Narae Institute"), asks("s2", name="Gaon University")
    cohort = merge(people(*experts, startups=startups), Aliases({E2: E1}))
    assert verdicts(cohort) == {("s1", "e1"): FORBIDDEN, ("s2", "e1"): FORBIDDEN}


def test_program_and_wishes_mean_the_one_that_stays() -> None:
    experts = knows("e1"), knows("e2", avoids=("startup:s2",))
    cohort = merge(people(*experts), Aliases({E2: E1, S2: S1}))
    assert cohort.experts[0].avoids == ("s1",)
    quota = Quota("q", StartupGroup(frozenset({"s2"})), ExpertGroup(frozenset({"e1", "e2"})), 0, 1)
    program = merge_program(Program(pins=(("s2", "e2"),), bans=(("s1", "e1"), ("s1", "e2")), quotas=(quota,)), cohort)
    assert program.pins == program.bans == (("s1", "e1"),)
    assert program.quotas[0].startups.ids == {"s1"}
    assert program.quotas[0].experts.ids == {"e1"}


def test_organisations_under_two_names_are_one_in_relations_affiliations_and_quotas() -> None:
    aliases = Aliases({Party(None, "가온대학교"): Party(None, "Gaon University")})
    experts = knows("e1", affiliation="㈜ 가온 대학교"), knows("e2", **GAON)
    relation = related("startup:s1", "family", "org:가온 대학교")
    cohort = merge(people(*experts, relations=[relation]), aliases)
    assert verdicts(cohort) == {("s1", "e1"): FORBIDDEN, ("s1", "e2"): FORBIDDEN}
    group = merge_program(Program(quotas=(Quota("q", StartupGroup(), ExpertGroup(affiliation="가온대학교")),)), cohort)
    assert all(group.quotas[0].experts.holds(expert) for expert in cohort.experts)


def held_by(*companies: str, id_: str = "e1") -> Expert:
    """Return an investor with a document for each of these companies."""
    return knows(id_, kind=Kind.INVESTOR, documents=tuple(Document(title=name) for name in companies))


def test_a_startup_keeps_the_name_of_the_one_that_was_merged_into_it() -> None:
    startups = asks("s1", name="Leafsight"), asks("s2", name="Onsil Labs")
    cohort = merge(people(held_by("㈜Onsil Labs"), startups=startups), Aliases({S2: S1}))
    (kept,) = cohort.startups
    assert kept.names == ("Leafsight", "Onsil Labs")
    program = Program(relation_rules={"invested_in": RelationRule(Verdict.FORBID)})
    assert set(ties(cohort, program, TODAY)) == {("s1", "e1")}


def test_another_name_of_an_organisation_is_another_name_of_the_startup() -> None:
    startups = [asks("s1", name="Leafsight")]
    aliases = Aliases({Party(None, "리프사이트"): Party(None, "Leafsight Inc.")})
    cohort = merge(people(held_by("리프사이트"), startups=startups), aliases)
    program = Program(relation_rules={"invested_in": RelationRule(Verdict.FORBID)})
    assert set(ties(cohort, program, TODAY)) == {("s1", "e1")}
    assert not list(
        co_investments(merge(people(held_by("리프사이트"), held_by("Leafsight", id_="e2"), startups=startups), aliases))
    )


def test_two_who_hold_one_company_under_two_names_invested_together() -> None:
    aliases = Aliases({Party(None, "나비"): Party(None, "Nabi Robotics")})
    given = people(held_by("㈜나비"), held_by("Nabi Robotics", id_="e2"), startups=[asks("s1")])
    assert not list(co_investments(given))
    assert len(list(co_investments(merge(given, aliases)))) == 1


def test_spellings_that_are_one_anyway_may_be_called_one() -> None:
    aliases = Aliases({Party(None, "㈜나비"): Party(None, "나비 Inc.")})
    assert merge(people(held_by("나비"), startups=[asks("s1")]), aliases).organisations == {"나비": "나비"}


def test_one_organisation_on_both_sides_is_never_paired() -> None:
    cohort = merge(people(knows("e1")), Aliases(across=((S1, E1),)))
    assert verdicts(cohort) == {("s1", "e1"): FORBIDDEN}


def test_chains_of_aliases_end_at_one_and_circles_are_refused() -> None:
    experts = knows("e1"), knows("e2"), knows("e3")
    e3 = party("expert:e3")
    assert [one.id for one in merge(people(*experts), Aliases({e3: E2, E2: E1})).experts] == ["e1"]
    with pytest.raises(BadInput, match="leads back to itself"):
        merge(people(*experts), Aliases({E1: E2, E2: E1}))


def test_a_professor_is_not_merged_with_an_investor() -> None:
    experts = knows("e1"), knows("e2", kind=Kind.INVESTOR)
    with pytest.raises(BadInput, match="expected one kind"):
        merge(people(*experts), Aliases({E2: E1}))


def test_founder_and_professor_of_one_mail_domain_are_of_one_employer() -> None:
    startups = asks("s1", email="founder@lab.gaon.ac.kr"), asks("s2", email="founder@gmail.com")
    cohort = people(knows("e1", email="prof@gaon.ac.kr"), knows("e2", email="other@gmail.com"), startups=startups)
    assert verdicts(cohort) == {("s1", "e1"): FORBIDDEN}


def paper(*authors: str, years: int = 1, title: str = "On leaves") -> Document:
    return Document(title=title, date=years_ago(years), authors=authors)


def test_documents_with_authors_make_coauthors_within_3_years() -> None:
    def by(years: int) -> dict[tuple[str, str], set[Verdict]]:
        startups = (asks("s1", documents=(paper("Ahn Bora", "Kim, Minsu", years=years),)),)
        return verdicts(people(knows("e1", name="Minsu Kim"), knows("e2", name="Jihoon Park"), startups=startups))

    assert by(1) == {("s1", "e1"): FORBIDDEN}
    assert by(4) == {}


def test_one_document_of_both_makes_them_coauthors_and_the_reason_names_it() -> None:
    document = paper("Ahn Bora", "M. Kim")
    startups = (asks("s1", documents=(document,)),)
    cohort = people(knows("e1", documents=(document,)), startups=startups)
    assert "of “On leaves”" in ties(cohort, Program(), TODAY)["s1", "e1"][0].reason


def test_one_title_of_other_authors_and_one_company_of_two_investors_make_none() -> None:
    startups = (asks("s1", documents=(paper("Ahn Bora", title="Introduction"),)),)
    assert not verdicts(people(knows("e1", documents=(paper("Oh Sol", title="Introduction"),)), startups=startups))
    startups = (asks("s1", documents=(paper(title="Leafsight"),)),)
    assert not verdicts(people(knows("e1", documents=(paper(title="Leafsight"),)), startups=startups))


def test_an_author_who_sounds_like_an_expert_in_the_other_script_is_shown() -> None:
    def found(author: str, name: str = "Min-su Kim", years: int = 1, **fields: object) -> dict[tuple[str, str], str]:
        startups = (asks("s1", documents=(paper(author, "Ahn Bora", years=years),)),)
        expert = knows("e1", name=name, **fields)  # type: ignore[arg-type]
        told = ties(people(expert, knows("e2", name="Jihoon Park"), startups=startups), Program(), TODAY)
        return {pair: tied[0].reason for pair, tied in told.items() if tied[0].verdict is Verdict.WARN}

    assert found("김민수") == {("s1", "e1"): "e1 may be 김민수, an author of “On leaves” with s1"}
    assert found("김민수 (Minsu Kim)", "김민수")
    assert not found("Minsu Kim"), "the same name forbids"
    assert not found("Gim Minsoo"), "other people in the same letters"
    assert not found("김민수", years=4)
    assert not found("김민수", also_named=("김민수",)), "confirmed, so that it forbids"
    assert not found("김민수", not_named=("김 민수",)), "looked at: another one"
    assert found("Min Su Kim", "Minsu Kim"), "the same letters"
    namesake = people(
        knows("e1", name="김민수", not_named=("김민수",)), startups=(asks("s1", documents=(paper("김민수"),)),)
    )
    assert not verdicts(namesake), "somebody said that it is another one of the same name"
    (heard,) = heard_authors(
        people(knows("e1", name="Min-su Kim"), startups=(asks("s1", documents=(paper("김민수"),)),))
    )
    assert heard.sentence.endswith("; say so in aliases.csv: canonical expert:e1, alias name:김민수, same yes or no")
    forever = Program(relation_rules={"coauthor": RelationRule(Verdict.FORBID)})
    old = people(knows("e1", name="Min-su Kim"), startups=(asks("s1", documents=(paper("김민수", years=9),)),))
    assert set(ties(old, forever, TODAY)) == {("s1", "e1")}
    assert not ties(old, Program(relation_rules={"coauthor": RelationRule(Verdict.ALLOW)}), TODAY)


def test_an_author_who_sounds_like_many_is_nobody() -> None:
    experts = [knows(f"e{at}", name="Minsu Kim") for at in range(9)]
    startups = (asks("s1", documents=(paper("김민수"),)),)
    assert not heard_authors(people(*experts, startups=startups))
    assert len(heard_authors(people(*experts[:8], startups=startups))) == 8


def test_a_name_that_is_anothers_stays_so_when_profiles_are_merged() -> None:
    aliases = Aliases({E2: E1}, not_names={E1: ("김민수",), E2: ("김문수",)})
    (kept,) = merge(people(knows("e1"), knows("e2")), aliases).experts
    assert kept.not_named == ("김민수", "김문수")


def test_each_of_two_documents_of_one_title_and_year_has_its_own_authors() -> None:
    by = [paper("Ann Park", "Bo Lee", title="Editorial"), paper("Ann Park", "Cy Choi", title="Editorial")]
    startups = (asks("s1", documents=(paper("Bo Lee", title="Editorial"),)),)
    for documents in (by, by[::-1]):
        assert verdicts(people(knows("e1", documents=tuple(documents)), startups=startups)) == {("s1", "e1"): FORBIDDEN}


def test_an_investors_deal_is_of_every_startup_of_its_name() -> None:
    startups = asks("s1", name="Acme"), asks("s2", name="㈜Acme")
    program = Program(relation_rules={"invested_in": RelationRule(Verdict.FORBID)})
    found = ties(people(held_by("Acme"), startups=startups), program, TODAY)
    assert {pair for pair, tied in found.items() if tied[0].verdict is Verdict.FORBID} == {("s1", "e1"), ("s2", "e1")}


def test_another_confirmed_spelling_of_the_name_counts_among_authors() -> None:
    startups = (asks("s1", documents=(paper("M. Kim", "Ahn Bora"),)),)
    cohort = merge(people(knows("e1", name="김민수"), startups=startups), Aliases(names={E1: ("Kim, M.",)}))
    assert verdicts(cohort) == {("s1", "e1"): FORBIDDEN}
