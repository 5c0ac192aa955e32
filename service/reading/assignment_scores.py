"""The matrix of scores of an assignment problem as JSON has it → an array."""

from __future__ import annotations

from types import NoneType

import numpy as np
from numpy.typing import NDArray

from service.reading.assignment_mistakes import Mistake
from service.reading.problems import expected

# Up to here a double keeps nine decimals of a score.
MOST_SCORE = 1_000_000
RANGE = f"from -{MOST_SCORE:,} to {MOST_SCORE:,}"


def read_scores(rows: object, shape: tuple[int, int]) -> tuple[NDArray[np.float64], list[Mistake]]:
    """Return the scores, of this shape, NaN for null, and every mistake; what is wrong is NaN too.

    Where there are no startups or no experts, an empty list may stand for the empty rows.
    """
    scores = np.full(shape, np.nan)
    if rows == [] and not scores.size:
        return scores, []
    if not isinstance(rows, list) or len(rows) != shape[0]:
        return scores, [_wrong_length("scores", rows, f"{shape[0]}: one row for each startup")]
    mistakes = []
    for at, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != shape[1]:
            mistakes.append(_wrong_length(f"scores[{at}]", row, f"{shape[1]}: one score for each expert"))
        elif (values := _row_values(row)) is not None:
            scores[at] = values
        else:
            mistakes += _wrong_cells(row, at)
    return scores, mistakes


def _row_values(row: list[object]) -> NDArray[np.float64] | None:
    """Return a row as an array, None where a cell is no score. A look at each cell would take most of the reading."""
    if not set(map(type, row)) <= {float, int, NoneType}:  # True is no number, whatever Python thinks
        return None
    try:
        values = np.array(row, dtype=np.float64)
    except OverflowError:
        return None
    in_range = np.count_nonzero(np.abs(values) <= MOST_SCORE)
    return values if in_range + row.count(None) == len(row) else None


def _wrong_cells(row: list[object], at: int) -> list[Mistake]:
    wanted = f"a number {RANGE}, or null for a pair that is not eligible"
    return [
        Mistake(f"scores[{at}][{column}]", expected(cell, wanted))
        for column, cell in enumerate(row)
        if not _is_score(cell)
    ]


def _is_score(cell: object) -> bool:
    if isinstance(cell, bool) or not isinstance(cell, float | int):
        return cell is None
    return abs(cell) <= MOST_SCORE


def _wrong_length(field: str, found: object, wanted: str) -> Mistake:
    if isinstance(found, list):
        return Mistake(field, f"found {len(found)}, expected {wanted}")
    return Mistake(field, expected(found, f"a list of {wanted}"))
