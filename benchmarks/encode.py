"""How fast texts become vectors, beside plain sentence-transformers in the same run.

    python benchmarks/encode.py [--rounds N]

Both encode the background passages that come with the package, short ones as they are and long ones of eight joined,
each in turn, N rounds; the fastest round counts. The baseline is sentence-transformers as it comes: float32 and its own
batches. Also prints how far our vectors lie from the baseline's.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

# This folder has a service.py of its own, which must not hide the package.
sys.path.append(sys.path.pop(0))

from matcher.encoding import Role, Vectors
from models import catalogue, converted
from models.processor import has_bfloat16
from models.sentence_encoder import NumberFormat, SentenceEncoder
from service.settings import read_settings

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


def main() -> None:
    """Print texts a second for every model, number format and length."""
    arguments = argparse.ArgumentParser(description="Texts a second, beside plain sentence-transformers.")
    arguments.add_argument("--rounds", type=int, default=3)
    rounds = arguments.parse_args().rounds
    from sentence_transformers import SentenceTransformer  # takes seconds, which --help need not wait for

    minilm = catalogue.checked_weights(catalogue.MINILM_L6).parent
    folders = {
        catalogue.E5_SMALL.name: str(converted.e5_small_folder(read_settings().cache_folder, NumberFormat.FLOAT32)),
        catalogue.MINILM_L6.name: str(minilm),
    }
    formats = [NumberFormat.FLOAT32, *([NumberFormat.BFLOAT16] if has_bfloat16() else [])]
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, bfloat16: {has_bfloat16()}")
    for name, folder in folders.items():
        plain = SentenceTransformer(folder, device="cpu")
        ours = {number_format: SentenceEncoder.load(folder, number_format) for number_format in formats}
        for length, texts in passages(english=name == catalogue.MINILM_L6.name).items():
            compare(f"{name}, {length}", texts, plain, ours, rounds)


def passages(english: bool) -> dict[str, list[str]]:
    """Return the background, short and long."""
    lines = files("models").joinpath("background/passages.jsonl").read_text(encoding="utf-8").splitlines()
    languages = ("en",) if english else ("ko", "en")
    short = [json.loads(line)[language] for language in languages for line in lines]
    return {"short texts": short, "long texts": [" ".join(short[at : at + 8]) for at in range(0, len(short), 8)]}


def compare(
    told: str,
    texts: list[str],
    plain: SentenceTransformer,
    ours: dict[NumberFormat, SentenceEncoder],
    rounds: int,
) -> None:
    """Print the baseline, and each of ours with its ratio to it."""
    ways: dict[str, Callable[[Sequence[str]], Vectors]] = {
        "sentence-transformers, float32": lambda some: plain.encode_document(list(some), show_progress_bar=False)
    }
    for number_format, encoder in ours.items():
        ways[f"ours, {number_format}"] = lambda some, encoder=encoder: encoder.encode(some, Role.PASSAGE)
    fastest = dict.fromkeys(ways, np.inf)
    vectors: dict[str, Vectors] = {}
    for _ in range(rounds + 1):  # the first warms up
        for way, encode in ways.items():
            begin = time.perf_counter()
            vectors[way] = encode(texts)
            fastest[way] = min(fastest[way], time.perf_counter() - begin)
    baseline = next(iter(ways))
    for way, seconds in fastest.items():
        cosine = (vectors[way] * vectors[baseline]).sum(axis=1).min()
        ratio = fastest[baseline] / seconds
        print(f"{told:42} {way:34} {len(texts) / seconds:8.1f} texts/s {ratio:5.2f} x   cosine ≥ {cosine:.4f}")


if __name__ == "__main__":
    main()
