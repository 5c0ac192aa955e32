from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from matcher.engine import Engine, calibrated_for
from matcher.errors import BadInput
from models import catalogue, opening
from models.catalogue import DEFAULT_ENCODER
from models.encoders import CACHE_FILE, CachedEncoder
from models.opening import open_models
from models.sentence_encoder import NumberFormat
from models.views import TwoViews

ROOT = Path(__file__).parents[2]


@pytest.fixture
def uncalibrated(monkeypatch) -> None:
    """To measure the calibration of a model takes long, and these tests need none."""
    monkeypatch.setattr(opening, "calibrated", lambda encoder, lexicon, cache_folder: None)


@pytest.fixture
def minilm_folder(tmp_path) -> Path:
    source = catalogue.checked_weights(catalogue.MINILM_L6).parent
    return Path(shutil.copytree(source, tmp_path / "my+all-minilm-l6-v2"))


def test_the_default_is_multilingual_e5_with_minilm_beside_it(tmp_path):
    assert DEFAULT_ENCODER == "multilingual-e5-small+all-minilm-l6-v2"
    encoder = open_models(DEFAULT_ENCODER, tmp_path, NumberFormat.FLOAT32).encoder
    assert isinstance(encoder, TwoViews)
    e5, minilm = catalogue.E5_SMALL.sha256[:12], catalogue.MINILM_L6.sha256[:12]
    assert encoder.fingerprint.startswith(f"{DEFAULT_ENCODER}@{e5}")
    assert encoder.fingerprint.endswith(f"+{minilm}/float32")


@pytest.mark.parametrize("number_format", NumberFormat)
def test_what_is_opened_fits_together(tmp_path, number_format):
    models = open_models(DEFAULT_ENCODER, tmp_path, number_format)
    assert models.encoder.identity.number_format is number_format
    assert models.calibration.fingerprint == calibrated_for(models.encoder, models.lexicon)
    assert Engine(models.encoder, models.lexicon, models.calibration, dt.date(2026, 6, 1))


@pytest.mark.parametrize("name", catalogue.PACKAGED)
def test_a_name_without_minilm_behind_it_opens_one_encoder(tmp_path, uncalibrated, name):
    encoder = open_models(name, tmp_path).encoder
    assert isinstance(encoder, CachedEncoder)
    assert encoder.identity.name == name


def test_minilm_can_stand_beside_any_encoder(tmp_path, uncalibrated, minilm_folder):
    name = str(minilm_folder.rename(tmp_path / "mine"))
    encoder = open_models(f"{name}+all-minilm-l6-v2", tmp_path).encoder
    assert isinstance(encoder, TwoViews)
    assert encoder.identity.name == f"{name}+all-minilm-l6-v2"


def test_a_folder_whose_name_ends_so_is_one_encoder(tmp_path, uncalibrated, minilm_folder):
    encoder = open_models(str(minilm_folder), tmp_path / "cache").encoder
    assert isinstance(encoder, CachedEncoder)
    assert encoder.identity.name == str(minilm_folder)


@pytest.mark.parametrize(
    "name",
    [
        "x",
        "x+all-minilm-l6-v2",
        "+all-minilm-l6-v2",
        "multilingual-e5-small+",
        "multilingual-e5-small+x",
        "all-minilm-l6-v2+multilingual-e5-small",
        "multilingual-e5-small + all-minilm-l6-v2",
        "multilingual-e5-small+all-minilm-l6-v2+all-minilm-l6-v2",
        "",
    ],
)
def test_an_unknown_name_is_bad_input_that_lists_the_known_ones(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput) as caught:
        open_models(name, tmp_path / "cache")
    assert "multilingual-e5-small" in str(caught.value)
    assert "all-minilm-l6-v2" in str(caught.value)


@pytest.mark.parametrize("model", ["E5_SMALL", "MINILM_L6"])
def test_weights_of_either_model_that_are_not_the_pinned_ones_are_refused(cache_folder, monkeypatch, model):
    monkeypatch.setattr(catalogue, model, dataclasses.replace(getattr(catalogue, model), sha256="0" * 64))
    with pytest.raises(BadInput, match="0" * 64):
        open_models(DEFAULT_ENCODER, cache_folder)


def test_opening_loads_neither_torch_nor_the_analysers_nor_the_model(tmp_path):
    code = """if True:
        import sys, pathlib
        from models.catalogue import DEFAULT_ENCODER
        from models.opening import open_models
        open_models(DEFAULT_ENCODER, pathlib.Path(sys.argv[1]))
        slow = {"torch", "transformers", "sentence_transformers", "kiwipiepy", "wordfreq", "Stemmer"}
        print(sorted(slow & sys.modules.keys()))
    """
    command = [sys.executable, "-c", code, str(tmp_path)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert told.stdout == "[]\n"
    assert not (tmp_path / "models").exists()
    assert not (tmp_path / "calibrations").exists()


def test_words_and_vectors_are_kept_in_one_file(tmp_path):
    models = open_models(DEFAULT_ENCODER, tmp_path)
    models.lexicon.words(["pepper leaves"])
    assert (tmp_path / CACHE_FILE).is_file()
    assert [path.name for path in tmp_path.glob("*.sqlite")] == [CACHE_FILE]
    again = open_models(DEFAULT_ENCODER, tmp_path).lexicon
    again.words(["pepper leaves"])
    assert again.cut == 0
