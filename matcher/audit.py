"""What the limits cost: scarce places, startups without their best, pairs that would rather have each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from matcher.assignment.audit import blocking_pairs, own_best, regrets
from matcher.outcome import Outcome


@dataclass(frozen=True)
class Partner:
    """The other side of a pair, and the score of the pair: None is unknown."""

    id: str
    score: float | None


@dataclass(frozen=True)
class Scarce:
    """An expert, and what one more place with it would add to the total (each score times its startup's priority)."""

    expert: str
    adds: float


@dataclass(frozen=True)
class Regret:
    """How much more score a startup would have with its own best experts, as many as it got, one at least."""

    startup: str
    regret: float
    got: tuple[Partner, ...]
    best: tuple[Partner, ...]


@dataclass(frozen=True)
class Rather:
    """A pair that was not made though both would rather have each other than somebody they got, or a free place."""

    startup: str
    expert: str
    score: float
    startup_got: tuple[Partner, ...]
    expert_got: tuple[Partner, ...]


@dataclass(frozen=True)
class Audit:
    """What an assignment leaves to wish for; each list starts with the largest.

    scarce: experts of whom another place would add something; None where it is not known: under the fair objective,
    where quotas cross, at best effort. regrets: of every startup that takes anybody; 0 where it got its best.
    """

    scarce: tuple[Scarce, ...] | None
    regrets: tuple[Regret, ...]
    rather: tuple[Rather, ...]

    @property
    def at_best(self) -> tuple[Regret, ...]:
        """The startups that got somebody, and their best. Who got nobody, because nobody is eligible, did not."""
        return tuple(one for one in self.regrets if one.got and not one.regret)

    @property
    def regretting(self) -> tuple[Regret, ...]:
        """The startups that did not get their best."""
        return tuple(one for one in self.regrets if one.regret)


def audit(outcome: Outcome) -> Audit:
    """Return what the assignment leaves to wish for; amounts have 6 decimals."""
    return Audit(_scarce(outcome), tuple(_regrets(outcome)), _rather(outcome))


def _scarce(outcome: Outcome) -> tuple[Scarce, ...] | None:
    if outcome.one_more_place is None:
        return None
    adds = outcome.one_more_place
    order = np.argsort(-adds, kind="stable")
    return tuple(Scarce(outcome.experts[column].id, float(adds[column])) for column in order if adds[column])


def _regrets(outcome: Outcome) -> Iterator[Regret]:
    problem, assignment = outcome.problem, outcome.assignment
    amounts, best = np.round(regrets(problem, assignment), 6), own_best(problem, assignment)
    for row in np.argsort(-amounts, kind="stable").tolist():
        if problem.startup_max[row]:
            wished = np.flatnonzero(best[row]).tolist()
            experts = _experts(outcome, row, outcome.experts_of[row]), _experts(outcome, row, wished)
            yield Regret(outcome.startups[row].id, float(amounts[row]), *experts)


def _rather(outcome: Outcome) -> tuple[Rather, ...]:
    found = []
    for row, column in blocking_pairs(outcome.problem, outcome.assignment):
        startup, expert = outcome.startups[row].id, outcome.experts[column].id
        startup_got = _experts(outcome, row, outcome.experts_of[row])
        expert_got = tuple(
            Partner(outcome.startups[at].id, _score(outcome, at, column)) for at in outcome.startups_of[column]
        )
        found.append(Rather(startup, expert, float(outcome.problem.scores[row, column]), startup_got, expert_got))
    return tuple(sorted(found, key=lambda one: -one.score))


def _experts(outcome: Outcome, row: int, columns: Iterable[int]) -> tuple[Partner, ...]:
    partners = [Partner(outcome.experts[column].id, _score(outcome, row, column)) for column in columns]
    return tuple(sorted(partners, key=lambda partner: -(partner.score or 0.0)))


def _score(outcome: Outcome, row: int, column: int) -> float | None:
    # A pinned pair of unknown score counts as 0 in the problem.
    pinned = (row, column) in outcome.problem.pins
    return outcome.score_alone(row, column) if pinned else float(outcome.problem.scores[row, column])
