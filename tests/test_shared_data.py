"""Real data, where it lies beside the checkout: cohorts are read whole, bids are assigned as well as HiGHS does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import eye_array, kron

from matcher.assignment.problem import Problem
from matcher.assignment.solve import best_assignment
from service.reading.cohort import read_cohort

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
COHORTS = {
    "gold/1": (256, 33),
    "korean-retrieval": (58, 720),
    "investors-crypto/test": (101, 833),
    "investors-crypto/train": (2253, 833),
    "investors-crunchbase/test": (677, 1823),
}


BESIDE = pytest.mark.skipif(not DATA.exists(), reason="the real data lies beside the project's own checkout only")


@BESIDE
@pytest.mark.parametrize("name", COHORTS)
def test_a_real_cohort_is_read_whole(name):
    cohort = read_cohort(DATA / name).cohort
    assert (len(cohort.startups), len(cohort.experts)) == COHORTS[name]


@BESIDE
@pytest.mark.parametrize("name", ["preflib1", "preflib2", "aamas2015"])
def test_three_reviewers_a_paper_have_the_bids_that_a_linear_program_finds(name):
    scores = np.load(DATA / "bids" / f"{name}.npz")["scores"].astype(float)
    papers, reviewers = scores.shape
    most = 3 * papers // reviewers + 2
    three, one, many = (np.full(count, limit) for count, limit in ((papers, 3), (reviewers, 1), (reviewers, most)))
    ids = tuple(map(str, range(papers))), tuple(map(str, range(reviewers)))
    found = best_assignment(Problem(*ids, scores, np.ones(papers), three, three, one, many))
    of_papers = kron(eye_array(papers), np.ones((1, reviewers)))
    of_reviewers = kron(np.ones((1, papers)), eye_array(reviewers))
    limits = [LinearConstraint(of_papers.tocsc(), 3, 3), LinearConstraint(of_reviewers.tocsc(), 1, most)]
    oracle = milp(-scores.ravel(), bounds=Bounds(0, 1), constraints=limits)
    assert len(found.pairs) == 3 * papers
    assert found.total == pytest.approx(-oracle.fun)
