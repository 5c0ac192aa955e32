"""Looking seldom for cycles, and keeping sums on one core, end with the work that they are for."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from service.collecting import collect_as_server, collecting_seldom
from service.threads import on_one_core


def blas_threads() -> list[int]:
    np.ones((2, 2)) @ np.ones((2, 2))
    return [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]


def test_the_collector_looks_seldom_and_as_before_afterwards():
    before = gc.get_threshold()
    with collecting_seldom():
        assert all(now > was for now, was in zip(gc.get_threshold(), before, strict=True))
        assert gc.isenabled()
    assert gc.get_threshold() == before


def test_the_collector_looks_as_before_after_work_that_failed():
    before = gc.get_threshold()
    with pytest.raises(ValueError, match="bad"), collecting_seldom():
        raise ValueError("bad")
    assert gc.get_threshold() == before


def test_a_server_looks_hardly_ever_at_what_is_old_and_goes_on_looking_at_what_is_new():
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    there = [[] for _ in range(1_000)]
    try:
        collect_as_server()
        assert gc.isenabled()
        assert all(now > was for now, was in zip(gc.get_threshold(), before, strict=True))
        assert gc.get_freeze_count() >= frozen + len(there)
    finally:
        gc.set_threshold(*before)


def test_sums_stay_on_one_core_for_as_long_as_they_are_told_to():
    before = blas_threads()
    with on_one_core():
        assert set(blas_threads()) == {1}
    assert blas_threads() == before
