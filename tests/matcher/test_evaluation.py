"""Measures of an order against what people judged: by hand, in plain loops, and against scikit-learn."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from matcher.evaluation import Judgement, Measure, evaluate, is_expertise

Scores = dict[tuple[str, str], float]
NAN = float("nan")
EXPERTISE = ["weighted Kendall loss", "easy pairs", "hard pairs"]
RANKING = ["recall@1", "recall@5", "recall@10", "nDCG@5", "nDCG@10", "MRR"]


def measures(judgements: Sequence[Judgement], scores: Mapping[tuple[str, str], float]) -> dict[str, Measure]:
    return {one.name: one for one in evaluate(judgements, scores)}


def told(found: Mapping[str, Measure]) -> dict[str, str]:
    """Return all that the measures hold, so that it can be compared."""
    return {name: f"{one} {one.sums.tolist()}" for name, one in found.items()}


def graded(*lists: Sequence[tuple[float, float]]) -> tuple[list[Judgement], Scores]:
    """Return an expert for each list, who judged startups by these grades where they have these scores."""
    judgements, scores = [], {}
    for number, entries in enumerate(lists):
        for at, (grade, score) in enumerate(entries):
            judgements.append(Judgement(f"s{at}", f"e{number}", grade))
            scores[f"s{at}", f"e{number}"] = score
    return judgements, scores


def relevance(*lists: Sequence[tuple[float, float]]) -> tuple[list[Judgement], Scores]:
    """Return a startup for each list, whose experts have these grades and these scores."""
    judgements, scores = graded(*lists)
    turned = [Judgement(one.expert, one.startup, one.grade) for one in judgements]
    return turned, {(expert, startup): score for (startup, expert), score in scores.items()}


def value(name: str, *lists: Sequence[tuple[float, float]]) -> float:
    judgements, scores = graded(*lists)
    return measures(judgements, scores)[name].value


@pytest.mark.parametrize(
    ("entries", "loss"),
    [
        ([(5, 0.9), (3, 0.5), (1, 0.1)], 0.0),
        ([(5, 0.1), (3, 0.5), (1, 0.9)], 1.0),
        ([(5, 0.5), (3, 0.9), (1, 0.1)], 2 / 8),  # 5 against 3 lies 2 apart, the other two 4 and 2
        ([(5, 0.5), (3, 0.1), (1, 0.9)], (4 + 2) / 8),
        ([(5, 0.5), (3, 0.5), (1, 0.5)], 0.5),
        ([(5, 0.9), (3, 0.5), (1, 0.5)], 1 / 8),
        ([(5, NAN), (3, 0.5), (1, 0.1)], (2 + 4) / 8),
        ([(5, 0.9), (3, 0.0), (1, NAN)], 0.0),
        ([(5, 0.9), (3, NAN), (1, NAN)], 1 / 8),
        ([(5, NAN), (3, NAN), (1, NAN)], 0.5),
        ([(5, 0.9), (5, 0.1), (3, 0.5), (1, 0.1)], (2 + 4 / 2) / (2 * 2 + 2 * 4 + 2)),
    ],
)
def test_the_kendall_loss_weighs_pairs_by_how_far_apart_their_grades_are_and_counts_ties_by_half(
    entries: list[tuple[float, float]], loss: float
) -> None:
    assert value("weighted Kendall loss", entries) == pytest.approx(loss)


def test_the_kendall_loss_compares_within_an_expert_and_weighs_experts_by_what_they_say() -> None:
    one, other = [(5, 0.1), (1, 0.2)], [(3, 0.9), (2, 0.8)]
    assert value("weighted Kendall loss", one, other) == pytest.approx(4 / 5)


def kendall_by_loops(lists: Sequence[Sequence[tuple[float, float]]]) -> float:
    wrong = whole = 0.0
    for entries in lists:
        for (grade, score), (other_grade, other_score) in itertools.combinations(entries, 2):
            if math.isnan(score) and math.isnan(other_score):
                order = 0.0
            elif math.isnan(score) or math.isnan(other_score):
                order = -1.0 if math.isnan(score) else 1.0
            else:
                order = score - other_score
            apart = grade - other_grade
            whole += abs(apart)
            wrong += abs(apart) * (0.5 if order == 0 else float(order * apart < 0))
    return wrong / whole


def share_by_loops(
    lists: Sequence[Sequence[tuple[float, float]]], least: float, lower_in: tuple[float, float]
) -> float:
    """Return the share of pairs put right, of which the higher is at least `least` and the lower in a range."""
    right, whole = 0.0, 0
    for entries in lists:
        for (grade, score), (lower, other_score) in itertools.permutations(entries, 2):
            if grade > lower and grade >= least and lower_in[0] <= lower <= lower_in[1]:
                whole += 1
                here, there = (-1.0 if math.isnan(one) else one for one in (score, other_score))
                right += 0.5 if here == there else float(here > there)
    return right / whole


def random_lists(seed: int) -> list[list[tuple[float, float]]]:
    """Return lists with many ties, and unknown scores."""
    draw = np.random.default_rng(seed)
    scores = [NAN, *np.linspace(0, 1, 6).tolist()]
    return [
        [
            (float(draw.choice([1, 1.5, 2, 3, 4, 4.5, 5])), float(draw.choice(scores)))
            for _ in range(draw.integers(1, 9))
        ]
        for _ in range(draw.integers(5, 12))
    ]


@pytest.mark.parametrize("seed", range(30))
def test_loss_and_accuracies_agree_with_plain_loops(seed: int) -> None:
    lists = random_lists(seed)
    found = measures(*graded(*lists))
    assert found["weighted Kendall loss"].value == pytest.approx(kendall_by_loops(lists))
    assert found["easy pairs"].value == pytest.approx(share_by_loops(lists, 4, (-math.inf, 2)))
    assert found["hard pairs"].value == pytest.approx(share_by_loops(lists, 4, (4, math.inf)))


@pytest.mark.parametrize("seed", range(5))
def test_scores_that_are_the_grades_lose_nothing_and_turned_round_everything(seed: int) -> None:
    grades = [[grade for grade, _ in entries] for entries in random_lists(seed)]
    for name, perfect in (("weighted Kendall loss", 0.0), ("easy pairs", 1.0), ("hard pairs", 1.0)):
        assert value(name, *[[(grade, grade / 5) for grade in one] for one in grades]) == perfect
        assert value(name, *[[(grade, -grade) for grade in one] for one in grades]) == 1 - perfect


def test_easy_pairs_are_of_4_and_more_against_2_and_less() -> None:
    entries = [(4, 0.5), (2, 0.4), (3, 0.9), (1, 0.6), (5, 0.5)]
    # 4 and 5 are before 2, behind 1; 3 is looked at with nobody
    assert value("easy pairs", entries) == pytest.approx(2 / 4)
    assert len(measures(*graded(entries))["easy pairs"].sums) == 1


def test_hard_pairs_are_of_two_of_4_and_more() -> None:
    assert value("hard pairs", [(4, 0.5), (5, 0.4), (4.5, 0.45), (1, 0.9), (3.9, 0.41)]) == 0
    assert value("hard pairs", [(4, 0.5), (5, 0.6), (4.5, 0.45), (1, 0.9)]) == pytest.approx(2 / 3)


def judged(scores: Mapping[str, float], right: Sequence[str], wrong: Sequence[str] = ()) -> dict[str, Measure]:
    """Return the measures of one startup."""
    judgements = [Judgement("s", one, 1) for one in right] + [Judgement("s", one, 0) for one in wrong]
    return measures(judgements, {("s", expert): score for expert, score in scores.items()})


TWELVE = {f"e{at:02}": 1 - at / 20 for at in range(12)}


@pytest.mark.parametrize("wrong", [(), ("e01", "e03")])
def test_measures_of_a_ranking_are_those_by_hand(wrong: Sequence[str]) -> None:
    # ranks 1, 3 and 12
    found = judged(TWELVE, ["e00", "e02", "e11"], wrong)
    assert {name: one.value for name, one in found.items()} == pytest.approx(
        {
            "recall@1": 1 / 3,
            "recall@5": 2 / 3,
            "recall@10": 2 / 3,
            "nDCG@5": (1 + 1 / 2) / (1 + 1 / math.log2(3) + 1 / 2),
            "nDCG@10": (1 + 1 / 2) / (1 + 1 / math.log2(3) + 1 / 2),
            "MRR": 1.0,
        }
    )


@pytest.mark.parametrize(("right", "rank"), [("e00", 1), ("e03", 4), ("e11", 12)])
def test_the_reciprocal_rank_is_that_of_the_first_right_one(right: str, rank: int) -> None:
    found = judged(TWELVE, [right, "e11"])
    assert found["MRR"].value == pytest.approx(1 / rank)


def test_startups_count_alike_however_many_experts_are_right_for_them() -> None:
    judgements = [Judgement("s", "a", 1), *(Judgement("t", one, 1) for one in "abc")]
    scores = {("s", "a"): 0.5, ("s", "b"): 0.9, **{("t", one): at / 9 for at, one in enumerate("abcd")}}
    found = measures(judgements, scores)
    assert found["recall@1"].value == pytest.approx((0 + 0) / 2)
    assert found["recall@5"].value == 1
    assert found["MRR"].value == pytest.approx((1 / 2 + 1 / 2) / 2)
    assert {len(one.sums) for one in found.values()} == {2}
    assert {one.unit for one in found.values()} == {"startups"}


def test_unknown_scores_rank_last() -> None:
    for score in (0.0, -3.0, 1e-12):
        assert judged({"a": NAN, "b": score}, ["a"])["MRR"].value == 1 / 2
        assert judged({"a": score, "b": NAN}, ["a"])["MRR"].value == 1
    assert value("nDCG@5", [(5, NAN), (1, 0.1), (3, -0.2)]) == pytest.approx(
        (1 + 3 / math.log2(3) + 5 / 2) / (5 + 3 / math.log2(3) + 1 / 2)
    )


def test_equal_scores_are_ordered_by_id_as_rank_tells_them() -> None:
    assert judged({"b": 0.5, "a": 0.5}, ["a"])["MRR"].value == 1
    assert judged({"b": 0.5, "a": 0.5}, ["b"])["MRR"].value == 1 / 2


@pytest.mark.parametrize(("given", "scale"), [(graded, [1, 2, 3, 4, 5]), (relevance, [0, 0, 1, 2, 3])])
@pytest.mark.parametrize("seed", range(10))
def test_ndcg_agrees_with_scikit_learn(seed: int, given: Callable, scale: list[int]) -> None:
    draw = np.random.default_rng(seed)
    lists = []
    for _ in range(6):
        size = int(draw.integers(2, 25))
        grades = draw.choice(scale, size).astype(float)
        lists.append(list(zip(grades.tolist(), draw.permutation(size).astype(float).tolist(), strict=True)))
    found = measures(*given(*lists))
    for depth in (5, 10):
        expected = [
            ndcg_score([[grade for grade, _ in one]], [[score for _, score in one]], k=depth)
            for one in lists
            if any(grade for grade, _ in one)
        ]
        assert found[f"nDCG@{depth}"].value == pytest.approx(np.mean(expected))
        assert len(found[f"nDCG@{depth}"].sums) == len(expected)


@pytest.mark.parametrize(
    ("grades", "graded_"),
    [([1], False), ([0, 1], False), ([0, 1, 2], False), ([4, 5], False), ([1, 2, 3], True), ([1, 3, 5], True)],
)
def test_grades_from_1_to_5_are_of_expertise_others_of_relevance(grades: list[float], graded_: bool) -> None:
    judgements = [Judgement(f"s{at}", "e", grade) for at, grade in enumerate(grades)]
    assert is_expertise(judgements) is graded_
    scores = {(one.startup, one.expert): 0.5 for one in judgements}
    names = [one.name for one in evaluate(judgements, scores)]
    assert names == [*EXPERTISE, *RANKING] if graded_ else names == RANKING


def test_judgements_of_one_side_say_what_is_right_and_the_rest_of_the_list_is_not() -> None:
    assert judged(TWELVE, ["e01"])["MRR"].value == 1 / 2
    assert judged(TWELVE, ["e01"])["recall@1"].value == 0
    assert told(judged(TWELVE, ["e01"])) == told(judged(TWELVE, ["e01"], ["e00", "e05"]))


def test_startups_for_whom_nobody_is_right_are_left_out() -> None:
    judgements = [Judgement("s", "a", 1), Judgement("t", "a", 0)]
    scores = {("s", "a"): 0.9, ("t", "a"): 0.1, ("u", "a"): 0.3}
    assert {len(one.sums) for one in evaluate(judgements, scores)} == {1}


def test_judgements_of_pairs_without_an_entry_are_left_out() -> None:
    judgements, scores = graded([(5, 0.1), (3, 0.5), (1, 0.9)], [(4, 0.2), (2, 0.1)])
    stranger = [Judgement("nobody", "e0", 5), Judgement("s0", "nobody", 1), Judgement("s1", "nobody", 5)]
    assert told(measures(judgements + stranger, scores)) == told(measures(judgements, scores))
    one_sided = [Judgement("s", "a", 1), Judgement("s", "gone", 1)]
    found = measures(one_sided, {("s", "a"): 0.5, ("s", "b"): 0.9})
    assert found["recall@5"].value == 1
    assert found["MRR"].value == 1 / 2


@pytest.mark.parametrize("seed", range(10))
def test_the_interval_holds_the_value_and_comes_out_again(seed: int) -> None:
    judgements, scores = graded(*random_lists(seed))
    first, again = evaluate(judgements, scores), evaluate(judgements, scores)
    assert repr(first) == repr(again)
    for one in first:
        assert 0 <= one.low <= one.value <= one.high <= 1
        assert one.unit == "experts"


def test_the_value_is_the_ratio_of_the_sums_of_all_lists() -> None:
    lists = random_lists(0)
    for name, one in measures(*graded(*lists)).items():
        right, whole = one.sums.sum(axis=0)
        assert one.value == pytest.approx(right / whole)
        if name == "weighted Kendall loss":
            informative = [entries for entries in lists if len({grade for grade, _ in entries}) > 1]
            by_list = [kendall_by_loops([entries]) for entries in informative]
            np.testing.assert_allclose(one.sums[:, 0] / one.sums[:, 1], by_list)


def test_the_interval_of_one_list_is_its_value_and_that_of_many_is_narrow() -> None:
    lone = measures(*graded([(5, 0.5), (3, 0.9), (1, 0.1)]))["weighted Kendall loss"]
    assert lone.low == lone.high == lone.value
    draw = np.random.default_rng(0)
    many = [[(4.5 - at % 2, float(draw.random())), (2.5 - at % 2, float(draw.random()))] for at in range(400)]
    found = measures(*graded(*many))["weighted Kendall loss"]
    # 1.96 · √(¼ / 400) on either side
    assert found.high - found.low == pytest.approx(2 * 0.049, abs=0.01)
    assert len(found.sums) == 400


@pytest.mark.parametrize(
    ("judgements", "scores"),
    [
        ([], {}),
        ([], {("s", "e"): 0.5}),
        ([Judgement("s", "e", 1)], {}),
        ([Judgement("s", "e", 0)], {("s", "e"): 0.5}),
        ([Judgement("s", "e", grade) for grade in (1, 3, 5)], {}),
    ],
)
def test_where_nothing_can_be_measured_all_is_unknown(judgements: list[Judgement], scores: Scores) -> None:
    for one in evaluate(judgements, scores):
        assert math.isnan(one.value)
        assert math.isnan(one.low)
        assert math.isnan(one.high)
        assert len(one.sums) == 0


def test_graded_relevance_ranks_the_experts_of_each_startup_and_0_is_not_relevant() -> None:
    found = measures(*relevance([(0, 0.9), (2, 0.5), (1, 0.1)], [(2, 0.9), (0, 0.1), (0, 0.2)]))
    assert list(found) == RANKING
    assert found["recall@1"].value == pytest.approx((0 + 1) / 2)
    assert found["MRR"].value == pytest.approx((1 / 2 + 1) / 2)


def test_grades_without_easy_or_hard_pairs_leave_these_alone_unknown() -> None:
    found = measures(*graded([(3, 0.9), (3.5, 0.1), (2.5, 0.2)]))
    assert math.isnan(found["easy pairs"].value)
    assert math.isnan(found["hard pairs"].value)
    assert found["weighted Kendall loss"].value == pytest.approx((0.5 + 1.0) / 2.0)
