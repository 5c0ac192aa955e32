"""`matcher explain`: why two are matched or not."""

from __future__ import annotations

import re

import pytest

from tests.service.cohorts import PROGRAM, RELATIONS, professor, startup
from tests.service.outputs import pairs_in_jsonl


@pytest.fixture
def explained(matcher, cohort):
    """Explain a pair of the sample cohort, or of another one."""

    def explain(startup_id: str, expert_id: str, folder=None) -> str:
        folder = folder or cohort(relations=RELATIONS, program=PROGRAM)
        done = matcher("explain", folder, "--startup", startup_id, "--expert", expert_id)
        assert done.exit_code == 0
        assert not done.stderr
        return done.stdout

    return explain


def test_a_matched_pair_is_told_with_score_parts_evidence_and_the_next_best(explained):
    told = explained("s1", "p1")
    assert "Leafsight (s1) and Eun Sora (p1)" in told
    assert "s1 and p1 are matched" in told
    assert "next best is p2" in told
    assert "asks     few labelled photos of plant disease" in told
    assert "answers  Few photos are enough. few labelled photos of plant disease" in told
    assert "Ruled out" not in told


def test_the_score_and_its_parts_are_those_of_the_match_list(explained, matcher, cohort, out):
    matcher("match", cohort(relations=RELATIONS, program=PROGRAM), "--out", out)
    for pair in pairs_in_jsonl(out):
        told = explained(pair.startup, pair.expert)
        assert f"score {pair.score:.6f} = " in told
        assert f"{pair.startup} and {pair.expert} are matched" in told
        for part in pair.parts:
            assert ("unknown" if part is None else f"{part:.6f}") in told


def test_an_eligible_pair_that_was_not_made_is_told_with_what_was_made_instead(explained):
    told = explained("s1", "p2")
    assert "s1 and p2 are not matched" in told
    assert re.search(r"s1 got p1 \(0\.\d\d\)", told)
    assert "p2: 2 of 2 places taken by s2" in told
    assert "score 0." in told
    assert "asks     " in told


# The one place of p1 goes to s1; s2 would take it, and s1 go to p2.
RIVALS = (
    [startup("s1", "robot arm", name="로봇팔"), startup("s2", "robot ship", name="Shipwright")],
    [professor("p1", "robot arm", name="윤서", max_load=1), professor("p2", "tax", name="Ada", max_load=1)],
)


def test_a_pair_that_was_not_made_is_told_what_forcing_it_would_cost_and_who_would_move(explained, cohort):
    told = explained("s2", "p1", cohort(*RIVALS))
    # 1.00 + 0.00 as it is, 0.54 + 0.09 with the pair
    moves = "Shipwright (s2) would leave Ada (p2); 로봇팔 (s1) would move to Ada (p2)"
    assert f"forcing it: −0.37 in total; {moves}\n" in told
    assert "p1: 1 of 1 places taken by s1 (1.00); scarce: one more place would add 0.54 to the total\n" in told


def test_a_matched_pair_is_told_nothing_about_forcing_it(explained, cohort):
    assert "forc" not in explained("s1", "p1", cohort(*RIVALS))


def test_amounts_say_that_priorities_count_where_there_are_any(explained, cohort):
    (first, second), experts = RIVALS
    told = explained("s2", "p1", cohort([first, {**second, "priority": 0.5}], experts))
    assert "forcing it: −0.64 in total (scores times priority); " in told


def test_a_pair_that_the_limits_do_not_let_in_says_so(explained, cohort):
    told = explained("s2", "p1", cohort(*RIVALS, program='pins = [["s1", "p1"]]'))
    assert "it cannot be forced: 2 pins (s1 with p1, s2 with p1) need 2 places, only 1 place is open" in told
    assert "in total" not in told


def test_under_the_fair_objective_the_worst_off_comes_before_the_total(explained, cohort):
    startups = [startup("s1", "kelp farms feed cattle"), startup("s2", "kelp farms heat homes")]
    experts = [
        professor("p1", "kelp farms feed cattle", max_load=1),
        professor("p2", "cattle count sheep graze", max_load=1),
    ]
    told = explained("s1", "p1", cohort(startups, experts, program='objective = "fair"'))
    moves = "s1 would leave p2; s2 would move to p2"
    assert re.search(rf"forcing it: worst-off 0\.\d\d instead of 0\.\d\d; \+0\.\d\d in total; {moves}\n", told)
    alone = explained("s1", "p2", cohort(startups, [experts[0], {**experts[1], "max_load": 0}]))
    assert "it cannot be forced: 1 pin (s1 with p2) needs 1 place, no place is open to it: p2 (0)" in alone


