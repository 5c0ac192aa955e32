"""Scores: parts that add up, unknown kept apart from 0, weights shared by what is known."""

from __future__ import annotations

from decimal import Decimal
from itertools import count

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher import scoring
from matcher.encoding import Role
from matcher.passages import expert_passages, startup_passages
from matcher.profiles import Cohort, Document, Expert, Kind, Need, Startup
from matcher.program import DEFAULT_WEIGHTS, Part
from matcher.scoring import Scorer, build_scorer
from matcher.warm_paths import WarmPath
from tests.fakes import WordEncoder, fake_comparer
from tests.matcher.people import asks, knows, related, wrote
from tests.matcher.strategies import FEW, cohorts

EVEN = dict.fromkeys(Part, 1.0)
Parts = dict[Part, float | None]


def scorer(
    startups: list[Startup],
    experts: list[Expert],
    weights: dict[Part, float],
    paths: dict[tuple[int, int], WarmPath] | None = None,
) -> Scorer:
    asking = [startup_passages(at, startup) for at, startup in enumerate(startups)]
    answering = [expert_passages(at, expert) for at, expert in enumerate(experts)]
    return build_scorer(startups, experts, fake_comparer(asking, answering), weights, paths or {})


def scored(startup: Startup, expert: Expert, weights: dict[Part, float] | None = None) -> tuple[float | None, Parts]:
    return scorer([startup], [expert], weights or EVEN).score(0, np.array([0])).of(0)


def way(steps: int) -> WarmPath:
    return WarmPath((related("expert:e", "mentored", "startup:s"),) * steps)


def likeness(one: str, other: str) -> float:
    left, right = WordEncoder().encode([one, other], Role.QUERY)
    return max(float(left @ right), 0.0)


def unlike(text: str) -> str:
    """Return a word whose direction is turned away from the text's: it answers it with exactly 0."""
    return next(f"word{number}" for number in count() if likeness(text, f"word{number}") == 0)


def written(value: float) -> Decimal:
    return Decimal(f"{value:.6f}")


def check_sum(score: float | None, parts: Parts) -> None:
    known = [value for value in parts.values() if value is not None]
    if score is None:
        assert known == []
    else:
        assert sum(map(written, known)) == written(score)
        assert 0 <= score <= 1


# --- the whole -------------------------------------------------------------------------------------------------

WEIGHTS = st.fixed_dictionaries({part: st.sampled_from([0.0, 0.05, 0.1, 0.3, 1.0]) for part in Part})


@FEW
@given(cohorts(), st.one_of(st.sampled_from(list(DEFAULT_WEIGHTS.values())), WEIGHTS))
def test_the_parts_add_up_to_the_score_in_six_decimals(cohort: Cohort, weights: dict[Part, float]) -> None:
    for startup in cohort.startups[:2]:
        for expert in cohort.experts[:2]:
            check_sum(*scored(startup, expert, dict(weights)))


@pytest.mark.parametrize("kind", Kind)
def test_the_parts_of_a_perfect_pair_add_up_to_1(kind: Kind) -> None:
    startup = asks("s1", "robot", summary="robot", data_assets=("robot",), sectors=("robotics",))
    score, parts = scored(startup, knows("e1", "robot", sectors=("로봇",)), dict(DEFAULT_WEIGHTS[kind]))
    check_sum(score, parts)
    assert score == pytest.approx(1)


def test_a_score_is_the_weighted_mean_of_what_is_known() -> None:
    startup = asks("s1", "robot arm", summary="robot arm", sectors=("robotics", "legal"))
    expert = knows("e1", "robot arm", sectors=("robotics",))
    score, parts = scored(startup, expert, {**EVEN, Part.NEEDS: 2.0})
    # needs 1 · 2, summary 1 · 1, fit ½ · 1 over a weight of 4; neither data assets nor a wish are known.
    assert parts == {
        Part.NEEDS: 0.5,
        Part.DATA_ASSETS: None,
        Part.SUMMARY: 0.25,
        Part.FIT: 0.125,
        Part.WANTS: None,
        Part.WARM_PATH: None,
    }
    assert score == pytest.approx(0.875)


