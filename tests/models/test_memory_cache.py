from __future__ import annotations

from models.memory_cache import MemoryCache


def test_it_drops_what_nobody_asked_for_longest_once_it_is_full():
    cache = MemoryCache(most_bytes=30)
    for text in ("a", "b", "c"):
        cache.write("model", {text: bytes(10)})
    cache.read("model", ["a"])
    cache.write("model", {"d": bytes(10)})
    assert cache.read("model", ["a", "b", "c", "d"]).keys() == {"a", "c", "d"}


def test_a_value_that_is_replaced_takes_its_room_once():
    cache = MemoryCache(most_bytes=30)
    cache.write("model", {"a": bytes(10)})
    for _ in range(9):
        cache.write("model", {"b": bytes(10)})
    assert cache.read("model", ["a", "b"]).keys() == {"a", "b"}


def test_what_is_larger_than_all_room_is_not_kept():
    cache = MemoryCache(most_bytes=30)
    cache.write("model", {"a": bytes(31)})
    assert cache.read("model", ["a"]) == {}
    cache.write("model", {"b": bytes(30)})
    assert cache.read("model", ["b"]) == {"b": bytes(30)}
