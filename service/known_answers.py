"""Answers that may be asked for again, as long as there is room: the oldest make place."""

from __future__ import annotations

from collections.abc import Hashable

# Some thousand answers of ten suggestions. What is forgotten is put together again from scores that the index keeps.
LARGEST = 16 * 2**20


class KnownAnswers:
    """Answers by question, in no more bytes than `largest`. One thread puts and clears; any may look."""

    def __init__(self, largest: int = LARGEST) -> None:
        self._largest = largest
        self._bytes = 0
        self._answers: dict[Hashable, bytes] = {}

    def get(self, question: Hashable) -> bytes | None:
        """Return the answer, None where it is not known any more."""
        return self._answers.get(question)

    def put(self, question: Hashable, answer: bytes) -> None:
        """Keep an answer; one that has no room beside nothing else is not kept."""
        self._drop(question)
        if len(answer) > self._largest:
            return
        while self._bytes + len(answer) > self._largest:
            self._drop(next(iter(self._answers)))
        self._answers[question] = answer
        self._bytes += len(answer)

    def clear(self) -> None:
        """Forget every answer."""
        self._answers.clear()
        self._bytes = 0

    def _drop(self, question: Hashable) -> None:
        self._bytes -= len(self._answers.pop(question, b""))
