"""What a run needs besides cohort and program."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from enum import StrEnum

from matcher.assignment.solve import Solving, solve_here
from matcher.calibration import RULES, Calibration
from matcher.encoding import Encoder
from matcher.errors import BadInput
from matcher.lexicon import Lexicon
from matcher.profiles import Kind
from matcher.ranker import Ranker
from matcher.retrieval import DEFAULT_RETRIEVAL, RetrievalParameters


class Stage(StrEnum):
    """The stages of a run, in order; the first once for all kinds."""

    RELATE = "relate"
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
    """Encoder, lexicon and their calibration, how to retrieve, and the day that ages and relations are judged on.

    solving: where and how long the assignment is solved. rankers: what was learned, for kinds that have a ranker.

    Raises `BadInput` for a calibration or a ranker that was measured with another encoder or lexicon.
    """

    encoder: Encoder
    lexicon: Lexicon
    calibration: Calibration
    today: dt.date
    retrieval: RetrievalParameters = DEFAULT_RETRIEVAL
    watch: Watch = unwatched
    solving: Solving = solve_here
    rankers: Mapping[Kind, Ranker] = field(default_factory=dict)

    def __post_init__(self) -> None:
        expected = calibrated_for(self.encoder, self.lexicon)
        if self.calibration.fingerprint != expected:
            raise BadInput(
                f"calibration measured with {self.calibration.fingerprint}, expected {expected}: measure it anew"
            )
        for kind, ranker in self.rankers.items():
            if ranker.evidence_fingerprint != expected:
                raise BadInput(
                    f"ranker of {kind}s learned with {ranker.evidence_fingerprint}, expected {expected}: train it "
                    "anew, or choose the encoder that it was trained with"
                )


def calibrated_for(encoder: Encoder, lexicon: Lexicon) -> str:
    """Return the fingerprint of the calibration that belongs to the two."""
    return f"{encoder.fingerprint} & {lexicon.fingerprint} & rules@{RULES}"
