"""Kept answers take no more room than they are given, and all that a program asks for in turn has room."""

from __future__ import annotations

import json
import random
import zlib

from hypothesis import given
from hypothesis import strategies as st

from service.known_answers import KnownAnswers

ANSWER = b"1234"
ONE = len(zlib.compress(ANSWER, 1))


def test_the_oldest_make_place():
    known = KnownAnswers(largest=2 * ONE + 1)
    for question in "abc":
        known.put(question, ANSWER)

    assert [known.get(question) for question in "abc"] == [None, ANSWER, ANSWER]


def test_an_answer_that_is_put_again_is_counted_once_and_is_the_newest():
    known = KnownAnswers(largest=2 * ONE + 1)
    for question in "abaac":
        known.put(question, ANSWER)

    assert [known.get(question) for question in "abc"] == [ANSWER, None, ANSWER]


def test_an_answer_that_has_no_room_at_all_drives_out_no_other():
    known = KnownAnswers(largest=ONE)
    known.put("a", ANSWER)
    known.put("b", bytes(range(100)))

    assert (known.get("a"), known.get("b")) == (ANSWER, None)


def test_after_clearing_there_is_room_for_as_much_as_before():
    known = KnownAnswers(largest=ONE)
    known.put("a", ANSWER)
    known.clear()
    known.put("b", ANSWER)

    assert (known.get("a"), known.get("b")) == (None, ANSWER)


def test_two_thousand_startups_that_are_asked_for_in_turn_are_all_found_again():
    """Ten suggestions of 1.5 kB each, in words that are drawn anew for each startup: 30 MB of answers in all."""
    draw, known = random.Random(4), KnownAnswers()  # noqa: S311 (nothing secret)
    words = [f"{draw.randrange(10**6):x}{number}" for number in range(3000)]

    def answer(startup: int) -> bytes:
        need = " ".join(draw.choices(words, k=60))
        told = [
            {"startup": f"s{startup}", "expert": f"e{draw.randrange(10_000)}", "score": draw.random()} for _ in "a" * 10
        ]
        parts = {name: draw.random() for name in ("needs", "data", "words", "mandate")}
        return json.dumps(
            [
                {**one, "parts": parts, "evidence": [{"startup_passage": need, "expert_passage": text}] * 2}
                for one, text in ((one, " ".join(draw.choices(words, k=20))) for one in told)
            ]
        ).encode()

    answers = [answer(startup) for startup in range(2000)]
    assert sum(map(len, answers)) > 25 * 2**20
    for startup, one in enumerate(answers):
        known.put(startup, one)
    assert all(known.get(startup) == one for startup, one in enumerate(answers))


@given(st.lists(st.tuples(st.integers(0, 5), st.binary(max_size=12))))
def test_what_is_kept_is_what_was_put_last_and_never_more_than_there_is_room(put):
    known, last = KnownAnswers(largest=50), {}
    for question, answer in put:
        known.put(question, answer)
        last[question] = answer

    kept = {question: known.get(question) for question in last if known.get(question) is not None}
    assert kept.items() <= last.items()
    assert sum(len(zlib.compress(answer, 1)) for answer in kept.values()) <= 50
