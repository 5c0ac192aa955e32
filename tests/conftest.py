from __future__ import annotations

import pytest

from tests.real_model import Conversion, convert_once


@pytest.fixture(scope="session")
def converted_model(pytestconfig: pytest.Config) -> Conversion:
    return convert_once(pytestconfig)
