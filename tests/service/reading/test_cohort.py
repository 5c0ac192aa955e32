from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import pytest

from matcher.errors import BadInput
from matcher.profiles import Document, Kind, Limits, Need, Party, Relation, Side
from matcher.program import Program
from service.reading.cohort import Tables, build_cohort, read_cohort
from service.reading.problems import Problem
from service.reading.tables import Row, Table
from tests.service.reading.folders import EXPERT, STARTUP, CohortFolder, csv_text, jsonl, workbook

SEOUL = Path(__file__).parents[3] / "examples" / "seoul"
S1, E1 = Party(Side.STARTUP, "s1"), Party(Side.EXPERT, "e1")


# ---- one cohort in every format

FILES = {
    "startups": [
        {
            "id": "s/1 한글",
            "name": "잎사귀",
            "summary": 'leaf photos, "peppers"; 고추',
            "data_assets": ["40,000 photos", "토양 기록"],
            "needs": [{"text": "진단 모델", "weight": 2}, "field tests"],
            "sectors": ["agriculture", "농업"],
            "stage": "Seed",
            "region": "서울",
            "raise_usd": 1_500_000,
            "date": "2026-03-31",
            "languages": ["ko", "en"],
            "documents": ["a note on blight"],
            "seeks": ["professor", "investor"],
            "min_matches": {"professor": 1},
            "max_matches": {"professor": 2, "investor": 1},
            "priority": 1.5,
            "confidential": ["needs", "founder"],
            "founder": "Kim",
        },
        {"id": "7", "sectors": ["fintech"], "max_matches": 3, "date": 2025},
    ],
    "experts": [
        {
            "id": "e1",
            "kind": "교수",
            "name": "김교수",
            "affiliation": "KU",
            "email": "kim@ku.example",
            "expertise": ["plant pathology", "식물병리"],
            "min_load": 1,
            "max_load": 2,
            "wants": ["s/1 한글", "농업"],
            "avoids": ["fintech"],
        },
        {
            "id": "e2",
            "kind": "investor",
            "sectors": ["any"],
            "stages": ["seed", "Series A"],
            "regions": ["Korea"],
            "check_usd": [None, 500_000],
            "languages": ["ko"],
        },
    ],
    "documents": [
        {"owner": "e1", "title": "On blight", "text": "Spores; and rain", "year": 2021, "authors": ["Kim", "Lee"]},
        {"owner": "startup:7", "title": "Deck", "date": "2026-01", "stage": "seed", "region": "KR", "sectors": ["bio"]},
    ],
    "relations": [
        {"source": "s/1 한글", "target": "expert:e1", "type": "coauthor", "since": "2020-01-01", "until": 2024},
        {"source": "org:KU", "target": "e1", "type": "employer"},
    ],
    "outcomes": [{"startup": "7", "expert": "e2", "outcome": "declined", "date": "2025-05-05"}],
}


def as_table(rows: list[dict[str, object]]) -> list[list[object]]:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return [columns, *([_cell(name, row.get(name, "")) for name in columns] for row in rows)]


def _cell(column: str, value: object) -> object:
    """Return the value as a person would write it into a table."""
    if isinstance(value, dict):
        return ";".join(f"{kind}={count}" for kind, count in value.items())
    if column == "check_usd" and isinstance(value, list):
        return ";".join("" if amount is None else str(amount) for amount in value)
    if isinstance(value, list):
        return "; ".join(f"{item['text']} | {item['weight']}" if isinstance(item, dict) else item for item in value)
    return value


def _typed(value: object) -> object:
    """Return the cell as Excel would store it: a day as a date, an empty one as none."""
    try:
        return dt.datetime.strptime(str(value), "%Y-%m-%d")  # Excel knows no time zones
    except ValueError:
        return value if value != "" else None


def _content(name: str, form: str) -> tuple[str, str | bytes]:
    if form == "jsonl":
        return f"{name}.jsonl", jsonl(FILES[name])
    if form == "xlsx":
        return f"{name}.xlsx", workbook([[_typed(cell) for cell in row] for row in as_table(FILES[name])])
    return f"{name}.csv", csv_text(as_table(FILES[name])).encode(form)


