"""Worth: centred for the language, then 0 at a typical unrelated pair and 1 at an equal text, measured once."""

from __future__ import annotations

import numpy as np
import pytest

from matcher.calibration import Calibration, measure
from matcher.encoding import Role
from matcher.errors import BadInput
from matcher.languages import Language

KO, EN, OTHER = range(3)
COUNT = 80
SUBJECTS = [str(number) for number in range(COUNT)]
PAIRS = [(KO, KO), (KO, EN), (EN, KO), (EN, EN)]

Background = dict[Role, tuple[np.ndarray, np.ndarray]]


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def background(lean: float = 0.0) -> Background:
    """Return passages of which the English are loose translations of the Korean.

    lean: how far all vectors of a language lie in a direction of its own, which says nothing about their subject.
    """
    draw = np.random.default_rng(0)
    meaning = draw.normal(size=(COUNT, 24))
    languages = draw.normal(size=(2, 24))
    korean = meaning + 0.1 * draw.normal(size=meaning.shape) + lean * languages[0]
    english = meaning + 0.6 * draw.normal(size=meaning.shape) + lean * languages[1]
    texts = korean.astype(np.float32), english.astype(np.float32)
    return {Role.QUERY: texts, Role.PASSAGE: texts}


def worths(calibration: Calibration, texts: Background) -> dict[tuple[int, int], np.ndarray]:
    """Return by pair of languages the worth of each background passage as an answer to each."""
    codes = [np.full(COUNT, language) for language in (KO, EN)]
    asks, answers = (
        [calibration.centre(texts[role][language], codes[language], role) for language in (KO, EN)] for role in Role
    )
    return {(a, b): calibration.worth(asks[a] @ answers[b].T, codes[a], codes[b]) for a, b in PAIRS}


def unrelated(table: np.ndarray) -> np.ndarray:
    return table[~np.eye(COUNT, dtype=bool)]


def test_half_of_the_unrelated_pairs_are_worth_nothing_in_every_pair_of_languages() -> None:
    found = worths(measure(background(), SUBJECTS), background())
    assert [(unrelated(found[pair]) == 0).mean() for pair in PAIRS] == pytest.approx([0.5] * 4, abs=0.01)


def test_a_rarely_similar_pair_is_worth_the_same_in_every_pair_of_languages() -> None:
    found = worths(measure(background(), SUBJECTS), background())
    rare = [np.quantile(unrelated(found[pair]), 0.999) for pair in PAIRS]
    assert rare == pytest.approx([rare[0]] * 4, abs=1e-4)
    assert 0 < rare[0] < 1


def test_an_equal_text_is_worth_1_where_it_stands_out_most_and_a_translation_no_more() -> None:
    found = worths(measure(background(), SUBJECTS), background())
    same = {pair: float(np.median(np.diagonal(found[pair]))) for pair in PAIRS}
    assert max(same.values()) == pytest.approx(1, abs=1e-5)
    assert same[KO, EN] < same[KO, KO]


def test_one_in_twenty_unrelated_pairs_is_worth_more_than_chance() -> None:
    calibration = measure(background(), SUBJECTS)
    every = np.concatenate([unrelated(table) for table in worths(calibration, background()).values()])
    assert (every > calibration.chance).mean() == pytest.approx(0.05, abs=0.001)


def test_what_only_tells_the_language_counts_for_nothing() -> None:
    straight, leaning = measure(background(), SUBJECTS), measure(background(lean=3.0), SUBJECTS)
    np.testing.assert_allclose(leaning.nothing, straight.nothing, atol=1e-4)
    np.testing.assert_allclose(leaning.everything, straight.everything, atol=1e-4)
    expected, found = worths(straight, background()), worths(leaning, background(lean=3.0))
    for pair in PAIRS:
        np.testing.assert_allclose(found[pair], expected[pair], atol=1e-3)


def test_passages_on_one_subject_do_not_count_as_unrelated() -> None:
    doubled = {role: tuple(np.repeat(of_one, 2, axis=0) for of_one in both) for role, both in background().items()}
    twice, once = measure(doubled, list(np.repeat(SUBJECTS, 2))), measure(background(), SUBJECTS)  # type: ignore[arg-type]
    np.testing.assert_allclose(twice.nothing, once.nothing, atol=1e-5)


def test_another_language_gets_the_mean_of_the_four_pairs_and_of_both_centres() -> None:
    calibration = measure(background(lean=1.0), SUBJECTS)
    for table in (calibration.nothing, calibration.everything):
        np.testing.assert_allclose([*table[OTHER], *table[:, OTHER]], table[:2, :2].mean(), rtol=1e-5)
    centres = calibration.centres[Role.QUERY]
    np.testing.assert_allclose(centres[OTHER], (centres[KO] + centres[EN]) / 2, atol=1e-5)


def by_hand(nothing: float = 0.5, everything: float = 0.9) -> Calibration:
    tables = [np.full((3, 3), point, dtype=np.float32) for point in (nothing, everything)]
    tables[1][KO, EN] = 0.7
    centres = {Role.QUERY: np.zeros((3, 2), np.float32), Role.PASSAGE: np.zeros((3, 2), np.float32)}
    centres[Role.PASSAGE][EN] = [1.0, 0.0]
    return Calibration(centres, *tables, chance=0.1)


@pytest.mark.parametrize(
    ("similarity", "asks", "answers", "worth"),
    [
        (0.5, KO, KO, 0.0),
        (0.7, KO, KO, 0.5),
        (0.9, KO, KO, 1.0),
        (0.6, KO, EN, 0.5),
        (0.6, EN, KO, 0.25),
        (0.1, EN, EN, 0.0),
        (1.0, EN, OTHER, 1.0),
    ],
)
def test_worth_grows_in_proportion_between_nothing_and_everything(
    similarity: float, asks: int, answers: int, worth: float
) -> None:
    table = np.array([[similarity]], dtype=np.float32)
    assert by_hand().worth(table, np.array([asks]), np.array([answers]))[0, 0] == pytest.approx(worth, abs=1e-6)


def test_centring_takes_away_the_mean_of_language_and_role_and_makes_unit_rows() -> None:
    vectors = np.array([[1.0, 2.0], [0.6, 0.8]], dtype=np.float32)
    languages = np.array([EN, KO])
    np.testing.assert_allclose(by_hand().centre(vectors, languages, Role.PASSAGE), [[0, 1], [0.6, 0.8]], atol=1e-6)
    np.testing.assert_allclose(by_hand().centre(vectors, languages, Role.QUERY), unit(vectors), atol=1e-6)


def test_an_encoder_that_tells_nothing_apart_is_bad_input() -> None:
    blind = {role: (np.ones((4, 2), np.float32), np.ones((4, 2), np.float32)) for role in Role}
    with pytest.raises(BadInput, match="does not tell a text from an unrelated one"):
        measure(blind, list("abcd"))


def test_languages_are_korean_english_and_other_in_this_order() -> None:
    assert list(Language) == [Language.KOREAN, Language.ENGLISH, Language.OTHER]
