"""How long a solver may still look for something better. The clock is the caller's."""

from __future__ import annotations

import math
from collections.abc import Callable

from matcher.errors import OutOfTime

# Seconds left, 0 or less when the time is over; asked again and again.
TimeLeft = Callable[[], float]


def check_time(time_left: TimeLeft) -> None:
    """Raise `OutOfTime` where the time is over, for a search that looks at the clock between its steps."""
    if time_left() <= 0:
        raise OutOfTime("the time was over before the search was done")


def unlimited() -> float:
    """Return that there is no limit."""
    return math.inf


def first_half(time_left: TimeLeft) -> TimeLeft:
    """Return what is left of the first half of the time, for what must leave time to what comes after it."""
    kept = time_left() / 2
    return lambda: time_left() - kept if math.isfinite(kept) else math.inf
