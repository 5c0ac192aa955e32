"""Why each pair was made, and why the next best was not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from matcher.evidence import Evidence, evidence
from matcher.outcome import Outcome
from matcher.profiles import Kind
from matcher.scoring import PartValues


@dataclass(frozen=True)
class Alternative:
    """The best eligible expert that the startup did not get, why, and what speaks against the two."""

    expert: str
    score: float
    reason: str


@dataclass(frozen=True)
class Match:
    """A pair that was made. score and parts as in `matcher.scoring`; warnings: ties the manager should look at.

    warm_path: who could introduce the two, in a sentence.
    """

    startup: str
    expert: str
    kind: Kind
    score: float | None
    parts: PartValues
    evidence: tuple[Evidence, ...]
    alternative: Alternative | None
    warnings: tuple[str, ...] = ()
    pinned: bool = False
    warm_path: str | None = None


def explain_matches(outcome: Outcome) -> Iterator[Match]:
    """Yield the pairs that were made, in the order of the startups."""
    for row, column in outcome.assignment.pairs:
        score, parts = outcome.score_of(row, column)
        yield Match(
            outcome.startups[row].id,
            outcome.experts[column].id,
            outcome.kind,
            score,
            parts,
            evidence(outcome.scorer, row, column),
            best_alternative(outcome, row, score),
            outcome.eligibility.warnings.get((row, column), ()),
            _is_pinned(outcome, row, column),
            outcome.warm_path(row, column),
        )


def best_alternative(outcome: Outcome, row: int, score: float | None) -> Alternative | None:
    """Return the best scored eligible expert that the startup in `row` did not get, and why it did not."""
    scores = outcome.scores[row]
    is_left = outcome.problem.open[row].copy()
    is_left[outcome.experts_of[row]] = False
    rest = np.where(is_left[scores.experts] & ~np.isnan(scores.score), scores.score, -np.inf)
    best = int(rest.argmax()) if rest.size else 0
    if not rest.size or np.isinf(rest[best]):
        return None
    value, column = float(rest[best]), int(scores.experts[best])
    looks = [f"look at: {warning}" for warning in outcome.eligibility.warnings.get((row, column), ())]
    reason = "; ".join([_why_not(outcome, column, value, score), *looks])
    return Alternative(outcome.experts[column].id, value, reason)


def _why_not(outcome: Outcome, column: int, value: float, score: float | None) -> str:
    most = int(outcome.problem.expert_max[column])
    if score is not None and value < score:
        return "scores lower"
    if not most:
        return "takes nobody"
    if outcome.load(column) >= most:
        return f"full: {_places(most)} to {_taken_by(outcome, column)}{_scarce(outcome, column)}"
    if value == score:
        return "scores the same"
    return "scores higher, but the limits, pins or the objective make this pair the better one for the whole"


def _places(most: int) -> str:
    return "its only place goes" if most == 1 else f"its {most} places go"


def _scarce(outcome: Outcome, column: int) -> str:
    if outcome.one_more_place is None or not outcome.one_more_place[column]:
        return ""
    return f"; scarce: one more place would add {shown_amount(outcome.one_more_place[column])} to the total"


def shown_amount(amount: float) -> str:
    """Return an amount ≥ 0 of score in two decimals, in as many as six where these would show nothing."""
    digits = next((digits for digits in range(2, 6) if amount >= 0.5 * 10**-digits), 6)
    return f"{amount:.{digits}f}"


def _taken_by(outcome: Outcome, column: int) -> str:
    rows = outcome.startups_of[column]
    told = (f"{outcome.startups[row].id} ({_shown(outcome.score_alone(row, column))})" for row in rows)
    return ", ".join(told) or "nobody"


def _shown(score: float | None) -> str:
    return "unknown" if score is None else f"{score:.2f}"


def explain_choice(outcome: Outcome, row: int, column: int) -> tuple[str, ...]:
    """Return in sentences why an eligible pair was made, or what was made instead."""
    startup, expert = outcome.startups[row].id, outcome.experts[column].id
    score = outcome.score_alone(row, column)
    if (row, column) in outcome.assignment.pairs:
        other = best_alternative(outcome, row, score)
        told = [
            f"{startup} and {expert} are matched"
            + (", for they are pinned" if _is_pinned(outcome, row, column) else "")
        ]
        return (*told, f"next best is {other.expert} ({other.score:.2f}): {other.reason}") if other else tuple(told)
    got = [(outcome.experts[at].id, outcome.score_alone(row, at)) for of, at in outcome.assignment.pairs if of == row]
    instead = ", ".join(f"{id_} ({_shown(value)})" for id_, value in got) or "nobody"
    load = (
        f"{outcome.load(column)} of {outcome.problem.expert_max[column]} places taken by {_taken_by(outcome, column)}"
        f"{_scarce(outcome, column)}"
    )
    return f"{startup} and {expert} are not matched", f"{startup} got {instead}", f"{expert}: {load}"


def _is_pinned(outcome: Outcome, row: int, column: int) -> bool:
    return (row, column) in outcome.problem.pins
