"""Which files a command writes."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic_core import to_json

from matcher.pipeline import Explained
from service.reading.cohort import CohortInput
from service.run_record import run_record
from service.use_cases import MatchRequest, Ranked, Workbench
from service.writing.files import csv_bytes, jsonl_bytes, write_files, xlsx_bytes
from service.writing.records import match_records, ranked_record
from service.writing.report import report_html

__all__ = ["match_files", "ranking_file", "write_files"]


def match_files(
    cohort: CohortInput, request: MatchRequest, explained: Sequence[Explained], workbench: Workbench
) -> dict[str, bytes]:
    """Return the files of a run by name; run.json comes last, with the seconds that the others took."""
    with workbench.clock("write"):
        records = list(match_records(explained))
        files = {
            "matches.csv": csv_bytes(records),
            "matches.jsonl": jsonl_bytes(records),
            "matches.xlsx": xlsx_bytes(records),
            "report.html": report_html(cohort, explained, workbench.encoder.fingerprint).encode(),
        }
    record = run_record(cohort, request, explained, workbench)
    return {**files, "run.json": to_json(record, indent=2)}


def ranking_file(lines: Sequence[Ranked]) -> bytes:
    """Return a ranking as jsonl."""
    return jsonl_bytes(ranked_record(line) for line in lines)
