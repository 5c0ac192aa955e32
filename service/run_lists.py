"""Runs as pages list them: where they stand and what they came to, without their records."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from service.store.audit import as_utc
from service.store.errors import NotThere
from service.store.runs import OPEN, State
from service.store.tables import outlines, runs

Fields = dict[str, Any]
_COLUMNS = ("id", "program", "state", "stage", "asked", "created", "finished", "problem", "published")


@dataclass(frozen=True)
class OutlinedRun:
    """A run; moments in ISO format. outline: what `outlines` keeps, None of one that is not done."""

    id: str
    program: str
    state: State
    stage: str
    asked: Fields
    created: str
    finished: str | None
    problem: Fields | None
    published: str | None
    outline: Fields | None

    @property
    def is_open(self) -> bool:
        """Whether the run is still to be done."""
        return self.state in OPEN


def find_outlined(connection: Connection, program: str, id_: str) -> OutlinedRun:
    """Return a run of a program. Raises `NotThere`."""
    row = connection.execute(_runs_of(program).where(runs.c.id == id_)).one_or_none()
    if row is None:
        raise NotThere(f"found no run {id_!r} in program {program!r}")
    return _outlined(row)


def list_outlined(
    connection: Connection, program: str, limit: int | None, state: State | None = None
) -> list[OutlinedRun]:
    """Return the runs of a program, the newest first, of one state or all; limit: so many, None for all."""
    query = _runs_of(program).order_by(runs.c.created.desc()).limit(limit)
    if state is not None:
        query = query.where(runs.c.state == state.value)
    return [_outlined(row) for row in connection.execute(query)]


def find_published(connection: Connection, program: str) -> OutlinedRun | None:
    """Return the run that the startups and experts of a program see."""
    row = connection.execute(_runs_of(program).where(runs.c.published.is_not(None))).one_or_none()
    return _outlined(row) if row else None


def _runs_of(program: str) -> Select[Any]:
    query = select(*(runs.c[name] for name in _COLUMNS), outlines.c.fields.label("outline"))
    return query.select_from(runs.outerjoin(outlines)).where(runs.c.program == program)


def _outlined(row: Row[Any]) -> OutlinedRun:
    def moment(value: dt.datetime | None) -> str | None:
        return as_utc(value).isoformat() if value else None

    return OutlinedRun(
        row.id,
        row.program,
        State(row.state),
        row.stage,
        row.asked,
        as_utc(row.created).isoformat(),
        moment(row.finished),
        row.problem,
        moment(row.published),
        row.outline,
    )
