"""Addresses that nobody answers: people are told on a page, programs by problem details."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from service.console.pages import Said, tell
from service.http.access import is_guarded
from service.http.problems import http_exception


def add_elsewhere(app: FastAPI) -> None:
    """Answer a browser with a page where there is none, or none to open."""
    app.add_exception_handler(HTTPException, _elsewhere)  # type: ignore[arg-type]


async def _elsewhere(request: Request, error: HTTPException) -> Response:
    """Return a page with a way out for who reads pages. Under /v1 nobody does."""
    if is_guarded(request.scope["path"]) or "text/html" not in request.headers.get("accept", ""):
        return http_exception(request, error)
    told = {
        HTTPStatus.NOT_FOUND: "found no page at this address",
        HTTPStatus.METHOD_NOT_ALLOWED: "this address takes what a form sends, and is no page to open",
    }
    page = await tell(request, error.status_code, Said(told.get(HTTPStatus(error.status_code), str(error.detail))))
    page.headers.update(error.headers or {})
    return page