def read_as(folder: CohortFolder, form: str):
    for name in FILES:
        folder.put(*_content(name, form))
    return folder.read()


def test_a_whole_cohort_is_read_from_jsonl(folder):
    cohort = read_as(folder, "jsonl").cohort
    first, second = cohort.startups
    professor, investor = cohort.experts
    assert (first.id, second.id) == ("s/1 한글", "7")
    assert first.needs == (Need("진단 모델", 2.0), Need("field tests", 1.0))
    assert first.documents == (Document(text="a note on blight"),)
    assert first.limits == {Kind.PROFESSOR: Limits(1, 2), Kind.INVESTOR: Limits(0, 1)}
    assert second.limits == {Kind.PROFESSOR: Limits(0, 3), Kind.INVESTOR: Limits(0, 3)}
    assert second.documents == (Document("Deck", "", dt.date(2026, 1, 31), (), ("bio",), "seed", "KR"),)
    assert professor.documents == (Document("On blight", "Spores; and rain", dt.date(2021, 12, 31), ("Kim", "Lee")),)
    assert (professor.limits, professor.wants, professor.avoids) == (Limits(1, 2), ("s/1 한글", "농업"), ("fintech",))
    assert investor.check_usd == (None, 500_000.0)
    assert cohort.relations == (
        Relation(Party(Side.STARTUP, "s/1 한글"), E1, "coauthor", dt.date(2020, 1, 1), dt.date(2024, 12, 31)),
        Relation(Party(None, "KU"), E1, "employer"),
        Relation(Party(Side.EXPERT, "e2"), Party(Side.STARTUP, "7"), "declined", dt.date(2025, 5, 5)),
    )


@pytest.mark.parametrize("form", ["utf-8", "utf-8-sig", "cp949", "xlsx"])
def test_every_format_gives_the_same_cohort_and_digest(folder, form):
    wanted = read_as(folder, "jsonl")
    found = read_as(folder, form)
    assert found.cohort == wanted.cohort
    assert found.digest == wanted.digest


def test_the_formats_may_be_mixed(folder):
    wanted = read_as(folder, "jsonl").cohort
    for name, form in zip(FILES, ["xlsx", "jsonl", "cp949", "utf-8", "xlsx"], strict=True):
        folder.put(*_content(name, form))
    assert folder.read().cohort == wanted


def test_numbers_as_ids_meet_across_formats(folder):
    folder.put("startups.xlsx", workbook([["id", "summary"], [7, "x"], [8.0, "y"]]))
    folder.put("relations.csv", "source,target,type\n7,e1,family\nstartup:8,e1,family\n")
    cohort = folder.read().cohort
    assert [startup.id for startup in cohort.startups] == ["7", "8"]
    assert [relation.source.id for relation in cohort.relations] == ["7", "8"]


def test_the_sample_cohort_reads_without_problems_or_warnings():
    seoul = read_cohort(SEOUL)
    assert (len(seoul.cohort.startups), len(seoul.cohort.experts)) == (26, 26)
    assert seoul.warnings == ()


# ---- every mistake in one report


