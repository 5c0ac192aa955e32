"""Runs: asked for, followed, cancelled, read, compared, published, answered, made again."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from anyio.to_thread import run_sync
from fastapi import Depends, Query, Request
from fastapi.responses import JSONResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import AfterValidator, AwareDatetime, BaseModel, ValidationError
from sqlalchemy import Connection

from matcher.profiles import Side
from service.comparing import compare_runs
from service.http.access import ANYBODY, MANAGERS
from service.http.body import parse_body, read_body
from service.http.paths import ProgramId
from service.http.problems import ApiError, NothingNew
from service.http.router import api_router
from service.http.schemas import (
    DecisionBody,
    DiffAnswer,
    MatchesAnswer,
    MatchRecord,
    RunAnswer,
    RunBody,
    RunPage,
    body_of,
    errors_of,
)
from service.http.state import shared
from service.http.writes import key_of, write
from service.jobs.running import request_of
from service.kept import cohort_of, snapshot
from service.memory import give_back
from service.overtaken import look_again, look_for_conflicts
from service.reading.problems import BadCohort, Problem, expected
from service.redaction import for_party
from service.store import runs as store
from service.store.aliases import merged_in
from service.store.audit import record
from service.store.errors import LOST
from service.store.keys import Key, Role
from service.store.profiles import add_relations, confidential_fields
from service.store.programs import find_program, hold_program
from service.store.publishing import publish as show
from service.store.writes import Reply, reading, writing
from service.use_cases import decide
from service.writing.files import csv_bytes, xlsx_bytes

router = api_router(prefix="/v1/programs/{p}", tags=["runs"])
_MANAGED = [Depends(MANAGERS)]
_ERRORS = (400, 401, 403, 404, 413, 422, 429, 503)
_LOOK_S = 0.25
_SIDES = {Role.STARTUP: Side.STARTUP, Role.EXPERT: Side.EXPERT}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Fields = dict[str, Any]


def _in_utc(moment: dt.datetime) -> dt.datetime:
    """Return the same moment in UTC: SQLite keeps and compares what a clock there shows."""
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError:
        raise ValueError("expected a moment between the years 1 and 9999 of UTC") from None


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class MatchesFormat(StrEnum):
    """How a match list is written."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


@router.post(
    "/runs",
    status_code=202,
    dependencies=_MANAGED,
    response_model=None,
    responses={202: {"model": RunAnswer}, **errors_of(409, *_ERRORS)},
    openapi_extra=body_of(RunBody, required=False),
)
async def ask(request: Request, p: ProgramId) -> Response:
    """Ask for a run over everything as it is now; what is changed while it works changes nothing in it."""
    body = await read_body(request, shared(request).settings.largest_body)
    asked = _parsed(RunBody, await run_sync(parse_body, body) if body.strip() else {})
    return await _queue(request, p, body, lambda connection: asked)


@router.post(
    "/runs/{r}/rematch",
    status_code=202,
    dependencies=_MANAGED,
    response_model=None,
    responses={202: {"model": RunAnswer}, **errors_of(409, *_ERRORS)},
)
async def rematch(request: Request, p: ProgramId, r: str) -> Response:
    """Ask for a run that keeps the matches of this one that nobody declined, and fills what declines left open."""

    def steered(connection: Connection) -> Fields:
        run = store.find_run(connection, p, r)
        if run.state is not store.State.DONE:
            raise ApiError(HTTPStatus.CONFLICT, f"run {r} is {run.state}, expected one that is done")
        made = [one for one in store.list_matches(connection, r) if one.startup and one.expert]
        declined = [[one.startup, one.expert] for one in made if one.decision is store.Decision.DECLINED]
        kept = [[one.startup, one.expert] for one in made if one.decision is not store.Decision.DECLINED]
        return {**run.asked, "pins": kept, "bans": [*run.asked.get("bans", []), *declined], "rematch_of": r}

    return await _queue(request, p, b"", steered)


async def _queue(request: Request, p: str, body: bytes, asked: Callable[[Connection], Fields]) -> Response:
    answer = await _kept(request, p, body, asked)
    await run_sync(shared(request).queue.add, answer.headers["location"].rsplit("/", 1)[1])
    await run_sync(give_back)  # a whole cohort was read, and nobody holds it any more
    return answer


async def _kept(request: Request, p: str, body: bytes, asked: Callable[[Connection], Fields]) -> Response:
    def look(connection: Connection) -> tuple[Fields, Fields, int]:
        revision = find_program(connection, p).revision  # first: what is written while all is read is later
        wanted, taken = asked(connection), snapshot(connection, p)
        decide(cohort_of(taken), request_of(wanted))  # what cannot be matched is told now, not by a failed run
        return wanted, taken, revision

    # Before the write, which would keep all others waiting while a cohort is read.
    wanted, taken, revision = await _read(request, look)

    def work(connection: Connection) -> Reply:
        # Somebody who was deleted in between must not come back with the snapshot.
        is_old = hold_program(connection, p).revision != revision
        run = store.ask_for_run(connection, p, wanted, snapshot(connection, p) if is_old else taken, key_of(request).id)
        return Reply(202, run_record(run), {"Location": f"/v1/programs/{quote(p, safe='')}/runs/{run.id}"})

    return await write(request, body, work)


