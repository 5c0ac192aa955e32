"""Notebooks run with the model and in the cache of the test run, not in the cache of the person who runs them."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.real_model import convert_once


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Set the cache folder for the kernel, which takes its environment from this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MATCHER_CACHE_FOLDER", str(convert_once(item.config).cache))
        return (yield)
