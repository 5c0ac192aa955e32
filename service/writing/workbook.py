"""Plain tables as an .xlsx workbook, the same bytes for the same tables.

XlsxWriter writes row by row. openpyxl builds an object a cell, which took a sixth of a run for a thousand matches.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

# XML cannot hold control characters, nor the two that are none.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# No spreadsheet opens a longer text in one cell.
_LONGEST = 32_767
# A text is a text, whatever it begins with. Rows are written as they come.
_OPTIONS = {
    "in_memory": True,
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
# A file that told when it was made would differ each time.
_MADE = dt.datetime(2000, 1, 1)


@dataclass(frozen=True)
class Column:
    """A column's name, and its width in characters."""

    name: str
    width: int


@dataclass(frozen=True)
class Sheet:
    """A table: below its columns the rows, each with a text, a number or None a column. title: letters only."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]


def workbook_bytes(sheets: Sequence[Sheet]) -> bytes:
    """Return the workbook: the head of each sheet stays in view and filters it, texts are wrapped.

    What XML cannot hold is left out of a text.
    """
    import xlsxwriter

    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, _OPTIONS) as book:
        book.set_properties({"created": _MADE})
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        for sheet in sheets:
            _fill(book.add_worksheet(sheet.title), sheet, bold, wrapped)
    return stream.getvalue()


def _fill(page: Worksheet, sheet: Sheet, bold: Format, wrapped: Format) -> None:
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)
    for at, column in enumerate(sheet.columns):
        page.set_column(at, at, column.width)
    page.write_row(0, 0, [column.name for column in sheet.columns], bold)
    for number, row in enumerate(sheet.rows, 1):
        page.write_row(number, 0, [_cell(value) for value in row], wrapped)


def _cell(value: object) -> object:
    return _NOT_IN_XML.sub("", value)[:_LONGEST] if isinstance(value, str) else value
