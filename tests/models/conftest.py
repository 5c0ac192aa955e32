"""The real models, each opened once for all tests of a process: loading torch takes six seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.catalogue import DEFAULT_ENCODER
from models.encoders import CachedEncoder, open_encoder
from models.opening import Models, open_models
from models.processor import has_bfloat16
from models.sentence_encoder import NumberFormat, SentenceEncoder
from tests.real_model import Conversion


@pytest.fixture(scope="session")
def cache_folder(converted_model: Conversion, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The converted model is in it; vectors are kept in it from one test to the next."""
    return converted_model.link_into(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def default_encoder(cache_folder: Path) -> CachedEncoder:
    return open_encoder("multilingual-e5-small", cache_folder)


@pytest.fixture(scope="session")
def default_models(cache_folder: Path) -> Models:
    return open_models(DEFAULT_ENCODER, cache_folder)


@pytest.fixture(scope="session")
def float32(converted_model: Conversion) -> SentenceEncoder:
    return _loaded(converted_model, NumberFormat.FLOAT32)


@pytest.fixture(scope="session")
def bfloat16(converted_model: Conversion) -> SentenceEncoder:
    if not has_bfloat16():
        pytest.skip("this processor does not multiply bfloat16")
    return _loaded(converted_model, NumberFormat.BFLOAT16)


def _loaded(converted_model: Conversion, number_format: NumberFormat) -> SentenceEncoder:
    return SentenceEncoder.load(str(converted_model.folder(number_format)), number_format)
