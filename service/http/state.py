"""What the routes of one application share."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event

from fastapi import Request
from sqlalchemy import Engine

from service.http.observing import Metrics
from service.jobs.queue import RunQueue
from service.matchmaker import Matchmaker
from service.settings import Settings
from service.store.until_written import UntilWritten
from service.suggesting import Suggestions
from service.warming import Warming


@dataclass
class Shared:
    """What is there from the start, and the matchmaker while the server runs. closing: it was told to stop."""

    settings: Settings
    database: Engine
    seen: UntilWritten
    metrics: Metrics
    queue: RunQueue
    suggestions: Suggestions
    warming: Warming
    closing: Event = field(default_factory=Event)
    running: Matchmaker | None = None

    @property
    def matchmaker(self) -> Matchmaker:
        """The matchmaker of a server that has started."""
        if self.running is None:
            raise RuntimeError("the application has not been started")
        return self.running


def shared(request: Request) -> Shared:
    """Return what the application of a request shares."""
    found: Shared = request.app.state.shared
    return found
