"""The real multilingual-e5-small, converted once for all processes of a test run: it takes half a minute.

It is there in float32, which some tests ask for, and in what the commands choose on this processor.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from models.processor import has_bfloat16
from models.sentence_encoder import NumberFormat

FORMATS = [NumberFormat.FLOAT32, *([NumberFormat.BFLOAT16] if has_bfloat16() else [])]
SHARED_FOLDER = pytest.StashKey[str]()
# Warnings of every kind are printed, also those that Python keeps from users.
_CONVERT = """
import pathlib, sys, warnings
from models import converted
from models.sentence_encoder import NumberFormat
warnings.simplefilter("always")
for number_format in sys.argv[2:]:
    converted.e5_small_folder(pathlib.Path(sys.argv[1]), NumberFormat(number_format))
"""


@dataclass(frozen=True)
class Conversion:
    """The converted model in the cache folder of the run, and what the process printed that converted it."""

    cache: Path
    printed: str

    def folder(self, number_format: NumberFormat) -> Path:
        """Return the folder of the model in this format."""
        (folder,) = (self.cache / "models").glob(f"*-{number_format}/")
        return folder

    def link_into(self, cache: Path) -> Path:
        """Give this cache folder the model and nothing else; return it."""
        cache.mkdir(parents=True, exist_ok=True)
        (cache / "models").symlink_to(self.cache / "models", target_is_directory=True)
        return cache


def convert_once(config: pytest.Config) -> Conversion:
    """Convert the model in a process of its own, or wait until another process of this run has done so."""
    shared = Path(config.stash[SHARED_FOLDER])
    printed = shared / "printed"
    with FileLock(shared / "lock"):
        if not printed.exists():
            command = [sys.executable, "-c", _CONVERT, str(shared / "cache"), *FORMATS]
            # Where other work keeps the cores busy, torch's threads wait for each other.
            done = subprocess.run(  # noqa: S603
                command, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, encoding="utf-8", check=False
            )
            assert done.returncode == 0, done.stderr
            printed.write_text(done.stdout + done.stderr, encoding="utf-8")
    return Conversion(shared / "cache", printed.read_text(encoding="utf-8"))
