"""What the options of `matcher match` change."""

from __future__ import annotations

import ctypes

import pytest

from tests.service.cohorts import PROGRAM, professor, startup
from tests.service.conflicts import forbidding
from tests.service.outputs import (
    pair_ids,
    pairs_in_csv,
    pairs_in_jsonl,
    pairs_in_xlsx,
    read_lines,
    read_run,
    result_of,
)
from tests.service.page import read_report

# The best total leaves s2 with next to nothing; the fair one gives each a part.
UNEVEN = (
    [startup("s1", "kelp farms feed cattle"), startup("s2", "kelp farms heat homes")],
    [
        professor("p1", "kelp farms feed cattle", max_load=1),
        professor("p2", "cattle count sheep graze", max_load=1),
    ],
)
ONE_PLACE = [startup(f"s{number}", "route plan") for number in range(6)], [professor("p1", "route plan", max_load=1)]
# Two minimums that one startup cannot both meet.
SHORT = (
    [startup("s1", "route plan")],
    [professor("p1", "route plan", min_load=1), professor("p2", "route plan of ships", min_load=1)],
)


@pytest.mark.parametrize("kind", ["professor", "investor"])
def test_kind_assigns_that_kind_alone(matcher, cohort, out, kind):
    done = matcher("match", cohort(), "--kind", kind, "--out", out)
    assert {record["kind"] for record in read_lines(out / "matches.jsonl")} == {kind}
    assert {pair.kind for pair in [*pairs_in_csv(out), *pairs_in_xlsx(out)]} == {kind}
    assert read_run(out)["kinds"] == [kind]
    assert [found.attributes["id"] for found in read_report(out).all("h2")] == [kind, "offers"]
    other = {"professor": "Investors", "investor": "Professors"}[kind]
    assert other not in done.stdout


@pytest.mark.parametrize("kind", ["professor", "investor"])
def test_a_kind_alone_is_assigned_as_it_is_together_with_the_other(matcher, cohort, out, kind):
    matcher("match", cohort(), "--out", out)
    together = [pair for pair in pairs_in_jsonl(out) if pair.kind == kind]
    matcher("match", cohort(), "--kind", kind, "--out", out)
    assert pairs_in_jsonl(out) == together


def test_fair_lifts_the_worst_off_at_the_cost_of_the_total(matcher, cohort, out):
    matcher("match", cohort(*UNEVEN), "--objective", "total", "--out", out)
    total = result_of(out, "professor")
    assert pair_ids(out) == {("s1", "p1"), ("s2", "p2")}
    matcher("match", cohort(*UNEVEN), "--objective", "fair", "--out", out)
    fair = result_of(out, "professor")
    assert pair_ids(out) == {("s1", "p2"), ("s2", "p1")}
    assert fair["worst_off"] > total["worst_off"]
    assert float(fair["price_of_fairness"]) == pytest.approx(float(total["total"] - fair["total"]), abs=2e-6)
    assert total["price_of_fairness"] is None
    assert fair["total"] < total["total"]


def test_fair_is_feasible_wherever_nobody_has_a_minimum(matcher, cohort):
    done = matcher("match", forbidding(cohort), "--objective", "fair")
    assert not done.stderr
    assert done.exit_code == 0


def test_the_solver_prints_nothing_of_its_own(matcher, cohort, capfd):
    matcher("match", forbidding(cohort), "--objective", "fair")
    ctypes.CDLL(None).fflush(None)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("in_file", "given"), [("total", "fair"), ("fair", "total")])
def test_the_objective_of_the_command_overrides_that_of_the_program(matcher, cohort, out, in_file, given):
    folder = cohort(*UNEVEN, program=f'objective = "{in_file}"')
    matcher("match", folder, "--out", out)
    assert read_run(out)["objective"] == in_file
    as_in_file = pair_ids(out)
    matcher("match", folder, "--objective", given, "--out", out)
    assert read_run(out)["objective"] == read_run(out)["program"]["objective"] == given
    assert pair_ids(out) != as_in_file


def test_the_seed_of_the_command_overrides_that_of_the_program(matcher, cohort, out):
    matcher("match", cohort(program=PROGRAM), "--out", out)
    assert read_run(out)["seed"] == 3
    matcher("match", cohort(program=PROGRAM), "--seed", 0, "--out", out)
    assert read_run(out)["seed"] == read_run(out)["program"]["seed"] == 0


def test_the_seed_settles_ties_and_the_same_seed_settles_them_the_same(matcher, cohort, out):
    def winner(seed: int) -> str:
        matcher("match", cohort(*ONE_PLACE), "--seed", seed, "--out", out)
        ((startup_id, _),) = pair_ids(out)
        return startup_id

    winners = [winner(seed) for seed in range(6)]
    assert len(set(winners)) > 1
    assert winners[:2] == [winner(seed) for seed in range(2)]


def test_the_seed_changes_nothing_where_there_is_no_tie(matcher, cohort, out):
    found = set()
    for seed in range(4):
        matcher("match", cohort(), "--seed", seed, "--out", out)
        found.add((out / "matches.csv").read_bytes())
    assert len(found) == 1


def test_best_effort_exits_0_and_leaves_the_fewest_minimums_unmet(matcher, cohort, out):
    folder = cohort(*SHORT)
    assert matcher("match", folder).exit_code == 1
    done = matcher("match", folder, "--best-effort", "--out", out)
    assert done.exit_code == 0
    assert pair_ids(out) == {("s1", "p1")}
    result = result_of(out, "professor")
    assert result["status"] == "best-effort"
    assert read_run(out)["best_effort"] is True
    (unmet,) = result["unmet"]
    assert (unmet["what"], unmet["needed"], unmet["given"]) == ("expert", 1, 0)


def test_best_effort_names_the_unmet_on_the_screen_and_in_the_report(matcher, cohort, out):
    done = matcher("match", cohort(*SHORT), "--best-effort", "--out", out)
    assert "Unmet: expert p2 gets 0 of at least 1 pairs" in done.stdout
    assert "expert p2 gets 0 of at least 1 pairs" in read_report(out).text


def test_best_effort_names_the_unmet_in_the_record_by_id(matcher, cohort, out):
    matcher("match", cohort(*SHORT), "--best-effort", "--out", out)
    (unmet,) = result_of(out, "professor")["unmet"]
    assert "p2" in str(unmet)


def test_best_effort_changes_nothing_where_the_limits_hold(matcher, cohort, out):
    matcher("match", cohort(), "--out", out)
    plain = (out / "matches.csv").read_bytes()
    matcher("match", cohort(), "--best-effort", "--out", out)
    assert (out / "matches.csv").read_bytes() == plain
    assert {result["status"] for result in read_run(out)["results"]} == {"optimal"}


def test_best_effort_drops_a_pin_of_which_nothing_is_known_and_still_writes(matcher, cohort, out):
    mute = {"languages": ["ko"]}
    experts = [professor("p1", **mute), professor("p2", **mute)]
    folder = cohort([{"id": "s1", **mute}], experts, program='pins = [["s1", "p1"], ["s1", "p2"]]')
    assert matcher("match", folder, "--best-effort", "--out", out).exit_code == 0
    assert len(pairs_in_jsonl(out)) == 1
    assert result_of(out, "professor")["unmet"][0]["what"] == "pin"
