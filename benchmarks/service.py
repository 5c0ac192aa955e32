"""The service under load: a real server on the loopback, this process as its client.

    python benchmarks/service.py [--experts 10000] [--startups 2000] [--connections 8] [--seconds 10]

Prints how long the import of a csv takes, suggestions from a warm index beside a route of the same server that returns
a constant, how long a written expert takes to show, and suggestions while a run over everything is worked at.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import platform
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import numpy as np
from cohort import write_cohort

MATCHER = str(Path(sys.executable).with_name("matcher"))
PROGRAM = "/v1/programs/load"
RUN_SECONDS = 900
JSON_LINES = {"Content-Type": "application/x-ndjson"}
CSV = {"Content-Type": "text/csv"}


class Client:
    """One connection with a manager's key."""

    def __init__(self, port: int, key: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=900)
        self._headers = {"Authorization": f"Bearer {key}"}

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        """Return the status and the body of the answer; a server closes a connection that is idle for five seconds."""
        try:
            return self._ask(method, path, body, headers)
        except RemoteDisconnected:
            self._connection.close()
            return self._ask(method, path, body, headers)

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request(method, path, body, {**self._headers, **named})
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def send(self, method: str, path: str, value: object = None) -> Any:
        """Return the JSON of an answer that must be good."""
        status, body = self.ask(method, path, None if value is None else json.dumps(value).encode())
        if status >= 300:
            raise RuntimeError(f"{method} {path}: {status} {body[:500]!r}")
        return json.loads(body) if body else None


@contextmanager
def served(folder: Path) -> Iterator[tuple[int, str, int]]:
    """Yield the port, a key and the process id of a server over an empty database."""
    url = f"sqlite:///{folder / 'matcher.db'}"
    environment = {**os.environ, "MATCHER_RATE_LIMIT": "1000000 per minute", "MATCHER_LARGEST_BODY": str(2**28)}
    create = [MATCHER, "keys", "create", "--role", "manager", "--database-url", url]
    key = subprocess.run(create, check=True, capture_output=True, text=True).stdout.split()[-1]  # noqa: S603
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [MATCHER, "serve", "--port", str(port), "--database-url", url]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stderr=log)  # noqa: S603
        try:
            wait_until_ready(port)
            yield port, key, server.pid
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)


def wait_until_ready(port: int) -> None:
    """Return once the server can work."""
    while True:
        try:
            with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)


def rows(folder: Path, side: str) -> list[dict[str, Any]]:
    """Return the profiles of a made-up cohort."""
    return [json.loads(line) for line in (folder / f"{side}.jsonl").read_text(encoding="utf-8").splitlines()]


def as_csv(experts: list[dict[str, Any]], bad: int | None = None) -> bytes:
    """Return the experts as a spreadsheet would save them; `bad` is the row with a mistake in it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["id", "kind", "name", "affiliation", "expertise", "sectors", "regions", "max_load"])
    for at, one in enumerate(experts):
        lists = [";".join(one.get(name, [])) for name in ("expertise", "sectors", "regions")]
        places = "many" if at == bad else one.get("max_load", 3)
        writer.writerow([one["id"], one["kind"], one.get("name", ""), one.get("affiliation", ""), *lists, places])
    return text.getvalue().encode()


def load(port: int, key: str, paths: list[str], connections: int, seconds: float) -> tuple[float, np.ndarray]:
    """Return requests a second and the seconds of each, at so many connections at once."""
    end = time.perf_counter() + seconds
    took: list[list[float]] = [[] for _ in range(connections)]

    def ask(number: int) -> None:
        client, luck = Client(port, key), random.Random(number)  # noqa: S311
        while time.perf_counter() < end:
            begin = time.perf_counter()
            status, body = client.ask("GET", luck.choice(paths))
            took[number].append(time.perf_counter() - begin)
            if status != 200:
                raise RuntimeError(f"{status} {body[:300]!r}")

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(connections)]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    passed = time.perf_counter() - begin
    found = np.concatenate([np.array(one) for one in took])
    return len(found) / passed, found


def tell(what: str, rate: float, took: np.ndarray) -> None:
    """Print one line of a load."""
    p50, p99 = (1000 * np.quantile(took, share) for share in (0.5, 0.99))
    print(f"{what:<58} {rate:7.0f} /s   p50 {p50:6.1f} ms   p99 {p99:6.1f} ms", flush=True)


def memory(pid: int) -> float:
    """Return the resident memory of a process in GB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) * 1024 / 1e9


def started_by(pid: int) -> list[tuple[int, str]]:
    """Return the processes that a process has started, and those that they have, each with what it is."""
    try:
        lists = [path.read_text(encoding="ascii") for path in Path(f"/proc/{pid}/task").glob("*/children")]
        own = Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:  # it has ended
        return []
    children = [int(number) for found in lists for number in found.split()]
    return [one for child in children for one in ((child, _what(child, own)), *started_by(child))]


def _what(pid: int, parent: str) -> str:
    """Return what a process is, by its command and that of the process which started it."""
    with suppress(OSError):
        command = Path(f"/proc/{pid}/cmdline").read_text()
        if "service.jobs." in command:
            return "worker" if "service.jobs.worker" in command else "run"
    return "run's encoder or solver" if "service.jobs.child" in parent else "server's encoder"


