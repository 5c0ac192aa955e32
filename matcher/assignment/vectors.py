"""An assignment problem too large for a table of scores: a score is the inner product of two vectors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.names import told_apart
from matcher.assignment.problem import Problem
from matcher.encoding import Vectors
from matcher.errors import BadInput
from matcher.program import Objective

Limits = NDArray[np.intp]


@dataclass(frozen=True)
class VectorProblem:
    """n startups (rows) and m experts (columns), every pair eligible, the total to be maximised.

    startup_vectors: (n, d) and expert_vectors: (m, d) float32, finite; the score of a pair is their inner product.
    *_min, *_max: integers, 0 ≤ min ≤ max.
    """

    startup_vectors: Vectors
    expert_vectors: Vectors
    startup_min: Limits
    startup_max: Limits
    expert_min: Limits
    expert_max: Limits

    def __post_init__(self) -> None:
        sides = (
            ("startup", self.startup_vectors, self.startup_min, self.startup_max),
            ("expert", self.expert_vectors, self.expert_min, self.expert_max),
        )
        for side, vectors, least, most in sides:
            if vectors.ndim != 2 or vectors.dtype != np.float32 or not np.isfinite(vectors).all():
                raise BadInput(
                    f"{side} vectors: found {vectors.dtype} of shape {vectors.shape}, expected finite float32 (n, d)"
                )
            expected = (len(vectors),)
            if least.shape != expected or most.shape != expected or (least < 0).any() or (least > most).any():
                raise BadInput(f"{side} limits must be {len(vectors)} numbers each with 0 ≤ min ≤ max")
        if self.startup_vectors.shape[1] != self.expert_vectors.shape[1]:
            raise BadInput(
                f"startup vectors have {self.startup_vectors.shape[1]} columns and expert vectors "
                f"{self.expert_vectors.shape[1]}, expected as many"
            )

    @property
    def startup_ids(self) -> tuple[str, ...]:
        """(n,): their positions, "0" the first."""
        return tuple(map(str, range(len(self.startup_vectors))))

    @property
    def expert_ids(self) -> tuple[str, ...]:
        """(m,): their positions, "0" the first."""
        return tuple(map(str, range(len(self.expert_vectors))))

    @cached_property
    def names(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What sentences call the startups (n,) and the experts (m,)."""
        return told_apart(self.startup_ids, self.expert_ids)

    def as_table(self) -> Problem:
        """Return the same problem as a table (n, m) of scores; ids are positions."""
        scores = self.startup_vectors.astype(np.float64) @ self.expert_vectors.astype(np.float64).T
        return Problem(
            startup_ids=self.startup_ids,
            expert_ids=self.expert_ids,
            scores=scores,
            worth=np.ones(len(scores)),
            startup_min=self.startup_min,
            startup_max=self.startup_max,
            expert_min=self.expert_min,
            expert_max=self.expert_max,
            objective=Objective.TOTAL,
        )
