"""Runs: asked for with a snapshot of the cohort, claimed by one worker, finished once, published by a manager."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, or_, select, update

from matcher.profiles import Side
from service.store.audit import as_utc, record
from service.store.errors import Clash, NotThere
from service.store.match_lines import keep_lines
from service.store.outlines import keep_outline
from service.store.programs import hold_program
from service.store.tables import matches, runs

Fields = dict[str, Any]
# A worker that has not been heard of for so long has died: another may have its run.
SILENT_S = 15
# Who finishes runs, in the audit log.
WORKER = "worker"


class State(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    INFEASIBLE = "infeasible"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (State.QUEUED, State.RUNNING)


class Decision(StrEnum):
    """What a party of a published match said."""

    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(frozen=True)
class Run:
    """A run without its snapshot and its record, which have megabytes; see `tables.runs`."""

    id: str
    program: str
    state: State
    stage: str
    asked: Fields
    created: dt.datetime
    started: dt.datetime | None
    finished: dt.datetime | None
    by: str
    problem: Fields | None
    published: dt.datetime | None


@dataclass(frozen=True)
class Made:
    """A match of a finished run, or somebody without one (then startup or expert is None)."""

    id: int
    startup: str | None
    expert: str | None
    fields: Fields
    decision: Decision | None
    reason: str | None


_SHOWN = [column for column in runs.c if column.name not in ("snapshot", "record")]


def ask_for_run(connection: Connection, program: str, asked: Fields, snapshot: Fields, by: str) -> Run:
    """Queue a run over this snapshot."""
    id_ = secrets.token_hex(8)
    values = {"program": program, "state": State.QUEUED.value, "stage": "", "asked": asked, "snapshot": snapshot}
    connection.execute(insert(runs).values(id=id_, created=dt.datetime.now(dt.UTC), by=by, **values))
    record(connection, by, "run.ask", f"{program}/{id_}", None, asked)
    return find_run(connection, program, id_)


def find_run(connection: Connection, program: str, id_: str) -> Run:
    """Return a run of a program. Raises `NotThere`."""
    row = connection.execute(select(*_SHOWN).where(runs.c.program == program, runs.c.id == id_)).one_or_none()
    if row is None:
        raise NotThere(f"found no run {id_!r} in program {program!r}")
    return _run(row)


def list_runs(connection: Connection, program: str, before: dt.datetime | None, limit: int) -> list[Run]:
    """Return the runs of a program, the newest first, those before a moment of UTC."""
    query = select(*_SHOWN).where(runs.c.program == program).order_by(runs.c.created.desc()).limit(limit)
    if before is not None:
        query = query.where(runs.c.created < before)
    return [_run(row) for row in connection.execute(query)]


def claim(connection: Connection, id_: str) -> str | None:
    """Take a queued run, or one whose worker died, and return the claim.

    None where somebody else has it or it is over: a job that is delivered twice is done once.
    """
    now, token = _now(connection), secrets.token_hex(8)
    values = {"state": State.RUNNING.value, "claim": token, "beat": now, "started": now, "stage": ""}
    taken = update(runs).where(runs.c.id == id_, _is_free(now)).values(**values)
    return token if connection.execute(taken).rowcount == 1 else None


def beat(connection: Connection, id_: str, token: str, stage: str | None = None) -> bool:
    """Say that the worker of this claim is alive; return whether the run is still its own."""
    values: Fields = {"beat": _now(connection)} | ({"stage": stage} if stage else {})
    mine = (runs.c.id == id_, runs.c.claim == token, runs.c.state == State.RUNNING.value)
    return connection.execute(update(runs).where(*mine).values(**values)).rowcount == 1


def is_held(connection: Connection, id_: str, token: str) -> bool:
    """Return whether a run is still of this claim, which it then is until this transaction is over."""
    mine = (runs.c.id == id_, runs.c.claim == token, runs.c.state == State.RUNNING.value)
    return connection.scalar(select(runs.c.id).where(*mine).with_for_update(read=True)) is not None


def waiting_runs(connection: Connection) -> list[str]:
    """Return the runs that nobody works at: queued, or of a worker that died."""
    is_free = _is_free(_now(connection))
    return list(connection.scalars(select(runs.c.id).where(is_free).order_by(runs.c.created)))


def _now(connection: Connection) -> dt.datetime:
    """Return the time by one clock for all: that of the machine of PostgreSQL, or of the one that SQLite is on."""
    if connection.dialect.name == "sqlite":
        return dt.datetime.now(dt.UTC)
    return as_utc(connection.execute(select(func.clock_timestamp())).scalar_one())


def _is_free(now: dt.datetime) -> ColumnElement[bool]:
    """Whether a run waits, or its worker has not been heard of; heard of in time to come is by a clock put back."""
    patience = dt.timedelta(seconds=SILENT_S)
    is_silent = or_(runs.c.beat < now - patience, runs.c.beat > now + patience)
    return or_(runs.c.state == State.QUEUED.value, (runs.c.state == State.RUNNING.value) & is_silent)


@dataclass(frozen=True)
class Result:
    """How a run ended: the record and the matches of one that is done, or a problem."""

    state: State
    record: Fields | None = None
    problem: Fields | None = None
    made: Sequence[Mapping[str, Any]] = ()


def finish(connection: Connection, id_: str, token: str, result: Result) -> bool:
    """Keep how a run ended, all of it or nothing; return False where the run is no longer this claim's."""
    now = dt.datetime.now(dt.UTC)
    mine = (runs.c.id == id_, runs.c.claim == token, runs.c.state == State.RUNNING.value)
    values = {"state": result.state.value, "finished": now, "record": result.record, "problem": result.problem}
    if connection.execute(update(runs).where(*mine).values(**values)).rowcount != 1:
        return False
    if result.made:
        rows = [
            {"run": id_, "startup": one.get("startup"), "expert": one.get("expert"), "fields": dict(one)}
            for one in result.made
        ]
        connection.execute(insert(matches), rows)
        keep_lines(connection, id_)
    if result.record is not None:
        keep_outline(connection, id_, result.record, result.made)
    program = connection.execute(select(runs.c.program).where(runs.c.id == id_)).scalar_one()
    record(connection, WORKER, "run.finish", f"{program}/{id_}", None, {"state": result.state.value})
    return True


