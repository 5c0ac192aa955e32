"""Candidates by every kind of index, against comparing everybody with everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from matcher.calibration import Calibration, View
from matcher.corpus import Corpus
from matcher.errors import BadInput
from matcher.languages import Language
from matcher.lexicon import Words
from matcher.mandates import Mask
from matcher.passages import Field, Passage
from matcher.retrieval import IndexKind, RetrievalParameters, build_index, candidates
from matcher.similarity import build_comparer
from tests.fakes import TODAY, plain_calibration
from tests.matcher.lexicons import COMMON, written

DIMENSION = 32


def corpus(vectors: np.ndarray, counts: np.ndarray) -> Corpus:
    """Return profiles of which the i-th owns the next counts[i] of the vectors."""
    owners = np.repeat(np.arange(len(counts)), counts)
    passages = tuple(Passage(int(owner), Field.DOCUMENT, at, "", Language.OTHER) for at, owner in enumerate(owners))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return Corpus(passages, unit.astype(np.float32), ((),) * len(passages), np.concatenate([[0], np.cumsum(counts)]))


def clustered(draw: np.random.Generator, profiles: int, most: int, centres: np.ndarray) -> Corpus:
    """Return profiles of up to `most` passages (some of none), scattered around the centres."""
    counts = draw.integers(0, most + 1, profiles)
    scatter = 0.5 * draw.normal(size=(counts.sum(), DIMENSION))
    return corpus(centres[draw.integers(0, len(centres), counts.sum())] + scatter, counts)


def nearness(startups: Corpus, experts: Corpus) -> np.ndarray:
    """Return (n, m): the similarity of the two nearest passages, NaN where one side has none."""
    found = np.full((len(startups.first) - 1, len(experts.first) - 1), np.nan)
    for row, column in np.argwhere(startups.has_passages[:, None] & experts.has_passages):
        found[row, column] = (startups.vectors[startups.of(row)] @ experts.vectors[experts.of(column)].T).max()
    return found


def by_comparing_all(nearest: np.ndarray, eligible: Mask, wanted: int) -> Mask:
    """Return the `wanted` eligible experts whose best passage is nearest, and everybody without text."""
    proposed = eligible & np.isnan(nearest)
    for row, of_row in enumerate(np.where(eligible, nearest, np.nan)):
        proposed[row, np.argsort(-of_row)[: min(wanted, (~np.isnan(of_row)).sum())]] = True
    return proposed


def propose(startups: Corpus, experts: Corpus, eligible: Mask, parameters: RetrievalParameters) -> Mask:
    return candidates(build_comparer(startups, experts, plain_calibration(DIMENSION), TODAY), eligible, parameters)


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
        found = propose(*cohort, RetrievalParameters(kind, wanted))
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
        found = propose(startups, experts, eligible, RetrievalParameters(kind, 20))
        assert (found.sum(axis=1) >= np.minimum(eligible.sum(axis=1), 20)).all()

    def test_an_ineligible_pair_is_never_proposed(self, kind: IndexKind, cohort: tuple[Corpus, Corpus, Mask]) -> None:
        startups, experts, eligible = cohort
        for mask in (eligible, np.zeros_like(eligible)):
            for wanted in (1, 800):
                assert not (propose(startups, experts, mask, RetrievalParameters(kind, wanted)) & ~mask).any()

    def test_one_passage_is_found_as_well(self, kind: IndexKind) -> None:
        one = corpus(np.ones((1, DIMENSION)), np.array([1]))
        assert propose(one, one, np.array([[True]]), RetrievalParameters(kind, 5)).tolist() == [[True]]

    def test_a_pair_without_text_on_one_side_is_proposed_besides(self, kind: IndexKind) -> None:
        draw = np.random.default_rng(2)
        startups = corpus(draw.normal(size=(2, DIMENSION)), np.array([2, 0]))
        experts = corpus(draw.normal(size=(3, DIMENSION)), np.array([1, 0, 1, 1]))
        eligible = np.array([[True, True, True, True], [True, True, False, True]])
        found = propose(startups, experts, eligible, RetrievalParameters(kind, 2))
        assert found[0, 1]
        assert found[0, [0, 2, 3]].sum() == 2
        assert found[1].tolist() == eligible[1].tolist()

    def test_sides_without_any_text_propose_every_eligible_pair(self, kind: IndexKind) -> None:
        nobody = corpus(np.empty((0, DIMENSION)), np.array([0, 0]))
        eligible = np.array([[True, False], [True, True]])
        assert np.array_equal(propose(nobody, nobody, eligible, RetrievalParameters(kind, 1)), eligible)

    @pytest.mark.parametrize(("rows", "columns"), [(0, 0), (0, 3), (3, 0)])
    def test_an_empty_side_proposes_nothing(self, kind: IndexKind, rows: int, columns: int) -> None:
        startups = corpus(np.ones((rows, DIMENSION)), np.ones(rows, dtype=int))
        experts = corpus(np.ones((columns, DIMENSION)), np.ones(columns, dtype=int))
        eligible = np.ones((rows, columns), dtype=bool)
        assert propose(startups, experts, eligible, RetrievalParameters(kind, 1)).shape == (rows, columns)

    def test_many_passages_of_one_expert_do_not_crowd_out_the_others(self, kind: IndexKind) -> None:
        draw = np.random.default_rng(3)
        asked = draw.normal(size=(1, DIMENSION))
        crowd = asked + 0.01 * draw.normal(size=(300, DIMENSION))
        experts = corpus(np.vstack([crowd, draw.normal(size=(4, DIMENSION))]), np.array([300, 1, 1, 1, 1]))
        startups = corpus(asked, np.array([1]))
        found = propose(startups, experts, np.ones((1, 5), dtype=bool), RetrievalParameters(kind, 3))
        assert found.sum() >= 3

    def test_the_eligible_mask_is_left_as_it_was(self, kind: IndexKind, cohort: tuple[Corpus, Corpus, Mask]) -> None:
        before = cohort[2].copy()
        propose(*cohort, RetrievalParameters(kind, 5))
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


def said(direction: Sequence[float], words: Words = (), language: Language = Language.OTHER, owners: int = 1) -> Corpus:
    """Return profiles of one passage each, all alike."""
    passages = tuple(Passage(owner, Field.DOCUMENT, 0, "", language) for owner in range(owners))
    vectors = np.tile(np.asarray(direction, dtype=np.float32), (owners, 1))
    return Corpus(passages, vectors, (words,) * owners, np.arange(owners + 1))


def together(*sides: Corpus) -> Corpus:
    """Return the profiles of all, one after another."""
    passages = [one for side in sides for one in side.passages]
    return Corpus(
        tuple(replace(one, owner=at) for at, one in enumerate(passages)),
        np.vstack([side.vectors for side in sides]),
        tuple(words for side in sides for words in side.words),
        np.arange(len(passages) + 1),
    )


def found_by(startups: Corpus, experts: Corpus, calibration: Calibration, wanted: int, eligible: Mask) -> list[int]:
    comparer = build_comparer(startups, experts, calibration, TODAY)
    return np.flatnonzero(candidates(comparer, eligible, RetrievalParameters(experts=wanted))[0]).tolist()


FAR, ASKED = (-1.0, 0.0), (1.0, 0.0)


def at_similarity(cosine: float, language: Language = Language.OTHER, owners: int = 1) -> Corpus:
    """Return profiles whose similarity with what is asked is `cosine`."""
    return said((cosine, float(np.sqrt(1 - cosine**2))), language=language, owners=owners)


class TestWords:
    """Experts that lie far in meaning and say the same words; 20 others lie near and say none of them."""

    startup = said(ASKED, written("gromacs", "the", rarities={"the": COMMON}))
    experts = together(
        said(FAR, written("the", "other")),
        said(FAR, written("gromacs", "other")),
        said(FAR, written("gromacs", "the")),
        *[at_similarity(0.9 - at / 100) for at in range(20)],
        said(FAR, written("other")),
    )

    def found(self, wanted: int, *ineligible: int) -> list[int]:
        eligible = np.ones((1, 24), dtype=bool)
        eligible[0, list(ineligible)] = False
        return found_by(self.startup, self.experts, plain_calibration(2), wanted, eligible)

    def test_who_shares_most_words_is_a_candidate_though_far_in_meaning(self) -> None:
        assert self.found(1) == [2, 3]

    def test_as_many_are_found_by_words_as_by_meaning(self) -> None:
        assert self.found(2) == [1, 2, 3, 4]
        assert self.found(3) == [0, 1, 2, 3, 4, 5]

    def test_who_shares_no_word_is_none_by_words(self) -> None:
        assert self.found(10) == list(range(13))

    def test_an_ineligible_expert_is_never_one_and_the_next_takes_its_place(self) -> None:
        assert self.found(1, 2) == [1, 3]
        assert self.found(1, 0, 1, 2) == [3]
        assert self.found(3, 2, 3, 4) == [0, 1, 5, 6, 7]


KO, EN = 0, 1


def two_languages() -> Calibration:
    """Return a calibration for Korean questions: English unrelated passages lie at 0.7, Korean ones at 0.2."""
    plain = plain_calibration(2)
    knots = plain.knots.copy()
    knots[KO, KO] = [0.2, 0.5, 0.8, 1.0]
    knots[KO, EN] = [0.7, 0.9, 0.95, 1.0]
    return replace(plain, knots=knots)


@pytest.mark.parametrize(
    ("korean", "english", "nearest"),
    [
        (0.6, 0.8, "korean"),  # worth 0.5 and 0.15
        (0.4, 0.94, "english"),  # worth 0.2 and 0.78
        (0.1, 0.5, "korean"),  # both worth 0: a third of the way below the usual, and the whole way
        (-0.4, 0.69, "english"),
    ],
)
def test_passages_of_two_languages_are_ordered_by_what_they_reach_and_not_by_similarity(
    korean: float, english: float, nearest: str
) -> None:
    experts = together(at_similarity(korean, Language.KOREAN), at_similarity(english, Language.ENGLISH))
    startup = said(ASKED, language=Language.KOREAN)
    found = found_by(startup, experts, two_languages(), 1, np.ones((1, 2), dtype=bool))
    assert found == [["korean", "english"].index(nearest)]


def test_a_crowd_of_one_language_does_not_hide_the_best_of_the_other() -> None:
    crowd = at_similarity(0.8, Language.ENGLISH, owners=200)
    experts = together(crowd, at_similarity(0.6, Language.KOREAN))
    found = found_by(said(ASKED, language=Language.KOREAN), experts, two_languages(), 2, np.ones((1, 201), dtype=bool))
    assert len(found) == 2
    assert 200 in found


def test_two_english_texts_are_sought_in_the_view_of_english() -> None:
    views = View(0, 2), View(2, 4, (Language.ENGLISH,))
    calibration = replace(plain_calibration(4), views=views)
    startup = said((1, 0, 1, 0), language=Language.ENGLISH)
    experts = together(
        said((1, 0, -1, 0), language=Language.ENGLISH),  # near in the first view
        said((0.5, 0.75**0.5, 0, 0), language=Language.KOREAN),
        said((-1, 0, 1, 0), language=Language.ENGLISH),  # near in the second
    )
    everybody = np.ones((1, 3), dtype=bool)
    assert found_by(startup, experts, calibration, 1, everybody) == [2]
    assert found_by(startup, experts, calibration, 2, everybody) == [1, 2]
