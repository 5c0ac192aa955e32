"""Vectors on disk, by model fingerprint, role and text, so that only new texts are encoded.

One SQLite file that many processes share. Each row carries a checksum; a row that does not match it
counts as absent, and a file that SQLite cannot read is begun anew: it can all be made again.
"""

from __future__ import annotations

import hashlib
import sqlite3
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from matcher.encoding import Role, Vectors

_SCHEMA = """
CREATE TABLE IF NOT EXISTS vectors (
    fingerprint TEXT NOT NULL, text_hash BLOB NOT NULL, vector BLOB NOT NULL, checksum INTEGER NOT NULL,
    PRIMARY KEY (fingerprint, text_hash)
) WITHOUT ROWID
"""
_BUSY_SECONDS = 60


class VectorCache:
    """The cache file `path`; it and its folder are made on first use."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    def read(self, fingerprint: str, role: Role, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Return the vectors that are known, by text; a row that fails its checksum is left out."""
        keys = {_text_hash(role, text): text for text in texts}
        try:
            return {keys[key]: vector for key, vector in self._rows(fingerprint, keys)}
        except sqlite3.DatabaseError as damage:
            self._begin_anew(damage)
            return {}

    def write(self, fingerprint: str, role: Role, texts: Sequence[str], vectors: Vectors) -> None:
        """Keep `vectors` (len(texts), d), all or none; rows that are there already are replaced."""
        rows = [
            (fingerprint, _text_hash(role, text), blob, zlib.crc32(blob))
            for text, blob in zip(texts, (vector.astype("<f4").tobytes() for vector in vectors), strict=True)
        ]
        try:
            self._insert(rows)
        except sqlite3.DatabaseError as damage:
            self._begin_anew(damage)
            self._insert(rows)

    def _insert(self, rows: list[tuple[str, bytes, bytes, int]]) -> None:
        with self._open() as database, database:
            database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)", rows)

    def _rows(self, fingerprint: str, keys: dict[bytes, str]) -> Iterator[tuple[bytes, NDArray[np.float32]]]:
        with self._open() as database:
            for key in keys:
                query = "SELECT vector, checksum FROM vectors WHERE fingerprint = ? AND text_hash = ?"
                row = database.execute(query, (fingerprint, key)).fetchone()
                if row is not None and zlib.crc32(row[0]) == row[1]:
                    yield key, np.frombuffer(row[0], "<f4")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=_BUSY_SECONDS)) as database:
            database.execute(_SCHEMA)
            yield database

    def _begin_anew(self, damage: sqlite3.DatabaseError) -> None:
        """Delete the damaged file. The lock keeps a second process from deleting the new one of the first."""
        if isinstance(damage, sqlite3.OperationalError):  # busy, read-only, full: not damage
            raise damage
        with FileLock(self.path.with_suffix(".lock")):
            if not _is_readable(self.path):
                warnings.warn(f"vector cache {self.path} was damaged ({damage}); it is built anew", stacklevel=2)
                self.path.unlink(missing_ok=True)


def _is_readable(path: Path) -> bool:
    with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS)) as database:
        try:
            return bool(database.execute("PRAGMA quick_check").fetchone() == ("ok",))
        except sqlite3.DatabaseError:
            return False


def _text_hash(role: Role, text: str) -> bytes:
    return hashlib.sha256(f"{role}\n{text}".encode()).digest()
