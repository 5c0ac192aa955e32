from __future__ import annotations

import dataclasses
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from matcher.calibration import View
from matcher.encoding import Role, Vectors
from matcher.errors import BadInput
from models import catalogue, encoders
from models.disk_cache import DiskCache
from models.encoders import CACHE_FILE, CachedEncoder, ModelIdentity, open_encoder
from models.processor import has_bfloat16
from models.sentence_encoder import NumberFormat

ROOT = Path(__file__).parents[2]
E5 = "multilingual-e5-small"


# ---- names


@pytest.mark.parametrize("name", ["no-such-model", "MULTILINGUAL-E5-SMALL", "/no/such/folder", "a/b/c", "", " "])
def test_an_unknown_name_is_bad_input_that_lists_the_known_ones(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput) as caught:
        open_encoder(name, tmp_path)
    assert "multilingual-e5-small" in str(caught.value)
    assert "all-minilm-l6-v2" in str(caught.value)


@pytest.mark.parametrize("name", ["E5_SMALL", "MINILM_L6"])
def test_weights_that_are_not_the_pinned_ones_are_refused_when_a_text_is_to_be_encoded(tmp_path, monkeypatch, name):
    known = getattr(catalogue, name)
    monkeypatch.setattr(catalogue, name, dataclasses.replace(known, sha256="0" * 64))
    encoder = open_encoder(known.name, tmp_path)
    with pytest.raises(BadInput) as caught:
        encoder.encode(["a text"], Role.QUERY)
    assert "0" * 64 in str(caught.value)
    assert known.sha256 in str(caught.value)


def test_opening_loads_neither_torch_nor_the_model(tmp_path):
    code = "import sys, pathlib; from models.encoders import open_encoder; "
    code += "open_encoder(sys.argv[2], pathlib.Path(sys.argv[1])); print('torch' in sys.modules)"
    command = [sys.executable, "-c", code, str(tmp_path), E5]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert told.stdout == "False\n"
    assert not (tmp_path / "models").exists()


# ---- identity


def test_the_fingerprint_names_model_weights_and_number_format(tmp_path):
    for number_format in NumberFormat:
        encoder = open_encoder(E5, tmp_path, number_format)
        name, _, rest = encoder.fingerprint.partition("@")
        assert name == "multilingual-e5-small"
        assert rest.startswith(catalogue.E5_SMALL.sha256[:12])
        assert rest.endswith(f"/{number_format}")


def test_every_packaged_model_has_a_fingerprint_of_its_own(tmp_path):
    prints = {
        open_encoder(name, tmp_path, number_format).fingerprint
        for name in catalogue.PACKAGED
        for number_format in NumberFormat
    }
    assert len(prints) == 4


def test_another_conversion_of_the_same_weights_has_another_fingerprint(tmp_path, monkeypatch):
    before = open_encoder(E5, tmp_path).fingerprint
    monkeypatch.setattr(encoders.converted, "VERSION", encoders.converted.VERSION + 1)
    assert open_encoder(E5, tmp_path).fingerprint != before


@pytest.mark.parametrize(("has_it", "chosen"), [(True, NumberFormat.BFLOAT16), (False, NumberFormat.FLOAT32)])
def test_the_processor_chooses_the_number_format_unless_somebody_does(tmp_path, monkeypatch, has_it, chosen):
    monkeypatch.setattr(encoders, "has_bfloat16", lambda: has_it)
    assert open_encoder(E5, tmp_path).identity.number_format is chosen
    for number_format in NumberFormat:
        assert open_encoder(E5, tmp_path, number_format).identity.number_format is number_format


# ---- the real models


def test_multilingual_e5_is_the_converted_model_in_the_format_of_this_processor(default_encoder, request):
    text = ["고추 잎 사진 4만 장"]
    reference = request.getfixturevalue("bfloat16" if has_bfloat16() else "float32")
    assert np.array_equal(default_encoder.encode(text, Role.QUERY), reference.encode(text, Role.QUERY))


