"""The service over hours: a server under mixed load, and how much memory it and its worker come to hold.

    python benchmarks/endurance.py [--minutes 60] [--experts 10000] [--startups 2000] [--connections 4] [--documents]

Startups and experts are asked for, written, listed and exported at a modest pace, and a run is asked for now and then.
All of that was done once before the time begins. Prints each minute the least and the most resident memory of the
server (while it reads a cohort or writes a table it holds more for a moment) and the most of each process that it
started; at the end the most of each, and the growth of the least of the server and of the most of the others from
minute 5 to the last; below that length, from the first minute. `--documents` imports the experts with their papers,
which the plain run leaves out.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cohort import write_cohort

from service import CSV, JSON_LINES, PROGRAM, Client, Watch, as_csv, memory, rows, served

# Seconds between two questions of one connection, between two runs, and from which minute growth is counted.
PACE, RUN_EVERY, SETTLED = 0.25, 600.0, 5
OVER = ("done", "failed", "infeasible", "cancelled")


@dataclass(frozen=True)
class Served:
    """A server that is under load. stop: the load is to end."""

    port: int
    key: str
    pid: int
    stop: threading.Event

    def client(self) -> Client:
        """Return a new connection."""
        return Client(self.port, self.key)


def keep_asking(served_: Served, number: int, startups: list[dict[str, Any]], experts: list[dict[str, Any]]) -> None:
    """Do one thing after another until the load is to end: mostly suggestions, some pages, writes and exports."""
    luck, client = random.Random(number), served_.client()  # noqa: S311
    while not served_.stop.wait(PACE):
        startup, expert = luck.choice(startups), luck.choice(experts)
        chance = luck.random()
        if chance < 0.75:
            client.send("GET", f"{PROGRAM}/startups/{startup['id']}/suggestions?limit=10")
        elif chance < 0.85:
            client.send("GET", f"{PROGRAM}/experts/{expert['id']}/suggestions?limit=10")
        elif chance < 0.95:
            client.send("GET", f"{PROGRAM}/experts?limit=50")
        elif chance < 0.99:
            said = f"{expert['expertise'][0]} {luck.randrange(10**6)}"
            written = {name: value for name, value in expert.items() if name != "id"}
            client.send("PUT", f"{PROGRAM}/experts/{expert['id']}", {**written, "expertise": [said]})
        else:
            client.send("PUT", f"{PROGRAM}/startups/{startup['id']}", {k: v for k, v in startup.items() if k != "id"})


def keep_running(served_: Served) -> None:
    """Do a run, and again after a while."""
    begun = -RUN_EVERY
    while not served_.stop.wait(1):
        if time.monotonic() - begun >= RUN_EVERY:
            begun = time.monotonic()
            do_run(served_)


def do_run(served_: Served) -> None:
    """Ask for a run, wait for it and take its matches out as a table."""
    begun, client = time.monotonic(), served_.client()
    run = client.send("POST", f"{PROGRAM}/runs", {"kinds": ["professor"]})["id"]
    state: dict[str, Any] = {"state": "queued"}
    while state["state"] not in OVER and not served_.stop.wait(2):
        state = served_.client().send("GET", f"{PROGRAM}/runs/{run}")
    if state["state"] == "done":
        served_.client().ask("GET", f"{PROGRAM}/runs/{run}/matches?format=xlsx")
    print(f"run {state['state']} after {time.monotonic() - begun:.0f} s", flush=True)


def look(pid: int, minutes: int, begun: float, failed: Callable[[], bool]) -> None:
    """Print each minute what is resident, and at the end how much it grew."""
    held: list[dict[str, float]] = []
    print("minute   resident memory in GB", flush=True)
    for minute in range(1, minutes + 1):
        seen = [memory(pid)]
        with Watch(pid) as watch:
            while time.monotonic() < begun + 60 * minute and not failed():
                time.sleep(0.5)
                seen.append(memory(pid))
        held.append({"server": min(seen), "server at most": max(seen), **watch.most})
        print(f"{minute:6}   {', '.join(f'{what} {most:.3f}' for what, most in held[-1].items())}", flush=True)
        if failed():
            break
    since = SETTLED if len(held) > SETTLED else 1
    for what in dict.fromkeys(name for one in held for name in one):
        late = [one[what] for one in held[since - 1 :] if what in one]
        grown = f"{100 * (late[-1] / late[0] - 1):+.1f} % from minute {since} to {len(held)}" if late else "gone early"
        print(f"{what}: most {max(one.get(what, 0.0) for one in held):.2f} GB, {grown}")


def fill(client: Client, startups: list[dict[str, Any]], experts: list[dict[str, Any]], documents: bool) -> None:
    """Import the cohort, and ask for every startup once: the index stands then, with the scores of all of them."""
    client.send("POST", "/v1/programs", {"id": "load"})
    if documents:
        lines = "\n".join(json.dumps(one) for one in experts).encode()
        client.ask("POST", f"{PROGRAM}/import?what=experts", lines, **JSON_LINES)
    else:
        client.ask("POST", f"{PROGRAM}/import?what=experts", as_csv(experts), **CSV)
    lines = "\n".join(json.dumps({**one, "documents": []}) for one in startups).encode()
    client.ask("POST", f"{PROGRAM}/import?what=startups", lines, **JSON_LINES)
    for startup in startups:
        client.send("GET", f"{PROGRAM}/startups/{startup['id']}/suggestions?limit=10")


def endure(
    served_: Served, startups: list[dict[str, Any]], experts: list[dict[str, Any]], asked: argparse.Namespace
) -> None:
    """Put the server under load for so many minutes."""
    failures: list[BaseException] = []

    def surely(work: Callable[..., None], *given: Any) -> None:
        try:
            work(served_, *given)
        except BaseException as error:
            failures.append(error)

    asking = [(keep_asking, number, startups, experts) for number in range(asked.connections)]
    loads = [threading.Thread(target=surely, args=given) for given in ((keep_running,), *asking)]
    for load in loads:
        load.start()
    try:
        look(served_.pid, asked.minutes, time.monotonic(), lambda: bool(failures))
    finally:
        served_.stop.set()
        for load in loads:
            load.join()
    if failures:
        raise failures[0]


def main() -> None:
    """Print the memory of a server that is under load."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("minutes", 60), ("experts", 10_000), ("startups", 2_000), ("connections", 4)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--documents", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_cohort(folder / "cohort", asked.startups, asked.experts)
        startups, experts = rows(folder / "cohort", "startups"), rows(folder / "cohort", "experts")
        if not asked.documents:
            experts = [{**one, "documents": []} for one in experts]
        with served(folder) as (port, key, pid):
            fill(Client(port, key), startups, experts, asked.documents)
            held = Served(port, key, pid, threading.Event())
            do_run(held)
            endure(held, startups, experts, asked)


if __name__ == "__main__":
    main()
