"""What a run does while its database is away: it waits, for what took minutes is not thrown away."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from matcher.errors import BadInput
from service.store.errors import LOST

Answer = TypeVar("Answer")
# How long a database may be away, and how often it is looked for.
_PATIENCE_S, _PAUSE_S = 300.0, 0.5


def until_there(ask: Callable[[], Answer]) -> Answer:
    """Return what the database answers, asked again while it is away. Raises what `ask` raises after five minutes."""
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return ask()
        except (*LOST, BadInput) as error:
            # Opening one that is away is bad input to whoever named it, caused by the loss.
            is_lost = isinstance(error, LOST) or isinstance(error.__cause__, LOST)
            if not is_lost or time.monotonic() > end:
                raise
        time.sleep(_PAUSE_S)
