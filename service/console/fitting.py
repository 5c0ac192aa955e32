"""Pages of a bounded size: their texts are cut to what there is room for, at the end of a word where there is one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

# Bytes that a page may have.
LARGEST = 300_000
# What is left of each text, until the page is no larger.
_ROOMS = (1.0, 0.5, 0.2, 0.08, 0.03)
# Of a long passage so many letters stand before the first marked word.
_LEAD = 120
# A word that begins so late is left out of a text that is cut; a longer one is cut itself.
_LONGEST_WORD = 40


def fit(render: Callable[[float], str]) -> str:
    """Return a page, with as much of its texts as there is room for; render: makes it for a room between 0 and 1."""
    page = ""
    for room in _ROOMS:
        page = render(room)
        if len(page.encode()) <= LARGEST:
            break
    return page


@pass_context
def cut(context: Context, text: object, longest: int) -> str:
    """Return a text of so many letters at most, fewer on a page that has less room."""
    return shortened(str(text), _room_for(context, longest))


@pass_context
def marked(context: Context, text: str, words: Sequence[str], longest: int = 420) -> Markup:
    """Return a passage as `mark` does, shorter on a page that has less room."""
    return mark(text, words, _room_for(context, longest))


def _room_for(context: Context, letters: int) -> int:
    return max(1, int(letters * context["room"]))


def shortened(text: str, longest: int) -> str:
    """Return a text of so many letters at most, and a mark where something is left out."""
    if len(text) <= longest:
        return text
    return text[: _word_end(text, longest - 1)].rstrip() + "…"


def mark(text: str, words: Sequence[str], longest: int) -> Markup:
    """Return a passage, the words that both sides say in <mark>; of a long one what stands about the first of them.

    A word of Latin letters is marked where it stands alone, a Korean one in front of its particle too.
    """
    shared = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or "(?!)"
    found = re.compile(f"(?<![a-zA-Z0-9])({shared})(?![a-zA-Z0-9])", re.IGNORECASE)
    first = found.search(text)
    begin = max(0, (first.start() if first else 0) - min(_LEAD, longest // 2)) if len(text) > longest else 0
    if begin:
        space = text.find(" ", begin, begin + _LONGEST_WORD)
        begin = space + 1 if space >= 0 else begin
    shown = ("… " if begin else "") + shortened(text[begin:], longest)
    parts = found.split(shown)
    return Markup("").join(
        Markup("<mark>{}</mark>").format(part) if number % 2 else escape(part) for number, part in enumerate(parts)
    )


def _word_end(text: str, at: int) -> int:
    """Return where the last whole word before a place ends, the place itself inside a word that is very long."""
    space = text.rfind(" ", max(1, at - _LONGEST_WORD), at + 1)
    return space if space >= 0 else max(0, at)
