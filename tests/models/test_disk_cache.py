"""What the cache on disk does beyond its protocol (`tests/service/store/test_caches.py`): damage and processes."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import textwrap
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock

from matcher.errors import BadInput
from models.disk_cache import DiskCache

ROOT = Path(__file__).parents[2]
TEXTS = ["pepper", "고추", "law"]
VALUES = [b"red", b"", bytes(range(256))]
KEPT = dict(zip(TEXTS, VALUES, strict=True))


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "new folder" / "cache.sqlite"


@pytest.fixture
def cache(path) -> DiskCache:
    """A cache that holds the three values."""
    cache = DiskCache(path)
    cache.write("model@1", KEPT)
    return cache


def read(cache: DiskCache) -> dict[str, bytes]:
    return cache.read("model@1", TEXTS)


def test_a_folder_that_cannot_be_made_is_bad_input_that_names_it(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(BadInput) as caught:
        DiskCache(tmp_path / "file" / "cache.sqlite")
    assert f"cache folder {tmp_path / 'file'} cannot be made" in str(caught.value)


# ---- damage


def change(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        assert database.execute(statement, values).rowcount > 0


@pytest.mark.parametrize("blob", [b"\x01" + VALUES[2][1:], b"", VALUES[2] + b"\x00", VALUES[2][:-1]])
def test_a_row_that_does_not_match_its_checksum_is_left_out(cache, path, blob):
    change(path, "UPDATE computed SET value = ? WHERE value = ?", blob, VALUES[2])
    assert read(cache) == {text: KEPT[text] for text in TEXTS[:2]}


def test_a_checksum_that_is_wrong_leaves_its_row_out(cache, path):
    change(path, "UPDATE computed SET checksum = checksum + 1 WHERE value = ?", VALUES[0])
    assert read(cache) == {text: KEPT[text] for text in TEXTS[1:]}


def test_rows_that_changed_places_are_left_out(cache, path):
    """One flipped bit in an index page is enough for SQLite to return the row of another text."""
    with closing(sqlite3.connect(path)) as database, database:
        rows = database.execute("SELECT value, checksum, text_hash FROM computed").fetchall()
        turned = [
            (value, checksum, hash_)
            for (value, checksum, _), (_, _, hash_) in zip(rows, rows[1:] + rows[:1], strict=True)
        ]
        database.executemany("UPDATE computed SET value = ?, checksum = ? WHERE text_hash = ?", turned)
    assert read(cache) == {}


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"not a database, but a text of some length" * 50,
        lambda data: bytes(len(data)),
        lambda data: data[: len(data) // 2],
        lambda data: data[:100],
        lambda data: data[:4096] + b"\xa5" * (len(data) - 4096),
    ],
    ids=["garbage", "zeros", "half", "header", "overwritten page"],
)
def test_a_file_that_is_no_database_is_begun_anew_with_a_warning(cache, path, damage):
    path.write_bytes(damage(path.read_bytes()))
    with pytest.warns(UserWarning, match=r"cache\.sqlite was damaged .* built anew"):
        assert read(cache) == {}
    cache.write("model@1", KEPT)
    assert read(cache) == KEPT


def test_a_file_cut_at_any_length_never_stops_a_run_or_gives_a_wrong_value(cache, path):
    data = path.read_bytes()
    for length in range(0, len(data), 101):
        path.write_bytes(data[:length])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # some lengths leave a database that SQLite can read
            assert read(cache).items() <= KEPT.items()
            cache.write("model@1", KEPT)
            assert read(cache).items() <= KEPT.items()


def test_a_damaged_file_is_noticed_when_writing_too(cache, path):
    path.write_bytes(b"garbage" * 1000)
    with pytest.warns(UserWarning, match="was damaged"):
        cache.write("model@1", KEPT)
    assert read(cache) == KEPT


def test_an_empty_file_is_a_new_cache(cache, path):
    path.write_bytes(b"")
    assert read(cache) == {}


def flips(data: bytes, first: int, last: int) -> list[tuple[int, bytes]]:
    """Return the data with one bit turned in each byte that is not in the empty middle of a page."""
    # bytes 18 and 19 tell which SQLite may write the file: a read-only file is no damage
    places = [place for place in range(first, last) if (data[place] or place < 100) and place not in (18, 19)]
    return [
        (place, data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :]) for place in places for bit in (1, 128)
    ]


def test_one_damaged_bit_in_the_header_or_schema_never_stops_a_run(cache, path):
    stopped = {}
    for place, damaged in flips(path.read_bytes(), 0, 4096):
        path.write_bytes(damaged)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                cache.read("model@1", TEXTS)
                cache.write("model@1", KEPT)
            except Exception as error:  # whatever it is
                stopped[place] = f"{type(error).__name__}: {error}"
    assert not stopped


def test_one_damaged_bit_among_the_rows_never_stops_a_run_or_gives_a_wrong_value(cache, path):
    stopped, wrong = {}, {}
    data = path.read_bytes()
    for place, damaged in flips(data, 4096, len(data)):
        path.write_bytes(damaged)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                found = read(cache)
            except Exception as error:  # whatever it is
                stopped[place] = f"{type(error).__name__}: {error}"
                continue
        if not found.items() <= KEPT.items():
            wrong[place] = found
    assert not wrong
    assert not stopped


# ---- several at once

WRITE = """
    import pathlib, sys
    from models.disk_cache import DiskCache

    path, who = pathlib.Path(sys.argv[1]), sys.argv[2]
    cache = DiskCache(path)
    for number in range(40):
        texts = [f"{who} {number} {text}" for text in range(5)]
        values = {text: text.encode() for text in texts}
        cache.write("model@1", values)
        assert cache.read("model@1", texts) == values
"""


def start(path: Path, who: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", textwrap.dedent(WRITE), str(path), who]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)  # noqa: S603


def holds_everything(path: Path, who: str) -> bool:
    texts = [f"{who} {number} {text}" for number in range(40) for text in range(5)]
    return DiskCache(path).read("model@1", texts) == {text: text.encode() for text in texts}


def test_processes_that_write_at_once_lose_nothing(path):
    processes = {who: start(path, who) for who in ("one", "two", "three")}
    for process in processes.values():
        _, errors = process.communicate(timeout=100)
        assert not errors
    assert all(holds_everything(path, who) for who in processes)


def test_processes_that_find_one_damaged_file_lose_at_most_what_was_in_it(path):
    path.parent.mkdir()
    path.write_bytes(b"garbage" * 1000)
    processes = [start(path, who) for who in ("one", "two", "three")]
    for process in processes:
        process.communicate(timeout=100)
    assert DiskCache(path).read("model@1", [f"{who} 39 0" for who in ("one", "two", "three")])


def test_a_file_that_another_process_mended_meanwhile_is_kept(path):
    """File systems give the number of a deleted file to the next one: only what is in it tells a mended file."""
    DiskCache(path).write("model@1", {"kept": b"value"})
    mended = path.read_bytes()
    path.write_bytes(b"garbage" * 1000)
    with ThreadPoolExecutor(1) as pool:
        with FileLock(path.with_suffix(".lock")):
            found = pool.submit(DiskCache(path).read, "model@1", ["kept"])
            time.sleep(0.3)
            path.write_bytes(mended)
        assert found.result(timeout=60) == {"kept": b"value"}
