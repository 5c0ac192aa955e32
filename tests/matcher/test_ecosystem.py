"""Who is tied to whom: relations in force, through organisations and through chains, under the manager's rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.ecosystem import ties
from matcher.profiles import Cohort, Document, Kind, Relation
from matcher.program import SAME_EMPLOYER, Program, RelationRule, Verdict
from matcher.tie import Tie
from tests.fakes import TODAY
from tests.matcher.people import asks, knows, related, years_ago
from tests.matcher.strategies import FEW
from tests.matcher.tie_oracle import plain_ties

S1, S2, E1, E2 = "startup:s1", "startup:s2", "expert:e1", "expert:e2"
Found = dict[tuple[str, str], set[tuple[Verdict, str]]]


def found_ties(
    *relations: Relation,
    rules: dict[str, RelationRule] | None = None,
    names: Sequence[str] = ("", ""),
    affiliations: Sequence[str] = ("", ""),
    applied: dt.date | None = None,
) -> dict[tuple[str, str], tuple[Tie, ...]]:
    """Return the ties among startups s1, s2 and experts e1, e2."""
    startups = tuple(asks(f"s{at + 1}", name=name, date=applied) for at, name in enumerate(names))
    experts = tuple(knows(f"e{at + 1}", affiliation=name) for at, name in enumerate(affiliations))
    cohort = Cohort(startups, experts, relations)
    return dict(ties(cohort, Program(relation_rules=rules or {}), TODAY))


def verdicts(*args: Relation, **kwargs: object) -> dict[tuple[str, str], set[Verdict]]:
    return {pair: {tie.verdict for tie in found} for pair, found in found_ties(*args, **kwargs).items()}  # type: ignore[arg-type]


FORBIDDEN = {("s1", "e1"): {Verdict.FORBID}}
WARNED = {("s1", "e1"): {Verdict.WARN}}


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        ("family", FORBIDDEN),
        ("competitor", FORBIDDEN),
        ("declined", FORBIDDEN),
        ("coauthor", FORBIDDEN),
        ("Co-Author", FORBIDDEN),
        ("employer", FORBIDDEN),
        ("works at", FORBIDDEN),
        ("colleague", WARNED),
        ("advisor", WARNED),
        ("went to school with", WARNED),
        ("invested_in", {}),
    ],
)
def test_each_type_has_its_default_and_an_unknown_one_warns(type_: str, expected: object) -> None:
    assert verdicts(related(S1, type_, E1)) == expected
    assert verdicts(related(E1, type_, S1)) == expected


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        pytest.param(years_ago(2), FORBIDDEN, id="2 years ago"),
        pytest.param(years_ago(3), FORBIDDEN, id="exactly 3 years ago"),
        pytest.param(years_ago(3, days=1), {}, id="3 years and a day ago"),
        pytest.param(years_ago(4), {}, id="4 years ago"),
        pytest.param(None, FORBIDDEN, id="undated"),
    ],
)
def test_a_coauthor_within_3_years_is_forbidden(since: dt.date | None, expected: object) -> None:
    assert verdicts(related(S1, "coauthor", E1, since)) == expected


def test_the_years_run_from_the_last_day_of_the_relation() -> None:
    assert verdicts(related(S1, "coauthor", E1, years_ago(10), until=years_ago(2))) == FORBIDDEN
    assert verdicts(related(S1, "coauthor", E1, years_ago(10), until=years_ago(4))) == {}


def test_relations_are_judged_on_the_day_the_startup_applied() -> None:
    paper = related(S1, "coauthor", E1, years_ago(4))
    assert verdicts(paper, applied=years_ago(2)) == FORBIDDEN
    assert verdicts(paper, applied=TODAY) == {}


@pytest.mark.parametrize("type_", ["declined", "family", "competitor"])
def test_what_has_no_years_never_expires(type_: str) -> None:
    assert verdicts(related(S1, type_, E1, years_ago(30))) == FORBIDDEN


@pytest.mark.parametrize("type_", ["family", "competitor", "employer", "colleague"])
def test_a_relation_is_over_the_day_after_its_until(type_: str) -> None:
    assert verdicts(related(S1, type_, E1, until=TODAY - dt.timedelta(days=1))) == {}
    assert verdicts(related(S1, type_, E1, until=TODAY)) != {}


def test_the_program_allows_forbids_and_dates_as_it_likes() -> None:
    paper = related(S1, "coauthor", E1, years_ago(4))
    forever = {"coauthor": RelationRule(Verdict.FORBID)}
    assert verdicts(paper, rules=forever) == FORBIDDEN
    assert verdicts(paper, rules={"coauthor": RelationRule(Verdict.FORBID, years=5)}) == FORBIDDEN
    assert verdicts(related(S1, "coauthor", E1), rules={"coauthor": RelationRule(Verdict.ALLOW)}) == {}
    assert verdicts(related(E1, "invested_in", S1), rules={"invested_in": RelationRule(Verdict.FORBID)}) == FORBIDDEN
    assert verdicts(related(E1, "met once", S1), rules={"met_once": RelationRule(Verdict.FORBID)}) == FORBIDDEN


def test_the_reason_names_both_ends_the_type_and_the_dates() -> None:
    (tie,) = found_ties(related(S1, "coauthor", E1, years_ago(2)))["s1", "e1"]
    assert tie.reason == f"coauthor (s1 – e1, since {years_ago(2)})"


def test_the_same_id_on_both_sides_is_one_organisation() -> None:
    found = ties(Cohort((asks("x"),), (knows("x"), knows("y"))), Program(), TODAY)
    assert set(found) == {("x", "x")}
    assert found["x", "x"][0].verdict is Verdict.FORBID


# --- organisations ---------------------------------------------------------------------------------------------


def test_a_relation_with_an_organisation_holds_for_everybody_affiliated() -> None:
    rival = related(S1, "competitor", "org:㈜한빛")
    found = found_ties(rival, affiliations=("한빛 주식회사", "(주)한빛"))
    assert set(found) == {("s1", "e1"), ("s1", "e2")}
    assert "㈜한빛" in found["s1", "e1"][0].reason
    assert "ties s1 to e1" in found["s1", "e1"][0].reason


def test_a_relation_with_an_organisation_spares_those_of_another() -> None:
    assert set(found_ties(related(S1, "competitor", "org:한빛"), affiliations=("한빛", "한빛바이오"))) == {("s1", "e1")}


def test_a_relation_of_an_organisation_with_an_expert_holds_for_the_startup_of_that_name() -> None:
    assert set(found_ties(related("org:Acme Inc", "competitor", E1), names=("ACME, Inc.", "Other"))) == {("s1", "e1")}


def test_two_experts_of_one_organisation_do_not_share_personal_relations() -> None:
    found = found_ties(related(S1, "coauthor", E1), affiliations=("KAIST", "KAIST"))
    assert set(found) == {("s1", "e1")}


@pytest.mark.parametrize("steps", [1, 2])
def test_nor_do_they_through_chains_of_two(steps: int) -> None:
    rules = {"coauthor": RelationRule(Verdict.FORBID, steps=steps)}
    assert set(found_ties(related(S1, "coauthor", E1), rules=rules, affiliations=("KAIST", "KAIST"))) == {("s1", "e1")}


def test_the_same_employer_is_forbidden_by_affiliation_and_name() -> None:
    found = found_ties(names=("㈜한빛", ""), affiliations=("한빛 주식회사", "KAIST"))
    assert {pair: [tie.type for tie in tied] for pair, tied in found.items()} == {("s1", "e1"): [SAME_EMPLOYER]}
    assert found["s1", "e1"][0].reason == "s1 and e1 both belong to 한빛 주식회사"


@pytest.mark.parametrize("type_", ["employer", "employee", "works at"])
def test_the_same_employer_is_forbidden_by_relation(type_: str) -> None:
    assert verdicts(related(S1, type_, "org:KAIST"), affiliations=("KAIST", "POSTECH")) == FORBIDDEN
    assert verdicts(related(E1, type_, "org:Acme"), names=("Acme Inc", "")) == FORBIDDEN
    assert verdicts(related(E1, type_, "org:Acme"), related("org:Acme", type_, S1)) == FORBIDDEN


def test_an_employment_that_ended_forbids_no_more() -> None:
    left = related(E1, "employer", "org:Acme", until=years_ago(1))
    assert verdicts(left, names=("Acme", "")) == {}


def test_a_second_employment_counts_whatever_order_the_relations_stand_in() -> None:
    left = related(E1, "employer", "org:Acme", until=years_ago(5))
    back = related(E1, "employer", "org:Acme", since=years_ago(1))
    assert verdicts(left, back, names=("Acme", "")) == FORBIDDEN
    assert verdicts(back, left, names=("Acme", "")) == FORBIDDEN


def test_who_left_an_organisation_no_longer_bears_its_relations() -> None:
    left = related(E1, "employer", "org:Acme", until=years_ago(5))
    assert verdicts(left, related(S1, "competitor", "org:Acme")) == {}


def test_the_program_may_allow_the_same_employer() -> None:
    allowed = {SAME_EMPLOYER: RelationRule(Verdict.ALLOW)}
    assert verdicts(rules=allowed, names=("KAIST", ""), affiliations=("KAIST", "")) == {}


# --- chains ----------------------------------------------------------------------------------------------------

TWO_STEPS = {type_: RelationRule(Verdict.FORBID, steps=2) for type_ in ("competitor", "coauthor")}


def test_an_investor_that_holds_a_direct_competitor_is_forbidden_at_two_steps_only() -> None:
    holding = [related(E1, "invested_in", S2), related(S1, "competitor", S2)]
    assert verdicts(*holding) == WARNED
    found = found_ties(*holding, rules=TWO_STEPS)
    assert set(found) == {("s1", "e1")}
    assert "s1 – s2" in found["s1", "e1"][0].reason


@pytest.mark.parametrize(
    ("rival", "holding"),
    [(S2, "org:Beta"), ("org:Beta", S2), (S2, S2), ("org:Beta", "org:beta inc")],
)
def test_a_startup_is_the_organisation_of_its_name_in_every_link(rival: str, holding: str) -> None:
    links = related(S1, "competitor", rival), related(E1, "invested_in", holding)
    assert verdicts(*links, names=("Alpha", "Beta Inc.")) == WARNED
    assert verdicts(*links, names=("Alpha", "Beta Inc."), rules=TWO_STEPS) == FORBIDDEN


def test_a_chain_runs_over_the_organisation_that_a_startup_is() -> None:
    links = related("org:Acme Inc", "advisor", E2), related(E2, "coauthor", E1)
    assert ("s1", "e1") not in found_ties(*links, names=("Acme", ""))
    assert ("s1", "e1") in found_ties(*links, names=("Acme", ""), rules=TWO_STEPS)
    assert ("s2", "e1") not in found_ties(*links, names=("Acme", ""), rules=TWO_STEPS)


def test_who_works_at_a_startup_bears_its_relations() -> None:
    assert verdicts(related(S1, "competitor", S2), names=("", "Beta"), affiliations=("Beta", "")) == {
        ("s1", "e1"): {Verdict.FORBID},
        ("s2", "e1"): {Verdict.FORBID},  # its own employer
    }


def test_startups_of_one_name_do_not_bear_each_others_relations() -> None:
    found = found_ties(related(S1, "competitor", E1), names=("Acme", "㈜Acme"), rules=TWO_STEPS)
    assert {pair: {tie.type for tie in tied} for pair, tied in found.items()} == {
        ("s1", "e1"): {"competitor"},
        ("s2", "e1"): {"suspected"},
    }


def test_that_two_do_not_compete_links_nobody() -> None:
    links = related(S1, "competitor", S2), related(S2, "not_competitor", E1)
    assert verdicts(*links, rules=TWO_STEPS) == {}


def test_investors_that_backed_one_company_are_tied_where_the_program_says_what_that_means() -> None:
    experts = tuple(knows(id_, kind=Kind.INVESTOR, documents=(Document("Hanul"),)) for id_ in ("e1", "e2"))
    cohort = Cohort((asks("s1"),), experts, (related(E1, "invested_in", S1),))
    forbids = Program(relation_rules={"co_invested": RelationRule(Verdict.FORBID, steps=2)})
    assert set(ties(cohort, forbids, TODAY)) == {("s1", "e2")}
    assert not ties(cohort, Program(), TODAY)


def test_a_coauthor_of_a_founder_is_forbidden_at_two_steps_only() -> None:
    founded = [related("expert:e2", "founder", S1), related(E1, "coauthor", E2)]
    assert ("s1", "e1") not in found_ties(*founded)
    assert Verdict.FORBID in verdicts(*founded, rules=TWO_STEPS)["s1", "e1"]


def test_three_steps_are_one_too_many_for_two() -> None:
    far = [related(E1, "invested_in", "org:Fund"), related("org:Fund", "invested_in", S2)]
    assert ("s1", "e1") not in found_ties(*far, related(S1, "competitor", S2), rules=TWO_STEPS)


def test_a_chain_with_an_ended_link_ties_nobody() -> None:
    sold = related(E1, "invested_in", S2, until=years_ago(5))
    assert verdicts(sold, related(S1, "competitor", S2), rules=TWO_STEPS) == {}
    assert verdicts(sold, related(S1, "competitor", S2)) == {}


def test_relations_between_strangers_to_the_cohort_tie_nobody() -> None:
    assert found_ties(related("org:A", "competitor", "org:B"), related("org:B", "family", E1)) == {}


RELATIONS = st.lists(
    st.builds(
        related,
        st.sampled_from([S1, S2, "org:KAIST"]),
        st.sampled_from(["coauthor", "competitor", "employer", "advisor", "declined"]),
        st.sampled_from([E1, E2, "org:Acme"]),
        st.sampled_from([None, years_ago(1), years_ago(9)]),
        st.sampled_from([None, years_ago(0), years_ago(5)]),
    ).filter(lambda relation: not (relation.since and relation.until and relation.until < relation.since)),
    max_size=5,
)


@FEW
@given(RELATIONS, st.randoms(use_true_random=False), st.integers(1, 2))
def test_the_order_and_the_direction_of_relations_change_nothing(relations: list[Relation], luck, steps: int) -> None:  # type: ignore[no-untyped-def]
    rules = {type_: RelationRule(Verdict.FORBID, steps=steps) for type_ in ("competitor", "declined")}
    around = [Relation(one.target, one.source, one.type, one.since, one.until) for one in relations]
    luck.shuffle(around)
    setting = {"rules": rules, "names": ("Acme", ""), "affiliations": ("KAIST", "")}
    assert verdicts(*relations, **setting) == verdicts(*around, **setting)


def test_both_kinds_of_experts_share_one_graph() -> None:
    cohort = Cohort(
        (asks("s1"),),
        (knows("p", affiliation="KAIST"), knows("v", kind=Kind.INVESTOR, affiliation="KAIST")),
        (related(S1, "competitor", "org:KAIST"),),
    )
    assert set(ties(cohort, Program(), TODAY)) == {("s1", "p"), ("s1", "v")}


ANYBODY = [S1, S2, E1, E2, "org:KAIST", "org:Acme", "org:Fund", "expert:e3", "startup:s3"]
WEBS = st.lists(
    st.builds(
        related,
        st.sampled_from(ANYBODY),
        st.sampled_from(["coauthor", "competitor", "employer", "invested_in", "advisor", "met once", "not_competitor"]),
        st.sampled_from(ANYBODY),
        st.sampled_from([None, years_ago(1), years_ago(3), years_ago(9)]),
        st.sampled_from([None, None, years_ago(0), years_ago(2)]),
    ).filter(lambda one: one.source != one.target and not (one.since and one.until and one.until < one.since)),
    max_size=12,
)
DAYS = st.sampled_from([None, years_ago(0, days=1), years_ago(1), years_ago(2), years_ago(4)])
RULES = st.builds(RelationRule, st.sampled_from(Verdict), st.sampled_from([None, 0, 2, 5]), st.integers(1, 4))


@FEW
@given(
    WEBS,
    st.tuples(DAYS, DAYS, DAYS),
    st.dictionaries(st.sampled_from(["competitor", "coauthor", "advisor"]), RULES),
    st.permutations(["", "", "Acme", "KAIST", "Fund Inc."]),
)
def test_following_every_relation_on_a_graph_of_the_day_finds_the_same(
    relations: list[Relation],
    days: tuple[dt.date | None, ...],
    rules: dict[str, RelationRule],
    names: list[str],
) -> None:
    startups = tuple(
        asks(f"s{at}", name=name, date=day) for at, (name, day) in enumerate(zip(names, days, strict=False), 1)
    )
    experts = knows("e1", affiliation="KAIST"), knows("e2"), knows("e3", email="me@acme.example")
    cohort, program = Cohort(startups, experts, tuple(relations)), Program(relation_rules=rules)
    found = {(*pair, tie.verdict, tie.type) for pair, tied in ties(cohort, program, TODAY).items() for tie in tied}
    assert found == plain_ties(cohort, program, TODAY)
