"""The price of a change, against solving again with the change made."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from matcher.assignment.audit import blocking_pairs, price_of_fairness, regrets
from matcher.assignment.problem import PositionQuota, Problem
from matcher.assignment.result import Status
from matcher.assignment.solve import best_assignment
from matcher.assignment.verify import verify
from matcher.assignment.what_if import WhatIf
from matcher.errors import BadInput, Infeasible
from matcher.program import Objective
from tests.matcher.assignment.small_problems import NO, problem
from tests.matcher.assignment.test_laminar import nested_problems
from tests.matcher.strategies import MANY, problems

TIGHT = 1e-9


def total_of(posed: Problem) -> float | None:
    try:
        return best_assignment(posed).total
    except Infeasible:
        return None


@MANY
@given(st.one_of(problems(quotas=False), nested_problems()))
def test_forcing_a_pair_costs_what_solving_with_a_pin_says(posed: Problem) -> None:
    total = total_of(posed)
    assume(total is not None)
    found = best_assignment(posed)
    what_if = WhatIf(posed, found)
    for row, column in np.argwhere(posed.open).tolist():
        if (row, column) in found.pairs:
            continue
        pinned = total_of(replace(posed, pins=(*posed.pins, (row, column))))
        forced = what_if.forced((row, column))
        assert (forced is None) == (pinned is None)
        if forced is not None:
            assert forced.cost == pytest.approx(total - pinned, rel=0, abs=TIGHT)
            assert forced.added[0] == (row, column)
            changed = sorted({*found.pairs, *forced.added} - {*forced.dropped})
            worth = float(sum(posed.gains[pair] for pair in changed))
            verify(posed, replace(found, pairs=tuple(changed), total=worth, bound=worth))


@MANY
@given(st.one_of(problems(quotas=False), nested_problems()))
def test_one_more_place_brings_what_solving_with_it_says(posed: Problem) -> None:
    total = total_of(posed)
    assume(total is not None)
    brings = WhatIf(posed, best_assignment(posed)).one_more_place()
    for column in range(len(posed.expert_ids)):
        most = posed.expert_max.copy()
        most[column] += 1
        more = total_of(replace(posed, expert_max=most))
        assert brings[column] == pytest.approx(more - total, rel=0, abs=TIGHT)


# With 37, 101 and 127 rounding alone makes a change look worth making, round and round.
@pytest.mark.parametrize("seed", [*range(8), 37, 101, 127])
def test_ties_of_more_digits_than_integers_hold_have_exact_answers(seed: int) -> None:
    # Sevenths times elevenths tie on paper, and not quite once they are rounded.
    draw = np.random.default_rng(seed)
    worth = draw.choice([1.1, 1.3, 1 / 3], 6)
    posed = problem(draw.integers(0, 4, (6, 5)) / 7, startup_max=2, expert_max=2, worth=worth)
    found = best_assignment(posed)
    what_if = WhatIf(posed, found)
    brings = what_if.one_more_place()
    for column in range(5):
        more = replace(posed, expert_max=posed.expert_max + (np.arange(5) == column))
        assert brings[column] == pytest.approx(total_of(more) - found.total, rel=0, abs=TIGHT)
    for pair in sorted({*np.ndindex(6, 5)} - {*found.pairs}):
        pinned = total_of(replace(posed, pins=(pair,)))
        assert what_if.forced(pair).cost == pytest.approx(found.total - pinned, rel=0, abs=TIGHT)


def test_one_more_place_in_a_full_group_takes_one_from_another() -> None:
    # Two pairs with e1 and e2, one each: 1.5. A second place with e1 brings .9 + .7, for e2 is left.
    both = PositionQuota("both", frozenset({0, 1, 2}), frozenset({0, 1}), 0, 2)
    posed = problem([[0.9, 0.8, 0.1], [0.7, 0.6, 0.1], [0.5, 0.4, 0.1]], quotas=(both,))
    assert WhatIf(posed, best_assignment(posed)).one_more_place() == pytest.approx([0.1, 0.0, 0.0])


def test_one_more_place_with_an_expert_who_is_given_only_its_minimum_brings_nothing() -> None:
    posed = problem(np.array([[0.9, 0.1]]), expert_min=np.array([0, 1]))
    found = best_assignment(posed)
    assert found.pairs == ((0, 1),)
    assert WhatIf(posed, found).one_more_place().tolist() == [0.0, 0.0]


def test_a_pair_that_would_take_a_startup_below_its_minimum_cannot_be_forced() -> None:
    posed = problem(np.array([[0.5], [0.9]]), startup_min=np.array([1, 0]))
    found = best_assignment(posed)
    assert found.pairs == ((0, 0),)
    assert WhatIf(posed, found).forced((1, 0)) is None


def test_quotas_that_cross_have_no_prices() -> None:
    one, other = (PositionQuota("", frozenset({0, row}), frozenset({0, 1}), 0, 1) for row in (1, 2))
    posed = problem([[0.9, 0.8], [0.7, 0.6], [0.5, 0.4]], quotas=(one, other))
    with pytest.raises(BadInput, match="not where quotas cross"):
        WhatIf(posed, best_assignment(posed))


def test_with_quotas_a_pair_that_was_not_weighed_is_left_to_a_new_solve() -> None:
    both = PositionQuota("both", frozenset({0, 1}), frozenset({0}), 0, 1)
    posed = problem([[0.9], [NO]], quotas=(both,))
    assert WhatIf(posed, best_assignment(posed)).forced((1, 0), 0.8) is None


def test_forcing_a_pair_says_who_moves() -> None:
    # Best: s1-e1 .9, s2-e2 .6. To give e1 to s2, s1 moves to e2: .8 + .5 = 1.3 instead of 1.5.
    posed = problem([[0.9, 0.5], [0.8, 0.6]])
    forced = WhatIf(posed, best_assignment(posed)).forced((1, 0))
    assert forced is not None
    assert forced.cost == pytest.approx(0.2)
    assert set(forced.dropped) == {(0, 0), (1, 1)}
    assert set(forced.added) == {(1, 0), (0, 1)}


@pytest.mark.parametrize("pair", [(0, 0), (0, 1)], ids=["made", "not eligible"])
def test_only_a_pair_that_may_be_made_and_is_not_can_be_forced(pair: tuple[int, int]) -> None:
    posed = problem([[0.9, NO]])
    with pytest.raises(BadInput, match="may be made and is not"):
        WhatIf(posed, best_assignment(posed)).forced(pair)


def test_a_pair_that_was_not_weighed_is_forced_at_the_score_given() -> None:
    # e1 goes from s1 (.9) to s2: .8 would cost .1, 1 brings .1.
    posed = problem([[0.9], [NO]])
    what_if = WhatIf(posed, best_assignment(posed))
    assert what_if.forced((1, 0), 0.8).cost == pytest.approx(0.1)
    assert what_if.forced((1, 0), 1.0).cost == pytest.approx(-0.1)
    banned = WhatIf(replace(posed, bans=((1, 0),)), best_assignment(posed))
    with pytest.raises(BadInput, match="may be made and is not"):
        banned.forced((1, 0), 0.8)


def test_an_assignment_that_is_not_proved_the_best_has_no_prices() -> None:
    posed = problem([[0.9]])
    with pytest.raises(BadInput, match="best total"):
        WhatIf(posed, replace(best_assignment(posed), status=Status.FEASIBLE))


def test_fair_assignments_have_no_prices() -> None:
    posed = problem([[0.9]], objective=Objective.FAIR)
    with pytest.raises(BadInput, match="total"):
        WhatIf(posed, best_assignment(posed))


def test_regret_is_what_a_startup_gave_up_for_the_others() -> None:
    posed = problem([[0.9, 0.5], [0.8, 0.1], [NO, NO]])
    found = best_assignment(posed)
    assert found.pairs == ((0, 1), (1, 0))
    assert regrets(posed, found) == pytest.approx([0.4, 0.0, 0.0])


def test_the_price_of_fairness_is_the_total_given_up() -> None:
    # Total: .9 + .1 = 1.0; the worst-off has .4 instead of .1 where the total is .5 + .4.
    posed = problem([[0.9, 0.5], [0.4, 0.1]], objective=Objective.FAIR)
    assert price_of_fairness(posed, best_assignment(posed)) == pytest.approx(0.1)


def test_a_blocking_pair_would_rather_have_each_other() -> None:
    # The total gives e1 to s2 although s1 and e1 both prefer each other.
    posed = problem([[0.9, 0.5], [0.8, 0.1]])
    assert blocking_pairs(posed, best_assignment(posed)) == [(0, 0)]


@MANY
@given(problems(quotas=False, pins=False))
def test_blocking_pairs_are_what_two_loops_find(posed: Problem) -> None:
    if total_of(posed) is None:
        return
    found = best_assignment(posed)

    def rather(score: float, others: list[float], places: int) -> bool:
        return score > (0.0 if len(others) < places else min(others, default=np.inf))

    expected = []
    for row, column in np.argwhere(posed.open).tolist():
        mine = [posed.scores[pair] for pair in found.pairs if pair[0] == row]
        theirs = [posed.scores[pair] for pair in found.pairs if pair[1] == column]
        score = posed.scores[row, column]
        both = rather(score, mine, posed.startup_max[row]) and rather(score, theirs, posed.expert_max[column])
        if both and (row, column) not in found.pairs:
            expected.append((row, column))
    assert blocking_pairs(posed, found) == expected