def test_one_known_part_takes_all_the_weight() -> None:
    assert scored(asks("s1", "robot"), knows("e1", "robot"), {**EVEN, Part.NEEDS: 0.01})[0] == pytest.approx(1.0)


def test_a_part_of_weight_0_is_left_out() -> None:
    startup = asks("s1", "robot", summary=unlike("robot"))
    score, parts = scored(startup, knows("e1", "robot"), {**EVEN, Part.SUMMARY: 0.0})
    assert parts[Part.SUMMARY] is None
    assert score == pytest.approx(1.0)


# --- unknown and 0 ---------------------------------------------------------------------------------------------


def test_a_bad_answer_is_0_and_no_answer_is_unknown() -> None:
    startup = asks("s1", "robot", sectors=("robotics",))
    bad, none = knows("e1", unlike("robot"), sectors=("로봇",)), knows("e2", sectors=("로봇",))
    assert scored(startup, bad)[1][Part.NEEDS] == 0
    assert scored(startup, none)[1][Part.NEEDS] is None
    assert scored(startup, bad)[0] == pytest.approx(0.5)
    assert scored(startup, none)[0] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("startup", "expert"),
    [
        pytest.param(asks("s1", "robot"), knows("e1", sectors=("robotics",)), id="text against a mandate"),
        pytest.param(asks("s1", sectors=("robotics",)), knows("e1", "robot"), id="a sector against text"),
        pytest.param(asks("s1"), knows("e1", wants=("s1",)), id="a wish alone"),
    ],
)
def test_a_pair_about_which_nothing_is_known_has_no_score(startup: Startup, expert: Expert) -> None:
    score, parts = scored(startup, expert)
    assert score is None
    assert set(parts.values()) == {None}


# --- each part -------------------------------------------------------------------------------------------------


def test_needs_count_by_their_weights() -> None:
    startup = Startup("s1", needs=(Need("robot arm", 3.0), Need("tax law", 1.0)))
    expected = (3 * 1.0 + 1 * likeness("tax law", "robot arm")) / 4
    assert scored(startup, knows("e1", "robot arm"))[0] == pytest.approx(expected, abs=1e-5)


def test_one_taker_makes_a_data_asset_worth_while() -> None:
    startup = asks("s1", data_assets=(unlike("robot"), "robot"))
    assert scored(startup, knows("e1", "robot"))[0] == pytest.approx(1.0)


def test_summary_and_documents_count_alike() -> None:
    startup = asks("s1", summary="robot", documents=wrote(unlike("robot")))
    assert scored(startup, knows("e1", "robot"))[0] == pytest.approx(0.5, abs=1e-5)


def test_the_chunks_of_a_need_count_as_one_need() -> None:
    robot, other = "robot", unlike("robot")
    long = f"{' '.join([robot] * 240)}. {' '.join([other] * 200)}."
    startup = Startup("s1", needs=(Need(long), Need(robot)))
    assert len(startup_passages(0, startup)) == 3
    # The long need is answered by half, the short one in full.
    assert scored(startup, knows("e1", robot))[0] == pytest.approx(0.75, abs=1e-5)


@pytest.mark.parametrize("wish", ["s1", "startup:s1", "로봇"])
def test_a_wish_is_known_only_where_the_expert_made_it(wish: str) -> None:
    startup = asks("s1", "robot", sectors=("robotics",))
    assert scored(startup, knows("e1", "robot", wants=(wish,)))[1][Part.WANTS] == pytest.approx(0.2)
    assert scored(startup, knows("e1", "robot", wants=("s2", "fintech")))[1][Part.WANTS] is None


@FEW
@given(cohorts(), st.sampled_from(Kind))
def test_a_wish_only_lifts_and_by_no_more_than_its_share(cohort: Cohort, kind: Kind) -> None:
    weights = dict(DEFAULT_WEIGHTS[kind])
    for startup in cohort.startups[:2]:
        for expert in cohort.experts[:2]:
            bare = Expert(**{**vars(expert), "wants": ()})
            wishing = Expert(**{**vars(expert), "wants": (startup.id,)})
            before, _ = scored(startup, bare, weights)
            after, _ = scored(startup, wishing, weights)
            if before is None:
                assert after is None
                continue
            ground = sum(weight for part, weight in weights.items() if part not in (Part.WANTS, Part.WARM_PATH))
            share = weights[Part.WANTS] / (ground + weights[Part.WANTS])
            assert after == pytest.approx(before + share * (1 - before), abs=1e-5)


