"""After a large upload or answer what it needed goes back to the machine; after a small one nobody waits for that."""

from __future__ import annotations

from unittest.mock import Mock, patch

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from service.http import tidying
from service.http.tidying import Tidy

LARGE = b"x" * tidying._LARGE


async def echo(request: Request) -> PlainTextResponse:
    await request.body()
    return PlainTextResponse(b"thanks")


async def export(_: Request) -> StreamingResponse:
    return StreamingResponse(LARGE[at : at + 100_000] for at in range(0, len(LARGE), 100_000))


@pytest.fixture
def client() -> TestClient:
    return TestClient(Tidy(Starlette(routes=[Route("/", echo, methods=["POST"]), Route("/export", export)])))


def given_back(client: TestClient, method: str, path: str, body: bytes = b"") -> Mock:
    with patch.object(tidying, "give_back") as give_back:
        assert client.request(method, path, content=body).status_code == 200
    return give_back


@pytest.mark.parametrize(("body", "times"), [(b"", 0), (LARGE[:-10], 0), (LARGE, 1)])
def test_a_large_upload_is_given_back(client: TestClient, body: bytes, times: int) -> None:
    assert given_back(client, "POST", "/", body).call_count == times


def test_a_large_answer_is_given_back_once_however_many_parts_it_has(client: TestClient) -> None:
    assert given_back(client, "GET", "/export").call_count == 1
