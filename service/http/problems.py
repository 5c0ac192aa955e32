"""Errors as RFC 9457 problem details: what is wrong, where, and how to mend it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import DataError, DBAPIError
from starlette.exceptions import HTTPException

from matcher.errors import BadInput, Infeasible, MatcherError, OutOfTime, ProcessLost
from service.reading.assignment_mistakes import BadProblem
from service.reading.problems import BadCohort
from service.reading.request import field_mistakes
from service.store.errors import LOST, Clash, NotThere, Stale
from service.use_cases import UnknownKind
from service.writing.assignment_results import conflict_record

_LOG = logging.getLogger("matcher.http")
MEDIA_TYPE = "application/problem+json"
NOT_TO_BE_KEPT = (
    "a text or number in the request cannot be looked for or kept: a character of code 0, or a moment out of range"
)


class FieldError(BaseModel):
    """A field that cannot be used."""

    field: str = Field(examples=["startups[0].needs"])
    message: str = Field(examples=["found 3, expected a list of texts"])


class ProblemDetails(BaseModel):
    """An error, as RFC 9457 has it."""

    type: str = "about:blank"
    title: str = Field(examples=["Unprocessable Content"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["1 problem in the cohort"])
    request_id: str = Field(examples=["6f1f0d0e2d7b4c7e"])
    errors: list[FieldError] = []
    conflict: dict[str, Any] | None = Field(None, description="whose limits block each other, and what would mend it")


class ApiError(Exception):
    """An error with a status of its own. headers: beside the problem details."""

    def __init__(self, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, dict(headers or {})


class NothingNew(Exception):
    """There is nothing more to tell: 204, which makes an EventSource stop asking."""


def problem_response(
    request_id: str, status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any
) -> JSONResponse:
    """Return the problem details as a response."""
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "request_id": request_id, **more}
    return JSONResponse(body, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def add_handlers(app: FastAPI) -> None:
    """Answer every error of the application with problem details."""
    handlers = {
        ApiError: _api_error,
        NothingNew: _nothing_new,
        BadCohort: _bad_cohort,
        BadProblem: _bad_problem,
        UnknownKind: _unknown_kind,
        BadInput: _bad_input,
        Infeasible: _infeasible,
        OutOfTime: _out_of_time,
        ProcessLost: _out_of_time,
        MatcherError: _defect,
        HTTPException: http_exception,
        RequestValidationError: _bad_parameters,
        DataError: _not_to_be_kept,
        **dict.fromkeys(LOST, _no_database),
        NotThere: _not_there,
        Clash: _clash,
        Stale: _stale,
    }
    for error, handler in handlers.items():
        app.add_exception_handler(error, handler)  # type: ignore[arg-type]


def _id(request: Request) -> str:
    return str(request.scope["state"]["request_id"])


def _api_error(request: Request, error: ApiError) -> JSONResponse:
    return problem_response(_id(request), error.status, error.detail, error.headers)


def _nothing_new(request: Request, error: NothingNew) -> Response:
    return Response(status_code=204)


def _bad_cohort(request: Request, error: BadCohort) -> JSONResponse:
    errors = [{"field": one.field, "message": one.message} for one in field_mistakes(error)]
    detail = f"{len(errors)} problem{'s' if len(errors) > 1 else ''} in what was sent"
    return problem_response(_id(request), 422, detail, errors=errors)


def _bad_problem(request: Request, error: BadProblem) -> JSONResponse:
    errors = [{"field": one.field, "message": one.message} for one in error.mistakes[:100]]
    detail = f"{len(error.mistakes)} mistake{'s' if len(error.mistakes) > 1 else ''} in the assignment problem"
    return problem_response(_id(request), 422, detail, errors=errors)


def _bad_input(request: Request, error: BadInput) -> JSONResponse:
    return problem_response(_id(request), 422, str(error))


def _unknown_kind(request: Request, error: UnknownKind) -> JSONResponse:
    return problem_response(_id(request), 422, str(error), errors=[{"field": "kinds", "message": str(error)}])


def _infeasible(request: Request, error: Infeasible) -> JSONResponse:
    return problem_response(_id(request), 409, str(error), conflict=conflict_record(error))


def _out_of_time(request: Request, error: MatcherError) -> JSONResponse:
    return problem_response(_id(request), 503, str(error))


def _not_there(request: Request, error: NotThere) -> JSONResponse:
    return problem_response(_id(request), 404, str(error))


def _clash(request: Request, error: Clash) -> JSONResponse:
    return problem_response(_id(request), 409, str(error))


def _stale(request: Request, error: Stale) -> JSONResponse:
    return problem_response(_id(request), 412, str(error))


def http_exception(request: Request, error: HTTPException) -> JSONResponse:
    """Answer an address or a method that there is not."""
    return problem_response(_id(request), error.status_code, str(error.detail), error.headers)


def _bad_parameters(request: Request, error: RequestValidationError) -> JSONResponse:
    errors = [{"field": ".".join(map(str, one["loc"][1:])), "message": one["msg"]} for one in error.errors()]
    return problem_response(_id(request), 422, "a parameter cannot be used", errors=errors)


def _not_to_be_kept(request: Request, error: DataError) -> JSONResponse:
    return problem_response(_id(request), 422, NOT_TO_BE_KEPT)


def _no_database(request: Request, error: Exception) -> JSONResponse:
    reason = type(error.orig if isinstance(error, DBAPIError) else error).__name__
    _LOG.error("database lost", extra={"request_id": _id(request), "reason": reason})
    return problem_response(_id(request), 503, "the database cannot be reached now; try again", {"Retry-After": "5"})


def _defect(request: Request, error: MatcherError) -> JSONResponse:
    _LOG.error("defect", exc_info=error, extra={"request_id": _id(request)})
    return defect_response(_id(request))


def defect_response(request_id: str) -> JSONResponse:
    """Return what is told of an error that nobody foresaw: nothing of its inside."""
    return problem_response(request_id, 500, "this is a defect of the service; its log has the request id")
