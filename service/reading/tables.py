"""Files → rows: jsonl, csv and xlsx, each row with the number that a spreadsheet shows for it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import sys
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from xml.etree import ElementTree as ET

from service.reading.json_text import parse_json
from service.reading.problems import Problem, expected

SUFFIXES = (".jsonl", ".csv", ".xlsx")
# What tables are also kept in, and what is not read here.
_UNREAD = frozenset(
    (".xls", ".xlsm", ".xlsb", ".ods", ".numbers", ".tsv", ".txt", ".json", ".ndjson", ".parquet", ".gz")
)
# What browsers and file managers put behind a name: a name of the owner's own may mean something else.
_COPIED = r"\s*(?:\(\d+\)|- copy|- 복사본)?"
# More columns than anybody fills in are no table of profiles.
_MOST_COLUMNS = 1_000
# What Excel writes where the system's language is Korean.
_KOREAN_EXCEL = "cp949"
_EXCEL_ERRORS = frozenset(("#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#N/A", "#NULL!", "#NUM!"))
# What openpyxl raises for a file that is no workbook, or a damaged one.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    ET.ParseError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One record as it came: `values` by column; `is_table` where cells are text that may hold lists."""

    file: str
    number: int
    values: dict[str, object]
    is_table: bool


@dataclass(frozen=True)
class Table:
    """The rows of a file that could be read, and what could not."""

    rows: tuple[Row, ...] = ()
    problems: tuple[Problem, ...] = ()


def find_file(folder: Path, name: str) -> tuple[Path | None, list[Problem]]:
    """Return the file `name` with one of the known suffixes, in any case; a problem where there is more than one.

    So is what seems to be meant, where there is none: it may hold conflicts, which must not pass unseen.
    """
    entries = sorted(folder.iterdir())
    found = [path for path in entries if path.is_file() and _is_named(path, name)]
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        return None, [Problem(name, 0, "", f"found {names}, expected one of them: they may differ")]
    meant = [path.name for path in entries if _seems_to_be(path, name)]
    if meant and not found:
        wanted = f"a file called {name} as {' or '.join(SUFFIXES)}: save it as that"
        return None, [Problem(meant[0], 0, "", f"found {', '.join(meant)}, expected {wanted}")]
    return (found[0] if found else None), []


def _is_named(path: Path, name: str) -> bool:
    return path.stem.casefold() == name and path.suffix.casefold() in SUFFIXES


def _seems_to_be(path: Path, name: str) -> bool:
    """Return whether a table is called nearly so, or cannot be read: relations.xls, relations (1).csv, a dead link."""
    is_called_so = re.fullmatch(rf"{name}{_COPIED}(?:\.\w+)*", path.name.casefold()) is not None
    is_table = not path.suffixes or not _UNREAD.union(SUFFIXES).isdisjoint(map(str.casefold, path.suffixes))
    return is_called_so and is_table and not path.is_dir()


def read_table(path: Path) -> Table:
    """Return the rows of a file by its suffix. Blank rows are passed over, blank cells count as absent."""
    return {".jsonl": _read_jsonl, ".csv": _read_csv, ".xlsx": _read_xlsx}[path.suffix.casefold()](path)


def _read_jsonl(path: Path) -> Table:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        return _unreadable(path, f"is not UTF-8 ({error.reason} at byte {error.start}); save it as UTF-8")
    rows, problems = [], []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = parse_json(line)
        except (ValueError, RecursionError) as error:
            problems.append(Problem(path.name, number, "", f"is not JSON: {error}"))
            continue
        if isinstance(record, dict):
            rows.append(Row(path.name, number, _present(record), is_table=False))
        else:
            problems.append(Problem(path.name, number, "", expected(record, 'an object like {"id": …}')))
    return Table(tuple(rows), tuple(problems))


