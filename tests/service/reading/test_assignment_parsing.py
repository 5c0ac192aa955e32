"""Assignment problems in JSON: what they mean, and every mistake told by its field."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.assignment.problem import Problem
from matcher.program import Objective
from service.reading.assignment_mistakes import BadProblem
from service.reading.assignment_parsing import parse_problem

EVERY_KEY = {
    "id": "봄 2026",
    "objective": "fair",
    "seed": 7,
    "startups": [{"id": "s/1", "min": 1, "max": 2}, {"id": "새싹 둘"}],
    "experts": [{"id": "e1", "max": 3}, {"id": "e 2", "min": 1, "max": 1}, {"id": "s/1", "max": 0}],
    "scores": [[0.5, None, -2], [0.123456789, 0, 1e6]],
    "pins": [["s/1", "e1"], ["s/1", "e1"]],
    "bans": [["새싹 둘", "s/1"]],
    "quotas": [
        {"name": "둘", "startups": ["s/1"], "experts": ["e1", "e 2"], "min": 1, "max": 2},
        {"experts": ["e1"]},
        {"startups": [], "max": 0},
    ],
}
SMALL = {
    "startups": [{"id": "s1"}, {"id": "s2"}],
    "experts": [{"id": "e1", "max": 2}],
    "scores": [[0.5], [None]],
}
NO_COUNT = "expected a whole number from 0 to 1,000,000,000"
NO_ID = "expected an id of 1 to 500 printable characters"


def mistakes(changes: dict[str, Any] | None = None, **more: Any) -> list[str]:
    """Return what is wrong with the small problem after these changes."""
    with pytest.raises(BadProblem) as caught:
        parse_problem({**SMALL, **(changes or {}), **more}, "p.json")
    return [str(mistake) for mistake in caught.value.mistakes]


def test_every_key_means_what_it_says():
    problem = parse_problem(EVERY_KEY, "p.json")
    assert problem.startup_ids == ("s/1", "새싹 둘")
    assert problem.expert_ids == ("e1", "e 2", "s/1")
    assert np.array_equal(problem.scores, [[0.5, np.nan, -2], [0.123456789, 0, 1e6]], equal_nan=True)
    assert problem.worth.tolist() == [1, 1]
    assert (problem.startup_min.tolist(), problem.startup_max.tolist()) == ([1, 0], [2, 1])
    assert (problem.expert_min.tolist(), problem.expert_max.tolist()) == ([0, 1, 0], [3, 1, 0])
    assert (problem.pins, problem.bans) == (((0, 0),), ((1, 2),))
    assert (problem.objective, problem.seed, problem.serve_most) == (Objective.FAIR, 7, False)
    quotas = [(quota.name, set(quota.rows), set(quota.columns), quota.least, quota.most) for quota in problem.quotas]
    assert quotas == [
        ("둘", {0}, {0, 1}, 1, 2),
        ("quota 2", {0, 1}, {0}, 0, None),
        ("quota 3", set(), {0, 1, 2}, 0, 0),
    ]


def test_the_values_stay_as_they_are():
    before = json.dumps(EVERY_KEY)
    parse_problem(EVERY_KEY, "p.json", expert_max=4)
    assert json.dumps(EVERY_KEY) == before


def test_an_expert_without_max_takes_the_one_for_all():
    problem = parse_problem({**EVERY_KEY, "experts": [{"id": "e1"}, {"id": "e 2"}, {"id": "s/1", "max": 0}]}, "p", 5)
    assert problem.expert_max.tolist() == [5, 5, 0]


def test_an_expert_without_any_max_is_a_mistake():
    assert mistakes(experts=[{"id": "e1"}]) == [
        f"experts[0].max: found nothing, {NO_COUNT}, here or for all with --expert-max"
    ]


def test_the_max_for_all_may_not_be_below_a_min():
    with pytest.raises(BadProblem, match=r"experts\[0\]: found min 3 above max 2, expected min ≤ max"):
        parse_problem({**SMALL, "experts": [{"id": "e1", "min": 3}]}, "p.json", 2)


@pytest.mark.parametrize(
    ("startups", "experts", "scores", "shape"),
    [([], [], [], (0, 0)), ([], ["e1"], [], (0, 1)), (["s1"], [], [], (1, 0)), (["s1"], [], [[]], (1, 0))],
)
def test_a_side_may_be_empty(startups, experts, scores, shape):
    values = {
        "startups": [{"id": id_} for id_ in startups],
        "experts": [{"id": id_, "max": 1} for id_ in experts],
        "scores": scores,
    }
    assert parse_problem(values, "p.json").scores.shape == shape


@pytest.mark.parametrize("limit", [-1, True, 1.0, "1", 10**30, None, [1]])
@pytest.mark.parametrize("end", ["min", "max"])
def test_a_limit_is_a_whole_number(end, limit):
    (told,) = mistakes(startups=[{"id": "s1"}, {"id": "s2", end: limit}])
    assert told.startswith(f"startups[1].{end}: found ")
    assert told.endswith(NO_COUNT)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"startups": [{"id": "s1", "min": 2}]}, "startups[0]: found min 2 above max 1, expected min ≤ max"),
        ({"quotas": [{"min": 2, "max": 1}]}, "quotas[0]: found min 2 above max 1, expected min ≤ max"),
        ({"quotas": [{"min": -1}]}, f"quotas[0].min: found -1, {NO_COUNT}"),
        (
            {"startups": [{"id": "s1"}, {"id": "s1"}]},
            "startups[1].id: found 's1', expected another id than that of startups[0]",
        ),
        (
            {"quotas": [{"name": "q"}, {}, {"name": "q"}, {"name": "quota 2"}]},
            "quotas[2].name: found 'q', expected another name than that of quotas[0]",
        ),
        ({"pins": [["s1", "s1"]]}, "pins[0][1]: found 's1', expected the id of one of the experts"),
        ({"bans": [["e1", "e1"]]}, "bans[0][0]: found 'e1', expected the id of one of the startups"),
        ({"quotas": [{"experts": [9, "e"]}]}, "quotas[0].experts[1]: found 'e', expected the id of one of the experts"),
        ({"objective": "best"}, "objective: found 'best', expected total or fair"),
        ({"objective": None}, "objective: found nothing, expected total or fair"),
        ({"seed": -1}, "seed: found -1, expected a whole number, 0 or more"),
        ({"seed": True}, "seed: found True, expected a whole number, 0 or more"),
        ({"id": 7}, f"id: found 7, {NO_ID}"),
        ({"id": "a\nb"}, rf"id: found 'a\nb', {NO_ID}"),
        ({"startups": [{"id": 1}, {"id": "s2"}]}, f"startups[0].id: found 1, {NO_ID}"),
        ({"startups": [{}, {"id": "s2"}]}, f"startups[0].id: found nothing, {NO_ID}"),
        ({"startups": ["s1", {"id": "s2"}]}, "startups[0]: found 's1', expected a list of {id, min, max}"),
        ({"startups": 7}, "startups: found 7, expected a list of {id, min, max}"),
        ({"pins": [["s1"]]}, 'pins[0][1]: found nothing, expected a list of pairs like ["startup id", "expert id"]'),
        ({"pins": ["s1"]}, 'pins[0]: found \'s1\', expected a list of pairs like ["startup id", "expert id"]'),
        ({"pins": None}, 'pins: found nothing, expected a list of pairs like ["startup id", "expert id"]'),
        (
            {"pinz": []},
            "pinz: found the unknown key 'pinz', expected one of id, objective, seed, startups, experts, scores, pins, "
            "bans, quotas",
        ),
        (
            {"experts": [{"id": "e1", "max": 1, "maximum": 2}]},
            "experts[0].maximum: found the unknown key 'maximum', expected one of min, max, id",
        ),
    ],
)  # fmt: skip
def test_each_mistake_is_told_by_its_field(changes, told):
    assert told in mistakes(changes)


@pytest.mark.parametrize("values", [[], None, "p1", 7, [SMALL]])
def test_a_problem_is_an_object(values):
    with pytest.raises(BadProblem, match=r'expected an object like \{"id": …, "startups": …\}'):
        parse_problem(values, "p.json")


@pytest.mark.parametrize("missing", ["startups", "experts", "scores"])
def test_both_sides_and_the_scores_are_required(missing):
    with pytest.raises(BadProblem) as caught:
        parse_problem({key: value for key, value in SMALL.items() if key != missing}, "p.json")
    assert [mistake.field for mistake in caught.value.mistakes] == [missing]
    assert "found nothing" in str(caught.value)


def test_every_mistake_is_told_at_once():
    values = {
        "seed": "x",
        "startups": [{"id": "s1", "min": 2}, {"id": "s1", "mx": 1}],
        "experts": [{"id": "e1"}],
        "scores": [[float("nan")], [1, 2]],
        "pins": [["s1", "e7"], 5],
        "quotas": [{"min": 2, "max": 1, "startups": ["s9"]}],
    }
    with pytest.raises(BadProblem) as caught:
        parse_problem(values, "p.json")
    fields = [mistake.field for mistake in caught.value.mistakes]
    of_the_problem = {"seed", "scores[0][0]", "scores[1]", "pins[0][1]", "pins[1]"}
    of_a_side = {"startups[0]", "startups[1].mx", "startups[1].id", "experts[0].max"}
    assert set(fields) == of_the_problem | of_a_side | {"quotas[0]", "quotas[0].startups[0]"}
    lines = str(caught.value).split("\n")
    assert lines[0] == "11 mistakes in p.json:"
    assert len(lines) == 12


def test_of_a_million_mistakes_a_hundred_are_shown():
    with pytest.raises(BadProblem) as caught:
        parse_problem({**SMALL, "scores": [["x"], ["y"]], "pins": [["s1", "nobody"]] * 198}, "p.json")
    lines = str(caught.value).split("\n")
    assert lines[0] == "200 mistakes in p.json:"
    assert len(lines) == 102
    assert lines[-1] == "  and 100 more"


def test_a_pin_that_is_banned_or_not_eligible_is_left_to_the_solver():
    problem = parse_problem({**SMALL, "pins": [["s1", "e1"], ["s2", "e1"]], "bans": [["s1", "e1"]]}, "p.json")
    assert problem.pins == ((0, 0), (1, 0))
    assert not problem.open.any()


# All of Unicode would first be tabulated, on a fresh clone for seconds.
TEXTS = st.text("a1/ 가\n\ud800", max_size=3)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
KEYS = ["id", "objective", "seed", "startups", "experts", "scores", "pins", "bans", "quotas"]
ROWS = st.lists(st.dictionaries(st.sampled_from(["id", "min", "max", "name", "startups", "experts"]), JSON), max_size=3)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), JSON | ROWS))
def test_any_values_make_a_problem_or_mistakes(values):
    with suppress(BadProblem):
        assert isinstance(parse_problem(values, "p.json"), Problem)
