"""`matcher assign --certify` as its own process on made-up vectors, beside FAISS's exact top 30 of the same vectors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

PLACES = 6
_DIMENSION = 384
_MATCHER = str(Path(sys.executable).parent / "matcher")


@dataclass(frozen=True)
class Certified:
    """searched: seconds of FAISS's search alone. seconds, peak_gb: of the whole process. summary: what it printed."""

    searched: float
    seconds: float
    peak_gb: float
    summary: dict[str, Any]


def certify(startups: int, experts: int) -> Certified:
    """Return how long the proof of a problem of this size takes, and how much memory."""
    draw = np.random.default_rng(0)
    centres = draw.normal(size=(200, _DIMENSION))
    asking, answering = clustered(startups, draw, centres), clustered(experts, draw, centres)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "big.npz"
        np.savez(file, startup_vectors=asking, expert_vectors=answering)
        begin = time.perf_counter()
        index = faiss.IndexFlatIP(_DIMENSION)
        index.add(answering)
        index.search(asking, 30)
        searched = time.perf_counter() - begin
        return Certified(searched, *_assign(file))


def _assign(file: Path) -> tuple[float, float, dict[str, Any]]:
    """Return the seconds, the peak in GB and the summary of the command on a problem."""
    command = [_MATCHER, "assign", str(file), "--certify", "--expert-max", str(PLACES)]
    begin = time.perf_counter()
    child = subprocess.Popen([*command, "--out", str(file.with_name("result.npz"))], stdout=subprocess.PIPE, text=True)  # noqa: S603
    told = child.stdout.read() if child.stdout else ""
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    return time.perf_counter() - begin, used.ru_maxrss / 1e6, json.loads(told)


def clustered(count: int, draw: np.random.Generator, centres: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return (count, d) float32 unit rows around centres (c, d) of uneven size, as the fields of a cohort are."""
    share = draw.dirichlet(np.ones(len(centres)))
    rows = centres[draw.choice(len(centres), count, p=share)] + 0.8 * draw.normal(size=(count, centres.shape[1]))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
