"""Ids, names and texts that a file format or a spreadsheet would take for something else."""

from __future__ import annotations

import csv
import io
import json

import openpyxl
import pytest

from tests.service.cohorts import professor, startup
from tests.service.outputs import (
    pairs_in_csv,
    pairs_in_jsonl,
    pairs_in_xlsx,
    read_csv,
    read_lines,
    read_matches,
    read_sheet,
    read_unmatched,
)
from tests.service.page import matched_on, read_report

IDS = [
    "a/b c/../d",
    "한글 아이디",
    "🚀",
    "<script>alert(1)</script>",
    "&lt;b&gt; & \"quoted\" 'too'",
    "[bold]x[/bold]",
    "[/]",
    "a;b|c=d",
    'comma, and "quote"',
    "startup:s1",
    "100% {name} %s $HOME",
    "back\\slash",
    "007",
    "1e5",
    "TRUE",
    "2026-01-01",
    "#REF!",
    "null",
]
FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", '=HYPERLINK("http://evil.example")', "=cmd|' /C calc'!A0"]
# What XML and csv cannot hold as it is, or take for the end of a line.
CONTROLS = ["\x00", "\x01", "\x0b", "\x0c", "\x1b", "\x1f", "\x7f", "\x85", "\u2028", "\ufeff", "\ufffe", "\uffff"]


@pytest.mark.parametrize("id_", [*IDS, *FORMULAS])
def test_an_id_is_the_same_in_every_file_and_on_the_page(matcher, cohort, out, id_):
    folder = cohort([startup(id_, "plans")], [professor(f"{id_} too", "plans")])
    assert matcher("match", folder, "--out", out).exit_code == 0
    (pair,) = pairs_in_jsonl(out)
    assert (pair.startup, pair.expert) == (id_, f"{id_} too")
    assert [pair] == pairs_in_csv(out) == pairs_in_xlsx(out)
    assert matched_on(read_report(out)) == [(id_, f"{id_} too")]


@pytest.mark.parametrize("id_", [*IDS, *FORMULAS])
def test_an_id_can_be_asked_for(matcher, cohort, out, id_):
    folder = cohort([startup(id_, "plans")], [professor(f"{id_} too", "plans")])
    assert matcher("rank", folder, "--for", "startups", f"--id={id_}", "--out", out).exit_code == 0
    assert [(line["startup"], line["expert"]) for line in read_lines(out)] == [(id_, f"{id_} too")]
    done = matcher("explain", folder, f"--startup={id_}", f"--expert={id_} too")
    assert done.exit_code == 0
    assert f"({id_})" in done.stdout
    assert f"({id_} too)" in done.stdout


