"""Routers whose routes an application takes as they are.

`include_router` builds every route anew for each application: a third of a second of its first requests.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum

from fastapi import FastAPI
from fastapi.params import Depends
from fastapi.routing import APIRoute, APIRouter


def api_router(prefix: str = "", tags: Sequence[str | Enum] = (), dependencies: Sequence[Depends] = ()) -> APIRouter:
    """Return a router of the API, whose operations are called after their functions."""
    return APIRouter(
        prefix=prefix, tags=[*tags], dependencies=[*dependencies], generate_unique_id_function=_operation_id
    )


def add_routes(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    """Let the application answer what these routers do."""
    for router in routers:
        app.router.routes.extend(router.routes)


def _operation_id(route: APIRoute) -> str:
    """Return the name of an operation, which is that of the function in a client made from the document."""
    return "_".join([*(str(tag) for tag in route.tags[:1]), route.name]).replace(" ", "_")
