"""One side as passages and vectors, in the order of its profiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from matcher.corpus import build_corpus, in_role
from matcher.encoding import Role
from matcher.languages import Language
from matcher.lexicon import Word, Words
from matcher.passages import Field, Passage
from tests.fakes import DIMENSION, NoWords, WordEncoder, fake_corpus, plain_calibration


def passage(owner: int, field: Field, item: int, text: str, language: Language = Language.ENGLISH) -> Passage:
    return Passage(owner, field, item, text, language)


OWNED = [
    [
        passage(0, Field.EXPERTISE, 0, "robot"),
        passage(0, Field.DOCUMENT, 0, "arm"),
        passage(0, Field.DOCUMENT, 0, "leg"),
    ],
    [],
    [passage(2, Field.DOCUMENT, 0, "로봇", Language.KOREAN), passage(2, Field.DOCUMENT, 1, "팔", Language.KOREAN)],
]


class EachText(NoWords):
    """Takes each text for one word."""

    def words(self, texts: Sequence[str]) -> list[Words]:
        return [(Word(text, 0, len(text), 1.0),) for text in texts]


def test_passages_stand_beside_their_vectors_in_the_order_of_the_profiles() -> None:
    corpus = fake_corpus(OWNED, Role.PASSAGE)
    assert [one.text for one in corpus.passages] == ["robot", "arm", "leg", "로봇", "팔"]
    assert corpus.first.tolist() == [0, 3, 3, 5]
    assert corpus.owners.tolist() == [0, 0, 0, 2, 2]
    assert corpus.has_passages.tolist() == [True, False, True]
    np.testing.assert_allclose(
        corpus.vectors[corpus.of(2)], WordEncoder().encode(["로봇", "팔"], Role.PASSAGE), atol=1e-6
    )


def test_chunks_of_one_document_share_a_source_and_lines_do_not() -> None:
    corpus = fake_corpus(OWNED, Role.PASSAGE)
    assert corpus.sources.tolist() == [0, 1, 1, 2, 3]


def test_language_codes_follow_the_passages() -> None:
    corpus = fake_corpus(OWNED, Role.PASSAGE)
    codes = [list(Language)[code] for code in corpus.languages]
    assert codes == [Language.ENGLISH] * 3 + [Language.KOREAN] * 2


def test_some_profiles_in_another_role_are_the_corpus_of_these_in_that_role() -> None:
    leaning = {Role.QUERY: np.full((3, DIMENSION), 0.2, np.float32), Role.PASSAGE: np.zeros((3, DIMENSION), np.float32)}
    calibration = replace(plain_calibration(), centres=leaning)
    how = WordEncoder(), EachText(), calibration
    whole = build_corpus(OWNED, Role.PASSAGE, *how)
    for count in range(len(OWNED) + 1):
        found = in_role(whole.first_profiles(count), Role.QUERY, how[0], calibration)
        expected = build_corpus(OWNED[:count], Role.QUERY, *how)
        assert (found.passages, found.words) == (expected.passages, expected.words)
        np.testing.assert_array_equal(found.vectors, expected.vectors)
        np.testing.assert_array_equal(found.first, expected.first)


def test_a_side_without_any_text_is_a_corpus_of_nothing() -> None:
    corpus = fake_corpus([[], []], Role.QUERY)
    assert corpus.passages == ()
    assert corpus.has_passages.tolist() == [False, False]
    assert corpus.owners.tolist() == corpus.sources.tolist() == corpus.languages.tolist() == []
