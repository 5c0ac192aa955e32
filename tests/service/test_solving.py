"""Which steps of an assignment run in a child process, where time and Ctrl-C can end them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from matcher.assignment.solve import assign
from matcher.errors import Infeasible
from service import solving
from service.solving import Solving
from tests.matcher.assignment.small_problems import problem


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return what is filled with the seconds of each child, whose work is done here."""
    seconds: list[float] = []

    def run_here(work: Callable[..., Any], *given: Any, **how: Any) -> Any:
        seconds.append(how["seconds"])
        return work(how["report"], *given)

    monkeypatch.setattr(solving, "run_in_child", run_here)
    return seconds


def posed(count: int, least: int) -> Any:
    """Return a problem for the flow, of count × count pairs; a place each."""
    return problem(np.random.default_rng(0).random((count, count)), startup_min=least, startup_max=2)


def solve_in(seconds: float) -> Solving:
    return Solving(seconds, lambda stage: None)


def test_a_flow_of_some_thousand_pairs_needs_no_child(taken: list[float]) -> None:
    assert len(assign(posed(40, 1), solving=solve_in(60)).pairs) == 40
    assert not taken


def test_its_conflict_is_explained_in_a_child_that_is_ended_a_quarter_later(taken: list[float]) -> None:
    with pytest.raises(Infeasible) as caught:
        assign(posed(40, 2), solving=solve_in(60))
    assert caught.value.conflict is not None
    assert caught.value.conflict.needed == 42
    assert taken == [75.0]


def test_best_effort_is_made_in_a_child(taken: list[float]) -> None:
    assert len(assign(posed(40, 2), best_effort=True, solving=solve_in(4)).pairs) == 40
    assert taken == [9.0]


def test_a_small_conflict_is_explained_here(taken: list[float]) -> None:
    with pytest.raises(Infeasible):
        assign(posed(3, 2), solving=solve_in(60))
    assert not taken
