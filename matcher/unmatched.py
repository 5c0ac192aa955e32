"""Who is left without a pair, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from matcher.explanation import best_alternative
from matcher.outcome import Outcome
from matcher.profiles import Kind, Side


@dataclass(frozen=True)
class Unmatched:
    """Somebody without a pair, and why. waiting: place on the waiting list, 1 is next, None if not on it."""

    side: Side
    id: str
    kind: Kind
    reason: str
    waiting: int | None = None


def explain_unmatched(outcome: Outcome) -> Iterator[Unmatched]:
    """Yield the startups without a pair, those on the waiting list first and in its order, then the experts."""
    matched = {row for row, _ in outcome.assignment.pairs}
    alone = [row for row in range(len(outcome.startups)) if row not in matched]
    waiting = sorted(
        (row for row in alone if _best_worth(outcome, row) is not None), key=lambda row: _turn(outcome, row)
    )
    for turn, row in enumerate(waiting, 1):
        reason = _why_left_out(outcome, row)
        yield Unmatched(Side.STARTUP, outcome.startups[row].id, outcome.kind, reason, turn)
    for row in alone:
        if row not in waiting:
            yield Unmatched(Side.STARTUP, outcome.startups[row].id, outcome.kind, _why_impossible(outcome, row))
    busy = {column for _, column in outcome.assignment.pairs}
    for column, expert in enumerate(outcome.experts):
        if column not in busy:
            yield Unmatched(Side.EXPERT, expert.id, outcome.kind, _why_idle(outcome, column))


def _best_worth(outcome: Outcome, row: int) -> float | None:
    """Return the most that a pair of this startup could add to the objective, None if none could be made."""
    open_ = outcome.problem.open[row]
    if not open_.any() or not outcome.problem.startup_max[row]:
        return None
    return float(outcome.problem.scores[row, open_].max() * outcome.problem.worth[row])


def _turn(outcome: Outcome, row: int) -> tuple[float, str]:
    return -(_best_worth(outcome, row) or 0.0), outcome.startups[row].id


def _why_left_out(outcome: Outcome, row: int) -> str:
    best = best_alternative(outcome, row, None)
    eligible = int(outcome.eligibility.eligible[row].sum())
    others = f"{eligible} eligible {outcome.kind}{'s' if eligible > 1 else ''}"
    return (
        f"no place left with its {others}; best would be {best.expert} ({best.score:.2f}), {best.reason}"
        if best
        else ""
    )


def _why_impossible(outcome: Outcome, row: int) -> str:
    if not outcome.problem.startup_max[row]:
        return f"takes no {outcome.kind}: its max_matches is 0"
    if not outcome.experts:
        return f"the cohort has no {outcome.kind}"
    eligible = outcome.eligibility.eligible[row]
    if eligible.any() and not eligible[outcome.scores[row].experts].any():
        return f"every {outcome.kind} that lies near it scores below the minimum score"
    if eligible.any():
        return f"nothing is known that it could be compared by with any eligible {outcome.kind}"
    gates = Counter(
        next(gate.name for gate in outcome.eligibility.gates if gate.forbids[row, column])
        for column in range(len(outcome.experts))
    )
    told = ", ".join(f"{count} by {name.replace('_', ' ')}" for name, count in gates.most_common())
    return f"none of the {len(outcome.experts)} {outcome.kind}s is eligible: {told}"


def _why_idle(outcome: Outcome, column: int) -> str:
    if not outcome.problem.expert_max[column]:
        return "takes nobody: its max_load is 0"
    if not outcome.problem.open[:, column].any():
        return "no startup is eligible for it" if outcome.startups else f"no startup seeks {outcome.kind.one}"
    return "every startup that is eligible for it has a match that is better for the whole, or no place left"
