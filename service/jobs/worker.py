"""A worker: takes runs from the queue, one at a time, and does each in a process that can be ended.

It says every second that it is alive. The runs of a worker that died are taken over by any other; a run whose claim has
passed on is kept by nobody, so that there is never a second result.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from threading import Event

from sqlalchemy import Engine

from service.jobs.queue import LOST as QUEUE_LOST
from service.jobs.queue import RunQueue
from service.logs import log_as_json
from service.settings import Settings, read_settings
from service.store.database import open_database
from service.store.errors import LOST
from service.store.runs import Result, State, beat, claim, finish, hand_back, waiting_runs
from service.store.writes import writing

_LOG = logging.getLogger("matcher.worker")
_LOOK_S, _BEAT_S, _SWEEP_S = 0.2, 1.0, 2.0
# A process that was killed from outside is tried once more.
_TRIES = 2


class Worker:
    """Does runs until it is told to stop; then it hands back the one under way. keeper: see `run_worker`."""

    def __init__(self, settings: Settings, keeper: int | None = None) -> None:
        self._settings = settings
        self._database: Engine = open_database(settings.database_url)
        self._queue = RunQueue(settings.database_url, self.do)
        self._keeper = keeper
        self.stopping = Event()

    @property
    def _is_to_stop(self) -> bool:
        """Whether it was told to stop, or the server that keeps it is gone: its next one will keep another."""
        return self.stopping.is_set() or self._keeper not in (None, os.getppid())

    def work(self) -> None:
        """Take runs until told to stop."""
        swept = 0.0
        while not self._is_to_stop:
            try:
                if self._queue.take():
                    continue
                if time.monotonic() - swept > _SWEEP_S:
                    swept = time.monotonic()
                    self._sweep()
            except (*LOST, *QUEUE_LOST) as error:
                _LOG.warning("database lost", extra={"reason": type(error).__name__})
            self.stopping.wait(_LOOK_S)

    def _sweep(self) -> None:
        """Do what nobody works at: runs of workers that died, and those that never came to the queue."""
        with self._database.connect() as connection:
            waiting = waiting_runs(connection)
        for run in waiting:
            if not self._is_to_stop:
                self.do(run)

    def do(self, run: str) -> None:
        """Do a run, unless somebody else does or it is over."""
        with writing(self._database) as connection:
            token = claim(connection, run)
        if token is None:
            return
        _LOG.info("run taken", extra={"run": run})
        for _ in range(_TRIES):
            code = self._watch(run, token)
            if code is None or code >= 0:
                break
        if code:
            problem = {"detail": "the process of this run ended unexpectedly; its worker's log has the run's id"}
            # While the database is away the run stays with nobody, and is taken over later.
            self._change(finish, run, token, Result(State.FAILED, problem=problem))
        _LOG.info("run left", extra={"run": run, "code": code})

    def _watch(self, run: str, token: str) -> int | None:
        """Return the exit code of the run's process, None where it was ended because the run is not to go on."""
        environment = {**os.environ, "MATCHER_DATABASE_URL": self._settings.database_url}
        command = [sys.executable, "-m", "service.jobs.child", run, token]
        process = subprocess.Popen(command, env=environment)  # noqa: S603
        began = beaten = time.monotonic()
        try:
            while (code := process.poll()) is None:
                self.stopping.wait(_LOOK_S)
                now = time.monotonic()
                if self._is_to_stop:
                    self._change(hand_back, run, token)
                    return None
                if now - began > self._settings.run_seconds:
                    told = f"out of time after {self._settings.run_seconds:.0f} s; MATCHER_RUN_SECONDS allows more"
                    self._change(finish, run, token, Result(State.FAILED, problem={"detail": told}))
                    return None
                if now - beaten > _BEAT_S:
                    beaten = now
                    if self._change(beat, run, token) is False:
                        return None
            return code
        finally:
            process.kill()
            process.wait()

    def _change(self, change: object, *values: object) -> object:
        """Write to the database; None while it cannot be reached: the run goes on meanwhile."""
        with suppress(*LOST), writing(self._database) as connection:
            return change(connection, *values)  # type: ignore[operator]
        return None


def run_worker(settings: Settings, keeper: int | None = None) -> None:
    """Work until the process is told to stop; its runs use the cores that this process may.

    keeper: the process id of the server that keeps this worker, which stops with it.
    """
    log_as_json()
    worker = Worker(settings, keeper)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stopping.set())
    _LOG.info("worker started")
    worker.work()
    _LOG.info("worker stopped")


if __name__ == "__main__":
    run_worker(read_settings(), *(int(number) for number in sys.argv[1:]))
