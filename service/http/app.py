"""The application: middlewares from the outside in, then the routes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version

from anyio.to_thread import run_sync
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from service.apart import ModelProcess
from service.console import administration, cohort, entry, mistakes, overview, pages, parties, pictures, quotas
from service.console import aliases as alias_pages
from service.console import programs as program_pages
from service.console import runs as run_pages
from service.console.elsewhere import add_elsewhere
from service.console.mistakes import kept_mistakes
from service.http.access import KeyGate
from service.http.observing import KeptMetrics, Metrics, Observer
from service.http.paths import Segments
from service.http.problems import add_handlers
from service.http.router import add_routes
from service.http.routes import (
    aliases,
    letters,
    operations,
    profiles,
    programs,
    relations,
    runs,
    stateless,
    suggestions,
)
from service.http.schemas import add_bodies
from service.http.state import Shared
from service.http.tidying import Tidy
from service.jobs.keeping import KeptWorkers
from service.jobs.queue import RunQueue
from service.matchmaker import Matchmaker
from service.reading_ahead import ReadingAhead
from service.settings import Settings
from service.store.database import open_database
from service.store.until_written import UntilWritten
from service.suggesting import Suggestions
from service.warming import Warming

_PAGES = (
    entry,
    program_pages,
    overview,
    quotas,
    cohort,
    alias_pages,
    run_pages,
    pictures,
    parties,
    administration,
    mistakes,
)


def create_app(settings: Settings, process: ModelProcess | None = None) -> FastAPI:
    """Return the application. Models are opened in the background once it starts; `/readyz` tells when they are.

    process: where the models are loaded, if that has begun already.
    Raises `BadInput` for a database that cannot be opened.
    """
    shared = _open(settings)
    app = FastAPIOffline(
        title="Incubator matcher",
        version=version("incubator-matcher"),
        lifespan=_running(shared, process),
        redoc_url=None,
        static_url="/docs-files",
    )
    app.state.shared, app.state.mistakes = shared, kept_mistakes()
    _add_routes(app)
    add_handlers(app)
    add_elsewhere(app)
    add_bodies(app)
    app.add_middleware(KeyGate, database=shared.database, seen=shared.seen, rate=settings.rate_limit)
    app.add_middleware(Segments)
    app.add_middleware(Observer, metrics=shared.metrics)
    app.add_middleware(Tidy)
    return app


def _open(settings: Settings) -> Shared:
    database = open_database(settings.database_url)
    seen = UntilWritten(database)
    queue, warm = RunQueue(settings.database_url), Suggestions(database, seen)
    shared = Shared(settings, database, seen, Metrics(), queue, warm, Warming(warm))
    shared.metrics.registry.register(KeptMetrics(database, lambda: warm.sizes))
    return shared


def _running(shared: Shared, process: ModelProcess | None) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Return what starts with the application and ends with it: models, threads and worker processes."""

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        shared.running = matchmaker = Matchmaker(shared.settings, process)
        ahead = ReadingAhead(shared.database, matchmaker, shared.closing)
        workers = KeptWorkers(shared.settings, shared.closing, lambda: matchmaker.is_opened)
        yield
        shared.closing.set()
        for close in (workers.close, matchmaker.close, ahead.close):
            await run_sync(close)
        shared.queue.close()
        shared.seen.close()
        shared.database.dispose()

    return running


def _add_routes(app: FastAPI) -> None:
    parts = (stateless, programs, relations, aliases, runs, suggestions, letters)
    add_routes(app, (*(part.router for part in parts), *profiles.routers, operations.router))
    routers = [page.router for page in _PAGES]
    add_routes(app, routers)
    app.state.pages = [route for router in routers for route in router.routes]
    app.mount("/console-files", pages.files)
