"""Records → bytes, and bytes → files that are there whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from matcher.errors import BadInput
from matcher.program import Part
from service.writing.records import Record
from service.writing.workbook import Column, Sheet, workbook_bytes

_WHO = ("startup", "expert", "kind", "score")
_WHY = (
    "startup_passage",
    "expert_passage",
    "source",
    "introduction",
    "alternative",
    "alternative_score",
    "alternative_reason",
    "warnings",
    "pinned",
    "waiting",
    "reason",
)
# What a spreadsheet would take for a formula when it opens a csv.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def jsonl_bytes(records: Iterable[Record]) -> bytes:
    """Return one JSON object a line, UTF-8."""
    return "".join(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n" for record in records).encode()


def csv_bytes(records: Sequence[Record]) -> bytes:
    """Return the flat table of matches as csv, UTF-8; unknown is empty, scores have 6 decimals.

    Text that a spreadsheet would run as a formula gets an apostrophe before it.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    columns = _columns(records)
    writer.writerow(columns)
    for record in records:
        writer.writerow([csv_cell(value) for value in _flat_row(record, columns)])
    return text.getvalue().encode()


def _columns(records: Iterable[Record]) -> tuple[str, ...]:
    """Return the columns of the table; one for each part of a score that a record has, learned ones included."""
    parts = dict.fromkeys(part for record in records for part in record.get("parts", {}))
    return (*_WHO, *(parts or (part.value for part in Part)), *_WHY)


def csv_cell(value: object) -> str:
    """Return a value as a cell that no spreadsheet runs; scores have 6 decimals."""
    if isinstance(value, float):
        return f"{value:.6f}"
    # A bare \r would end the row for some readers, and Python does not quote it.
    text = "" if value is None else str(value).replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def xlsx_bytes(records: Sequence[Record]) -> bytes:
    """Return a workbook with the matches on one sheet and the unmatched on another."""
    columns, unmatched = _columns(records)[:-2], ("startup", "expert", "kind", "waiting", "reason")
    matches = [_flat_row(record, columns) for record in records if "score" in record]
    others = [[record.get(name) for name in unmatched] for record in records if "score" not in record]
    return workbook_bytes([_sheet("matches", columns, matches), _sheet("unmatched", unmatched, others)])


def _sheet(title: str, names: Sequence[str], rows: Sequence[Sequence[object]]) -> Sheet:
    return Sheet(title, [Column(name, _WIDTHS.get(name, _WIDTH)) for name in names], rows)


_WIDTH = 14
_WIDTHS = {
    "startup": 24,
    "expert": 24,
    "startup_passage": 60,
    "expert_passage": 60,
    "source": 36,
    "introduction": 40,
    "reason": 70,
}


def _flat_row(record: Record, columns: Sequence[str]) -> list[object]:
    """Return a record in the columns of the table: the first piece of evidence stands for all."""
    first = (record.get("evidence") or [{}])[0]
    other = record.get("alternative") or {}
    values = {
        **{name: record.get(name) for name in ("startup", "expert", "kind", "score", "waiting", "reason")},
        **record.get("parts", {}),
        **{name: first.get(name) for name in ("startup_passage", "expert_passage", "source")},
        "introduction": record.get("warm_path"),
        "alternative": other.get("expert"),
        "alternative_score": other.get("score"),
        "alternative_reason": other.get("reason"),
        "warnings": "; ".join(record.get("warnings", [])),
        "pinned": "yes" if record.get("pinned") else "",
    }
    return [values.get(name) for name in columns]


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write all files into the folder, making it where needed. Each appears whole, by a rename.

    Raises `BadInput` where the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        blocked = [name for name in files if (folder / name).is_dir()]
        if blocked:
            raise BadInput(f"cannot write to {folder}: {', '.join(blocked)} is a folder there; name another folder")
        with tempfile.TemporaryDirectory(dir=folder, prefix=".writing-") as work:
            for name, data in files.items():
                (Path(work) / name).write_bytes(data)
            for name in files:
                (Path(work) / name).replace(folder / name)
    except OSError as error:
        raise BadInput(f"cannot write to {folder}: {error.strerror or error}; name another folder") from error
