from __future__ import annotations

import datetime as dt

import pytest
from pydantic import ValidationError

from matcher.profiles import Kind
from service.reading.schema import ExpertRow, LearnedOutcomeRow, OutcomeRow, OwnedDocumentRow, StartupRow


def startup(**fields: object) -> StartupRow:
    return StartupRow.model_validate({"id": "s1", **fields})


def expert(**fields: object) -> ExpertRow:
    return ExpertRow.model_validate({"id": "e1", "kind": "professor", **fields})


# ---- ids


@pytest.mark.parametrize("id_", ["a/b", "a b c", "한글", "🚀", "a%2Fb", "a:b", "..", "'; DROP", "x" * 500])
def test_an_id_holds_any_printable_character(id_):
    assert startup(id=id_).id == id_


@pytest.mark.parametrize("id_", ["", " ", "a\x00b", "a\x07b", "a\nb", "a\tb", "\u200b", "\ud800", "x" * 501])
def test_an_id_that_cannot_be_printed_is_refused(id_):
    with pytest.raises(ValidationError):
        startup(id=id_)


@pytest.mark.parametrize(("id_", "text"), [(7, "7"), (1.5, "1.5"), (10**20, "1" + "0" * 20)])
def test_a_number_as_id_becomes_its_text(id_, text):
    assert startup(id=id_).id == text


@pytest.mark.parametrize("id_", [True, None, [], {}, ["s1"]])
def test_an_id_of_another_type_is_refused(id_):
    with pytest.raises(ValidationError):
        startup(id=id_)


def test_spaces_around_texts_do_not_count():
    assert startup(id=" s1 ", name=" Acme ").model_dump(include={"id", "name"}) == {"id": "s1", "name": "Acme"}


# ---- addresses


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("lee@kaist.ac.kr", "lee@kaist.ac.kr"),
        ("Lee <lee@kaist.ac.kr>", "lee@kaist.ac.kr"),
        ("Kim, Minsu <kim@x.kr>", "kim@x.kr"),
        ('"Kim @ Gaon" <kim@x.kr>', "kim@x.kr"),
        ("김민수 kim@x.ac.kr", "kim@x.ac.kr"),
        ("이민수(lee@kaist.ac.kr)", "lee@kaist.ac.kr"),
        ("[김] <a@b.kr>", "a@b.kr"),
        ("mailto:a@b.kr", "a@b.kr"),
        ("kim@x.kr / office 3", "kim@x.kr"),
        ("lee＠kaist.ac.kr", "lee@kaist.ac.kr"),
        ("a@b.c; d@e.f", "a@b.c; d@e.f"),
        ("a@", "a@"),
        ("n/a", "n/a"),
        ("", ""),
    ],
)
def test_of_an_address_what_stands_around_it_is_left_out(written, address):
    assert startup(email=written).email == expert(email=written).email == address


# ---- dates


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-03-31", dt.date(2026, 3, 31)),
        ("2024", dt.date(2024, 12, 31)),
        (2024, dt.date(2024, 12, 31)),
        ("2024-02", dt.date(2024, 2, 29)),
        ("2023-2", dt.date(2023, 2, 28)),
        (" 2024-04 ", dt.date(2024, 4, 30)),
        ("9999", dt.date(9999, 12, 31)),
    ],
)
def test_a_bare_year_or_month_counts_as_its_last_day(written, day):
    assert OutcomeRow(startup="s1", expert="e1", outcome="declined", date=written).date == day


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-03-31", dt.date(2026, 3, 31)),
        ("2024", dt.date(2024, 1, 1)),
        (2024, dt.date(2024, 1, 1)),
        ("2024-02", dt.date(2024, 2, 1)),
        (" 2023-2 ", dt.date(2023, 2, 1)),
    ],
)
def test_of_a_startup_and_of_an_outcome_that_is_learned_from_it_counts_as_the_first(written, day):
    assert startup(date=written).date == day
    assert LearnedOutcomeRow(startup="s1", expert="e1", outcome="invested", date=written).date == day


@pytest.mark.parametrize(
    "written",
    ["2024-13", "2024-00", "2024-02-30", "20240101", "soon", "24", 24, True, 1e400, 2024.5, [], "2024/01/01", 10**400],
)
def test_what_is_no_date_is_refused(written):
    with pytest.raises(ValidationError):
        startup(date=written)


@pytest.mark.parametrize("written", [0, "0", "0000", "86400", 86400, "-86400", 1704067200, "1704067200"])
def test_a_number_is_never_taken_for_seconds_since_1970(written):
    with pytest.raises(ValidationError):
        startup(date=written)


# ---- numbers


@pytest.mark.parametrize(
    ("written", "amount"), [(0, 0.0), ("1,500,000", 1_500_000.0), ("2.5", 2.5), (1e6, 1e6), ("1e6", 1e6)]
)
def test_an_amount_may_carry_commas(written, amount):
    assert startup(raise_usd=written).raise_usd == amount


@pytest.mark.parametrize(
    "written", [-1, "-1", 1e400, "nan", "inf", "1e400", float("nan"), "$5", [], 10**400, "1,5", "0,500"]
)
@pytest.mark.parametrize("field", ["raise_usd", "priority"])
def test_an_amount_is_a_finite_number_of_0_or_more(field, written):
    with pytest.raises(ValidationError):
        startup(**{field: written})