def test_mistakes_in_all_files_are_told_together_with_file_row_and_column(folder):
    folder.startups(
        {"id": "s1", "summary": "fine"},
        '{"id": "s2", ',
        {"id": "s1", "summary": "again"},
        {"id": "s4", "summary": "x", "min_matches": 3, "max_matches": 2},
        "",
        {"id": "s6", "summary": "x", "min_matches": 2},
        {"id": "s7", "summary": "x", "raise_usd": -1},
        {"id": "s8", "summary": "x", "date": "2026-02-30"},
        {"id": "both", "summary": "x", "seeks": ["teacher"]},
        {"id": "s10", "name": "says nothing"},
        {"id": "s11", "summary": "x", "confidential": ["secret"]},
    )
    folder.put(
        "experts.csv",
        "id,kind,expertise,min_load,max_load,avoids\n"
        "e1,professor,x,,,nobody\n"
        "e2,,x,,,\n"
        "\n"
        "e4,investor,x,4,,\n"
        "both,professor,x,2,1,\n"
        "e6,investor,,,,\n"
        "e7,professor,x,,,,lost\n",
    )
    folder.put("relations.csv", "source,target,type,since\nzz,e1,family,\nboth,e1,family,\ns1,e1,family,soon\n")
    folder.put("outcomes.csv", "startup,expert,outcome\ns1,e9,declined\n")
    folder.put("documents.csv", "owner,title\nnobody,T\n")
    folder.put("program.toml", 'pins = [["s1", "e99"]]')
    assert list(dict.fromkeys(folder.places())) == [
        ("documents.csv", 2, "owner"),
        ("experts.csv", 2, "avoids"),
        ("experts.csv", 3, "kind"),
        ("experts.csv", 5, "min_load"),
        ("experts.csv", 6, "min_load"),
        ("experts.csv", 7, ""),
        ("experts.csv", 8, ""),
        ("outcomes.csv", 2, "expert"),
        ("program.toml", 0, ""),
        ("relations.csv", 2, "source"),
        ("relations.csv", 3, "source"),
        ("relations.csv", 4, "since"),
        ("startups.jsonl", 2, ""),
        ("startups.jsonl", 3, "id"),
        ("startups.jsonl", 4, "min_matches"),
        ("startups.jsonl", 6, "min_matches"),
        ("startups.jsonl", 7, "raise_usd"),
        ("startups.jsonl", 8, "date"),
        ("startups.jsonl", 9, "seeks[0]"),
        ("startups.jsonl", 10, ""),
        ("startups.jsonl", 11, "confidential"),
    ]


def test_an_unknown_key_of_the_program_does_not_hide_an_unknown_pin(folder):
    folder.put("program.toml", 'ban = []\npins = [["s1", "e99"]]')
    messages = [problem.message for problem in folder.problems()]
    assert any("'ban'" in message for message in messages)
    assert any("'e99'" in message for message in messages)


@pytest.mark.parametrize(
    "wrong",
    [{"summary": ["x"]}, {"needs": 5}, {"min_matches": 2, "max_matches": "many"}],
    ids=["text", "list", "limit"],
)
def test_one_mistake_is_one_problem(folder, wrong):
    """A field that is wrong is not missing as well, and its default is no reason for a second problem."""
    folder.startups({"id": "s1", **({"sectors": "health"} if "min_matches" in wrong else {}), **wrong})
    assert len(folder.places()) == 1


@pytest.mark.parametrize("id_", [None, "", "  ", "a\x00b", "a\x07b", "a\nb", [], True])
@pytest.mark.parametrize("name", ["startups", "experts"])
def test_a_row_without_a_usable_id_is_a_problem_of_its_id(folder, name, id_):
    good = STARTUP if name == "startups" else EXPERT
    folder.put(f"{name}.jsonl", jsonl([good, {**good, "id": id_}]))
    assert folder.places() == [(f"{name}.jsonl", 2, "id")]


def test_two_rows_without_an_id_are_not_called_equal(folder):
    folder.startups({"summary": "x"}, {"summary": "y"})
    assert folder.places() == [("startups.jsonl", 1, "id"), ("startups.jsonl", 2, "id")]


@pytest.mark.parametrize(
    ("name", "header", "row"),
    [
        ("relations", "source,target,type", ",e1,family"),
        ("relations", "source,target,type", "s1,,family"),
        ("relations", "source,target,type", "s1,e1,"),
        ("outcomes", "startup,expert,outcome", ",e1,declined"),
        ("outcomes", "startup,expert,outcome", "s1,,declined"),
        ("outcomes", "startup,expert,outcome", "s1,e1,"),
        ("documents", "owner,title", ",T"),
    ],
)
def test_a_required_cell_that_is_empty_is_a_problem_of_its_column(folder, name, header, row):
    folder.put(f"{name}.csv", f"{header}\n{row}\n")
    empty = header.split(",")[row.split(",").index("")]
    assert folder.places() == [(f"{name}.csv", 2, empty)]


