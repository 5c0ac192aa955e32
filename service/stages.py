"""How long each stage of a run takes, and who is told when one begins."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


def _tell_nobody(stage: str) -> None:
    pass


@dataclass
class StageClock:
    """Sums up the seconds of each stage; a stage may be entered several times, once for each kind."""

    on_stage: Callable[[str], None] = _tell_nobody
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Count the time inside for `stage`."""
        self.on_stage(stage)
        begin = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - begin
