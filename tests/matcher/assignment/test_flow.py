"""The flow on its own: exact to the last bit against every set of pairs in fractions, with prices that prove it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from matcher.assignment import pricing
from matcher.assignment import table as tables
from matcher.assignment.certified import assign_table, assign_vectors
from matcher.assignment.flow import largest_flow, plain_hub
from matcher.assignment.infeasibility.conflict import explain_conflict
from matcher.assignment.laminar import network_of
from matcher.assignment.network import Limits, Network, limits_of
from matcher.assignment.order import Order
from matcher.assignment.priced import Priced, solve_network
from matcher.assignment.prices import dual_prices
from matcher.assignment.problem import Problem
from matcher.assignment.result import Position, Status
from matcher.assignment.scaling import largest_total, whole_worth
from matcher.assignment.solve import best_assignment
from matcher.assignment.table import Table
from matcher.assignment.vectors import VectorProblem
from matcher.errors import Infeasible
from tests.matcher.assignment.brute_force import feasible_sets
from tests.matcher.assignment.small_problems import NO, problem
from tests.matcher.strategies import MANY, problems

ANY_SCORE = st.one_of(
    st.floats(-1, 1),
    st.floats(0, 1e-9),
    st.floats(-1e9, 1e9),
    st.integers(0, 3).map(lambda ulps: 1 + ulps * 2.0**-50),
    st.sampled_from([0.501, 0.509, 0.009, 5e-324]),
)


@st.composite
def exact_problems(draw: st.DrawFn) -> Problem:
    posed = draw(problems(priorities=False, quotas=False, pins=False))
    scores = [draw(ANY_SCORE) if np.isfinite(score) else score for score in posed.scores.ravel()]
    return problem(
        np.reshape(scores, posed.scores.shape),
        posed.startup_min,
        posed.startup_max,
        posed.expert_min,
        posed.expert_max,
    )


def network_and_gains(posed: Problem) -> tuple[Network, np.ndarray]:
    return network_of(posed)[1], posed.gains[posed.open]


def exact_value(posed: Problem, pairs: Sequence[Position]) -> tuple[Fraction, int]:
    gains = (Fraction(float(posed.scores[pair])) * Fraction(float(posed.worth[pair[0]])) for pair in pairs)
    return sum(gains, Fraction(0)), len(pairs)


@MANY
@given(exact_problems())
def test_no_rounding_makes_unequal_totals_tie(posed: Problem) -> None:
    """Costs of two decimals made .501 and .509 tie, and .009 no arc (measured on openreview-matcher)."""
    network, gains = network_and_gains(posed)
    sets = [list(zip(*map(np.ndarray.tolist, np.nonzero(one)), strict=True)) for one in feasible_sets(posed)]
    if not sets:
        with pytest.raises(Infeasible):
            largest_total(network, gains)
        return
    best = max(exact_value(posed, pairs) for pairs in sets)
    found = exact_value(posed, network.pairs(largest_total(network, gains)))
    event("whole" if whole_worth(gains, network.limits.most_pairs, 2**50) is not None else "digit by digit")
    smallest = Fraction(float(np.abs(gains).max(initial=0))) / 2**80
    assert best[0] - found[0] <= smallest
    if best[0] == found[0]:
        assert best[1] == found[1]


def test_a_tiny_difference_decides_beside_a_score_of_a_thousand_million() -> None:
    # Nothing of e2's scores is left in the leading 60 digits of the first; the next ones decide.
    for order in ([2e-10, 3e-10], [3e-10, 2e-10]):
        posed = problem([[1e9 / 3, NO], *([NO, score] for score in order)], startup_max=2)
        network, gains = network_and_gains(posed)
        assert network.pairs(largest_total(network, gains)) == [(0, 0), (1 + order.index(3e-10), 1)]


def prices_prove(network: Network, worth: np.ndarray, made: np.ndarray) -> None:
    """Complementary slackness, which makes the pairs the best there are."""
    limits = network.limits
    prices = dual_prices(network, worth, made, -int(100 * (np.abs(worth).max(initial=0) + 1)))
    left = worth - prices.paid(network)
    assert (left[made] >= 0).all()
    assert (left[~made] <= 0).all()
    loads = network.loads(made)
    for load, least, most, price in (
        (loads[0], limits.startup_min, limits.startup_max, prices.startups),
        (loads[1], limits.expert_min, limits.expert_max, prices.experts),
    ):
        assert not ((load < most) & (price > 0)).any()
        assert not ((load > least) & (price < 0)).any()


@MANY
@given(exact_problems())
def test_the_prices_of_a_largest_flow_prove_it(posed: Problem) -> None:
    network, gains = network_and_gains(posed)
    worth = np.rint(gains * 1000).astype(np.int64)
    try:
        made = largest_flow(network, worth, plain_hub(network.limits))
    except Infeasible:
        return
    prices_prove(network, worth, made)


def test_the_price_of_an_expert_is_what_one_more_place_brings() -> None:
    # e1 is wanted by both; s2 makes do with .2 at e2. One more place at e1 brings .7 − .2.
    posed = problem([[0.9, 0.1], [0.7, 0.2]])
    network, gains = network_and_gains(posed)
    worth = np.rint(gains * 10).astype(np.int64)
    prices = dual_prices(network, worth, largest_flow(network, worth, plain_hub(network.limits)), -10_000)
    assert prices.experts.tolist() == [5, 0]


def random_table(draw: np.random.Generator, rows: int, columns: int) -> Problem:
    """Return a problem larger than a first network, with minimums on both sides and pairs that may not be made."""
    scores = draw.random((rows, columns)).round(int(draw.integers(1, 17)))
    scores[draw.random(scores.shape) < 0.2] = NO
    startup_max, expert_max = draw.integers(0, 4, rows), draw.integers(0, 6, columns)
    posed = problem(
        scores,
        np.minimum((draw.random(rows) < 0.2).astype(int), startup_max),
        startup_max,
        np.minimum((draw.random(columns) < 0.2).astype(int), expert_max),
        expert_max,
    )
    return replace(posed, worth=draw.choice([0.5, 1.0, 2.0], rows), bans=((0, 0), (rows - 1, columns - 1)))


def table_of(scores: np.ndarray) -> Table:
    """Return a table whose order is the one it is written in."""
    return Table(problem(scores), Order(*(np.arange(count) for count in scores.shape)))


def solved_on_few(posed: Problem) -> Sequence[Position]:
    order = Order.drawn(posed)
    return order.restored(assign_table(Table(posed, order), order.of_limits(limits_of(posed))))


@pytest.mark.parametrize("share", [0.1, 0.7])
@pytest.mark.parametrize("seed", range(10))
def test_a_table_some_rows_at_a_time_is_the_table_in_its_order(seed: int, share: float) -> None:
    draw = np.random.default_rng(seed)
    posed = random_table(draw, 20, 30)
    order = Order.drawn(posed)
    ordered, table = order.of(posed), Table(posed, order)
    whole = np.where(ordered.open, ordered.gains, -np.inf)
    rows, columns = np.flatnonzero(draw.random(20) < 0.7), np.flatnonzero(draw.random(30) < share)
    count, prices = min(5, len(columns)), draw.random(30)
    np.testing.assert_array_equal(table.of(*np.divmod(np.arange(600), 30)), whole.ravel())
    with patch.object(tables, "_CELLS", 60):
        values, found = table.search(rows, columns, prices, count)
        above = table.above(prices[:20], prices)
    left = (whole - prices)[np.ix_(rows, columns)]
    np.testing.assert_array_equal(values, -np.sort(-left, axis=1)[:, :count])
    np.testing.assert_array_equal(values, (whole - prices)[rows[:, None], found])
    np.testing.assert_array_equal(above, np.nonzero(whole - prices >= prices[:20, None]))


@pytest.mark.parametrize("seed", range(25))
def test_a_table_solved_on_few_pairs_has_the_total_of_one_solved_whole(seed: int) -> None:
    draw = np.random.default_rng(seed)
    posed = random_table(draw, int(draw.integers(40, 120)), int(draw.integers(30, 90)))
    network, gains = network_and_gains(posed)
    whole = network.pairs(largest_total(network, gains))
    few = solved_on_few(posed)
    # Decimals tie as decimals, whose nearest fractions of two may not.
    assert float(exact_value(posed, few)[0]) == pytest.approx(float(exact_value(posed, whole)[0]), rel=0, abs=1e-12)
    assert len(few) == len(whole)


@pytest.mark.parametrize("seed", range(10))
def test_a_network_solved_near_any_prices_is_solved_as_a_whole(seed: int) -> None:
    draw = np.random.default_rng(seed)
    network, gains = network_and_gains(random_table(draw, 60, 40))
    misled = solve_network(network, gains, draw.random(len(gains)), left=0.0)
    whole = solve_network(network, gains, None, left=0.0)
    assert (misled.total, misled.short) == (pytest.approx(whole.total), whole.short)
    assert misled.surplus[~misled.made].max() <= 1e-12


def test_a_table_large_enough_for_sampled_prices_has_the_total_of_scipys_hungarian_on_slots() -> None:
    draw = np.random.default_rng(0)
    groups = draw.random((4, 4))
    scores = groups[draw.integers(4, size=2000)][:, draw.integers(4, size=500)] + 0.3 * draw.random((2000, 500))
    posed = problem(scores, expert_max=4)
    slots = np.repeat(posed.scores, 4, axis=1)
    rows, columns = linear_sum_assignment(slots, maximize=True)
    assert best_assignment(posed).total == pytest.approx(float(slots[rows, columns].sum()), rel=1e-12)


def test_a_large_table_of_equal_scores_fills_every_place() -> None:
    found = best_assignment(problem(np.full((700, 300), 0.5), expert_max=2))
    assert (found.total, len(found.pairs)) == (300.0, 600)


def test_a_large_table_of_which_nobody_may_take_any_has_no_pairs() -> None:
    draw = np.random.default_rng(0)
    for limits in ({"startup_max": 0}, {"expert_max": 0}):
        found = best_assignment(problem(draw.random((600, 400)), **limits))
        assert (found.pairs, found.status) == ((), Status.OPTIMAL)


@pytest.mark.parametrize("seed", range(5))
def test_a_table_whose_minimums_cannot_hold_is_infeasible_on_few_pairs_too(seed: int) -> None:
    draw = np.random.default_rng(seed)
    posed = problem(draw.random((60, 40)), startup_min=1, expert_max=1)
    with pytest.raises(Infeasible):
        solved_on_few(posed)


def test_nobody_and_nothing_are_ordinary_input() -> None:
    nobody = np.zeros(0, dtype=np.intp)
    for rows, columns in ((0, 0), (0, 2), (2, 0)):
        zeros = [np.zeros(count, dtype=np.intp) for count in (rows, rows, columns, columns)]
        assert not largest_total(Network(nobody, nobody, Limits(*zeros)), np.zeros(0)).any()


# ---- vectors


def clustered(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return 600 startups and 120 experts around a few subjects, so that a startup's best experts are everybody's."""
    draw = np.random.default_rng(seed)
    centres = draw.normal(size=(4, 16))
    sides = [centres[draw.integers(4, size=count)] + 0.8 * draw.normal(size=(count, 16)) for count in (600, 120)]
    one, other = ((side / np.linalg.norm(side, axis=1, keepdims=True)).astype(np.float32) for side in sides)
    return one, other


