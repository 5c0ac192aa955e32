"""The files of a run, read back: each format as the same records, so that tests can compare them."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl

from matcher.program import Part

FILES = {"matches.csv", "matches.jsonl", "matches.xlsx", "report.html", "run.json"}
PARTS = tuple(part.value for part in Part)


@dataclass(frozen=True)
class Pair:
    """A match as any of the formats tells it; parts in the order of `PARTS`, None where unknown."""

    startup: str
    expert: str
    kind: str
    score: Decimal | None
    parts: tuple[Decimal | None, ...]


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Return the records of a jsonl file, numbers as the decimals that stand there."""
    text = path.read_bytes().decode("utf-8")
    assert not text or text.endswith("\n")
    return [json.loads(line, parse_float=Decimal) for line in text.split("\n")[:-1]]


def read_matches(out: Path) -> list[dict[str, Any]]:
    """Return the records of the matches."""
    return [record for record in read_lines(out / "matches.jsonl") if "score" in record]


def read_unmatched(out: Path) -> list[dict[str, Any]]:
    """Return the records of everybody without a pair."""
    return [record for record in read_lines(out / "matches.jsonl") if "score" not in record]


def read_csv(out: Path) -> list[dict[str, str]]:
    """Return the rows of matches.csv as they stand there."""
    return list(
        csv.DictReader(io.StringIO((out / "matches.csv").read_bytes().decode("utf-8"), newline=""), strict=True)
    )


def read_sheet(out: Path, sheet: str = "matches") -> list[dict[str, Any]]:
    """Return the rows of one sheet of matches.xlsx."""
    book = openpyxl.load_workbook(out / "matches.xlsx")
    header, *rows = book[sheet].iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def read_run(out: Path) -> dict[str, Any]:
    """Return the record of the run."""
    return json.loads((out / "run.json").read_text(encoding="utf-8"), parse_float=Decimal)


def result_of(out: Path, kind: str) -> dict[str, Any]:
    """Return what run.json says of one kind."""
    (found,) = [result for result in read_run(out)["results"] if result["kind"] == kind]
    return found


def pairs_in_jsonl(out: Path) -> list[Pair]:
    return [
        Pair(match["startup"], match["expert"], match["kind"], _number(match["score"]), _parts(match["parts"]))
        for match in read_matches(out)
    ]


def pairs_in_csv(out: Path) -> list[Pair]:
    rows = [row for row in read_csv(out) if row["startup"] and row["expert"]]
    return [
        Pair(_plain(row["startup"]), _plain(row["expert"]), row["kind"], _number(row["score"]), _parts(row))
        for row in rows
    ]


def pairs_in_xlsx(out: Path) -> list[Pair]:
    return [
        Pair(row["startup"], row["expert"], row["kind"], _number(row["score"]), _parts(row)) for row in read_sheet(out)
    ]


def pair_ids(out: Path) -> set[tuple[str, str]]:
    """Return the ids of every pair that was made."""
    return {(pair.startup, pair.expert) for pair in pairs_in_jsonl(out)}


def _parts(values: dict[str, Any]) -> tuple[Decimal | None, ...]:
    return tuple(_number(values[name]) for name in PARTS)


def _number(value: object) -> Decimal | None:
    return None if value in (None, "") else Decimal(str(value))


def _plain(cell: str) -> str:
    """Return a csv cell without the apostrophe that keeps a spreadsheet from running it."""
    return cell[1:] if cell.startswith("'") and cell[1:2] in ("=", "+", "-", "@") else cell
