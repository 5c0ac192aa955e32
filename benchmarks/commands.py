"""How long the commands take, whole processes, beside the import of sentence-transformers in the same run.

Prints one line a case: seconds, and the ratio to the import alone, which is what any tool that loads the model at its
start pays before it does anything. The large cohort is a made-up one (`benchmarks/cohort.py`). Run: make bench
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cohort import write_cohort

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "examples" / "seoul"
MATCHER = str(Path(sys.executable).with_name("matcher"))


def seconds(command: list[str], cache: Path) -> float:
    """Return the wall seconds of the command, which must succeed."""
    environment = {**os.environ, "MATCHER_CACHE_FOLDER": str(cache)}
    begin = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    return time.perf_counter() - begin


def main() -> None:
    """Measure every case once, the warm ones three times, and print the table."""
    with tempfile.TemporaryDirectory() as work:
        cache, out, changed = Path(work) / "cache", Path(work) / "out", Path(work) / "cohort"
        shutil.copytree(SAMPLE, changed)
        rows = (changed / "startups.jsonl").read_text(encoding="utf-8")
        (changed / "startups.jsonl").write_text(
            rows.replace('"summary": "', '"summary": "Newly said. ', 1), encoding="utf-8"
        )
        matching = [MATCHER, "match", str(SAMPLE), "--out", str(out)]
        write_cohort(Path(work) / "large", 1000, 200)
        large = [MATCHER, "match", str(Path(work) / "large"), "--out", str(out)]
        baseline = min(seconds([sys.executable, "-c", "import sentence_transformers"], cache) for _ in range(3))
        cases = {
            "import sentence_transformers (baseline)": baseline,
            "matcher --help": min(seconds([MATCHER, "--help"], cache) for _ in range(3)),
            "matcher validate": min(seconds([MATCHER, "validate", str(SAMPLE)], cache) for _ in range(3)),
            "matcher match, empty cache": seconds(matching, cache),
            "matcher match, warm": min(seconds(matching, cache) for _ in range(3)),
            "matcher match, one changed profile": seconds([MATCHER, "match", str(changed), "--out", str(out)], cache),
            "matcher match, 1,000 × 200, new texts": seconds(large, cache),
            "matcher match, 1,000 × 200, warm": min(seconds(large, cache) for _ in range(3)),
        }
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for name, taken in cases.items():
        print(f"{name:42} {taken:7.2f} s {taken / baseline:6.2f} x")


if __name__ == "__main__":
    main()
