from __future__ import annotations

import gc

import pytest

from tests.real_model import Conversion, convert_once


def pytest_collection_finish() -> None:
    """Leave thousands of tests out of what is looked through whenever a run or an index gives back its memory."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def converted_model(pytestconfig: pytest.Config) -> Conversion:
    return convert_once(pytestconfig)
