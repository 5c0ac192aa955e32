"""Candidates by every kind of index, against comparing everybody with everybody."""

from __future__ import annotations

import numpy as np
import pytest

from matcher.corpus import Corpus
from matcher.errors import BadInput
from matcher.languages import Language
from matcher.mandates import Mask
from matcher.passages import Field, Passage
from matcher.retrieval import IndexKind, RetrievalParameters, build_index, candidates

DIMENSION = 32


def corpus(vectors: np.ndarray, counts: np.ndarray) -> Corpus:
    """Return profiles of which the i-th owns the next counts[i] of the vectors."""
    owners = np.repeat(np.arange(len(counts)), counts)
    passages = tuple(Passage(int(owner), Field.DOCUMENT, at, "", Language.OTHER) for at, owner in enumerate(owners))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return Corpus(passages, unit.astype(np.float32), np.concatenate([[0], np.cumsum(counts)]))


def clustered(draw: np.random.Generator, profiles: int, most: int, centres: np.ndarray) -> Corpus:
    """Return profiles of up to `most` passages (some of none), scattered around the centres."""
    counts = draw.integers(0, most + 1, profiles)
    scatter = 0.5 * draw.normal(size=(counts.sum(), DIMENSION))
    return corpus(centres[draw.integers(0, len(centres), counts.sum())] + scatter, counts)


def nearness(startups: Corpus, experts: Corpus) -> np.ndarray:
    """Return (n, m): the similarity of the two nearest passages, NaN where one side has none."""
    found = np.full((len(startups.first) - 1, len(experts.first) - 1), np.nan)
    for row, column in np.argwhere(startups.has_passages[:, None] & experts.has_passages):
        found[row, column] = (startups.vectors_of(row) @ experts.vectors_of(column).T).max()
    return found


def by_comparing_all(nearest: np.ndarray, eligible: Mask, wanted: int) -> Mask:
    """Return the `wanted` eligible experts whose best passage is nearest, and everybody without text."""
    proposed = eligible & np.isnan(nearest)
    for row, of_row in enumerate(np.where(eligible, nearest, np.nan)):
        proposed[row, np.argsort(-of_row)[: min(wanted, (~np.isnan(of_row)).sum())]] = True
    return proposed


def recall(found: Mask, expected: Mask) -> float:
    return float((found & expected).sum() / expected.sum())


@pytest.fixture(scope="module")
def cohort() -> tuple[Corpus, Corpus, Mask]:
    """About 2,000 passages of 800 experts in clusters, a tenth of the pairs ineligible."""
    draw = np.random.default_rng(0)
    centres = draw.normal(size=(40, DIMENSION))
    startups, experts = clustered(draw, 60, 3, centres), clustered(draw, 800, 5, centres)
    assert len(experts.passages) > 1900
    return startups, experts, draw.random((60, 800)) > 0.1


@pytest.fixture(scope="module")
def nearest(cohort: tuple[Corpus, Corpus, Mask]) -> np.ndarray:
    return nearness(*cohort[:2])