def cancel(connection: Connection, program: str, id_: str, by: str) -> Run:
    """Cancel a run. Raises `NotThere`, and `Clash` for one that is over."""
    run = find_run(connection, program, id_)
    values = {"state": State.CANCELLED.value, "finished": dt.datetime.now(dt.UTC)}
    is_open = runs.c.state.in_([state.value for state in OPEN])
    # Its worker may have finished it since it was read: what is done stays as it is.
    if not connection.execute(update(runs).where(runs.c.id == id_, is_open).values(**values)).rowcount:
        raise Clash(f"run {id_} is {find_run(connection, program, id_).state} already")
    record(connection, by, "run.cancel", f"{program}/{id_}", {"state": run.state.value}, {"state": "cancelled"})
    return find_run(connection, program, id_)


def published_run(connection: Connection, program: str) -> Run | None:
    """Return the run that the startups and experts of a program see."""
    query = select(*_SHOWN).where(runs.c.program == program, runs.c.published.is_not(None))
    row = connection.execute(query).one_or_none()
    return _run(row) if row else None


def count_states(connection: Connection) -> dict[str, int]:
    """Return how many runs of all programs are in each state."""
    rows = connection.execute(select(runs.c.state, func.count()).group_by(runs.c.state))
    return {state.value: 0 for state in State} | {str(row[0]): int(row[1]) for row in rows}


def latest_seconds(connection: Connection) -> dict[str, float]:
    """Return what the stages of the run that was done last took."""
    seconds = runs.c.record["seconds"]
    query = select(seconds).where(runs.c.state == State.DONE.value).order_by(runs.c.finished.desc()).limit(1)
    return dict(connection.scalar(query) or {})


def record_of(connection: Connection, id_: str) -> Fields | None:
    """Return the record of a run, None of one that is not done."""
    found: Fields | None = connection.execute(select(runs.c.record).where(runs.c.id == id_)).scalar_one()
    return found


def snapshot_of(connection: Connection, id_: str) -> Fields:
    """Return the cohort that a run was asked for with."""
    found: Fields = connection.execute(select(runs.c.snapshot).where(runs.c.id == id_)).scalar_one()
    return found


def list_matches(connection: Connection, run: str, of: tuple[Side, Collection[str]] | None = None) -> list[Made]:
    """Return the matches of a run and who has none, in the order of the match list; all of them or those of a party.

    of: its side, and its ids.
    """
    query = select(matches).where(matches.c.run == run).order_by(matches.c.id)
    if of is not None:
        side, ids = of
        query = query.where((matches.c.startup if side is Side.STARTUP else matches.c.expert).in_(list(ids)))
    rows = connection.execute(query)
    return [_made(row) for row in rows]


def find_match(connection: Connection, program: str, id_: int) -> tuple[Run, Made]:
    """Return a match of a program and its run. Raises `NotThere`."""
    query = select(matches).join(runs).where(runs.c.program == program, matches.c.id == id_)
    row = connection.execute(query).one_or_none()
    if row is None or row.startup is None or row.expert is None:
        raise NotThere(f"found no match {id_} in program {program!r}")
    return find_run(connection, program, row.run), _made(row)


def decide_match(connection: Connection, program: str, id_: int, decision: Decision, reason: str, by: str) -> Made:
    """Keep what a party of a published match said. Raises `NotThere`, and `Clash` for an unpublished run."""
    hold_program(connection, program)
    run, before = find_match(connection, program, id_)
    if run.published is None:
        raise Clash(f"match {id_} is of run {run.id}, which is not published")
    values = {"decision": decision.value, "reason": reason, "decided": dt.datetime.now(dt.UTC)}
    connection.execute(update(matches).where(matches.c.id == id_).values(**values))
    old = {"decision": before.decision, "has_reason": bool(before.reason)}
    new = {"decision": decision.value, "has_reason": bool(reason)}
    record(connection, by, "match.decide", f"{program}/{id_}", old, new)
    return find_match(connection, program, id_)[1]


def _run(row: Row[tuple[Any, ...]]) -> Run:
    def moment(value: dt.datetime | None) -> dt.datetime | None:
        return None if value is None else as_utc(value)

    return Run(
        row.id,
        row.program,
        State(row.state),
        row.stage,
        row.asked,
        as_utc(row.created),
        moment(row.started),
        moment(row.finished),
        row.by,
        row.problem,
        moment(row.published),
    )


def _made(row: Row[tuple[Any, ...]]) -> Made:
    decision = Decision(row.decision) if row.decision else None
    return Made(row.id, row.startup, row.expert, row.fields, decision, row.reason)


def hand_back(connection: Connection, id_: str, token: str) -> bool:
    """Queue a run again whose worker has to stop."""
    mine = (runs.c.id == id_, runs.c.claim == token, runs.c.state == State.RUNNING.value)
    values = {"state": State.QUEUED.value, "claim": None, "stage": ""}
    return connection.execute(update(runs).where(*mine).values(**values)).rowcount == 1
