from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from matcher.calibration import Calibration, View
from matcher.corpus import Corpus, build_corpus
from matcher.encoding import Role, Vectors
from matcher.engine import Engine, calibrated_for
from matcher.errors import BadInput
from matcher.languages import Language, language_of
from matcher.passages import Field, Passage
from matcher.shared_words import share_words
from models import calibration as calibrations
from models.calibration import SHIPPED, calibrate, calibrated, file_name, from_bytes, to_bytes
from models.catalogue import DEFAULT_ENCODER
from models.disk_cache import DiskCache
from models.encoders import ModelIdentity
from models.opening import Models, open_models
from models.processor import has_bfloat16
from models.sentence_encoder import NumberFormat
from tests.fakes import NoWords, WordEncoder

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


# ---- the real models


@pytest.fixture(scope="module")
def calibration(default_models) -> Calibration:
    return calibrate(default_models.encoder, default_models.lexicon)


@pytest.fixture
def worth(default_models, calibration):
    """Return what every answer is worth to every ask."""

    def corpus(texts: list[str], role: Role) -> Corpus:
        owned = [[Passage(owner, Field.NEED, 0, text, language_of(text))] for owner, text in enumerate(texts)]
        return build_corpus(owned, role, default_models.encoder, default_models.lexicon, calibration)

    def between(asks: list[str], answers: list[str]) -> np.ndarray:
        rows, columns = corpus(asks, Role.QUERY), corpus(answers, Role.PASSAGE)
        similarity = calibration.similarity(rows.spoken, columns.spoken)
        share = share_words(rows.words, columns.words).of(0, len(asks))
        return calibration.worth(similarity, share, rows.languages, columns.languages)

    return between


def test_saying_the_same_is_above_saying_something_else_in_every_pair_of_languages(calibration):
    assert calibration.knots.shape == (3, 3, 4)
    assert (np.diff(calibration.knots, axis=2) > 0).all()
    usual, same = calibration.knots[:, :, 0], calibration.knots[:, :, 2]
    assert (usual + 0.1 < same).all()
    assert 0 < calibration.chance < 0.5


def test_english_pairs_are_seen_in_the_view_of_the_english_encoder_and_all_others_in_the_general_one(calibration):
    korean, english, other = range(3)
    assert calibration.view(english, english) == View(384, 768, (Language.ENGLISH,))
    for pair in [(korean, korean), (korean, english), (english, korean), (english, other), (other, other)]:
        assert calibration.view(*pair) == View(0, 384)


def test_no_mean_is_taken_away_from_what_one_encoder_says_of_one_language(calibration):
    for role in Role:
        centres = calibration.centres[role]
        assert centres.shape == (3, 768)
        assert (np.linalg.norm(centres[:, :384], axis=1) > 0.5).all()
        assert (centres[:, 384:] == 0).all()


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


def test_what_answers_a_need_without_repeating_it_is_worth_the_same_in_every_pair_of_languages(worth, background):
    """Neither language is favoured: of one subject, who asks and who answers, each in Korean and in English."""
    texts = {
        (role, language): [passage[language] for passage in background if passage["role"] == role]
        for role in ("ask", "answer")
        for language in ("ko", "en")
    }
    medians = [
        np.median(np.diagonal(worth(texts["ask", one], texts["answer", other])))
        for one in ("ko", "en")
        for other in ("ko", "en")
    ]
    assert max(medians) < 1.4 * min(medians)


def test_measuring_twice_gives_the_same_and_encodes_and_cuts_nothing_anew(default_models, calibration):
    before = default_models.encoder.encoded, default_models.lexicon.cut
    again = calibrate(default_models.encoder, default_models.lexicon)
    assert (default_models.encoder.encoded, default_models.lexicon.cut) == before
    assert_equal(again, calibration)


# ---- the calibrations that come along


def in_format(number_format: NumberFormat, folder: Path) -> Models:
    if number_format is NumberFormat.BFLOAT16 and not has_bfloat16():
        pytest.skip("this processor does not multiply bfloat16")
    return open_models(DEFAULT_ENCODER, folder, number_format)


