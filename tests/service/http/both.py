"""For modules whose tests run on both databases: they import `serve` from here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.http.conftest import Serve, serving


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> Iterator[Serve]:
    """Start an application with these settings over an empty database of either kind."""
    yield from serving(monkeypatch, tmp_path, database_url)
