"""Cohort in, matches out; problem in, result out. Nothing is stored."""

from __future__ import annotations

from asyncio import wrap_future
from http import HTTPStatus
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import Depends, Query, Request
from fastapi.responses import JSONResponse, Response

from matcher.profiles import Kind
from service.answers import AssignRequest, answer_values
from service.http.access import MANAGERS
from service.http.body import read_json
from service.http.problems import ApiError
from service.http.router import api_router
from service.http.schemas import AssignAnswer, AssignBody, MatchAnswer, MatchBody, body_of, errors_of
from service.http.state import Shared, shared
from service.matchmaker import matching
from service.reading.request import read_request
from service.use_cases import MatchRequest, decide

router = api_router(prefix="/v1", tags=["stateless"], dependencies=[Depends(MANAGERS)])
BestEffort = Annotated[bool, Query(description="Where limits cannot all hold, leave the fewest unmet.")]
_ERRORS = (400, 401, 403, 413, 422, 429, 503)


@router.post(
    "/match",
    response_model=None,
    responses={200: {"model": MatchAnswer}, **errors_of(409, *_ERRORS)},
    openapi_extra=body_of(MatchBody),
)
async def match(
    request: Request,
    kind: Annotated[Kind | None, Query(description="Assign one kind; otherwise each kind present.")] = None,
    best_effort: BestEffort = False,
) -> Response:
    """Match a cohort. An infeasible one is 409 with whose limits conflict and what would mend it."""
    app = shared(request)
    values = await read_json(request, app.settings.largest_body)
    cohort = await run_sync(read_request, values)
    _check_size(app, len(cohort.cohort.startups), len(cohort.cohort.experts))
    asked = MatchRequest(kinds=(kind,) if kind else (), best_effort=best_effort)
    decided = decide(cohort, asked)
    answer = await wrap_future(app.matchmaker.submit(matching(decided, asked)))
    return JSONResponse(answer)


@router.post(
    "/assign",
    response_model=None,
    responses={200: {"model": AssignAnswer}, **errors_of(*_ERRORS)},
    openapi_extra=body_of(AssignBody),
)
async def assign(
    request: Request,
    best_effort: BestEffort = False,
) -> Response:
    """Solve an assignment on given scores. An infeasible one is 200 with its conflict."""
    app = shared(request)
    values = await read_json(request, app.settings.largest_body)
    asked = AssignRequest(app.settings.solve_seconds, best_effort=best_effort)
    return JSONResponse(await run_sync(answer_values, values, asked))


def _check_size(app: Shared, startups: int, experts: int) -> None:
    most = app.settings.most_pairs
    if startups * experts > most:
        found = f"found {startups:,} startups × {experts:,} experts"
        detail = f"{found}, expected at most {most:,} pairs in one request; use the command for more"
        raise ApiError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
