"""The share of a passage's words that another says, against loops and against another implementation of BM25."""

from __future__ import annotations

import math
from collections import Counter
from random import Random

import bm25s
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.lexicon import Words
from matcher.shared_words import share_words
from tests.matcher.lexicons import written

FORMS = [f"w{number}" for number in range(12)]
RARITIES = {form: 0.1 + 0.7 * at for at, form in enumerate(FORMS)} | {"nothing": 0.0, "new": 3.3}
passages = st.lists(st.lists(st.sampled_from([*FORMS, "nothing"]), max_size=15), min_size=1, max_size=6)


def words(forms: list[str]) -> Words:
    return written(*forms, rarities=RARITIES)


def shares(asks: list[list[str]], answers: list[list[str]]) -> np.ndarray:
    return share_words([words(one) for one in asks], [words(one) for one in answers]).of(0, len(asks))


def by_loops(ask: list[str], answer: list[str]) -> float:
    """Return the share as the formula has it."""
    reached, whole = 0.0, 5.0
    for form in set(ask):
        here, there = ask.count(form), answer.count(form)
        reached += RARITIES[form] * here * there / (there + 0.3)
        whole += RARITIES[form] * here
    return reached / whole


@pytest.mark.parametrize(
    ("ask", "answer", "share"),
    [
        ("a", "a", 1 / 6 / 1.3),
        ("a", "a a a", 1 / 6 * 3 / 3.3),
        ("a", "a b c d", 1 / 6 / 1.3),
        ("a b", "a", 1 / 8 / 1.3),
        ("a b", "b", 2 / 8 / 1.3),
        ("a a b", "a", 2 / 9 / 1.3),
        ("a b", "b a a", (1 / 8) * 2 / 2.3 + (2 / 8) / 1.3),
        ("a", "b", 0),
        ("", "a", 0),
        ("a", "", 0),
        ("", "", 0),
    ],
)
def test_shares_agree_with_those_by_hand(ask: str, answer: str, share: float) -> None:
    asked, answered = (written(*text.split(), rarities={"a": 1.0, "b": 2.0}) for text in (ask, answer))
    assert share_words([asked], [answered]).of(0, 1).tolist() == [[pytest.approx(share)]]


def test_words_that_every_text_holds_are_worth_nothing_and_divide_by_nothing() -> None:
    assert shares([["nothing"]], [["nothing", "w1"]]).tolist() == [[0.0]]


def test_a_need_of_one_word_is_answered_less_by_who_says_it_than_a_longer_one_by_who_says_it_all() -> None:
    brief, long = (share_words([words(forms)], [words(forms)]).of(0, 1).item() for forms in (["w7"], FORMS))
    assert brief < 0.5 < long


@given(passages, passages)
def test_shares_agree_with_plain_loops_and_lie_in_0_to_1(asks: list[list[str]], answers: list[list[str]]) -> None:
    found = shares(asks, answers)
    expected = [[by_loops(ask, answer) for answer in answers] for ask in asks]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)
    assert (found >= 0).all()
    assert (found <= 1).all()


@pytest.mark.parametrize("seed", range(10))
def test_shares_rank_as_lucene_bm25_of_bm25s_where_rarity_is_its_own(seed: int) -> None:
    draw = np.random.default_rng(seed)
    forms = [f"w{number}" for number in range(60)]
    likely = 1 / np.arange(1, 61)
    corpus, questions = (
        [[str(form) for form in draw.choice(forms, draw.integers(1, 25), p=likely / likely.sum())] for _ in range(size)]
        for size in (40, 10)
    )
    index = bm25s.BM25(method="lucene", k1=0.3, b=0)
    index.index(corpus, show_progress=False)
    holding = Counter(form for passage in corpus for form in set(passage))
    rarities = {form: math.log(1 + (40 - holding[form] + 0.5) / (holding[form] + 0.5)) for form in forms}
    asks, answers = ([written(*one, rarities=rarities) for one in side] for side in (questions, corpus))
    found = share_words(asks, answers).of(0, len(asks))
    for row, question in enumerate(questions):
        whole = 5 + sum(rarities[form] for form in question)
        expected = index.get_scores(question)
        np.testing.assert_allclose(found[row] * whole, expected, rtol=1e-5, atol=1e-5)
        np.testing.assert_array_equal(
            np.argsort(-np.round(found[row] * whole, 4), kind="stable"),
            np.argsort(-np.round(expected, 4), kind="stable"),
        )


@given(passages, passages, st.lists(st.sampled_from([*FORMS, "new"]), max_size=15))
def test_a_newcomer_on_either_side_changes_no_other_share_to_the_bit(
    asks: list[list[str]], answers: list[list[str]], newcomer: list[str]
) -> None:
    before = shares(asks, answers)
    assert shares(asks, [newcomer, *answers])[:, 1:].tobytes() == before.tobytes()
    assert shares(asks, [*answers, newcomer])[:, :-1].tobytes() == before.tobytes()
    assert shares([newcomer, *asks], answers)[1:].tobytes() == before.tobytes()


@given(passages, passages, st.randoms(use_true_random=False))
def test_the_order_of_passages_and_of_their_words_does_not_matter(
    asks: list[list[str]], answers: list[list[str]], random: Random
) -> None:
    before = shares(asks, answers)
    order = random.sample(range(len(answers)), len(answers))
    shuffled = [random.sample(answers[at], len(answers[at])) for at in order]
    assert shares(asks, shuffled).tobytes() == before[:, order].tobytes()
    turned = [random.sample(ask, len(ask)) for ask in reversed(asks)]
    assert shares(turned, answers).tobytes() == before[::-1].tobytes()


@given(passages, passages, st.data())
def test_some_rows_and_columns_are_those_of_the_whole(
    asks: list[list[str]], answers: list[list[str]], data: st.DataObject
) -> None:
    begin = data.draw(st.integers(0, len(asks)))
    end = data.draw(st.integers(begin, len(asks)))
    columns = np.array(sorted(data.draw(st.sets(st.integers(0, len(answers) - 1)))), dtype=np.intp)
    both = share_words([words(one) for one in asks], [words(one) for one in answers])
    assert both.of(begin, end, columns).tobytes() == both.of(0, len(asks))[begin:end, columns].tobytes()


def test_sides_without_passages_share_nothing() -> None:
    assert share_words([], []).of(0, 0).shape == (0, 0)
    assert share_words([words(["w1"])], []).of(0, 1).shape == (1, 0)
