"""The worker that a server keeps beside itself: started with it, started again when it dies, ended with it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from contextlib import suppress
from threading import Event, Thread

from service.settings import Settings
from service.threads import tell_threads

_LOG = logging.getLogger("matcher.worker")
_LOOK_S = 1.0
_LAST_SECONDS = 10


class KeptWorkers:
    """So many worker processes, until `close`."""

    def __init__(self, settings: Settings) -> None:
        self._environment = {**os.environ, "MATCHER_DATABASE_URL": settings.database_url}
        # Suggestions must not wait for a run.
        tell_threads(self._environment, 1)
        self._closing = Event()
        self._processes = [self._start() for _ in range(settings.workers)]
        self._watching = Thread(target=self._watch, daemon=True)
        self._watching.start()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "service.jobs.worker"]
        return subprocess.Popen(command, env=self._environment)  # noqa: S603

    def _watch(self) -> None:
        while not self._closing.wait(_LOOK_S):
            for at, process in enumerate(self._processes):
                if process.poll() is not None and not self._closing.is_set():
                    _LOG.error("worker ended, starting another", extra={"code": process.returncode})
                    self._processes[at] = self._start()

    def close(self) -> None:
        """Tell the workers to hand back what they do, and wait for them."""
        self._closing.set()
        self._watching.join()
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_LAST_SECONDS)
            process.kill()
