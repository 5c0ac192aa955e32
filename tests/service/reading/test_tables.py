from __future__ import annotations

import datetime as dt
import io
import random
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.reading.tables import Table, columns, find_file, read_table
from tests.service.reading.folders import csv_text, workbook

ROWS = [["id", "summary"], ["s1", "pepper leaves"], ["s2", "고추 잎"]]


def read(folder, name, content) -> Table:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_table(path)


def numbered(table: Table) -> list[tuple[int, dict[str, object]]]:
    assert not table.problems
    return [(row.number, row.values) for row in table.rows]


EXPECTED = [(2, {"id": "s1", "summary": "pepper leaves"}), (3, {"id": "s2", "summary": "고추 잎"})]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_csv_is_read_in_the_encodings_that_excel_writes(tmp_path, encoding):
    assert numbered(read(tmp_path, "t.csv", csv_text(ROWS).encode(encoding))) == EXPECTED


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_csv_is_read_with_any_line_ends(tmp_path, newline):
    assert numbered(read(tmp_path, "t.csv", csv_text(ROWS).replace("\r\n", newline))) == EXPECTED


def test_xlsx_gives_the_rows_that_csv_gives(tmp_path):
    assert numbered(read(tmp_path, "t.xlsx", workbook(ROWS))) == EXPECTED


def test_a_byte_order_mark_before_jsonl_is_passed_over(tmp_path):
    assert numbered(read(tmp_path, "t.jsonl", b'\xef\xbb\xbf{"id": "s1"}\n')) == [(1, {"id": "s1"})]


@pytest.mark.parametrize("content", [csv_text(ROWS).encode("utf-16"), b"id,name\ns1,caf\xff\n"])
def test_csv_in_another_encoding_says_how_to_save_it(tmp_path, content):
    table = read(tmp_path, "t.csv", content)
    assert not table.rows
    assert "UTF-8" in table.problems[0].message


@pytest.mark.parametrize("encoding", ["cp949", "utf-16"])
def test_jsonl_in_another_encoding_says_how_to_save_it(tmp_path, encoding):
    table = read(tmp_path, "t.jsonl", '{"id": "한글"}'.encode(encoding))
    assert not table.rows
    assert "UTF-8" in table.problems[0].message


# ---- row numbers


def test_blank_lines_of_csv_keep_the_numbers_that_a_spreadsheet_shows(tmp_path):
    assert numbered(read(tmp_path, "t.csv", "id,name\n\n,\ns1,a\n\ns2,b\n")) == [
        (4, {"id": "s1", "name": "a"}),
        (6, {"id": "s2", "name": "b"}),
    ]


def test_a_cell_of_several_lines_counts_as_one_row(tmp_path):
    assert numbered(read(tmp_path, "t.csv", 'id,name\ns1,"a\nb\n\nc"\ns2,d\n')) == [
        (2, {"id": "s1", "name": "a\nb\n\nc"}),
        (3, {"id": "s2", "name": "d"}),
    ]


def test_blank_rows_of_xlsx_keep_the_numbers_that_excel_shows(tmp_path):
    table = read(tmp_path, "t.xlsx", workbook([["id"], [], ["s1"], ["  "], [], ["s2"]]))
    assert [row.number for row in table.rows] == [3, 6]


def test_blank_lines_of_jsonl_keep_the_line_numbers_of_an_editor(tmp_path):
    table = read(tmp_path, "t.jsonl", '\n  \n{"id": "s1"}\n\n{\n{"id": "s2"}\n')
    assert [row.number for row in table.rows] == [3, 6]
    assert [problem.row for problem in table.problems] == [5]


def test_line_separators_inside_a_text_do_not_end_a_line_of_jsonl(tmp_path):
    table = read(tmp_path, "t.jsonl", '{"id": "s1", "name": "a\u2028b\x85c"}\n{"id": "s2"}\n')
    assert [row.number for row in table.rows] == [1, 2]


# ---- columns