@pytest.mark.parametrize("kind", IndexKind)
class TestEveryIndex:
    """What holds whatever index finds the candidates."""

    @pytest.mark.parametrize("wanted", [1, 10, 200, 2000])
    def test_it_agrees_with_comparing_all(
        self, kind: IndexKind, wanted: int, cohort: tuple[Corpus, Corpus, Mask], nearest: np.ndarray
    ) -> None:
        found = candidates(*cohort, RetrievalParameters(kind, wanted))
        expected = by_comparing_all(nearest, cohort[2], wanted)
        if kind is IndexKind.EXACT:
            assert np.array_equal(found, expected)
        else:
            assert recall(found, expected) >= 0.9

    @pytest.mark.parametrize("share", [0.01, 0.5])
    def test_startups_get_as_many_eligible_experts_as_asked_where_there_are_as_many(
        self, kind: IndexKind, share: float, cohort: tuple[Corpus, Corpus, Mask]
    ) -> None:
        startups, experts, _ = cohort
        eligible = np.random.default_rng(1).random((60, 800)) < share
        found = candidates(startups, experts, eligible, RetrievalParameters(kind, 20))
        assert (found.sum(axis=1) >= np.minimum(eligible.sum(axis=1), 20)).all()

    def test_an_ineligible_pair_is_never_proposed(self, kind: IndexKind, cohort: tuple[Corpus, Corpus, Mask]) -> None:
        startups, experts, eligible = cohort
        for mask in (eligible, np.zeros_like(eligible)):
            for wanted in (1, 800):
                assert not (candidates(startups, experts, mask, RetrievalParameters(kind, wanted)) & ~mask).any()

    def test_one_passage_is_found_as_well(self, kind: IndexKind) -> None:
        one = corpus(np.ones((1, DIMENSION)), np.array([1]))
        assert candidates(one, one, np.array([[True]]), RetrievalParameters(kind, 5)).tolist() == [[True]]

    def test_a_pair_without_text_on_one_side_is_proposed_besides(self, kind: IndexKind) -> None:
        draw = np.random.default_rng(2)
        startups = corpus(draw.normal(size=(2, DIMENSION)), np.array([2, 0]))
        experts = corpus(draw.normal(size=(3, DIMENSION)), np.array([1, 0, 1, 1]))
        eligible = np.array([[True, True, True, True], [True, True, False, True]])
        found = candidates(startups, experts, eligible, RetrievalParameters(kind, 2))
        assert found[0, 1]
        assert found[0, [0, 2, 3]].sum() == 2
        assert found[1].tolist() == eligible[1].tolist()

    def test_sides_without_any_text_propose_every_eligible_pair(self, kind: IndexKind) -> None:
        nobody = corpus(np.empty((0, DIMENSION)), np.array([0, 0]))
        eligible = np.array([[True, False], [True, True]])
        assert np.array_equal(candidates(nobody, nobody, eligible, RetrievalParameters(kind, 1)), eligible)

    @pytest.mark.parametrize(("rows", "columns"), [(0, 0), (0, 3), (3, 0)])
    def test_an_empty_side_proposes_nothing(self, kind: IndexKind, rows: int, columns: int) -> None:
        startups = corpus(np.ones((rows, DIMENSION)), np.ones(rows, dtype=int))
        experts = corpus(np.ones((columns, DIMENSION)), np.ones(columns, dtype=int))
        eligible = np.ones((rows, columns), dtype=bool)
        assert candidates(startups, experts, eligible, RetrievalParameters(kind, 1)).shape == (rows, columns)

    def test_many_passages_of_one_expert_do_not_crowd_out_the_others(self, kind: IndexKind) -> None:
        draw = np.random.default_rng(3)
        asked = draw.normal(size=(1, DIMENSION))
        crowd = asked + 0.01 * draw.normal(size=(300, DIMENSION))
        experts = corpus(np.vstack([crowd, draw.normal(size=(4, DIMENSION))]), np.array([300, 1, 1, 1, 1]))
        startups = corpus(asked, np.array([1]))
        found = candidates(startups, experts, np.ones((1, 5), dtype=bool), RetrievalParameters(kind, 3))
        assert found.sum() >= 3

    def test_the_eligible_mask_is_left_as_it_was(self, kind: IndexKind, cohort: tuple[Corpus, Corpus, Mask]) -> None:
        before = cohort[2].copy()
        candidates(*cohort, RetrievalParameters(kind, 5))
        assert np.array_equal(cohort[2], before)

    def test_the_index_ranks_by_inner_product(self, kind: IndexKind) -> None:
        draw = np.random.default_rng(4)
        vectors = corpus(draw.normal(size=(200, DIMENSION)), np.ones(200, dtype=int)).vectors
        similarity, found = build_index(vectors, kind).search(vectors[:20], 1)
        assert found[:, 0].tolist() == list(range(20))
        np.testing.assert_allclose(similarity[:, 0], 1, atol=1e-5)


@pytest.mark.parametrize("number", [0, -3])
def test_asking_for_nobody_is_bad_input(number: int) -> None:
    with pytest.raises(BadInput, match=f"asks for {number} experts a startup, expected 1 or more"):
        RetrievalParameters(experts=number)
