"""Answers that may be asked for again, as long as there is room: the oldest make place."""

from __future__ import annotations

from collections.abc import Hashable
from threading import Lock

from cachetools import FIFOCache

# Some thousand answers of ten suggestions. What is forgotten is put together again from scores that the index keeps.
LARGEST = 16 * 2**20


class KnownAnswers:
    """Answers by question, in no more bytes than `largest`, for any thread."""

    def __init__(self, largest: int = LARGEST) -> None:
        self._answers: FIFOCache[Hashable, bytes] = FIFOCache(largest, getsizeof=len)
        self._lock = Lock()

    def get(self, question: Hashable) -> bytes | None:
        """Return the answer, None where it is not known any more."""
        with self._lock:
            return self._answers.get(question)

    def put(self, question: Hashable, answer: bytes) -> None:
        """Keep an answer; one that has no room beside nothing else is not kept."""
        with self._lock:
            self._answers.pop(question, None)
            if len(answer) <= self._answers.maxsize:
                self._answers[question] = answer

    def clear(self) -> None:
        """Forget every answer."""
        with self._lock:
            self._answers.clear()
