"""A server that is told to stop ends its streams, and does not wait until they are cut off."""

from __future__ import annotations

import signal
import socket
import time
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread

import pytest

from service import use_cases
from service.http.app import create_app
from service.serving import Server
from service.settings import Settings
from service.store.keys import Role
from tests.service.conftest import open_words
from tests.service.http.conftest import key_for


def test_a_stream_that_is_open_does_not_hold_up_a_server(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog
) -> None:
    monkeypatch.setattr(use_cases, "open_models", open_words)
    url = f"sqlite:///{tmp_path / 'matcher.db'}"
    app = create_app(Settings(database_url=url, cache_folder=tmp_path / "cache", workers=0))
    headers = key_for(app, Role.MANAGER)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Server(app, "127.0.0.1", port)
    thread = Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)

    def ask(method: str, path: str, body: str = "{}") -> HTTPConnection:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request(method, path, body, headers)
        return connection

    asks = [
        ("POST", "/v1/programs", '{"id": "p"}'),
        ("PUT", "/v1/programs/p/startups/s", '{"needs": ["robot"]}'),
        ("PUT", "/v1/programs/p/experts/e", '{"kind": "professor", "expertise": ["robot"]}'),
        ("POST", "/v1/programs/p/runs", "{}"),
    ]
    for one in asks:
        connection = ask(*one)
        answer = connection.getresponse()
        location = answer.headers["location"]
        assert answer.status in (201, 202), answer.read()
        connection.close()
    stream = ask("GET", f"{location}/events")
    told = stream.getresponse()
    assert told.readline().startswith(b"event: queued")
    server.handle_exit(signal.SIGTERM, None)
    server._captured_signals.clear()  # which this process is not to get
    thread.join(60)
    assert not thread.is_alive()
    assert told.read().endswith(b"\n\n"), "ended after an event, not in one"
    stream.close()
    assert "timeout graceful shutdown exceeded" not in caplog.text
