"""No pair that a rule forbids stands anywhere in any output, though it would be the best of all."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.service.co_named import in_json, in_rows, on_page, without
from tests.service.cohorts import professor, startup
from tests.service.conflicts import BANS, FORBIDDEN, NAMED, RELATIONS, forbidding, profiles
from tests.service.outputs import (
    pair_ids,
    pairs_in_csv,
    pairs_in_xlsx,
    read_csv,
    read_lines,
    read_matches,
    read_run,
    read_sheet,
    read_unmatched,
)
from tests.service.page import matched_on, read_report, section

UNSOUGHT = ("s-unsought", "e-unsought")


def in_files(out) -> Iterator[tuple[str, str]]:
    """Yield every pair that the files of a run propose: matches, next bests, and experts named to the unmatched."""
    yield from ((pair.startup, pair.expert) for pair in [*pairs_in_csv(out), *pairs_in_xlsx(out)])
    yield from ((row["startup"], row["alternative"]) for row in [*read_csv(out), *read_sheet(out)])
    for match in read_matches(out):
        yield match["startup"], match["expert"]
        if match["alternative"]:
            yield match["startup"], match["alternative"]["expert"]
    for one in read_unmatched(out):
        if "startup" in one:
            yield from ((one["startup"], word.strip(",;.")) for word in one["reason"].split())


def on_the_page(out) -> Iterator[tuple[str, str]]:
    """Yield every pair that the report proposes: matches, next bests and takers of data."""
    page = read_report(out)
    yield from matched_on(page)
    for article in page.all("article"):
        told = article.all("summary")[0].text.split(" · ")[0]
        yield from ((article.people[0], word.strip(",;.")) for word in told.split())
    for row in section(page, "offers").all("tr"):
        yield from ((row.people[0], expert) for expert in row.people[1:])


def test_without_the_rules_every_one_of_these_pairs_is_made(matcher, cohort, out):
    matcher("match", cohort(*profiles(rules=False)), "--out", out)
    wanted = (FORBIDDEN - {("both", "both")}) | {("both", "e-both")}
    assert wanted <= pair_ids(out)


@pytest.mark.parametrize("options", [(), ("--objective", "fair"), ("--best-effort",)], ids=" ".join)
def test_no_forbidden_pair_stands_in_a_file_of_a_run(matcher, cohort, out, options):
    assert matcher("match", forbidding(cohort), "--out", out, *options).exit_code == 0
    found = set(in_files(out))
    assert pair_ids(out) <= found
    assert not found & FORBIDDEN


def test_no_forbidden_pair_stands_in_the_report(matcher, cohort, out):
    matcher("match", forbidding(cohort), "--out", out)
    found = set(on_the_page(out))
    assert pair_ids(out) <= found
    assert not found & FORBIDDEN


@pytest.mark.parametrize("options", [(), ("--objective", "fair"), ("--best-effort",)], ids=" ".join)
def test_no_record_row_or_paragraph_names_both_of_a_forbidden_pair(matcher, cohort, out, options):
    folder = forbidding(cohort)
    matcher("match", folder, "--out", out, *options)
    matcher("rank", folder, "--for", "startups", "--top", 0, "--out", out / "ranks.jsonl")
    run = read_run(out)
    assert set(in_json(run.pop("program"), NAMED)) == {("s-banned", "e-banned")}, "the manager's own words"
    lines = [*read_lines(out / "matches.jsonl"), *read_lines(out / "ranks.jsonl")]
    rows = [*read_csv(out), *read_sheet(out), *read_sheet(out, "unmatched")]
    # Who belongs to one organisation stands in its community, which proposes nothing.
    page = without(read_report(out), "ecosystem")
    assert not {*in_json(run, NAMED), *in_json(lines, NAMED)}
    assert not in_rows(rows, NAMED)
    assert not on_page(page, NAMED)
    assert pair_ids(out) <= set(in_json(lines, pair_ids(out)))
    assert pair_ids(out) <= in_rows(rows, pair_ids(out))
    shown = pair_ids(out) - {pair for pair in pair_ids(out) if "s-namesake" in pair}
    assert {pair for pair in shown if "both" not in pair} <= on_page(page, shown)


def test_no_forbidden_pair_is_printed(matcher, cohort):
    named = {"s-namesake": "Lark and Fennel Inc."}
    rows = [re.split(r" {2,}", line) for line in matcher("match", forbidding(cohort)).stdout.split("\n")]
    for startup_id, expert_id in FORBIDDEN:
        who = named.get(startup_id, startup_id)
        beside = [cell for row in rows if who in row for cell in row[row.index(who) + 1 :]]
        if startup_id != "s-unsought":
            assert beside
        assert not [cell for cell in beside if cell == expert_id or re.search(rf"(^|be ){expert_id} [0(]", cell)]


@pytest.mark.parametrize("side", ["startups", "experts"])
@pytest.mark.parametrize("top", [0, 1, 100])
def test_no_forbidden_pair_is_ranked(matcher, cohort, out, side, top):
    matcher("rank", forbidding(cohort), "--for", side, "--top", top, "--out", out)
    ranked = {(line["startup"], line["expert"]) for line in read_lines(out)}
    assert ranked
    assert not ranked & FORBIDDEN


def test_a_ranking_of_everything_leaves_out_the_forbidden_pairs_alone(matcher, cohort, out):
    relations = RELATIONS[:1]
    startups, experts = [startup("s-family", "plan"), startup("s2", "plan")], [professor("e-family", "plan")]
    matcher("rank", cohort(startups, experts, relations), "--for", "experts", "--top", 0, "--out", out)
    assert {(line["startup"], line["expert"]) for line in read_lines(out)} == {("s2", "e-family")}


@pytest.mark.parametrize(("startup_id", "expert_id"), sorted(FORBIDDEN))
def test_a_forbidden_pair_is_explained_by_its_rule_alone(matcher, cohort, startup_id, expert_id):
    told = matcher("explain", forbidding(cohort), "--startup", startup_id, "--expert", expert_id).stdout
    assert "Ruled out" in told
    assert "asks" not in told
    offered = told[told.index("data offered") :] if "data offered" in told else ""
    assert not [line for line in offered.split("\n")[1:] if line.split()[:1] == [expert_id]]


def test_pins_make_no_forbidden_pair(matcher, cohort, out):
    pins = ", ".join(f'["{startup_id}", "{expert_id}"]' for startup_id, expert_id in sorted(FORBIDDEN - {UNSOUGHT}))
    folder = forbidding(cohort, f"{BANS}pins = [{pins}]\n")
    done = matcher("match", folder, "--out", out)
    assert done.exit_code == 1
    assert not out.exists()
    assert matcher("match", folder, "--best-effort", "--out", out).exit_code == 0
    assert not {*in_files(out), *on_the_page(out)} & FORBIDDEN


def test_best_effort_passes_over_no_pin_of_a_kind_that_is_not_sought(matcher, cohort, out):
    folder = forbidding(cohort, f'{BANS}pins = [["{UNSOUGHT[0]}", "{UNSOUGHT[1]}"]]\n')
    done = matcher("match", folder, "--best-effort", "--out", out)
    assert done.exit_code == 1
    assert "s-unsought does not seek a professor" in done.stderr
    assert not out.exists()


@pytest.mark.parametrize("rule", ["family", "rejected", "stage", "unsought"])
def test_a_pin_of_a_forbidden_pair_exits_1_and_names_the_pair(matcher, cohort, rule):
    done = matcher("match", forbidding(cohort, f'{BANS}pins = [["s-{rule}", "e-{rule}"]]\n'))
    assert done.exit_code == 1
    assert f"pin s-{rule} with e-{rule}" in done.stderr


def test_minimums_make_no_forbidden_pair(matcher, cohort, out):
    folder = forbidding(cohort, min_load=1)
    assert matcher("match", folder, "--best-effort", "--out", out).exit_code == 0
    assert not {*in_files(out), *on_the_page(out)} & FORBIDDEN


def test_pairs_below_the_minimum_score_stand_nowhere(matcher, cohort, out):
    folder = cohort(program="min_score = 0.25")
    matcher("match", folder, "--out", out)
    matcher("rank", folder, "--for", "startups", "--top", 0, "--out", out / "ranks.jsonl")
    kept = {(line["startup"], line["expert"]) for line in read_lines(out / "ranks.jsonl")}
    assert pair_ids(out) <= kept
    for match in read_matches(out):
        assert match["score"] >= 0.25
        assert not match["alternative"] or (match["startup"], match["alternative"]["expert"]) in kept
    for row in section(read_report(out), "offers").all("tr")[1:]:
        assert {(row.people[0], expert) for expert in row.people[1:]} <= kept
