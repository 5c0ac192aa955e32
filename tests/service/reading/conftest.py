from __future__ import annotations

from pathlib import Path

import pytest

from tests.service.reading.folders import CohortFolder


@pytest.fixture
def folder(tmp_path: Path) -> CohortFolder:
    return CohortFolder(tmp_path)