def posed_in_vectors(seed: int, startup_min: int, expert_max: int) -> VectorProblem:
    startups, experts = clustered(seed)
    one, none = np.ones(600, dtype=np.intp), np.zeros(120, dtype=np.intp)
    return VectorProblem(startups, experts, one * startup_min, one, none, none + expert_max)


def scores_of(posed: VectorProblem) -> np.ndarray:
    return np.asarray(posed.startup_vectors.astype(float) @ posed.expert_vectors.T.astype(float))


def best_by_slots(posed: VectorProblem) -> float:
    return best_on_slots(scores_of(posed), posed.expert_max)


def best_on_slots(scores: np.ndarray, places: np.ndarray) -> float:
    slots = np.repeat(scores, places, axis=1)
    rows, columns = linear_sum_assignment(slots, maximize=True)
    return float(slots[rows, columns].sum())


@pytest.mark.parametrize("startup_min", [0, 1])
@pytest.mark.parametrize("seed", range(3))
def test_vectors_have_the_total_of_scipys_hungarian_on_slots(seed: int, startup_min: int) -> None:
    posed = posed_in_vectors(seed, startup_min, expert_max=5)
    found = assign_vectors(posed, certify=True, report=lambda stage: None)
    assert found.status is Status.OPTIMAL
    assert found.total == pytest.approx(best_by_slots(posed), rel=1e-6)
    assert found.bound >= best_by_slots(posed) - 1e-9


