"""What is seen of each request: an id, a line in the log without any text of a profile, and metrics."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Engine
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.http.problems import defect_response
from service.store.errors import LOST
from service.store.runs import count_states, latest_seconds

_LOG = logging.getLogger("matcher.http")
_GIVEN_ID = re.compile(r"[\w.\-]{1,64}")
_NOTHING = "default-src 'none'; frame-ancestors 'none'"
# Swagger's page starts itself by a script in the page.
_OWN = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
_DOCS = "/docs"
# The page of a party has its style in it and nothing else.
_PAGE = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_PAGES = "/p/"


def _policy(path: str) -> str:
    """Return what a browser may load for an answer."""
    if path.startswith(_PAGES):
        return _PAGE
    return _OWN if path == _DOCS else _NOTHING


class Metrics:
    """Counts and times of requests, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self.requests = Counter("matcher_requests", "Requests answered.", labels, registry=self.registry)
        self.seconds = Histogram("matcher_request_seconds", "Seconds to answer.", labels[:2], registry=self.registry)


class KeptMetrics(Collector):
    """Runs by state and the seconds of their stages, as the database has them, and how much the indexes hold."""

    def __init__(self, database: Engine, sizes: Callable[[], Iterable[int]]) -> None:
        self._database, self._sizes = database, sizes

    def collect(self) -> Iterator[Metric]:
        """Yield what is so now; runs are left out while the database cannot be reached."""
        index = GaugeMetricFamily("matcher_index_profiles", "Profiles in the warm indexes.")
        index.add_metric([], sum(self._sizes()))
        yield index
        try:
            with self._database.connect() as connection:
                states, stages = count_states(connection), latest_seconds(connection)
        except LOST as error:
            _LOG.warning("database lost", extra={"reason": type(error).__name__})
            return
        runs = GaugeMetricFamily("matcher_runs", "Runs by state; queued ones wait for a worker.", labels=["state"])
        for state, count in states.items():
            runs.add_metric([state], count)
        yield runs
        seconds = GaugeMetricFamily("matcher_stage_seconds", "Stages of the latest run that is done.", labels=["stage"])
        for stage, took in stages.items():
            seconds.add_metric([stage], took)
        yield seconds


class Observer:
    """Gives every request an id, and every response that id and the headers that keep browsers out of trouble."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and tell how it went."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        begin, status = time.perf_counter(), 0

        async def observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                headers["X-Content-Type-Options"] = "nosniff"
                headers.setdefault("Content-Security-Policy", _policy(scope["path"]))
            await send(message)

        try:
            await self._app(scope, receive, observed)
        except Exception:
            _LOG.exception("defect", extra={"request_id": request_id})
            if status:  # the answer is under way: it can only be cut off
                raise
            await defect_response(request_id)(scope, receive, observed)
        finally:
            self._tell(scope, request_id, status, time.perf_counter() - begin)

    def _tell(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        # The path may hold ids of people; the route does not, and keeps the metrics few.
        route = getattr(scope.get("route"), "path", "none")
        method = scope["method"] if scope["method"] in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD") else "other"
        self._metrics.requests.labels(method, route, status).inc()
        self._metrics.seconds.labels(method, route).observe(seconds)
        key = scope["state"].get("key")
        known = {"request_id": request_id, "method": method, "route": route, "status": status}
        _LOG.info("request", extra={**known, "seconds": round(seconds, 4), "key": key.id if key else None})
