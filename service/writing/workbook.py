"""Plain tables as an .xlsx workbook (ECMA-376, SpreadsheetML), written as the text it is.

openpyxl builds an object a cell, which took a sixth of a whole run for a thousand matches. Here a sheet is one string,
and equal tables give equal bytes: the parts carry no date.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from xml.sax.saxutils import escape

# XML cannot hold control characters, nor the two that are none.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# No spreadsheet opens a longer text in one cell.
_LONGEST = 32_767
# Positions in cellXfs below.
_BOLD, _WRAPPED = 1, 2

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/>'
    '<sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs '
    'count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf xfId="0"/><xf fontId="1" xfId="0" applyFont="1"/><xf '
    'xfId="0" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_ROOT = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_DOCUMENT}/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>'
)


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

    A text is a text, whatever it begins with; what XML cannot hold is left out of it.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in _parts(sheets):
            book.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _parts(sheets: Sequence[Sheet]) -> Iterator[tuple[str, str]]:
    numbers = range(1, len(sheets) + 1)
    yield "[Content_Types].xml", _content_types(numbers)
    yield "_rels/.rels", _ROOT
    yield "xl/workbook.xml", _workbook(sheets)
    yield "xl/_rels/workbook.xml.rels", _relationships(numbers)
    yield "xl/styles.xml", _STYLES
    for number, sheet in enumerate(sheets, 1):
        yield f"xl/worksheets/sheet{number}.xml", _worksheet(sheet)


def _content_types(numbers: Iterable[int]) -> str:
    kinds = {"workbook": "sheet.main", "styles": "styles"} | {f"worksheets/sheet{one}": "worksheet" for one in numbers}
    parts = (f'<Override PartName="/xl/{part}.xml" ContentType="{_TYPES}.{kind}+xml"/>' for part, kind in kinds.items())
    rels = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    return f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">{rels}{"".join(parts)}</Types>'


def _workbook(sheets: Sequence[Sheet]) -> str:
    named = (f'<sheet name="{one.title}" sheetId="{at}" r:id="rId{at}"/>' for at, one in enumerate(sheets, 1))
    return f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}"><sheets>{"".join(named)}</sheets></workbook>'


def _relationships(numbers: Sequence[int]) -> str:
    targets = {one: ("worksheet", f"worksheets/sheet{one}.xml") for one in numbers}
    targets[len(numbers) + 1] = "styles", "styles.xml"
    links = (
        f'<Relationship Id="rId{number}" Type="{_DOCUMENT}/{kind}" Target="{target}"/>'
        for number, (kind, target) in targets.items()
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{"".join(links)}</Relationships>'


def _worksheet(sheet: Sheet) -> str:
    letters = [_letters(at) for at in range(len(sheet.columns))]
    whole = f"A1:{letters[-1]}{len(sheet.rows) + 1}"
    widths = (
        f'<col min="{at}" max="{at}" width="{column.width}" customWidth="1"/>'
        for at, column in enumerate(sheet.columns, 1)
    )
    head = _row(1, letters, [column.name for column in sheet.columns], _BOLD)
    rows = (_row(number, letters, row, _WRAPPED) for number, row in enumerate(sheet.rows, 2))
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><dimension ref="{whole}"/><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f"<cols>{''.join(widths)}</cols><sheetData>{head}{''.join(rows)}</sheetData>"
        f'<autoFilter ref="{whole}"/></worksheet>'
    )


def _row(number: int, letters: Sequence[str], values: Sequence[object], style: int) -> str:
    cells = (_cell(f'r="{at}{number}" s="{style}"', value) for at, value in zip(letters, values, strict=True))
    return f'<row r="{number}">{"".join(cells)}</row>'


def _cell(where: str, value: object) -> str:
    if value is None or value == "":
        return f"<c {where}/>"
    if isinstance(value, int | float):
        return f"<c {where}><v>{value!r}</v></c>"
    text = escape(_NOT_IN_XML.sub("", str(value))[:_LONGEST])
    return f'<c {where} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _letters(at: int) -> str:
    """Return what a spreadsheet calls the column at this position: A to Z, AA, AB, …"""
    above, letter = divmod(at, len(ascii_uppercase))
    return (_letters(above - 1) if above else "") + ascii_uppercase[letter]
