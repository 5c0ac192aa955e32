"""Everything before a pair is chosen: who is compared, what is encoded, who falls below the minimum score."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from matcher.engine import Engine
from matcher.errors import BadInput
from matcher.profiles import Cohort, Kind
from matcher.program import Program
from matcher.retrieval import RetrievalParameters
from matcher.scored_pairs import ScoredPairs, score_kinds, with_more_scores, with_scores
from tests.fakes import WordEncoder, fake_engine
from tests.matcher.people import asks, knows

COHORT = Cohort(
    (asks("s1", "robot arm"), asks("s2", "breast cancer", seeks=(Kind.PROFESSOR,))),
    (knows("e1", "robot arm"), knows("e2", "breast cancer"), knows("v1", "robot arm", kind=Kind.INVESTOR)),
)


NO_WISHES = Program()


def scored(
    cohort: Cohort, program: Program = NO_WISHES, engine: Engine | None = None, every: bool = False
) -> ScoredPairs:
    return next(score_kinds(cohort, program, engine or fake_engine(), [Kind.PROFESSOR], every))


def narrow(encoder: WordEncoder | None = None) -> Engine:
    return replace(fake_engine(encoder), retrieval=RetrievalParameters(experts=1))


def test_each_kind_is_compared_with_the_startups_that_seek_it() -> None:
    found = {pairs.kind: pairs for pairs in score_kinds(COHORT, Program(), fake_engine())}
    assert [startup.id for startup in found[Kind.PROFESSOR].startups] == ["s1", "s2"]
    assert [startup.id for startup in found[Kind.INVESTOR].startups] == ["s1"]
    assert [expert.id for expert in found[Kind.INVESTOR].experts] == ["v1"]


def test_candidates_are_scored_or_every_eligible_pair() -> None:
    assert scored(COHORT, engine=narrow()).scored.tolist() == [[True, False], [False, True]]
    assert scored(COHORT, engine=narrow(), every=True).scored.all()


def test_a_pin_is_scored_though_no_candidate_and_an_ineligible_one_is_not() -> None:
    assert scored(COHORT, Program(pins=(("s1", "e2"),)), narrow()).scored[0, 1]
    banned = Program(pins=(("s1", "e2"),), bans=(("s1", "e2"),))
    assert not scored(COHORT, banned, narrow()).scored[0, 1]


def test_pairs_below_the_minimum_score_are_ruled_out_with_a_reason() -> None:
    pairs = scored(COHORT, Program(min_score=0.9))
    assert pairs.eligibility.eligible.tolist() == [[True, False], [False, True]]
    assert pairs.eligibility.reasons(0, 1) == ("min_score: the pair scores below 0.9",)
    assert pairs.eligibility.reasons(0, 0) == ()


def test_a_score_at_the_minimum_is_enough() -> None:
    score = scored(COHORT).scores[0].of(1)[0]
    assert scored(COHORT, Program(min_score=score)).eligibility.eligible[0, 1]


def test_an_unknown_score_is_not_below_the_minimum() -> None:
    silent = Cohort((asks("s1", "robot"),), (knows("e1", sectors=("robotics",)),))
    assert scored(silent, Program(min_score=0.5)).eligibility.eligible.all()


@pytest.mark.parametrize(
    "cohort",
    [
        Cohort((asks("s1", "robot"),), (knows("e1", sectors=("robotics",)),)),
        Cohort((asks("s1", sectors=("robotics",)),), (knows("e1", "robot"),)),
        Cohort((asks("s1", "robot"),), ()),
        Cohort((), (knows("e1", "robot"),)),
    ],
)
def test_nothing_is_encoded_where_there_is_nothing_to_compare_with(cohort: Cohort) -> None:
    encoder = WordEncoder()
    scored(cohort, engine=fake_engine(encoder))
    assert encoder.encoded == []


def test_each_passage_is_encoded_once_a_kind() -> None:
    encoder = WordEncoder()
    scored(COHORT, engine=fake_engine(encoder))
    assert sorted(encoder.encoded) == ["breast cancer", "breast cancer", "robot arm", "robot arm"]


def test_a_program_that_does_not_fit_names_all_that_is_unknown() -> None:
    with pytest.raises(BadInput, match=r"pins: found startup 's9'.*; bans: found expert 'e9'"):
        scored(COHORT, Program(pins=(("s9", "e1"),), bans=(("s1", "e9"),)))


def test_positions_leave_out_pairs_of_another_kind() -> None:
    pairs = scored(COHORT)
    assert pairs.positions([("s2", "e1"), ("s1", "v1")]) == [(1, 0)]


def test_a_score_is_the_same_to_the_last_decimal_whoever_else_is_in_the_cohort() -> None:
    draw = np.random.default_rng(0)
    words = [f"word{number}" for number in range(60)]

    def text() -> str:
        return " ".join(draw.choice(words, draw.integers(3, 9)))

    startups = tuple(asks(f"s{row}", text(), text(), summary=text()) for row in range(10))
    experts = tuple(knows(f"e{column}", text(), text(), text()) for column in range(117))
    every = scored(Cohort(startups, experts), every=True).scores
    for size in (1, 2, 4, 57, 115):
        few = scored(Cohort(startups, experts[:size]), every=True).scores
        for row in range(10):
            assert few[row].score.tolist() == every[row].score[:size].tolist()


@pytest.mark.parametrize("seed", range(5))
def test_scores_that_come_later_stand_as_if_they_had_come_at_once(seed: int) -> None:
    draw = np.random.default_rng(seed)
    words = ("robot", "arm", "cancer", "screening", "bridge", "cracks")
    startups = tuple(asks(f"s{at}", " ".join(draw.choice(words, 3))) for at in range(4))
    experts = tuple(knows(f"e{at}", " ".join(draw.choice(words, 3))) for at in range(9))
    pairs = scored(Cohort(startups, experts), every=True)
    first, later = (draw.random((4, 9)) < 0.5 for _ in range(2))
    few = with_scores(pairs, first, None)
    joined = with_more_scores(few, few.scorer.score_all(later & ~few.scored), 0.3)
    at_once = with_scores(pairs, first | later, 0.3)
    np.testing.assert_array_equal(joined.eligibility.eligible, at_once.eligibility.eligible)
    for one, other in zip(joined.scores, at_once.scores, strict=True):
        np.testing.assert_array_equal(one.experts, other.experts)
        np.testing.assert_array_equal(one.parts, other.parts)
        np.testing.assert_array_equal(one.score, other.score)