def test_minilm_comes_by_its_name_and_tells_english_sentences_apart(tmp_path):
    encoder = open_encoder("all-minilm-l6-v2", tmp_path, NumberFormat.FLOAT32)
    sentences = ["A man is playing a guitar.", "Someone plays music on a guitar.", "The court rejected the patent."]
    vectors = encoder.encode(sentences, Role.PASSAGE)
    assert vectors.shape == (3, 384)
    assert vectors[0] @ vectors[1] > 0.7
    assert vectors[0] @ vectors[2] < 0.2
    assert not (tmp_path / "models").exists(), "it needs no conversion"


@pytest.fixture
def minilm_folder(tmp_path) -> Path:
    source = catalogue.checked_weights(catalogue.MINILM_L6).parent
    return Path(shutil.copytree(source, tmp_path / "my model"))


def test_vectors_are_kept_in_one_file_of_the_cache_folder(tmp_path):
    encoder = open_encoder("all-minilm-l6-v2", tmp_path, NumberFormat.FLOAT32)
    vectors = encoder.encode(["Plant pathology"], Role.QUERY)
    kept = DiskCache(tmp_path / CACHE_FILE).read(f"{encoder.fingerprint}/query", ["Plant pathology"])
    assert kept == {"Plant pathology": vectors[0].astype("<f4").tobytes()}


def test_a_local_folder_gives_the_vectors_of_its_model(minilm_folder, tmp_path):
    text = ["Plant pathology of peppers"]
    local = open_encoder(str(minilm_folder), tmp_path / "one", NumberFormat.FLOAT32)
    named = open_encoder("all-minilm-l6-v2", tmp_path / "other", NumberFormat.FLOAT32)
    assert np.allclose(local.encode(text, Role.QUERY), named.encode(text, Role.QUERY), atol=1e-6)


def test_the_fingerprint_of_a_folder_changes_with_any_of_its_files(minilm_folder, tmp_path):
    def fingerprint() -> str:
        return open_encoder(str(minilm_folder), tmp_path / "cache").fingerprint

    seen = [fingerprint()]
    assert fingerprint() == seen[0]
    config = minilm_folder / "config.json"
    config.write_text(config.read_text() + " ")
    seen.append(fingerprint())
    (minilm_folder / "new.txt").write_text("")
    seen.append(fingerprint())
    (minilm_folder / "new.txt").rename(minilm_folder / "renamed.txt")
    seen.append(fingerprint())
    assert len(set(seen)) == 4


@pytest.mark.parametrize(
    "files", [{}, {"notes.txt": "no model"}, {"config.json": "{"}, {"config.json": "{}", "modules.json": "[]"}], ids=str
)
def test_a_folder_that_holds_no_model_is_bad_input(tmp_path, files):
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_text(content)
    with pytest.raises(BadInput):
        open_encoder(str(folder), tmp_path / "cache").encode(["a"], Role.QUERY)


# ---- the hub, of which these tests know the local copies only


@pytest.fixture
def hub(tmp_path, monkeypatch) -> Path:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def test_a_hub_model_that_cannot_be_had_is_bad_input_that_names_what_can(hub, tmp_path):
    with pytest.raises(BadInput) as caught:
        open_encoder("nobody/nothing", tmp_path / "cache")
    assert "nobody/nothing" in str(caught.value)
    assert "multilingual-e5-small" in str(caught.value)


def test_a_hub_model_is_known_by_the_commit_of_its_local_copy(hub, tmp_path):
    commit = "0123456789abcdef0123456789abcdef01234567"
    copy = hub / "models--owner--model"
    (copy / "snapshots" / commit).mkdir(parents=True)
    (copy / "snapshots" / commit / "config.json").write_text("{}")
    (copy / "refs").mkdir()
    (copy / "refs" / "main").write_text(commit)
    encoder = open_encoder("owner/model", tmp_path / "cache", NumberFormat.FLOAT32)
    assert encoder.fingerprint == "owner/model@0123456789ab/float32"


# ---- the cache between us and the model


