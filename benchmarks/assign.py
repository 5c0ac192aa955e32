"""How fast assignments are found, beside a baseline in the same run.

    python benchmarks/assign.py [--only table|copies|limits|certify]

table    5,000 × 1,000, six places an expert: ours, and scipy's `linear_sum_assignment` on expanded slots
copies   the same of startups and experts who say one of 100 and of 40 texts
limits   400 × 400, startups 1–3, experts 0–6 with minimums: ours, and successive shortest paths in plain Python
certify  100,000 × 20,000 vectors of 384, six places: `matcher assign --certify` as its own process, and FAISS's exact
         top 30 of the same vectors

Each prints seconds, their ratio and both totals, which must be equal.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import time
from collections.abc import Callable

import numpy as np
from certify import PLACES, certify, clustered
from numpy.typing import NDArray
from plain_flow import plain_flow
from scipy.optimize import linear_sum_assignment

from matcher.assignment.problem import Problem
from matcher.assignment.solve import best_assignment
from matcher.program import Objective

_LONG = 5.0


def main() -> None:
    """Run the benchmarks that are asked for."""
    arguments = argparse.ArgumentParser(description="Assignments a second, beside baselines.")
    arguments.add_argument("--only", choices=["table", "copies", "limits", "certify"])
    given = arguments.parse_args()
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)  # noqa: S607
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, commit {commit.stdout.strip()}")
    runs: dict[str, Callable[[], None]] = {"table": table, "copies": copies, "limits": limits, "certify": prove}
    for name, run in runs.items():
        if given.only in (None, name):
            run()


def timed(work: Callable[[], float]) -> tuple[float, float]:
    """Return the fastest of three runs in seconds, of one where it takes long, and the total found."""
    seconds, total = np.inf, 0.0
    for run in range(3):
        if run and seconds > _LONG:
            break
        begin = time.perf_counter()
        total = work()
        seconds = min(seconds, time.perf_counter() - begin)
    return seconds, total


def table() -> None:
    """A table of scores with six places an expert, against one slot for each place."""
    draw = np.random.default_rng(0)
    centres = draw.normal(size=(40, 64))
    against_slots(
        "5,000 × 1,000", (clustered(5000, draw, centres) @ clustered(1000, draw, centres).T).astype(np.float64)
    )


def copies() -> None:
    """A table of as many, most of whom are copies of each other."""
    texts = np.random.default_rng(0).random((100, 40)).round(6)
    against_slots("5,000 × 1,000 of few texts", texts[np.arange(5000) % 100][:, np.arange(1000) % 40])


def against_slots(name: str, scores: NDArray[np.float64]) -> None:
    """Compare with scipy on a column for each place of an expert."""
    posed = problem(scores, 0, 1, 0, PLACES)
    slots = np.repeat(scores, PLACES, axis=1)

    def slotted() -> float:
        rows, columns = linear_sum_assignment(slots, maximize=True)
        return float(slots[rows, columns].sum())

    compare(name, ("ours", lambda: best_assignment(posed).total), ("scipy on slots", slotted))


def limits() -> None:
    """Limits on both sides, with minimums, against a flow written in loops."""
    draw = np.random.default_rng(0)
    scores = draw.random((400, 400)).round(6)
    posed = problem(scores, 1, draw.integers(1, 4, 400), draw.integers(0, 2, 400), PLACES)

    def looped() -> float:
        return plain_flow(scores, posed.startup_min, posed.startup_max, posed.expert_min, posed.expert_max)

    compare("400 × 400 with minimums", ("ours", lambda: best_assignment(posed).total), ("loops", looped))


def problem(
    scores: NDArray[np.float64],
    startup_min: int,
    startup_max: int | NDArray[np.intp],
    expert_min: int | NDArray[np.intp],
    expert_max: int,
) -> Problem:
    """Return the problem with these limits for everybody."""
    rows, columns = scores.shape
    of_rows = [np.broadcast_to(np.asarray(one, dtype=np.intp), rows) for one in (startup_min, startup_max)]
    of_columns = [np.broadcast_to(np.asarray(one, dtype=np.intp), columns) for one in (expert_min, expert_max)]
    ids = [tuple(f"{side}{at}" for at in range(count)) for side, count in (("s", rows), ("e", columns))]
    return Problem(ids[0], ids[1], scores, np.ones(rows), *of_rows, *of_columns, objective=Objective.TOTAL)


def compare(told: str, ours: tuple[str, Callable[[], float]], baseline: tuple[str, Callable[[], float]]) -> None:
    """Print both, and how many times as fast ours is."""
    found = {name: timed(work) for name, work in (ours, baseline)}
    (seconds, total), (other_seconds, other_total) = found.values()
    for name, (took, reached) in found.items():
        print(f"{told:28} {name:16} {took:8.3f} s   total {reached:.6f}")
    print(f"{told:28} {other_seconds / seconds:.1f} × as fast, totals differ by {abs(total - other_total):.1e}")


def prove() -> None:
    """A problem of vectors, proved optimal over all pairs by the command, against one exact search of them."""
    run = certify(100_000, 20_000)
    print(f"{'100,000 × 20,000':28} FAISS top 30     {run.searched:8.1f} s")
    ratio = f"{run.seconds / run.searched:.2f} × the search, peak {run.peak_gb:.2f} GB"
    print(f"{'':28} matcher assign   {run.seconds:8.1f} s, {ratio}")
    print(f"{'':28} {run.summary}")


if __name__ == "__main__":
    main()
