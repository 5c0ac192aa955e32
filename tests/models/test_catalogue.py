from __future__ import annotations

import dataclasses
import hashlib

import pytest

from matcher.errors import BadInput
from models import catalogue
from models.catalogue import PackagedModel


@pytest.fixture
def packaged(tmp_path, monkeypatch) -> PackagedModel:
    """A model inside a package of its own, with the weights it should have."""
    folder = tmp_path / "toy_weights"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "w.bin").write_bytes(b"good weights")
    monkeypatch.syspath_prepend(tmp_path)
    return PackagedModel("toy", "toy_weights", "w.bin", hashlib.sha256(b"good weights").hexdigest(), 384)


def test_the_hash_of_a_file_is_its_sha256(tmp_path):
    (tmp_path / "f").write_bytes(b"abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert catalogue.file_sha256(tmp_path / "f") == known


@pytest.mark.parametrize("model", catalogue.PACKAGED.values(), ids=lambda model: model.name)
def test_the_installed_weights_are_the_pinned_ones(model):
    assert catalogue.file_sha256(catalogue.checked_weights(model)) == model.sha256


def test_good_weights_are_found_inside_their_package(packaged, tmp_path):
    assert catalogue.checked_weights(packaged) == tmp_path / "toy_weights" / "w.bin"


def test_tampered_weights_are_refused_with_both_hashes(packaged, tmp_path):
    (tmp_path / "toy_weights" / "w.bin").write_bytes(b"good weightz")
    found = hashlib.sha256(b"good weightz").hexdigest()
    with pytest.raises(BadInput) as caught:
        catalogue.checked_weights(packaged)
    assert found in str(caught.value)
    assert packaged.sha256 in str(caught.value)
    assert "reinstall toy_weights" in str(caught.value)


def test_missing_weights_say_what_to_reinstall(packaged, tmp_path):
    (tmp_path / "toy_weights" / "w.bin").unlink()
    with pytest.raises(BadInput, match="is missing; reinstall toy_weights"):
        catalogue.checked_weights(packaged)


def test_a_package_that_is_not_installed_is_named(packaged):
    with pytest.raises(BadInput, match="package no_such_package is not installed"):
        catalogue.checked_weights(dataclasses.replace(packaged, package="no_such_package"))
