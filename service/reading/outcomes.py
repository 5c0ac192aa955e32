"""Outcomes of earlier matches, to learn a ranker from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

from matcher.errors import BadInput
from matcher.profiles import Cohort, Side
from matcher.questions import Outcome
from service.reading.problems import BadOutcomes, Problem, expected
from service.reading.rows import Parsed, parse_rows
from service.reading.schema import LearnedOutcomeRow
from service.reading.tables import SUFFIXES, read_table

# What says that an expert took a startup. A rating says neither that nor that it declined.
_TAKEN = ("invested", "accepted")
_ANSWERS = (*_TAKEN, "declined")


def read_outcomes(path: Path, cohort: Cohort) -> list[Outcome]:
    """Return who took whom, and who declined. Raises `BadOutcomes` with every problem of the file."""
    if not path.is_file() or path.suffix.lower() not in SUFFIXES:
        raise BadInput(f"{path} is no file of outcomes, expected one as {' or '.join(SUFFIXES)}")
    table = read_table(path)
    rows, problems = parse_rows(LearnedOutcomeRow, table, {"startup": "?", "expert": "?", "outcome": "rating"})
    problems += [*_unknown(rows, cohort), *_contradicted(rows, cohort)]
    answers = [row.model for row in rows if row.model.outcome in _ANSWERS]
    if not any(answer.outcome in _TAKEN for answer in answers) and not problems:
        wanted = "expected some: it is learned from who took whom"
        message = f"found {len(rows)} outcomes and none of them {' or '.join(_TAKEN)}, {wanted}"
        problems.append(Problem(path.name, 0, "outcome", message))
    if problems:
        raise BadOutcomes(problems)
    return [Outcome(*_pair(answer, cohort), answer.date, answer.outcome in _TAKEN) for answer in answers]


def _pair(row: LearnedOutcomeRow, cohort: Cohort) -> tuple[str, str]:
    return cohort.stays(Side.STARTUP, row.startup), cohort.stays(Side.EXPERT, row.expert)


def _unknown(rows: Sequence[Parsed[LearnedOutcomeRow]], cohort: Cohort) -> Iterator[Problem]:
    known = {
        "startup": {startup.id for startup in cohort.startups},
        "expert": {expert.id for expert in cohort.experts},
    }
    for row in rows:
        for column, ids in known.items():
            id_ = getattr(row.model, column)
            if column not in row.wrong and cohort.stays(Side(column), id_) not in ids:
                yield row.problem(column, expected(id_, f"the id of a known {column}"))


def _contradicted(rows: Sequence[Parsed[LearnedOutcomeRow]], cohort: Cohort) -> Iterator[Problem]:
    """Yield a problem where a pair took and declined each other on one day; in one year, both may be true."""
    first: dict[tuple[str, str, dt.date | None], Parsed[LearnedOutcomeRow]] = {}
    for row in rows:
        answer = row.model
        if row.wrong or answer.outcome not in _ANSWERS or not _tells_its_day(row):
            continue
        other = first.setdefault((*_pair(answer, cohort), answer.date), row)
        if (answer.outcome in _TAKEN) is not (other.model.outcome in _TAKEN):
            wanted = (
                f"one answer of a pair on a day, row {other.row.number} says {other.model.outcome} on {answer.date}"
            )
            yield row.problem("outcome", expected(answer.outcome, wanted))


def _tells_its_day(row: Parsed[LearnedOutcomeRow]) -> bool:
    return len(str(row.row.values.get("date") or "").strip()) > len("2026-03")
