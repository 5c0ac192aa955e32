"""A conflict names whose limits cannot hold together: nobody too few, nobody too many."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, event, given
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from matcher.assignment.infeasibility.blocking import Blocking, Holder
from matcher.assignment.infeasibility.conflict import explain_conflict
from matcher.assignment.infeasibility.hall import blocking_without_quotas
from matcher.assignment.infeasibility.quickxplain import quickxplain
from matcher.assignment.infeasibility.quota_blocking import blocking_with_quotas
from matcher.assignment.infeasibility.transport import Transport
from matcher.assignment.problem import PositionQuota, Problem
from matcher.errors import BadInput
from tests.matcher.assignment import brute_force
from tests.matcher.assignment.cramped import can_hold, cramped_problems, named_by, with_only
from tests.matcher.assignment.linear_oracle import can_hold_by_highs
from tests.matcher.assignment.small_problems import NO, problem
from tests.matcher.strategies import drawn

DRAWN = drawn(40)


def quota(name: str, rows: Iterable[int], columns: Iterable[int], least: int, most: int | None) -> PositionQuota:
    return PositionQuota(name, frozenset(rows), frozenset(columns), least, most)


def assert_blocks(posed: Problem, named: set[tuple[str, object]], holds: Callable[[Problem], bool] = can_hold) -> None:
    assert not holds(with_only(posed, named))
    for one in named:
        assert holds(with_only(posed, named - {one})), f"{one} is not needed"


# --- against all sets of pairs ---------------------------------------------------------------------------------


@DRAWN
@given(cramped_problems())
def test_the_conflict_cannot_hold_alone_and_can_without_any_one_that_it_names(posed: Problem) -> None:
    assume(not can_hold(posed))
    conflict = explain_conflict(posed)
    event(f"quotas: {bool(conflict.quotas)}, pins: {bool(conflict.pins)}, counts: {conflict.needed is not None}")
    assert_blocks(posed, named_by(conflict))


@DRAWN
@given(cramped_problems())
def test_where_all_limits_can_hold_there_is_nothing_to_explain(posed: Problem) -> None:
    assume(can_hold(posed))
    with pytest.raises(BadInput, match="can hold together"):
        explain_conflict(posed)


@DRAWN
@given(cramped_problems())
def test_counts_are_the_minimums_and_the_most_pairs_that_the_maximums_allow_them(posed: Problem) -> None:
    assume(not can_hold(posed))
    conflict = explain_conflict(posed)
    assert (conflict.needed is None) == (conflict.available is None) == bool(conflict.pins or conflict.quotas)
    assume(conflict.needed is not None)
    assert (conflict.needed, conflict.available) in {
        counts(posed, conflict.startups, conflict.experts),
        counts(transposed(posed), conflict.experts, conflict.startups),
    }
    assert conflict.needed > conflict.available


def counts(posed: Problem, needing: tuple[str, ...], full: tuple[str, ...]) -> tuple[int, int]:
    """Return the minimums of these rows and, of all sets of pairs, the most they get under these columns' maximums."""
    rows = [posed.startup_ids.index(id_) for id_ in needing]
    columns = [posed.expert_ids.index(id_) for id_ in full]
    sets = brute_force.every_set(posed)[:, rows]
    sets = sets[(sets.sum(axis=1)[:, columns] <= posed.expert_max[columns]).all(axis=1)]
    made = np.minimum(sets.sum(axis=2), posed.startup_min[rows]).sum(axis=1)
    return int(posed.startup_min[rows].sum()), int(made.max())


def transposed(posed: Problem) -> Problem:
    return problem(
        posed.scores.T,
        startup_min=posed.expert_min,
        startup_max=posed.expert_max,
        expert_min=posed.startup_min,
        expert_max=posed.startup_max,
        startup_ids=posed.expert_ids,
        expert_ids=posed.startup_ids,
        bans=tuple((column, row) for row, column in posed.bans),
    )


@DRAWN
@given(cramped_problems())
def test_the_linear_model_by_itself_finds_an_irreducible_set_wherever_there_is_one(posed: Problem) -> None:
    blocking = blocking_with_quotas(posed)
    assert (blocking is None) == can_hold(posed)
    assume(blocking is not None)
    named = named_in(posed, blocking)
    event(f"quotas: {any(kind == 'quota' for kind, _ in named)}, pins: {any(kind == 'pin' for kind, _ in named)}")
    assert_blocks(posed, named)