def test_there_is_one_for_each_number_format_and_none_besides(tmp_path):
    opened = [open_models(DEFAULT_ENCODER, tmp_path, number_format) for number_format in NumberFormat]
    names = {file_name(calibrated_for(models.encoder, models.lexicon)) for models in opened}
    assert len(names) == 2
    assert {path.name for path in SHIPPED.iterdir()} == names


# Other kernels, other last bits: a component of a vector moves by up to 1e-6 in float32 and 0.002 in bfloat16.
APART = {NumberFormat.FLOAT32: 1e-4, NumberFormat.BFLOAT16: 5e-3}


@pytest.mark.parametrize("number_format", NumberFormat)
def test_it_is_what_is_measured_with_the_real_models(cache_folder, number_format):
    models = in_format(number_format, cache_folder)
    shipped = from_bytes((SHIPPED / file_name(calibrated_for(models.encoder, models.lexicon))).read_bytes())
    measured = calibrate(models.encoder, models.lexicon)
    assert shipped.fingerprint == measured.fingerprint
    assert shipped.views == measured.views
    assert np.abs(shipped.knots - measured.knots).max() <= APART[number_format]
    assert shipped.chance == pytest.approx(measured.chance, abs=APART[number_format])
    for role in Role:
        assert np.abs(shipped.centres[role] - measured.centres[role]).max() <= APART[number_format]


def test_it_is_taken_without_encoding_a_text(default_models, tmp_path):
    models = open_models(DEFAULT_ENCODER, tmp_path)
    assert models.encoder.encoded == models.lexicon.cut == 0
    assert models.calibration.fingerprint == calibrated_for(models.encoder, models.lexicon)
    assert Engine(models.encoder, models.lexicon, models.calibration, TODAY)


def test_one_that_belongs_to_another_number_format_is_refused_by_the_engine(tmp_path):
    one, other = (open_models(DEFAULT_ENCODER, tmp_path, number_format) for number_format in NumberFormat)
    with pytest.raises(BadInput) as caught:
        Engine(one.encoder, one.lexicon, other.calibration, TODAY)
    assert other.encoder.fingerprint in str(caught.value)
    assert one.encoder.fingerprint in str(caught.value)


# ---- calibrations of other encoders, measured once


TODAY = dt.date(2026, 6, 1)


class Translator:
    """Knows which background passages are translations of each other; counts what it encodes."""

    def __init__(self, revision: str = "1") -> None:
        self.identity = ModelIdentity("translator", revision, NumberFormat.FLOAT32)
        self.encoded = 0
        lines = files("models").joinpath("background/passages.jsonl").read_text(encoding="utf-8").splitlines()
        self._same = {passage[of]: passage["en"] for passage in map(json.loads, lines) for of in ("ko", "en")}

    @property
    def fingerprint(self) -> str:
        return self.identity.fingerprint

    def views(self, dimension: int) -> tuple[View, ...]:
        return (View(0, dimension),)

    def report_to(self, progress) -> None:
        raise AssertionError("nobody asked for progress")

    def encode(self, texts: Sequence[str], role: Role) -> Vectors:
        self.encoded += len(texts)
        return np.stack([_unit(self._same[text]) + _unit(text) / 2 for text in texts]).astype(np.float32) / 2


@cache
def _unit(text: str) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")
    direction = np.random.default_rng(seed).normal(size=64)
    return direction / np.linalg.norm(direction)


def assert_equal(one: Calibration, other: Calibration) -> None:
    assert (one.fingerprint, one.views, one.chance) == (other.fingerprint, other.views, other.chance)
    assert np.array_equal(one.knots, other.knots)
    assert one.centres.keys() == other.centres.keys()
    for role in Role:
        assert np.array_equal(one.centres[role], other.centres[role])
        assert one.centres[role].dtype == other.centres[role].dtype == np.float32


@pytest.fixture
def cache(tmp_path) -> DiskCache:
    return DiskCache(tmp_path / "cache.sqlite")


@pytest.fixture
def measured(cache) -> Calibration:
    return calibrated(Translator(), NoWords(), cache)


