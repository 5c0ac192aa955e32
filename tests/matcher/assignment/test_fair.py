"""The fair objective on problems too large to try every set: a threshold and a maximum matching tell the answer.

With one place a startup, the most startups that can be served is a maximum matching, and the largest smallest
score is the highest threshold above which a matching of that size is left.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from matcher.assignment.problem import Problem
from matcher.assignment.result import Assignment
from matcher.assignment.solve import assign
from matcher.program import Objective
from tests.matcher.assignment.small_problems import problem

KINDS = ("any", "coarse", "close")


def drawn(kind: str, seed: int) -> Problem:
    """Return 12 startups with one place each and 8 experts with up to two, half of the pairs eligible."""
    draw = np.random.default_rng([KINDS.index(kind), seed])
    shape = (12, 8)
    scores = {
        "any": draw.random(shape).round(6),
        "coarse": draw.choice([0.0, 0.25, 0.5, 1.0], shape),
        "close": 0.5 + draw.integers(0, 5, shape) / 1e6,
    }[kind]
    scores[draw.random(shape) < 0.5] = np.nan
    return problem(scores, expert_max=draw.integers(0, 3, shape[1]), objective=Objective.FAIR, serve_most=True)


def most_served(posed: Problem, threshold: float) -> int:
    able = np.repeat(np.nan_to_num(posed.scores, nan=-1.0) >= threshold, posed.expert_max, axis=1)
    return int((maximum_bipartite_matching(csr_array(able)) >= 0).sum())


def served_and_worst_by_threshold(posed: Problem) -> tuple[int, float]:
    served = most_served(posed, 0.0)
    levels = np.unique(posed.scores[~np.isnan(posed.scores)])
    return served, max(level for level in levels if most_served(posed, level) == served)


def served_and_worst(posed: Problem, found: Assignment) -> tuple[int, float]:
    return len(found.pairs), min(posed.scores[pair] for pair in found.pairs)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(12))
def test_fair_serves_the_most_startups_and_then_lifts_the_worst_off(kind: str, seed: int) -> None:
    posed = drawn(kind, seed)
    expected = served_and_worst_by_threshold(posed)
    assert served_and_worst(posed, assign(posed)) == pytest.approx(expected, rel=0, abs=1e-7)


def test_fair_survives_ties_among_startups_that_compete_for_one_place() -> None:
    nan = float("nan")
    posed = problem(
        [[0.0, 0.0, 0.0], [0.0, nan, 0.25], [nan, 1.0, 1.0]],
        expert_max=[0, 0, 1],
        worth=0.5,
        objective=Objective.FAIR,
        startup_ids=("s0", "s1", "s2"),
        expert_ids=("e0", "e1", "e2"),
    )
    assert assign(posed).pairs == ((2, 2),)


def test_fair_survives_scores_that_differ_by_a_millionth() -> None:
    posed = problem(
        [[0.5], [0.5], [0.500001]],
        startup_max=[0, 1, 0],
        objective=Objective.FAIR,
        startup_ids=("s0", "s1", "s2"),
        expert_ids=("e0",),
    )
    assert assign(posed).pairs == ((1, 0),)


@pytest.mark.parametrize("serve_most", [False, True])
@pytest.mark.parametrize("first", [0.2, 0.123457, 0.200001])
def test_fair_with_several_places_asks_highs_nothing_that_it_gives_up_on(
    first: float, serve_most: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    """A threshold half a millionth above the best, .4, is where HiGHS could not tell whether it holds."""
    scores = [[first, 0.5, 0.1, 0.1, 0.5, 0.0], [0.2, 0.2, 0.0, 0.0, 0.2, 0.2], [0.0, 0.5, 0.0, 0.1, 0.2, 0.5]]
    posed = problem(scores, startup_max=3, objective=Objective.FAIR, serve_most=serve_most)
    found = assign(posed)
    sums = [sum(posed.scores[pair] for pair in found.pairs if pair[0] == row) for row in range(3)]
    assert min(sums) == pytest.approx(0.4)
    assert capfd.readouterr().out == ""
