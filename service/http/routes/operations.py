"""Is it alive, can it work, how is it doing, and who did what."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import Depends, Query, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from service.http.access import ADMINS
from service.http.problems import ApiError
from service.http.router import api_router
from service.http.schemas import AuditEntry, AuditPage, errors_of
from service.http.state import shared
from service.store.audit import entries
from service.store.database import answers

router = api_router()


@router.get("/healthz", tags=["operations"])
async def health() -> dict[str, str]:
    """Answer as long as the process does."""
    return {"status": "alive"}


@router.get("/readyz", tags=["operations"], responses=errors_of(503))
async def ready(request: Request) -> dict[str, str]:
    """Answer 200 while models are open and the database can be reached, and 503 with the reason otherwise."""
    app = shared(request)
    if not await run_sync(answers, app.database):
        raise ApiError(HTTPStatus.SERVICE_UNAVAILABLE, "the database cannot be reached", {"Retry-After": "5"})
    if app.matchmaker.failure:
        detail = f"the models cannot be opened: {app.matchmaker.failure}"
        raise ApiError(HTTPStatus.SERVICE_UNAVAILABLE, detail)
    if app.closing.is_set():
        raise ApiError(HTTPStatus.SERVICE_UNAVAILABLE, "the server was told to stop")
    if not app.matchmaker.is_ready:
        raise ApiError(HTTPStatus.SERVICE_UNAVAILABLE, "the models are being opened", {"Retry-After": "5"})
    return {"status": "ready"}


@router.get("/metrics", tags=["operations"], response_model=None)
async def metrics(request: Request) -> Response:
    """Answer counts and times of requests for Prometheus."""
    found = await run_sync(generate_latest, shared(request).metrics.registry)
    return Response(found, media_type=CONTENT_TYPE_LATEST)


@router.get(
    "/v1/audit",
    tags=["operations"],
    dependencies=[Depends(ADMINS)],
    response_model=AuditPage,
    responses=errors_of(401, 403, 422, 429, 503),
)
async def audit_log(
    request: Request,
    cursor: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> JSONResponse:
    """List who did what, the newest first."""
    found = await run_sync(entries, shared(request).database, cursor, limit)
    items = [
        AuditEntry(
            id=one.id,
            at=one.at.isoformat(),
            who=one.who,
            action=one.action,
            target=one.target,
            before=dict(one.before) if one.before else None,
            after=dict(one.after) if one.after else None,
        )
        for one in found
    ]
    page = AuditPage(items=items, next=str(found[-1].id) if len(found) == limit else None)
    return JSONResponse(page.model_dump())
