"""Suggestions on a page: those that are there, or how far they are, without waiting for a large program's index."""

from __future__ import annotations

from asyncio import Future, wait, wrap_future
from concurrent import futures
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import Request

from matcher.profiles import Side
from service.console.api import Refused
from service.console.pages import refusal
from service.console.visitor import Reader
from service.http.quick import look_up
from service.http.state import shared
from service.matchmaker import Abandoned
from service.store.errors import LOST, NotThere
from service.store.keys import Role
from service.suggesting import Asked

Fields = dict[str, Any]
# A page waits so long: suggestions of a small program, and of a large one whose index is there, come with it.
_PATIENCE_S = 0.2


@dataclass(frozen=True)
class Suggested:
    """Suggestions for somebody. is_open: they are still to come.

    failure: why they will not, "" for a defect, which the log tells; None where nothing failed.
    """

    found: tuple[Fields, ...] = ()
    is_open: bool = False
    failure: str | None = None

    @property
    def is_made(self) -> bool:
        """Whether they are there."""
        return not self.is_open and self.failure is None


@dataclass(frozen=True)
class Wanted:
    """Whose suggestions a page shows, and how many."""

    program: str
    side: Side
    id: str
    limit: int


async def suggested(request: Request, who: Reader, wanted: Wanted, is_opened: bool = True) -> Suggested:
    """Return what there is to show now; what is not there is begun, and goes on after this answer.

    is_opened: whether a page is opened; otherwise one that is open looks again. Raises `Refused` and `NotThere`.
    """
    app = shared(request)
    asked = Asked(wanted.side, wanted.id, None, wanted.limit, who.key.role in (Role.STARTUP, Role.EXPERT))
    if await look_up(app.database, lambda: app.suggestions.known(wanted.program, asked)) is None:
        is_there = await look_up(app.database, lambda: app.suggestions.is_there(wanted.program))
        for step in (asked,) if is_there else (None, asked):
            errand = app.warming.begin(wanted.program, step, app.matchmaker, is_opened)
            if not await _over(errand.future):
                return Suggested(is_open=True)
            error = errand.failure()
            if error is not None:
                return _failed(error)
    try:
        answer = await who.api.get(
            "programs", wanted.program, f"{wanted.side}s", wanted.id, "suggestions", limit=wanted.limit
        )
    except Refused as refused:
        if refused.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        return Suggested(failure=refused.detail)
    return Suggested(tuple(answer["suggestions"]))


async def _over(future: futures.Future[Any]) -> bool:
    """Return whether something is over by now, or within the patience of a page; it goes on either way."""
    if not future.done():
        waiting = wrap_future(future)
        waiting.add_done_callback(_look)
        await wait({waiting}, timeout=_PATIENCE_S)
    return future.done()


def _look(future: Future[Any]) -> None:
    """Take the error out of a future that nobody waits for any more; whoever looks next is told it."""
    if not future.cancelled():
        future.exception()


def _failed(error: BaseException) -> Suggested:
    match error:
        case NotThere():
            raise error
        case Abandoned():  # the server stops; the next one begins again
            return Suggested(is_open=True)
        case _ if isinstance(error, LOST):
            return Suggested(failure="the database cannot be reached now; try again")
        case Exception():
            known = refusal(error)
            return Suggested(failure=known[1].text if known else "")
        case _:
            raise error
