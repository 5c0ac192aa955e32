"""Worth: 0 at a typical unrelated pair, 0.3 at a rare one, 0.9 at an equal text, in every pair of languages."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from matcher import calibration
from matcher.calibration import Background, Calibration, View, measure, spoken, words_weight
from matcher.encoding import Role
from matcher.errors import BadInput
from matcher.languages import Language
from matcher.shared_words import share_words
from tests.matcher.lexicons import written

KO, EN, OTHER = range(3)
# Odd, so that the median of a passage with itself is that of one passage.
COUNT = 81
SUBJECTS = [str(number) for number in range(COUNT)]
PAIRS = [(KO, KO), (KO, EN), (EN, KO), (EN, EN)]
GENERAL = View(0, 24)
ENGLISH = View(24, 36, (Language.ENGLISH,))
VIEWS = GENERAL, ENGLISH
WORTH_OF_KNOTS = [0.0, 0.3, 0.9, 1.0]


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def background(lean: float = 0.0, repeat: int = 1) -> Background:
    """Return passages of which the English are loose translations of the Korean, asked a little differently.

    lean: how far all vectors of a language lie in a direction of its own, which says nothing about their subject.
    repeat: how many equal passages there are on each subject.
    """
    draw = np.random.default_rng(0)
    meaning, english = draw.normal(size=(COUNT, 24)), draw.normal(size=(COUNT, 12))
    leans = lean * draw.normal(size=(2, 24))
    texts = [meaning + noise * draw.normal(size=meaning.shape) for noise in (0.1, 0.6)]
    vectors = {}
    for role in Role:
        both = []
        for of_language, leaning in zip(texts, leans, strict=True):
            general = of_language + 0.2 * draw.normal(size=meaning.shape) + leaning
            beside = english + 0.3 * draw.normal(size=english.shape)
            both.append(np.repeat(np.hstack([general, beside]).astype(np.float32), repeat, axis=0))
        vectors[role] = both[0], both[1]
    words = [
        [written(*draw.choice([f"{of}{number}" for number in range(30)], 6), subject) for subject in SUBJECTS]
        for of in ("ko", "en")
    ]
    repeated = [[one for one in of_language for _ in range(repeat)] for of_language in words]
    return Background(vectors, (repeated[0], repeated[1]), [one for one in SUBJECTS for _ in range(repeat)])


def measured(lean: float = 0.0, views: Sequence[View] = VIEWS) -> Calibration:
    return measure("fake", views, background(lean))


def worths(found: Calibration, texts: Background) -> dict[tuple[int, int], np.ndarray]:
    """Return by pair of languages the worth of each background passage as an answer to each."""
    codes = [np.full(COUNT, language) for language in (KO, EN)]
    asks, answers = (
        [found.centre(texts.vectors[role][of], codes[of], role) for of in (KO, EN)]
        for role in (Role.QUERY, Role.PASSAGE)
    )
    return {
        (one, other): found.worth(
            found.similarity(spoken(asks[one], codes[one]), spoken(answers[other], codes[other])),
            share_words(texts.words[one], texts.words[other]).of(0, COUNT),
            codes[one],
            codes[other],
        )
        for one, other in PAIRS
    }


def unrelated(table: np.ndarray) -> np.ndarray:
    return table[~np.eye(COUNT, dtype=bool)]


@pytest.mark.parametrize("views", [(GENERAL,), VIEWS])
class TestTheFourPoints:
    """What the points mean, seen through one view and through two."""

    def test_half_of_the_unrelated_pairs_are_worth_nothing_in_every_pair_of_languages(self, views: list[View]) -> None:
        found = worths(measured(views=views), background())
        assert [(unrelated(found[pair]) == 0).mean() for pair in PAIRS] == pytest.approx([0.5] * 4, abs=2e-4)

    def test_one_in_a_thousand_unrelated_pairs_reaches_0_3_in_every_pair_of_languages(self, views: list[View]) -> None:
        found = worths(measured(views=views), background())
        number = COUNT * (COUNT - 1)
        reaching = [(unrelated(found[pair]) > 0.3).mean() for pair in PAIRS]
        assert reaching == pytest.approx([0.001] * 4, abs=1 / number)

    def test_the_typical_equal_text_or_translation_is_worth_0_9_in_every_pair_of_languages(
        self, views: list[View]
    ) -> None:
        found = worths(measured(views=views), background())
        assert [np.median(np.diagonal(found[pair])) for pair in PAIRS] == pytest.approx([0.9] * 4, abs=1e-5)

    def test_not_even_an_equal_text_is_worth_1(self, views: list[View]) -> None:
        found = worths(measured(views=views), background())
        assert all(table.max() < 1 for table in found.values())

    def test_one_in_twenty_unrelated_pairs_is_worth_more_than_chance(self, views: list[View]) -> None:
        found = measured(views=views)
        every = np.concatenate([unrelated(table) for table in worths(found, background()).values()])
        assert (every > found.chance).mean() == pytest.approx(0.05, abs=1e-3)
        assert 0 < found.chance < 0.3


def test_all_four_points_rise_in_every_pair_of_languages() -> None:
    assert (np.diff(measured().knots, axis=2) > 0).all()


def test_a_translation_that_the_encoder_hardly_knows_leaves_the_points_rising() -> None:
    texts = background()
    draw = np.random.default_rng(1)
    strange = {
        role: (both[0], draw.normal(size=both[0].shape).astype(np.float32)) for role, both in texts.vectors.items()
    }
    weak = {role: (korean, both + 0.15 * korean) for role, (korean, both) in strange.items()}
    found = measure("fake", (GENERAL,), replace(texts, vectors=weak | {Role.PASSAGE: weak[Role.QUERY]}))
    assert (np.diff(found.knots, axis=2) > 0).all()
    usual, rare, same, _ = found.knots[KO, EN]
    assert same == pytest.approx(rare + (rare - usual) / 4)


def test_what_only_tells_the_language_counts_for_nothing() -> None:
    straight, leaning = measured(), measured(lean=3.0)
    np.testing.assert_allclose(leaning.knots, straight.knots, atol=1e-4)
    expected, found = worths(straight, background()), worths(leaning, background(lean=3.0))
    for pair in PAIRS:
        np.testing.assert_allclose(found[pair], expected[pair], atol=1e-3)


def test_passages_on_one_subject_do_not_count_as_unrelated() -> None:
    once, twice = measured(), measure("fake", VIEWS, background(repeat=2))
    np.testing.assert_allclose(twice.knots[:2, :2, 0], once.knots[:2, :2, 0], atol=1e-5)
    np.testing.assert_allclose(twice.knots[:2, :2, 1], once.knots[:2, :2, 1], atol=0.05)
    blurred = replace(background(repeat=2), subjects=[str(number) for number in range(2 * COUNT)])
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(measure("fake", VIEWS, blurred).knots[:2, :2, 1], once.knots[:2, :2, 1], atol=0.05)


def test_another_language_gets_the_mean_of_the_four_pairs_as_the_first_view_sees_them_and_of_both_centres() -> None:
    general, found = measured(lean=1.0, views=(GENERAL,)), measured(lean=1.0)
    mean = general.knots[:2, :2].mean(axis=(0, 1))
    for knots in (*found.knots[OTHER], *found.knots[:, OTHER]):
        np.testing.assert_allclose(knots, mean, rtol=1e-6)
    for role in Role:
        centres = found.centres[role][:, :24]
        np.testing.assert_allclose(centres[OTHER], (centres[KO] + centres[EN]) / 2, atol=1e-5)
        np.testing.assert_allclose(centres[EN], background(lean=1.0).vectors[role][EN][:, :24].mean(axis=0), atol=1e-5)


def test_an_encoder_that_tells_nothing_apart_is_bad_input() -> None:
    blind = {role: (np.ones((4, 2), np.float32), np.ones((4, 2), np.float32)) for role in Role}
    with pytest.raises(BadInput, match="does not tell a text from an unrelated one"):
        measure("blind", [View(0, 2)], Background(blind, ([()] * 4, [()] * 4), list("abcd")))


def test_a_view_of_one_language_takes_precedence_and_has_no_centre() -> None:
    found = measured(lean=2.0)
    assert [found.view(ask, answer) for ask, answer in PAIRS] == [GENERAL, GENERAL, GENERAL, ENGLISH]
    assert {found.view(OTHER, code) for code in range(3)} == {GENERAL}
    for role in Role:
        assert not found.centres[role][:, 24:].any()
        assert found.centres[role][:, :24].any(axis=1).all()


def test_a_view_of_english_changes_the_points_of_two_english_texts_only() -> None:
    general, found = measured(views=(GENERAL,)), measured()
    for pair in PAIRS[:3]:
        np.testing.assert_array_equal(found.knots[pair], general.knots[pair])
    assert not np.allclose(found.knots[EN, EN], general.knots[EN, EN], atol=1e-3)


@pytest.mark.parametrize("seed", range(10))
def test_the_similarity_of_each_pair_is_seen_in_its_own_view(seed: int) -> None:
    draw = np.random.default_rng(seed)
    views = [View(0, 5), View(5, 8, (Language.ENGLISH,)), View(8, 12, (Language.KOREAN, Language.ENGLISH))][
        : 1 + seed % 3
    ]
    asks, answers = ((draw.normal(size=(size, 12)).astype(np.float32), draw.integers(0, 3, size)) for size in (6, 9))
    found = calibration.similarity(views, spoken(*asks), spoken(*answers))
    assert found.shape == (6, 9)
    for row, column in itertools.product(range(6), range(9)):
        languages = {list(Language)[asks[1][row]], list(Language)[answers[1][column]]}
        own = next(view for view in reversed(views) if languages <= set(view.languages))
        expected = sum(float(asks[0][row, at]) * float(answers[0][column, at]) for at in range(own.begin, own.end))
        assert found[row, column] == pytest.approx(expected, rel=1e-6, abs=1e-6)


def by_hand(knots: Sequence[float] = (0.5, 0.7, 0.9, 2.0)) -> Calibration:
    tables = np.tile(knots, (3, 3, 1)).astype(float)
    tables[KO, EN] = [0.2, 0.4, 0.6, 1.0]
    centres = {Role.QUERY: np.zeros((3, 2), np.float32), Role.PASSAGE: np.zeros((3, 2), np.float32)}
    centres[Role.PASSAGE][EN] = [1.0, 0.0]
    return Calibration("fake", (View(0, 2),), centres, tables, chance=0.1)


@pytest.mark.parametrize(
    ("similarity", "share", "asks", "answers", "worth"),
    [
        (0.5, 0.0, KO, KO, 0.0),
        (0.6, 0.0, KO, KO, 0.15),
        (0.7, 0.0, KO, KO, 0.3),
        (0.8, 0.0, KO, KO, 0.6),
        (0.9, 0.0, KO, KO, 0.9),
        (2.0, 0.0, KO, KO, 1.0),
        (-1.0, 0.0, EN, EN, 0.0),
        (9.0, 0.0, EN, EN, 1.0),
        (0.3, 0.0, KO, EN, 0.15),
        (0.3, 0.0, EN, KO, 0.0),
        (0.4, 0.1, EN, EN, 0.15),
        (0.4, 0.1, OTHER, OTHER, 0.15),
        (0.2, 0.2, KO, EN, 0.15),
        (0.4, 0.4, EN, KO, 0.15),
        (0.9, 0.55, KO, KO, 1.0),
    ],
)
def test_worth_is_linear_between_the_points_of_similarity_and_weighed_share(
    similarity: float, share: float, asks: int, answers: int, worth: float
) -> None:
    table = by_hand().worth(np.array([[similarity]]), np.array([[share]]), np.array([asks]), np.array([answers]))
    assert table[0, 0] == pytest.approx(worth, abs=1e-6)


def test_the_share_of_words_weighs_2_within_a_language_and_a_half_across() -> None:
    expected = [[2.0, 0.5, 0.5], [0.5, 2.0, 0.5], [0.5, 0.5, 2.0], [0.5, 2.0, 0.5]]
    assert words_weight(np.array([KO, EN, OTHER, EN]), np.array([KO, EN, OTHER])).tolist() == expected


@pytest.mark.parametrize("seed", range(20))
def test_worth_never_falls_with_evidence_and_stays_in_0_to_1(seed: int) -> None:
    draw = np.random.default_rng(seed)
    knots = np.cumsum(draw.uniform(0.01, 0.5, size=(3, 3, 4)), axis=2) + draw.normal(size=(3, 3, 1))
    found = replace(by_hand(), knots=knots)
    asks, answers = draw.integers(0, 3, 4), draw.integers(0, 3, 5)
    weights = words_weight(asks, answers)
    shares = np.linspace(0, 1, 11)
    similarity = draw.uniform(-1.5, 4, size=(4, 5))
    by_share = np.stack([found.worth(similarity, np.full((4, 5), share), asks, answers) for share in shares])
    steps = np.linspace(-2, 4, 61)
    by_similarity = np.stack([found.worth(np.full((4, 5), step), np.zeros((4, 5)), asks, answers) for step in steps])
    for table in (by_share, by_similarity):
        assert not np.isnan(table).any()
        assert (table >= 0).all()
        assert (table <= 1).all()
        assert (np.diff(table, axis=0) >= 0).all()
    np.testing.assert_allclose(
        by_share[3], found.worth(similarity + 0.3 * weights, np.zeros((4, 5)), asks, answers), atol=1e-6
    )


@pytest.mark.parametrize("pair", list(itertools.product(range(3), repeat=2)))
def test_scores_do_not_saturate_before_the_most_there_can_be(pair: tuple[int, int]) -> None:
    found, (ask, answer) = measured(), pair
    usual, most = found.knots[ask, answer, [0, 3]]
    evidence = np.linspace(usual, most, 200)[None, :]
    worth = found.worth(evidence, np.zeros_like(evidence), np.array([ask]), np.full(200, answer))[0]
    assert (np.diff(worth) > 0).all()
    assert worth[-1] == 1
    assert worth[-2] < 1


@pytest.mark.parametrize("pair", list(itertools.product(range(3), repeat=2)))
def test_reach_is_worth_where_that_is_more_than_0_and_falls_on_below_0_under_the_usual(pair: tuple[int, int]) -> None:
    found, (ask, answer) = measured(), pair
    usual, _, _, most = found.knots[ask, answer]
    similarity = np.linspace(usual - 1, most, 300)
    reach = found.reach(similarity, ask, answer)
    none = np.zeros((1, 300))
    worth = found.worth(similarity[None, :], none, np.array([ask]), np.full(300, answer))[0]
    assert (np.diff(reach) > 0).all()
    np.testing.assert_allclose(reach[worth > 0], worth[worth > 0], atol=1e-6)
    assert (reach[similarity < usual] < 0).all()
    assert found.reach(np.array([usual]), ask, answer)[0] == 0


def test_centring_takes_away_the_mean_of_language_and_role_and_makes_unit_rows() -> None:
    vectors = np.array([[1.0, 2.0], [0.6, 0.8]], dtype=np.float32)
    languages = np.array([EN, KO])
    np.testing.assert_allclose(by_hand().centre(vectors, languages, Role.PASSAGE), [[0, 1], [0.6, 0.8]], atol=1e-6)
    np.testing.assert_allclose(by_hand().centre(vectors, languages, Role.QUERY), unit(vectors), atol=1e-6)


def test_centred_vectors_are_unit_rows_in_the_views_of_their_language_and_0_elsewhere() -> None:
    vectors = np.random.default_rng(0).normal(size=(3, 36)).astype(np.float32)
    centred = measured(lean=1.0).centre(vectors, np.array([KO, EN, OTHER]), Role.PASSAGE)
    np.testing.assert_allclose(np.linalg.norm(centred[:, :24], axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(centred[:, 24:], axis=1), [0, 1, 0], atol=1e-6)
    np.testing.assert_allclose(centred[1, 24:], unit(vectors[1:2, 24:])[0], atol=1e-6)


def test_no_vectors_are_centred_to_no_vectors() -> None:
    nothing = np.empty((0, 0), dtype=np.float32)
    assert measured().centre(nothing, np.array([], dtype=int), Role.QUERY).shape == (0, 0)


def test_languages_are_korean_english_and_other_in_this_order() -> None:
    assert list(Language) == [Language.KOREAN, Language.ENGLISH, Language.OTHER]
