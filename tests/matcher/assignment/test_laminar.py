"""Quotas that nest go into the flow, and are exact there; those that cross on a side go to the MILP."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from matcher.assignment.flow import largest_flow, plain_hub
from matcher.assignment.laminar import can_nest, network_of
from matcher.assignment.problem import PositionQuota, Problem
from matcher.assignment.solve import assign
from matcher.errors import Infeasible
from matcher.program import Objective
from tests.matcher.assignment.brute_force import best_value, feasible_sets, set_of, values
from tests.matcher.assignment.small_problems import NO, named, problem, total
from tests.matcher.assignment.test_flow import prices_prove
from tests.matcher.strategies import FEW, problems

EVERY = (0, 1, 2)
TABLE = [[0.9, 0.8, 0.1], [0.7, 0.6, 0.2], [0.5, 0.4, 0.3]]


def quota(rows: tuple[int, ...], columns: tuple[int, ...], least: int = 0, most: int | None = None) -> PositionQuota:
    return PositionQuota(f"{rows}×{columns}", frozenset(rows), frozenset(columns), least, most)


def posed_with(*quotas: PositionQuota, places: int = 3) -> Problem:
    return problem(TABLE, startup_max=places, expert_max=places, quotas=quotas)


@pytest.mark.parametrize(
    "quotas",
    [
        (quota((0, 1), EVERY, 0, 1), quota(EVERY, (0, 1), 0, 2)),
        (quota((0, 1), EVERY, 0, 4), quota((0,), EVERY, 1, 2), quota(EVERY, EVERY, 2, 5)),
        (quota((0,), (0, 1), 0, 1), quota((0,), (1,), 1, 1), quota((1, 2), (2,), 1, 1)),
        (quota((0, 1), (2,), 1, 2), quota((2,), (0, 1), 1, 1), quota(EVERY, (2,), 2, 3)),
    ],
    ids=["whole startups and whole experts cross", "nested twice", "within one", "within one expert and around it"],
)
def test_quotas_that_nest_go_into_the_flow(quotas: tuple[PositionQuota, ...]) -> None:
    posed = posed_with(*quotas)
    found = assign(posed)
    assert found.solver == "flow"
    assert values(posed, set_of(posed, found.pairs)) == [best_value(posed, feasible_sets(posed))]


@pytest.mark.parametrize(
    "quotas",
    [
        (quota((0, 1), (0, 1), 0, 3),),
        (quota((0, 1), EVERY, 0, 3), quota((1, 2), EVERY, 0, 3)),
        (quota((0,), (0, 1), 0, 1), quota((0,), (1, 2), 0, 1)),
        (quota((0, 1), EVERY, 0, 9), quota(EVERY, (0, 1), 0, 9), quota((0,), (1, 2), 0, 1), quota((0, 1), (0,), 0, 1)),
    ],
    ids=["of some with some", "startups in two", "experts of one in two", "one too many"],
)
def test_quotas_that_cross_do_not(quotas: tuple[PositionQuota, ...]) -> None:
    posed = posed_with(*quotas)
    found = assign(posed)
    assert can_nest(posed) == (found.solver == "flow")
    assert values(posed, set_of(posed, found.pairs)) == [best_value(posed, feasible_sets(posed))]


def test_what_is_not_eligible_does_not_cross() -> None:
    some = quota((0, 1), (0, 1), 0, 1)
    scores = [[0.9, 0.8, NO], [0.7, 0.6, NO], [0.5, 0.4, 0.3]]
    posed = problem(scores, expert_max=3, quotas=(some,))
    found = assign(posed)
    assert found.solver == "flow"
    assert named(posed, found) == {("s1", "e1"), ("s3", "e1")}


def test_at_most_one_of_a_sector_leaves_the_second_best_out() -> None:
    # Of s1 and s2 one place: .9 for s1, and s3 takes .5 at e1 as well.
    posed = posed_with(quota((0, 1), EVERY, 0, 1), places=1)
    found = assign(posed)
    assert (found.solver, total(posed, found)) == ("flow", pytest.approx(0.9 + 0.4))


def test_a_minimum_of_a_group_moves_the_cheapest_pair() -> None:
    # e3 must get one: .1, .2 or .3, against .8, .6 or .4 at e2. s3 gives up the least.
    posed = posed_with(quota(EVERY, (2,), 1, None), places=1)
    found = assign(posed)
    assert ("s3", "e3") in named(posed, found)
    assert found.solver == "flow"


@st.composite
def nested_problems(draw: st.DrawFn, objective: Objective = Objective.TOTAL, one_each: bool = False) -> Problem:
    """Draw a problem with two to four quotas that a flow can hold."""
    posed = draw(problems(objective=objective, quotas=False))
    rows, columns = posed.scores.shape
    assume(rows and columns and not (one_each and (posed.startup_max > 1).any()))
    everybody, everyone = frozenset(range(rows)), frozenset(range(columns))
    some_rows, some_columns = (
        st.frozensets(st.sampled_from(range(rows))),
        st.frozensets(st.sampled_from(range(columns))),
    )
    shape = st.one_of(
        st.tuples(some_rows, st.just(everyone)),
        st.tuples(st.just(everybody), some_columns),
        st.tuples(st.sampled_from(range(rows)).map(lambda row: frozenset([row])), some_columns),
        st.tuples(some_rows, st.sampled_from(range(columns)).map(lambda column: frozenset([column]))),
    )
    quotas = []
    for nth in range(draw(st.integers(2, 4))):
        least = draw(st.sampled_from([0, 0, 1, 2]))
        most = draw(st.one_of(st.none(), st.integers(least, 4)))
        quotas.append(PositionQuota(f"q{nth}", *draw(shape), least, most))
    nested = replace(posed, quotas=tuple(quotas))
    assume(can_nest(nested))
    return nested


def check_best_of_all_sets(posed: Problem, solver: str) -> None:
    sets = feasible_sets(posed)
    if not len(sets):
        event("infeasible")
        with pytest.raises(Infeasible):
            assign(posed)
        return
    found = assign(posed)
    assert found.solver == solver
    assert values(posed, set_of(posed, found.pairs)) == [best_value(posed, sets)]


@FEW
@given(nested_problems())
def test_the_total_under_nested_quotas_is_the_best_of_all_sets(posed: Problem) -> None:
    check_best_of_all_sets(posed, "flow")


@FEW
@given(nested_problems(Objective.FAIR, one_each=True))
def test_the_fair_result_under_nested_quotas_is_the_best_of_all_sets(posed: Problem) -> None:
    check_best_of_all_sets(posed, "bottleneck flow")


@FEW
@given(nested_problems(), st.data())
def test_no_digit_is_lost_under_nested_quotas(posed: Problem, data: st.DataObject) -> None:
    digits = st.one_of(st.floats(-1, 1), st.integers(0, 3).map(lambda ulps: 1 + ulps * 2.0**-50))
    scores = [data.draw(digits) if np.isfinite(score) else score for score in posed.scores.ravel()]
    posed = replace(posed, scores=np.reshape(scores, posed.scores.shape), worth=np.ones(len(posed.worth)))
    sets = feasible_sets(posed)
    assume(len(sets))
    exact = [sum((Fraction(float(score)) for score in posed.scores[one]), Fraction(0)) for one in sets]
    found = sum((Fraction(float(posed.scores[pair])) for pair in assign(posed).pairs), Fraction(0))
    assert max(exact) - found <= Fraction(float(np.nanmax(np.abs(posed.scores), initial=0))) / 2**80


@FEW
@given(nested_problems())
def test_the_prices_of_groups_prove_the_flow(posed: Problem) -> None:
    _, network = network_of(posed)
    worth = np.rint(posed.gains[posed.open] * 1000).astype(np.int64)
    try:
        made = largest_flow(network, worth, plain_hub(network.limits))
    except Infeasible:
        return
    prices_prove(network, worth, made)
