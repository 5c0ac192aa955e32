"""The body of a request: at most so many bytes, read whole, parsed strictly."""

from __future__ import annotations

from http import HTTPStatus

from anyio.to_thread import run_sync
from fastapi import Request

from service.http.problems import ApiError
from service.reading.json_text import parse_json


async def read_body(request: Request, most: int) -> bytes:
    """Return the body. Raises 413 for one of more than `most` bytes, before the rest of it is read."""
    told = request.headers.get("content-length", "")
    parts, size = [], 0
    if told.isdecimal() and int(told) > most:
        raise _too_large(most)
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise _too_large(most)
        parts.append(part)
    return b"".join(parts)


def _too_large(most: int) -> ApiError:
    detail = f"found a body of more than {most:,} bytes, expected at most that many; send a smaller cohort or use files"
    return ApiError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)


async def read_json(request: Request, most: int) -> object:
    """Return the value of a JSON body. Raises 413, and 400 for what is no JSON."""
    return await run_sync(parse_body, await read_body(request, most))


def parse_body(data: bytes) -> object:
    """Return the value of a JSON body. Raises 400 for what is no JSON."""
    try:
        return parse_json(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ApiError(HTTPStatus.BAD_REQUEST, f"the body is not JSON: {error}") from error
