"""Workers as processes, on both databases: a run is done once, whatever dies, and never after it was cancelled."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from matcher.profiles import Side
from service.jobs.queue import RunQueue
from service.kept import snapshot
from service.store.database import open_database
from service.store.profiles import ANYTHING, put_profile
from service.store.programs import create_program
from service.store.runs import SILENT_S, State, ask_for_run, cancel, find_run, list_matches, record_of
from service.store.tables import computed, matches, runs
from service.store.writes import put_rows, writing
from tests.service.store.outage import gone

# Two processes may load the models at the same time, which a loaded machine takes minutes for.
PATIENCE_S = 400
DATABASE = "MATCHER_DATABASE_URL"
# `make soak` lets it be away for longer.
AWAY_S = 10 if "MATCHER_SOAK" in os.environ else 3


def open_program(url: str) -> Engine:
    """Open a database with a program in it of which nothing is encoded."""
    engine = open_database(url)
    with writing(engine) as connection:
        create_program(connection, "spring", {}, "tests")
        for at in range(6):
            fields = {"id": f"s{at}", "needs": [f"robot arm {at}"]}
            put_profile(connection, "spring", Side.STARTUP, f"s{at}", fields, ANYTHING, "tests")
            expert = {"id": f"e{at}", "kind": "professor", "expertise": [f"robot arm {at}"]}
            put_profile(connection, "spring", Side.EXPERT, f"e{at}", expert, ANYTHING, "tests")
    return engine


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    engine = open_program(database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def computed_once(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    """What a run computes for the texts of the program: it takes the encoder half of the seconds of a test."""
    url = f"sqlite:///{tmp_path_factory.mktemp('computed') / 'matcher.db'}"
    engine = open_program(url)
    worker = subprocess.Popen([sys.executable, "-m", "service.jobs.worker"], env=environment | {DATABASE: url})
    try:
        wait_for(engine, ask(engine, url), State.DONE)
    finally:
        worker.kill()
        worker.wait()
    with engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(select(computed)).mappings()]
    engine.dispose()
    return rows


Encode = Callable[[], None]


@pytest.fixture
def encode(database: Engine, computed_once: list[dict[str, object]]) -> Encode:
    """Write into the database what its texts are computed to: runs from then on need no encoder."""

    def write() -> None:
        with writing(database) as connection:
            put_rows(connection, computed, computed_once)

    return write


Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(database_url: str, environment: dict[str, str]) -> Iterator[Start]:
    """Start a worker process with more of an environment; what still runs at the end is killed."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(**more: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "service.jobs.worker"]
        known = {**environment, DATABASE: database_url, **more}
        started.append(subprocess.Popen(command, env=known))  # noqa: S603
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()


def ask(database: Engine, url: str) -> str:
    with writing(database) as connection:
        run = ask_for_run(connection, "spring", {}, snapshot(connection, "spring"), "tests").id
    queue = RunQueue(url)
    queue.add(run)
    queue.close()
    return run


def state(database: Engine, run: str) -> State:
    with database.connect() as connection:
        return find_run(connection, "spring", run).state


def wait_for(database: Engine, run: str, *wanted: State) -> State:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        found = state(database, run)
        if found in wanted:
            return found
        time.sleep(0.05)
    raise AssertionError(f"run is {found}, expected {wanted}")


def made(database: Engine, run: str) -> list[tuple[str | None, str | None]]:
    with database.connect() as connection:
        return [(one.startup, one.expert) for one in list_matches(connection, run) if one.startup and one.expert]


def test_two_workers_do_each_run_once(encode, database, database_url, start):
    encode()
    for _ in range(2):
        start()
    asked = [ask(database, database_url) for _ in range(3)]
    for run in asked:
        wait_for(database, run, State.DONE)
        assert len(made(database, run)) == len(set(made(database, run))) == 6
    with database.connect() as connection:
        claims = connection.scalars(select(runs.c.claim)).all()
        assert len(set(claims)) == 3
        assert len(connection.execute(select(matches.c.id)).all()) == 18


