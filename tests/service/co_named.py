"""Which startups and experts an output names together: in one record, one row, one paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.service.page import Element

Pair = tuple[str, str]
_WORD = re.compile(r"[\w-]+")
# What stands in one of these is told of one thing; what holds one of them is a list of such things.
_BLOCKS = (
    "tr",
    "li",
    "article",
    "p",
    "form",
    "dd",
    "dt",
    "option",
    "figcaption",
    "summary",
    "title",
    "text",
    "h1",
    "h2",
)


def named(text: str, pairs: set[Pair]) -> set[Pair]:
    """Return those of the pairs of which the text names both ends."""
    words = set(_WORD.findall(text))
    return {(one, other) for one, other in pairs if one in words and other in words}


def in_json(value: Any, pairs: set[Pair]) -> Iterator[Pair]:
    """Yield those of the pairs that a record names: a startup or expert with all that lies below, or a list of two."""
    if isinstance(value, dict):
        for side, at in (("startup", 0), ("expert", 1)):
            below = " ".join(_texts(value))
            yield from (pair for pair in named(below, pairs) if value.get(side) == pair[at])
        for entry in value.values():
            yield from in_json(entry, pairs)
    elif isinstance(value, list):
        if all(isinstance(entry, str) for entry in value):
            yield from named(" ".join(value), pairs) if len(value) == 2 else ()
        for entry in value:
            yield from in_json(entry, pairs)
    elif isinstance(value, str):
        yield from named(value, pairs)


def in_rows(rows: list[dict[str, Any]], pairs: set[Pair]) -> set[Pair]:
    """Return those of the pairs that one row of a table names in whatever columns."""
    return {pair for row in rows for pair in named(" ".join(map(str, row.values())), pairs)}


def on_page(page: Element, pairs: set[Pair]) -> set[Pair]:
    """Return those of the pairs that one block of the page names, in text that is seen or in attributes."""
    found: set[Pair] = set()
    for element in page.walk():
        if element.tag in _BLOCKS:
            found |= named(" ".join(_seen(element)), pairs)
        found |= named(" ".join(filter(None, element.attributes.values())), pairs)
    return found


def without(page: Element, section: str) -> Element:
    """Return the page without the section of this name."""
    kept = [
        child if isinstance(child, str) else without(child, section)
        for child in page.children
        if isinstance(child, str) or child.attributes.get("aria-labelledby") != section
    ]
    return Element(page.tag, page.attributes, kept)


def _seen(element: Element) -> Iterator[str]:
    for inner in element.walk():
        yield from (child for child in inner.children if isinstance(child, str))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, entry in value.items():
            yield key
            yield from _texts(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _texts(entry)
    elif isinstance(value, str):
        yield value
