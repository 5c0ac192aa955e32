"""The queue: huey, in a SQLite file beside the database or in the PostgreSQL that the database is in.

It only carries the ids of runs. What a run is, who has it and how it ended stands in the database, so that a job that
is lost, or delivered twice, does no harm.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress

import psycopg
from huey import Huey, PostgresHuey, SqliteHuey
from sqlalchemy.engine import make_url

_NAME = "matcher"
# What is raised while the file or the server cannot be reached.
LOST = (sqlite3.OperationalError, psycopg.OperationalError, psycopg.InterfaceError)


def _nobody(run: str) -> None:
    raise RuntimeError(f"run {run} was taken by a process that does none")


class RunQueue:
    """Runs that wait for a worker. work: what a worker does with the id of one."""

    def __init__(self, database_url: str, work: Callable[[str], None] = _nobody) -> None:
        self._huey = _open(database_url)

        # By one name in servers and workers, whatever the work is.
        def run(id_: str) -> None:
            work(id_)

        self._run = self._huey.task(name="run")(run)

    def add(self, run: str) -> None:
        """Queue a run for the next worker that is free, which finds it by looking where this cannot be done."""
        with suppress(*LOST):
            self._run(run)

    def close(self) -> None:
        """Let go of the connection of this thread."""
        self._huey.storage.close()

    def take(self) -> bool:
        """Do the work for the next run that waits; return False where there is none. Raises one of `LOST`."""
        task = self._huey.dequeue()
        if task is None:
            return False
        self._huey.execute(task)
        return True


def _open(database_url: str) -> Huey:
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return SqliteHuey(_NAME, filename=f"{url.database}.queue", results=False, timeout=30)
    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    # A queue that blocks listens on a connection of its own, which it never closes; a worker looks again soon anyway.
    return PostgresHuey(_NAME, dsn=dsn, results=False, table_prefix="matcher_queue", blocking=False)