def crowded(seed: int, shift: float = 0.0) -> VectorProblem:
    """Return 300 startups, 225 of them on a subject of 40 experts; there are as many places as startups, 3 each.

    shift: is added to every score.
    """
    draw = np.random.default_rng(seed)
    centres = draw.normal(size=(2, 8))
    subjects = np.repeat([0, 1], [225, 75]), np.repeat([0, 1], [40, 60])
    sides = [centres[subject] + 0.2 * draw.normal(size=(len(subject), 8)) for subject in subjects]
    shifts = 1.0, shift
    startups, experts = (
        np.insert(side, 0, one, axis=1).astype(np.float32) for side, one in zip(sides, shifts, strict=True)
    )
    one, none = np.ones(300, dtype=np.intp), np.zeros(100, dtype=np.intp)
    return VectorProblem(startups, experts, one, one, none, none + 3)


@pytest.mark.parametrize("shift", [0, -40])
@pytest.mark.parametrize("seed", range(3))
def test_what_a_first_network_cannot_meet_is_not_called_infeasible_without_a_proof(seed: int, shift: float) -> None:
    """The best thirty experts of each startup are of its own subject: there, at least 105 go without."""
    posed = crowded(seed, shift)
    found = assign_vectors(posed, certify=False, report=lambda stage: None)
    assert len(found.pairs) == 300
    slack = 1e-9 * (1 - shift) * 300
    assert found.total <= best_by_slots(posed) + slack <= found.bound + 2 * slack


