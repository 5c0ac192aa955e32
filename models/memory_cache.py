"""What was computed for a text, in memory alone, for texts that are to be kept nowhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock

from cachetools import LRUCache

from models.cache import text_hash


class MemoryCache:
    """See `models.cache.Cache`; beyond so many bytes of values, those that nobody asked for longest are dropped."""

    def __init__(self, most_bytes: int) -> None:
        self._values: LRUCache[tuple[str, bytes], bytes] = LRUCache(most_bytes, getsizeof=len)
        self._lock = Lock()

    def read(self, fingerprint: str, texts: Sequence[str]) -> dict[str, bytes]:
        """Return what is known, by text."""
        with self._lock:
            found = {text: self._values.get((fingerprint, text_hash(text))) for text in texts}
        return {text: value for text, value in found.items() if value is not None}

    def write(self, fingerprint: str, values: Mapping[str, bytes]) -> None:
        """Keep the values by text, the newest as far as there is room."""
        # All are measured before the first is kept.
        sized = [((fingerprint, text_hash(text)), value, len(value)) for text, value in values.items()]
        with self._lock:
            for key, value, size in sized:
                self._values.pop(key, None)
                if size <= self._values.maxsize:
                    self._values[key] = value
