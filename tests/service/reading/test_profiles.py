from __future__ import annotations

import datetime as dt

import pytest

from matcher.profiles import Document, Kind, Limits, Need
from service.reading.profiles import build_document, build_expert, build_startup, expert_problems, startup_problems
from service.reading.rows import Parsed
from service.reading.schema import DocumentRow, ExpertRow, StartupRow
from service.reading.tables import Row

BOTH = set(Kind)
PROFESSORS = {Kind.PROFESSOR}


def startup_messages(fields: dict[str, object], has_documents: bool = False, kinds: set[Kind] = BOTH) -> list[str]:
    values = {"id": "s1", **fields}
    row = Parsed(Row("startups", 1, values, is_table=False), StartupRow.model_validate(values))
    return [str(problem) for problem in startup_problems(row, has_documents, kinds)]


def expert_messages(fields: dict[str, object], has_documents: bool = False) -> list[str]:
    values = {"id": "e1", "kind": "investor", **fields}
    row = Parsed(Row("experts", 1, values, is_table=False), ExpertRow.model_validate(values))
    return [str(problem) for problem in expert_problems(row, has_documents)]


def limits(fields: dict[str, object], kinds: set[Kind] = BOTH) -> dict[Kind, Limits]:
    return dict(build_startup(StartupRow.model_validate({"id": "s1", **fields}), (), kinds).limits)


# ---- limits


def test_a_startup_that_says_nothing_takes_at_most_one_of_each_kind():
    assert limits({}) == {Kind.PROFESSOR: Limits(0, 1), Kind.INVESTOR: Limits(0, 1)}


def test_a_number_stands_for_every_kind_that_is_sought():
    assert limits({"min_matches": 1, "max_matches": 2}) == {Kind.PROFESSOR: Limits(1, 2), Kind.INVESTOR: Limits(1, 2)}


def test_a_minimum_does_not_hold_for_a_kind_that_is_not_sought():
    assert limits({"seeks": ["investor"], "min_matches": 1})[Kind.PROFESSOR].least == 0
    assert limits({"min_matches": 1}, PROFESSORS)[Kind.INVESTOR].least == 0


def test_a_kind_that_is_not_named_has_the_default_maximum():
    assert limits({"max_matches": {"professor": 3}}) == {Kind.PROFESSOR: Limits(0, 3), Kind.INVESTOR: Limits(0, 1)}


def test_an_expert_takes_at_most_three_unless_it_says_otherwise():
    assert build_expert(ExpertRow(id="e1", kind="professor"), ()).limits == Limits(0, 3)
    assert build_expert(ExpertRow(id="e1", kind="professor", min_load=1, max_load=5), ()).limits == Limits(1, 5)


@pytest.mark.parametrize(
    "fields",
    [
        {"min_matches": 3, "max_matches": 2},
        {"min_matches": {"professor": 3}, "max_matches": {"professor": 2}},
        {"min_matches": 1, "max_matches": {"investor": 0}},
    ],
)
def test_a_minimum_above_its_maximum_is_a_problem(fields):
    (message,) = startup_messages({"sectors": "health", **fields}, kinds=BOTH)[:1]
    assert "min_matches" in message
    assert "expected 0 ≤ min ≤ max" in message


@pytest.mark.parametrize("least", [2, {"professor": 2}])
def test_a_minimum_above_the_default_maximum_is_a_problem_that_names_the_default(least):
    assert "default max_matches is 1" in startup_messages({"sectors": "health", "min_matches": least})[0]


def test_a_load_above_the_default_maximum_is_a_problem_that_names_the_default():
    assert "default max_load is 3" in expert_messages({"sectors": "health", "min_load": 4})[0]


def test_a_minimum_for_a_kind_that_nobody_is_of_is_a_problem():
    (message,) = startup_messages({"sectors": "health", "min_matches": {"investor": 1}}, kinds=PROFESSORS)
    assert "investor" in message


def test_a_minimum_of_zero_for_a_kind_that_nobody_is_of_is_fine():
    assert not startup_messages({"sectors": "health", "min_matches": {"investor": 0}}, kinds=PROFESSORS)


# ---- something to match on


STARTUP_TEXTS = [{"summary": "x"}, {"data_assets": ["x"]}, {"needs": ["x"]}, {"documents": [{"title": "x"}]}]
STARTUP_FIELDS = [{"sectors": "x"}, {"stage": "x"}, {"region": "x"}, {"languages": "ko"}, {"raise_usd": 0}]
EXPERT_TEXTS = [{"expertise": ["x"]}, {"documents": [{"text": "x"}]}]
EXPERT_FIELDS = [{"sectors": "x"}, {"stages": "x"}, {"regions": "x"}, {"languages": "ko"}, {"check_usd": [None, 5]}]


@pytest.mark.parametrize("fields", STARTUP_TEXTS + STARTUP_FIELDS, ids=str)
def test_one_text_or_structured_field_makes_a_startup(fields):
    assert not startup_messages(fields)