@pytest.mark.parametrize(
    "line",
    [
        r'{"id": "\ud800", "summary": "x"}',
        r'{"id": "s1", "summary": "a\ud800b"}',
        r'{"id": "s1", "summary": "x", "needs": ["a\ud800b"]}',
        r'{"id": "s1", "summary": "x", "founder": "a\ud800b"}',
        r'{"id": "s1", "summary": "x", "a\ud800b": "y"}',
    ],
    ids=["id", "text", "list", "unknown column", "column name"],
)
def test_half_a_surrogate_pair_is_a_problem_of_its_row(folder, line):
    """JSON can hold it, no file or database that we write can."""
    folder.startups(line)
    assert {problem.row for problem in folder.problems()} == {1}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400"])
@pytest.mark.parametrize("column", ["raise_usd", "priority", "founded"])
def test_a_number_that_is_not_finite_is_a_problem_in_any_column(folder, column, number):
    folder.startups(f'{{"id": "s1", "summary": "x", "{column}": {number}}}')
    assert [problem.row for problem in folder.problems()] == [1]


@pytest.mark.parametrize("column", ["id", "summary", "needs", "raise_usd", "founder"])
def test_json_nested_10_000_deep_is_a_problem_of_its_row(folder, column):
    folder.startups(STARTUP, f'{{"id": "s2", "summary": "x", "{column}": {"[" * 10_000}{"]" * 10_000}}}')
    assert [(problem.file, problem.row) for problem in folder.problems()] == [("startups.jsonl", 2)]


def test_no_depth_of_nesting_breaks_the_reading(folder):
    """Just below the depth that the JSON parser refuses, whatever walks the value next must not fail."""
    failed = []
    for depth in range(700, 1_000):
        folder.startups(f'{{"id": "s1", "summary": "x", "notes": {"[" * depth}{"]" * depth}}}')
        try:
            assert folder.read().digest
        except BadInput:
            continue
        except RecursionError:
            failed.append(depth)
    assert not failed


# ---- ids


@pytest.mark.parametrize("id_", ["a/b", "a b c", "한글", "🚀", "a%2Fb", "a:b", "startup:x", "org:x", "=1+1", "x" * 500])
def test_any_printable_id_is_kept_and_found_by_its_prefix(folder, id_):
    folder.startups({"id": id_, "summary": "x"})
    folder.put("relations.jsonl", jsonl([{"source": f"startup:{id_}", "target": "e1", "type": "family"}]))
    cohort = folder.read().cohort
    assert cohort.startups[0].id == id_
    assert cohort.relations == (Relation(Party(Side.STARTUP, id_), E1, "family"),)


def test_an_id_stands_once_on_each_side(folder):
    folder.startups({**STARTUP, "id": "x"})
    folder.experts({**EXPERT, "id": "x"})
    cohort = folder.read().cohort
    assert cohort.startups[0].id == cohort.experts[0].id == "x"


def test_a_repeated_id_names_the_row_that_has_it_already(folder):
    folder.put("experts.csv", "id,kind,expertise\n7,professor,x\n\n 7 ,professor,y\n")
    (problem,) = folder.problems()
    assert (problem.row, problem.column) == (4, "id")
    assert "row 2" in problem.message


# ---- relations


def relations(folder: CohortFolder, *lines: str) -> tuple[Relation, ...]:
    folder.put("relations.csv", "\n".join(["source,target,type,since,until", *lines]))
    return folder.read().cohort.relations


@pytest.mark.parametrize(
    ("ends", "source", "target"),
    [
        ("s1,e1", S1, E1),
        ("e1,s1", E1, S1),
        ("startup:s1,expert:e1", S1, E1),
        ("org:KU,e1", Party(None, "KU"), E1),
        ("org:KU,org:한빛 바이오", Party(None, "KU"), Party(None, "한빛 바이오")),
    ],
)
def test_a_relation_ties_two_parties(folder, ends, source, target):
    assert relations(folder, f"{ends},advisor,,") == (Relation(source, target, "advisor"),)


def test_years_of_a_relation_count_as_their_last_day(folder):
    assert relations(folder, "s1,e1,coauthor,2020,2021-02") == (
        Relation(S1, E1, "coauthor", dt.date(2020, 12, 31), dt.date(2021, 2, 28)),
    )


