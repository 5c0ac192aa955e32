"""What is known of one kind once it is assigned."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matcher.assignment.audit import price_of_fairness
from matcher.assignment.problem import Problem
from matcher.assignment.result import Assignment, Status
from matcher.assignment.solve import unmet_sentence
from matcher.program import Objective, Part
from matcher.scored_pairs import ScoredPairs


@dataclass(frozen=True)
class Outcome(ScoredPairs):
    """Everything known about one kind after the assignment: what the explanations read."""

    problem: Problem
    assignment: Assignment

    def score_of(self, row: int, column: int) -> tuple[float | None, dict[Part, float | None]]:
        """Return score and parts of a pair, scoring it now if it was no candidate."""
        scores = self.scores[row]
        if column not in scores.experts:
            scores = self.scorer.score(row, np.array([column]))
        return scores.of(column)

    @property
    def unmet_sentences(self) -> tuple[str, ...]:
        """A sentence for each minimum and pin that a best-effort assignment falls short of."""
        return tuple(unmet_sentence(self.problem, unmet) for unmet in self.assignment.unmet)

    @cached_property
    def given_up(self) -> float | None:
        """How much total an optimal fair assignment gives up for fairness, None for any other assignment."""
        fair = self.problem.objective is Objective.FAIR and self.assignment.status is Status.OPTIMAL
        return price_of_fairness(self.problem, self.assignment) if fair else None

    def load(self, column: int) -> int:
        """Return how many pairs the expert at this position has."""
        return len(self.startups_of[column])

    @cached_property
    def experts_of(self) -> tuple[list[int], ...]:
        """N entries: the columns that each startup got, in the order of the assignment."""
        got: tuple[list[int], ...] = tuple([] for _ in self.startups)
        for row, column in self.assignment.pairs:
            got[row].append(column)
        return got

    @cached_property
    def startups_of(self) -> tuple[list[int], ...]:
        """M entries: the rows that each expert got, in the order of the assignment."""
        got: tuple[list[int], ...] = tuple([] for _ in self.experts)
        for row, column in self.assignment.pairs:
            got[column].append(row)
        return got