def test_it_is_measured_once_and_kept_in_the_cache(measured, tmp_path):
    again = Translator()
    assert_equal(calibrated(again, NoWords(), DiskCache(tmp_path / "cache.sqlite")), measured)
    assert again.encoded == 0


def test_another_cache_has_it_measured_anew(measured, tmp_path):
    encoder = Translator()
    assert_equal(calibrated(encoder, NoWords(), DiskCache(tmp_path / "other.sqlite")), measured)
    assert encoder.encoded == 480


def test_another_model_or_lexicon_has_one_of_its_own(measured, cache):
    class OtherLexicon(NoWords):
        @property
        def fingerprint(self) -> str:
            return "no words at all"

    for encoder, lexicon in [(Translator("2"), NoWords()), (Translator(), OtherLexicon())]:
        assert calibrated(encoder, lexicon, cache).fingerprint == calibrated_for(encoder, lexicon)
        assert encoder.encoded == 480


def test_another_background_has_one_of_its_own(monkeypatch):
    before = file_name("model & words")
    assert file_name("model & words") == before
    assert file_name("model & other words") != before
    monkeypatch.setattr(calibrations, "_BACKGROUND", "catalogue.py")
    assert file_name("model & words") != before


def test_the_one_that_comes_along_goes_before_a_kept_one(measured, cache, tmp_path, monkeypatch):
    monkeypatch.setattr(calibrations, "SHIPPED", tmp_path)
    name = file_name(measured.fingerprint)
    (tmp_path / name).write_bytes(to_bytes(replace(measured, chance=0.5)))
    assert calibrated(Translator(), NoWords(), cache).chance == 0.5


def test_one_of_another_model_under_this_name_is_refused_by_the_engine(measured, cache, tmp_path, monkeypatch):
    monkeypatch.setattr(calibrations, "SHIPPED", tmp_path)
    other = Translator("2")
    (tmp_path / file_name(calibrated_for(other, NoWords()))).write_bytes(to_bytes(measured))
    wrong = calibrated(other, NoWords(), cache)
    assert other.encoded == 0
    with pytest.raises(BadInput, match="measure it anew") as caught:
        Engine(other, NoWords(), wrong, TODAY)
    assert "translator@1" in str(caught.value)
    assert "translator@2" in str(caught.value)
    assert Engine(Translator(), NoWords(), wrong, TODAY)


def test_what_is_written_is_read_back_to_the_last_bit(calibration):
    assert_equal(from_bytes(to_bytes(calibration)), calibration)


@pytest.mark.parametrize("value", [b"", b"garbage" * 100], ids=["empty", "garbage"])
def test_a_damaged_kept_one_is_measured_anew(measured, cache, tmp_path, value):
    with closing(sqlite3.connect(tmp_path / "cache.sqlite")) as database, database:
        assert database.execute("UPDATE computed SET value = ?", (value,)).rowcount == 1
    encoder = Translator()
    assert_equal(calibrated(encoder, NoWords(), cache), measured)
    assert encoder.encoded == 480


def test_nothing_is_kept_of_an_encoder_that_is_refused(cache):
    for _ in range(2):
        with np.errstate(all="ignore"), pytest.raises(BadInput, match="does not tell a text from an unrelated one"):
            calibrated(Constant(), NoWords(), cache)


# ---- encoders that cannot do it


class Viewed(WordEncoder):
    def views(self, dimension: int) -> tuple[View, ...]:
        return (View(0, dimension),)


class Constant(Viewed):
    def encode(self, texts, role):
        return np.ones((len(texts), 4), dtype=np.float32) / 2


def test_an_encoder_that_gives_every_text_one_vector_is_refused():
    with np.errstate(all="ignore"), pytest.raises(BadInput, match="does not tell a text from an unrelated one"):
        calibrate(Constant(), NoWords())


def test_the_background_is_encoded_in_both_roles():
    asked = []

    class Listening(Viewed):
        def encode(self, texts, role):
            asked.append((role, len(texts)))
            return super().encode(texts, role)

    # words alone do not carry from one language to the other
    with np.errstate(all="ignore"), contextlib.suppress(BadInput):
        calibrate(Listening(), NoWords())
    assert sorted(asked) == [(Role.PASSAGE, 240), (Role.QUERY, 240)]