def named_in(posed: Problem, blocking: Blocking) -> set[tuple[str, object]]:
    ids = {
        Holder.STARTUP: posed.startup_ids,
        Holder.EXPERT: posed.expert_ids,
        Holder.QUOTA: [one.name for one in posed.quotas],
        Holder.PIN: [(posed.startup_ids[row], posed.expert_ids[column]) for row, column in posed.pins],
    }
    return {(holder.value, names[at]) for holder, names in ids.items() for at in blocking.all_of(holder)}


@DRAWN
@given(cramped_problems())
def test_the_minimums_and_maximums_that_the_message_tells_of_cannot_hold_by_themselves(posed: Problem) -> None:
    blocking = blocking_without_quotas(posed) or blocking_with_quotas(posed)
    assume(blocking is not None)
    assert not can_hold(one_sided(posed, blocking))


def one_sided(posed: Problem, blocking: Blocking) -> Problem:
    def least(holder: Holder, limits: np.ndarray) -> np.ndarray:
        return np.where(np.isin(np.arange(len(limits)), blocking.needing(holder)), limits, 0)

    def most(holder: Holder, limits: np.ndarray) -> np.ndarray:
        return np.where(np.isin(np.arange(len(limits)), blocking.limiting(holder)), limits, limits + 9)

    needing, limiting = blocking.needing(Holder.QUOTA), blocking.limiting(Holder.QUOTA)
    return replace(
        posed,
        startup_min=least(Holder.STARTUP, posed.startup_min),
        startup_max=most(Holder.STARTUP, posed.startup_max),
        expert_min=least(Holder.EXPERT, posed.expert_min),
        expert_max=most(Holder.EXPERT, posed.expert_max),
        pins=tuple(posed.pins[at] for at in blocking.needing(Holder.PIN)),
        quotas=tuple(
            replace(one, least=one.least if at in needing else 0, most=one.most if at in limiting else None)
            for at, one in enumerate(posed.quotas)
        ),
    )


# --- against HiGHS -----------------------------------------------------------------------------------------------


def random_problem(seed: int) -> Problem:
    draw = np.random.default_rng(seed)
    rows, columns = draw.integers(6, 13, size=2)
    scores = np.where(draw.random((rows, columns)) < draw.uniform(0.2, 0.9), 0.5, NO)
    startup_min, expert_min = draw.integers(0, 3, rows), draw.integers(0, 3, columns)
    cells = [tuple(cell) for cell in draw.integers(0, [rows, columns], size=(6, 2)).tolist()]
    quotas = tuple(
        quota(
            f"q{at}", np.flatnonzero(draw.random(rows) < 0.5), np.flatnonzero(draw.random(columns) < 0.5), least, most
        )
        for at, (least, most) in enumerate([(0, 3), (2, 5), (4, None)][: draw.integers(0, 4)])
    )
    return problem(
        scores,
        startup_min=startup_min,
        startup_max=startup_min + draw.integers(0, 3, rows),
        expert_min=expert_min,
        expert_max=expert_min + draw.integers(0, 3, columns),
        pins=tuple(cells[: draw.integers(0, 3)]),
        bans=tuple(cells[3 : 3 + draw.integers(0, 4)]),
        quotas=quotas,
    )


@pytest.mark.parametrize("seed", range(40))
def test_up_to_12_by_12_highs_agrees_that_it_is_irreducible(seed: int) -> None:
    posed = random_problem(seed)
    if can_hold_by_highs(posed):
        with pytest.raises(BadInput):
            explain_conflict(posed)
    else:
        assert_blocks(posed, named_by(explain_conflict(posed)), can_hold_by_highs)
        assert_blocks(posed, named_in(posed, blocking_with_quotas(posed)), can_hold_by_highs)


def test_highs_saw_conflicts_with_quotas_and_without() -> None:
    conflicts = [explain_conflict(p) for p in map(random_problem, range(40)) if not can_hold_by_highs(p)]
    assert sum(bool(one.quotas) for one in conflicts) >= 3
    assert sum(not one.quotas for one in conflicts) >= 10


# --- known answers -----------------------------------------------------------------------------------------------


