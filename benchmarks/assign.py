"""How fast assignments are found, beside a baseline in the same run.

    python benchmarks/assign.py [--only table|limits|certify] [--startups N --experts M]

table    5,000 × 1,000, six places an expert: ours, and scipy's `linear_sum_assignment` on expanded slots
limits   400 × 400, startups 1–3, experts 0–6 with minimums: ours, and successive shortest paths in plain Python
certify  100,000 × 20,000 vectors of 384, six places: `matcher assign --certify` as its own process, and FAISS's exact
         top 30 of the same vectors

Each prints seconds, their ratio and both totals, which must be equal.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray
from plain_flow import plain_flow
from scipy.optimize import linear_sum_assignment

from matcher.assignment.problem import Problem
from matcher.assignment.solve import best_assignment
from matcher.program import Objective

PLACES = 6
_LONG = 5.0


def main() -> None:
    """Run the benchmarks that are asked for."""
    arguments = argparse.ArgumentParser(description="Assignments a second, beside baselines.")
    arguments.add_argument("--only", choices=["table", "limits", "certify"])
    arguments.add_argument("--startups", type=int, default=100_000)
    arguments.add_argument("--experts", type=int, default=20_000)
    given = arguments.parse_args()
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)  # noqa: S607
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, commit {commit.stdout.strip()}")
    runs: dict[str, Callable[[], None]] = {
        "table": table,
        "limits": limits,
        "certify": lambda: certify(given.startups, given.experts),
    }
    for name, run in runs.items():
        if given.only in (None, name):
            run()


def clustered(count: int, dimension: int, draw: np.random.Generator, centres: NDArray[np.float64]) -> NDArray:
    """Return (count, dimension) float32 unit rows around centres of uneven size, as the fields of a cohort are."""
    share = draw.dirichlet(np.ones(len(centres)))
    rows = centres[draw.choice(len(centres), count, p=share)] + 0.8 * draw.normal(size=(count, dimension))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


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
    scores = (clustered(5000, 64, draw, centres) @ clustered(1000, 64, draw, centres).T).astype(np.float64)
    posed = problem(scores, 0, 1, 0, PLACES)
    slots = np.repeat(scores, PLACES, axis=1)

    def slotted() -> float:
        rows, columns = linear_sum_assignment(slots, maximize=True)
        return float(slots[rows, columns].sum())

    compare("5,000 × 1,000", ("ours", lambda: best_assignment(posed).total), ("scipy on slots", slotted))


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


def certify(startups: int, experts: int) -> None:
    """A problem of vectors, proved optimal over all pairs by the command, against one exact search of them."""
    draw = np.random.default_rng(0)
    centres = draw.normal(size=(200, 384))
    asking, answering = clustered(startups, 384, draw, centres), clustered(experts, 384, draw, centres)
    with tempfile.TemporaryDirectory() as folder:
        file, result = Path(folder) / "big.npz", Path(folder) / "result.npz"
        np.savez(file, startup_vectors=asking, expert_vectors=answering)
        begin = time.perf_counter()
        index = faiss.IndexFlatIP(384)
        index.add(answering)
        index.search(asking, 30)
        searched = time.perf_counter() - begin
        command = [str(Path(sys.executable).parent / "matcher"), "assign", str(file)]
        command += ["--certify", "--expert-max", str(PLACES), "--out", str(result)]
        begin = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
        told, _ = child.communicate()
        seconds = time.perf_counter() - begin
        peak = children_peak_gb()
    summary = json.loads(told)
    print(f"{startups:,} × {experts:,}            FAISS top 30     {searched:8.1f} s")
    print(f"{'':28} matcher assign   {seconds:8.1f} s, {seconds / searched:.2f} × the search, peak {peak:.2f} GB")
    print(f"{'':28} {summary}")


def children_peak_gb() -> float:
    """Return the most memory a child process had."""
    import resource

    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6


if __name__ == "__main__":
    main()
