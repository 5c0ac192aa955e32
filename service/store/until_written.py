"""What short look-ups found, for as long as nobody has written to the database since."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

from cachetools import FIFOCache
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

Answer = TypeVar("Answer")
_MOST = 1000


class UntilWritten:
    """Remembers answers of SQLite, for any thread.

    A connection to it learns within microseconds, without a statement to another process, whether any other connection
    has written, in this process or elsewhere; asking anew costs a request more than all else that it does. PostgreSQL
    tells nothing like it, and is asked each time.
    """

    def __init__(self, database: Engine) -> None:
        self._database = database
        self._tells = database.dialect.name == "sqlite"
        self._connection: Any = None
        self._answers: FIFOCache[Hashable, Any] = FIFOCache(_MOST)
        self._opened = 0
        self._version: tuple[int, int] | None = None
        self._lock = Lock()

    def find(self, question: Hashable, look: Callable[[], Answer]) -> Answer:
        """Return what `look` answers or answered to this question; what it raises is raised and not remembered."""
        if not self._tells:
            return look()
        with self._lock:
            version = self._read_version()
            if version is None or version != self._version:
                self._answers.clear()
                self._version = version
            elif question in self._answers:
                known: Answer = self._answers[question]
                return known
        answer = look()
        with self._lock:
            # What was read after the version was is as new as that at least.
            if version is not None and version == self._version:
                self._answers[question] = answer
        return answer

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _read_version(self) -> tuple[int, int] | None:
        """Return what is another one after every write, None where the database cannot be asked.

        Each connection counts for itself, so that its number says nothing beside which connection it is.
        """
        try:
            cursor = self._open().cursor()
            cursor.execute("PRAGMA data_version")
            (version,) = cursor.fetchall()
        except (SQLAlchemyError, self._database.dialect.loaded_dbapi.Error):
            return None  # whoever looks is told why
        return self._opened, version[0]

    def _open(self) -> Any:
        """Return a connection of its own: the number only tells of what others write."""
        if self._connection is None:
            opened = self._database.raw_connection()
            self._connection = opened.driver_connection
            opened.detach()
            self._opened += 1
        return self._connection
