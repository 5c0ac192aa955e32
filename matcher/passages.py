"""Profiles → passages: the pieces of text that are embedded one by one.

A startup gives each need, each data asset, its summary and its documents; an expert each line of
expertise and each document. A long text is cut at sentence ends, so that no encoder has to truncate it.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from matcher.languages import Language, language_of
from matcher.profiles import Document, Expert, Startup

# Longest passage in characters. multilingual-e5 reads 512 tokens: about 1.9 Hangul or 4.3 Latin characters each.
_LONGEST = {Language.KOREAN: 700, Language.ENGLISH: 1500, Language.OTHER: 500}
_SHORTEST = min(_LONGEST.values())
_SENTENCE_END = re.compile(r"([.!?。！？…][\"'”’)\]]*)\s+")
# Something to compare: a dash, a row of dots or an emoji says nothing.
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
# A title beyond this holds more than a title, and is cut like a text.
_LONGEST_TITLE = 200


class Field(StrEnum):
    """Where a passage stands in its profile."""

    NEED = "needs"
    DATA_ASSET = "data_assets"
    SUMMARY = "summary"
    DOCUMENT = "documents"
    EXPERTISE = "expertise"


@dataclass(frozen=True)
class Passage:
    """One embedded piece of text.

    owner: position of the profile in its side of the cohort. item: position within the field; the chunks of
    one document share it. title and date: of the document, where it has them. weight > 0: among the needs of its
    startup.
    """

    owner: int
    field: Field
    item: int
    text: str
    language: Language
    title: str = ""
    weight: float = 1.0
    confidential: bool = False
    date: dt.date | None = None


def startup_passages(owner: int, startup: Startup) -> list[Passage]:
    """Return the passages of a startup: needs, data assets, summary, documents, in this order."""
    return [
        *_lines(owner, Field.NEED, [(need.text, need.weight) for need in startup.needs], startup.confidential),
        *_lines(owner, Field.DATA_ASSET, [(text, 1.0) for text in startup.data_assets], startup.confidential),
        *summary_passages(owner, startup),
        *document_passages(owner, startup.documents, startup.confidential),
    ]


def summary_passages(owner: int, startup: Startup) -> list[Passage]:
    """Return the passages of what a startup says of itself."""
    return list(_lines(owner, Field.SUMMARY, [(startup.summary, 1.0)], startup.confidential))


def expert_passages(owner: int, expert: Expert) -> list[Passage]:
    """Return the passages of an expert: expertise, then documents."""
    return [
        *_lines(owner, Field.EXPERTISE, [(text, 1.0) for text in expert.expertise], ()),
        *document_passages(owner, expert.documents),
    ]


def _lines(
    owner: int, field: Field, lines: list[tuple[str, float]], confidential: tuple[str, ...]
) -> Iterator[Passage]:
    for item, (text, weight) in enumerate(lines):
        for chunk in chunks(text):
            yield Passage(owner, field, item, chunk, language_of(chunk), "", weight, field in confidential)


def document_passages(owner: int, documents: tuple[Document, ...], confidential: tuple[str, ...] = ()) -> list[Passage]:
    """Return the passages of documents, each with its title."""
    return list(_documents(owner, documents, confidential))


def _documents(owner: int, documents: tuple[Document, ...], confidential: tuple[str, ...]) -> Iterator[Passage]:
    hidden = Field.DOCUMENT in confidential
    for item, document in enumerate(documents):
        title = unicodedata.normalize("NFC", document.title.strip())
        for text in _titled_chunks(title, document.text):
            yield Passage(
                owner, Field.DOCUMENT, item, text, language_of(text), title, confidential=hidden, date=document.date
            )


def _titled_chunks(title: str, text: str) -> list[str]:
    """Return the chunks, each with the title before it: it says what a middle paragraph is about."""
    if len(title) > _LONGEST_TITLE:
        return chunks(f"{title}\n{text}")
    joined = (". ".join(part for part in (title.rstrip("."), chunk) if part) for chunk in chunks(text) or [""])
    return [chunk for chunk in joined if _LETTER_OR_DIGIT.search(chunk)]


def chunks(text: str) -> list[str]:
    """Return the text in pieces of whole sentences, each at most as long as its language allows.

    Joining the pieces with spaces gives every word of the text back, its letters composed (Unicode's NFC: what a
    Mac calls a file is spelt in single jamo). A sentence that is too long by itself is cut at spaces, a word that is
    too long at its length. A text without a letter or digit gives no piece.
    """
    if not _LETTER_OR_DIGIT.search(text):
        return []
    text = unicodedata.normalize("NFC", text)
    whole = " ".join(text.split())
    if len(whole) <= _SHORTEST:
        return [whole]  # most are
    pieces: list[str] = []
    for part in _short_parts(text):
        joined = f"{pieces[-1]} {part}" if pieces else part
        if pieces and _fits(joined):
            pieces[-1] = joined
        else:
            pieces.append(part)
    return pieces


def _fits(text: str) -> bool:
    return len(text) <= _SHORTEST or len(text) <= _LONGEST[language_of(text)]


def _short_parts(text: str) -> Iterator[str]:
    """Yield the sentences, and the words of a sentence that is too long."""
    for sentence in _SENTENCE_END.sub(r"\1\n", text).splitlines():
        words = sentence.split()
        if _fits(" ".join(words)):
            yield from [" ".join(words)] if words else []
        else:
            yield from (part for word in words for part in _short_words(word))


def _short_words(word: str) -> Iterator[str]:
    longest = _LONGEST[language_of(word)]
    yield from (word[at : at + longest] for at in range(0, len(word), longest))
