"""The application: middlewares from the outside in, then the routes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from anyio.to_thread import run_sync
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from matcher.profiles import Side
from service.console import administration, cohort, entry, mistakes, pages, parties, pictures
from service.console import programs as program_pages
from service.console import runs as run_pages
from service.console.elsewhere import add_elsewhere
from service.console.mistakes import kept_mistakes
from service.http.access import KeyGate
from service.http.observing import KeptMetrics, Metrics, Observer
from service.http.paths import Segments
from service.http.problems import add_handlers
from service.http.routes import letters, operations, programs, relations, runs, stateless, suggestions
from service.http.routes.profiles import profile_routes
from service.http.schemas import add_bodies, operation_id
from service.http.state import Shared
from service.jobs.keeping import KeptWorkers
from service.jobs.queue import RunQueue
from service.matchmaker import Matchmaker
from service.reading_ahead import ReadingAhead
from service.settings import Settings
from service.store.database import open_database
from service.suggesting import Suggestions


def create_app(settings: Settings) -> FastAPI:
    """Return the application. Models are opened in the background once it starts; `/readyz` tells when they are.

    Raises `BadInput` for a database that cannot be opened.
    """
    database = open_database(settings.database_url)
    shared = Shared(settings, database, Metrics(), RunQueue(settings.database_url), Suggestions(database))

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        shared.running = Matchmaker(settings)
        ahead = ReadingAhead(database, shared.running, shared.closing)
        workers = KeptWorkers(settings, shared.closing)
        yield
        shared.closing.set()
        await run_sync(workers.close)
        await run_sync(shared.running.close)
        await run_sync(ahead.close)
        shared.queue.close()
        shared.database.dispose()

    shared.metrics.registry.register(KeptMetrics(database, lambda: shared.suggestions.sizes))

    app = FastAPIOffline(
        title="Incubator matcher",
        version=version("incubator-matcher"),
        lifespan=running,
        redoc_url=None,
        generate_unique_id_function=operation_id,
        static_url="/docs-files",
    )
    app.state.shared, app.state.mistakes = shared, kept_mistakes()
    app.include_router(stateless.router)
    app.include_router(programs.router)
    app.include_router(relations.router)
    app.include_router(runs.router)
    app.include_router(suggestions.router)
    app.include_router(letters.router)
    for side in Side:
        app.include_router(profile_routes(side))
    app.include_router(operations.router)
    for page in (entry, program_pages, cohort, run_pages, pictures, parties, administration, mistakes):
        app.include_router(page.router)
    app.mount("/console-files", pages.files)
    add_handlers(app)
    add_elsewhere(app)
    add_bodies(app)
    app.add_middleware(KeyGate, database=shared.database, rate=settings.rate_limit)
    app.add_middleware(Segments)
    app.add_middleware(Observer, metrics=shared.metrics)
    return app
