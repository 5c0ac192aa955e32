"""Suggestions for pages, which answer at once: what they would wait for is begun once, however many look, and told.

The index of a program that nobody asked for since the server started, or that much was written to since, takes up to
half a minute. The thread of the event loop alone asks here.
"""

from __future__ import annotations

import logging
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from cachetools import FIFOCache

from matcher.errors import BadInput, ProcessLost
from service.matchmaker import Abandoned, Matchmaker
from service.store.errors import LOST, NotThere
from service.suggesting import Asked, Suggestions

_LOG = logging.getLogger("matcher.http")
# Of more that is under way or failed the oldest is forgotten: it goes on, and who looks for it begins it again.
_MOST = 1000


@dataclass
class Errand:
    """Something under way, or that failed. is_told: why it failed, to somebody who looked."""

    future: Future[Any]
    is_told: bool = False

    @property
    def is_made(self) -> bool:
        """Whether it is over and did not fail."""
        return self.future.done() and not self.future.cancelled() and self.future.exception() is None

    def failure(self) -> BaseException | None:
        """Return why it failed, None where it did not; to be asked once it is over, by who tells it."""
        self.is_told = True
        return Abandoned() if self.future.cancelled() else self.future.exception()


class Warming:
    """What is under way for pages: indexes of programs, and the suggestions that were asked of those that are there."""

    def __init__(self, suggestions: Suggestions) -> None:
        self._suggestions = suggestions
        self._errands: FIFOCache[tuple[str, Asked | None], Errand] = FIFOCache(_MOST)

    def begin(self, program: str, asked: Asked | None, matchmaker: Matchmaker, is_opened: bool) -> Errand:
        """Return what builds the index of a program (asked: None) or answers a question, begun by now.

        One that failed is told to everybody who waits for it, and begun again for who opens a page after that.
        is_opened: whether a page is opened; otherwise one that is open looks again.
        """
        known = self._errands.get((program, asked))
        if known is not None and not known.is_made and not (is_opened and known.is_told):
            return known
        work = self._suggestions.warm(program) if asked is None else self._suggestions.suggest(program, asked)
        begun = Errand(matchmaker.submit(work))
        begun.future.add_done_callback(_log_failure)
        self._errands.pop((program, asked), None)
        self._errands[program, asked] = begun
        return begun


def _log_failure(future: Future[Any]) -> None:
    error = None if future.cancelled() else future.exception()
    if isinstance(error, (BadInput, ProcessLost, *LOST)):
        _LOG.warning("suggestions not made", extra={"reason": type(error).__name__})
    elif error is not None and not isinstance(error, (NotThere, Abandoned)):
        _LOG.error("defect", exc_info=error)
