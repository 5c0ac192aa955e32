"""A workbook says in a spreadsheet program what it was given, and is the same bytes for the same tables."""

from __future__ import annotations

import io

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from service.writing.workbook import Column, Sheet, workbook_bytes

NAMES = ("name", "number")


def sheet(*rows: tuple[object, object], title: str = "first") -> Sheet:
    return Sheet(title, [Column(name, 20 + at) for at, name in enumerate(NAMES)], rows)


def opened(*sheets: Sheet) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(workbook_bytes(sheets)))


def values(found: Worksheet) -> list[tuple[object, ...]]:
    return [*found.iter_rows(values_only=True)]


def test_cells_come_back_as_they_were_given() -> None:
    odd = ("  <b>&\"'  ", "=1+1", "달무리\n센서", "_x0041_", "07", "")
    rows = [*((text, 1) for text in odd), (None, None), ("score", 0.123457), ("least", 5e-324)]
    assert values(opened(sheet(*rows)).active) == [NAMES, *((text or None, number) for text, number in rows)]


def test_a_text_is_no_formula_and_what_xml_cannot_hold_is_left_out() -> None:
    (_, first, second) = opened(sheet(("=HYPERLINK(1)", 1), ("a\x00b\x1f\ufffec", 2))).active.iter_rows()
    assert (first[0].data_type, second[0].value) == ("s", "abc")


def test_a_text_ends_where_a_cell_ends() -> None:
    longest = opened(sheet(("&" * 40_000, 1))).active["A2"].value
    assert longest == "&" * 32_767


def test_the_head_is_bold_stays_in_view_and_filters_and_texts_are_wrapped() -> None:
    found = opened(sheet(("a", 1), ("b", 2))).active
    assert (found.freeze_panes, found.auto_filter.ref, found.dimensions) == ("A2", "A1:B3", "A1:B3")
    assert (found["A1"].font.b, found["A2"].font.b, found["B3"].alignment.wrap_text) == (True, False, True)
    assert [int(found.column_dimensions[letter].width) for letter in "AB"] == [20, 21]


def test_sheets_stand_in_their_order_and_may_be_empty() -> None:
    book = opened(sheet(("a", 1)), sheet(title="second"))
    assert book.sheetnames == ["first", "second"]
    assert values(book["second"]) == [NAMES]


def test_equal_tables_are_equal_bytes() -> None:
    assert workbook_bytes([sheet(("a", 1))]) == workbook_bytes([sheet(("a", 1))])
