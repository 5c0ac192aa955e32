"""The rate of a key: a window that moves, by a clock that nobody sets."""

from __future__ import annotations

import pytest

from matcher.errors import BadInput
from service.http.rate import Rate, RateLimiter


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_window_moves_and_says_when_the_next_request_is_in_it():
    clock = Clock()
    limiter = RateLimiter(Rate(2, 10), clock)
    assert limiter.wait("a") == 0
    clock.now += 4
    assert limiter.wait("a") == 0
    assert limiter.wait("a") == 6
    assert limiter.wait("b") == 0, "each key has its own"
    clock.now += 6
    assert limiter.wait("a") == 0, "the first one is out of the window"
    assert limiter.wait("a") == 4


def test_what_is_refused_does_not_count():
    clock = Clock()
    limiter = RateLimiter(Rate(1, 10), clock)
    limiter.wait("a")
    for _ in range(5):
        assert limiter.wait("a") > 0
    clock.now += 10
    assert limiter.wait("a") == 0


@pytest.mark.parametrize(("text", "rate"), [("600 per minute", Rate(600, 60)), ("5/second", Rate(5, 1))])
def test_a_rate_is_read(text, rate):
    assert Rate.parse(text) == rate


def test_what_is_no_rate_names_its_setting():
    with pytest.raises(BadInput, match="MATCHER_RATE_LIMIT: found 'often'"):
        Rate.parse("often")
