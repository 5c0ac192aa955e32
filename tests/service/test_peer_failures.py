"""What users of other matching systems reported (peers.md), asked of the commands.

ORM: openreview-matcher, ORE: openreview-expertise, OR: openreview, ORP: openreview-py, HC: hotcrp. Rows about scores
and limits alone are in tests/matcher/assignment, those about newcomers in tests/test_newcomers.py.
"""

from __future__ import annotations

import itertools
from collections import Counter

import pytest

from tests.service.cohorts import EXPERTS, PROGRAM, RELATIONS, STARTUPS, professor, startup
from tests.service.outputs import FILES, pair_ids, read_lines, read_matches

ROBOT = startup("s1", "robot arm")
ARMS = [
    professor("e1", "robot arm", max_load=1),
    professor("e2", "robot arm tool", max_load=1),
    professor("e3", "robot", max_load=1),
]


@pytest.fixture
def pairs(matcher, cohort, out):
    """Match a cohort and return its pairs."""

    def run(*rows, **more):
        done = matcher("match", cohort(*rows, **more), "--out", out)
        assert done.exit_code == 0, done.stderr
        return pair_ids(out)

    return run


@pytest.fixture
def scores(matcher, cohort, out):
    """Rank every eligible pair of a cohort and return the scores."""

    def run(*rows, **more):
        matcher("rank", cohort(*rows, **more), "--for", "startups", "--top", 0, "--out", out / "ranks.jsonl")
        return {(line["startup"], line["expert"]): line["score"] for line in read_lines(out / "ranks.jsonl")}

    return run


@pytest.mark.parametrize(("relations", "next_best"), [([], "e2"), ([("s1", "e2")], "e3")])
def test_row_4_a_conflicted_expert_is_not_the_next_best_either(pairs, out, relations, next_best):
    tied = [{"source": source, "target": target, "type": "family"} for source, target in relations]
    assert pairs([ROBOT], ARMS, tied) == {("s1", "e1")}
    assert read_matches(out)[0]["alternative"]["expert"] == next_best


def test_row_9_orm_86_178_hc_165_an_aspect_needs_its_group_and_an_institution_gives_one_expert(pairs):
    seeking = [startup("s1", "robot arm law", max_matches=2)]
    experts = [
        professor("e1", "robot arm law", affiliation="Gaon University"),
        professor("e2", "robot arm law tool", affiliation="Gaon University"),
        professor("e3", "robot arm", affiliation="Tidewater"),
        professor("e4", "law", affiliation="Harbour", sectors=["fintech"]),
    ]
    assert pairs(seeking, experts) == {("s1", "e1"), ("s1", "e2")}
    diverse = '[[quotas]]\nname = "one of Gaon"\nexperts = {affiliation = "Gaon University"}\nmax = 1\n'
    assert pairs(seeking, experts, program=diverse) == {("s1", "e1"), ("s1", "e3")}
    covered = f'{diverse}[[quotas]]\nname = "money"\nexperts = {{sector = "fintech"}}\nmin = 1\n'
    assert pairs(seeking, experts, program=covered) == {("s1", "e1"), ("s1", "e4")}


def test_row_10_orm_239_a_run_that_failed_can_be_run_again_mended(matcher, cohort, out):
    crowd = [startup(f"s{at}", "robot arm", min_matches=1) for at in (1, 2)]
    assert matcher("match", cohort(crowd, ARMS[:1]), "--out", out).exit_code == 1
    results = []
    for _ in range(2):
        assert matcher("match", cohort(crowd, ARMS[:2]), "--out", out).exit_code == 0
        results.append((out / "matches.csv").read_bytes())
    assert results[0] == results[1]
    assert {path.name for path in out.iterdir()} == FILES