@pytest.mark.parametrize("days", ["2020-05-01,2020-05-01", "2020,2020", ",2020", "2020,"])
def test_a_relation_may_last_one_day_or_be_open(folder, days):
    assert len(relations(folder, f"s1,e1,coauthor,{days}")) == 1


def test_a_relation_that_began_and_ended_within_a_year_may_tell_its_beginning_as_that_year(folder):
    assert len(relations(folder, "s1,e1,coauthor,2020,2020-06-30")) == 1


def test_a_relation_that_ends_before_it_begins_is_a_problem_told_in_dates(folder):
    folder.put("relations.csv", "source,target,type,since,until\ns1,e1,coauthor,2020-05-02,2020-05-01\n")
    (problem,) = folder.problems()
    assert (problem.file, problem.row, problem.column) == ("relations.csv", 2, "until")
    assert "2020-05-01" in problem.message
    assert "2020-05-02" in problem.message


@pytest.mark.parametrize("end", ["s9", "startup:e1", "expert:s1", "org:", "startup:", "nobody:s1"])
def test_a_relation_end_that_nobody_knows_is_a_problem_of_its_column(folder, end):
    folder.put("relations.csv", f"source,target,type\n{end},e1,family\ns1,{end},family\n")
    assert folder.places() == [("relations.csv", 2, "source"), ("relations.csv", 3, "target")]


def test_an_end_that_stands_on_both_sides_says_how_to_tell_them_apart(folder):
    folder.startups({**STARTUP, "id": "x"})
    folder.experts({**EXPERT, "id": "x"})
    folder.put("relations.csv", "source,target,type\nx,expert:x,family\nstartup:x,expert:x,family\n")
    (problem,) = folder.problems()
    assert (problem.row, problem.column) == (2, "source")
    assert "startup:x or expert:x" in problem.message


def test_a_type_without_a_rule_is_named_in_a_warning_until_it_has_one(folder):
    folder.put("relations.csv", "source,target,type\ns1,e1,Neighbour\n")
    (warning,) = folder.read().warnings
    assert "neighbour" in warning
    folder.put("program.toml", '[relations.neighbour]\nrule = "allow"')
    assert folder.read().warnings == ()


# ---- outcomes


def test_a_declined_match_becomes_a_relation(folder):
    folder.put("outcomes.csv", "startup,expert,outcome,value,date\ns1,e1,Declined,,2025-05-05\n")
    assert folder.read().cohort.relations == (Relation(E1, S1, "declined", dt.date(2025, 5, 5)),)


@pytest.mark.parametrize("outcome", ["invested,,", "accepted,,", "rating,4.5,2024"])
def test_other_outcomes_tie_nobody(folder, outcome):
    folder.put("outcomes.csv", f"startup,expert,outcome,value,date\ns1,e1,{outcome}\n")
    assert folder.read().cohort.relations == ()


def test_outcomes_of_people_nobody_knows_are_problems(folder):
    folder.put("outcomes.csv", "startup,expert,outcome\ns9,e1,declined\ns1,e9,invested\ne1,s1,rating\n")
    assert folder.places() == [
        ("outcomes.csv", 2, "startup"),
        ("outcomes.csv", 3, "expert"),
        ("outcomes.csv", 4, "expert"),
        ("outcomes.csv", 4, "startup"),
    ]


@pytest.mark.parametrize("outcome", ["decline", "rejected", "won"])
def test_an_outcome_that_is_none_of_the_four_is_a_problem(folder, outcome):
    """A decline with a typing error would otherwise be passed over, and the pair made again."""
    folder.put("outcomes.csv", f"startup,expert,outcome\ns1,e1,{outcome}\n")
    assert folder.places() == [("outcomes.csv", 2, "outcome")]


def test_a_value_that_is_no_number_is_a_problem(folder):
    folder.put("outcomes.csv", "startup,expert,outcome,value\ns1,e1,rating,good\n")
    assert folder.places() == [("outcomes.csv", 2, "value")]


# ---- documents


