"""What forcing a pair costs and who would move, against every assignment tried one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from matcher.assignment.result import Position, Status
from matcher.choice import build_problem, choose
from matcher.engine import Engine
from matcher.errors import Infeasible
from matcher.forcing import Fair, Forcing, Move, Weighed, force, with_score
from matcher.outcome import Outcome
from matcher.pipeline import match
from matcher.profiles import Cohort, Kind, Limits
from matcher.program import ExpertGroup, Objective, Program, Quota, StartupGroup
from matcher.retrieval import RetrievalParameters
from matcher.scored_pairs import score_kinds
from tests.fakes import fake_engine
from tests.matcher.assignment import brute_force
from tests.matcher.people import asks, knows
from tests.matcher.strategies import FEW, cohorts, programs

NO_WISHES = Program()
FAIR = Program(objective=Objective.FAIR)
ONE, BOTH = Limits(0, 1), {Kind.PROFESSOR: Limits(0, 2)}
EVERYBODY = StartupGroup(), ExpertGroup(kind=Kind.PROFESSOR)


def outcome_of(cohort: Cohort, program: Program = NO_WISHES, engine: Engine | None = None) -> Outcome:
    (pairs,) = score_kinds(cohort, program, engine or fake_engine(), [Kind.PROFESSOR])
    return choose(pairs, program, best_effort=False)


def forced(outcome: Outcome, program: Program, startup: str, expert: str) -> Forcing | None:
    (pair,) = outcome.positions([(startup, expert)])
    return force(with_score(outcome, pair, program.min_score), program, pair)


def told(cohort: Cohort, startup: str, expert: str, program: Program = NO_WISHES) -> Forcing:
    found = forced(outcome_of(cohort, program), program, startup, expert)
    assert found is not None
    return found


# --- every assignment, tried one by one --------------------------------------------------------------------------


def best_with(outcome: Outcome, program: Program, pair: Position) -> tuple[float, ...] | None:
    """Return what the objective makes of the best set of pairs with this one, None where no set has it."""
    pin = outcome.startups[pair[0]].id, outcome.experts[pair[1]].id
    problem = build_problem(outcome, replace(program, pins=(*program.pins, pin)))
    sets = brute_force.feasible_sets(problem)
    return brute_force.best_value(problem, sets) if len(sets) else None


def after(outcome: Outcome, forcing: Forcing, pair: Position) -> set[tuple[str, str]]:
    """Return the pairs of ids that are left when everybody has moved as told."""
    ids = {(outcome.startups[row].id, outcome.experts[column].id) for row, column in [*outcome.assignment.pairs, pair]}
    for move in forcing.moves:
        assert {(move.startup, expert) for expert in move.left} <= ids
        ids -= {(move.startup, expert) for expert in move.left}
        assert not {(move.startup, expert) for expert in move.joined} & ids
        ids |= {(move.startup, expert) for expert in move.joined}
        assert move.alone == all(startup != move.startup for startup, _ in ids)
    return ids


@FEW
@given(st.data())
def test_forcing_a_pair_costs_what_the_best_assignment_with_it_says(data: st.DataObject) -> None:
    cohort = data.draw(cohorts(minimums=True))
    program = data.draw(programs(cohort, pins=True))
    if data.draw(st.booleans()):
        program = replace(program, quotas=(Quota("few", *EVERYBODY, 0, 2),))
    try:
        outcomes = [explained.outcome for explained in match(cohort, program, fake_engine())]
    except Infeasible:
        assume(False)
    for outcome in outcomes:
        assume(outcome.eligibility.eligible.sum() <= 9)
        for row, column in np.argwhere(outcome.eligibility.eligible).tolist():
            if (row, column) not in outcome.assignment.pairs:
                assert_forced(outcome, program, (row, column))


def assert_forced(outcome: Outcome, program: Program, pair: Position) -> None:
    found, expected = force(outcome, program, pair), best_with(outcome, program, pair)
    assert found is not None
    assert bool(found.impossible) == (expected is None)
    if expected is None:
        return
    total = expected[0 if program.objective is Objective.TOTAL else 2]
    assert found.adds == pytest.approx(total - outcome.assignment.total, abs=2e-6)
    assert bool(found.fair) == (program.objective is Objective.FAIR)
    if found.fair:
        assert found.fair[1].served == expected[0]
        assert (found.fair[1].worst_off or 0.0) == pytest.approx(expected[1], abs=2e-6)
    problem = outcome.problem
    gained = sum(
        np.nan_to_num(problem.scores[at]) * problem.worth[at[0]]
        for at in outcome.positions(sorted(after(outcome, found, pair)))
    )
    assert gained == pytest.approx(total, abs=2e-6)


# --- known answers -----------------------------------------------------------------------------------------------

# s1 with e1 1.00, s2 with e1 0.54 and with e2 0.
RIVALS = Cohort(
    (asks("s1", "robot arm"), asks("s2", "robot ship")),
    (knows("e1", "robot arm", limits=ONE), knows("e2", "tax", limits=ONE)),
)


def test_who_has_to_make_room_is_told_with_where_to() -> None:
    found = told(RIVALS, "s2", "e1")
    scores = outcome_of(RIVALS).problem.scores
    assert found.adds == pytest.approx(scores[1, 0] + scores[0, 1] - scores[0, 0] - scores[1, 1], abs=1e-6)
    assert found.adds < 0
    assert found.moves == (Move("s2", ("e2",), (), False), Move("s1", ("e1",), ("e2",), False))
    assert found.weighed is Weighed.YES
    assert not found.prioritised


def test_who_is_left_without_anybody_is_told_so() -> None:
    found = told(replace(RIVALS, experts=RIVALS.experts[:1]), "s2", "e1")
    assert found.moves == (Move("s1", ("e1",), (), True),)


def test_where_nobody_is_in_the_way_nobody_moves() -> None:
    program = Program(quotas=(Quota("one", *EVERYBODY, 0, 1),))
    found = told(Cohort((asks("s1", "robot", limits=BOTH),), (knows("e1", "robot"), knows("e2"))), "s1", "e2")
    assert (found.adds, found.moves) == (0.0, ())
    cohort = Cohort((asks("s1", "robot", limits=BOTH),), (knows("e1", "robot"), knows("e2", "robot arm")))
    assert told(cohort, "s1", "e2", program).moves == (Move("s1", ("e1",), (), False),)


def test_amounts_count_priorities() -> None:
    first, second = RIVALS.startups
    plain = told(RIVALS, "s2", "e1")
    raised = told(replace(RIVALS, startups=(replace(first, priority=3.0), second)), "s2", "e1")
    assert raised.prioritised
    assert raised.adds < plain.adds < 0


def test_a_pair_that_the_limits_do_not_let_in_says_why() -> None:
    full = Program(pins=(("s1", "e1"),))
    found = told(RIVALS, "s2", "e1", full)
    assert found.impossible == "2 pins (s1 with e1, s2 with e1) need 2 places, only 1 place is open to them: e1 (1)"
    assert not found.moves


def test_the_fair_objective_tells_who_is_worst_off_then() -> None:
    # Fair gives each of the two somebody: s2 the one place of e1, s1 its second best.
    cohort = replace(RIVALS, experts=(RIVALS.experts[0], knows("e2", "robot tax", limits=ONE)))
    outcome = outcome_of(cohort, FAIR)
    scores = outcome.problem.scores
    made = set(outcome.assignment.pairs)
    ((row, column), *_) = sorted({(0, 0), (0, 1)} - made)
    found = told(cohort, f"s{row + 1}", f"e{column + 1}", FAIR)
    other = {(0, 0), (1, 1)} if (0, 0) not in made else {(0, 1), (1, 0)}
    assert found.adds == pytest.approx(sum(scores[at] for at in other) - sum(scores[at] for at in made), abs=1e-6)
    assert found.fair == (
        Fair(2, pytest.approx(min(scores[at] for at in made), abs=1e-6)),
        Fair(2, pytest.approx(min(scores[at] for at in other), abs=1e-6)),
    )


def test_a_pair_that_retrieval_did_not_propose_is_scored_and_never_adds_to_a_proved_total() -> None:
    narrow = replace(fake_engine(), retrieval=RetrievalParameters(experts=1))
    cohort = Cohort((asks("s1", "robot arm"),), (knows("e1", "robot arm"), knows("e2", "robot")))
    outcome = outcome_of(cohort, engine=narrow)
    found = forced(outcome, NO_WISHES, "s1", "e2")
    assert found is not None
    assert found.weighed is Weighed.NOT_PROPOSED
    (got, _), (other, _) = outcome.score_of(0, 0), outcome.score_of(0, 1)
    assert got
    assert other
    assert [outcome.score_alone(0, column) for column in (0, 1)] == [got, other]
    assert found.adds == pytest.approx(other - got)
    assert found.adds < 0


def test_a_pair_that_retrieval_did_not_propose_is_ruled_out_below_the_minimum_score() -> None:
    narrow = replace(fake_engine(), retrieval=RetrievalParameters(experts=1))
    program = Program(min_score=0.99)
    outcome = outcome_of(RIVALS, program, narrow)
    assert not outcome.eligibility.reasons(1, 1)
    assert with_score(outcome, (1, 1), 0.99).eligibility.reasons(1, 1) == ("min_score: the pair scores below 0.99",)


def test_a_pair_of_unknown_score_adds_nothing() -> None:
    found = told(Cohort((asks("s1", "robot"),), (knows("e1"),)), "s1", "e1")
    assert (found.weighed, found.adds) == (Weighed.UNKNOWN_SCORE, 0.0)


def test_nothing_is_said_of_an_assignment_that_is_not_proved_the_best() -> None:
    outcome = outcome_of(RIVALS)
    unproved = replace(outcome, assignment=replace(outcome.assignment, status=Status.FEASIBLE))
    assert forced(unproved, NO_WISHES, "s2", "e1") is None
    assert unproved.one_more_place is None
