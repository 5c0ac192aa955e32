"""Many values in few statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

Value = TypeVar("Value")
# SQLite takes at least 999 values in one statement.
_AT_ONCE = 900


def batches(values: Iterable[Value]) -> Iterator[list[Value]]:
    """Yield the values, as many at once as every database takes in one statement."""
    every = list(values)
    yield from (every[begin : begin + _AT_ONCE] for begin in range(0, len(every), _AT_ONCE))
