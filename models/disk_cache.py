"""What was computed for a text, on disk: the cache of the command line.

One SQLite file that many processes share. Each row carries a checksum; a row that does not match it
counts as absent, and a file that SQLite cannot read is begun anew: it can all be made again.
"""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from matcher.errors import BadInput
from models.cache import checksum, text_hash

Result = TypeVar("Result")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS computed (
    fingerprint TEXT NOT NULL, text_hash BLOB NOT NULL, value BLOB NOT NULL, checksum INTEGER NOT NULL,
    PRIMARY KEY (fingerprint, text_hash)
) WITHOUT ROWID
"""
_SELECT = "SELECT text_hash, value, checksum FROM computed WHERE fingerprint = ? AND text_hash IN ({})"
_BUSY_SECONDS = 60
# SQLite takes at least 999 values in one statement.
_ASKED_AT_ONCE = 900
# Errors of the machine rather than of the file: nothing is deleted for them.
_NOT_DAMAGE = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}
_DAMAGE = (UnicodeDecodeError, sqlite3.DatabaseError)


class DiskCache:
    """See `models.cache.Cache`. The folder of the file `path` is made here; raises `BadInput` where it cannot be."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadInput(f"cache folder {path.parent} cannot be made: {error.strerror}; name another") from error

    def read(self, fingerprint: str, texts: Sequence[str]) -> dict[str, bytes]:
        """Return what is known, by text; a row that fails its checksum is left out."""
        keys = {text_hash(text): text for text in texts}
        return self._survive(lambda: {keys[key]: value for key, value in self._rows(fingerprint, keys)})

    def write(self, fingerprint: str, values: Mapping[str, bytes]) -> None:
        """Keep the values by text, all or none; rows that are there already are replaced."""
        rows = []
        for text, value in values.items():
            key = text_hash(text)
            rows.append((fingerprint, key, value, checksum(fingerprint, key, value)))
        self._survive(lambda: self._insert(rows))

    def _insert(self, rows: list[tuple[str, bytes, bytes, int]]) -> None:
        with self._open() as database, database:
            database.executemany("INSERT OR REPLACE INTO computed VALUES (?, ?, ?, ?)", rows)

    def _rows(self, fingerprint: str, keys: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
        asked = sorted(keys)  # as they lie in the file: neighbours share a page
        with self._open() as database:
            for start in range(0, len(asked), _ASKED_AT_ONCE):
                some = asked[start : start + _ASKED_AT_ONCE]
                query = _SELECT.format(",".join("?" * len(some)))
                for key, value, kept in database.execute(query, (fingerprint, *some)):
                    if isinstance(value, bytes) and kept == checksum(fingerprint, key, value):
                        yield key, value

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=_BUSY_SECONDS)) as database:
            database.execute(_SCHEMA)
            yield database

    def _survive(self, action: Callable[[], Result]) -> Result:
        """Return what the action returns; where SQLite finds the file damaged, begin it anew and act again."""
        try:
            return action()
        except _DAMAGE as damage:
            _raise_other(damage)
        from filelock import FileLock  # slow to load, and only a damaged file needs it

        with FileLock(self.path.with_suffix(".lock")):
            try:
                # Another process may have begun it anew since: only a file that is damaged still is deleted.
                return action()
            except _DAMAGE as damage:
                _raise_other(damage)
                self._begin_anew(damage)
            return action()

    def _begin_anew(self, damage: Exception) -> None:
        warnings.warn(f"cache {self.path} was damaged ({damage}); it is built anew", stacklevel=4)
        self.path.unlink(missing_ok=True)
        self.path.with_name(f"{self.path.name}-journal").unlink(missing_ok=True)


def _raise_other(error: Exception) -> None:
    """Raise an error again that comes from the machine rather than from the file."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    if isinstance(error, sqlite3.DatabaseError) and code & 0xFF in _NOT_DAMAGE:
        raise error
