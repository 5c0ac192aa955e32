"""Encoding what programs say before anybody asks: a few profiles at a time, between the work that people wait for.

So an import answers at once, suggestions find its texts encoded, and the marks tell how far it is.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from functools import partial
from threading import Event, Thread

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from matcher.errors import ProcessLost
from matcher.live_texts import encode_experts, encode_startups
from matcher.profiles import Expert, Startup
from service.matchmaker import Matchmaker
from service.reading.single import build_profile
from service.said import Said
from service.store.computed import DatabaseCache
from service.store.encoded import Place, find_unmarked, mark_encoded, mark_of, place_of, start_after
from service.store.errors import LOST, NotThere
from service.store.programs import revision_of, revisions
from service.store.writes import reading, writing
from service.use_cases import Workbench

_LOG = logging.getLogger("matcher.reading")
_LOOK_S = 1.0
# When a program is tried again whose texts the encoder's process was lost at.
_AGAIN_S = 60.0
# Profiles encoded at once: ahead, who asks for something else waits for these; for who asks for this, batches are full.
_FEW, _MANY = 16, 128


def read_rest(database: Engine, program: str, since: int, workbench: Workbench) -> None:
    """Encode every profile that was written after a revision and is not. Raises `NotThere`, and one of `LOST`."""
    mark, after = mark_of(workbench.models.calibration.fingerprint), start_after(since)
    while found := _find(database, program, mark, after, _MANY):
        after = _encode(database, found, mark, workbench)


class ReadingAhead:
    """Looks every second for what was written, until `closing` is set."""

    def __init__(self, database: Engine, matchmaker: Matchmaker, closing: Event) -> None:
        self._database = database
        self._matchmaker = matchmaker
        self._closing = closing
        self._read: dict[tuple[str, str], int] = {}
        self._places: dict[tuple[str, str], Place] = {}
        self._not_before: dict[tuple[str, str], float] = {}
        self._thread = Thread(target=self._look, name="reading", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Wait until the profiles under way are encoded, or were dropped by a matchmaker that is closed."""
        self._closing.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._closing.wait(_LOOK_S):
            try:
                while not self._closing.is_set() and self._read_some():
                    pass
            except (*LOST, NotThere) as error:
                _LOG.warning("reading ahead waits", extra={"reason": type(error).__name__})
            except Exception:
                if self._closing.is_set():
                    return
                # Whoever asks for suggestions has their texts encoded then, and is told what is wrong.
                _LOG.exception("reading ahead ends")
                return

    def _read_some(self) -> bool:
        """Encode a few profiles of each program that was written to; return whether there were any."""
        if self._matchmaker.fingerprint is None:
            return False
        mark = mark_of(self._matchmaker.fingerprint)
        with reading(self._database) as connection:
            written = {one: count for one, count in revisions(connection).items() if self._read.get(one) != count}
        open_ = {one: count for one, count in written.items() if self._not_before.get(one, 0.0) <= time.monotonic()}
        for one, revision in open_.items():
            found = _find(self._database, one[0], mark, self._places.get(one, start_after(0)), _FEW)
            if found:
                self._read_these(one, found, mark)
            else:
                self._read[one] = revision
        return bool(open_)

    def _read_these(self, one: tuple[str, str], found: Said, mark: str) -> None:
        try:
            self._places[one] = self._matchmaker.submit(partial(_encode, self._database, found, mark)).result()
        except ProcessLost as error:
            # It may be these texts: the other programs go on.
            _LOG.warning("reading ahead waits", extra={"reason": str(error)})
            self._not_before[one] = time.monotonic() + _AGAIN_S


def _find(database: Engine, program: str, mark: str, after: Place, limit: int) -> Said | None:
    """Return the next profiles of a program that are not encoded, None where all are. Raises `NotThere`."""
    with reading(database) as connection:
        revision = revision_of(connection, program)
        found = find_unmarked(connection, program, mark, after, limit)
    return Said(program, revision, found) if found else None


def _encode(database: Engine, found: Said, mark: str, workbench: Workbench) -> Place:
    """Encode profiles, mark them if all was kept, and return the place of the last one."""
    cache = DatabaseCache(database, found.still_there)
    engine = workbench.keeping_in(cache).engine
    built = [build_profile(one.side, one.fields or {}) for one in found.profiles]
    encode_startups([one for one in built if isinstance(one, Startup)], engine)
    encode_experts([one for one in built if isinstance(one, Expert)], engine)
    if not cache.unkept:
        # Refused where the program was deleted and made anew meanwhile, without these profiles.
        with suppress(IntegrityError), writing(database) as connection:
            mark_encoded(connection, found.program, found.profiles, mark)
    return place_of(found.profiles[-1])
