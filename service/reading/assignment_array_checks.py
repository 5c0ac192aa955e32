"""What is wrong with the arrays of an assignment problem: shape, type, range, and how they fit together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.reading.assignment_mistakes import Mistake
from service.reading.assignment_schema import MOST_PAIRS
from service.reading.assignment_scores import MOST_SCORE, RANGE
from service.reading.problems import expected

SIDES = ("startup", "expert")
TABLES = ("scores", "startup_vectors", "expert_vectors")
LIMITS = ("startup_min", "startup_max", "expert_min", "expert_max")
# The product of two is as large as a score may be.
_MOST_COMPONENT = 1_000

Arrays = Mapping[str, NDArray[Any]]


def sizes(arrays: Arrays) -> dict[str, int]:
    """Return how many startups and experts there are, of each side as far as an array tells it."""
    found = dict(zip(SIDES, arrays["scores"].shape, strict=False)) if "scores" in arrays else {}
    vectors = {side: arrays.get(f"{side}_vectors") for side in SIDES}
    return found | {side: len(of_side) for side, of_side in vectors.items() if of_side is not None and of_side.ndim}


def array_mistakes(arrays: Arrays) -> Iterator[Mistake]:
    """Yield everything that is wrong with the arrays; of one with wrong cells the first, and how many there are."""
    given = tuple(name for name in TABLES if name in arrays)
    if given not in (TABLES[:1], TABLES[1:]):
        found = " and ".join(given) or "none of them"
        yield Mistake("", f"found {found}, expected either scores or startup_vectors and expert_vectors")
    for name in given:
        yield from _table_mistakes(name, arrays[name])
    if given == TABLES[1:]:
        yield from _vector_mistakes(arrays)
    for side, count in sizes(arrays).items():
        yield from _limit_mistakes(arrays, side, count)


def _table_mistakes(name: str, table: NDArray[Any]) -> Iterator[Mistake]:
    if not _is_table(table):
        wanted = "float16, float32 or float64 in rows and columns"
        yield Mistake(name, f"found {table.dtype} of shape {table.shape}, expected {wanted}")
    elif name == "scores":
        wrong = np.abs(table) > np.float64(MOST_SCORE)  # a plain float would become infinite beside float16
        yield from _cell_mistakes(name, table, wrong, f"a number {RANGE}, or NaN for a pair that is not eligible")
    else:
        wrong = ~(np.abs(table) <= np.float64(_MOST_COMPONENT))
        yield from _cell_mistakes(name, table, wrong, f"a number from -{_MOST_COMPONENT:,} to {_MOST_COMPONENT:,}")


def _is_table(table: NDArray[Any]) -> bool:
    return table.ndim == 2 and table.dtype.kind == "f" and table.dtype.itemsize <= np.dtype(np.float64).itemsize


def _vector_mistakes(arrays: Arrays) -> Iterator[Mistake]:
    """Yield where vectors of both sides do not fit together."""
    startups, experts = (arrays[f"{side}_vectors"] for side in SIDES)
    if _is_table(startups) and _is_table(experts) and not startups.shape[1] == experts.shape[1] > 0:
        found = f"{startups.shape[1]} columns, and {experts.shape[1]} in expert_vectors"
        yield Mistake("startup_vectors", f"found {found}, expected as many, at least 1")


def _limit_mistakes(arrays: Arrays, side: str, count: int) -> Iterator[Mistake]:
    proper = []
    for name in (f"{side}_min", f"{side}_max"):
        wanted = f"{count} integers, one for each {side}"
        limits = arrays.get(name)
        if limits is None:
            yield Mistake(name, f"found nothing, expected {wanted}, or one for all with --expert-max")
        elif limits.dtype.kind not in "iu" or limits.shape != (count,):
            yield Mistake(name, f"found {limits.dtype} of shape {limits.shape}, expected {wanted}")
        else:
            wrong = (limits < 0) | (limits > MOST_PAIRS)
            yield from _cell_mistakes(name, limits, wrong, f"a whole number from 0 to {MOST_PAIRS:,}")
            proper.append(limits)
    if len(proper) == 2:
        least, most = proper
        yield from _cell_mistakes(f"{side}_min", least, least > most, f"no more than {side}_max has there")


def _cell_mistakes(name: str, array: NDArray[Any], wrong: NDArray[np.bool_], wanted: str) -> Iterator[Mistake]:
    count = np.count_nonzero(wrong)
    if count:
        first = np.unravel_index(np.argmax(wrong), wrong.shape)
        place = "".join(f"[{at}]" for at in first)
        others = f" (and {count - 1:,} more)" if count > 1 else ""
        yield Mistake(f"{name}{place}", f"{expected(array[first].item(), wanted)}{others}")
