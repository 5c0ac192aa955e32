"""What is known of one kind once it is assigned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.audit import price_of_fairness
from matcher.assignment.problem import Problem
from matcher.assignment.result import Assignment, Status
from matcher.assignment.solve import Solving, unmet_sentence, unproved_sentence
from matcher.assignment.what_if import WhatIf, has_prices
from matcher.program import Objective
from matcher.scored_pairs import ScoredPairs
from matcher.scoring import PartValues, StartupScores


@dataclass(frozen=True)
class Outcome(ScoredPairs):
    """Everything known about one kind after the assignment: what the explanations read.

    priced: how many eligible pairs were no candidates and were held against the prices of the assignment.
    """

    problem: Problem
    assignment: Assignment
    solving: Solving
    priced: int = 0

    def score_of(self, row: int, column: int) -> tuple[float | None, PartValues]:
        """Return score and parts of a pair, scoring it now if it was no candidate."""
        return self._with(row, column).of(column)

    def score_alone(self, row: int, column: int) -> float | None:
        """Return the score of a pair without its parts; see `score_of`."""
        scores = self._with(row, column)
        return scores.score_at(int(scores.experts.searchsorted(column)))

    def _with(self, row: int, column: int) -> StartupScores:
        """Return scores of the startup that hold this expert's."""
        scores = self.scores[row]
        at = int(scores.experts.searchsorted(column))
        if at < len(scores.experts) and scores.experts[at] == column:
            return scores
        return self.scorer.score(row, np.array([column]))

    @property
    def unmet_sentences(self) -> tuple[str, ...]:
        """A sentence for each minimum and pin that a best-effort assignment falls short of."""
        return tuple(unmet_sentence(self.problem, unmet) for unmet in self.assignment.unmet)

    @property
    def out_of_time(self) -> str:
        """How far the assignment may be from the best, where that was not proved in time, else ""."""
        return unproved_sentence(self.assignment)

    @cached_property
    def given_up(self) -> float | None:
        """How much total an optimal fair assignment gives up for fairness, None for any other and if unknown."""
        fair = self.problem.objective is Objective.FAIR and self.assignment.status is Status.OPTIMAL
        return price_of_fairness(self.problem, self.assignment, self.solving) if fair else None

    @cached_property
    def what_if(self) -> WhatIf | None:
        """Prices of changes, known for the best total only, and not where quotas cross."""
        return WhatIf(self.problem, self.assignment) if has_prices(self.problem, self.assignment) else None

    @cached_property
    def one_more_place(self) -> NDArray[np.float64] | None:
        """(m,) ≥ 0, 6 decimals: what one more place with each expert would add to the total; None: not known."""
        return np.round(self.what_if.one_more_place(), 6) if self.what_if else None

    def load(self, column: int) -> int:
        """Return how many pairs the expert at this position has."""
        return len(self.startups_of[column])

    @cached_property
    def experts_of(self) -> tuple[list[int], ...]:
        """N entries: the columns that each startup got, in the order of the assignment."""
        return _grouped(self.assignment.pairs, len(self.startups))

    @cached_property
    def startups_of(self) -> tuple[list[int], ...]:
        """M entries: the rows that each expert got, in the order of the assignment."""
        return _grouped(((column, row) for row, column in self.assignment.pairs), len(self.experts))


def _grouped(pairs: Iterable[tuple[int, int]], count: int) -> tuple[list[int], ...]:
    """Return for each of the first ends, of which there are so many, the other ends of its pairs."""
    got: tuple[list[int], ...] = tuple([] for _ in range(count))
    for one, other in pairs:
        got[one].append(other)
    return got