def explained(posed: Problem) -> tuple[set[tuple[str, object]], str]:
    conflict = explain_conflict(posed)
    return named_by(conflict), conflict.message


def test_row_6_orm_284_185_103_287_infeasible_without_saying_why_or_what_would_mend_it() -> None:
    scores = np.full((4, 4), 0.5)
    scores[:3, 2:] = NO
    scores[2, 2] = 0.5
    posed = problem(scores, startup_min=[2, 2, 1, 0], startup_max=2, expert_max=[2, 2, 9, 9], bans=((2, 2),))
    conflict = explain_conflict(posed)
    assert (conflict.startups, conflict.experts) == (("s1", "s2", "s3"), ("e1", "e2"))
    assert (conflict.needed, conflict.available) == (5, 4)
    assert conflict.message == (
        "3 startups (s1, s2, s3) need 5 pairs, only 4 places are open to them: e1 (2), e2 (2); "
        "5 of their pairs are not eligible, 1 is banned"
    )
    assert "raise e2's max from 2 to 3" in [one.message for one in conflict.relaxations]


def test_startups_that_compete_for_one_expert_are_named_with_it_and_nobody_else_is() -> None:
    posed = problem([[0.5, NO, NO], [0.4, NO, NO], [0.5, 0.5, 0.5]], startup_min=1)
    named, message = explained(posed)
    assert named == {("startup", "s1"), ("startup", "s2"), ("expert", "e1")}
    assert message.startswith("2 startups (s1, s2) need 2 pairs, only 1 place is open to them: e1 (1)")


def test_experts_whose_minimums_exceed_the_startups_places() -> None:
    posed = problem(np.full((2, 3), 0.5), expert_min=1)
    named, message = explained(posed)
    assert named == {("startup", "s1"), ("startup", "s2"), *(("expert", f"e{at}") for at in (1, 2, 3))}
    assert message == "3 experts (e1, e2, e3) need 3 pairs, only 2 places are open to them: s1 (1), s2 (1)"


def test_a_startup_that_needs_more_than_it_has_eligible_pairs_is_alone() -> None:
    posed = problem([[0.5, NO, 0.3, 0.2]], startup_min=3, startup_max=3, bans=((0, 2),))
    conflict = explain_conflict(posed)
    assert named_by(conflict) == {("startup", "s1")}
    assert (conflict.needed, conflict.available) == (3, 2)
    assert conflict.message == (
        "1 startup (s1) needs 3 pairs, only 2 pairs are open to it; 1 of its pairs is not eligible, 1 is banned"
    )


def test_pairs_with_experts_that_have_room_count_as_available() -> None:
    posed = problem([[0.5, 0.5, 0.5], [NO, NO, NO]], startup_min=[3, 0], startup_max=3, expert_max=[0, 0, 1])
    conflict = explain_conflict(posed)
    assert (conflict.needed, conflict.available) == (3, 2)
    assert conflict.message == "1 startup (s1) needs 3 pairs, only 2 places are open to it: e2 (0), and 2 with others"


def test_pairs_without_a_score_are_counted_by_what_rules_them_out_and_those_that_nothing_does_apart() -> None:
    posed = problem([[NO, NO, NO, 0.5]], startup_min=3, startup_max=3, bans=((0, 3),))
    rules = [("conflict", np.array([[True, False, False, False]])), ("region", np.array([[True, True, False, False]]))]
    needs = "1 startup (s1) needs 3 pairs, no pair is open to it; "
    assert explain_conflict(posed).message == f"{needs}3 of its pairs are not eligible, 1 is banned"
    told = "1 of its pairs is ruled out by conflict, 1 by region, 1 is not eligible, 1 is banned"
    assert explain_conflict(posed, rules).message == needs + told


def test_those_that_take_most_are_told_first() -> None:
    posed = problem(np.full((2, 3), 0.5), startup_min=2, startup_max=2, expert_max=[0, 1, 2])
    assert explain_conflict(posed).message == (
        "2 startups (s1, s2) need 4 pairs, only 3 places are open to them: e2 (1), e1 (0), and 2 with others"
    )


