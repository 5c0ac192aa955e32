"""matches.csv, matches.jsonl and matches.xlsx: what a line holds, and that all three say the same."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from tests.service.cohorts import PROGRAM, RELATIONS, professor, startup
from tests.service.outputs import (
    PARTS,
    pairs_in_csv,
    pairs_in_jsonl,
    pairs_in_xlsx,
    read_csv,
    read_lines,
    read_matches,
    read_sheet,
    read_unmatched,
)

TEXT = "leaf photos of pepper"
# By the default weights the five parts of a perfect professor are sixths and ninths: none is a round number.
PERFECT = (
    [startup("s1", TEXT, data_assets=[TEXT], summary=TEXT, sectors=["fintech"])],
    [professor("p1", TEXT, sectors=["fintech"])],
)
ODD_WEIGHTS = "[weights]\nneeds = 1\ndata_assets = 1\nsummary = 4\nfit = 0\nwants = 0\n"


@pytest.fixture
def written(matcher, cohort, out):
    """The results of the sample cohort: matches and unmatched of both kinds."""
    assert matcher("match", cohort(relations=RELATIONS, program=PROGRAM), "--out", out).exit_code == 0
    return out


def floats(value: object) -> list[Decimal]:
    """Return every number with a point in a record, however deep."""
    if isinstance(value, dict):
        return [number for entry in value.values() for number in floats(entry)]
    if isinstance(value, list):
        return [number for entry in value for number in floats(entry)]
    return [value] if isinstance(value, Decimal) else []


def test_the_three_formats_hold_the_same_pairs_with_the_same_scores_and_parts(written):
    pairs = pairs_in_jsonl(written)
    assert len(pairs) == 6
    assert pairs == pairs_in_csv(written) == pairs_in_xlsx(written)


def test_the_three_formats_hold_the_same_unmatched(written):
    unmatched = [
        (one.get("startup"), one.get("expert"), one["kind"], one.get("waiting"), one["reason"])
        for one in read_unmatched(written)
    ]
    columns = ("startup", "expert", "kind", "waiting", "reason")
    in_xlsx = [tuple(row[name] for name in columns) for row in read_sheet(written, "unmatched")]
    in_csv = [
        tuple(row[name] for name in columns) for row in read_csv(written) if not (row["startup"] and row["expert"])
    ]
    assert len(unmatched) == 2
    assert unmatched == in_xlsx
    assert [tuple("" if value is None else str(value) for value in one) for one in unmatched] == in_csv


def test_a_match_has_its_pair_score_parts_and_evidence(written):
    for match in read_matches(written):
        assert {"startup", "expert", "kind", "score", "parts", "evidence"} <= match.keys()
        assert tuple(match["parts"]) == PARTS
        assert match["kind"] in ("professor", "investor")
        assert match["evidence"]
        for found in match["evidence"]:
            assert {"startup_passage", "expert_passage", "source", "part"} <= found.keys()
            assert found["part"] in PARTS
            assert found["startup_passage"]
            assert found["expert_passage"]
            assert found["source"]


def test_an_unmatched_one_has_one_side_its_kind_and_a_reason(written):
    unmatched = read_unmatched(written)
    assert {"startup" in one for one in unmatched} == {True, False}
    for one in unmatched:
        assert ("startup" in one) != ("expert" in one)
        assert one["kind"] in ("professor", "investor")
        assert one["reason"]


def test_everybody_is_matched_or_unmatched_never_both(written):
    for kind, startups, experts in (
        ("professor", {"s1", "s2", "s3"}, {"p1", "p2", "p3"}),
        ("investor", {"s1", "s2", "s3", "s4"}, {"v1", "v2"}),
    ):
        for side, ids in (("startup", startups), ("expert", experts)):
            matched = {match[side] for match in read_matches(written) if match["kind"] == kind}
            alone = [one[side] for one in read_unmatched(written) if one["kind"] == kind and side in one]
            assert len(alone) == len(set(alone))
            assert not matched & set(alone)
            assert matched | set(alone) == ids


def test_the_evidence_is_what_the_two_wrote(written):
    (match,) = [match for match in read_matches(written) if (match["startup"], match["expert"]) == ("s1", "p1")]
    best = match["evidence"][0]
    assert best["startup_passage"] == "few labelled photos of plant disease"
    assert best["expert_passage"] == "Few photos are enough. few labelled photos of plant disease"
    assert best["source"] == "Few photos are enough"
    assert best["part"] == "needs"


def test_the_first_evidence_stands_in_the_tables(written):
    matches = read_matches(written)
    for rows in ([row for row in read_csv(written) if row["score"]], read_sheet(written)):
        for match, row in zip(matches, rows, strict=True):
            for column in ("startup_passage", "expert_passage", "source"):
                assert row[column] == match["evidence"][0][column]


def test_the_parts_that_are_known_add_up_to_the_score_exactly(written):
    for pairs in (pairs_in_csv(written), pairs_in_jsonl(written)):
        for pair in pairs:
            assert sum(part for part in pair.parts if part is not None) == pair.score


@pytest.mark.parametrize("program", ["", ODD_WEIGHTS], ids=["default weights", "weights in sixths"])
def test_the_parts_of_a_perfect_pair_add_up_to_its_score_exactly(matcher, cohort, out, program):
    matcher("match", cohort(*PERFECT, program=program), "--out", out)
    for (pair,) in (pairs_in_csv(out), pairs_in_jsonl(out), pairs_in_xlsx(out)):
        assert pair.score == pytest.approx(1)
        assert pair.score <= 1
        assert sum(part for part in pair.parts if part is not None) == pair.score


def test_numbers_in_the_csv_have_six_decimals(written):
    numbers = [row[name] for row in read_csv(written) for name in ("score", *PARTS, "alternative_score") if row[name]]
    assert numbers
    assert all(re.fullmatch(r"[01]\.\d{6}", number) for number in numbers)


def test_numbers_in_the_jsonl_have_at_most_six_decimals(written):
    numbers = floats(read_lines(written / "matches.jsonl"))
    assert numbers
    assert all(number == round(number, 6) for number in numbers)


def test_an_unknown_part_is_null_in_jsonl_and_empty_in_the_tables(written):
    (match,) = [match for match in read_matches(written) if (match["startup"], match["expert"]) == ("s3", "p2")]
    assert match["parts"]["needs"] is None
    (row,) = [row for row in read_csv(written) if (row["startup"], row["expert"]) == ("s3", "p2")]
    assert row["needs"] == ""
    (cells,) = [row for row in read_sheet(written) if (row["startup"], row["expert"]) == ("s3", "p2")]
    assert cells["needs"] is None


def test_a_pinned_pair_of_which_nothing_is_known_has_no_score(matcher, cohort, out):
    mute = {"languages": ["ko"]}
    folder = cohort([{"id": "s1", **mute}], [professor("p1", **mute)], program='pins = [["s1", "p1"]]')
    assert matcher("match", folder, "--out", out).exit_code == 0
    (pair,) = pairs_in_jsonl(out)
    assert pair.score is None
    assert set(pair.parts) == {None}
    assert [pair] == pairs_in_csv(out) == pairs_in_xlsx(out)


def test_a_tie_to_look_at_stands_with_its_match(written):
    (match,) = [match for match in read_matches(written) if (match["startup"], match["expert"]) == ("s2", "v1")]
    assert "advisor" in match["warnings"][0]


def test_the_files_are_utf_8_and_their_lines_end_alike(written):
    for name in ("matches.csv", "matches.jsonl", "report.html", "run.json"):
        data = (written / name).read_bytes()
        data.decode("utf-8")
        # RFC 4180 ends the lines of a csv in CR LF.
        assert b"\r" not in data.replace(b"\r\n", b"\n" if name == "matches.csv" else b"\r\n")
        assert data.count(b"\r\n") in (0, data.count(b"\n"))
    assert "배송 경로" in (written / "matches.jsonl").read_text(encoding="utf-8")