class Watch:
    """The largest memory of the processes that a server started, by what they are, in GB, while this is open."""

    def __init__(self, server: int) -> None:
        self._server = server
        self._stop = threading.Event()
        self.most: dict[str, float] = {}

    def __enter__(self) -> Watch:
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(0.1):
            for pid, what in started_by(self._server):
                with suppress(OSError, IndexError):  # it has ended
                    self.most[what] = max(self.most.get(what, 0.0), memory(pid))

    def told(self) -> str:
        """Return all of them in a line."""
        return ", ".join(f"{what} {most:.2f}" for what, most in sorted(self.most.items()))


def main() -> None:
    """Print the figures and where they were taken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("experts", 10_000), ("startups", 2_000), ("connections", 8), ("warm", 300)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--seconds", type=float, default=10.0)
    asked = parser.parse_args()
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)  # noqa: S607
    print(f"{platform.machine()}, {os.cpu_count()} cores, commit {commit.stdout.strip()}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_cohort(folder / "cohort", asked.startups, asked.experts)
        startups, experts = rows(folder / "cohort", "startups"), rows(folder / "cohort", "experts")
        with served(folder) as (port, key, pid):
            measure(Client(port, key), startups, experts, asked, (port, key, pid))


def measure(
    client: Client,
    startups: list[dict[str, Any]],
    experts: list[dict[str, Any]],
    asked: argparse.Namespace,
    server: tuple[int, str, int],
) -> None:
    """Print every figure, one after the other."""
    port, key, pid = server
    client.send("POST", "/v1/programs", {"id": "load"})
    status, body = client.ask("POST", f"{PROGRAM}/import?what=experts", as_csv(experts, asked.experts // 2), **CSV)
    told = json.loads(body)["errors"]
    print(f"one bad row of {asked.experts:,}: {status}, {len(told)} error, {told[0]['field']}")
    print(f"experts kept of that file: {client.send('GET', PROGRAM)['experts']}")
    begin = time.perf_counter()
    client.ask("POST", f"{PROGRAM}/import?what=experts", as_csv(experts), **CSV)
    print(f"import of {client.send('GET', PROGRAM)['experts']:,} experts as csv {time.perf_counter() - begin:34.2f} s")
    lines = "\n".join(json.dumps({**one, "documents": []}) for one in startups).encode()
    client.ask("POST", f"{PROGRAM}/import?what=startups", lines, **JSON_LINES)
    begin = time.perf_counter()
    first = startups[0]["id"]
    client.send("GET", f"{PROGRAM}/startups/{first}/suggestions?limit=10")
    print(f"first suggestions: index built, all texts encoded {time.perf_counter() - begin:26.2f} s", flush=True)
    ids = [one["id"] for one in startups[: asked.warm]]
    paths = [f"{PROGRAM}/startups/{id_}/suggestions?limit=10" for id_ in ids]
    begin = time.perf_counter()
    for path in paths:
        client.send("GET", path)
    print(f"a startup that nobody asked for yet {1000 * (time.perf_counter() - begin) / len(paths):39.1f} ms")
    rate, took = load(port, key, paths, asked.connections, asked.seconds)
    tell(f"suggestions, {len(paths)} startups, {asked.connections} connections", rate, took)
    constant, took = load(port, key, ["/healthz"], asked.connections, asked.seconds)
    tell("a constant from the same server", constant, took)
    print(f"ratio of the two {constant / rate:60.2f}")
    client = Client(port, key)  # the server has closed the one that was idle
    follow_a_write(client, ids[0])
    print(f"server {memory(pid):.2f} GB")
    with Watch(pid) as watch:
        run = client.send("POST", f"{PROGRAM}/runs", {"kinds": ["professor"]})["id"]
        begin = time.perf_counter()
        rate, took = load(port, key, paths, asked.connections, asked.seconds)
        state = Client(port, key).send("GET", f"{PROGRAM}/runs/{run}")
        tell(f"suggestions while a run is {state['state']} ({state['stage'] or 'starting'})", rate, took)
        while state["state"] in ("queued", "running") and time.perf_counter() - begin < RUN_SECONDS:
            time.sleep(1)
            state = Client(port, key).send("GET", f"{PROGRAM}/runs/{run}")
        print(f"that run is {state['state']} after {time.perf_counter() - begin:.0f} s")
    print(f"server {memory(pid):.2f} GB; most of its processes: {watch.told()} GB")


def follow_a_write(client: Client, startup: str) -> None:
    """Print how long an expert takes from being put to standing in suggestions."""
    took = []
    for number in range(5):
        text = " ".join(f"word{number} {at} signals of machines" for at in range(12))
        need = client.send("GET", f"{PROGRAM}/startups/{startup}")["needs"][0]
        words = need if isinstance(need, str) else need["text"]
        expert = {"kind": "professor", "expertise": [words], "documents": [{"title": words, "text": text}]}
        begin = time.perf_counter()
        client.send("PUT", f"{PROGRAM}/experts/late{number}", expert)
        while True:
            found = client.send("GET", f"{PROGRAM}/startups/{startup}/suggestions?limit=10")["suggestions"]
            if any(one["expert"] == f"late{number}" for one in found):
                break
        took.append(time.perf_counter() - begin)
    print(f"PUT an expert until suggestions show it, slowest of {len(took)} {max(took):29.2f} s")


if __name__ == "__main__":
    main()