def test_blank_cells_count_as_absent(tmp_path):
    assert numbered(read(tmp_path, "t.csv", "id,name,stage\ns1, ,\n")) == [(2, {"id": "s1"})]


def test_missing_cells_at_the_end_of_a_row_count_as_absent(tmp_path):
    assert numbered(read(tmp_path, "t.csv", "id,name,stage\ns1,a\n")) == [(2, {"id": "s1", "name": "a"})]


def test_spaces_around_a_column_name_do_not_matter(tmp_path):
    assert numbered(read(tmp_path, "t.csv", " id , name \ns1,a\n")) == [(2, {"id": "s1", "name": "a"})]


def test_empty_columns_at_the_right_do_not_matter(tmp_path):
    assert numbered(read(tmp_path, "t.csv", "id,name,,\ns1,a,,\n")) == [(2, {"id": "s1", "name": "a"})]


@pytest.mark.parametrize(("content", "cell"), [("id,name\ns1,a,lost\n", "lost"), ("id,,name\ns1,lost,a\n", "lost")])
def test_a_cell_without_a_column_is_a_problem_that_shows_it(tmp_path, content, cell):
    (problem,) = read(tmp_path, "t.csv", content).problems
    assert problem.row == 2
    assert cell in problem.message


@pytest.mark.parametrize("header", ["id,name,name", "id,name, name "])
def test_two_columns_of_one_name_are_a_problem_of_the_header(tmp_path, header):
    table = read(tmp_path, "t.csv", f"{header}\ns1,a,b\n")
    assert not table.rows
    assert [problem.row for problem in table.problems] == [1]
    assert "name" in table.problems[0].message


def test_a_space_beyond_the_last_column_is_blank_like_any_other(tmp_path):
    assert numbered(read(tmp_path, "t.csv", "id,name\ns1,a, \n")) == [(2, {"id": "s1", "name": "a"})]


@pytest.mark.parametrize("name", ["t.csv", "t.xlsx"])
def test_a_blank_row_above_the_header_is_passed_over(tmp_path, name):
    rows = [[], *ROWS]
    table = read(tmp_path, name, workbook(rows) if name.endswith("xlsx") else csv_text(rows))
    assert numbered(table) == [(number + 1, values) for number, values in EXPECTED]


def test_columns_are_listed_once_in_the_order_of_appearance(tmp_path):
    table = read(tmp_path, "t.jsonl", '{"b": 1, "a": 2}\n{"c": 3, "a": 4, "d": ""}\n')
    assert columns(table.rows) == ["b", "a", "c"]


# ---- what spreadsheets hold


@pytest.mark.parametrize("error", ["#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#N/A", "#NULL!", "#NUM!"])
@pytest.mark.parametrize("name", ["t.csv", "t.xlsx"])
def test_an_excel_error_is_a_problem_of_its_cell(tmp_path, name, error):
    rows = [["id", "name"], ["s1", error]]
    table = read(tmp_path, name, workbook(rows) if name.endswith("xlsx") else csv_text(rows))
    assert [(problem.row, problem.column) for problem in table.problems] == [(2, "name")]
    assert error in table.problems[0].message


def test_numbers_and_dates_of_excel_become_the_texts_that_csv_holds(tmp_path):
    cells = [3, 3.0, 1_500_000, 0.25, dt.datetime(2026, 3, 31), dt.date(2026, 3, 31), 2024, "2024-05"]
    names = list("abcdefgh")
    table = read(tmp_path, "t.xlsx", workbook([names, cells]))
    texts = ["3", "3", "1500000", "0.25", "2026-03-31", "2026-03-31", "2024", "2024-05"]
    assert numbered(table) == [(2, dict(zip(names, texts, strict=True)))]


def test_a_number_as_id_stays_a_whole_number(tmp_path):
    assert numbered(read(tmp_path, "t.xlsx", workbook([["id"], [7]]))) == [(2, {"id": "7"})]


def test_an_id_with_leading_zeros_keeps_them(tmp_path):
    assert numbered(read(tmp_path, "t.csv", "id\n007\n")) == [(2, {"id": "007"})]