@pytest.mark.parametrize("id_", [*IDS, *FORMULAS])
def test_an_id_without_a_pair_is_the_same_in_every_file(matcher, cohort, out, id_):
    folder = cohort([startup(id_, "plans")], [professor("p1", "plans", avoids=[f"startup:{id_}"])])
    assert matcher("match", folder, "--out", out).exit_code == 0
    assert [one["startup"] for one in read_unmatched(out) if "startup" in one] == [id_]
    assert [row["startup"] for row in read_sheet(out, "unmatched") if row["startup"]] == [id_]
    assert [row["startup"].removeprefix("'") for row in read_csv(out) if row["startup"]] == [id_]


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_the_csv_is_a_formula(matcher, cohort, out, formula):
    folder = cohort(
        [startup(formula, formula), startup("s2", "plans", "other plans")],
        [professor(f"{formula}!", documents=[{"title": formula, "text": "plans"}]), professor("p2", formula)],
        [{"source": f"startup:{formula}", "target": "p2", "type": formula}],
    )
    assert matcher("match", folder, "--out", out).exit_code == 0
    cells = [cell for row in read_csv(out) for cell in row.values()]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
    assert [cell for cell in cells if cell == f"'{formula}"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_every_cell_of_the_workbook_is_a_text_or_a_number(matcher, cohort, out, formula):
    folder = cohort(
        [startup(formula, formula), startup("s2", "plans", max_matches=0)],
        [professor(f"{formula}!", documents=[{"title": formula, "text": formula}])],
    )
    assert matcher("match", folder, "--out", out).exit_code == 0
    cells = [cell for sheet in openpyxl.load_workbook(out / "matches.xlsx") for row in sheet for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}
    assert {formula, f"{formula}!"} <= {cell.value for cell in cells}


@pytest.mark.parametrize("text", ["#REF!", "#N/A", "TRUE", "1e5", "007", "2026-01-01", "1/2", "12:30"])
def test_text_that_looks_like_a_value_stays_text_in_the_workbook(matcher, cohort, out, text):
    folder = cohort([startup("s1", text)], [professor("p1", text)])
    assert matcher("match", folder, "--out", out).exit_code == 0
    (row,) = read_sheet(out)
    assert row["startup_passage"] == row["expert_passage"] == text


@pytest.mark.parametrize("control", CONTROLS, ids=ascii)
def test_control_characters_break_no_file(matcher, cohort, out, control):
    odd = f"plans{control}of ships"
    folder = cohort(
        [startup("s1", odd, name=odd, summary=odd, data_assets=[odd])],
        [professor("p1", odd, name=odd, affiliation=f"{odd} university", documents=[{"title": odd, "text": odd}])],
        program='name = "Spring"',
    )
    assert matcher("match", folder, "--out", out).exit_code == 0
    (pair,) = pairs_in_jsonl(out)
    assert [pair] == pairs_in_csv(out) == pairs_in_xlsx(out)
    assert matched_on(read_report(out)) == [("s1", "p1")]
    assert matcher("rank", folder, "--for", "startups", "--out", out / "ranks.jsonl").exit_code == 0


@pytest.mark.parametrize("title", ["one\rtwo", "one\ntwo", "one\r\ntwo", 'one "two", three', "one\ttwo"])
def test_a_title_over_two_lines_keeps_its_row_in_the_csv(matcher, cohort, out, title):
    folder = cohort([startup("s1", "plans")], [professor("p1", documents=[{"title": title, "text": "plans"}])])
    assert matcher("match", folder, "--out", out).exit_code == 0
    (row,) = read_csv(out)
    in_the_file = title.replace("\r\n", "\n").replace("\r", "\n")  # one kind of line break, or rows fall apart
    assert (row["startup"], row["expert"], row["source"]) == ("s1", "p1", in_the_file)
    assert row["score"]


def test_a_text_over_many_lines_is_one_line_of_jsonl(matcher, cohort, out):
    folder = cohort([startup("s1", "one\ntwo\u2028three")], [professor("p1", documents=[{"title": "one\ntwo"}])])
    matcher("match", folder, "--out", out)
    (match,) = read_matches(out)
    assert match["evidence"][0]["source"] == "one\ntwo"


def test_a_passage_longer_than_a_cell_of_a_workbook_breaks_no_file(matcher, cohort, out):
    folder = cohort([startup("s1", "plans" * 8_000)], [professor("p1", documents=[{"title": "plans" * 8_000}])])
    assert matcher("match", folder, "--out", out).exit_code == 0
    (row,) = read_sheet(out)
    assert all(len(str(cell)) <= 32_767 for cell in row.values())


def test_korean_stays_readable_in_every_file(matcher, cohort, out):
    folder = cohort([startup("잎", "고추 잎 사진", name="잎새")], [professor("교수", "고추 잎 사진", name="은소라")])
    matcher("match", folder, "--out", out)
    for name in ("matches.csv", "matches.jsonl", "report.html"):
        assert "고추 잎 사진" in (out / name).read_text(encoding="utf-8")
    assert read_sheet(out)[0]["startup_passage"] == "고추 잎 사진"


def test_what_csv_readers_and_json_readers_see_is_the_same_row_count(matcher, cohort, out):
    odd = [startup(f'{at}, "{at}"', f'plans; "{at}", and\nmore') for at in range(5)]
    matcher("match", cohort(odd, [professor("p1", "plans", max_load=3)]), "--out", out)
    rows = list(csv.reader(io.StringIO((out / "matches.csv").read_text(encoding="utf-8"), newline="")))
    lines = (out / "matches.jsonl").read_text(encoding="utf-8").strip("\n").split("\n")
    assert len(rows) - 1 == len([json.loads(line) for line in lines]) == 5
    assert {len(row) for row in rows} == {len(rows[0])}
