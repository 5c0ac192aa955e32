"""What making a pair that was not made would change, in total and for whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from matcher.assignment.result import Position, Status
from matcher.assignment.what_if import Forced
from matcher.choice import choose
from matcher.errors import Infeasible
from matcher.outcome import Outcome
from matcher.program import Objective, Program
from matcher.scored_pairs import with_more_scores


@dataclass(frozen=True)
class Move:
    """A startup that would lose the experts `left` and get the experts `joined`; alone: it would have nobody then."""

    startup: str
    left: tuple[str, ...]
    joined: tuple[str, ...]
    alone: bool


@dataclass(frozen=True)
class Fair:
    """What the fair objective looks at first: how many startups are served, and the smallest sum of scores of one."""

    served: int
    worst_off: float | None


class Weighed(StrEnum):
    """Whether the assignment had the pair to choose from: not one that retrieval left out, nor one of unknown score."""

    YES = "yes"
    NOT_PROPOSED = "not proposed"
    UNKNOWN_SCORE = "unknown score"


@dataclass(frozen=True)
class Forcing:
    """What making a pair would change at the least cost, as the objective sees it.

    adds: to the total, each score times its startup's priority; < 0 where it costs. moves: its own startup first; the
    pair itself is in none. fair: before and after, under the fair objective. impossible: why no assignment has it.
    """

    weighed: Weighed
    prioritised: bool
    adds: float = 0.0
    moves: tuple[Move, ...] = ()
    fair: tuple[Fair, Fair] | None = None
    impossible: str = ""


def with_score(outcome: Outcome, pair: Position, min_score: float | None) -> Outcome:
    """Return the outcome with a score for the pair, and ruled out where that is below the minimum."""
    if outcome.scored[pair] or not outcome.eligibility.eligible[pair]:
        return outcome
    more = np.zeros(outcome.eligibility.eligible.shape, dtype=bool)
    more[pair] = True
    return with_more_scores(outcome, outcome.scorer.score_all(more), min_score)


def force(outcome: Outcome, program: Program, pair: Position) -> Forcing | None:
    """Return what making a pair would change that may be made and is not.

    Under the total it is read off the prices; otherwise, and where quotas cross, all is solved again with the pair
    pinned. `outcome` has a score for the pair, known or not. None where the assignment is not proved the best, so that
    nothing exact can be said.
    """
    if outcome.assignment.status is not Status.OPTIMAL:
        return None
    weighed = _weighed(outcome, pair)
    known = weighed, bool((outcome.problem.worth != 1).any())
    try:
        forced = _forced(outcome, program, pair)
    except Infeasible as infeasible:
        return Forcing(*known, impossible=str(infeasible))
    if forced is None:
        return None
    return Forcing(*known, -round(forced.cost, 6), tuple(_moves(outcome, forced)), _fair(outcome, forced))


def _weighed(outcome: Outcome, pair: Position) -> Weighed:
    if not np.isnan(outcome.problem.scores[pair]):
        return Weighed.YES
    return Weighed.UNKNOWN_SCORE if outcome.score_alone(*pair) is None else Weighed.NOT_PROPOSED


def _forced(outcome: Outcome, program: Program, pair: Position) -> Forced | None:
    """Return the change, None where it is not proved the best. Raises `Infeasible` where no assignment has the pair."""
    score = None if _weighed(outcome, pair) is Weighed.YES else outcome.score_alone(*pair) or 0.0
    forced = outcome.what_if.forced(pair, score) if outcome.what_if else None
    return forced or _solved_again(outcome, program, pair)


def _solved_again(outcome: Outcome, program: Program, pair: Position) -> Forced | None:
    row, column = pair
    pin = outcome.startups[row].id, outcome.experts[column].id
    pinned = replace(program, pins=(*program.pins, pin))
    found = choose(outcome, pinned, best_effort=False, solving=outcome.solving).assignment
    if found.status is not Status.OPTIMAL:
        return None
    before, after = set(outcome.assignment.pairs), set(found.pairs)
    added = pair, *sorted(after - before - {pair})
    return Forced(outcome.assignment.total - found.total, tuple(sorted(before - after)), added)


def _moves(outcome: Outcome, forced: Forced) -> Iterator[Move]:
    (own, _), *others = forced.added
    rows = dict.fromkeys([own, *(row for row, _ in others), *(row for row, _ in forced.dropped)])
    after = {*outcome.assignment.pairs, *forced.added} - {*forced.dropped}
    for row in rows:
        left, joined = _ids(outcome, row, forced.dropped), _ids(outcome, row, others)
        if left or joined:
            yield Move(outcome.startups[row].id, left, joined, all(at != row for at, _ in after))


def _ids(outcome: Outcome, row: int, pairs: Sequence[Position]) -> tuple[str, ...]:
    return tuple(outcome.experts[column].id for at, column in pairs if at == row)


def _fair(outcome: Outcome, forced: Forced) -> tuple[Fair, Fair] | None:
    if outcome.problem.objective is not Objective.FAIR:
        return None
    before = set(outcome.assignment.pairs)
    return _fairness(outcome, before), _fairness(outcome, (before | {*forced.added}) - {*forced.dropped})


def _fairness(outcome: Outcome, pairs: set[Position]) -> Fair:
    sums: dict[int, float] = {}
    for row, column in sorted(pairs):
        sums[row] = sums.get(row, 0.0) + (outcome.score_alone(row, column) or 0.0)
    return Fair(len(sums), round(min(sums.values()), 6) if sums else None)