def test_documents_of_their_own_file_come_after_those_of_the_profile(folder):
    folder.experts({**EXPERT, "documents": [{"title": "first"}]})
    folder.put("documents.csv", "owner,title\ne1,second\nexpert:e1,third\ns1,of the startup\n")
    cohort = folder.read().cohort
    assert [document.title for document in cohort.experts[0].documents] == ["first", "second", "third"]
    assert [document.title for document in cohort.startups[0].documents] == ["of the startup"]


def test_documents_make_a_profile_that_says_nothing_else(folder):
    folder.startups({"id": "s1"})
    folder.experts({"id": "e1", "kind": "professor"})
    folder.put("documents.csv", "owner,text\ns1,pepper leaves\ne1,plant pathology\n")
    assert folder.read().cohort.startups[0].documents[0].text == "pepper leaves"


@pytest.mark.parametrize("owner", ["nobody", "org:KU", "startup:e1"])
def test_a_document_of_nobody_is_a_problem(folder, owner):
    folder.put("documents.csv", f"owner,title\n{owner},T\n")
    assert folder.places() == [("documents.csv", 2, "owner")]


def test_a_document_without_title_or_text_does_not_make_a_profile(folder):
    folder.startups({"id": "s1", "name": "says nothing"})
    folder.put("documents.csv", "owner,title,authors\ns1,,Kim\n")
    assert folder.problems()


# ---- wishes, secrets, kinds


@pytest.mark.parametrize("wish", ["s1", "startup:s1", "healthcare", "헬스케어", "Health-Care", "underwater basketry"])
@pytest.mark.parametrize("column", ["wants", "avoids"])
def test_a_wish_names_a_startup_or_a_sector(folder, column, wish):
    folder.startups({**STARTUP, "sectors": ["Underwater Basketry"]})
    assert getattr(folder.expert(**{column: [wish]}), column) == (wish,)


@pytest.mark.parametrize("wish", ["s9", "startup:s9", "S1", "e1", "basketry"])
@pytest.mark.parametrize("column", ["wants", "avoids"])
def test_a_wish_that_names_neither_is_a_problem(folder, column, wish):
    folder.experts({**EXPERT, column: ["healthcare", wish]})
    (problem,) = folder.problems()
    assert (problem.row, problem.column) == (1, column)
    assert repr(wish) in problem.message


def test_confidential_names_columns_known_or_not(folder):
    assert folder.startup(founder="Kim", confidential=["needs", "founder"]).confidential == ("needs", "founder")
    folder.startups({**STARTUP, "confidential": ["needs", "founder"]})
    (problem,) = folder.problems()
    assert problem.column == "confidential"
    assert "'founder'" in problem.message


@pytest.mark.parametrize("written", ["교수;투자자", "Professor; INVESTOR", "investor;professor;교수"])
def test_kinds_are_sought_by_korean_and_english_names(folder, written):
    folder.put("startups.csv", f"id,summary,seeks\ns1,x,{written}\n")
    assert set(folder.read().cohort.startups[0].seeks) == set(Kind)


def test_limits_per_kind_are_written_with_either_name(folder):
    folder.experts(EXPERT, {"id": "e2", "kind": "투자자", "sectors": "any"})
    folder.put("startups.csv", "id,summary,min_matches,max_matches\ns1,x,투자자=1,교수=2;투자자=3\n")
    limits = folder.read().cohort.startups[0].limits
    assert limits == {Kind.PROFESSOR: Limits(0, 2), Kind.INVESTOR: Limits(1, 3)}


@pytest.mark.parametrize("cell", ["professor=1;professor=2", "professor=1;교수=2"])
def test_one_kind_with_two_limits_is_a_problem(folder, cell):
    """Neither of the two may win silently."""
    folder.put("startups.csv", f"id,summary,max_matches\ns1,x,{cell}\n")
    assert folder.places() == [("startups.csv", 2, "max_matches")]


@pytest.mark.parametrize("cell", ["1;2", "=1", "professor=", "teacher=1", "professor=1.5", "professor=-1"])
def test_limits_that_cannot_be_meant_are_a_problem(folder, cell):
    folder.put("startups.csv", f"id,summary,max_matches\ns1,x,{cell}\n")
    assert folder.places() == [("startups.csv", 2, "max_matches")]


