"""How often a key may ask: so many requests in any window of so many seconds, by a clock that nobody sets."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

from limits import parse

from matcher.errors import BadInput


@dataclass(frozen=True)
class Rate:
    """At most `most` requests in any `seconds`."""

    most: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> Rate:
        """Return the rate of a text like "600 per minute". Raises `BadInput` for another one."""
        try:
            limit = parse(text)
        except ValueError:
            raise BadInput(f'MATCHER_RATE_LIMIT: found {text!r}, expected a rate like "600 per minute"') from None
        return cls(limit.amount, limit.get_expiry())

    def __str__(self) -> str:
        return f"{self.most} times in {self.seconds} s"


class RateLimiter:
    """Counts the requests of each key in a window that moves. clock: seconds that only grow.

    The clock of the day would not do: put back by an hour, it would keep a busy key out for an hour.
    """

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._asked: defaultdict[str, deque[float]] = defaultdict(deque)

    def wait(self, key: str) -> float:
        """Count a request of this key and return 0, or else, where it is one too many, the seconds until the next."""
        now, asked = self._clock(), self._asked[key]
        while asked and asked[0] <= now - self._rate.seconds:
            asked.popleft()
        if len(asked) >= self._rate.most:
            return asked[0] + self._rate.seconds - now
        asked.append(now)
        return 0.0
