"""What was computed for the texts of programs: vectors and words, each as long as the text it was computed for.

One table for all programs: a text that two of them have is computed once. It is kept by those who compute, in servers
and workers, and forgotten in the transaction that takes a text away. Whoever computes has read its texts some time
before: in the transaction that keeps what came out it looks which of them are still there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, LargeBinary, bindparam, delete, func, select

from models.cache import checksum, text_hash
from service.store.batches import batches
from service.store.errors import LOST
from service.store.outages import until_there
from service.store.tables import computed
from service.store.writes import looking, put_rows, writing

_LOG = logging.getLogger("matcher.store")
# Which of some texts are still there, looked at in the transaction that keeps what was computed for them; what it
# read stays so until that is over.
StillThere = Callable[[Connection, Collection[str]], Collection[str]]
# Any number, the same in every process.
_FORGETTING_LOCK = 7_205_318

_HASHES = bindparam("hashes", type_=LargeBinary, expanding=True)
_READ = select(computed.c.text_hash, computed.c.value, computed.c.checksum).where(
    computed.c.fingerprint == bindparam("made_by"), computed.c.text_hash.in_(_HASHES)
)
_FORGET = delete(computed).where(computed.c.text_hash.in_(_HASHES))


def nothing(connection: Connection, texts: Collection[str]) -> Collection[str]:
    """Say that none of them is there: between two pieces of work nothing is kept."""
    return ()


class DatabaseCache:
    """See `models.cache.Cache`. still_there: may be replaced between two pieces of work.

    Where something cannot be kept, because the database is away or full, work goes on with it, `unkept` counts it, and
    it is computed again by who asks for it next. is_patient: whether reading waits for a database that is away, as a
    run does; otherwise it raises one of `LOST`.
    """

    def __init__(self, database: Engine, still_there: StillThere, is_patient: bool = False) -> None:
        self.still_there = still_there
        self.unkept = 0
        self._database = database
        self._is_patient = is_patient

    def read(self, fingerprint: str, texts: Sequence[str]) -> dict[str, bytes]:
        """Return what is known, by text; a row that fails its checksum is left out."""
        texts_by_hash = {text_hash(text): text for text in texts}
        if self._is_patient:
            return until_there(lambda: self._read(fingerprint, texts_by_hash))
        return self._read(fingerprint, texts_by_hash)

    def write(self, fingerprint: str, values: Mapping[str, bytes]) -> None:
        """Keep the values of texts that are still there, all or none."""
        if not values:
            return
        try:
            self._write(fingerprint, values)
        except LOST as error:
            self.unkept += len(values)
            told = {"reason": type(error).__name__, "texts": len(values)}
            _LOG.warning("computed but not kept: the database cannot be written to", extra=told)

    def _read(self, fingerprint: str, texts_by_hash: Mapping[bytes, str]) -> dict[str, bytes]:
        found = {}
        with looking(self._database) as connection:
            for hashes in batches(texts_by_hash):
                for key, value, kept in connection.execute(_READ, {"made_by": fingerprint, "hashes": hashes}):
                    if kept == checksum(fingerprint, key, value):
                        found[texts_by_hash[key]] = value
        return found

    def _write(self, fingerprint: str, values: Mapping[str, bytes]) -> None:
        with writing(self._database) as connection:
            # In one order for all: two who keep the same texts wait for each other, and neither for ever.
            there = sorted((text_hash(text), text) for text in self.still_there(connection, values.keys()))
            if there:
                _wait_for_others(connection, func.pg_advisory_xact_lock_shared)
                put_rows(connection, computed, [_row(fingerprint, key, values[text]) for key, text in there])


def _row(fingerprint: str, key: bytes, value: bytes) -> dict[str, object]:
    made = checksum(fingerprint, key, value)
    return {"text_hash": key, "fingerprint": fingerprint, "value": value, "checksum": made}


def forget(connection: Connection, texts: Collection[str]) -> None:
    """Delete whatever was computed for these texts, by whatever computed it; who still has one computes it anew."""
    if not texts:
        return
    _wait_for_others(connection, func.pg_advisory_xact_lock)
    for hashes in batches({text_hash(text) for text in texts}):
        connection.execute(_FORGET, {"hashes": hashes})


def _wait_for_others(connection: Connection, lock: Callable[[int], Any]) -> None:
    """Let one forget at a time, and nobody keep meanwhile: over the same rows they might wait for each other for ever.

    SQLite has one writer at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(lock(_FORGETTING_LOCK)))
