"""The whole path on one screen.

profiles → passages → vectors → candidates → scored pairs → assignment → explained matches
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matcher.audit import Audit, audit
from matcher.choice import choose
from matcher.engine import Engine, Stage
from matcher.explanation import Match, explain_matches
from matcher.offers import Offer, explain_offers
from matcher.outcome import Outcome
from matcher.profiles import Cohort, Kind
from matcher.program import Program
from matcher.rivals import Rivals
from matcher.scored_pairs import ScoredPairs, score_kinds
from matcher.unmatched import Unmatched, explain_unmatched


@dataclass(frozen=True)
class Explained:
    """The assignment of one kind, and why it is as it is."""

    outcome: Outcome
    matches: tuple[Match, ...]
    unmatched: tuple[Unmatched, ...]
    offers: tuple[Offer, ...]
    audit: Audit


def may_compete(explained: Sequence[Explained]) -> tuple[Rivals, ...]:
    """Return who may compete with whom, most alike first: it is found once for all kinds."""
    return explained[0].outcome.web.rivals if explained else ()


def match(
    cohort: Cohort, program: Program, engine: Engine, kinds: Sequence[Kind] = (), best_effort: bool = False
) -> tuple[Explained, ...]:
    """Return the explained assignment of each kind; `kinds` empty for all that the cohort has.

    Raises `BadInput` where the program does not fit the cohort, and `Infeasible` where the limits cannot hold
    together, unless best_effort is set: then the minimums and pins fall short by the fewest pairs.
    """
    return tuple(
        match_pairs(pairs, program, engine, best_effort) for pairs in score_kinds(cohort, program, engine, kinds)
    )


def match_pairs(pairs: ScoredPairs, program: Program, engine: Engine, best_effort: bool) -> Explained:
    """Return the explained assignment of the scored pairs of one kind."""
    with engine.watch(Stage.ASSIGN):
        outcome = choose(pairs, program, best_effort, engine.solving)
    with engine.watch(Stage.EXPLAIN):
        return Explained(
            outcome,
            tuple(explain_matches(outcome)),
            tuple(explain_unmatched(outcome)),
            tuple(explain_offers(outcome)),
            audit(outcome),
        )
