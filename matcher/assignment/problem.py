"""An assignment problem and its result, free of profiles and texts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matcher.errors import BadInput
from matcher.program import Objective

Position = tuple[int, int]  # row (startup), column (expert)


@dataclass(frozen=True)
class PositionQuota:
    """Between `least` and `most` (None: no limit) pairs from `rows` × `columns`."""

    name: str
    rows: frozenset[int]
    columns: frozenset[int]
    least: int
    most: int | None


@dataclass(frozen=True)
class Problem:
    """n startups (rows) and m experts (columns), named by their ids.

    scores: (n, m) float64, ≥ 0, NaN = not eligible. worth: (n,) ≥ 0, multiplies a row's scores in the objective.
    *_min, *_max: integers, 0 ≤ min ≤ max. pins and bans: pairs that must and must not be made. seed breaks ties.
    """

    startup_ids: tuple[str, ...]
    expert_ids: tuple[str, ...]
    scores: NDArray[np.float64]
    worth: NDArray[np.float64]
    startup_min: NDArray[np.intp]
    startup_max: NDArray[np.intp]
    expert_min: NDArray[np.intp]
    expert_max: NDArray[np.intp]
    pins: tuple[Position, ...] = ()
    bans: tuple[Position, ...] = ()
    quotas: tuple[PositionQuota, ...] = ()
    objective: Objective = Objective.TOTAL
    seed: int = 0

    def __post_init__(self) -> None:
        rows, columns = len(self.startup_ids), len(self.expert_ids)
        if self.scores.shape != (rows, columns):
            raise BadInput(f"scores have shape {self.scores.shape}, expected ({rows}, {columns})")
        expected = {"startup": (rows, self.startup_min, self.startup_max), "worth": (rows, self.worth, self.worth)}
        expected["expert"] = (columns, self.expert_min, self.expert_max)
        for side, (count, least, most) in expected.items():
            if least.shape != (count,) or most.shape != (count,) or (least < 0).any() or (least > most).any():
                raise BadInput(
                    f"{side} limits must be {count} numbers each with 0 ≤ min ≤ max, or worths of 0 and more"
                )
        if np.isinf(self.scores).any() or (self.scores < 0).any():
            raise BadInput("scores must be finite and not negative, or NaN for pairs that are not eligible")

    @cached_property
    def open(self) -> NDArray[np.bool_]:
        """(n, m): the pairs that may be made."""
        mask = ~np.isnan(self.scores)
        for ban in self.bans:
            mask[ban] = False
        return mask

    @cached_property
    def gains(self) -> NDArray[np.float64]:
        """(n, m): what each pair adds to the objective, 0 where it may not be made."""
        return np.nan_to_num(self.scores) * self.worth[:, None]


class Status(StrEnum):
    """How good a result is."""

    OPTIMAL = "optimal"
    BEST_EFFORT = "best-effort"


@dataclass(frozen=True)
class Unmet:
    """A limit that a best-effort result falls short of: `given` of the `needed` pairs.

    what: "startup", "expert", "quota" or "pin"; at: its row, column, number of the quota or of the pin.
    """

    what: str
    at: int
    needed: int
    given: int


@dataclass(frozen=True)
class Assignment:
    """The chosen pairs, ascending, and how they were found. unmet is empty unless the status is best-effort."""

    pairs: tuple[Position, ...]
    status: Status
    solver: str
    unmet: tuple[Unmet, ...] = ()
