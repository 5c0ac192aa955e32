"""Assignment problems for tests of the command, and their files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

# Its best total makes one startup worse off than it has to be.
FAIR_PAYS = [[0.9, 0.5], [0.3, 0.1]]


def problem(scores: list[list[Any]], /, **more: Any) -> dict[str, Any]:
    """Return a problem of s1, s2, … and e1, e2, …, each with one place."""
    startups = [{"id": f"s{at}"} for at in range(1, len(scores) + 1)]
    experts = [{"id": f"e{at}", "max": 1} for at in range(1, len(scores[0]) + 1)]
    return {"id": "p1", "startups": startups, "experts": experts, "scores": scores, **more}


def put(path: Path, *problems: Any, **arrays: Any) -> Path:
    """Write problems or texts, one a line, or the arrays of one, and return the path."""
    if arrays:
        np.savez(path, **arrays)
    else:
        texts = [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in problems]
        path.write_text("\n".join(texts), encoding="utf-8")
    return path


def ids(result: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the pairs of a result without their scores."""
    return [(startup, expert) for startup, expert, _ in result["pairs"]]
