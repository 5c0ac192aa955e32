"""The whole path, with an encoder for which texts are alike by the words they share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.ecosystem import ties
from matcher.engine import Stage
from matcher.errors import Infeasible
from matcher.pipeline import Explained, match
from matcher.profiles import Cohort, Kind, Limits
from matcher.program import Objective, Program, Verdict
from tests.fakes import TODAY, fake_engine
from tests.matcher.people import asks, knows, pairs_of, wrote
from tests.matcher.strategies import FEW, cohorts, programs

# How alike the texts are, by the words they share over the root of the product of their lengths:
#
#                          e1 유방암 ultrasound    e2 유방암    e3 LLM 법률 문서
#     s1 유방암 ultrasound  1                       1/√2         0
#     s2 ultrasound         1/√2                    0            0
#     s3 LLM 법률 문서      0                       0            1
#
# Both s1 and s2 would rather have e1. Left to s2 it makes .71 + .71 + 1; left to s1 only 1 + 0 + 1.
ONE = Limits(0, 1)
BY_HAND = Cohort(
    (asks("s1", "유방암 ultrasound"), asks("s2", "ultrasound"), asks("s3", "LLM 법률 문서")),
    (
        knows("e1", "유방암 ultrasound", limits=ONE),
        knows("e2", documents=wrote("유방암"), limits=ONE),
        knows("e3", "LLM 법률 문서", limits=ONE),
    ),
)


def matched(cohort: Cohort, program: Program, best_effort: bool = False) -> tuple[Explained, ...]:
    return match(cohort, program, fake_engine(), best_effort=best_effort)


def all_pairs(results: tuple[Explained, ...]) -> set[tuple[str, str]]:
    return set().union(*(pairs_of(result) for result in results))


def test_a_cohort_in_korean_english_and_both_is_matched_as_on_paper() -> None:
    (result,) = matched(BY_HAND, Program())
    assert pairs_of(result) == {("s1", "e2"), ("s2", "e1"), ("s3", "e3")}
    scores = {made.startup: made.score for made in result.matches}
    assert scores["s3"] == pytest.approx(1.0)
    assert result.unmatched == ()


@pytest.mark.parametrize("objective", Objective)
def test_a_pin_or_a_ban_moves_the_others_to_their_best(objective: Objective) -> None:
    pinned = Program(pins=(("s1", "e1"),), bans=(("s3", "e3"),), objective=objective)
    (result,) = matched(BY_HAND, pinned)
    assert ("s1", "e1") in pairs_of(result)
    assert ("s3", "e3") not in pairs_of(result)


def test_pairs_below_the_minimum_score_are_left_unmatched() -> None:
    (result,) = matched(BY_HAND, Program(min_score=0.9))
    assert pairs_of(result) == {("s1", "e1"), ("s3", "e3")}
    assert {one.id for one in result.unmatched} == {"s2", "e2"}


def test_both_kinds_are_matched_in_one_call_each_under_its_own_limits() -> None:
    cohort = Cohort(
        (asks("s1", "robot arm", summary="robot"), asks("s2", "tax law", seeks=(Kind.PROFESSOR,))),
        (
            knows("p1", "robot arm"),
            knows("v1", "robot", kind=Kind.INVESTOR),
            knows("v2", "tax law", kind=Kind.INVESTOR),
        ),
    )
    professors, investors = matched(cohort, Program())
    assert (professors.outcome.kind, investors.outcome.kind) == (Kind.PROFESSOR, Kind.INVESTOR)
    assert pairs_of(professors) == {("s1", "p1"), ("s2", "p1")}
    assert pairs_of(investors) == {("s1", "v1")}
    (only,) = match(cohort, Program(), fake_engine(), kinds=[Kind.INVESTOR])
    assert pairs_of(only) == {("s1", "v1")}


def test_a_kind_that_is_sought_and_absent_is_told_and_no_crash() -> None:
    cohort = Cohort((asks("s1", "robot", seeks=(Kind.INVESTOR,)),), (knows("e1", "robot"),))
    results = {result.outcome.kind: result for result in matched(cohort, Program())}
    assert results[Kind.INVESTOR].matches == ()
    assert [one.reason for one in results[Kind.INVESTOR].unmatched] == ["the cohort has no investor"]
    assert [one.reason for one in results[Kind.PROFESSOR].unmatched] == ["no startup seeks a professor"]


@pytest.mark.parametrize("objective", Objective)
def test_a_cohort_in_which_no_pair_is_eligible_gets_no_match_and_reasons(objective: Objective) -> None:
    cohort = Cohort((asks("s1", "robot", stage="seed"),), (knows("e1", "robot", stages=("Series B",)),))
    (result,) = matched(cohort, Program(objective=objective))
    assert result.matches == ()
    assert {one.id for one in result.unmatched} == {"s1", "e1"}


def test_an_empty_cohort_has_no_kind_to_match() -> None:
    assert matched(Cohort((), ()), Program()) == ()


def test_an_expert_without_documents_and_a_startup_without_texts_are_matched_by_their_fields() -> None:
    cohort = Cohort(
        (asks("s1", sectors=("로봇",)), asks("s2", "tax law")),
        (knows("e1", sectors=("robotics",), limits=ONE), knows("e2", "tax law", limits=ONE)),
    )
    (result,) = matched(cohort, Program())
    assert pairs_of(result) == {("s1", "e1"), ("s2", "e2")}


def test_priority_decides_who_is_left_out_and_changes_no_score() -> None:
    cohort = Cohort((asks("s1", "robot arm"), asks("s2", "robot ship")), (knows("e1", "robot arm", limits=ONE),))
    prior = replace(cohort, startups=(cohort.startups[0], replace(cohort.startups[1], priority=9.0)))
    (plain,), (raised,) = matched(cohort, Program()), matched(prior, Program())
    assert (pairs_of(plain), pairs_of(raised)) == ({("s1", "e1")}, {("s2", "e1")})
    assert raised.matches[0].score is not None
    assert raised.matches[0].score < 1


def test_infeasible_names_who_is_short_and_best_effort_matches_the_rest() -> None:
    needed = {Kind.PROFESSOR: Limits(1, 1)}
    cohort = Cohort(
        (asks("s1", "robot", limits=needed), asks("s2", "tax", limits=needed)), (knows("e1", "tax", limits=ONE),)
    )
    with pytest.raises(Infeasible, match=r"2 startups \(s1, s2\) need 2 pairs"):
        matched(cohort, Program())
    (result,) = matched(cohort, Program(), best_effort=True)
    assert pairs_of(result) == {("s2", "e1")}
    assert [one.at for one in result.outcome.assignment.unmet] == [0]


def test_every_stage_is_watched_once_a_kind_in_order() -> None:
    seen = []

    @contextmanager
    def watch(stage: Stage) -> Iterator[None]:
        seen.append(stage)
        yield

    match(BY_HAND, Program(), replace(fake_engine(), watch=watch))
    assert seen == list(Stage)


# --- what holds for any cohort ---------------------------------------------------------------------------------


def check_limits(cohort: Cohort, result: Explained) -> None:
    kind = result.outcome.kind
    loads = Counter(side for pair in pairs_of(result) for side in pair)
    assert len(pairs_of(result)) == len(result.matches)
    for startup in cohort.startups:
        limits = startup.limits_for(kind)
        seeks = startup.seeks_kind(kind)
        assert limits.least * seeks <= loads[startup.id] <= limits.most * seeks
    for expert in cohort.experts_of(kind):
        assert expert.limits.least <= loads[expert.id] <= expert.limits.most


@FEW
@given(cohorts(minimums=True), st.data())
def test_limits_pins_and_bans_hold_or_the_answer_is_infeasible(cohort: Cohort, data: st.DataObject) -> None:
    program = data.draw(programs(cohort, pins=True))
    try:
        results = matched(cohort, program)
    except Infeasible:
        return
    for result in results:
        check_limits(cohort, result)
    assert set(program.pins) <= all_pairs(results)
    assert not set(program.bans) & all_pairs(results)


@FEW
@given(cohorts(minimums=True), st.data())
def test_best_effort_always_answers_and_breaks_no_maximum(cohort: Cohort, data: st.DataObject) -> None:
    drawn = data.draw(programs(cohort, pins=True))
    # A pin of a kind that its startup does not seek is refused rather than dropped; see test_choice.
    kinds = {one.id: one.kind for one in cohort.experts}
    seeking = {one.id: one for one in cohort.startups}
    program = replace(drawn, pins=tuple(pin for pin in drawn.pins if seeking[pin[0]].seeks_kind(kinds[pin[1]])))
    for result in matched(cohort, program, best_effort=True):
        loads = Counter(side for pair in pairs_of(result) for side in pair)
        assert all(loads[one.id] <= one.limits_for(result.outcome.kind).most for one in cohort.startups)
        assert all(loads[one.id] <= one.limits.most for one in cohort.experts)


def told_pairs(result: Explained) -> Iterator[tuple[str, str]]:
    """Yield every pair that an output of the run speaks for: made, proposed instead, offered data, waited for."""
    for made in result.matches:
        yield made.startup, made.expert
        if made.alternative:
            yield made.startup, made.alternative.expert
    for offer in result.offers:
        yield from ((offer.startup, taker.expert) for taker in offer.takers)
    for one in result.unmatched:
        yield from ((one.id, expert) for expert in re.findall(r"best would be (\S+)", one.reason))


@FEW
@given(cohorts(), st.data())
def test_a_forbidden_pair_shows_up_nowhere(cohort: Cohort, data: st.DataObject) -> None:
    program = data.draw(programs(cohort))
    tied = ties(cohort, program, TODAY)
    forbidden = {pair for pair, found in tied.items() if any(tie.verdict is Verdict.FORBID for tie in found)}
    forbidden |= set(program.bans)
    for result in matched(cohort, program):
        told = set(told_pairs(result))
        assert not told & forbidden
        rows = {startup.id: row for row, startup in enumerate(result.outcome.startups)}
        columns = {expert.id: column for column, expert in enumerate(result.outcome.experts)}
        assert all(result.outcome.eligibility.eligible[rows[s], columns[e]] for s, e in told)


@FEW
@given(cohorts(), st.data())
def test_everybody_is_either_matched_or_told_why_not(cohort: Cohort, data: st.DataObject) -> None:
    for result in matched(cohort, data.draw(programs(cohort))):
        kind = result.outcome.kind
        present = {one.id for one in cohort.startups if one.seeks_kind(kind)}
        present |= {one.id for one in cohort.experts_of(kind)}
        in_pairs = {side for pair in pairs_of(result) for side in pair}
        alone = [one.id for one in result.unmatched]
        assert sorted(alone) == sorted(present - in_pairs)
        assert all(one.reason for one in result.unmatched)
        waiting = [one.waiting for one in result.unmatched if one.waiting]
        assert waiting == list(range(1, len(waiting) + 1))


def left_out(results: tuple[Explained, ...]) -> set[tuple[Kind, str, int | None]]:
    return {(one.kind, one.id, one.waiting) for result in results for one in result.unmatched}


@FEW
@given(cohorts(), st.data())
def test_the_order_of_startups_experts_and_relations_changes_nothing(cohort: Cohort, data: st.DataObject) -> None:
    program = data.draw(programs(cohort))
    turned = Cohort(
        tuple(data.draw(st.permutations(cohort.startups))),
        tuple(data.draw(st.permutations(cohort.experts))),
        tuple(data.draw(st.permutations(cohort.relations))),
    )
    straight, other = matched(cohort, program), matched(turned, program)
    assert all_pairs(straight) == all_pairs(other)
    for one, two in zip(straight, other, strict=True):
        assert {(left.id, left.waiting) for left in one.unmatched} == {
            (left.id, left.waiting) for left in two.unmatched
        }


def value(results: tuple[Explained, ...]) -> list[tuple[float, int]]:
    """Return by kind the total of the objective and the number of pairs."""
    return [
        (sum(result.outcome.problem.gains[pair] for pair in result.outcome.assignment.pairs), len(result.matches))
        for result in results
        if result.matches
    ]


@FEW
@given(cohorts(), st.data())
def test_without_an_expert_that_got_nobody_the_rest_is_as_good(cohort: Cohort, data: st.DataObject) -> None:
    program = replace(data.draw(programs(cohort)), bans=())
    results = matched(cohort, program)
    idle = [expert for expert in cohort.experts if expert.id not in {pair[1] for pair in all_pairs(results)}]
    if idle:
        gone = data.draw(st.sampled_from(idle))
        kept = tuple(expert for expert in cohort.experts if expert is not gone)
        relations = tuple(one for one in cohort.relations if gone.id not in (one.source.id, one.target.id))
        after = matched(replace(cohort, experts=kept, relations=relations), program)
        assert [pytest.approx(one, abs=1e-5) for one in value(results)] == value(after)


def test_without_an_expert_that_got_nobody_the_pairs_are_the_same() -> None:
    spare = knows("e9", "유방암 CT 문서", limits=ONE)
    busy = Cohort(BY_HAND.startups[:2], (*BY_HAND.experts, spare))
    (with_all,) = matched(busy, Program())
    idle = {one.id for one in with_all.unmatched}
    assert idle
    for gone in idle:
        (without,) = matched(replace(busy, experts=tuple(e for e in busy.experts if e.id != gone)), Program())
        assert pairs_of(without) == pairs_of(with_all)
        assert [made.score for made in without.matches] == [made.score for made in with_all.matches]


@FEW
@given(cohorts(), st.data())
def test_the_same_run_twice_is_the_same(cohort: Cohort, data: st.DataObject) -> None:
    program = data.draw(programs(cohort))
    one, two = matched(cohort, program), matched(cohort, program)
    assert [(r.matches, r.unmatched, r.offers) for r in one] == [(r.matches, r.unmatched, r.offers) for r in two]
