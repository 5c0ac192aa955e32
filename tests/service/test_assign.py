"""`matcher assign`: the solver alone, on anybody's scores."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.assignment.result import Change, Conflict, Field, Relaxation
from matcher.errors import Infeasible
from service.reading.assignment_parsing import parse_problem
from service.reading.assignment_problems import AssignmentInput
from service.writing.assignment_results import result_record
from tests.service.problems import FAIR_PAYS, ids, problem, put

SQUARES = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.lists(st.integers(0, 20), min_size=n, max_size=n), min_size=n, max_size=n)
)


@pytest.fixture
def solve(matcher, tmp_path):
    """Return what the command says of one problem."""

    def run(values: dict[str, Any], *options: object) -> dict[str, Any]:
        done = matcher("assign", put(tmp_path / "p.json", values), *options)
        assert done.exit_code in (0, 1), done.output
        return json.loads(done.stdout)

    return run


def test_the_best_pairs_are_told_with_their_scores(solve):
    result = solve(problem([[0.5, 0.25], [0.75, None]]))
    assert result.pop("solver")
    assert result == {
        "id": "p1",
        "status": "optimal",
        "pairs": [["s1", "e2", 0.25], ["s2", "e1", 0.75]],
        "total": 1.0,
        "bound": 1.0,
        "gap": 0.0,
        "worst_off": 0.25,
    }


def test_a_fair_objective_looks_at_the_worst_off_first(solve):
    total, fair = (solve(problem(FAIR_PAYS, objective=objective)) for objective in ("total", "fair"))
    assert (ids(total), total["worst_off"]) == ([("s1", "e1"), ("s2", "e2")], 0.1)
    assert (ids(fair), fair["worst_off"]) == ([("s1", "e2"), ("s2", "e1")], 0.3)


def test_the_objective_of_the_command_overrides_that_of_the_file(solve):
    assert solve(problem(FAIR_PAYS, objective="total"), "--objective", "fair")["worst_off"] == 0.3
    assert solve(problem(FAIR_PAYS, objective="fair"), "--objective", "total")["worst_off"] == 0.1


def test_scores_that_differ_in_the_ninth_decimal_do_not_tie(solve):
    close = [[0.500000001, 0.500000002], [0.500000002, 0.500000001]]
    for objective in ("total", "fair"):
        result = solve(problem(close, objective=objective))
        assert result["pairs"] == [["s1", "e2", 0.500000002], ["s2", "e1", 0.500000002]]


@pytest.mark.parametrize("score", [0.1 + 0.2, 1 / 3, 5e-324, -0.7, 3, 999999.999999999])
def test_scores_come_back_as_they_were_given(solve, score):
    result = solve(problem([[score]], pins=[["s1", "e1"]]))
    assert result["pairs"] == [["s1", "e1", score]]
    assert result["total"] == result["worst_off"] == score


def test_who_is_not_matched_is_the_worst_off(solve):
    assert solve(problem([[0.5], [0.25]]))["worst_off"] == 0


@pytest.mark.parametrize("objective", ["total", "fair"])
def test_who_takes_nobody_is_not_the_worst_off(solve, objective):
    startups = [{"id": "s1", "max": 0}, {"id": "s2"}]
    assert solve(problem([[0.5], [0.25]], startups=startups, objective=objective))["worst_off"] == 0.25


def test_where_nobody_takes_anybody_there_is_no_worst_off(solve):
    result = solve(problem([[0.5]], startups=[{"id": "s1", "max": 0}]))
    assert (result["pairs"], result["worst_off"], result["status"]) == ([], None, "optimal")


@pytest.mark.parametrize("objective", ["total", "fair"])
@pytest.mark.parametrize(
    ("startups", "experts", "worst_off"),
    [
        ([], [], None),
        ([], [{"id": "e1", "max": 1}], None),
        ([{"id": "s1"}], [], 0),
        ([{"id": "s1", "max": 0}], [], None),
    ],
    ids=["nobody", "no startups", "no experts", "no experts and no wish"],
)
def test_an_empty_side_has_an_empty_answer(solve, objective, startups, experts, worst_off):
    result = solve({"id": "p1", "objective": objective, "startups": startups, "experts": experts, "scores": []})
    assert (result["status"], result["pairs"], result["total"], result["worst_off"]) == ("optimal", [], 0, worst_off)


def test_ids_may_be_korean_and_hold_slashes_and_spaces(solve):
    values = problem([[0.5]], id="봄/1", startups=[{"id": "새싹 / 하나"}], experts=[{"id": "a/b c", "max": 1}])
    result = solve({**values, "pins": [["새싹 / 하나", "a/b c"]]})
    assert (result["id"], ids(result)) == ("봄/1", [("새싹 / 하나", "a/b c")])


def test_a_problem_without_id_has_a_result_without_id(solve):
    values = problem([[0.5]])
    del values["id"]
    assert "id" not in solve(values)


def test_pins_bans_and_quotas_hold(solve):
    quotas = [{"name": "q", "startups": ["s2", "s3"], "experts": ["e2", "e3"], "min": 1, "max": 1}]
    values = problem([[0.1, 0.9, 0.8], [0.2, 0.9, 0.3], [0.1, 0.9, 0.9]], pins=[["s1", "e1"]], bans=[["s3", "e3"]])
    assert ids(solve({**values, "quotas": quotas})) == [("s1", "e1"), ("s3", "e2")]


def test_a_loss_is_made_only_where_a_limit_asks_for_it(solve):
    assert solve(problem([[-0.5]]))["pairs"] == []
    assert solve(problem([[-0.5]], startups=[{"id": "s1", "min": 1}]))["total"] == -0.5


@pytest.mark.parametrize("objective", ["total", "fair"])
def test_a_max_beyond_everybody_is_no_limit(solve, objective):
    startups, experts = [{"id": "s1", "max": 10**9}, {"id": "s2"}], [{"id": "e1"}, {"id": "e2"}]
    values = problem([[0.5, 0.25], [0.5, 0.25]], startups=startups, experts=experts, objective=objective)
    assert solve(values, "--expert-max", 10**9)["total"] == 1.25


@pytest.mark.parametrize("objective", ["total", "fair"])
def test_a_min_beyond_everybody_is_infeasible_however_large(solve, objective):
    most = {"min": 10**9, "max": 10**9}
    sides = {"startups": [{"id": "s1", **most}], "experts": [{"id": "e1", **most}]}
    quotas = [{"name": "q", "min": 10**9}]
    result = solve(problem([[1 / 3]], **sides, quotas=quotas, objective=objective))
    assert result["status"] == "infeasible"
    changed = {(change["field"], change["to"]) for change in result["conflict"]["relaxations"][0]["changes"]}
    assert changed == {("startup.min", 1), ("expert.min", 1), ("quota.min", 1)}


def test_the_max_for_all_holds_where_an_expert_has_none(solve):
    experts = [{"id": "e1"}, {"id": "e2", "max": 0}]
    scores = [[0.5, 0.9], [0.25, 0.9], [0.125, 0.9]]
    assert ids(solve(problem(scores, experts=experts), "--expert-max", 2)) == [("s1", "e1"), ("s2", "e1")]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(SQUARES)
def test_the_total_is_that_of_the_best_of_all_assignments(solve, scores):
    best = max(
        sum(row[column] for row, column in zip(scores, order, strict=True))
        for order in permutations(range(len(scores)))
    )
    assert solve(problem(scores))["total"] == best


def test_an_infeasible_problem_exits_1_with_its_result_written(matcher, tmp_path):
    values = problem([[0.5], [0.25]], startups=[{"id": "s1", "min": 1}, {"id": "s2", "min": 1}])
    done = matcher("assign", put(tmp_path / "p.json", values), "--out", tmp_path / "r.json")
    assert done.exit_code == 1
    result = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert (result["id"], result["status"]) == ("p1", "infeasible")
    conflict = result["conflict"]
    assert (sorted(conflict["startups"]), conflict["experts"]) == (["s1", "s2"], ["e1"])
    assert (conflict["needed"], conflict["available"]) == (2, 1)
    assert {"field": "expert.max", "id": "e1", "to": 2} in [
        change for relaxation in conflict["relaxations"] for change in relaxation["changes"]
    ]
    assert f"Infeasible: {conflict['message']}" in done.stderr


@pytest.mark.parametrize(
    "more",
    [{"scores": [[None, 0.5]]}, {"scores": [[0.9, 0.5]], "bans": [["s1", "e1"]]}],
    ids=["not eligible", "banned"],
)
def test_a_pin_lifts_no_rule(solve, more):
    conflict = solve({**problem([[0.5, 0.5]]), **more, "pins": [["s1", "e1"]]})["conflict"]
    assert conflict["pins"] == [["s1", "e1"]]
    drops = [change for relaxation in conflict["relaxations"] for change in relaxation["changes"]]
    assert {"field": "pin", "id": ["s1", "e1"], "to": None} in drops


def test_a_conflict_is_told_whole_and_counts_only_where_it_is_one_of_counts():
    given = AssignmentInput("p1", parse_problem(problem([[0.5]]), "p.json"))
    changes = Change(Field.EXPERT_MAX, "e1", 2, 1), Change(Field.PIN, ("s1", "e1"), None, 1)
    relaxations = (Relaxation("raise e1's max", changes),)
    conflict = Conflict("too many", ("s1",), ("e1",), (("s1", "e1"),), ("q",), 5, 4, relaxations)
    record = result_record(given, Infeasible("too many", conflict))
    assert record == {
        "id": "p1",
        "status": "infeasible",
        "conflict": {
            "message": "too many",
            "startups": ["s1"],
            "experts": ["e1"],
            "needed": 5,
            "available": 4,
            "pins": [["s1", "e1"]],
            "quotas": ["q"],
            "smallest": False,
            "relaxations": [
                {
                    "message": "raise e1's max",
                    "changes": [
                        {"field": "expert.max", "id": "e1", "to": 2},
                        {"field": "pin", "id": ("s1", "e1"), "to": None},
                    ],
                }
            ],
        },
    }
    without = result_record(given, Infeasible("odd", replace(conflict, needed=None, available=None)))
    assert set(record["conflict"]) - set(without["conflict"]) == {"needed", "available"}


def test_best_effort_says_in_sentences_what_stays_unmet(solve):
    values = problem([[0.5], [0.25]], startups=[{"id": "s1", "min": 1}, {"id": "s2", "min": 1}])
    result = solve(values, "--best-effort")
    assert (result["status"], ids(result)) == ("best-effort", [("s1", "e1")])
    assert result["unmet"] == ["startup s2 gets 0 of at least 1 pairs (1 eligible)"]
