"""The same cohort, program and seed give the same files, in whatever order the rows stand."""

from __future__ import annotations

import random

import pytest

from tests.service.cohorts import EXPERTS, PROGRAM, RELATIONS, STARTUPS, professor, startup
from tests.service.outputs import pairs_in_jsonl, read_lines, read_matches, read_run

WORDS = ["leaf", "route", "voice", "cash", "farm", "drone", "photo", "plan", "heat", "ship"]


def shuffled(rows, order: int) -> list:
    rows = list(rows)
    random.Random(order).shuffle(rows)  # noqa: S311
    return rows


def crowd(size: int):
    """Startups with two needs each and half as many experts with two places each."""
    dice = random.Random(size)  # noqa: S311
    startups = [startup(f"s{at}", *(" ".join(dice.sample(WORDS, 3)) for _ in range(2))) for at in range(size)]
    experts = [professor(f"p{at}", " ".join(dice.sample(WORDS, 3)), max_load=2) for at in range(size // 2)]
    return startups, experts


@pytest.mark.parametrize("objective", ["total", "fair"])
def test_two_runs_write_the_same_bytes(matcher, cohort, out, objective):
    folder = cohort(relations=RELATIONS, program=PROGRAM)
    for name in ("first", "second"):
        matcher("match", folder, "--objective", objective, "--out", out / name)
    for name in ("matches.csv", "matches.jsonl", "report.html"):
        assert (out / "first" / name).read_bytes() == (out / "second" / name).read_bytes()


def test_two_runs_differ_in_their_record_by_the_seconds_alone(matcher, cohort, out):
    folder = cohort(relations=RELATIONS, program=PROGRAM)
    records = []
    for _ in range(2):
        matcher("match", folder, "--out", out)
        records.append({name: value for name, value in read_run(out).items() if name != "seconds"})
    assert records[0] == records[1]


@pytest.mark.parametrize("order", range(2))
@pytest.mark.parametrize("objective", ["total", "fair"])
def test_the_order_of_the_rows_changes_no_pair_score_or_part(matcher, cohort, out, order, objective):
    matcher("match", cohort(relations=RELATIONS), "--objective", objective, "--out", out)
    before = {str(pair) for pair in pairs_in_jsonl(out)}
    mixed = cohort(shuffled(STARTUPS, order), shuffled(EXPERTS, order), shuffled(RELATIONS, order))
    matcher("match", mixed, "--objective", objective, "--out", out)
    assert {str(pair) for pair in pairs_in_jsonl(out)} == before


@pytest.mark.parametrize("order", range(3))
def test_the_order_of_the_rows_changes_no_evidence_and_no_next_best(matcher, cohort, out, order):
    def told() -> dict[tuple[str, str], tuple[str, str | None]]:
        matches = read_matches(out)
        others = [match["alternative"] and match["alternative"]["expert"] for match in matches]
        return {
            (match["startup"], match["expert"]): (str(match["evidence"]), other)
            for match, other in zip(matches, others, strict=True)
        }

    matcher("match", cohort(), "--out", out)
    before = told()
    matcher("match", cohort(shuffled(STARTUPS, order), shuffled(EXPERTS, order)), "--out", out)
    assert told() == before


@pytest.mark.parametrize("order", range(3))
def test_the_order_of_the_rows_settles_no_tie(matcher, cohort, out, order):
    startups, experts = crowd(24)
    tied = [*startups, *({**one, "id": f"{one['id']} again"} for one in startups)]
    matcher("match", cohort(tied, experts), "--out", out)
    before = {(pair.startup, pair.expert) for pair in pairs_in_jsonl(out)}
    matcher("match", cohort(shuffled(tied, order), shuffled(experts, order)), "--out", out)
    assert {(pair.startup, pair.expert) for pair in pairs_in_jsonl(out)} == before


@pytest.mark.parametrize("side", ["startups", "experts"])
@pytest.mark.parametrize("order", range(3))
def test_the_order_of_the_rows_changes_no_ranking(matcher, cohort, out, side, order):
    matcher("rank", cohort(), "--for", side, "--out", out)
    before = sorted(str(line) for line in read_lines(out))
    matcher("rank", cohort(shuffled(STARTUPS, order), shuffled(EXPERTS, order)), "--for", side, "--out", out)
    assert sorted(str(line) for line in read_lines(out)) == before
