from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from matcher.calibration import View
from matcher.encoding import Role, Vectors
from matcher.languages import Language
from models.catalogue import MINILM_L6
from models.disk_cache import DiskCache
from models.encoders import CachedEncoder, ModelIdentity
from models.sentence_encoder import NumberFormat
from models.views import TwoViews

KOREAN, ENGLISH, OTHER = "고추 잎 사진", "photos of pepper leaves", "辣椒叶"
MIXED = "LLM fine-tuning을 위한 데이터가 필요합니다"


class LengthModel:
    """Gives each text its length in every column, negative for passages; remembers what it was asked."""

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self.asked: list[tuple[str, ...]] = []

    def encode(self, texts: Sequence[str], role: Role) -> Vectors:
        self.asked.append(tuple(texts))
        sign = 1 if role is Role.QUERY else -1
        return np.array([[sign * len(text)] * self.dimension for text in texts], dtype=np.float32)


@pytest.fixture
def general() -> LengthModel:
    return LengthModel(5)


@pytest.fixture
def english() -> LengthModel:
    return LengthModel(MINILM_L6.dimension)


@pytest.fixture
def start(tmp_path, general, english):
    """Open both over one cache file, as a process that begins would."""

    def opened(revisions: tuple[str, str] = ("1", "2"), number_format: NumberFormat = NumberFormat.FLOAT32) -> TwoViews:
        cache = DiskCache(tmp_path / "cache.sqlite")
        one, other = revisions
        return TwoViews(
            CachedEncoder(ModelIdentity("general", one, number_format), lambda: general, cache),
            CachedEncoder(ModelIdentity("english", other, number_format), lambda: english, cache),
        )

    return opened


@pytest.mark.parametrize("role", Role)
def test_an_english_text_has_both_parts_and_any_other_zeros_for_the_second(start, role):
    texts = [KOREAN, ENGLISH, OTHER, MIXED, "2026"]
    vectors = start().encode(texts, role)
    sign = 1 if role is Role.QUERY else -1
    assert vectors.shape == (5, 5 + 384)
    assert vectors.dtype == np.float32
    for text, vector in zip(texts, vectors, strict=True):
        assert (vector[:5] == sign * len(text)).all()
        assert (vector[5:] == (sign * len(text) if text == ENGLISH else 0)).all()


def test_each_english_text_gets_its_own_second_part(start):
    texts = ["one", KOREAN, "three", "one", OTHER, "a"]
    second = start().encode(texts, Role.QUERY)[:, 5:]
    assert second[:, 0].tolist() == [3, 0, 5, 3, 0, 1]


def test_the_english_encoder_is_asked_for_english_texts_only(start, general, english):
    start().encode([KOREAN, ENGLISH, MIXED], Role.QUERY)
    assert english.asked == [(ENGLISH,)]
    assert [set(texts) for texts in general.asked] == [{KOREAN, ENGLISH, MIXED}]


def test_texts_without_english_never_load_the_english_encoder(start, english):
    vectors = start().encode([KOREAN, OTHER], Role.QUERY)
    assert vectors.shape == (2, 5 + 384)
    assert english.asked == []


def test_no_texts_give_an_empty_array_and_load_nothing(start, general, english):
    assert start().encode([], Role.PASSAGE).shape == (0, 0)
    assert general.asked == english.asked == []


def test_a_second_process_encodes_nothing(start, general, english):
    first = start().encode([KOREAN, ENGLISH], Role.QUERY)
    again = start()
    assert np.array_equal(again.encode([ENGLISH, KOREAN], Role.QUERY), first[::-1])
    assert again.encoded == 0
    assert len(general.asked) == len(english.asked) == 1


def test_what_is_encoded_is_counted_for_each_encoder(start):
    encoder = start()
    encoder.encode([KOREAN, ENGLISH, OTHER], Role.QUERY)
    assert encoder.encoded == 3 + 1
    encoder.encode([ENGLISH, "law"], Role.QUERY)
    assert encoder.encoded == 4 + 2
    encoder.encode([ENGLISH], Role.PASSAGE)
    assert encoder.encoded == 6 + 2


def test_progress_is_told_of_both_encoders(start):
    told = []
    encoder = start()
    encoder.report_to(lambda done, total: told.append((done, total)))
    encoder.encode([KOREAN, ENGLISH, OTHER], Role.QUERY)
    assert told == [(0, 3), (3, 3), (0, 1), (1, 1)]


def test_the_views_are_all_texts_in_the_first_columns_and_english_ones_in_the_last(start):
    assert start().views(5 + 384) == (View(0, 5), View(5, 389, (Language.ENGLISH,)))
    dimension = start().encode([KOREAN], Role.QUERY).shape[1]
    assert start().views(dimension)[-1].end == dimension


def test_the_fingerprint_names_both_models_their_weights_and_the_number_format(start):
    assert start().fingerprint == "general+english@1+2/float32"
    assert start().identity == ModelIdentity("general+english", "1+2", NumberFormat.FLOAT32)


def test_the_fingerprint_changes_with_either_model_and_the_number_format(start):
    opened = [start(), start(("3", "2")), start(("1", "3")), start(number_format=NumberFormat.BFLOAT16)]
    assert len({encoder.fingerprint for encoder in opened}) == 4


def test_the_real_english_part_tells_english_sentences_apart(default_models):
    sentences = ["A man is playing a guitar.", "Someone plays music on a guitar.", "The court rejected the patent."]
    vectors = default_models.encoder.encode([*sentences, KOREAN], Role.PASSAGE)
    first, second = vectors[:, :384], vectors[:, 384:]
    assert vectors.shape == (4, 768)
    assert np.linalg.norm(first, axis=1) == pytest.approx([1, 1, 1, 1], abs=1e-5)
    assert np.linalg.norm(second, axis=1) == pytest.approx([1, 1, 1, 0], abs=1e-5)
    assert second[0] @ second[1] > 0.7
    assert second[0] @ second[2] < 0.2
