"""The pages of the console over a large program: a real server on the loopback, this process as its reader.

    python benchmarks/console.py [--startups 10000] [--experts 3000] [--times 10]

Two runs are made first, and the second one differs from the first by bans. Prints for every page the milliseconds until
its last byte (median and worst), the processor time of the server for it, and its size. The texts of the made-up
cohort (`cohort.py`) repeat under other ids and names: the pages are measured, not the encoder.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import tempfile
import time
from collections.abc import Sequence
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import numpy as np
from cohort import write_cohort

from service import JSON_LINES, PROGRAM, RUN_SECONDS, Client, rows, served

Row = dict[str, Any]
# Of so many startups and experts the texts are made; the others say the same.
DISTINCT = (100, 40)
BANS = 200


class Reader:
    """Somebody who has signed in to the console with a key."""

    def __init__(self, port: int, key: str) -> None:
        self._base = f"http://127.0.0.1:{port}"
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()))
        token = re.search(r'name="token" value="([^"]+)"', self.open("/").decode())
        if token is None:
            raise RuntimeError("found no form on the page to sign in")
        form = urlencode({"token": token[1], "key": key, "after": "/"}).encode()
        self._opener.open(f"{self._base}/sign-in", form).read()

    def open(self, path: str) -> bytes:
        """Return a page."""
        answer: bytes = self._opener.open(self._base + path).read()
        return answer


def repeated(found: Sequence[Row], count: int, letter: str) -> bytes:
    """Return so many rows as jsonl, with ids and names of their own."""
    many = (
        {**found[at % len(found)], "id": f"{letter}{at:05}", "name": f"가상 {letter}{at:05}"} for at in range(count)
    )
    return "\n".join(json.dumps(one, ensure_ascii=False) for one in many).encode()


def make_run(client: Client) -> str:
    """Return the id of a new run that is done."""
    run: str = client.send("POST", f"{PROGRAM}/runs", {"kinds": ["professor"]})["id"]
    begin = time.perf_counter()
    while (found := client.send("GET", f"{PROGRAM}/runs/{run}"))["state"] in ("queued", "running"):
        if time.perf_counter() - begin > RUN_SECONDS:
            raise RuntimeError(f"the run is {found['state']} after {RUN_SECONDS} s")
        time.sleep(1)
    if found["state"] != "done":
        raise RuntimeError(f"the run is {found['state']}: {found['problem']}")
    return run


def fill(client: Client, folder: Path, startups: int, experts: int) -> tuple[str, str]:
    """Make the program, and return its two runs; the second may not make some pairs of the first."""
    client.send("POST", "/v1/programs", {"id": "load", "name": "Large"})
    for side, count, letter in (("startups", startups, "s"), ("experts", experts, "e")):
        lines = repeated(rows(folder, side), count, letter)
        client.ask("POST", f"{PROGRAM}/import?what={side}", lines, **JSON_LINES)
    ties = [
        {"source": f"startup:s{at % startups:05}", "target": f"expert:e{7 * at % experts:05}", "type": "colleague"}
        for at in range(0, startups, 20)
    ]
    client.send("POST", f"{PROGRAM}/relations", ties)
    first = make_run(client)
    made = client.send("GET", f"{PROGRAM}/runs/{first}/matches")["matches"]
    client.send("PATCH", PROGRAM, {"bans": [[one["startup"], one["expert"]] for one in made[:BANS]]})
    return first, make_run(client)


def pages(first: str, second: str) -> dict[str, str]:
    """Return the path of each page by what it is called."""
    program, run = "/programs/load", f"/programs/load/runs/{second}"
    word = quote("베어링")
    return {
        "programs": "/programs",
        "overview": program,
        "startups, first page": f"{program}/startups",
        "startups, Korean search": f"{program}/startups?search={word}",
        "startups, page 50 sorted down": f"{program}/startups?sort=sectors&down=1&page=50",
        "experts, of one kind": f"{program}/experts?kind=professor",
        "a startup": f"{program}/startups/s00007",
        "an expert": f"{program}/experts/e00007",
        "match list": run,
        "match list, page 50, weakest first": f"{run}?order=weakest&page=50",
        "match list, Korean search": f"{run}?search={word}",
        "pictures": f"{run}/pictures",
        "compare": f"{run}/compare?against={first}",
        "publish": f"{run}/publish",
    }


def worked(pid: int) -> float:
    """Return the processor time of a process in seconds."""
    told = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print the figures and where they were taken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("startups", 10_000), ("experts", 3_000), ("times", 10)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)  # noqa: S607
    print(f"{platform.machine()}, {os.cpu_count()} cores, commit {commit.stdout.strip()}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_cohort(folder / "cohort", *DISTINCT)
        with served(folder) as (port, key, pid):
            runs = fill(Client(port, key), folder / "cohort", asked.startups, asked.experts)
            measure(Reader(port, key), runs, asked.times, pid)


def measure(reader: Reader, runs: tuple[str, str], times: int, pid: int) -> None:
    """Print a line for every page; what its first reading keeps ready is told apart."""
    print(f"{'page':<38}{'first':>8}{'median':>8}{'worst':>8} ms {'processor':>10} ms {'size':>6} KB")
    for name, path in pages(*runs).items():
        begin = time.perf_counter()
        size = len(reader.open(path))
        first, took = time.perf_counter() - begin, []
        before = worked(pid)
        for _ in range(times):
            begin = time.perf_counter()
            reader.open(path)
            took.append(time.perf_counter() - begin)
        share = 1000 * (worked(pid) - before) / times
        median, worst = 1000 * np.median(took), 1000 * max(took)
        print(
            f"{name:<38}{1000 * first:8.0f}{median:8.0f}{worst:8.0f} ms {share:10.0f} ms {size / 1000:6.0f} KB",
            flush=True,
        )


if __name__ == "__main__":
    main()
