"""Up to 40 × 40 with every limit at once, the engine agrees with a linear program that shares nothing with it."""

from __future__ import annotations

from functools import cache
from itertools import count

import pytest

from matcher.assignment.infeasibility.changes import changed
from matcher.assignment.infeasibility.conflict import explain_conflict
from matcher.assignment.problem import Problem
from matcher.assignment.result import Conflict, Status
from matcher.assignment.solve import assign
from matcher.errors import Infeasible
from tests.matcher.assignment.brute_force import set_of, values
from tests.matcher.assignment.cramped import named_by, with_only
from tests.matcher.assignment.linear_oracle import best_by_highs, can_hold_by_highs
from tests.matcher.assignment.mixed import OBJECTIVES, cramped_problem, feasible_problem

# Scores are thousandths and worths halves: two values that differ, differ by half of a thousandth at least.
TIGHT = 1e-7
IMPOSSIBLE = range(20)


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("seed", range(7))
def test_an_assignment_is_as_good_as_the_linear_program_says_that_one_can_be(seed: int, objective: str) -> None:
    posed = feasible_problem(seed, objective)
    found = assign(posed)
    assert found.status is Status.OPTIMAL
    assert values(posed, set_of(posed, found.pairs))[0] == pytest.approx(best_by_highs(posed), rel=0, abs=TIGHT)


@cache
def impossible(number: int) -> tuple[Problem, Conflict]:
    """Return one of the problems of which the linear program has no solution, and what is said of it."""
    drawn = (cramped_problem(100 * number + at) for at in count())
    posed = next(one for one in drawn if not can_hold_by_highs(one))
    return posed, explain_conflict(posed)


@pytest.mark.parametrize("number", IMPOSSIBLE)
def test_without_a_solution_it_is_infeasible(number: int) -> None:
    posed, conflict = impossible(number)
    with pytest.raises(Infeasible) as raised:
        assign(posed)
    assert raised.value.conflict == conflict


@pytest.mark.parametrize("number", IMPOSSIBLE)
def test_the_named_conflict_blocks_by_itself_and_no_longer_without_any_one_of_it(number: int) -> None:
    posed, conflict = impossible(number)
    named = named_by(conflict)
    assert not can_hold_by_highs(with_only(posed, named))
    assert [one for one in named if not can_hold_by_highs(with_only(posed, named - {one}))] == []


@pytest.mark.parametrize("number", IMPOSSIBLE)
def test_each_relaxation_frees_and_not_without_any_one_of_its_changes(number: int) -> None:
    posed, conflict = impossible(number)
    assert conflict.relaxations
    for changes in (relaxation.changes for relaxation in conflict.relaxations):
        assert can_hold_by_highs(changed(posed, changes))
        without = [(*changes[:at], *changes[at + 1 :]) for at in range(len(changes))]
        assert not any(can_hold_by_highs(changed(posed, others)) for others in without)


def test_conflicts_of_every_kind_were_among_them() -> None:
    conflicts = [impossible(number)[1] for number in IMPOSSIBLE]
    for names in ("startups", "experts", "pins", "quotas"):
        assert sum(bool(getattr(conflict, names)) for conflict in conflicts) >= 3, names
    assert sum(len(relaxation.changes) > 1 for conflict in conflicts for relaxation in conflict.relaxations) >= 10
