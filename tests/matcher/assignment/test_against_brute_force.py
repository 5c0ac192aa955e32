"""On problems small enough to try every set of pairs, the front door finds what trying them all finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from matcher.assignment import bottleneck, hungarian, milp
from matcher.assignment.order import Order
from matcher.assignment.problem import Problem
from matcher.assignment.result import Assignment, Position, Status
from matcher.assignment.solve import assign
from matcher.assignment.verify import verify
from matcher.errors import Infeasible
from matcher.program import Objective
from tests.matcher.assignment import brute_force
from tests.matcher.strategies import FEW, MANY, problems

# Scores have six decimals: optima that differ at all differ by at least half of one millionth (priority ½).
TIGHT = 1e-7


def value_of(problem: Problem, pairs: Sequence[Position]) -> tuple[float, ...]:
    return brute_force.values(problem, brute_force.set_of(problem, tuple(pairs)))[0]


def check_against_all_sets(problem: Problem) -> None:
    feasible = brute_force.feasible_sets(problem)
    event("feasible" if len(feasible) else "infeasible")
    if len(feasible):
        found = assign(problem)
        assert found.status is Status.OPTIMAL
        assert found.unmet == ()
        best = brute_force.best_value(problem, feasible)
        assert value_of(problem, found.pairs) == pytest.approx(best, rel=0, abs=TIGHT)
    else:
        with pytest.raises(Infeasible):
            assign(problem)


@MANY
@given(problems(Objective.TOTAL))
def test_the_total_is_the_best_of_all_sets_and_infeasible_means_that_there_is_none(problem: Problem) -> None:
    check_against_all_sets(problem)


@MANY
@given(problems(Objective.FAIR, serve_most=True))
def test_fair_serves_the_most_then_lifts_the_worst_off_then_the_total(problem: Problem) -> None:
    check_against_all_sets(problem)


@MANY
@given(problems(Objective.FAIR))
def test_fair_over_everybody_counts_who_is_not_served_as_0(problem: Problem) -> None:
    check_against_all_sets(problem)


@MANY
@given(problems(Objective.FAIR, quotas=False), st.booleans())
def test_bottleneck_and_milp_agree_wherever_a_startup_takes_one(problem: Problem, serve_most: bool) -> None:
    least, most = np.minimum(problem.startup_min, 1), np.minimum(problem.startup_max, 1)
    problem = replace(problem, startup_min=least, startup_max=most, serve_most=serve_most)
    assert bottleneck.can_solve(problem)
    check_against_all_sets(problem)


@MANY
@given(problems())
def test_hungarian_and_milp_agree_wherever_hungarian_can_solve(problem: Problem) -> None:
    least, most = np.minimum(problem.startup_min, 1), np.minimum(problem.startup_max, 1)
    problem = replace(problem, quotas=(), startup_min=least, startup_max=most)
    assert hungarian.can_solve(problem)
    worths, order = [], Order.drawn(problem)
    for solver in (hungarian, milp):
        try:
            worths.append(value_of(problem, order.restored(solver.solve(problem, order).pairs)))
        except Infeasible:
            worths.append((-1.0, -1.0))
    assert worths[0] == pytest.approx(worths[1], rel=0, abs=TIGHT)


@FEW
@given(problems())
def test_experts_with_one_place_each_suit_hungarian_as_well(problem: Problem) -> None:
    least, most = np.minimum(problem.expert_min, 1), np.minimum(problem.expert_max, 1)
    problem = replace(problem, quotas=(), expert_min=least, expert_max=most)
    assert hungarian.can_solve(problem)
    check_against_all_sets(problem)


def missing(problem: Problem, found: Assignment) -> int:
    return sum(unmet.needed - unmet.given for unmet in found.unmet)


@MANY
@given(problems())
def test_best_effort_leaves_the_fewest_pairs_missing_and_then_is_best(problem: Problem) -> None:
    assume(not len(brute_force.feasible_sets(problem)))
    sets = brute_force.every_set(problem)
    sets = sets[brute_force.within_maximums(problem, sets)]
    short = brute_force.shortfalls(problem, sets).sum(axis=1)
    found = assign(problem, best_effort=True)
    assert found.status is Status.BEST_EFFORT
    assert missing(problem, found) == short.min()
    best = brute_force.best_value(problem, sets[short == short.min()])
    assert value_of(problem, found.pairs) == pytest.approx(best, rel=0, abs=TIGHT)


@FEW
@given(problems())
def test_best_effort_is_the_optimum_where_the_limits_can_hold(problem: Problem) -> None:
    assume(len(brute_force.feasible_sets(problem)))
    assert assign(problem, best_effort=True) == assign(problem)


@FEW
@given(problems())
def test_whatever_is_returned_passes_the_check_that_shares_nothing_with_the_solvers(problem: Problem) -> None:
    verify(problem, assign(problem, best_effort=True))