def test_row_11_or_331_306_hc_335_a_decline_falls_back_to_the_next_best_and_moves_nobody_else(matcher, cohort, out):
    startups = [ROBOT, startup("s2", "tax law"), startup("s3", "leaf photo")]
    experts = [*ARMS, professor("e4", "tax law", max_load=1), professor("e5", "leaf photo", max_load=1)]
    matcher("match", cohort(startups, experts), "--out", out)
    before = pair_ids(out)
    declined = cohort(startups, experts, outcomes=[{"startup": "s1", "expert": "e1", "outcome": "declined"}])
    matcher("match", declined, "--out", out)
    assert before - pair_ids(out) == {("s1", "e1")}
    assert pair_ids(out) - before == {("s1", "e2")}
    assert "declined" in matcher("explain", declined, "--startup", "s1", "--expert", "e1").stdout


def test_row_13_ore_87_or_229_people_without_documents_are_scored_and_matched(pairs, scores):
    silent = professor("e2", sectors=["fintech"])
    startups = [startup("s1", "robot arm"), {"id": "s2", "sectors": ["fintech"]}]
    assert pairs(startups, [professor("e1", "robot arm"), silent]) == {("s1", "e1"), ("s2", "e2")}
    ranked = scores(startups, [professor("e1", "robot arm"), silent])
    assert ranked.keys() == {*itertools.product(("s1", "s2"), ("e1", "e2"))}


def test_row_15_zero_is_the_worst_score_and_unknown_is_no_score(pairs, scores):
    rows = [startup("s1", region="Seoul")], [professor("e1", regions=["Busan", "Seoul"]), professor("e2", "tax law")]
    ranked = scores(*rows)
    assert ranked["s1", "e1"] > 0
    assert ranked["s1", "e2"] is None
    assert pairs(*rows) == {("s1", "e1")}


def test_row_16_or_302_305_orp_234_another_e_mail_changes_neither_scores_nor_conflicts(pairs, scores):
    tied = [{"source": "s1", "target": "e1", "type": "family"}]

    def with_e_mail(address):
        return [ROBOT], [{**ARMS[0], "email": address}, *ARMS[1:]], tied

    assert scores(*with_e_mail("a@one.example")) == scores(*with_e_mail("a@two.example"))
    assert pairs(*with_e_mail("a@one.example")) == pairs(*with_e_mail("a@two.example")) == {("s1", "e2")}


@pytest.mark.parametrize("written", ["㈜한빛", "(주) 한빛", "한빛 주식회사", "한빛"])
def test_row_16_one_employer_written_in_another_way_is_a_conflict_all_the_same(pairs, written):
    works = [{"source": "startup:s1", "target": "org:주식회사 한빛", "type": "employer"}]
    assert pairs([ROBOT], [{**ARMS[0], "affiliation": written}, *ARMS[1:]], works) == {("s1", "e2")}


def test_row_17_every_pair_is_told_why_it_is_made_or_why_not(matcher, cohort, out):
    folder = cohort(relations=RELATIONS, program=PROGRAM)
    matcher("match", folder, "--out", out)
    for startup_id, expert_id in itertools.product((one["id"] for one in STARTUPS), (one["id"] for one in EXPERTS)):
        told = matcher("explain", folder, "--startup", startup_id, "--expert", expert_id).stdout
        who = f"{startup_id} and {expert_id} are"
        made = (startup_id, expert_id) in pair_ids(out)
        assert (f"{who} matched" in told) == made
        assert made or "Ruled out" in told or (f"{who} not matched" in told and f"{startup_id} got" in told)


def test_row_18_the_popular_expert_is_not_overloaded_and_the_loudest_startup_gets_no_more(pairs, scores):
    crowd = [startup(f"s{at}", "robot arm") for at in range(1, 6)]
    made = pairs(crowd, [professor("e1", "robot arm", max_load=2), professor("e2", "robot", max_load=3)])
    assert Counter(expert for _, expert in made) == {"e1": 2, "e2": 3}
    loud = [startup("s1", "robot arm", "robot arm", "robot arm", "robot arm"), *crowd[1:]]
    assert scores(loud, ARMS) == scores(crowd, ARMS)