def test_under_a_quota_the_cost_counts_what_it_pushes_out(explained, cohort):
    quota = '[[quotas]]\nname = "one"\nmax = 1\nstartups = {}\nexperts = {}\n'
    told = explained("s2", "p2", cohort(*RIVALS, program=quota))
    assert "forcing it: −1.00 in total; 로봇팔 (s1) would be left without a professor\n" in told
    assert "scarce" not in told


def test_a_pair_that_nothing_is_known_about_is_made_only_where_it_is_pinned(explained, cohort):
    told = explained("s1", "p1", cohort([startup("s1", "robot")], [professor("p1", languages=["ko"])]))
    assert "a pair of unknown score is made only where it is pinned\n" in told
    assert "forcing it: ±0 in total; nobody would move\n" in told


def test_a_pair_that_retrieval_left_out_is_told_so(matcher, cohort):
    folder = cohort([startup("s1", "robot arm"), startup("s2", "robot arm ship")], RIVALS[1])
    done = matcher("explain", folder, "--startup", "s2", "--expert", "p2", MATCHER_CANDIDATES="1")
    assert "retrieval did not propose the pair, so it was not weighed\n" in done.stdout
    assert re.search(r"forcing it: (\+0\.\d\d|±0) in total; nobody would move\n", done.stdout)


def test_a_startup_without_a_match_got_nobody(explained):
    told = explained("s1", "v1")
    assert "s1 and v1 are not matched" in told
    assert "s1 got nobody" in told


RULED_OUT = {
    "a ban": ("s3", "p1", "the program forbids this pair"),
    "a conflict": ("s1", "v2", "family"),
    "a mandate": ("s4", "v1", "fintech is not among agriculture, logistics, healthcare"),
    "a kind not sought": ("s4", "p1", "s4 does not seek a professor"),
}


@pytest.mark.parametrize(("startup_id", "expert_id", "reason"), RULED_OUT.values(), ids=RULED_OUT)
def test_a_pair_that_is_ruled_out_has_its_reason_and_neither_score_nor_evidence(
    explained, startup_id, expert_id, reason
):
    told = explained(startup_id, expert_id)
    assert "Ruled out" in told
    assert reason in told
    assert "score" not in told
    assert "asks" not in told
    assert "answers" not in told


def test_a_pair_below_the_minimum_score_is_ruled_out_by_it(explained, cohort):
    assert "0.9" in explained("s1", "p2", cohort(program="min_score = 0.9"))


def test_every_reason_against_a_pair_is_told(explained, cohort):
    relations = [{"source": "s1", "target": "p1", "type": "competitor"}]
    folder = cohort(
        [startup("s1", "plans", region="Seoul")],
        [professor("p1", "plans", avoids=["s1"], regions=["Busan"])],
        relations,
        program='bans = [["s1", "p1"]]',
    )
    told = explained("s1", "p1", folder)
    assert all(reason in told for reason in ("competitor", "the program forbids", "does not want", "region: Seoul"))


def test_a_tie_to_look_at_is_told(explained):
    assert "look at: advisor" in explained("s2", "v1")


def test_a_pin_is_told(explained, cohort):
    folder = cohort(program='pins = [["s1", "p2"]]')
    assert "s1 and p2 are matched, for they are pinned" in explained("s1", "p2", folder)


def test_a_pair_of_which_nothing_is_known_has_an_unknown_score(explained, cohort):
    mute = {"languages": ["ko"]}
    told = explained("s1", "p1", cohort([{"id": "s1", **mute}], [professor("p1", **mute)]))
    assert "score unknown" in told


def test_the_data_of_a_startup_without_needs_is_listed_with_its_takers(explained):
    told = explained("s3", "p2")
    assert "data offered recorded phone calls of elderly speakers" in told
    offered = told[told.index("data offered transcripts of phone calls") :]
    assert "Odile Harwick (0.12): probabilistic forecasting" in offered


def test_the_data_is_listed_for_a_pair_that_is_ruled_out_too_without_that_expert(explained):
    told = explained("s3", "p1")
    offered = told[told.index("data offered") :]
    assert "Odile Harwick" in offered
    assert "Eun Sora" not in offered


def test_confidential_passages_are_marked_wherever_they_are_told(explained, cohort):
    hidden = startup("s1", "open plans", data_assets=["secret photos"], confidential=["data_assets"])
    told = explained("s1", "p1", cohort([hidden], [professor("p1", "open plans with secret photos")]))
    heads = told.split("\n\n")
    (need,) = [head for head in heads if head.startswith("needs")]
    assert "confidential" not in need
    about_data = [head for head in heads if "secret photos" in head and not head.startswith("needs")]
    assert len(about_data) == 2
    assert all("confidential" in head for head in about_data)
