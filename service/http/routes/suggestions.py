"""Ranked suggestions for a startup or an expert, and all that is known of one pair."""

from __future__ import annotations

from asyncio import wrap_future
from typing import Annotated, Any
from urllib.parse import unquote

from anyio.to_thread import run_sync
from fastapi import Depends, Query, Request
from fastapi.responses import JSONResponse, Response

from matcher.profiles import Kind, Side
from service.http.access import MANAGERS, OWN
from service.http.paths import PartyId, ProgramId
from service.http.quick import look_up
from service.http.router import api_router
from service.http.schemas import PairAnswer, SuggestionsAnswer, errors_of
from service.http.state import shared
from service.http.writes import key_of
from service.store.aliases import merged_in
from service.store.keys import Role
from service.store.runs import list_matches, published_run
from service.suggesting import Asked

router = api_router(prefix="/v1/programs/{p}", tags=["suggestions"])
_ERRORS = errors_of(401, 403, 404, 422, 429, 503)
Limit = Annotated[int, Query(ge=1, le=100, description="How many of each kind.")]


@router.get(
    "/startups/{id}/suggestions",
    dependencies=[Depends(OWN[Side.STARTUP])],
    response_model=None,
    responses={200: {"model": SuggestionsAnswer}, **_ERRORS},
)
async def for_startup(
    request: Request,
    p: ProgramId,
    id: PartyId,  # noqa: A002
    kind: Annotated[Kind | None, Query(description="Of one kind; otherwise of all.")] = None,
    limit: Limit = 10,
) -> Response:
    """Rank the eligible experts for a startup."""
    return await _suggest(request, p, Asked(Side.STARTUP, id, kind, limit, key_of(request).role is Role.STARTUP))


@router.get(
    "/experts/{id}/suggestions",
    dependencies=[Depends(OWN[Side.EXPERT])],
    response_model=None,
    responses={200: {"model": SuggestionsAnswer}, **_ERRORS},
)
async def for_expert(request: Request, p: ProgramId, id: PartyId, limit: Limit = 10) -> Response:  # noqa: A002
    """Rank the eligible startups for an expert."""
    return await _suggest(request, p, Asked(Side.EXPERT, id, None, limit, key_of(request).role is Role.EXPERT))


@router.get(
    "/pairs/{startup}/{expert}",
    dependencies=[Depends(MANAGERS)],
    response_model=PairAnswer,
    responses=_ERRORS,
)
async def pair(request: Request, p: ProgramId, startup: str, expert: str) -> JSONResponse:
    """Tell how a pair scores and why, or what rules it out, and what became of it in the published run."""
    app = shared(request)
    one, other = unquote(startup), unquote(expert)
    judged = await wrap_future(app.matchmaker.submit(app.suggestions.pair(p, one, other)))

    def published() -> dict[str, Any]:
        with app.database.connect() as connection:
            run, merged = published_run(connection, p), merged_in(connection, p)
            ones, others = merged.one_with(Side.STARTUP, one), merged.one_with(Side.EXPERT, other)
            made = list_matches(connection, run.id, (Side.STARTUP, ones)) if run else []
        mine = [match for match in made if match.expert is not None]
        found = next((match for match in mine if match.expert in others), None)
        instead = [{"expert": match.expert, "score": match.fields["score"]} for match in mine if match is not found]
        alone = [match.fields["reason"] for match in made if match.expert is None]
        return {
            "run": run.id if run else None,
            "matched": None if run is None else found is not None,
            "decision": found.decision if found else None,
            "instead": instead,
            "why_not": alone,
        }

    return JSONResponse({**judged, **await run_sync(published)})


async def _suggest(request: Request, p: str, asked: Asked) -> Response:
    app = shared(request)
    answer = await look_up(app.database, lambda: app.suggestions.known(p, asked))
    if answer is None:
        answer = await wrap_future(app.matchmaker.submit(app.suggestions.suggest(p, asked)))
    return Response(answer, media_type="application/json")
