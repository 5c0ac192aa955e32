"""What every cache does, whether it keeps in memory, on disk or in either database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from models.cache import Cache
from models.disk_cache import DiskCache
from models.memory_cache import MemoryCache
from service.store.computed import DatabaseCache
from service.store.database import open_database
from tests.service.store.databases import new_database

TEXTS = ["pepper", "고추", "law"]
KEPT = dict(zip(TEXTS, [b"red", b"", bytes(range(256))], strict=True))
OTHER = dict.fromkeys(TEXTS, b"other")
# More than a database is asked for at once.
MANY = {f"text {number}": str(number).encode() for number in range(2000)}
Again = Callable[[], Cache]


def all_of_them(connection, texts):
    return texts


@pytest.fixture(params=["memory", "disk", "sqlite", "postgresql"])
def again(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Again]:
    """Open a cache once more in one place, empty at first."""
    if request.param == "memory":
        only = MemoryCache(2**20)
        yield lambda: only
    elif request.param == "disk":
        yield lambda: DiskCache(tmp_path / "new folder" / "cache.sqlite")
    else:
        database = open_database(new_database(request, request.param, tmp_path))
        yield lambda: DatabaseCache(database, all_of_them)
        database.dispose()


@pytest.fixture
def cache(again: Again) -> Cache:
    """A cache that holds the three values."""
    cache = again()
    cache.write("model@1", KEPT)
    return cache


def read(cache: Cache) -> dict[str, bytes]:
    return cache.read("model@1", TEXTS)


def test_values_come_back_as_they_went_in(cache):
    assert read(cache) == KEPT
    assert all(type(value) is bytes for value in read(cache).values())


def test_another_cache_in_the_same_place_reads_them(cache, again):
    assert read(again()) == KEPT


def test_texts_that_were_never_written_are_left_out(cache):
    assert cache.read("model@1", ["pepper", "unknown"]).keys() == {"pepper"}
    assert cache.read("model@1", []) == {}


def test_an_empty_cache_knows_nothing(again):
    assert again().read("model@1", TEXTS) == {}


@pytest.mark.parametrize("other", ["model@2", "model@1/query", "model@", "MODEL@1", "", "모형" * 300])
def test_fingerprints_do_not_mix(cache, other):
    assert cache.read(other, TEXTS) == {}
    cache.write(other, OTHER)
    assert read(cache) == KEPT
    assert cache.read(other, TEXTS) == OTHER


@pytest.mark.parametrize("text", ["pepper ", "Pepper", "pepper\n", "", "query\npepper"])
def test_texts_that_differ_in_one_character_do_not_mix(cache, text):
    assert cache.read("model@1", [text]) == {}


def test_a_value_that_is_written_again_is_replaced(cache):
    cache.write("model@1", {"law": b"new"})
    assert read(cache) == KEPT | {"law": b"new"}


def test_writing_nothing_changes_nothing(cache):
    cache.write("model@1", {})
    assert read(cache) == KEPT


def test_writing_keeps_all_or_none(cache):
    with pytest.raises(TypeError):
        cache.write("model@1", {"new": b"new", "law": b"changed", "no bytes": object()})
    assert cache.read("model@1", ["new"]) == {}
    assert read(cache) == KEPT


def test_many_are_written_and_read_at_once(cache):
    cache.write("model@1", MANY)
    assert cache.read("model@1", list(MANY)) == MANY
    assert read(cache) == KEPT


def test_threads_that_write_the_same_and_others_lose_nothing(again):
    common = {f"common {number}": b"value" for number in range(20)}

    def write(who: int) -> None:
        for number in range(10):
            # In another order each: two that wait for each other would wait for ever.
            mine = dict(sorted(common.items(), key=lambda item: hash((who, number, item))))
            again().write("model@1", {**mine, f"{who} {number}": b"value"})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    texts = [*common, *(f"{who} {number}" for who in range(4) for number in range(10))]
    assert again().read("model@1", texts) == dict.fromkeys(texts, b"value")
