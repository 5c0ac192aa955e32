"""What was computed for a text, in memory alone, for texts that are to be kept nowhere."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock

from models.cache import text_hash


class MemoryCache:
    """See `models.cache.Cache`; beyond so many bytes of values, those that nobody asked for longest are dropped."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._values: OrderedDict[tuple[str, bytes], bytes] = OrderedDict()
        self._lock = Lock()

    def read(self, fingerprint: str, texts: Sequence[str]) -> dict[str, bytes]:
        """Return what is known, by text."""
        found = {}
        with self._lock:
            for text in texts:
                key = fingerprint, text_hash(text)
                if key in self._values:
                    self._values.move_to_end(key)
                    found[text] = self._values[key]
        return found

    def write(self, fingerprint: str, values: Mapping[str, bytes]) -> None:
        """Keep the values by text, the newest as far as there is room."""
        sized = [((fingerprint, text_hash(text)), value, len(value)) for text, value in values.items()]
        with self._lock:
            for key, value, size in sized:
                self._bytes += size - len(self._values.pop(key, b""))
                self._values[key] = value
            while self._bytes > self._most_bytes:
                self._bytes -= len(self._values.popitem(last=False)[1])
