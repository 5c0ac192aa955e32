"""The real models, each opened once for all tests: converting takes fifteen seconds, loading torch six."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from models import converted
from models.encoders import CachedEncoder, open_encoder
from models.opening import DEFAULT_ENCODER, Models, open_models
from models.processor import has_bfloat16
from models.sentence_encoder import NumberFormat, SentenceEncoder


@dataclass(frozen=True)
class Conversion:
    """The folder of the converted multilingual-e5-small, and what Python warned of on the way there."""

    folder: Path
    warnings: tuple[str, ...]


@pytest.fixture(scope="session")
def cache_folder() -> Iterator[Path]:
    """Half a gigabyte, so it goes when the tests are done."""
    with tempfile.TemporaryDirectory(prefix="matcher-tests-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def converted_model(cache_folder: Path) -> Conversion:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        folder = converted.e5_small_folder(cache_folder)
    return Conversion(folder, tuple(f"{warning.category.__name__}: {warning.message}" for warning in caught))


@pytest.fixture(scope="session")
def default_encoder(cache_folder: Path, converted_model: Conversion) -> CachedEncoder:
    return open_encoder("multilingual-e5-small", cache_folder)


@pytest.fixture(scope="session")
def default_models(cache_folder: Path, converted_model: Conversion) -> Models:
    return open_models(DEFAULT_ENCODER, cache_folder)


@pytest.fixture(scope="session")
def float32(converted_model: Conversion) -> SentenceEncoder:
    return SentenceEncoder.load(str(converted_model.folder), NumberFormat.FLOAT32)


@pytest.fixture(scope="session")
def bfloat16(converted_model: Conversion) -> SentenceEncoder:
    if not has_bfloat16():
        pytest.skip("this processor does not multiply bfloat16")
    return SentenceEncoder.load(str(converted_model.folder), NumberFormat.BFLOAT16)
