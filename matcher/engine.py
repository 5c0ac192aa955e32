"""What a run needs besides cohort and program."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import StrEnum

from matcher.calibration import Calibration
from matcher.encoding import Encoder
from matcher.retrieval import DEFAULT_RETRIEVAL, RetrievalParameters


class Stage(StrEnum):
    """The stages of a run, in order."""

    ENCODE = "encode"
    ELIGIBILITY = "eligibility"
    RETRIEVE = "retrieve"
    SCORE = "score"
    ASSIGN = "assign"
    EXPLAIN = "explain"


# Entered around each stage; the service hangs clocks and progress bars on it.
Watch = Callable[[Stage], AbstractContextManager[object]]


def unwatched(stage: Stage) -> AbstractContextManager[object]:
    """Watch nothing."""
    return nullcontext()


@dataclass(frozen=True)
class Engine:
    """The encoder and its calibration, how to retrieve, and the day on which relations are judged."""

    encoder: Encoder
    calibration: Calibration
    today: dt.date
    retrieval: RetrievalParameters = DEFAULT_RETRIEVAL
    watch: Watch = unwatched
