"""An assignment problem, free of profiles and texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.names import told_apart
from matcher.assignment.result import Position
from matcher.errors import BadInput
from matcher.program import Objective


@dataclass(frozen=True)
class PositionQuota:
    """Between `least` and `most` (None: no limit) pairs from `rows` × `columns`."""

    name: str
    rows: frozenset[int]
    columns: frozenset[int]
    least: int
    most: int | None

    def counts(self, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Return (k,) which of the pairs rows[a], columns[a] count for the quota."""
        return np.isin(rows, [*self.rows]) & np.isin(columns, [*self.columns])


@dataclass(frozen=True)
class Problem:
    """n startups (rows) and m experts (columns), named by their ids.

    scores: (n, m) float64, finite, NaN = not eligible. worth: (n,) ≥ 0, multiplies a row's scores in the objective.
    *_min, *_max: integers, 0 ≤ min ≤ max. pins and bans: pairs that must and must not be made. seed breaks ties.
    serve_most: the fair objective first serves as many startups as it can and looks at the worst-off among the
    served; otherwise one that is not served has 0, and is looked at too.
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
    serve_most: bool = False
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
        if np.isinf(self.scores).any():
            raise BadInput("scores must be finite, or NaN for pairs that are not eligible")

    @cached_property
    def names(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What sentences call the startups (n,) and the experts (m,)."""
        return told_apart(self.startup_ids, self.expert_ids)

    @cached_property
    def open(self) -> NDArray[np.bool_]:
        """(n, m): the pairs that may be made."""
        return ~np.isnan(self.scores) & ~self.marked(self.bans)

    def marked(self, pairs: Sequence[Position]) -> NDArray[np.bool_]:
        """Return (n, m) where these pairs are."""
        mask = np.zeros(self.scores.shape, dtype=bool)
        mask[tuple(np.array(pairs, dtype=np.intp).reshape(-1, 2).T)] = True
        return mask

    @cached_property
    def gains(self) -> NDArray[np.float64]:
        """(n, m): what each pair adds to the objective, 0 where it may not be made."""
        return np.nan_to_num(self.scores) * self.worth[:, None]

    def gains_of(self, pairs: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return (k,): the gains of the pairs (k, 2), without a table of all."""
        rows, columns = pairs.T
        return np.asarray(np.nan_to_num(self.scores[rows, columns]) * self.worth[rows])
