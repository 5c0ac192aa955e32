"""The models of a server, opened once, and the thread that matches with them.

One thread does all the matching, one cohort after the other: encoders and caches are then nobody else's, and a second
request would only make the first one slower.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Event
from typing import TypeVar

from matcher.errors import ProcessLost
from models.memory_cache import MemoryCache
from models.opening import Models
from service.apart import ModelProcess
from service.reading.cohort import CohortInput
from service.run_record import run_record
from service.settings import Settings
from service.stages import StageClock
from service.use_cases import MatchRequest, Workbench, match_cohort, open_models_apart, workbench_of
from service.writing.records import Record, match_record, unmatched_record

_LOG = logging.getLogger("matcher.models")
Answer = TypeVar("Answer")
# Seconds between two tries to open models whose process was lost.
_AGAIN_S = 10.0
# Bytes of vectors and words: some 10,000 texts, so that a cohort that is sent again is not encoded again.
_MOST_REMEMBERED = 32 * 2**20


class Abandoned(Exception):
    """The server ended before the texts of this work were encoded."""


class Matchmaker:
    """Opens the models in the background and matches cohorts one by one.

    process: where the models are loaded, if that has begun already.
    """

    def __init__(self, settings: Settings, process: ModelProcess | None = None) -> None:
        self._settings = settings
        self._cache = MemoryCache(_MOST_REMEMBERED)
        self._closing = Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="matching")
        self._process = process or ModelProcess(at_once=True)
        self._models: Future[Models] = self._thread.submit(self._open)

    @property
    def failure(self) -> str:
        """Why the models could not be opened; empty where they are, or will be."""
        error = self._models.exception() if self._models.done() else None
        return str(error) if error else ""

    @property
    def is_opened(self) -> bool:
        """Whether the models are open, or cannot be."""
        return self._models.done()

    @property
    def is_ready(self) -> bool:
        """Whether the models are open."""
        return self._models.done() and self._models.exception() is None

    @property
    def fingerprint(self) -> str | None:
        """What the models that are open compute by, None before they are."""
        return self._models.result().calibration.fingerprint if self.is_ready else None

    def submit(self, work: Callable[[Workbench], Answer]) -> Future[Answer]:
        """Return what work(workbench) will answer, once it is its turn.

        What the workbench computes is kept in memory alone, for as long as there is room: what was sent to be matched
        is stored nowhere. Work for programs that are kept brings a cache of its own.
        """
        return self._thread.submit(self._work, work)

    def _work(self, work: Callable[[Workbench], Answer]) -> Answer:
        self._go_on()
        models = self._models.result().keeping_in(self._cache)
        models.encoder.report_to(self._go_on)
        return work(workbench_of(self._settings, models, dt.date.today(), StageClock(), self._settings.solve_seconds))

    def _go_on(self, done: int = 0, total: int = 0) -> None:
        if self._closing.is_set():
            raise Abandoned

    def close(self) -> None:
        """Finish the work under way and drop what waits, and what has texts left to encode: that may take minutes."""
        self._closing.set()
        self._process.interrupt()
        # On the thread that starts it anew where it was lost: a process of models ends with its thread, less tidily.
        self._thread.submit(self._process.end)
        self._thread.shutdown(wait=True)

    def _open(self) -> Models:
        """Open the models and load what encodes: a written profile must show within a second, the first one too.

        A process that is lost meanwhile is no reason to give up: what it lacked may be there in a while.
        """
        while True:
            try:
                models = open_models_apart(self._settings, self._process)
                models.prepare()
                return models
            except ProcessLost as error:
                self._go_on()
                _LOG.error("models not opened, trying again", extra={"reason": str(error)})
                self._closing.wait(_AGAIN_S)
                self._go_on()
            except Exception as error:
                _LOG.error("models cannot be opened", extra={"reason": str(error)})
                self._process.end()
                raise


def match_answer(cohort: CohortInput, request: MatchRequest, workbench: Workbench) -> Record:
    """Return matches, unmatched and the record of the run."""
    explained = match_cohort(cohort, request, workbench)
    return {
        "matches": [match_record(match) for of_kind in explained for match in of_kind.matches],
        "unmatched": [unmatched_record(one) for of_kind in explained for one in of_kind.unmatched],
        "run": run_record(cohort, request, explained, workbench),
    }


def matching(cohort: CohortInput, request: MatchRequest) -> Callable[[Workbench], Record]:
    """Return the work that answers this request."""
    return partial(match_answer, cohort, request)