def encoded_in(database: Engine, run: str) -> int:
    wait_for(database, run, State.DONE)
    with database.connect() as connection:
        return record_of(connection, run)["encoded_texts"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_one_worker_encoded_is_encoded_on_no_other_machine(database, database_url, start, tmp_path):
    first = start()
    assert encoded_in(database, ask(database, database_url)) > 0
    first.terminate()
    first.wait()
    start(MATCHER_CACHE_FOLDER=str(tmp_path / "another machine"))
    assert encoded_in(database, ask(database, database_url)) == 0


def test_a_cancelled_run_ends_within_two_seconds_and_leaves_nothing(database, database_url, start):
    start()
    run = ask(database, database_url)
    wait_for(database, run, State.RUNNING)
    with writing(database) as connection:
        cancel(connection, "spring", run, "tests")
    time.sleep(2)
    running = subprocess.run(["pgrep", "-f", f"service.jobs.child {run}"], capture_output=True, check=False)  # noqa: S603, S607
    assert running.stdout == b""
    assert state(database, run) is State.CANCELLED
    assert made(database, run) == []


def test_a_run_of_a_killed_worker_is_done_by_another_and_once(encode, database, database_url, start):
    run = ask(database, database_url)
    first = start()
    wait_for(database, run, State.RUNNING)
    first.kill()
    first.wait()
    # As if the time had passed after which a worker is taken for dead.
    with writing(database) as connection:
        beaten = connection.execute(select(runs.c.beat).where(runs.c.id == run)).scalar_one()
        long_ago = beaten - dt.timedelta(seconds=2 * SILENT_S)
        connection.execute(runs.update().where(runs.c.id == run).values(beat=long_ago))
    encode()
    start()
    wait_for(database, run, State.DONE)
    time.sleep(1)  # what the killed one's process might still write
    assert sorted(made(database, run)) == sorted(set(made(database, run)))
    assert len(made(database, run)) == 6


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_worker_that_is_told_to_stop_hands_its_run_back(encode, database, database_url, start):
    run = ask(database, database_url)
    first = start()
    wait_for(database, run, State.RUNNING)
    first.send_signal(signal.SIGTERM)
    assert first.wait(10) == 0
    assert state(database, run) in (State.QUEUED, State.DONE)
    encode()
    start()
    wait_for(database, run, State.DONE)
    assert len(made(database, run)) == 6


def test_a_run_that_never_came_to_the_queue_is_done_too(encode, database, start):
    encode()
    with writing(database) as connection:
        run = ask_for_run(connection, "spring", {}, snapshot(connection, "spring"), "tests").id
    start()
    wait_for(database, run, State.DONE)


def test_a_process_that_is_killed_is_tried_once_more_and_then_given_up(database, database_url, start):
    start()
    run = ask(database, database_url)
    killed = 0
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and state(database, run) in (State.QUEUED, State.RUNNING):
        found = subprocess.run(["pgrep", "-f", f"service.jobs.child {run}"], capture_output=True, check=False)  # noqa: S603, S607
        for number in found.stdout.split():
            os.kill(int(number), signal.SIGKILL)
            killed += 1
        time.sleep(0.05)
    assert state(database, run) is State.FAILED
    assert killed >= 2
    assert made(database, run) == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_run_and_its_worker_outlive_a_database_that_goes_away(database, database_url, start):
    worker = start()
    run = ask(database, database_url)
    wait_for(database, run, State.RUNNING)
    database.dispose()
    with gone(database_url):
        time.sleep(AWAY_S)
        assert worker.poll() is None
    assert wait_for(database, run, State.DONE, State.FAILED, State.CANCELLED) is State.DONE
    assert len(made(database, run)) == len(set(made(database, run))) == 6
    assert wait_for(database, ask(database, database_url), State.DONE) is State.DONE
    assert worker.poll() is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_a_worker_that_is_killed_had_begun_ends_with_it(database, database_url, start):
    run = ask(database, database_url)
    worker = start()
    wait_for(database, run, State.RUNNING)
    end = time.monotonic() + PATIENCE_S
    while not (begun := processes_of(run)):
        assert time.monotonic() < end
        time.sleep(0.05)
    time.sleep(1)  # until it has said so to the kernel
    worker.kill()
    worker.wait()
    end = time.monotonic() + 5
    while set(processes_of(run)) & set(begun):
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_kept_worker_stops_when_its_server_is_gone(database_url, database, environment):
    keeper = "import subprocess, sys, os, time; print(subprocess.Popen([sys.executable, '-m', 'service.jobs.worker', "
    keeper += "str(os.getpid())]).pid, flush=True); time.sleep(1000)"
    known = {**environment, "MATCHER_DATABASE_URL": database_url}
    server = subprocess.Popen([sys.executable, "-c", keeper], env=known, stdout=subprocess.PIPE)  # noqa: S603
    worker = int(server.stdout.readline())
    server.kill()
    server.wait()
    server.stdout.close()
    end = time.monotonic() + PATIENCE_S
    while is_running(worker):
        assert time.monotonic() < end
        time.sleep(0.1)


def processes_of(run: str) -> list[str]:
    found = subprocess.run(["pgrep", "-f", f"service.jobs.child {run}"], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return [number for number in found.stdout.split() if is_running(int(number))]


def is_running(number: int) -> bool:
    """Whether there is such a process that has not ended yet; one that nobody has waited for is a zombie."""
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
