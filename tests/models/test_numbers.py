from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.numbers import large_numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("콜센터 통화 약 1만 2천 시간", "12000"),
        ("12 thousand hours", "12000"),
        ("35억원을 투자", "3500000000"),
        ("$3.5 billion", "3500000000"),
        ("1억2,500만 건", "125000000"),
        ("5천8백여 명", "5800"),
        ("3만5400장", "35400"),
        ("1.2-million records", "1200000"),
        ("１만 장", "10000"),
    ],
)
def test_a_large_number_is_its_digits(text, number):
    assert [form for form, _, _ in large_numbers(text)] == [number]


@pytest.mark.parametrize(
    "text", ["제2조에 따라", "10 천연물", "5 개만", "12,000 hours", "a million reasons", "만 명", ""]
)
def test_what_is_no_number_with_a_unit_is_left_alone(text):
    assert list(large_numbers(text)) == []


def test_a_number_is_where_it_is_written():
    text = "약 1만 2천 시간과 3 million images"
    assert [text[begin:end] for _, begin, end in large_numbers(text)] == ["1만 2천", "3 million"]


def korean(number: int) -> str:
    """Write a number as a Korean newspaper does: 1억 2345만 6789."""
    written = ""
    for unit, size in (("조", 10**12), ("억", 10**8), ("만", 10**4)):
        count, number = divmod(number, size)
        written += f" {count}{unit}" if count else ""
    return (written + (str(number) if number else "")).strip()


@given(st.integers(10**4, 10**16 - 1))
def test_every_number_written_in_korean_comes_back(number):
    assert [form for form, _, _ in large_numbers(f"모두 {korean(number)} 건")] == [str(number)]


@given(st.text(alphabet="0123456789,. 십백천만억조a제"))
def test_any_jumble_of_digits_and_units_is_read_without_an_error(text):
    for form, begin, end in large_numbers(text):
        assert float(form) >= 0
        assert 0 <= begin < end <= len(text)
