"""Answers that may be asked for again, as long as there is room: the oldest make place."""

from __future__ import annotations

import zlib
from collections.abc import Hashable
from threading import Lock

from cachetools import FIFOCache

# Packed, the answers for some thousand startups. With room for fewer than are asked for in turn nothing would ever be
# found: each would have made place for another one before its turn comes again.
LARGEST = 16 * 2**20
_QUICKLY = 1


class KnownAnswers:
    """Answers by question, packed in no more bytes than `largest`, for any thread.

    An answer says the same names and texts many times over: packed it has a tenth of its size, and is unpacked in less
    than a thousandth of the time in which it is put together.
    """

    def __init__(self, largest: int = LARGEST) -> None:
        self._packed: FIFOCache[Hashable, bytes] = FIFOCache(largest, getsizeof=len)
        self._lock = Lock()

    def get(self, question: Hashable) -> bytes | None:
        """Return the answer, None where it is not known any more."""
        with self._lock:
            packed = self._packed.get(question)
        return None if packed is None else zlib.decompress(packed)

    def put(self, question: Hashable, answer: bytes) -> None:
        """Keep an answer; one that has no room beside nothing else is not kept."""
        packed = zlib.compress(answer, _QUICKLY)
        with self._lock:
            self._packed.pop(question, None)
            if len(packed) <= self._packed.maxsize:
                self._packed[question] = packed

    def clear(self) -> None:
        """Forget every answer."""
        with self._lock:
            self._packed.clear()