def test_the_smaller_of_two_conflicts_is_named_on_whichever_side_it_is() -> None:
    scores = np.array([[0.5, NO, NO], [0.5, NO, NO], [NO, NO, NO]])
    posed = problem(scores, startup_min=[1, 1, 0], expert_min=[0, 0, 1])
    assert explained(posed)[0] == {("expert", "e3")}
    assert explained(transposed(posed))[0] == {("startup", "e3")}


def test_a_pin_takes_no_place_beside_the_minimum_of_its_own_startup() -> None:
    scores = [[0.5, NO, 0.5], [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]]
    pins = ((1, 2), (2, 2), (2, 1), (1, 0))
    posed = problem(scores, startup_min=[1, 2, 3], startup_max=9, expert_max=2, pins=pins)
    assert_blocks(posed, named_by(explain_conflict(posed)))


def test_a_pinned_pair_counts_once() -> None:
    posed = problem([[0.5, NO]], startup_min=2, startup_max=2, expert_max=2, pins=((0, 0),))
    assert explained(posed)[0] == {("startup", "s1")}


def test_two_pins_on_one_place() -> None:
    posed = problem([[0.5, 0.5], [0.4, 0.5]], pins=((0, 0), (1, 0)))
    named, message = explained(posed)
    assert named == {("pin", ("s1", "e1")), ("pin", ("s2", "e1")), ("expert", "e1")}
    assert message == "2 pins (s1 with e1, s2 with e1) need 2 places, only 1 place is open to them: e1 (1)"


def test_pins_beyond_the_maximum_of_a_startup() -> None:
    named, message = explained(problem([[0.5, 0.5]], pins=((0, 0), (0, 1))))
    assert named == {("pin", ("s1", "e1")), ("pin", ("s1", "e2")), ("startup", "s1")}
    assert message == "2 pins (s1 with e1, s1 with e2) need 2 places, only 1 place is open to them: s1 (1)"


def test_a_pin_in_the_place_that_a_minimum_needs() -> None:
    named, message = explained(problem([[0.5], [0.5]], startup_min=[0, 1], pins=((0, 0), (0, 0))))
    assert named == {("pin", ("s1", "e1")), ("startup", "s2"), ("expert", "e1")}
    assert message == (
        "1 startup (s2) needs 1 pair and 1 pin (s1 with e1) needs 1 place, only 1 place is open to them: e1 (1)"
    )


def test_a_pin_alone_where_its_pair_is_banned() -> None:
    named, message = explained(problem([[0.5], [0.5]], startup_min=1, pins=((1, 0),), bans=((1, 0),)))
    assert named == {("pin", ("s2", "e1"))}
    assert message == "the pin of s2 with e1 cannot hold: the pair is banned"


def test_a_pin_alone_where_its_pair_is_not_eligible() -> None:
    named, message = explained(problem([[0.5], [NO]], pins=((1, 0),), bans=((1, 0),)))
    assert named == {("pin", ("s2", "e1"))}
    assert message == "the pin of s2 with e1 cannot hold: the pair is not eligible"


def test_the_maximum_of_a_quota_against_the_minimums_of_startups() -> None:
    group = quota("서울", [0, 1, 2], [0, 1], 0, 2)
    named, message = explained(problem(np.full((4, 2), 0.5), startup_min=1, expert_max=9, quotas=(group,)))
    assert named == {("quota", "서울"), ("startup", "s1"), ("startup", "s2"), ("startup", "s3")}
    assert message == (
        "3 startups (s1, s2, s3) need 3 pairs, but quota '서울' (3 startups × 2 experts) allows at most 2 pairs"
    )


def test_the_minimum_of_a_quota_against_the_maximum_of_an_expert() -> None:
    group = quota("q", [0, 1], [0], 2, None)
    named, message = explained(problem(np.full((3, 2), 0.5), startup_max=2, quotas=(group,)))
    assert named == {("quota", "q"), ("expert", "e1")}
    assert message == "quota 'q' (2 startups × 1 expert) needs 2 pairs, but 1 expert takes at most 1 pair: e1 (1)"


def test_a_quota_against_a_quota() -> None:
    quotas = (quota("a", [0, 1], [0, 1], 3, None), quota("b", [0, 1], [0, 1, 2], 0, 2), quota("c", [2], [2], 0, 1))
    named, message = explained(problem(np.full((3, 3), 0.5), startup_max=2, expert_max=2, quotas=quotas))
    assert named == {("quota", "a"), ("quota", "b")}
    assert message == (
        "quota 'a' (2 startups × 2 experts) needs 3 pairs, "
        "but quota 'b' (2 startups × 3 experts) allows at most 2 pairs"
    )


