"""A server keeps workers: not before it has its models, and none longer than itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from service.jobs import keeping
from service.jobs.keeping import KeptWorkers
from service.settings import Settings


class Worker:
    """A process that ends when it is told to."""

    started: list[Worker]

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        self.command, self.environment = command, env
        self.returncode: int | None = None
        self.started.append(self)

    def poll(self) -> int | None:
        return self.returncode

    def terminate(self) -> None:
        self.returncode = 0

    kill = terminate

    def wait(self, timeout: float | None = None) -> int | None:
        return self.returncode


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Worker]:
    Worker.started = []
    monkeypatch.setattr(keeping.subprocess, "Popen", Worker)
    monkeypatch.setattr(keeping, "_LOOK_S", 0.01)
    monkeypatch.setattr(keeping, "_GLANCE_S", 0.01)
    return Worker.started


def until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not there():
        assert time.monotonic() < end
        time.sleep(0.01)


def kept(tmp_path: Path, opened: Event, workers: int = 2) -> KeptWorkers:
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'matcher.db'}", workers=workers)
    return KeptWorkers(settings, Event(), opened.is_set)


def test_workers_begin_once_the_models_are_open_and_end_with_their_server(started, tmp_path):
    opened = Event()
    workers = kept(tmp_path, opened)
    time.sleep(0.1)
    assert started == []
    opened.set()
    until(lambda: len(started) == 2)
    assert {one.environment["OMP_NUM_THREADS"] for one in started} == {"1"}
    workers.close()
    assert [one.returncode for one in started] == [0, 0]


def test_a_worker_that_dies_has_a_successor(started, tmp_path):
    opened = Event()
    opened.set()
    workers = kept(tmp_path, opened, 1)
    until(lambda: len(started) == 1)
    started[0].returncode = -9
    until(lambda: len(started) == 2)
    workers.close()
    assert len(started) == 2


def test_a_server_that_stops_before_it_was_ready_starts_none(started, tmp_path):
    workers = kept(tmp_path, Event())
    workers.close()
    assert started == []