def test_a_minimum_for_a_kind_that_is_not_there_is_a_problem(folder):
    folder.startups({**STARTUP, "min_matches": {"investor": 1}})
    assert folder.places() == [("startups.jsonl", 1, "min_matches")]


# ---- files


@pytest.mark.parametrize("name", ["startups", "experts"])
def test_a_missing_file_is_one_problem_however_often_it_is_referred_to(folder, name):
    (folder.path / f"{name}.jsonl").unlink()
    folder.put("relations.csv", "source,target,type\ns1,e1,family\ns1,e1,advisor\n")
    folder.put("program.toml", 'pins = [["s1", "e1"]]')
    (problem,) = folder.problems()
    assert name in str(problem)
    assert ".csv" in problem.message


@pytest.mark.parametrize("name", ["startups", "experts"])
@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        ("csv", ""),
        ("csv", "id,kind,summary"),
        ("csv", "id,kind,summary\n,,\n"),
        ("jsonl", ""),
        ("jsonl", "\n\n"),
        ("xlsx", workbook([])),
        ("xlsx", workbook([["id", "kind"]])),
    ],
)
def test_a_file_without_rows_is_one_problem(folder, name, suffix, content):
    folder.put(f"{name}.{suffix}", content)
    (problem,) = folder.problems()
    assert problem == Problem(f"{name}.{suffix}", 0, "", f"found no {name}, expected one at least")


@pytest.mark.parametrize("name", ["relations", "outcomes", "documents"])
def test_a_file_that_nobody_needs_may_be_empty(folder, name):
    folder.put(f"{name}.csv", "")
    assert folder.read().cohort.relations == ()


def test_a_missing_folder_is_bad_input_that_names_it(tmp_path):
    with pytest.raises(BadInput, match="nowhere is not a folder"):
        read_cohort(tmp_path / "nowhere")


def test_a_file_in_place_of_a_folder_is_bad_input(tmp_path):
    (tmp_path / "startups.csv").touch()
    with pytest.raises(BadInput, match="is not a folder"):
        read_cohort(tmp_path / "startups.csv")


def test_startups_in_two_formats_are_one_problem_that_names_both(folder):
    (folder.path / "startups.csv").write_text("id,summary\ns1,x\n")
    folder.put("relations.csv", "source,target,type\ns1,e1,family\n")
    (problem,) = folder.problems()
    assert "startups.jsonl" in problem.message
    assert "startups.csv" in problem.message


def test_a_folder_without_a_program_has_the_default_one(folder):
    assert folder.read().program == Program()


# ---- unknown columns


def test_unknown_columns_of_profiles_are_kept_and_named_in_a_warning(folder):
    folder.startups({**STARTUP, "founder": "Kim"}, {"id": "s2", "summary": "y", "alumni": 3})
    folder.put("experts.csv", "id,kind,expertise,h_index\ne1,professor,x,12\n")
    found = folder.read()
    assert found.cohort.startups[0].extra == {"founder": "Kim"}
    assert found.cohort.experts[0].extra == {"h_index": "12"}
    startups, experts = found.warnings
    assert "startups.jsonl" in startups
    assert "alumni, founder" in startups
    assert "experts.csv" in experts
    assert "h_index" in experts


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("relations.csv", "source,target,type,untill\ns1,e1,family,2020\n"),
        ("documents.csv", "owner,title,txet\ns1,T,lost\n"),
        ("outcomes.csv", "startup,expert,outcome,comment\ns1,e1,rating,good\n"),
    ],
)
def test_unknown_columns_of_other_files_are_named_in_a_warning(folder, name, content):
    """A column with a typing error is otherwise dropped silently: here the end of a relation."""
    folder.put(name, content)
    unknown = (set(content.split("\n")[0].split(",")) & {"untill", "txet", "comment"}).pop()
    assert any(unknown in warning for warning in folder.read().warnings)


def test_an_unknown_field_of_a_document_inside_a_profile_is_named_in_a_warning(folder):
    folder.experts({**EXPERT, "documents": [{"titel": "On blight", "text": "Spores"}]})
    assert any("titel" in warning for warning in folder.read().warnings)


