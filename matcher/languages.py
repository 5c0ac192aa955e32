"""The language of a passage, told by its script."""

from __future__ import annotations

import re
from enum import StrEnum

_HANGUL = re.compile(r"[ᄀ-ᇿ㄰-㆏가-힯]+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]+")
_LETTER = re.compile(r"[^\W\d_]+")
# A Korean sentence keeps a third of its letters in Hangul even when half its words are English terms: a
# syllable block stands for two to three letters.
_KOREAN_SHARE = 0.25
_LATIN_SHARE = 0.5


class Language(StrEnum):
    """What the calibration tells apart."""

    KOREAN = "ko"
    ENGLISH = "en"
    OTHER = "other"


def language_of(text: str) -> Language:
    """Return Korean where at least a quarter of the letters are Hangul, English where most are Latin, else other.

    One foreign word does not change the answer: "LLM fine-tuning을 위한 데이터가 필요합니다" is Korean,
    "We label 김치 photos" is English. A text without letters counts as other.
    """
    if text.isascii():
        return Language.ENGLISH if _LATIN.search(text) else Language.OTHER
    letters = _count(_LETTER, text)
    if letters and _count(_HANGUL, text) >= _KOREAN_SHARE * letters:
        return Language.KOREAN
    if letters and _count(_LATIN, text) >= _LATIN_SHARE * letters:
        return Language.ENGLISH
    return Language.OTHER


def _count(letters: re.Pattern[str], text: str) -> int:
    """Return how many of these letters the text has; their runs are fewer than they, and sooner found."""
    return sum(map(len, letters.findall(text)))