class LetterModel:
    """Encodes a text as the code of its first letter and its length; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    def encode(self, texts: Sequence[str], role: Role) -> Vectors:
        self.asked.append(tuple(texts))
        sign = 1 if role is Role.QUERY else -1
        return np.array([vector(text, sign) for text in texts], dtype=np.float32)


def vector(text: str, sign: int = 1) -> list[float]:
    return [sign * ord(text[0]), len(text)]


def never_load() -> LetterModel:
    raise AssertionError("the model was loaded")


@pytest.fixture
def model() -> LetterModel:
    return LetterModel()


@pytest.fixture
def cached(tmp_path):
    """Open the encoder over one cache file, as a process that begins would."""

    def start(load, revision: str = "1", number_format: NumberFormat = NumberFormat.FLOAT32) -> CachedEncoder:
        identity = ModelIdentity("letters", revision, number_format)
        return CachedEncoder(identity, load, DiskCache(tmp_path / "cache.sqlite"))

    return start


def test_vectors_come_in_the_order_of_the_texts(cached, model):
    texts = ["ccc", "a", "bb", "dddd", "a"]
    vectors = cached(lambda: model).encode(texts, Role.QUERY)
    assert vectors.dtype == np.float32
    assert vectors.tolist() == [vector(text) for text in texts]


def test_a_second_process_loads_nothing(cached, model):
    first = cached(lambda: model).encode(["a", "b"], Role.QUERY)
    second = cached(never_load)
    assert np.array_equal(second.encode(["b", "a"], Role.QUERY), first[::-1])
    assert second.encoded == 0


def test_no_texts_give_an_empty_array_and_load_nothing(cached):
    assert cached(never_load).encode([], Role.PASSAGE).shape == (0, 0)


def test_only_new_texts_are_encoded(cached, model):
    cached(lambda: model).encode(["a", "b"], Role.QUERY)
    encoder = cached(lambda: model)
    assert encoder.encode(["b", "c", "a"], Role.QUERY).tolist() == [vector("b"), vector("c"), vector("a")]
    assert model.asked[1:] == [("c",)]
    assert encoder.encoded == 1


def test_a_text_that_occurs_twice_is_encoded_once(cached, model):
    encoder = cached(lambda: model)
    assert encoder.encode(["a", "b", "a", "a"], Role.QUERY).tolist() == [vector(text) for text in "abaa"]
    assert model.asked == [("a", "b")]
    assert encoder.encoded == 2


def test_the_model_is_loaded_once(cached, model):
    loads = []
    encoder = cached(lambda: loads.append(1) or model)
    for text in "abc":
        encoder.encode([text], Role.QUERY)
    assert loads == [1]


def test_roles_do_not_mix(cached, model):
    encoder = cached(lambda: model)
    assert encoder.encode(["a"], Role.QUERY).tolist() == [vector("a")]
    assert encoder.encode(["a"], Role.PASSAGE).tolist() == [vector("a", sign=-1)]
    assert encoder.encode(["a"], Role.QUERY).tolist() == [vector("a")]
    assert len(model.asked) == 2


def test_roles_do_not_mix_in_the_file_either(cached, model):
    encoder = cached(lambda: model)
    encoder.encode(["a"], Role.QUERY)
    encoder.encode(["a", "b"], Role.PASSAGE)
    assert model.asked == [("a",), ("a", "b")]
    later = cached(never_load)
    assert later.encode(["a"], Role.QUERY).tolist() == [vector("a")]
    assert later.encode(["b", "a"], Role.PASSAGE).tolist() == [vector("b", sign=-1), vector("a", sign=-1)]


def test_what_one_role_asked_for_is_not_known_in_the_other(cached, model):
    cached(lambda: model).encode(["a"], Role.PASSAGE)
    with pytest.raises(AssertionError, match="the model was loaded"):
        cached(never_load).encode(["a"], Role.QUERY)


@pytest.mark.parametrize("other", [{"revision": "2"}, {"number_format": NumberFormat.BFLOAT16}])
def test_models_do_not_mix(cached, model, other):
    cached(lambda: model).encode(["a"], Role.QUERY)
    another = LetterModel()
    cached(lambda: another, **other).encode(["a"], Role.QUERY)
    assert another.asked == [("a",)]


def test_short_texts_go_before_long_ones_so_that_batches_are_even(cached, model):
    cached(lambda: model).encode(["ccc", "a", "bb", "aa"], Role.QUERY)
    assert model.asked == [("a", "aa", "bb", "ccc")]


def test_a_damaged_row_is_encoded_again(cached, model, tmp_path):
    cached(lambda: model).encode(["a", "b"], Role.QUERY)
    with closing(sqlite3.connect(tmp_path / "cache.sqlite")) as database, database:
        wrong, right = np.float32([0, 9]).tobytes(), np.float32(vector("a")).tobytes()
        assert database.execute("UPDATE computed SET value = ? WHERE value = ?", (wrong, right)).rowcount == 1
    assert cached(lambda: model).encode(["a", "b"], Role.QUERY).tolist() == [vector("a"), vector("b")]
    assert model.asked[1:] == [("a",)]
    assert cached(never_load).encode(["a"], Role.QUERY).tolist() == [vector("a")]


def test_a_damaged_cache_costs_time_and_nothing_else(cached, model, tmp_path):
    cached(lambda: model).encode(["a", "b"], Role.QUERY)
    (tmp_path / "cache.sqlite").write_bytes(b"garbage" * 1000)
    with pytest.warns(UserWarning, match="was damaged"):
        vectors = cached(lambda: model).encode(["a", "b"], Role.QUERY)
    assert vectors.tolist() == [vector("a"), vector("b")]
    assert cached(never_load).encode(["a", "b"], Role.QUERY).tolist() == [vector("a"), vector("b")]


def test_what_was_finished_before_an_interruption_is_kept(cached, monkeypatch):
    monkeypatch.setattr(encoders, "PORTION", 2)

    class Interrupted(LetterModel):
        def encode(self, texts: Sequence[str], role: Role) -> Vectors:
            if "ccc" in texts:
                raise KeyboardInterrupt
            return super().encode(texts, role)

    texts = ["a", "bb", "ccc", "dddd", "eeeee"]
    with pytest.raises(KeyboardInterrupt):
        cached(Interrupted).encode(texts, Role.QUERY)
    later = LetterModel()
    assert cached(lambda: later).encode(texts, Role.QUERY).tolist() == [vector(text) for text in texts]
    assert later.asked == [("ccc", "dddd"), ("eeeee",)]


def test_progress_is_told_from_nothing_to_all(cached, model, monkeypatch):
    monkeypatch.setattr(encoders, "PORTION", 2)
    told = []
    encoder = cached(lambda: model)
    encoder.report_to(lambda done, total: told.append((done, total)))
    encoder.encode(["a", "b", "c", "d", "e", "a"], Role.QUERY)
    assert told == [(0, 5), (2, 5), (4, 5), (5, 5)]


def test_progress_is_complete_where_the_cache_holds_everything(cached, model):
    cached(lambda: model).encode(["a"], Role.QUERY)
    told = []
    encoder = cached(never_load)
    encoder.report_to(lambda done, total: told.append((done, total)))
    encoder.encode(["a"], Role.QUERY)
    assert told == [(0, 0)]


def test_all_columns_compare_texts_in_any_language(cached):
    assert cached(never_load).views(5) == (View(0, 5),)


def test_an_encoder_that_was_released_loads_its_model_again_for_a_new_text_only(tmp_path):
    loaded = []

    class Ones:
        def encode(self, texts: Sequence[str], role: Role) -> Vectors:
            return np.ones((len(texts), 1), dtype=np.float32)

    def load() -> Ones:
        loaded.append(1)
        return Ones()

    encoder = CachedEncoder(ModelIdentity("m", "1", NumberFormat.FLOAT32), load, DiskCache(tmp_path / CACHE_FILE))
    encoder.encode(["a"], Role.QUERY)
    encoder.release()
    encoder.encode(["a"], Role.QUERY)
    assert len(loaded) == 1
    encoder.encode(["b"], Role.QUERY)
    assert len(loaded) == 2
