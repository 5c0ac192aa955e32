"""Cohorts at the edge: one pair, one kind, nobody to match."""

from __future__ import annotations

import pytest

from tests.service.cohorts import investor, professor, startup
from tests.service.outputs import (
    FILES,
    pair_ids,
    pairs_in_csv,
    pairs_in_jsonl,
    pairs_in_xlsx,
    read_lines,
    read_run,
    read_sheet,
    read_unmatched,
    result_of,
)
from tests.service.page import matched_on, read_report, section

NOBODY = {
    "every pair is banned": ({}, {}, 'bans = [["s1", "p1"], ["s2", "p1"]]'),
    "no score is high enough": ({}, {}, "min_score = 1.0"),
    "the expert takes nobody": ({}, {"max_load": 0}, ""),
    "the startups take nobody": ({"max_matches": 0}, {}, ""),
    "no mandate fits": ({"region": "Busan"}, {"regions": ["Seoul"]}, ""),
    "nothing is known to compare": ({"needs": [], "region": "Busan"}, {}, ""),
}


@pytest.fixture
def run(matcher, out):
    """Match a cohort and check that all five files are there and say the same."""

    def match(folder, *options: str):
        done = matcher("match", folder, "--out", out, *options)
        assert done.exit_code == 0
        assert {path.name for path in out.iterdir()} == FILES
        assert pairs_in_jsonl(out) == pairs_in_csv(out) == pairs_in_xlsx(out)
        assert sorted(matched_on(read_report(out))) == sorted(pair_ids(out))
        return done

    return match


def test_one_startup_and_one_expert(run, cohort, out):
    run(cohort([startup("s1", "route plan")], [professor("p1", "route plan")]))
    assert pair_ids(out) == {("s1", "p1")}
    assert read_unmatched(out) == []
    assert read_sheet(out, "unmatched") == []
    assert result_of(out, "professor")["total"] == 1


@pytest.mark.parametrize("expert", [professor, investor])
def test_experts_of_one_kind_alone(matcher, run, cohort, out, expert):
    startups = [startup("s1", "route plan"), startup("s2", "leaf photos")]
    folder = cohort(startups, [expert("e1", "route plan"), expert("e2", "leaf photos")])
    run(folder)
    assert pair_ids(out) == {("s1", "e1"), ("s2", "e2")}
    assert len(read_run(out)["results"]) == 1
    assert len(read_report(out).all("section")) == 1
    matcher("rank", folder, "--for", "startups", "--out", out / "ranks.jsonl")
    assert len(read_lines(out / "ranks.jsonl")) == 4


@pytest.mark.parametrize("kind", ["professor", "investor"])
def test_startups_that_all_seek_the_same_kind(run, cohort, out, kind):
    """The experts of the other kind are told that nobody seeks them."""
    startups = [startup("s1", "route plan", seeks=[kind]), startup("s2", "leaf photos", seeks=[kind])]
    run(cohort(startups, [professor("p1", "route plan"), investor("v1", "leaf photos")]))
    made = {"professor": "p1", "investor": "v1"}[kind]
    assert pair_ids(out) == {("s1", made), ("s2", made)}
    (idle,) = [one for one in read_unmatched(out) if one["kind"] != kind]
    assert "seeks" in idle["reason"]


@pytest.mark.parametrize("command", ["rank", "explain"])
def test_startups_that_all_seek_the_same_kind_can_be_ranked_and_explained(matcher, cohort, command):
    folder = cohort(
        [startup("s1", "route plan", seeks=["professor"])], [professor("p1", "route plan"), investor("v1", "plan")]
    )
    options = {"rank": ("--for", "startups"), "explain": ("--startup", "s1", "--expert", "p1")}[command]
    assert matcher(command, folder, *options).exit_code == 0


def test_a_kind_that_is_sought_and_not_there(run, cohort, out):
    """Whoever seeks it is told that the cohort has nobody of it."""
    folder = cohort([startup("s1", "route plan", seeks=["professor", "investor"])], [professor("p1", "route plan")])
    run(folder)
    assert pair_ids(out) == {("s1", "p1")}
    (alone,) = [one for one in read_unmatched(out) if one["kind"] == "investor"]
    assert alone["startup"] == "s1"
    assert "no investor" in alone["reason"]


@pytest.mark.parametrize(("of_startups", "of_expert", "program"), NOBODY.values(), ids=NOBODY)
@pytest.mark.parametrize("objective", ["total", "fair"])
def test_a_cohort_in_which_nobody_can_be_matched_still_gets_all_its_files(
    run, cohort, out, of_startups, of_expert, program, objective
):
    startups = [startup(id_, "route plan") | of_startups for id_ in ("s1", "s2")]
    done = run(
        cohort(startups, [professor("p1", "leaf photos", **of_expert)], program=program), "--objective", objective
    )
    assert pair_ids(out) == set()
    assert [one.get("startup", one.get("expert")) for one in read_unmatched(out)] == ["s1", "s2", "p1"]
    assert len(read_sheet(out, "unmatched")) == 3
    assert result_of(out, "professor")["total"] == 0
    assert "0 matches" in done.stdout
    page = section(read_report(out), "professor")
    assert "No pair could be made" in page.text
    assert all(one["reason"] in page.text for one in read_unmatched(out))


def test_profiles_without_any_text_are_matched_by_what_they_state(run, cohort, out):
    startups = [{"id": "s1", "sectors": ["fintech"]}, {"id": "s2", "sectors": ["logistics"]}]
    experts = [
        {"id": "v1", "kind": "investor", "sectors": ["logistics"]},
        {"id": "v2", "kind": "investor", "sectors": ["fintech"]},
    ]
    done = run(cohort(startups, experts))
    assert pair_ids(out) == {("s1", "v2"), ("s2", "v1")}
    assert all(pair.parts[3] == pair.score == 1 for pair in pairs_in_jsonl(out))
    assert "structured fields" in done.stdout


def test_one_side_without_any_text(run, cohort, out):
    run(cohort([startup("s1", "route plan", sectors=["fintech"])], [professor("p1", sectors=["fintech"])]))
    assert pair_ids(out) == {("s1", "p1")}


def test_a_pair_that_agrees_in_nothing_does_not_rest_on_structured_fields(matcher, cohort, out):
    """Its texts were compared, and there is no field to rest on."""
    folder = cohort([startup("s1", "leaf")], [professor("p1", "ship")])
    done = matcher("match", folder, "--out", out)
    (pair,) = pairs_in_jsonl(out)
    assert (pair.score, pair.parts[3]) == (0, None)
    assert "structured fields" not in done.stdout


def test_more_startups_than_places(run, cohort, out):
    startups = [startup(f"s{at}", " ".join(["route"] * 2 + ["plan"] * at)) for at in range(4)]
    run(cohort(startups, [professor("p1", "route plan", max_load=1)]))
    assert len(pair_ids(out)) == 1
    waiting = [one["waiting"] for one in read_unmatched(out)]
    assert waiting == [1, 2, 3]


def test_more_places_than_startups(run, cohort, out):
    run(cohort([startup("s1", "route plan")], [professor(f"p{at}", "route plan") for at in range(4)]))
    assert len(pair_ids(out)) == 1
    assert all("waiting" not in one for one in read_unmatched(out))
