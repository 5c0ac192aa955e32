"""Real cohorts, where they lie beside the checkout: they are read without a problem."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.reading.cohort import read_cohort

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
COHORTS = {
    "gold/1": (256, 33),
    "korean-retrieval": (58, 720),
    "investors-crypto/test": (101, 833),
    "investors-crypto/train": (2253, 833),
    "investors-crunchbase/test": (677, 1823),
}


@pytest.mark.skipif(not DATA.exists(), reason="the real data lies beside the project's own checkout only")
@pytest.mark.parametrize("name", COHORTS)
def test_a_real_cohort_is_read_whole(name):
    cohort = read_cohort(DATA / name).cohort
    assert (len(cohort.startups), len(cohort.experts)) == COHORTS[name]
