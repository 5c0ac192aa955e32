"""Vectors on disk, by model fingerprint, role and text, so that only new texts are encoded.

One SQLite file that many processes share. Each row carries a checksum; a row that does not match it
counts as absent, and a file that SQLite cannot read is begun anew: it can all be made again.
"""

from __future__ import annotations

import hashlib
import sqlite3
import warnings
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from matcher.encoding import Role, Vectors
from matcher.errors import BadInput

Result = TypeVar("Result")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS vectors (
    fingerprint TEXT NOT NULL, text_hash BLOB NOT NULL, vector BLOB NOT NULL, checksum INTEGER NOT NULL,
    PRIMARY KEY (fingerprint, text_hash)
) WITHOUT ROWID
"""
_BUSY_SECONDS = 60
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


class VectorCache:
    """The cache file `path`; its folder is made here. Raises `BadInput` where it cannot be."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadInput(f"cache folder {path.parent} cannot be made: {error.strerror}; name another") from error

    def read(self, fingerprint: str, role: Role, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Return the vectors that are known, by text; a row that fails its checksum is left out."""
        keys = {_text_hash(role, text): text for text in texts}
        return self._survive(lambda: {keys[key]: vector for key, vector in self._rows(fingerprint, keys)})

    def write(self, fingerprint: str, role: Role, texts: Sequence[str], vectors: Vectors) -> None:
        """Keep `vectors` (len(texts), d), all or none; rows that are there already are replaced."""
        rows = []
        for text, vector in zip(texts, vectors, strict=True):
            key, blob = _text_hash(role, text), vector.astype("<f4").tobytes()
            rows.append((fingerprint, key, blob, _checksum(fingerprint, key, blob)))
        self._survive(lambda: self._insert(rows))

    def _insert(self, rows: list[tuple[str, bytes, bytes, int]]) -> None:
        with self._open() as database, database:
            database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)", rows)

    def _rows(self, fingerprint: str, keys: Iterable[bytes]) -> Iterator[tuple[bytes, NDArray[np.float32]]]:
        with self._open() as database:
            for key in keys:
                query = "SELECT vector, checksum FROM vectors WHERE fingerprint = ? AND text_hash = ?"
                row = database.execute(query, (fingerprint, key)).fetchone()
                if row is not None and isinstance(row[0], bytes) and row[1] == _checksum(fingerprint, key, row[0]):
                    yield key, np.frombuffer(row[0], "<f4")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=_BUSY_SECONDS)) as database:
            database.execute(_SCHEMA)
            yield database

    def _survive(self, action: Callable[[], Result]) -> Result:
        """Return what the action returns; where SQLite finds the file damaged, begin it anew and act again."""
        found = _identity(self.path)
        try:
            return action()
        except UnicodeDecodeError as damage:
            self._begin_anew(damage, found)
        except sqlite3.DatabaseError as damage:
            if getattr(damage, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF in _NOT_DAMAGE:
                raise
            self._begin_anew(damage, found)
        return action()

    def _begin_anew(self, damage: Exception, found: int | None) -> None:
        """Delete the file that was found damaged. The lock keeps a second process from deleting the new one."""
        with FileLock(self.path.with_suffix(".lock")):
            if found is not None and _identity(self.path) == found:
                warnings.warn(f"vector cache {self.path} was damaged ({damage}); it is built anew", stacklevel=4)
                self.path.unlink()
                self.path.with_name(f"{self.path.name}-journal").unlink(missing_ok=True)


def _identity(path: Path) -> int | None:
    return path.stat().st_ino if path.exists() else None


def _checksum(fingerprint: str, key: bytes, blob: bytes) -> int:
    """Return a checksum of the whole row, so that a vector under another text's key does not pass."""
    return zlib.crc32(blob, zlib.crc32(key, zlib.crc32(fingerprint.encode())))


def _text_hash(role: Role, text: str) -> bytes:
    return hashlib.sha256(f"{role}\n{text}".encode()).digest()