def test_an_empty_unknown_column_needs_no_warning(folder):
    folder.put("startups.csv", "id,summary,notes\ns1,x,\n")
    assert folder.read().warnings == ()


# ---- the program beside its cohort


@pytest.mark.parametrize(
    "text",
    [
        'pins = [["s9", "e1"]]',
        'bans = [["s1", "e9"]]',
        'pins = [["e1", "s1"]]',
        '[[quotas]]\nstartups = ["s9"]',
        '[[quotas]]\nexperts = ["e9"]',
        '[[quotas]]\nmin = 1\nexperts = {affiliation = "nowhere"}',
    ],
)
def test_a_program_that_names_somebody_unknown_is_a_problem(folder, text):
    folder.put("program.toml", text)
    assert {problem.file for problem in folder.problems()} == {"program.toml"}


def test_a_quota_over_both_kinds_is_a_problem(folder):
    folder.experts(EXPERT, {"id": "e2", "kind": "investor", "sectors": "any"})
    folder.put("program.toml", "[[quotas]]\nmax = 1")
    (problem,) = folder.problems()
    assert "professors and investors" in problem.message


# ---- tables that come from elsewhere, as over HTTP


def test_a_cohort_is_built_from_tables_without_any_file():
    tables = Tables(
        Table((Row("startups", 1, dict(STARTUP), is_table=False),)),
        Table((Row("experts", 1, dict(EXPERT), is_table=False),)),
    )
    assert build_cohort(tables, Program(seed=3)).program.seed == 3


# ---- digests


def test_equal_cohorts_have_equal_digests(folder, tmp_path_factory):
    other = CohortFolder(tmp_path_factory.mktemp("other"))
    assert folder.read().digest == other.read().digest
    assert len(folder.read().digest) == 64


@pytest.mark.parametrize(
    "change",
    [
        {"summary": "leaf photos of pepper"},
        {"id": "s2"},
        {"needs": ["x"]},
        {"raise_usd": 1},
        {"max_matches": 2},
        {"priority": 2},
        {"founder": "Kim"},
        {"confidential": ["needs"]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_change_of_any_field_changes_the_digest(folder, change):
    before = folder.read().digest
    folder.startups({**STARTUP, **change})
    assert folder.read().digest != before


def test_a_relation_changes_the_digest(folder):
    before = folder.read().digest
    folder.put("relations.csv", "source,target,type\ns1,e1,family\n")
    assert folder.read().digest != before


def test_the_order_of_unknown_columns_changes_neither_cohort_nor_digest(folder):
    folder.startups({**STARTUP, "founder": "Kim", "alumni": "yes"})
    one = folder.read()
    folder.startups({**STARTUP, "alumni": "yes", "founder": "Kim"})
    other = folder.read()
    assert one.cohort == other.cohort
    assert one.digest == other.digest


def test_the_digest_does_not_change_between_processes(folder):
    """A run is stored under it: it must not depend on the salt of Python's hashes."""
    code = "import sys, pathlib; from service.reading.cohort import read_cohort as r; "
    code += "print(r(pathlib.Path(sys.argv[1])).digest)"
    folder.startups({**STARTUP, "seeks": ["professor", "investor"], "founder": json.dumps({"a": 1})})
    digests = {
        subprocess.run(  # noqa: S603
            [sys.executable, "-c", code, str(folder.path)],
            capture_output=True,
            text=True,
            check=True,
            cwd=SEOUL.parents[1],
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert digests == {f"{folder.read().digest}\n"}


def test_relations_of_a_party_with_itself_are_told():
    rows = [{"source": "s1", "target": end, "type": "family"} for end in ("startup:s1", "s1", "e1")]
    relations = Table(tuple(Row("relations.jsonl", at, row, False) for at, row in enumerate(rows, 1)))
    startups, experts = (Table((Row("-", 1, row, False),)) for row in (STARTUP, EXPERT))
    read = build_cohort(Tables(startups, experts, relations), Program())
    assert read.warnings == ("relations: 2 tie a party to itself and count for nothing (first family, s1)",)
    assert [relation.target for relation in read.cohort.relations] == [E1]