def test_a_cell_of_200_000_characters_is_read_whole(tmp_path):
    ((_, values),) = numbered(read(tmp_path, "t.csv", csv_text([["id", "text"], ["s1", "가" * 200_000]])))
    assert values["text"] == "가" * 200_000


# ---- broken files


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl"])
@pytest.mark.parametrize("content", ["", "\n", "\n\n\n"])
def test_an_empty_text_file_has_no_rows_and_no_problems(tmp_path, name, content):
    assert read(tmp_path, name, content) == Table()


def test_an_empty_workbook_has_no_rows_and_no_problems(tmp_path):
    assert read(tmp_path, "t.xlsx", workbook([])) == Table()


@pytest.mark.parametrize("content", ['id,name\ns1,"a\n', 'id,name\ns1,"a"b\n'])
def test_a_quote_that_does_not_fit_is_a_problem(tmp_path, content):
    table = read(tmp_path, "t.csv", content)
    assert not table.rows
    assert len(table.problems) == 1


@pytest.mark.parametrize("line", ["{", "'", "{'id': 's1'}", '{"id": "s1"', '{"id": NaN}', '{"id": -Infinity}', "\x00"])
def test_a_line_that_is_not_json_is_one_problem_and_the_others_are_read(tmp_path, line):
    table = read(tmp_path, "t.jsonl", f'{{"id": "s1"}}\n{line}\n{{"id": "s3"}}\n')
    assert [row.number for row in table.rows] == [1, 3]
    assert [(problem.row, problem.column) for problem in table.problems] == [(2, "")]


@pytest.mark.parametrize("line", ["[1]", "5", '"s1"', "null", "true"])
def test_a_line_that_is_no_object_says_that_one_is_expected(tmp_path, line):
    (problem,) = read(tmp_path, "t.jsonl", line).problems
    assert problem.row == 1
    assert "expected an object" in problem.message


def test_a_key_that_stands_twice_in_an_object_is_a_problem(tmp_path):
    """Two columns of one name are refused in a table; the same mistake must not lose a value here."""
    table = read(tmp_path, "t.jsonl", '{"id": "s1", "needs": "first", "needs": "second"}')
    assert [problem.row for problem in table.problems] == [1]


@pytest.mark.parametrize("depth", [5_000, 10_000, 100_000])
def test_json_nested_too_deeply_is_a_problem_of_its_line(tmp_path, depth):
    table = read(tmp_path, "t.jsonl", f'{{"id": {"[" * depth}{"]" * depth}}}\n{{"id": "s2"}}\n')
    assert [problem.row for problem in table.problems] == [1]
    assert [row.number for row in table.rows] == [2]


def test_a_number_of_5000_digits_is_a_problem_of_its_line(tmp_path):
    assert [problem.row for problem in read(tmp_path, "t.jsonl", f'{{"id": 1{"0" * 5_000}}}').problems] == [1]


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\xff" * 500, b"PK\x03\x04", b"\xd0\xcf\x11\xe0" + bytes(600), workbook(ROWS)[:2_000]],
    ids=["empty", "noise", "zip header", "old xls", "truncated"],
)
def test_what_is_no_workbook_is_one_problem(tmp_path, content):
    table = read(tmp_path, "t.xlsx", content)
    assert not table.rows
    assert "not an Excel workbook" in table.problems[0].message


MEMBERS = zipfile.ZipFile(io.BytesIO(workbook(ROWS))).namelist()


