"""Running the application: a server that finishes what it began."""

from __future__ import annotations

from contextlib import suppress
from types import FrameType

import uvicorn
from fastapi import FastAPI

from service.apart import ModelProcess
from service.collecting import collect_as_server
from service.http.app import create_app
from service.logs import log_as_json
from service.memory import share_heaps
from service.settings import Settings

# How long requests under way may take once the server was told to stop.
_LAST_SECONDS = 30


class Server(uvicorn.Server):
    """A server that tells its application at once that it is to stop: streams end, and jobs are handed back."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=_LAST_SECONDS,
            )
        )
        self._closing = app.state.shared.closing

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop, once requests under way are answered."""
        self._closing.set()
        super().handle_exit(sig, frame)


def serve(settings: Settings, host: str, port: int, process: ModelProcess) -> None:
    """Serve until this process is told to stop, with the models that the other one has.

    Raises `BadInput` for a database that cannot be opened.
    """
    share_heaps()
    log_as_json()
    server = Server(create_app(settings, process), host, port)
    collect_as_server()
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        raise SystemExit(3)