@pytest.mark.parametrize("fields", EXPERT_TEXTS + EXPERT_FIELDS, ids=str)
def test_one_text_or_structured_field_makes_an_expert(fields):
    assert not expert_messages(fields)


def test_documents_of_a_file_of_their_own_make_a_profile():
    assert not startup_messages({}, has_documents=True)
    assert not expert_messages({}, has_documents=True)


@pytest.mark.parametrize("fields", [{}, {"name": "Acme"}, {"date": "2024"}, {"priority": 2}, {"founder": "Kim"}])
def test_a_startup_with_nothing_to_match_on_is_a_problem(fields):
    (message,) = startup_messages(fields)
    assert "says nothing to match on" in message


@pytest.mark.parametrize(
    "fields", [{}, {"name": "Kim", "email": "a@b.c"}, {"affiliation": "KU"}, {"wants": ["health"]}]
)
def test_an_expert_with_nothing_to_match_on_is_a_problem(fields):
    (message,) = expert_messages(fields)
    assert "says nothing to match on" in message


@pytest.mark.parametrize("document", [{}, {"title": " "}, {"authors": ["Kim"]}, ""])
def test_a_document_without_title_or_text_is_nothing_to_match_on(document):
    assert "says nothing to match on" in "".join(startup_messages({"documents": [document]}))


# ---- other fields


def test_a_check_whose_smallest_is_above_its_largest_is_a_problem():
    (message,) = expert_messages({"check_usd": [500, 100]})
    assert "check_usd" in message


@pytest.mark.parametrize("check", [[100, 100], [None, 100], [100, None]])
def test_a_check_may_be_one_amount_or_open_at_an_end(check):
    assert not expert_messages({"check_usd": check})


def test_confidential_names_columns_of_the_row():
    assert not startup_messages({"summary": "x", "founder": "Kim", "confidential": ["needs", "raise_usd", "founder"]})
    (message,) = startup_messages({"summary": "x", "confidential": ["needs", "raise"]})
    assert "'raise'" in message


def test_a_document_with_a_year_alone_counts_as_its_last_day():
    assert build_document(DocumentRow(title="T", year=2019)).date == dt.date(2019, 12, 31)


def test_the_date_of_a_document_comes_before_its_year():
    assert build_document(DocumentRow(title="T", year=2019, date="2018-05-01")).date == dt.date(2018, 5, 1)


def test_every_field_of_a_startup_arrives():
    row = {
        "id": "s1",
        "name": "Acme",
        "summary": "photos",
        "data_assets": ["a", "b"],
        "needs": ["c", {"text": "d", "weight": 2}],
        "sectors": ["health"],
        "stage": "seed",
        "region": "Seoul",
        "raise_usd": 5,
        "date": "2024",
        "languages": ["ko"],
        "documents": [
            {"title": "T", "text": "t", "authors": ["Kim"], "sectors": ["bio"], "stage": "A", "region": "KR"}
        ],
        "seeks": ["investor", "investor"],
        "priority": 2,
        "confidential": ["needs"],
        "founder": "Kim",
    }
    later = Document(title="from documents.csv")
    startup = build_startup(StartupRow.model_validate(row), (later,), BOTH)
    assert (startup.id, startup.name, startup.summary, startup.data_assets) == ("s1", "Acme", "photos", ("a", "b"))
    assert startup.needs == (Need("c", 1.0), Need("d", 2.0))
    assert (startup.sectors, startup.stage, startup.region) == (("health",), "seed", "Seoul")
    assert (startup.raise_usd, startup.date, startup.languages) == (5.0, dt.date(2024, 1, 1), ("ko",))
    assert startup.documents == (Document("T", "t", None, ("Kim",), ("bio",), "A", "KR"), later)
    assert startup.seeks == (Kind.INVESTOR,)
    assert (startup.priority, startup.confidential, startup.extra) == (2.0, ("needs",), {"founder": "Kim"})


def test_every_field_of_an_expert_arrives():
    row = {
        "id": "e1",
        "kind": "investor",
        "name": "Kim",
        "affiliation": "KU",
        "email": "a@b.c",
        "expertise": ["x"],
        "sectors": ["health"],
        "stages": ["seed"],
        "regions": ["Seoul"],
        "check_usd": [1, 2],
        "languages": ["en"],
        "wants": ["s1"],
        "avoids": ["bio"],
        "fund": "II",
    }
    later = Document(title="from documents.csv")
    expert = build_expert(ExpertRow.model_validate(row), (later,))
    assert (expert.id, expert.kind, expert.name) == ("e1", Kind.INVESTOR, "Kim")
    assert (expert.affiliation, expert.email, expert.expertise) == ("KU", "a@b.c", ("x",))
    assert (expert.sectors, expert.stages, expert.regions) == (("health",), ("seed",), ("Seoul",))
    assert (expert.check_usd, expert.languages, expert.documents) == ((1.0, 2.0), ("en",), (later,))
    assert (expert.wants, expert.avoids, expert.extra) == (("s1",), ("bio",), {"fund": "II"})
