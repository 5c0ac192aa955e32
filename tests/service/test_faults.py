"""What a service has to survive: kill -9 in the middle of writes, a database that goes away, a disk that is full.

A sample runs with the other tests; `make soak` runs many more (MATCHER_SOAK=50).
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from service.store.database import open_database
from service.store.keys import Grant, Role, create_key
from service.store.programs import create_program
from service.store.writes import Reply, perform, writing
from tests.service.conftest import MATCHER

IS_SOAK = "MATCHER_SOAK" in os.environ
KILLS = int(os.environ.get("MATCHER_SOAK", "3"))
# The first start encodes texts, which a loaded machine takes minutes for.
PATIENCE_S = 400
# What `make soak`, alone on its machine, holds a restart to; beside other tests it may take as long as they let it.
ALIVE_S, READY_S = (5, 20) if IS_SOAK else (PATIENCE_S, PATIENCE_S)
ROWS = 400
STARTUPS = 3
# A run is asked for before every fifth kill.
KILLS_A_RUN, IMPORTS_A_KILL = 5, 3


class Server:
    """A `matcher serve` process that can be killed and started again over the same database."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.url = f"sqlite:///{folder / 'matcher.db'}"
        self.key = create_key(open_database(self.url), Grant(Role.ADMIN), "tests")[1]
        self._folder = folder
        self._environment = {**environment, "MATCHER_RATE_LIMIT": "1000000 per minute"}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]

    def start(self) -> tuple[float, float]:
        """Start it, and return after how many seconds it was alive and ready."""
        command = [MATCHER, "serve", "--port", str(self._port), "--database-url", self.url]
        with (self._folder / "log").open("a") as log:
            self._process = subprocess.Popen(  # noqa: S603
                command, env=self._environment, stderr=log, start_new_session=True
            )
        begin = time.monotonic()
        return self._wait("/healthz") - begin, self._wait("/readyz") - begin

    def _wait(self, path: str) -> float:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            try:
                if self.ask("GET", path)[0] == 200:
                    return time.monotonic()
            except (OSError, HTTPException):
                pass
            time.sleep(0.05)
        raise AssertionError((self._folder / "log").read_text()[-2000:])

    def kill(self) -> None:
        """Kill it and its worker, as a machine would that loses its power."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def ask(
        self, method: str, path: str, body: bytes | None = None, kind: str = "application/json"
    ) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            headers = {"Authorization": f"Bearer {self.key}", "Content-Type": kind}
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def read(self, path: str) -> dict:
        status, body = self.ask("GET", path)
        assert status == 200, body
        return json.loads(body)


@pytest.fixture
def server(tmp_path: Path, environment: dict[str, str]) -> Iterator[Server]:
    found = Server(tmp_path, environment)
    try:
        found.start()
        yield found
    finally:
        found.kill()


def rows(number: int) -> bytes:
    lines = [f"n{number}-e{at},professor,robot arms of kind {number}" for at in range(ROWS)]
    return "\n".join(["id,kind,expertise", *lines]).encode()


def test_no_kill_loses_an_acknowledged_write_or_a_run_or_leaves_half_of_one(server: Server) -> None:
    luck = random.Random(7)  # noqa: S311
    server.ask("POST", "/v1/programs", b'{"id": "p"}')
    for at in range(STARTUPS):
        server.ask("PUT", f"/v1/programs/p/startups/s{at}", b'{"needs": ["robot arms"], "seeks": ["professor"]}')
    server.ask("PUT", "/v1/programs/p/experts/first", b'{"kind": "professor", "expertise": ["robot arms"]}')
    acknowledged: list[int] = []
    asked: list[str] = []
    starts: list[tuple[float, float]] = []
    number = 0
    for kill in range(KILLS):
        stop = threading.Event()
        if kill % KILLS_A_RUN == 0:
            status, body = server.ask("POST", "/v1/programs/p/runs")
            assert status == 202
            asked.append(json.loads(body)["id"])

        def write(begin: int, stop: threading.Event = stop) -> None:
            nonlocal number
            number = begin
            while not stop.is_set() and number < begin + IMPORTS_A_KILL:
                number += 1
                try:
                    status, _ = server.ask("POST", "/v1/programs/p/import?what=experts", rows(number), "text/csv")
                except (OSError, HTTPException):
                    return  # killed: nobody said that this one was kept
                if status == 200:
                    acknowledged.append(number)

        writer = threading.Thread(target=write, args=(number,))
        writer.start()
        # In the middle of an import, or once its worker has begun with the run.
        time.sleep(luck.uniform(0.3, 1.2) if kill % 2 else luck.uniform(2, 12))
        server.kill()
        stop.set()
        writer.join()
        starts.append(server.start())
        assert starts[-1][0] < ALIVE_S
        assert starts[-1][1] < READY_S
    assert acknowledged
    kept = kept_experts(server)
    whole = {f"n{one}-e{at}" for one in acknowledged for at in range(ROWS)}
    assert whole <= kept
    for one in range(1, number + 1):
        assert sum(id_.startswith(f"n{one}-") for id_ in kept) in (0, ROWS)
    for run in asked:
        made = matches_of(server, run)
        assert len(made) == len({(one["startup"], one["expert"]) for one in made}) == STARTUPS
    told = f"{KILLS} kills, {len(acknowledged)} imports and {len(asked)} runs acknowledged; slowest start: "
    print(f"{told}alive after {max(one for one, _ in starts):.1f} s, ready after {max(one for _, one in starts):.1f} s")  # noqa: T201


def kept_experts(server: Server) -> set[str]:
    found: set[str] = set()
    cursor = ""
    while cursor is not None:
        page = server.read(f"/v1/programs/p/experts?limit=500&cursor={cursor}")
        found |= {one["id"] for one in page["items"]}
        cursor = page["next"]
    return found


def matches_of(server: Server, run: str) -> list[dict]:
    """Return the matches of a run once it is done."""
    end = time.monotonic() + PATIENCE_S
    while (state := server.read(f"/v1/programs/p/runs/{run}")["state"]) in ("queued", "running"):
        assert time.monotonic() < end
        time.sleep(0.3)
    assert state == "done"
    return server.read(f"/v1/programs/p/runs/{run}/matches")["matches"]


def test_a_full_disk_is_told_and_nothing_is_half_written(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'matcher.db'}")
    with writing(database) as connection:
        create_program(connection, "p", {}, "tests")
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def large(connection: Connection) -> Reply:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 3}")
        create_program(connection, "small", {}, "tests")
        return Reply(201, create_program(connection, "large", {"name": "x" * 200_000}, "tests").id)

    with pytest.raises(OperationalError, match="full"):
        perform(database, large)
    database.dispose()  # the limit was that connection's
    kept = perform(database, lambda connection: Reply(200, create_program(connection, "q", {}, "tests").id))
    assert kept.body == "q"
    with database.connect() as connection:
        names = connection.exec_driver_sql("SELECT id FROM programs ORDER BY id").scalars().all()
    assert names == ["p", "q"]
    database.dispose()
