"""How time and memory of a certified assignment grow from 1,000 to 100,000 startups, five an expert.

    python benchmarks/growth.py [--plot FILE]

Prints a line a size: FAISS's exact top 30 of the same vectors, then `matcher assign --certify` as its own process. The
plot in docs/assignment.md is made with `--plot docs/images/assignment-growth.svg`.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
from collections.abc import Sequence

import matplotlib as mpl
from certify import Certified, certify
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

STARTUPS = (1_000, 3_000, 10_000, 30_000, 100_000)
_AN_EXPERT = 5
_OURS, _SEARCH = "#1f5fa8", "#8a8f98"


def main() -> None:
    """Measure every size once, print the table and draw the plot."""
    arguments = argparse.ArgumentParser(description="Growth of a certified assignment.")
    arguments.add_argument("--plot", help="an .svg or .png to draw")
    given = arguments.parse_args()
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)  # noqa: S607
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, commit {commit.stdout.strip()}")
    print(f"{'startups':>10} {'experts':>8} {'FAISS top 30':>13} {'assign':>9} {'ratio':>6} {'peak':>8} {'gap':>8}")
    runs = []
    for startups in STARTUPS:
        runs.append(certify(startups, startups // _AN_EXPERT))
        print(_line(startups, runs[-1]), flush=True)
    if given.plot:
        draw(runs, given.plot)


def _line(startups: int, run: Certified) -> str:
    ratio, gap = run.seconds / run.searched, run.summary["gap"]
    took = f"{run.searched:11.2f} s {run.seconds:7.2f} s {ratio:6.2f} {run.peak_gb:5.2f} GB"
    return f"{startups:10,} {startups // _AN_EXPERT:8,} {took} {gap:8.0e}"


def draw(runs: Sequence[Certified], file: str) -> None:
    """Draw seconds and memory against the number of startups, both axes logarithmic."""
    mpl.rcParams.update({"svg.hashsalt": "growth", "svg.fonttype": "none", "font.size": 9})
    figure, (time, memory) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
    _curve(time, [run.seconds for run in runs], _OURS, "whole process")
    _curve(time, [run.searched for run in runs], _SEARCH, "FAISS top 30 alone")
    time.set_title("seconds", loc="left")
    time.legend(frameon=False)
    _curve(memory, [run.peak_gb for run in runs], _OURS, "whole process")
    time.minorticks_off()
    memory.set_title("peak memory, GB", loc="left")
    memory.set_yticks([0.1, 0.2, 0.5, 1])
    memory.minorticks_off()
    figure.savefig(file, metadata={"Date": None} if file.endswith(".svg") else None)


def _curve(axes: Axes, values: Sequence[float], colour: str, name: str) -> None:
    """Draw one curve, its last point told in figures."""
    axes.loglog(STARTUPS, values, "o-", color=colour, label=name, markersize=4)
    axes.annotate(f"{values[-1]:.3g}", (STARTUPS[-1], values[-1]), (6, -3), textcoords="offset points")
    axes.set_xlabel("startups (experts: a fifth)")
    axes.set_xlim(700, 250_000)
    axes.margins(y=0.15)
    axes.set_xticks(STARTUPS, [f"{count:,}" for count in STARTUPS], minor=False)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.grid(axis="y", color="#e3e5e8")
    axes.spines[["top", "right"]].set_visible(False)


if __name__ == "__main__":
    main()
