from __future__ import annotations

import contextlib
import json
from collections import Counter
from importlib.resources import files

import numpy as np
import pytest

from matcher.calibration import Calibration
from matcher.corpus import Corpus, build_corpus
from matcher.encoding import Role
from matcher.errors import BadInput
from matcher.languages import Language, language_of
from matcher.passages import Field, Passage
from models.calibration import calibrate
from tests.fakes import WordEncoder

KOREAN = [
    "폐 CT 영상에서 결절을 찾는 딥러닝 모델을 함께 만들 연구자를 찾습니다.",
    "고추 잎 사진으로 탄저병을 일찍 진단하고 싶습니다.",
    "계약서 조항의 위험을 자동으로 찾아 주는 법률 AI가 필요합니다.",
    "전기차 배터리의 남은 수명을 예측하는 방법이 필요합니다.",
    "중학생 수학 문제 풀이 과정을 자동 채점하고 싶습니다.",
]
ENGLISH = [
    "We are looking for a researcher to build a deep learning model that finds nodules in lung CT images.",
    "We want to diagnose anthracnose early from photos of pepper leaves.",
    "We need legal AI that finds risky clauses in contracts automatically.",
    "We need a way to predict the remaining life of electric vehicle batteries.",
    "We want to grade middle school students' maths solutions automatically.",
]
DIRECTIONS = {
    "Korean to English": (KOREAN, ENGLISH),
    "English to Korean": (ENGLISH, KOREAN),
    "Korean to Korean": (KOREAN, KOREAN),
    "English to English": (ENGLISH, ENGLISH),
}


# ---- the background


@pytest.fixture(scope="module")
def background() -> list[dict[str, str]]:
    lines = files("models").joinpath("background/passages.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_the_background_is_two_passages_on_each_of_60_subjects(background):
    assert len(background) == 120
    subjects = Counter(passage["field"] for passage in background)
    assert len(subjects) == 60
    assert set(subjects.values()) == {2}


def test_every_subject_has_one_who_asks_and_one_who_answers(background):
    roles = Counter((passage["field"], passage["role"]) for passage in background)
    assert len(roles) == 120
    assert {role for _, role in roles} == {"ask", "answer"}


def test_every_passage_stands_in_korean_and_in_english(background):
    for passage in background:
        assert passage.keys() == {"field", "role", "ko", "en"}
        assert language_of(passage["ko"]) is Language.KOREAN, passage
        assert language_of(passage["en"]) is Language.ENGLISH, passage


def test_no_passage_occurs_twice(background):
    texts = [passage[language] for passage in background for language in ("ko", "en")]
    assert len(set(texts)) == 240


# ---- the real encoder


@pytest.fixture(scope="module")
def calibration(default_encoder) -> Calibration:
    return calibrate(default_encoder)


@pytest.fixture
def worth(default_encoder, calibration):
    """Return what every answer is worth to every ask."""

    def corpus(texts: list[str], role: Role) -> Corpus:
        owned = [[Passage(owner, Field.NEED, 0, text, language_of(text))] for owner, text in enumerate(texts)]
        return build_corpus(owned, default_encoder, calibration, role)

    def between(asks: list[str], answers: list[str]) -> np.ndarray:
        rows, columns = corpus(asks, Role.QUERY), corpus(answers, Role.PASSAGE)
        return calibration.worth(rows.vectors @ columns.vectors.T, rows.languages, columns.languages)

    return between


def test_saying_the_same_is_above_saying_something_else_in_every_pair_of_languages(calibration):
    tables = [table for table in vars(calibration).values() if np.shape(table) == (3, 3)]
    assert len(tables) == 2
    low, high = tables
    assert (low + 0.1 < high).all()
    assert 0 < calibration.chance < 0.5


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_the_same_need_is_worth_more_than_chance(worth, calibration, direction):
    same = np.diagonal(worth(*DIRECTIONS[direction]))
    assert (same > 2 * calibration.chance).all()


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_unrelated_needs_are_worth_next_to_nothing(worth, calibration, direction):
    unrelated = worth(*DIRECTIONS[direction])[~np.eye(5, dtype=bool)]
    assert np.median(unrelated) < 0.1
    assert np.mean(unrelated > calibration.chance) <= 0.15


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_every_need_finds_itself_first_in_either_language(worth, direction):
    assert worth(*DIRECTIONS[direction]).argmax(axis=1).tolist() == [0, 1, 2, 3, 4]


def test_a_translation_is_found_among_texts_of_both_languages(worth):
    """Uncalibrated, the encoder prefers its own language, and unrelated Korean texts come before the translation."""
    found = worth(KOREAN, KOREAN + ENGLISH)
    for ask in range(5):
        others = np.delete(found[ask], [ask, ask + 5])
        assert found[ask, ask + 5] > others.max()


def test_calibrating_twice_gives_the_same_and_encodes_nothing_anew(default_encoder, calibration):
    before = default_encoder.encoded
    again = calibrate(default_encoder)
    assert default_encoder.encoded == before
    assert again.chance == calibration.chance


# ---- other encoders


def test_an_encoder_that_gives_every_text_one_vector_is_refused():
    class Constant(WordEncoder):
        def encode(self, texts, role):
            return np.ones((len(texts), 4), dtype=np.float32) / 2

    with np.errstate(all="ignore"), pytest.raises(BadInput, match="does not tell a text from an unrelated one"):
        calibrate(Constant())


def test_the_background_is_encoded_in_both_roles():
    asked = []

    class Listening(WordEncoder):
        def encode(self, texts, role):
            asked.append((role, len(texts)))
            return super().encode(texts, role)

    # words alone do not carry from one language to the other
    with np.errstate(all="ignore"), contextlib.suppress(BadInput):
        calibrate(Listening())
    assert sorted(asked) == [(Role.PASSAGE, 240), (Role.QUERY, 240)]
