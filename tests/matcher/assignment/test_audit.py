"""Who would rather have whom, and what startups lack of their own best, beside plain loops over all pairs."""

from __future__ import annotations

import math

import pytest

from matcher.assignment import audit
from matcher.assignment.problem import Problem
from matcher.assignment.result import Assignment, Position
from matcher.assignment.solve import assign
from tests.matcher.assignment.mixed import feasible_problem

SEEDS = range(25)


@pytest.fixture(params=SEEDS)
def solved(request: pytest.FixtureRequest) -> tuple[Problem, Assignment]:
    posed = feasible_problem(request.param, "total", 12)
    return posed, assign(posed)


@pytest.fixture(params=[1, 30, 1_000_000])
def cells(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables looked at a row at a time, some rows at a time, and whole."""
    monkeypatch.setattr(audit, "_CELLS", request.param)


def got_by(pairs: tuple[Position, ...], end: int, at: int, posed: Problem) -> list[float]:
    return [float(posed.scores[pair]) for pair in pairs if pair[end] == at]


def least_wanted(got: list[float], most: int) -> float:
    """Return what a pair must score above for this end to prefer it: a free place is worth 0."""
    return 0.0 if len(got) < most else min(got, default=math.inf)


@pytest.mark.usefixtures("cells")
def test_pairs_that_would_rather_have_each_other_are_all_that_both_ends_prefer_and_have_not(solved) -> None:
    posed, found = solved
    expected = []
    for row, column in zip(*posed.open.nonzero(), strict=True):
        pair = int(row), int(column)
        startup = least_wanted(got_by(found.pairs, 0, pair[0], posed), int(posed.startup_max[row]))
        expert = least_wanted(got_by(found.pairs, 1, pair[1], posed), int(posed.expert_max[column]))
        if pair not in found.pairs and posed.scores[pair] > max(startup, expert):
            expected.append(pair)
    assert audit.blocking_pairs(posed, found) == expected


@pytest.mark.usefixtures("cells")
def test_the_own_best_of_a_startup_is_as_many_as_it_got_and_its_regret_what_they_have_more(solved) -> None:
    posed, found = solved
    wished, regrets = audit.own_best(posed, found), audit.regrets(posed, found)
    for row, may in enumerate(posed.open):
        got = got_by(found.pairs, 0, row, posed)
        count = max(len(got), 1) if posed.startup_max[row] else 0
        best = sorted((float(score) for score in posed.scores[row][may]), reverse=True)[:count]
        assert sorted(posed.scores[row][wished[row]].tolist(), reverse=True) == best
        assert regrets[row] == pytest.approx(max(sum(best) - sum(got), 0.0), abs=1e-12)
