"""Benchmarks take long, so they are only begun here: each finds what it imports, from whatever folder it is called."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"
BEGUN = [one.name for one in sorted(FOLDER.glob("*.py")) if "add_argument" in one.read_text(encoding="utf-8")]


@pytest.mark.parametrize("name", BEGUN)
def test_a_benchmark_tells_its_options(name, tmp_path):
    done = subprocess.run(  # noqa: S603
        [sys.executable, FOLDER / name, "--help"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage:")