def test_minimums_that_cost_something_are_proved_too() -> None:
    posed = crowded(0, shift=-40)
    found = assign_vectors(posed, certify=True, report=lambda stage: None)
    assert found.status is Status.OPTIMAL
    assert found.total == pytest.approx(best_by_slots(posed), rel=1e-6)


def exact_bound(priced: Priced, scores: np.ndarray) -> float:
    """Return what weak duality makes of the prices, over all pairs but those made: these are in the bound already."""
    above = scores - priced.u[:, None] - priced.p
    above[priced.network.rows[priced.made], priced.network.columns[priced.made]] = 0
    limits = priced.network.limits
    bound = float((limits.startup_max * np.maximum(above.max(axis=1), 0)).sum())
    bound += float((limits.startup_max * np.maximum(priced.u, 0) + limits.startup_min * np.minimum(priced.u, 0)).sum())
    bound += float((limits.expert_max * np.maximum(priced.p, 0) + limits.expert_min * np.minimum(priced.p, 0)).sum())
    return bound + float(np.maximum(priced.surplus[priced.made], 0).sum())


@pytest.mark.parametrize("later", [1, 2, 5])
@pytest.mark.parametrize("seed", range(4))
def test_in_every_round_no_pair_outside_the_network_is_forgotten(
    seed: int, later: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ceiling covers what a search left out, and what it found and did not add: so the bound is no lower than it."""
    monkeypatch.setattr(pricing, "_FIRST", 1)
    monkeypatch.setattr(pricing, "_LATER", later)
    draw = np.random.default_rng(seed)
    scores = draw.random((60, 25)) + 0.5 * draw.random(25)
    least, one = np.zeros(60, dtype=np.intp), np.ones(60, dtype=np.intp)
    limits = Limits(least, one, least[:25], 2 * one[:25])
    rounds: list[Priced] = []

    def is_enough(found: Priced) -> bool:
        rounds.append(found)
        return False

    pricing.solve_priced(table_of(scores), limits, is_enough, lambda stage: None)
    assert len(rounds) > 2
    for found in rounds:
        assert found.bound >= exact_bound(found, scores) - 1e-9


@pytest.mark.parametrize("sampled_from", [0, 1_000_000])
@pytest.mark.parametrize("tolerance", [np.inf, 1e-2, 1e-3, 1e-5, 0.0])
@pytest.mark.parametrize("seed", range(2))
def test_whenever_the_search_stops_its_bound_is_above_the_best(
    seed: int, tolerance: float, sampled_from: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it begins with prices or without, and however few pairs it adds at a time."""
    monkeypatch.setattr(pricing, "_SAMPLED_FROM", sampled_from)
    monkeypatch.setattr(pricing, "_FIRST", 4)
    monkeypatch.setattr(pricing, "_LATER", 2)
    posed = crowded(seed)
    scores = scores_of(posed)
    limits = Limits(0 * posed.startup_max, posed.startup_max, posed.expert_min, posed.expert_max)
    priced = pricing.solve_priced(table_of(scores), limits, lambda found: found.gap <= tolerance, lambda stage: None)
    # Who may go without goes without rather than below 0.
    best = best_on_slots(np.maximum(scores, 0), posed.expert_max)
    assert priced.total <= best + 1e-9 <= priced.bound + 2e-9
    assert priced.gap <= max(tolerance, 1e-9)


def test_with_places_for_everybody_every_pair_of_a_positive_score_is_made_and_proved() -> None:
    places = np.full(3, 9, dtype=np.intp)
    ones = np.ones((3, 2), dtype=np.float32)
    found = assign_vectors(VectorProblem(ones, ones, 0 * places, places, 0 * places, places), True, lambda stage: None)
    assert (len(found.pairs), found.total, found.status) == (9, 18.0, Status.OPTIMAL)


def test_vectors_whose_limits_cannot_hold_have_the_conflict_of_their_table() -> None:
    posed = posed_in_vectors(0, startup_min=1, expert_max=4)
    with pytest.raises(Infeasible) as infeasible:
        assign_vectors(posed, certify=True, report=lambda stage: None)
    assert infeasible.value.conflict == explain_conflict(posed.as_table())
    assert infeasible.value.conflict is not None
    assert (infeasible.value.conflict.needed, infeasible.value.conflict.available) == (481, 480)


def test_vectors_too_many_for_a_table_have_a_conflict_too_and_say_that_nothing_is_mended() -> None:
    draw, one = np.random.default_rng(0), np.ones(2001, dtype=np.intp)
    startups, experts = (draw.normal(size=(count, 2)).astype(np.float32) for count in (2001, 500))
    posed = VectorProblem(startups, experts, one, one, 0 * one[:500], 4 * one[:500])
    told = "only 2000 places are open to them: expert 0 .* and 492 more; in so large a problem it is not sought"
    with pytest.raises(Infeasible, match=rf"2001 startups \(startup 0, .* need 2001 pairs, {told}") as infeasible:
        assign_vectors(posed, certify=True, report=lambda stage: None)
    conflict = infeasible.value.conflict
    assert conflict is not None
    assert (len(conflict.startups), len(conflict.experts), conflict.relaxations) == (2001, 500, ())
    assert (conflict.needed, conflict.available) == (2001, 2000)


def test_one_that_needs_more_partners_than_there_are_is_found_among_many() -> None:
    one = np.ones(2001, dtype=np.intp)
    least = np.where(np.arange(2001) == 1234, 501, 0)
    vectors = np.ones((2001, 2), dtype=np.float32)
    posed = VectorProblem(vectors, vectors[:500], least, one + least, 0 * one[:500], 9999 * one[:500])
    with pytest.raises(Infeasible, match=r"1 startup \(startup 1234\) needs 501 pairs, only 500 pairs are open to it"):
        assign_vectors(posed, certify=True, report=lambda stage: None)
