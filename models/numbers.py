"""Numbers as people write large ones: 1만 2천, 12,000 and 12 thousand are one number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

_KOREAN = {"십": 10, "백": 10**2, "천": 10**3, "만": 10**4, "억": 10**8, "조": 10**12}
_ENGLISH = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}

_DIGITS = r"\d+(?:,\d{3})*(?:\.\d+)?"
_PART = rf"{_DIGITS}(?:[십백천]?[만억조]|[십백천])"
# Digits stand right before their unit: 10 천연물 is ten of something. 제2조 is an article of a law.
_WRITTEN_KOREAN = re.compile(rf"(?<![\d.,제])(?:{_PART})(?: ?{_PART})*(?:{_DIGITS})?")
_KOREAN_PART = re.compile(rf"({_DIGITS})([십백천]?)([만억조]?)")
_WRITTEN_ENGLISH = re.compile(rf"(?<![\d.,])({_DIGITS})[ -]?({'|'.join(_ENGLISH)})\b", re.IGNORECASE)


def large_numbers(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield each number written with a unit such as 만 or million: its plain digits, where it begins and ends."""
    for written in _WRITTEN_KOREAN.finditer(text):
        parts = _KOREAN_PART.findall(written[0])
        value = sum(_decimal(digits) * _KOREAN.get(small, 1) * _KOREAN.get(large, 1) for digits, small, large in parts)
        yield _plain(Decimal(value)), written.start(), written.end()
    for written in _WRITTEN_ENGLISH.finditer(text):
        value = _decimal(written[1]) * _ENGLISH[written[2].lower()]
        yield _plain(value), written.start(), written.end()


def _decimal(digits: str) -> Decimal:
    return Decimal(digits.replace(",", ""))


def _plain(value: Decimal) -> str:
    """Return the digits without an exponent and without zeros after the point."""
    return format(value.normalize(), "f")
