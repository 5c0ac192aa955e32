"""For modules whose tests run on both databases: they import `database_url`, `postgres` and `serve` from here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.http.conftest import Serve, serving
from tests.service.store.databases import database_url, postgres

__all__ = ["database_url", "postgres", "serve"]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> Iterator[Serve]:
    """Start an application with these settings over an empty database of either kind."""
    yield from serving(monkeypatch, tmp_path, database_url)
