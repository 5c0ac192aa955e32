"""A passage's language is told by its script; a foreign word in it changes nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.languages import Language, language_of
from tests.matcher.strategies import FEW


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("유방암 초음파 영상 판독", Language.KOREAN),
        ("LLM fine-tuning을 위한 데이터가 필요합니다", Language.KOREAN),
        ("Breast cancer ultrasound", Language.ENGLISH),
        ("We label 김치 photos for retailers", Language.ENGLISH),
        ("Überwachung von Maschinen", Language.ENGLISH),
        ("機械学習による画像診断", Language.OTHER),
        ("машинное обучение", Language.OTHER),
        ("2024 — 12,000 / 35%", Language.OTHER),
        ("", Language.OTHER),
    ],
)
def test_the_script_tells_the_language(text: str, language: Language) -> None:
    assert language_of(text) is language


def test_a_quarter_of_hangul_letters_makes_a_text_korean() -> None:
    assert language_of("가" + "a" * 3) is Language.KOREAN
    assert language_of("가" + "a" * 4) is Language.ENGLISH


@FEW
@given(st.text(), st.text(alphabet="0123456789 .,!?%\n"))
def test_digits_and_punctuation_change_nothing(text: str, marks: str) -> None:
    assert language_of(text + marks) is language_of(text)