def test_a_quota_that_needs_more_pairs_than_are_eligible_is_alone() -> None:
    posed = problem([[0.5, NO], [0.5, 0.5]], startup_max=9, expert_max=9, quotas=(quota("q", [0, 1], [0, 1], 4, None),))
    named, message = explained(posed)
    assert named == {("quota", "q")}
    assert message == (
        "quota 'q' (2 startups × 2 experts) needs 4 pairs, only 3 pairs are open to it; 1 of its pairs is not eligible"
    )


def test_the_minimum_of_a_quota_against_the_maximums_of_startups_that_have_a_minimum_too() -> None:
    posed = problem(np.full((2, 2), 0.5), startup_min=1, expert_max=9, quotas=(quota("q", [0, 1], [0, 1], 3, None),))
    named, message = explained(posed)
    assert named == {("quota", "q"), ("startup", "s1"), ("startup", "s2")}
    assert message == (
        "quota 'q' (2 startups × 2 experts) needs 3 pairs, but 2 startups take at most 2 pairs: s1 (1), s2 (1)"
    )


def test_startups_with_equal_limits_do_not_stand_for_each_other_where_they_are_in_other_quotas() -> None:
    quotas = (
        quota("q0", [1, 2, 3], [0], 1, 1),
        quota("q1", [0, 1, 3], [0], 0, 1),
        quota("q2", [1, 2, 3], [0], 1, 2),
    )
    posed = problem([[0.5]] * 4, startup_min=[1, 1, 1, 0], startup_max=[2, 2, 1, 0], expert_max=2, quotas=quotas)
    assert_blocks(posed, named_in(posed, blocking_with_quotas(posed)))


def test_startups_with_equal_limits_do_not_stand_for_each_other_where_they_have_unequally_many_pairs() -> None:
    scores = np.full((2, 5), 0.5)
    scores[0, 2:] = NO
    posed = problem(scores, expert_max=9, quotas=(quota("q", [0, 1], range(5), 5, None),))
    assert explained(posed)[0] == {("quota", "q"), ("startup", "s2")}


def test_a_pin_against_a_quota() -> None:
    named, _ = explained(problem([[0.5]], pins=((0, 0),), quotas=(quota("none of these", [0], [0], 0, 0),)))
    assert named == {("pin", ("s1", "e1")), ("quota", "none of these")}


def test_quotas_that_only_fractions_of_pairs_could_keep() -> None:
    # Each two of the three pairs of s1 sum to exactly 1: ½ each, and no whole numbers.
    three = tuple(quota(f"q{at}", [0], {0, 1, 2} - {at}, 1, 1) for at in range(3))
    named, _ = explained(problem([[0.5, 0.5, 0.5]], startup_max=3, quotas=three))
    assert named == {("quota", "q0"), ("quota", "q1"), ("quota", "q2")}


@pytest.mark.parametrize(
    ("posed", "named"),
    [
        (problem(np.zeros((1, 0)), startup_min=1), {("startup", "s1")}),
        (problem(np.zeros((0, 2)), expert_min=[0, 1]), {("expert", "e2")}),
        (problem(np.zeros((0, 0)), quotas=(quota("q", [], [], 1, None),)), {("quota", "q")}),
    ],
)
def test_minimums_where_the_other_side_is_empty(posed: Problem, named: set[tuple[str, object]]) -> None:
    assert explained(posed)[0] == named


def test_of_two_conflicts_the_smaller_is_named_and_a_conflict_without_quotas_first() -> None:
    scores = np.full((5, 5), NO)
    scores[:3, :2] = 0.5
    scores[3, 4] = 0.5
    quotas = (quota("q", [3], [4], 0, 0),)
    posed = problem(scores, startup_min=[1, 1, 1, 0, 1], quotas=quotas)
    assert explained(posed)[0] == {("startup", "s5")}
    both_sides = problem([[0.5, NO, NO], [0.5, NO, NO], [NO, 0.5, 0.5]], startup_min=[1, 1, 0], expert_min=[0, 1, 1])
    assert len(explained(both_sides)[0]) == 3


