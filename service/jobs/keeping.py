"""The workers that a server keeps: started once it is ready, started again when they die, ended with it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread

from service.settings import Settings
from service.threads import tell_threads

_LOG = logging.getLogger("matcher.worker")
_LOOK_S, _GLANCE_S = 1.0, 0.1
_LAST_SECONDS = 10


class KeptWorkers:
    """So many worker processes, until `closing` is set; then they hand back what they do.

    is_opened: whether the server has its models. What a worker and a run load, after a restart all at once, would keep
    it from being ready.
    """

    def __init__(self, settings: Settings, closing: Event, is_opened: Callable[[], bool]) -> None:
        self._environment = {**os.environ, "MATCHER_DATABASE_URL": settings.database_url}
        # Suggestions must not wait for a run.
        tell_threads(self._environment, 1)
        self._count = settings.workers
        self._closing = closing
        self._is_opened = is_opened
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._watching = Thread(target=self._watch, daemon=True)
        self._watching.start()

    def _watch(self) -> None:
        while not self._is_opened() and not self._closing.wait(_GLANCE_S):
            pass
        while not self._closing.is_set():
            for at in range(self._count):
                self._keep(at)
            self._closing.wait(_LOOK_S)
        # At once, not once the last request is answered: whoever stops the server may not wait for that.
        for process in self._processes.values():
            process.terminate()

    def _keep(self, at: int) -> None:
        """Start the worker of this number where there is none."""
        process = self._processes.get(at)
        if process is not None and process.poll() is None:
            return
        if process is not None:
            _LOG.error("worker ended, starting another", extra={"code": process.returncode})
        command = [sys.executable, "-m", "service.jobs.worker", str(os.getpid())]
        try:
            self._processes[at] = subprocess.Popen(command, env=self._environment)  # noqa: S603
        except OSError as error:
            _LOG.error("worker not started, trying again", extra={"reason": str(error)})

    def close(self) -> None:
        """Wait until the workers have handed back what they did."""
        self._closing.set()
        self._watching.join()
        for process in self._processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(_LAST_SECONDS)
            process.kill()
            process.wait()
