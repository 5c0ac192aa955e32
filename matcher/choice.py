"""Scored pairs → assignment: the problem that a kind poses, and its solution."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from matcher.assignment.closed import Closed
from matcher.assignment.problem import PositionQuota, Problem
from matcher.assignment.result import Assignment
from matcher.assignment.solve import Solving, assign, best_assignment, solve_here
from matcher.certificate import improving_scores, unscored
from matcher.errors import Infeasible
from matcher.outcome import Outcome
from matcher.program import Objective, Program
from matcher.scored_pairs import ScoredPairs, with_more_scores, with_scores

_GATE_NAMES = {"conflict": "conflicts", "ban": "bans", "min_score": "the minimum score"}


def choose(pairs: ScoredPairs, program: Program, best_effort: bool, solving: Solving = solve_here) -> Outcome:
    """Return the best assignment of all eligible pairs under everybody's limits.

    Under the total without quotas it is found among the candidates, and held against all others; otherwise, and
    where the candidates cannot meet the minimums, all are scored. Raises `Infeasible`; with best_effort only for a pin
    of a kind that its startup does not seek.
    """
    _check_pins_are_sought(pairs, program)
    if not best_effort:
        _check_pins_are_eligible(pairs, program)
    if unscored(pairs).any():
        found = _best_of_candidates(pairs, program, solving)
        if found is not None:
            return found
        pairs = with_scores(pairs, pairs.eligibility.eligible, program.min_score)
    problem = build_problem(pairs, program)
    return _outcome(pairs, problem, assign(problem, best_effort, _closed(pairs), solving), solving)


def _best_of_candidates(pairs: ScoredPairs, program: Program, solving: Solving) -> Outcome | None:
    """Return the best assignment of all eligible pairs, found among few of them; None where that cannot be.

    Pairs that were no candidates join where they would improve it.
    """
    if program.objective is not Objective.TOTAL or program.quotas:
        return None
    priced = int(unscored(pairs).sum())
    while True:
        problem = build_problem(pairs, program)
        try:
            outcome = _outcome(pairs, problem, solving(best_assignment, problem), solving)
        except Infeasible:
            return None
        if outcome.what_if is None:
            return None
        improving = improving_scores(pairs, outcome.what_if, program.min_score)
        if not any(len(found.experts) for found in improving):
            return replace(outcome, priced=priced)
        del problem, outcome  # their tables are as large as the next ones
        pairs = with_more_scores(pairs, improving, program.min_score)


def _closed(pairs: ScoredPairs) -> Closed:
    """Return what rules out pairs, by the name that a manager reads."""
    gates = [
        (_GATE_NAMES.get(gate.name, gate.name.replace("_", " ")), gate.forbids) for gate in pairs.eligibility.gates
    ]
    return (*gates, ("an unknown score", pairs.eligibility.eligible & pairs.scored))


def _check_pins_are_sought(pairs: ScoredPairs, program: Program) -> None:
    """Raise `Infeasible` for a pin whose startup does not seek this kind: no best effort could make it."""
    kind_of = {expert.id for expert in pairs.experts}
    seeking = {startup.id for startup in pairs.startups}
    reasons = [
        f"pin {startup} with {expert}: {startup} does not seek {pairs.kind.one}"
        for startup, expert in program.pins
        if expert in kind_of and startup not in seeking
    ]
    if reasons:
        raise Infeasible(f"{'; '.join(reasons)}. Drop the pin, or name the kind in seeks")


def _check_pins_are_eligible(pairs: ScoredPairs, program: Program) -> None:
    """Raise `Infeasible` for a pin that is ruled out, with the reasons: a pin lifts no rule."""
    reasons = []
    for row, column in pairs.positions(program.pins):
        pin = f"pin {pairs.startups[row].id} with {pairs.experts[column].id}"
        reasons += [f"{pin}: {reason}" for reason in pairs.eligibility.reasons(row, column)]
    if reasons:
        raise Infeasible(f"{'; '.join(reasons)}. Drop the pin, or what rules the pair out")


def _outcome(pairs: ScoredPairs, problem: Problem, assignment: Assignment, solving: Solving) -> Outcome:
    known = {field.name: getattr(pairs, field.name) for field in fields(ScoredPairs)}
    return Outcome(**known, problem=problem, assignment=assignment, solving=solving)


def build_problem(pairs: ScoredPairs, program: Program) -> Problem:
    """Return the assignment problem of these pairs.

    A pair whose score is unknown is never proposed; where it is pinned it is made, and adds nothing.
    """
    eligible = pairs.eligibility.eligible
    scores = np.full(eligible.shape, np.nan)
    for row, scored in enumerate(pairs.scores):
        scores[row, scored.experts] = scored.score
    scores[~eligible] = np.nan
    pins = pairs.positions(program.pins)
    for pin in pins:
        if eligible[pin] and np.isnan(scores[pin]):
            scores[pin] = 0.0
    limits = [startup.limits_for(pairs.kind) for startup in pairs.startups]
    return Problem(
        startup_ids=tuple(startup.id for startup in pairs.startups),
        expert_ids=tuple(expert.id for expert in pairs.experts),
        scores=scores,
        worth=np.array([startup.priority for startup in pairs.startups], dtype=float),
        startup_min=np.array([limit.least for limit in limits], dtype=np.intp),
        startup_max=np.array([limit.most for limit in limits], dtype=np.intp),
        expert_min=np.array([expert.limits.least for expert in pairs.experts], dtype=np.intp),
        expert_max=np.array([expert.limits.most for expert in pairs.experts], dtype=np.intp),
        pins=tuple(pins),
        quotas=tuple(_quotas(pairs, program)),
        objective=program.objective,
        serve_most=True,
        seed=program.seed,
    )


def _quotas(pairs: ScoredPairs, program: Program) -> list[PositionQuota]:
    return [
        PositionQuota(
            quota.name,
            frozenset(row for row, startup in enumerate(pairs.startups) if quota.startups.holds(startup)),
            columns,
            quota.least,
            quota.most,
        )
        for quota in program.quotas
        if (columns := frozenset(at for at, expert in enumerate(pairs.experts) if quota.experts.holds(expert)))
    ]