@pytest.mark.parametrize("written", [-1, 1.5, "two", 1_000_001, 10**400, 1e400, [], "1;2"])
@pytest.mark.parametrize("field", ["min_matches", "max_matches"])
def test_a_count_is_a_whole_number_that_is_not_absurd(field, written):
    with pytest.raises(ValidationError):
        startup(**{field: written})
    with pytest.raises(ValidationError):
        expert(min_load=written)


@pytest.mark.parametrize("field", ["raise_usd", "priority", "min_matches", "max_matches"])
def test_a_truth_value_is_not_a_number(field):
    with pytest.raises(ValidationError):
        startup(**{field: True})


@pytest.mark.parametrize("written", [[100, 500], ["100", "500"], (100, 500)])
def test_a_check_is_its_smallest_and_its_largest_amount(written):
    assert expert(check_usd=written).check_usd == (100.0, 500.0)


@pytest.mark.parametrize("written", [5, "5", [], [1], [1, 2, 3], [-1, 2], ["a", "b"], {"min": 1, "max": 2}])
def test_a_check_of_another_form_is_refused(written):
    with pytest.raises(ValidationError):
        expert(check_usd=written)


# ---- kinds and counts per kind


@pytest.mark.parametrize("written", ["professor", "Professor", " PROFESSOR ", "교수"])
def test_a_professor_has_an_english_and_a_korean_name(written):
    assert expert(kind=written).kind is Kind.PROFESSOR
    assert startup(seeks=[written]).seeks == [Kind.PROFESSOR]


@pytest.mark.parametrize("written", ["investor", "INVESTOR", "투자자"])
def test_an_investor_has_an_english_and_a_korean_name(written):
    assert expert(kind=written).kind is Kind.INVESTOR
    assert startup(max_matches={written: 2}).max_matches == {Kind.INVESTOR: 2}


@pytest.mark.parametrize("written", ["teacher", "", None, 1, ["professor"]])
def test_an_unknown_kind_is_refused(written):
    with pytest.raises(ValidationError):
        expert(kind=written)


@pytest.mark.parametrize("written", [{"teacher": 1}, {"professor": -1}, {"professor": ""}, {"": 1}, {"professor": 1.5}])
def test_a_count_for_an_unknown_kind_or_of_no_number_is_refused(written):
    with pytest.raises(ValidationError):
        startup(max_matches=written)


# ---- texts and lists


def test_a_single_text_stands_for_a_list_of_one():
    row = startup(sectors="health", needs="a model", documents="a paper", seeks="professor")
    assert row.sectors == ["health"]
    assert [(need.text, need.weight) for need in row.needs] == [("a model", 1.0)]
    assert [document.text for document in row.documents] == ["a paper"]
    assert row.seeks == [Kind.PROFESSOR]


def test_blank_items_of_a_list_are_left_out():
    assert startup(data_assets=["", "photos", " ", None]).data_assets == ["photos"]
    assert startup(needs=["", None, "a model"]).needs[0].text == "a model"


@pytest.mark.parametrize("field", ["data_assets", "sectors", "languages", "confidential"])
@pytest.mark.parametrize("written", [5, {"a": 1}, [["a"]], [{"a": 1}], True])
def test_a_list_of_texts_holds_texts(field, written):
    with pytest.raises(ValidationError):
        startup(**{field: written})


@pytest.mark.parametrize("field", ["name", "summary", "stage", "region"])
@pytest.mark.parametrize("written", [["x"], {"a": 1}, True, "a\ud800b"])
def test_a_text_is_a_text(field, written):
    with pytest.raises(ValidationError):
        startup(**{field: written})


@pytest.mark.parametrize("weight", [0, -1, "x", "nan", 1e400, []])
def test_the_weight_of_a_need_is_above_0(weight):
    with pytest.raises(ValidationError):
        startup(needs=[{"text": "a model", "weight": weight}])


@pytest.mark.parametrize("need", [5, {"weight": 2}, {"text": ""}, {"text": "x", "wieght": 2}, ["x"]])
def test_a_need_is_a_text_with_or_without_a_weight(need):
    with pytest.raises(ValidationError):
        startup(needs=[need])


def test_unknown_columns_are_kept_as_they_came():
    assert startup(founder="Kim", rounds=[1, 2]).model_extra == {"founder": "Kim", "rounds": [1, 2]}


def test_a_summary_may_be_200_000_characters_long():
    assert len(startup(summary="가" * 200_000).summary) == 200_000


# ---- other files


@pytest.mark.parametrize("year", [2019, "2019"])
def test_a_document_may_tell_its_year_alone(year):
    assert OwnedDocumentRow.model_validate({"owner": "e1", "title": "T", "year": year}).year == 2019


@pytest.mark.parametrize("year", [19, 99999, "soon", 2019.5])
def test_a_year_has_four_digits(year):
    with pytest.raises(ValidationError):
        OwnedDocumentRow.model_validate({"owner": "e1", "title": "T", "year": year})


@pytest.mark.parametrize("outcome", ["invested", "accepted", "declined", "rating", "Declined"])
def test_the_four_outcomes_are_known(outcome):
    assert OutcomeRow.model_validate({"startup": "s1", "expert": "e1", "outcome": outcome}).outcome
