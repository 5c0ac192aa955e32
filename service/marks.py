"""A passage cut at its marks: what the other side says in the same words, and what stands between."""

from __future__ import annotations

from collections.abc import Iterator

from matcher.evidence import Marks


def pieces(text: str, marks: Marks, begin: int = 0, longest: int | None = None) -> Iterator[tuple[str, bool]]:
    """Yield the text from `begin` on in pieces, each with whether it is marked.

    longest: characters after which the text is broken off, with an ellipsis.
    """
    end = len(text) if longest is None else min(len(text), begin + longest)
    at = begin
    for first, last in marks:
        first, last = max(first, at), min(last, end)
        if first < last:
            yield text[at:first], False
            yield text[first:last], True
            at = last
    yield text[at:end] + ("…" if end < len(text) else ""), False
