"""A SentenceTransformer as an encoder of the core. Loading it imports torch, which takes seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from matcher.encoding import Role, Vectors
from matcher.errors import BadInput

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_BATCH = 32


class NumberFormat(StrEnum):
    """The number format of the model's weights and activations; pooled vectors are normalised in float32."""

    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"


class SentenceEncoder:
    """Encodes with the model's own query and document prompts; see `matcher.encoding.Encoder`.

    A text longer than the model's window is halved until its pieces fit; its vector is the mean of
    theirs by length. Truncating instead cost 6 points of recall@5 on long Korean passages.
    """

    def __init__(self, model: SentenceTransformer) -> None:
        self._model = model

    @classmethod
    def load(cls, name_or_folder: str, number_format: NumberFormat, revision: str | None = None) -> SentenceEncoder:
        """Load a folder or a Hugging Face id onto the CPU. Raises `BadInput` where it holds no model."""
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # we show one of our own
        dtype = {NumberFormat.FLOAT32: torch.float32, NumberFormat.BFLOAT16: torch.bfloat16}[number_format]
        kwargs = {"dtype": dtype}
        try:
            return cls(SentenceTransformer(name_or_folder, device="cpu", revision=revision, model_kwargs=kwargs))
        except (OSError, ValueError, LookupError) as error:
            raise BadInput(
                f"encoder {name_or_folder}: holds no SentenceTransformer that can be loaded: {error}"
            ) from error

    @property
    def dimension(self) -> int:
        """The length d of a vector."""
        return int(self._model.get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str], role: Role) -> Vectors:
        """Return (len(texts), d) float32, unit rows.

        What stands beside a text changes its padding, and with it the last bits: a component by up to 1e-6 in
        float32 and 0.002 in bfloat16. (Batches of one length in tokens would not, but each new shape costs the
        processor's library most of a second: 1.7 instead of 14 texts a second on abstracts.)
        """
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        pieces = self._pieces(texts, role)
        vectors = self._encode_pieces([piece for of_text in pieces for piece in of_text], role)
        ends = np.cumsum([len(of_text) for of_text in pieces])
        means = [
            np.average(vectors[end - len(of_text) : end], axis=0, weights=[len(piece.text) or 1 for piece in of_text])
            for of_text, end in zip(pieces, ends, strict=True)
        ]
        return _unit_rows(np.array(means, dtype=np.float32))

    def _encode_pieces(self, pieces: list[_Piece], role: Role) -> Vectors:
        """Return (len(pieces), d) unit rows.

        A batch holds pieces of nearly one length in tokens, so that little is padding: sorted by characters, as
        the library does it, a Korean text stands beside an English one of half as many tokens.
        """
        encode = self._model.encode_query if role is Role.QUERY else self._model.encode_document
        vectors = np.empty((len(pieces), self.dimension), dtype=np.float32)
        order = sorted(range(len(pieces)), key=lambda at: pieces[at].tokens)
        for begin in range(0, len(order), _BATCH):
            batch = order[begin : begin + _BATCH]
            texts = [pieces[at].text for at in batch]
            vectors[batch] = encode(texts, batch_size=_BATCH, show_progress_bar=False, convert_to_numpy=True)
        return _unit_rows(vectors)

    def _pieces(self, texts: Sequence[str], role: Role) -> list[list[_Piece]]:
        """Return of each text itself, or its halves and their halves, each within the model's window of tokens."""
        longest = self._model.get_max_seq_length() or np.inf
        found = []
        for text, tokens in zip(texts, self._token_counts(texts, role), strict=True):
            if tokens <= longest or len(text) < 2:
                found.append([_Piece(text, tokens)])
            else:
                middle = _nearest_space(text, len(text) // 2)
                found.append([piece for half in self._pieces([text[:middle], text[middle:]], role) for piece in half])
        return found

    def _token_counts(self, texts: Sequence[str], role: Role) -> list[int]:
        prompts = self._model.prompts
        prompt = prompts.get("query" if role is Role.QUERY else "document") or ""
        tokens = self._model.tokenizer([prompt + text for text in texts], truncation=False, verbose=False)
        return [len(ids) for ids in tokens["input_ids"]]


@dataclass(frozen=True)
class _Piece:
    """A text, or a part of one that is too long, and how many tokens it has with its prompt."""

    text: str
    tokens: int


def _nearest_space(text: str, middle: int) -> int:
    """Return the place to cut: after the last space before `middle`, or `middle` where there is none."""
    space = text.rfind(" ", 1, middle)
    return space + 1 if space > 0 else middle


def _unit_rows(vectors: Vectors) -> Vectors:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, np.finfo(np.float32).tiny), dtype=np.float32)