@router.get("/runs", dependencies=_MANAGED, response_model=RunPage, responses=errors_of(*_ERRORS))
async def list_all(
    request: Request,
    p: ProgramId,
    cursor: Annotated[Moment | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> JSONResponse:
    """List the runs, the newest first."""
    found = await _read(request, lambda connection: store.list_runs(connection, p, cursor, limit))
    after = found[-1].created.isoformat() if len(found) == limit else None
    return JSONResponse({"items": [run_record(run) for run in found], "next": after})


@router.get("/runs/{r}", dependencies=_MANAGED, response_model=RunAnswer, responses=errors_of(*_ERRORS))
async def read(request: Request, p: ProgramId, r: str) -> JSONResponse:
    """Read where a run stands; of one that is done the record, of one that is not possible the conflict."""

    def look(connection: Connection) -> Fields:
        run = store.find_run(connection, p, r)
        return run_record(run, store.record_of(connection, r))

    return JSONResponse(await _read(request, look))


@router.delete(
    "/runs/{r}",
    dependencies=_MANAGED,
    response_model=None,
    responses={200: {"model": RunAnswer}, **errors_of(409, *_ERRORS)},
)
async def cancel(request: Request, p: ProgramId, r: str) -> Response:
    """Cancel a run that is not over."""
    return await write(
        request, b"", lambda connection: Reply(200, run_record(store.cancel(connection, p, r, key_of(request).id)))
    )


async def _known_run(request: Request, p: ProgramId, r: str) -> None:
    """Raise 404 before a stream has begun, and answer 204 to who has been told the last event already."""
    run = await _read(request, lambda connection: store.find_run(connection, p, r))
    if run.state not in store.OPEN and request.headers.get("last-event-id") == _event_id(run):
        raise NothingNew


def _event_id(run: store.Run) -> str:
    return f"{run.state.value}:{run.stage}"


@router.get(
    "/runs/{r}/events",
    dependencies=[*_MANAGED, Depends(_known_run)],
    response_class=EventSourceResponse,
    responses={204: {"description": "the last event is known"}, **errors_of(*_ERRORS)},
)
async def follow(request: Request, p: ProgramId, r: str) -> AsyncIterator[ServerSentEvent]:
    """Follow a run without its record: an event each time its state or stage changes, until it is over.

    Who was cut off goes on after the event that `Last-Event-ID` names; 204 where that was the last one.
    """
    told = request.headers.get("last-event-id")
    while not shared(request).closing.is_set():
        # While the database is away there is nothing to tell.
        with suppress(*LOST):
            run = await _read(request, lambda connection: store.find_run(connection, p, r))
            if _event_id(run) != told:
                told = _event_id(run)
                yield ServerSentEvent(event=run.state.value, id=told, data=run_record(run))
            if run.state not in store.OPEN:
                return
        await asyncio.sleep(_LOOK_S)


@router.get(
    "/runs/{r}/matches",
    dependencies=[Depends(ANYBODY)],
    response_model=None,
    responses={200: {"model": MatchesAnswer}, **errors_of(409, *_ERRORS)},
)
async def matches(request: Request, p: ProgramId, r: str, format: MatchesFormat = MatchesFormat.JSON) -> Response:  # noqa: A002
    """Read the match list; a startup or expert reads its own matches of a published run."""
    key, is_export = key_of(request), format is not MatchesFormat.JSON

    def look(connection: Connection) -> list[Fields]:
        run = store.find_run(connection, p, r)
        side = _SIDES.get(key.role)
        if side and run.published is None:
            raise ApiError(HTTPStatus.FORBIDDEN, "found a run that is not published")
        if run.state is not store.State.DONE:
            raise ApiError(HTTPStatus.CONFLICT, f"run {r} is {run.state}, expected one that is done")
        of = (side, merged_in(connection, p).one_with(side, str(key.party))) if side else None
        found = [match_answer(one) for one in store.list_matches(connection, r, of)]
        if is_export:
            record(connection, key.id, "run.export", f"{p}/{r}", None, {"format": format.value})
        return _own(found, side, confidential_fields(connection, p)) if side else found

    found = await run_sync(_export, request, look) if is_export else await _read(request, look)
    if format is MatchesFormat.CSV:
        return Response(csv_bytes(found), media_type="text/csv; charset=utf-8", headers=_file(f"{r}.csv"))
    if format is MatchesFormat.XLSX:
        return Response(await run_sync(xlsx_bytes, found), media_type=_XLSX, headers=_file(f"{r}.xlsx"))
    made = [one for one in found if "score" in one]
    return JSONResponse({"matches": made, "unmatched": [one for one in found if "score" not in one]})


@router.get("/runs/{r}/diff", dependencies=_MANAGED, response_model=DiffAnswer, responses=errors_of(409, *_ERRORS))
async def diff(
    request: Request, p: ProgramId, r: str, against: Annotated[str, Query(description="The run to compare with.")]
) -> JSONResponse:
    """Compare a run with another, startup by startup and as a whole."""
    return JSONResponse(await _read(request, lambda connection: compare_runs(connection, p, against, r)))


@router.post(
    "/runs/{r}/publish",
    dependencies=_MANAGED,
    response_model=None,
    responses={200: {"model": RunAnswer}, **errors_of(409, *_ERRORS)},
)
async def publish(request: Request, p: ProgramId, r: str) -> Response:
    """Show a run to its startups and experts, in place of the one before; not with a pair that is ruled out by now."""
    revision = await _read(request, lambda connection: look_for_conflicts(connection, p, r))

    def work(connection: Connection) -> Reply:
        look_again(connection, p, r, revision)
        return Reply(200, run_record(show(connection, p, r, key_of(request).id)))

    answer = await write(request, b"", work)
    await run_sync(give_back)
    return answer


@router.post(
    "/matches/{m}/decision",
    dependencies=[Depends(ANYBODY)],
    response_model=None,
    responses={200: {"model": MatchRecord}, **errors_of(409, *_ERRORS)},
    openapi_extra=body_of(DecisionBody),
)
async def decision(request: Request, p: ProgramId, m: int) -> Response:
    """Accept or decline a published match, as one of its parties or for them. Who declined is not matched again."""
    body = await read_body(request, shared(request).settings.largest_body)
    said = _parsed(DecisionBody, await run_sync(parse_body, body))
    key = key_of(request)

    def work(connection: Connection) -> Reply:
        found = store.find_match(connection, p, m)[1] if 0 < m < 2**31 else None
        side = _SIDES.get(key.role)
        if found is None or (side and not _is_of(connection, found, side, key)):
            raise ApiError(HTTPStatus.NOT_FOUND, f"found no match {m} in program {p!r}")
        word = store.Decision(said["decision"])
        made = store.decide_match(connection, p, m, word, said.get("reason", ""), key.id)
        if word is store.Decision.DECLINED and found.decision is not store.Decision.DECLINED:
            today = dt.datetime.now(dt.UTC).date().isoformat()
            ends = {"source": f"expert:{found.expert}", "target": f"startup:{found.startup}"}
            add_relations(connection, p, [{**ends, "type": "declined", "since": today}], key.id)
        answer = match_answer(made)
        return Reply(200, _own([answer], side, confidential_fields(connection, p))[0] if side else answer)

    return await write(request, body, work)


def run_record(run: store.Run, record: Fields | None = None) -> Fields:
    """Return a run as it is answered; record: of one that is done, where it is read by itself."""

    def moment(value: dt.datetime | None) -> str | None:
        return value.isoformat() if value else None

    return {
        "id": run.id,
        "program": run.program,
        "state": run.state.value,
        "stage": run.stage,
        "asked": run.asked,
        "by": run.by,
        "created": moment(run.created),
        "started": moment(run.started),
        "finished": moment(run.finished),
        "published": moment(run.published),
        "problem": run.problem,
        "record": record,
    }


def match_answer(made: store.Made) -> Fields:
    """Return a match as it is answered, with what its parties said."""
    if made.startup is None or made.expert is None:
        return made.fields
    return {"id": made.id, **made.fields, "decision": made.decision, "reason": made.reason}


def _is_of(connection: Connection, made: store.Made, side: Side, key: Key) -> bool:
    """Return whether a match is of the party that a key speaks for, under this id or another of its own."""
    ids = merged_in(connection, str(key.program)).one_with(side, str(key.party))
    return (made.startup if side is Side.STARTUP else made.expert) in ids


def _own(found: list[Fields], side: Side, confidential: Mapping[str, list[str]]) -> list[Fields]:
    """Return what a party may see of its lines of a match list. confidential: what startups mark now."""
    mine = [one for one in found if "score" in one]
    return [
        {
            **for_party(side, one, confidential.get(one["startup"], ())),
            "id": one["id"],
            "decision": one["decision"],
        }
        for one in mine
    ]


def _file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


async def _read(request: Request, look: Callable[[Connection], Any]) -> Any:
    def read() -> Any:
        with reading(shared(request).database) as connection:
            return look(connection)

    return await run_sync(read)


def _export(request: Request, look: Callable[[Connection], Any]) -> Any:
    """Return what an export reads, in the transaction that logs it."""
    with writing(shared(request).database) as connection:
        return look(connection)


def _parsed(model: type[BaseModel], values: object) -> Fields:
    """Return the fields that were told. Raises `BadCohort` with everything that is wrong with them."""
    try:
        return model.model_validate(values).model_dump(mode="json", exclude_unset=True)
    except ValidationError as error:
        problems = [
            Problem("", 0, ".".join(str(step) for step in one["loc"]), expected(one["input"], one["msg"]))
            for one in error.errors(include_url=False)
        ]
        raise BadCohort(problems) from error
