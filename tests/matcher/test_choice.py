"""From scored pairs to an assignment: pins, minimums that candidates cannot meet, and what is left unmet."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from matcher.assignment.result import Status
from matcher.choice import choose
from matcher.engine import Engine
from matcher.errors import Infeasible
from matcher.outcome import Outcome
from matcher.profiles import Cohort, Kind, Limits
from matcher.program import ExpertGroup, Program, Quota, StartupGroup
from matcher.retrieval import RetrievalParameters
from matcher.scored_pairs import score_kinds
from tests.fakes import fake_engine
from tests.matcher.people import asks, knows, related
from tests.matcher.strategies import MANY, cohorts, programs

NO_WISHES = Program()
NEEDED = {kind: Limits(1, 1) for kind in Kind}
ONE = Limits(0, 1)


def chosen(
    cohort: Cohort, program: Program = NO_WISHES, engine: Engine | None = None, best_effort: bool = False
) -> Outcome:
    (pairs,) = score_kinds(cohort, program, engine or fake_engine(), [Kind.PROFESSOR])
    return choose(pairs, program, best_effort)


def named(outcome: Outcome) -> set[tuple[str, str]]:
    return {(outcome.startups[row].id, outcome.experts[column].id) for row, column in outcome.assignment.pairs}


def narrow() -> Engine:
    """Return an engine that proposes one expert a startup."""
    return replace(fake_engine(), retrieval=RetrievalParameters(experts=1))


RIVALS = Cohort(
    (asks("s1", "robot arm", limits=NEEDED), asks("s2", "robot arm control", limits=NEEDED)),
    (knows("e1", "robot arm", limits=ONE), knows("e2", "tax law", limits=ONE)),
)


def test_all_pairs_are_tried_where_the_candidates_cannot_meet_a_startups_minimum() -> None:
    outcome = chosen(RIVALS, engine=narrow())
    assert named(outcome) == {("s1", "e1"), ("s2", "e2")}
    assert outcome.assignment.status is Status.OPTIMAL


def test_all_pairs_are_tried_where_the_candidates_cannot_meet_an_experts_minimum() -> None:
    cohort = Cohort(
        (asks("s1", "robot arm"),),
        (knows("e1", "robot arm"), knows("e2", "tax law", limits=Limits(1, 1))),
    )
    assert named(chosen(cohort, engine=narrow())) == {("s1", "e2")}


@MANY
@given(cohorts(), st.data())
def test_what_was_no_candidate_is_matched_all_the_same_where_that_is_better(
    cohort: Cohort, data: st.DataObject
) -> None:
    """The proof is over all eligible pairs, however few are proposed."""
    program = data.draw(programs(cohort))
    seeking = [startup for startup in cohort.startups if startup.seeks_kind(Kind.PROFESSOR)]
    assume(seeking and cohort.experts_of(Kind.PROFESSOR))
    few, every = chosen(cohort, program, narrow()), chosen(cohort, program)
    event("priced" if few.priced else "scored")
    assert few.assignment.status is Status.OPTIMAL
    assert few.assignment.total == pytest.approx(every.assignment.total, abs=1e-9)


def test_a_pair_that_was_no_candidate_joins_where_it_improves_the_whole() -> None:
    # Both are proposed e1 alone; s2 has the next best use for e2.
    one = Cohort(
        (asks("s1", "robot arm"), asks("s2", "robot arm control")),
        (knows("e1", "robot arm", limits=ONE), knows("e2", "robot", limits=ONE)),
    )
    outcome = chosen(one, engine=narrow())
    assert len(named(outcome)) == 2
    assert outcome.priced == 2


def test_a_pair_that_was_no_candidate_joins_however_little_it_improves_the_whole() -> None:
    # "the" is all that e2 shares with what they need.
    one = Cohort(
        (asks("s1", "the robot arm"), asks("s2", "the robot arm control")),
        (knows("e1", "the robot arm", limits=ONE), knows("e2", "the law of trade marks and of patents", limits=ONE)),
    )
    few, every = chosen(one, engine=narrow()), chosen(one)
    scores = [score for of_row in every.scores for score in of_row.score if score > 0]
    assert few.priced == 2
    assert min(scores) < 0.1
    assert few.assignment.total == every.assignment.total
    assert len(named(few)) == 2


def test_the_wider_search_is_no_way_around_the_minimum_score() -> None:
    with pytest.raises(Infeasible, match=r"s1|s2"):
        chosen(RIVALS, Program(min_score=0.5), narrow())


def test_best_effort_tries_all_pairs_before_it_gives_up_a_minimum() -> None:
    outcome = chosen(RIVALS, engine=narrow(), best_effort=True)
    assert outcome.assignment.status is Status.OPTIMAL
    assert len(outcome.assignment.pairs) == 2


def test_infeasible_names_who_and_what_is_missing() -> None:
    cohort = Cohort(RIVALS.startups, RIVALS.experts[:1])
    with pytest.raises(Infeasible, match=r"2 startups \(s1, s2\) need 2 pairs, only 1 place is open to them: e1 \(1\)"):
        chosen(cohort)


# Three ask for two places; every other expert is ruled out by something else.
CROWD = Cohort(
    tuple(asks(f"s{at}", "robot arm", limits=NEEDED, region="Seoul") for at in (1, 2, 3)),
    (
        knows("e1", "robot", limits=ONE),
        knows("e2", "arm", limits=ONE),
        knows("e3", "robot", regions=("Busan",)),
        knows("e4", "arm"),
        knows("e5", "tax law", limits=ONE),
        knows("e6"),
    ),
    tuple(related(f"startup:s{at}", "family", "expert:e4") for at in (1, 2, 3)),
)


@pytest.mark.parametrize("engine", [fake_engine(), narrow()], ids=["all proposed", "one proposed"])
def test_infeasible_counts_what_rules_pairs_out_each_by_its_name(engine: Engine) -> None:
    with pytest.raises(Infeasible) as raised:
        chosen(CROWD, Program(min_score=0.3), engine)
    assert str(raised.value) == (
        "3 startups (s1, s2, s3) need 3 pairs, only 2 places are open to them: e1 (1), e2 (1); "
        "3 of their pairs are ruled out by conflicts, 3 by region, 3 by the minimum score, 3 by an unknown score"
    )


def test_infeasible_counts_a_pair_once_and_the_most_frequent_reason_first() -> None:
    cohort = replace(CROWD, experts=CROWD.experts[:4], relations=CROWD.relations[:1])
    bans = tuple((f"s{at}", "e4") for at in (1, 2, 3))
    with pytest.raises(Infeasible) as raised:
        chosen(cohort, Program(bans=bans))
    assert str(raised.value).endswith("; 3 of their pairs are ruled out by region, 2 by bans, 1 by conflicts")


def test_best_effort_serves_the_better_pair_and_owns_up_to_the_other() -> None:
    outcome = chosen(Cohort(RIVALS.startups, RIVALS.experts[:1]), best_effort=True)
    assert named(outcome) == {("s1", "e1")}
    assert outcome.assignment.status is Status.BEST_EFFORT
    assert [(one.what, one.at, one.needed, one.given) for one in outcome.assignment.unmet] == [("startup", 1, 1, 0)]


FREE = Cohort(
    (asks("s1", "robot arm", stage="seed"), asks("s2", "tax law")),
    (knows("e1", "robot arm", limits=ONE), knows("e2", "tax law", stages=("Series B",), limits=ONE)),
)


def test_a_pin_is_made_though_another_pair_is_better() -> None:
    outcome = chosen(FREE, Program(pins=(("s2", "e1"),)))
    assert ("s2", "e1") in named(outcome)


@pytest.mark.parametrize(
    ("program", "relations", "reason"),
    [
        (Program(pins=(("s1", "e2"),)), (), "stage: seed is not among Series B"),
        (Program(pins=(("s1", "e1"),), bans=(("s1", "e1"),)), (), "ban: the program forbids this pair"),
        (Program(pins=(("s1", "e1"),)), (related("startup:s1", "family", "expert:e1"),), "conflict: family"),
        (Program(pins=(("s2", "e1"),), min_score=0.9), (), "min_score: the pair scores below 0.9"),
    ],
)
def test_a_pin_lifts_no_rule_and_the_rule_is_named(program: Program, relations: tuple, reason: str) -> None:  # type: ignore[type-arg]
    ((startup, expert),) = program.pins
    with pytest.raises(Infeasible, match=f"pin {startup} with {expert}: {reason}"):
        chosen(replace(FREE, relations=relations), program)


def test_a_pin_of_a_startup_that_does_not_seek_the_kind_is_named() -> None:
    cohort = Cohort((asks("s1", "robot", seeks=(Kind.INVESTOR,)), asks("s2", "robot")), (knows("e1", "robot"),))
    with pytest.raises(Infeasible, match="pin s1 with e1: s1 does not seek a professor"):
        chosen(cohort, Program(pins=(("s1", "e1"),)))


def test_pins_beyond_a_maximum_are_infeasible_and_named() -> None:
    pins = (("s1", "e1"), ("s2", "e1"))
    with pytest.raises(Infeasible, match=r"2 pins \(s1 with e1, s2 with e1\) need 2 places"):
        chosen(FREE, Program(pins=pins))


def test_best_effort_leaves_a_pin_that_is_ruled_out_unmet_and_matches_the_rest() -> None:
    outcome = chosen(FREE, Program(pins=(("s1", "e2"),)), best_effort=True)
    assert named(outcome) == {("s1", "e1"), ("s2", "e2")}
    assert [(one.what, one.at) for one in outcome.assignment.unmet] == [("pin", 0)]


def test_a_pair_of_unknown_score_is_made_where_it_is_pinned_and_never_else() -> None:
    silent = Cohort((asks("s1", "robot"),), (knows("e1"),))
    assert named(chosen(silent)) == set()
    assert named(chosen(silent, Program(pins=(("s1", "e1"),)))) == {("s1", "e1")}


def test_a_quota_holds_across_the_cohort() -> None:
    cohort = Cohort(
        (asks("s1", "robot"), asks("s2", "robot")),
        (knows("e1", "robot", affiliation="KAIST"), knows("e2", "robot ship", affiliation="POSTECH")),
    )
    quota = Quota("one from KAIST", StartupGroup(), ExpertGroup(affiliation="Kaist"), 0, 1)
    outcome = chosen(cohort, Program(quotas=(quota,)))
    assert sorted(expert for _, expert in named(outcome)) == ["e1", "e2"]


def test_a_quota_that_cannot_be_met_is_named() -> None:
    quota = Quota("two of e2", StartupGroup(), ExpertGroup(frozenset({"e2"})), 2)
    with pytest.raises(Infeasible, match=r"quota 'two of e2' .* needs 2 pairs, only 1 pair is open to it"):
        chosen(FREE, Program(quotas=(quota,)))


def test_a_quota_over_the_other_kind_leaves_this_one_alone() -> None:
    cohort = replace(FREE, experts=(*FREE.experts, knows("v1", "robot arm", kind=Kind.INVESTOR)))
    quota = Quota("investors", StartupGroup(), ExpertGroup(kind=Kind.INVESTOR), 1, 1)
    assert named(chosen(cohort, Program(quotas=(quota,)))) == {("s1", "e1"), ("s2", "e2")}