def test_long_lists_of_names_are_cut_in_the_message_only() -> None:
    posed = problem(
        np.full((20, 1), 0.5), startup_ids=tuple(f"회사 {at}" for at in range(20)), startup_min=1, expert_max=19
    )
    conflict = explain_conflict(posed)
    assert len(conflict.startups) == 20
    assert conflict.message == (
        "20 startups (회사 0, 회사 1, 회사 2, 회사 3, 회사 4, 회사 5, 회사 6, 회사 7 and 12 more) need 20 pairs, "
        "only 19 places are open to them: e1 (19)"
    )


def test_limits_far_beyond_the_number_of_pairs_do_no_harm() -> None:
    posed = problem(np.full((2, 2), 0.5), startup_min=[2**40, 0], startup_max=2**40, expert_max=2**40)
    conflict = explain_conflict(posed)
    assert (conflict.startups, conflict.needed, conflict.available) == (("s1",), 2**40, 2)


# --- size --------------------------------------------------------------------------------------------------------


def test_a_planted_blocking_set_is_found_in_1000_by_200() -> None:
    draw = np.random.default_rng(0)
    scores = np.where(draw.random((1000, 200)) < 0.9, 0.5, NO)
    scores[:30] = NO
    scores[:30, :5] = 0.5
    conflict = explain_conflict(
        problem(scores, startup_min=1, startup_max=3, expert_max=np.where(np.arange(200) < 5, 4, 6))
    )
    assert conflict.experts == ("e1", "e2", "e3", "e4", "e5")
    assert {*conflict.startups} < {f"s{at}" for at in range(1, 31)}
    assert (conflict.needed, conflict.available) == (21, 20)


def test_a_thousand_startups_that_share_one_quota_take_few_checks() -> None:
    posed = problem(
        np.full((1000, 20), 0.5), startup_min=1, expert_max=99, quotas=(quota("all", range(1000), range(20), 0, 900),)
    )
    named, message = explained(posed)
    assert len(named) == 902
    assert message.endswith("but quota 'all' (1000 startups × 20 experts) allows at most 900 pairs")


# --- the parts -----------------------------------------------------------------------------------------------------


def is_short(may: np.ndarray, need: np.ndarray, capacity: np.ndarray) -> bool:
    """Return whether scipy's maximum flow leaves a row without what it needs."""
    rows, columns = may.shape
    graph = np.zeros((rows + columns + 2,) * 2, dtype=np.int32)
    graph[-2, :rows] = need
    graph[:rows, rows:-2] = may
    graph[rows:-2, -1] = capacity
    return maximum_flow(csr_array(graph), rows + columns, rows + columns + 1).flow_value < need.sum()


@pytest.mark.parametrize("seed", range(60))
def test_a_row_or_a_column_less_and_the_transport_is_served(seed: int) -> None:
    draw = np.random.default_rng(seed)
    may = draw.random((12, 8)) < draw.uniform(0.3, 1)
    need, capacity = draw.integers(0, 5, 12), draw.integers(0, 5, 8)
    transport = Transport.largest(may, need, capacity)
    assert transport.is_short == is_short(may, need, capacity)
    if transport.is_short:
        rows, columns = transport.irreducible(draw.permutation(12))

        def short_with(rows: np.ndarray, columns: np.ndarray) -> bool:
            in_rows, in_columns = np.isin(np.arange(12), rows), np.isin(np.arange(8), columns)
            return is_short(may, np.where(in_rows, need, 0), np.where(in_columns, capacity, 99))

        assert short_with(rows, columns)
        assert not any(short_with(np.delete(rows, at), columns) for at in range(len(rows)))
        assert not any(short_with(rows, np.delete(columns, at)) for at in range(len(columns)))


def test_quickxplain_prefers_what_comes_first_and_asks_little() -> None:
    asked = []

    def can_hold_all(numbers: list[int]) -> bool:
        asked.append(numbers)
        return not ({3, 700} <= {*numbers} or {600, 800, 900} <= {*numbers})

    assert quickxplain([], range(1000), can_hold_all) == [3, 700]
    assert len(asked) < 50
    assert quickxplain([3, 700], range(10, 20), can_hold_all) == []
