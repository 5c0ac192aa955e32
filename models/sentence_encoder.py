"""A SentenceTransformer as an encoder of the core. Loading it imports torch, which takes seconds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from matcher.encoding import Role, Vectors
from matcher.errors import BadInput

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# Tokens in a batch, padding included: enough to keep a core busy, few enough that no core waits long for the last one.
_BATCH_TOKENS = 768


def import_libraries() -> None:
    """Import torch and all that loading a model needs: most of the seconds that this takes."""
    import sentence_transformers  # noqa: F401


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
        # Two threads inside one tokenizer of Hugging Face raise "Already borrowed".
        self._tokenising = Lock()
        model.preprocess = _guarded(model.preprocess, self._tokenising)

    @classmethod
    def load(cls, name_or_folder: str, number_format: NumberFormat, revision: str | None = None) -> SentenceEncoder:
        """Load a folder or a Hugging Face id onto the CPU. Raises `BadInput` where it holds no model."""
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # we show one of our own
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

        Each core takes one batch after another, the longest first: the cores of one matrix product wait for each
        other, those of two do not.
        """
        vectors = np.empty((len(pieces), self.dimension), dtype=np.float32)

        def encode(batch: list[int]) -> None:
            vectors[batch] = self._encode_batch([pieces[at].text for at in batch], role)

        _on_all_cores(encode, _batches(pieces))
        return _unit_rows(vectors)

    def _encode_batch(self, texts: list[str], role: Role) -> Vectors:
        encode = self._model.encode_query if role is Role.QUERY else self._model.encode_document
        return np.asarray(encode(texts, batch_size=len(texts), show_progress_bar=False, convert_to_numpy=True))

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
        with self._tokenising:
            tokens = self._model.tokenizer([prompt + text for text in texts], truncation=False, verbose=False)
        return [len(ids) for ids in tokens["input_ids"]]


@dataclass(frozen=True)
class _Piece:
    """A text, or a part of one that is too long, and how many tokens it has with its prompt."""

    text: str
    tokens: int


def _batches(pieces: Sequence[_Piece]) -> list[list[int]]:
    """Return the positions of the pieces, from long to short, in batches of nearly one length in tokens each.

    So little is padding: sorted by characters, as the library does it, a Korean text stands beside an English one
    of half as many tokens.
    """
    batches: list[list[int]] = []
    for at in sorted(range(len(pieces)), key=lambda at: -pieces[at].tokens):
        if not batches or (len(batches[-1]) + 1) * pieces[batches[-1][0]].tokens > _BATCH_TOKENS:
            batches.append([])
        batches[-1].append(at)
    return batches


def _on_all_cores(encode: Callable[[list[int]], None], batches: list[list[int]]) -> None:
    """Encode several batches side by side, each on one core, or a single one on all."""
    import torch

    cores = torch.get_num_threads()
    if len(batches) == 1:
        encode(batches[0])
        return
    try:
        with ThreadPoolExecutor(cores, initializer=torch.set_num_threads, initargs=(1,)) as workers:
            list(workers.map(encode, batches))
    finally:
        torch.set_num_threads(cores)  # threads begun later start with what was set last


def _guarded(tokenise: Callable[..., Any], lock: Lock) -> Callable[..., Any]:
    """Return the same, one thread at a time."""

    def one_at_a_time(*arguments: Any, **options: Any) -> Any:
        with lock:
            return tokenise(*arguments, **options)

    return one_at_a_time


def _nearest_space(text: str, middle: int) -> int:
    """Return the place to cut: after the last space before `middle`, or `middle` where there is none."""
    space = text.rfind(" ", 1, middle)
    return space + 1 if space > 0 else middle


def _unit_rows(vectors: Vectors) -> Vectors:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, np.finfo(np.float32).tiny), dtype=np.float32)