def test_a_wish_of_which_little_is_known_adds_no_more_than_its_share() -> None:
    """Where only fit is known, a wish once made up two thirds of the score."""
    startup, expert = asks("s1", sectors=("robotics",)), knows("e1", sectors=("robotics", "law"), wants=("s1",))
    weights = dict(DEFAULT_WEIGHTS[Kind.PROFESSOR])
    score, parts = scored(startup, expert, weights)
    assert parts[Part.WANTS] == pytest.approx(0.1 / (0.9 + 0.1), abs=1e-5)
    assert score == pytest.approx(0.1 + 0.9 / np.sqrt(2), abs=1e-5)


@pytest.mark.parametrize(("steps", "share"), [(1, 0.1 / 1.0), (2, 0.05 / 0.95), (3, (0.1 / 3) / (0.9 + 0.1 / 3))])
def test_a_warm_path_lifts_by_its_share_and_less_the_longer_it_is(steps: int, share: float) -> None:
    startup, expert = asks("s1", "robot"), knows("e1", unlike("robot"))
    weights = {**DEFAULT_WEIGHTS[Kind.PROFESSOR], Part.WARM_PATH: 0.1}
    lifted = scorer([startup], [expert], weights, {(0, 0): way(steps)}).score(0, np.array([0])).of(0)
    assert lifted[0] == lifted[1][Part.WARM_PATH] == pytest.approx(share, abs=1e-5)


def test_a_warm_path_alone_is_no_ground_for_a_score() -> None:
    found = scorer([asks("s1")], [knows("e1")], EVEN, {(0, 0): way(1)}).score(0, np.array([0])).of(0)
    assert found == (None, dict.fromkeys(Part))


def test_a_score_does_not_depend_on_who_else_is_in_the_cohort() -> None:
    startup, expert = asks("s1", "robot arm", sectors=("로봇",)), knows("e1", "robot leg", sectors=("robotics",))
    alone = scored(startup, expert)
    startups = [asks("s0", "tax", "law"), startup]
    experts = [knows("e0", "ship", sectors=("legal",)), knows("e2"), expert]
    together = scorer(startups, experts, EVEN).score(1, np.array([0, 1, 2]))
    assert together.of(2)[0] == pytest.approx(alone[0], abs=1e-6)


@FEW
@given(cohorts(), st.data())
def test_scoring_many_startups_at_once_is_scoring_each_alone(cohort: Cohort, data: st.DataObject) -> None:
    shape = len(cohort.startups), len(cohort.experts)
    cells = st.lists(st.booleans(), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1])
    chosen = np.array(data.draw(cells), dtype=bool).reshape(shape)
    near = {(row, column): way(2) for row, column in np.argwhere(chosen).tolist() if (row + column) % 2}
    rule = scorer(list(cohort.startups), list(cohort.experts), EVEN, near)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scoring, "_PAIRS_AT_ONCE", data.draw(st.sampled_from([1, 2 * shape[1], 50_000])))
        together = list(rule.score_all(chosen))
    assert len(together) == len(cohort.startups)
    for row, found in enumerate(together):
        alone = rule.score(row, np.flatnonzero(chosen[row]))
        np.testing.assert_array_equal(found.experts, alone.experts)
        np.testing.assert_array_equal(found.parts, alone.parts)
        np.testing.assert_array_equal(found.score, alone.score)


def test_an_expert_without_documents_or_expertise_is_scored_by_its_mandate() -> None:
    score, parts = scored(asks("s1", "robot", sectors=("robotics",)), knows("e1", sectors=("robotics",)))
    assert parts[Part.FIT] == score == 1


def test_documents_of_an_expert_answer_as_its_expertise_does() -> None:
    by_line = scored(asks("s1", "robot arm"), knows("e1", "robot arm"))
    by_paper = scored(asks("s1", "robot arm"), knows("e1", documents=(Document(title="robot arm"),)))
    assert by_line == by_paper
