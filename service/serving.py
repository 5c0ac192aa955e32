"""Running the application: its log in JSON lines on stderr, and a server that finishes what it began."""

from __future__ import annotations

import logging

import uvicorn
from pythonjsonlogger.json import JsonFormatter

from service.http.app import create_app
from service.settings import Settings

# How long requests under way may take once the server was told to stop.
_LAST_SECONDS = 30


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until the process is told to stop. Raises `BadInput` for a database that cannot be opened."""
    log_as_json()
    app = create_app(settings)
    uvicorn.run(app, host=host, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=_LAST_SECONDS)


def log_as_json() -> None:
    """Send every log line to stderr as one JSON object."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter("{asctime}{levelname}{name}{message}", style="{"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # It would log whole paths, in which ids of people stand.
    logging.getLogger("httpx").setLevel(logging.WARNING)
