from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from service import reading_ahead, use_cases
from service.http.app import create_app
from service.settings import Settings
from service.store.keys import Grant, Role, create_key
from tests.service.conftest import open_words
from tests.service.store.databases import new_database

SCOPES = {
    Role.ADMIN: Grant(Role.ADMIN),
    Role.MANAGER: Grant(Role.MANAGER),
    Role.STARTUP: Grant(Role.STARTUP, "spring", "s1"),
    Role.EXPERT: Grant(Role.EXPERT, "spring", "p1"),
}
Serve = Callable[..., TestClient]


def key_for(app: FastAPI, role: Role) -> dict[str, str]:
    """Return the header of a new key."""
    return {"Authorization": f"Bearer {create_key(app.state.shared.database, SCOPES[role], 'tests')[1]}"}


@pytest.fixture
def serve(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Serve]:
    """Start an application with these settings over SQLite (see `both`); its client has a manager's key."""
    yield from serving(monkeypatch, tmp_path, new_database(request, "sqlite", tmp_path))


def serving(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str) -> Iterator[Serve]:
    """Yield what starts an application over this database, and end what was started."""
    monkeypatch.setattr(use_cases, "open_models", open_words)
    # What is encoded ahead is tested for itself: elsewhere it would be there sooner or later.
    monkeypatch.setattr(reading_ahead, "_LOOK_S", 3600.0)
    opened: list[TestClient] = []

    def start(**settings: object) -> TestClient:
        given = {"workers": 0, **settings}
        app = create_app(Settings(database_url=url, cache_folder=tmp_path / "cache", **given))
        client = TestClient(app, raise_server_exceptions=False)
        client.__enter__()
        client.headers.update(key_for(app, Role.MANAGER))
        opened.append(client)
        return client

    yield start
    for client in opened:
        client.__exit__(None, None, None)


@pytest.fixture
def client(serve: Serve) -> TestClient:
    return serve()
