"""A server that is told to stop ends its streams and what would take minutes, and does not wait until it is cut off."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Sequence
from http.client import HTTPConnection
from pathlib import Path

import pytest

from matcher.encoding import Role, Vectors
from matcher.errors import ProcessLost
from models.cache import Cache
from models.encoders import Progress
from models.opening import Models
from service import matchmaker, serving, use_cases
from service.http.app import create_app
from service.matchmaker import Matchmaker
from service.serving import Server
from service.settings import Settings
from service.store.keys import Role as Caller
from tests.fakes import NoWords, plain_calibration
from tests.service.conftest import OpenedWords, open_words
from tests.service.http.conftest import key_for
from tests.service.store.databases import new_database

PROFILES = [
    ("POST", "/v1/programs", '{"id": "p"}'),
    ("PUT", "/v1/programs/p/startups/s", '{"needs": ["robot"]}'),
    ("PUT", "/v1/programs/p/experts/e", '{"kind": "professor", "expertise": ["robot"]}'),
]


class Endless(OpenedWords):
    """An encoder that is never done."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()

    def keeping_in(self, cache: Cache) -> Endless:  # type: ignore[override]
        return self

    def report_to(self, progress: Progress) -> None:
        self._progress = progress

    def encode(self, texts: Sequence[str], role: Role) -> Vectors:
        while True:
            self.begun.set()
            self._progress(0, len(texts))
            time.sleep(0.05)


class Running:
    """A server in a thread of this process."""

    def __init__(self, settings: Settings) -> None:
        app = create_app(settings)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self._headers = key_for(app, Caller.MANAGER)
        self._server = Server(app, "127.0.0.1", self._port)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)

    def ask(self, method: str, path: str, body: str = "{}") -> HTTPConnection:
        """Send a request, and return the connection that its answer comes through."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=60)
        connection.request(method, path, body, self._headers)
        return connection

    def have(self, method: str, path: str, body: str) -> str | None:
        """Have something made, and return where it is."""
        connection = self.ask(method, path, body)
        answer = connection.getresponse()
        assert answer.status in (201, 202), answer.read()
        connection.close()
        return answer.headers["location"]

    def stop(self) -> None:
        """Tell it to stop, and wait until it has."""
        self._server.handle_exit(signal.SIGTERM, None)
        self._server._captured_signals.clear()  # which this process is not to get
        self._thread.join(60)
        assert not self._thread.is_alive()


@pytest.fixture
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    url = new_database(request, "sqlite", tmp_path)
    return Settings(database_url=url, cache_folder=tmp_path / "cache", workers=0)


def test_a_stream_that_is_open_does_not_hold_up_a_server(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, caplog
) -> None:
    monkeypatch.setattr(use_cases, "open_models", open_words)
    server = Running(settings)
    for one in PROFILES:
        server.have(*one)
    stream = server.ask("GET", f"{server.have('POST', '/v1/programs/p/runs', '{}')}/events")
    told = stream.getresponse()
    assert told.readline().startswith(b"event: queued")
    server.stop()
    assert told.read().endswith(b"\n\n"), "ended after an event, not in one"
    stream.close()
    assert "timeout graceful shutdown exceeded" not in caplog.text


def test_texts_that_would_be_encoded_for_minutes_do_not_hold_up_a_server(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, caplog
) -> None:
    encoder = Endless()
    monkeypatch.setattr(use_cases, "open_models", lambda *given: Models(encoder, NoWords(), plain_calibration()))
    monkeypatch.setattr(serving, "_LAST_SECONDS", 1)
    server = Running(settings)
    for one in PROFILES:
        server.have(*one)
    asked = server.ask("GET", "/v1/programs/p/startups/s/suggestions")
    assert encoder.begun.wait(60)
    server.stop()
    asked.close()
    assert "reading ahead ends" not in caplog.text


class Lost(Endless):
    """Is lost twice before it is there."""

    times = 0

    def prepare(self) -> None:
        self.times += 1
        if self.times < 3:
            raise ProcessLost("the encoder's process ended without an answer")


def test_models_whose_process_is_lost_are_opened_again(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, caplog
) -> None:
    encoder = Lost()
    monkeypatch.setattr(use_cases, "open_models", lambda *given: Models(encoder, NoWords(), plain_calibration()))
    monkeypatch.setattr(matchmaker, "_AGAIN_S", 0.05)
    opened = Matchmaker(settings)
    end = time.monotonic() + 60
    while not opened.is_ready:
        assert time.monotonic() < end
        assert opened.failure == ""
        time.sleep(0.01)
    opened.close()
    assert caplog.text.count("models not opened, trying again") == 2


def test_a_server_that_stops_while_its_models_are_lost_does_not_try_again(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    encoder = Lost()
    monkeypatch.setattr(use_cases, "open_models", lambda *given: Models(encoder, NoWords(), plain_calibration()))
    opened = Matchmaker(settings)
    while not encoder.times:
        time.sleep(0.01)
    opened.close()
    assert encoder.times == 1
    assert not opened.is_ready
