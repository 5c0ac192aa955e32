"""Kept answers take no more room than they are given."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.known_answers import KnownAnswers


def test_the_oldest_make_place():
    known = KnownAnswers(largest=10)
    known.put("a", b"1234")
    known.put("b", b"1234")
    known.put("c", b"1234")

    assert [known.get(question) for question in "abc"] == [None, b"1234", b"1234"]


def test_an_answer_that_is_put_again_is_counted_once_and_is_the_newest():
    known = KnownAnswers(largest=10)
    for question in "abaac":
        known.put(question, b"1234")

    assert [known.get(question) for question in "abc"] == [b"1234", None, b"1234"]


def test_an_answer_that_has_no_room_at_all_drives_out_no_other():
    known = KnownAnswers(largest=10)
    known.put("a", b"1234")
    known.put("b", b"12345678901")

    assert (known.get("a"), known.get("b")) == (b"1234", None)


def test_after_clearing_there_is_room_for_as_much_as_before():
    known = KnownAnswers(largest=10)
    known.put("a", b"1234567890")
    known.clear()
    known.put("b", b"1234567890")

    assert (known.get("a"), known.get("b")) == (None, b"1234567890")


@given(st.lists(st.tuples(st.integers(0, 5), st.binary(max_size=12))))
def test_what_is_kept_is_what_was_put_last_and_never_more_than_there_is_room(put):
    known, last = KnownAnswers(largest=20), {}
    for question, answer in put:
        known.put(question, answer)
        last[question] = answer

    kept = {question: known.get(question) for question in last if known.get(question) is not None}
    assert kept.items() <= last.items()
    assert sum(map(len, kept.values())) <= 20
