"""`matcher rank`: who fits whom best, in one list over both kinds."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.service.cohorts import EXPERTS, PROGRAM, RELATIONS, STARTUPS, investor, professor, startup
from tests.service.outputs import PARTS, pair_ids, pairs_in_jsonl, read_lines

MUTE = {"languages": ["ko"]}
SIDES = {"startups": "startup", "experts": "expert"}


@pytest.fixture
def ranked(matcher, out):
    """Rank a cohort and return the lines of the file."""

    def rank(folder, side: str, *options: object) -> list[dict]:
        done = matcher("rank", folder, "--for", side, *options, "--out", out / "ranks.jsonl")
        assert done.exit_code == 0
        return read_lines(out / "ranks.jsonl")

    return rank


def lists(lines: list[dict], side: str) -> dict[str, list[dict]]:
    """Return the lines of each profile that is ranked for, in the order of the file."""
    found: dict[str, list[dict]] = {}
    for line in lines:
        found.setdefault(line[SIDES[side]], []).append(line)
    return found


def ids(lines: list[dict]) -> set[tuple[str, str]]:
    return {(line["startup"], line["expert"]) for line in lines}


@pytest.mark.parametrize("side", SIDES)
def test_a_line_has_its_pair_rank_score_parts_and_evidence(ranked, cohort, side):
    for line in ranked(cohort(), side):
        assert {"startup", "expert", "rank", "score", "parts", "evidence"} <= line.keys()
        assert tuple(line["parts"]) == PARTS
        assert sum(part for part in line["parts"].values() if part is not None) == line["score"]
        assert all({"startup_passage", "expert_passage", "source", "part"} <= one.keys() for one in line["evidence"])


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("top", [0, 1, 2, 10])
def test_each_list_is_numbered_from_1_best_first_and_its_lines_stand_together(ranked, cohort, side, top):
    lines = ranked(cohort(), side, "--top", top)
    runs = [line[SIDES[side]] for at, line in enumerate(lines) if line["rank"] == 1]
    assert len(runs) == len(set(runs)) == len(lists(lines, side))
    for of_one in lists(lines, side).values():
        assert [line["rank"] for line in of_one] == list(range(1, len(of_one) + 1))
        scores = [line["score"] for line in of_one]
        assert scores == sorted(scores, reverse=True)
        assert not top or len(of_one) <= top


@pytest.mark.parametrize("side", SIDES)
def test_both_kinds_stand_in_one_ranking(ranked, cohort, side):
    lines = ranked(cohort(), side, "--top", 0)
    assert {line["kind"] for line in lines} == {"professor", "investor"}
    if side == "startups":
        (of_one,) = [of_one for id_, of_one in lists(lines, side).items() if id_ == "s2"]
        assert {line["kind"] for line in of_one} == {"professor", "investor"}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("kind", ["professor", "investor"])
def test_kind_ranks_that_kind_alone(ranked, cohort, side, kind):
    lines = ranked(cohort(), side, "--kind", kind, "--top", 0)
    assert ids(lines) == {
        pair
        for pair in ids(ranked(cohort(), side, "--top", 0))
        if {expert["id"]: expert["kind"] for expert in EXPERTS}[pair[1]] == kind
    }
    assert {line["kind"] for line in lines} == {kind}


def test_top_0_is_every_eligible_pair(ranked, cohort):
    every = {
        (one["id"], other["id"])
        for one in STARTUPS
        for other in EXPERTS
        if other["kind"] in one.get("seeks", ("professor", "investor"))
    }
    # s4 is in finance, which v1 does not back.
    forbidden = {("s1", "v2"), ("s3", "p1"), ("s4", "v1")}
    folder = cohort(relations=RELATIONS, program=PROGRAM)
    for side in SIDES:
        assert ids(ranked(folder, side, "--top", 0)) == every - forbidden


def test_top_0_scores_pairs_that_retrieval_does_not_propose(matcher, cohort, out):
    folder = cohort([startup("s1", "plan")], [professor(f"p{at}", f"word{at}") for at in range(9)])
    options = ("--for", "startups", "--out", out)
    matcher("rank", folder, *options, "--top", 0, MATCHER_CANDIDATES="2")
    assert len(read_lines(out)) == 9
    matcher("rank", folder, *options, "--top", 5, MATCHER_CANDIDATES="2")
    assert len(read_lines(out)) == 5


def test_without_top_there_are_ten_a_profile(ranked, cohort):
    folder = cohort([startup("s1", "plan")], [professor(f"p{at:02}", "plan") for at in range(12)])
    assert [line["expert"] for line in ranked(folder, "startups")] == [f"p{at:02}" for at in range(10)]


@pytest.mark.parametrize("top", [0, 10])
def test_unknown_scores_are_null_and_last(ranked, cohort, top):
    experts = [professor("a", **MUTE), professor("b", "other words"), investor("c", **MUTE), professor("d", "plan")]
    lines = ranked(cohort([startup("s1", "plan", **MUTE)], experts), "startups", "--top", top)
    assert [(line["expert"], line["rank"]) for line in lines] == [("d", 1), ("b", 2), ("a", 3), ("c", 4)]
    for line in lines[2:]:
        assert line["score"] is None
        assert set(line["parts"].values()) == {None}
        assert line["evidence"] == []


def test_nothing_in_common_is_0_and_stands_before_what_is_unknown(ranked, cohort):
    experts = [professor("a", **MUTE), professor("b", sectors=["fintech"], **MUTE)]
    lines = ranked(cohort([{"id": "s1", "sectors": ["fintech"], "stage": "Seed", **MUTE}], experts), "startups")
    assert [line["expert"] for line in lines] == ["b", "a"]
    folder = cohort([startup("s1", "plan")], [professor("a", **MUTE), professor("b", "plan", avoids=[])])
    assert [line["score"] for line in ranked(folder, "startups")] == [Decimal(1), None]


@pytest.mark.parametrize("side", SIDES)
def test_id_ranks_for_that_profile_alone(ranked, cohort, side):
    every = lists(ranked(cohort(), side), side)
    for id_, of_one in every.items():
        assert ranked(cohort(), side, "--id", id_) == of_one


def test_a_profile_with_no_eligible_pair_has_an_empty_list(matcher, ranked, cohort):
    folder = cohort([startup("s1", "plan"), startup("s2", "plan")], [professor("p1", "plan", avoids=["s1"])])
    assert ids(ranked(folder, "startups")) == {("s2", "p1")}
    assert ranked(folder, "startups", "--id", "s1") == []
    assert matcher("rank", folder, "--for", "startups", "--id", "s1").exit_code == 0


def test_pairs_below_the_minimum_score_are_not_ranked(ranked, cohort):
    folder = cohort(program="min_score = 0.3")
    for side in SIDES:
        lines = ranked(folder, side, "--top", 0)
        assert lines
        assert all(line["score"] >= Decimal("0.3") for line in lines)


def test_a_full_expert_is_ranked_all_the_same(ranked, cohort):
    assert any(line["expert"] == "p3" for line in ranked(cohort(), "startups", "--top", 0))


def test_a_pair_scores_the_same_in_every_output(matcher, ranked, cohort, out):
    folder = cohort(relations=RELATIONS, program=PROGRAM)
    matcher("match", folder, "--out", out)
    made = {(pair.startup, pair.expert): pair.score for pair in pairs_in_jsonl(out)}
    for side in SIDES:
        scores = {(line["startup"], line["expert"]): line["score"] for line in ranked(folder, side, "--top", 0)}
        assert pair_ids(out) <= scores.keys()
        assert made == {pair: scores[pair] for pair in made}


@pytest.mark.parametrize("side", SIDES)
def test_without_out_the_ranking_is_a_table_best_first(matcher, ranked, cohort, side):
    lines = ranked(cohort(), side)
    done = matcher("rank", cohort(), "--for", side)
    names = {one["id"]: one.get("name", one["id"]) for one in [*STARTUPS, *EXPERTS]}
    header, *rows, last = [line for line in done.stdout.split("\n") if line.strip()]
    assert last.endswith("are a prior: parts weighed by hand, nothing learned from outcomes.")
    assert header.split()[:4] == (
        ["startup", "rank", "expert", "score"] if side == "startups" else ["expert", "rank", "startup", "score"]
    )
    for row, line in zip(rows, lines, strict=True):
        first, second = (line["startup"], line["expert"]) if side == "startups" else (line["expert"], line["startup"])
        assert row.startswith(f"{names[first]} ")
        assert f" {line['rank']} " in row
        assert names[second] in row
        assert f"{line['score']:.2f}" in row


def test_who_has_nobody_eligible_is_told(matcher, cohort, tmp_path):
    startups = [startup("s1", "robot arm", stage="seed"), startup("s2", "robot arm", name="두리", stage="series b")]
    folder, out = cohort(startups, [professor("p1", "robot arm", stages=["seed"])]), tmp_path / "ranking.jsonl"
    for options in ((), ("--out", out), ("--id", "s2")):
        done = matcher("rank", folder, "--for", "startups", *options)
        assert done.exit_code == 0
        assert "Not ranked: no professor is eligible for 두리 (s2); `matcher match` counts the reasons" in done.stderr
    assert "Not ranked" not in matcher("rank", folder, "--for", "startups", "--id", "s1").stderr
    assert "Not ranked" not in matcher("rank", folder, "--for", "experts").stderr


def test_whose_kind_is_not_asked_for_is_not_missing(matcher, cohort):
    startups = [startup("s1", "robot arm", seeks=["professor"]), startup("s2", "robot arm", seeks=["investor"])]
    folder = cohort(startups, [professor("p1", "robot arm"), investor("v1", "robot arm")])
    for side, options in (
        ("startups", ("--kind", "professor")),
        ("startups", ("--kind", "professor", "--id", "s2")),
        ("experts", ("--kind", "investor")),
        ("experts", ("--kind", "investor", "--id", "p1")),
    ):
        assert "Not ranked" not in matcher("rank", folder, "--for", side, *options).stderr


def test_who_has_somebody_of_one_kind_alone_is_told_for_the_other(matcher, cohort):
    experts = [professor("p1", "robot arm"), investor("v1", "robot arm", stages=["seed"])]
    folder = cohort([startup("s1", "robot arm", stage="series b")], experts)
    told = matcher("rank", folder, "--for", "startups", "--top", 1).stderr
    assert told.count("Not ranked") == 1
    assert "no investor is eligible for s1 (s1)" in told
    assert "no startup is eligible for v1 (v1)" in matcher("rank", folder, "--for", "experts").stderr


def test_who_is_not_among_the_first_is_not_said_to_be_alone(matcher, cohort):
    """The investor scores lower than the professor, and one line is asked for."""
    experts = [professor("p1", "robot arm"), investor("v1", "tax law")]
    assert (
        "Not ranked"
        not in matcher("rank", cohort([startup("s1", "robot arm")], experts), "--for", "startups", "--top", 1).stderr
    )
