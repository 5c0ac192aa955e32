"""What pages read from the database themselves: what the API cannot page through, behind the guard of the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from anyio.to_thread import run_sync
from fastapi import Request
from sqlalchemy import Connection

from service.http.access import MANAGERS
from service.http.state import shared
from service.store.writes import reading

Answer = TypeVar("Answer")


async def look(request: Request, read: Callable[[Connection], Answer]) -> Answer:
    """Return what is read at one moment, for managers of the program alone. Raises 403 for anybody else."""
    await MANAGERS(request)

    def work() -> Answer:
        with reading(shared(request).database) as connection:
            return read(connection)

    return await run_sync(work)