def with_member(name: str, change) -> bytes:
    """Return the workbook with one of its files changed; None leaves the file out."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(ROWS))) as old, zipfile.ZipFile(changed, "w") as new:
        for member in old.namelist():
            content = change(old.read(member)) if member == name else old.read(member)
            if content is not None:
                new.writestr(member, content)
    return changed.getvalue()


@pytest.mark.parametrize("member", MEMBERS)
def test_a_workbook_with_half_a_file_inside_is_read_or_is_one_problem(tmp_path, member):
    table = read(tmp_path, "t.xlsx", with_member(member, lambda content: content[: len(content) // 2]))
    assert len(table.rows) == 2 or len(table.problems) == 1


@pytest.mark.parametrize("member", MEMBERS)
def test_a_workbook_that_lacks_a_file_inside_is_read_or_is_one_problem(tmp_path, member):
    table = read(tmp_path, "t.xlsx", with_member(member, lambda content: None))
    assert len(table.rows) == 2 or len(table.problems) == 1


def test_a_workbook_with_damaged_bytes_is_read_or_is_one_problem(tmp_path):
    noise = random.Random(0)  # noqa: S311  # not for secrets
    whole, crashes = workbook(ROWS), set()
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(3):
            damaged[noise.randrange(len(damaged))] = noise.randrange(256)
        try:
            table = read(tmp_path, "t.xlsx", bytes(damaged))
        except Exception as error:  # any at all is what we look for
            crashes.add(f"{type(error).__module__}.{type(error).__name__}")
        else:
            assert table.rows or table.problems
    assert not crashes


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".xlsx"])
@given(content=st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_read_or_are_problems(tmp_path_factory, suffix, content):
    table = read(tmp_path_factory.getbasetemp(), f"any{suffix}", content)
    assert all(problem.message for problem in table.problems)


# ---- which file


def test_a_file_is_found_by_its_name_in_any_format(tmp_path):
    for suffix in (".jsonl", ".csv", ".xlsx"):
        path = tmp_path / f"startups{suffix}"
        path.touch()
        assert find_file(tmp_path, "startups") == (path, [])
        path.unlink()


def test_a_file_that_is_not_there_is_no_problem_yet(tmp_path):
    assert find_file(tmp_path, "startups") == (None, [])


def test_two_formats_of_one_file_are_a_problem_that_names_both(tmp_path):
    for suffix in (".jsonl", ".csv"):
        (tmp_path / f"startups{suffix}").touch()
    path, (problem,) = find_file(tmp_path, "startups")
    assert path is None
    assert "startups.jsonl" in problem.message
    assert "startups.csv" in problem.message


def test_a_folder_of_that_name_is_not_a_file(tmp_path):
    (tmp_path / "startups.csv").mkdir()
    assert find_file(tmp_path, "startups") == (None, [])


def test_a_suffix_in_capitals_is_read_like_any_other(tmp_path):
    path = tmp_path / "Relations.CSV"
    path.write_text("source,target,type\np1,s1,family\n")
    assert find_file(tmp_path, "relations") == (path, [])
    assert [row.values["type"] for row in read_table(path).rows] == ["family"]


CALLED_NEARLY = (
    "relations.csv.txt",
    "relations (1).csv",
    "relations.csv.csv",
    "relations .csv",
    "relations - Copy.csv",
)


@pytest.mark.parametrize("name", ["relations.xls", "Relations.ODS", "relations.tsv", "relations", *CALLED_NEARLY])
def test_a_table_in_a_format_that_is_not_read_does_not_pass_unseen(tmp_path, name):
    (tmp_path / name).touch()
    path, (problem,) = find_file(tmp_path, "relations")
    assert path is None
    assert str(problem).startswith(name)
    assert (
        f"found {name}, expected a file called relations as .jsonl or .csv or .xlsx: save it as that" in problem.message
    )
    (tmp_path / "relations.csv").touch()
    assert find_file(tmp_path, "relations") == (tmp_path / "relations.csv", [])


def test_a_link_that_leads_nowhere_does_not_pass_unseen(tmp_path):
    (tmp_path / "relations.csv").symlink_to(tmp_path / "gone.csv")
    path, (problem,) = find_file(tmp_path, "relations")
    assert path is None
    assert "found relations.csv, expected a file called relations" in problem.message


@pytest.mark.parametrize(
    "name", ["relations.md", "relationships.csv", "our-relations.csv", "~$relations.xlsx", "relations-2023.csv"]
)
def test_what_is_called_otherwise_is_left_alone(tmp_path, name):
    (tmp_path / name).touch()
    assert find_file(tmp_path, "relations") == (None, [])
