"""Judgements of pairs, to measure scores against."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from matcher.errors import BadInput
from matcher.evaluation import Judgement
from matcher.profiles import Cohort, Side
from service.reading.problems import BadJudgements, Problem, expected
from service.reading.rows import Parsed, parse_rows
from service.reading.schema import JudgementRow
from service.reading.tables import SUFFIXES, read_table


def read_judgements(path: Path, cohort: Cohort) -> list[Judgement]:
    """Return the judgements of a file. Raises `BadJudgements` with every problem it has."""
    if not path.is_file() or path.suffix.lower() not in SUFFIXES:
        raise BadInput(f"{path} is no file of judgements, expected one as {' or '.join(SUFFIXES)}")
    table = read_table(path)
    rows, problems = parse_rows(JudgementRow, table, {"startup": "?", "expert": "?", "grade": 0})
    problems += [*_unknown(rows, cohort), *_repeated(rows, cohort)]
    if not rows and not problems:
        problems.append(Problem(path.name, 0, "", "found no judgement, expected one at least"))
    if problems:
        raise BadJudgements(problems)
    return [Judgement(*_pair(row.model, cohort), row.model.grade) for row in rows]


def _pair(row: JudgementRow, cohort: Cohort) -> tuple[str, str]:
    return cohort.stays(Side.STARTUP, row.startup), cohort.stays(Side.EXPERT, row.expert)


def _unknown(rows: Sequence[Parsed[JudgementRow]], cohort: Cohort) -> Iterator[Problem]:
    known = {
        "startup": {startup.id for startup in cohort.startups},
        "expert": {expert.id for expert in cohort.experts},
    }
    for row in rows:
        for column, ids in known.items():
            id_ = getattr(row.model, column)
            if column not in row.wrong and cohort.stays(Side(column), id_) not in ids:
                yield row.problem(column, expected(id_, f"the id of a known {column}"))


def _repeated(rows: Sequence[Parsed[JudgementRow]], cohort: Cohort) -> Iterator[Problem]:
    first: dict[tuple[str, str], int] = {}
    for row in rows:
        pair = _pair(row.model, cohort)
        if not row.wrong & {"startup", "expert"} and pair in first:
            yield row.problem("", f"found a second judgement of a pair, expected one; row {first[pair]} has it already")
        first.setdefault(pair, row.row.number)