def _read_csv(path: Path) -> Table:
    data = path.read_bytes()
    text = _decode(data)
    if text is None:
        return _unreadable(path, "is neither UTF-8 nor CP949; save it as CSV UTF-8")
    csv.field_size_limit(sys.maxsize)
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        return _unreadable(path, f"is not CSV: {error}")
    return _from_records(path.name, records)


def _decode(data: bytes) -> str | None:
    for encoding in ("utf-8-sig", _KOREAN_EXCEL):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _read_xlsx(path: Path) -> Table:
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # other programs write wrong ones
            records = [[*map(_text, record)] for record in sheet.iter_rows(values_only=True)]
        finally:
            book.close()
    except _DAMAGED as error:
        return _unreadable(path, f"is not an Excel workbook that can be read: {error}")
    return _from_records(path.name, records)


def _from_records(file: str, records: list[list[str]]) -> Table:
    """Return the records below the first that is not blank, which names the columns."""
    top = next((at for at, record in enumerate(records) if any(map(str.strip, record))), None)
    if top is None:
        return Table()
    header = [cell.strip() for cell in records[top]]
    mistake = _header_problem(file, top + 1, header)
    if mistake is not None:
        return Table(problems=(mistake,))
    rows, problems = [], []
    for number, record in enumerate(records[top + 1 :], top + 2):
        if len(record) > len(header) or "" in header:
            problems += _misplaced(file, number, header, record)
        values: dict[str, object] = dict(zip(header, record, strict=False))
        # In a large file nearly every row is full: those are not looked at cell by cell.
        if "" in values or not all(map(str.strip, record)):
            values = {name: cell for name, cell in zip(header, record, strict=False) if name and cell.strip()}
        if not _EXCEL_ERRORS.isdisjoint(record):
            problems += _excel_errors(file, number, values)
        if values:
            rows.append(Row(file, number, values, is_table=True))
    return Table(tuple(rows), tuple(problems))


def _header_problem(file: str, number: int, header: list[str]) -> Problem | None:
    if len(header) > _MOST_COLUMNS:
        return Problem(file, number, "", f"found {len(header):,} columns, expected at most {_MOST_COLUMNS:,}")
    repeated = sorted(name for name, count in Counter(header).items() if name and count > 1)
    if repeated:
        return Problem(file, number, "", f"found column {', '.join(repeated)} more than once, expected each once")
    return None


def _misplaced(file: str, number: int, header: list[str], record: list[str]) -> list[Problem]:
    """Return a problem where cells stand under no column."""
    beyond = [cell for cell in record[len(header) :] if cell.strip()]
    unnamed = [cell for name, cell in zip(header, record, strict=False) if not name and cell.strip()]
    if not beyond and not unnamed:
        return []
    wanted = f"{len(header)} cells; is a comma inside a text missing its quotes?"
    return [Problem(file, number, "", expected(f"more cells than columns: {[*unnamed, *beyond]}", wanted))]


def _excel_errors(file: str, number: int, values: dict[str, object]) -> list[Problem]:
    """Return a problem for each cell in which a formula of Excel went wrong."""
    return [
        Problem(file, number, name, expected(value, "a value, not an Excel error"))
        for name, value in values.items()
        if value in _EXCEL_ERRORS
    ]


def _text(cell: object) -> str:
    """Return a cell of a workbook as text: 3.0 is the number 3 as Excel stores it, a date is its ISO form."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    return "" if cell is None else str(cell)


def _present(values: dict[str, object]) -> dict[str, object]:
    """Return the values that say something."""
    return {name: value for name, value in values.items() if not _is_blank(value)}


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _unreadable(path: Path, why: str) -> Table:
    return Table(problems=(Problem(path.name, 0, "", f"{path.name} {why}"),))


def columns(rows: Iterator[Row] | tuple[Row, ...]) -> list[str]:
    """Return every column that holds something, in the order of appearance."""
    return list(dict.fromkeys(chain.from_iterable(row.values for row in rows)))
