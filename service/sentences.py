"""Sentences of the matching core and the API in the reader's language, with names in place of ids.

The core writes plain English, for files, terminals and other programs. Here each of its wordings stands as a pattern in
`locale/sentences.LANGUAGE.po`; a sentence is recognised by its pattern and written anew. What no pattern knows stays
as it is, whole.

In a pattern `{name}` is any text, `{a|b}` either text, `{{` and `}}` are braces. Numbers have no space. The last word
of a name says what the text is: `startup`, `expert`, `party` (an id, shown by its name; plural: several), `sentence`
(must be known itself), `list` (several of those, split at commas), `word` (translated where it is known).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import product
from pathlib import Path

from babel.messages.pofile import read_po

from matcher.profiles import Side

FOLDER = Path(__file__).with_name("locale")
Names = Mapping[tuple[str, str], str]  # (side, id) → name
_TOKEN = re.compile(r"(\{\{|\}\}|\{[^{}]+\})")
# More than any sentence of the core has; a text made to nest without end is left as it is.
_DEEPEST, _LONGEST, _READINGS = 8, 4_000, 12
# Names of texts that have no space in them.
_NUMBERS = frozenset(
    ("after", "amount", "before", "columns", "count", "day", "known", "least", "more", "most", "number", "pairs")
) | {"places", "row", "rows", "score", "seconds", "size", "times", "to"}
# What else a text may be, by the last word of its name.
_PARTY = r"(?:(?!; | \().)+?"
_TEXTS = {
    "sentence": ".+?",
    "list": ".+?",
    "value": ".+?",
    "word": "[^;,()]+?",
    "startup": _PARTY,
    "expert": _PARTY,
    "party": _PARTY,
}
# A particle in both of its forms, after a letter that decides between them.
_PARTICLE = re.compile(r"([0-9가-힣])\(으\)로")
# Digits that are read with a vowel or ㄹ at their end: 일, 이, 사, 오, 칠, 팔, 구.
_OPEN_DIGITS = "1245789"
# Of the letters of Hangul so many differ in their end alone, the first of which have none; the place of ㄹ among these.
_FINALS, _RIEUL = 28, 8
_REST = re.compile(r"(.+?)( \(.*\))?", re.DOTALL)


@dataclass(frozen=True)
class Pattern:
    """A wording of the core and how it is written anew. names: of its texts, in their order."""

    english: str
    told: str
    names: tuple[str, ...]
    whole: re.Pattern[str] = field(compare=False)

    @property
    def weight(self) -> int:
        """How many letters are given: of two patterns that fit, the one with more says more."""
        return sum(len(part) for part in _TOKEN.split(self.english) if not part.startswith("{"))

    @cached_property
    def key(self) -> str:
        """The longest stretch of letters that every sentence of this wording has."""
        return max((part for part in _TOKEN.split(self.english) if not part.startswith(("{", "}"))), key=len)

    def readings(self, text: str) -> Iterator[list[tuple[int, int]]]:
        """Yield where each text of the sentence may stand. One that begins with a sentence may end it anywhere."""
        found = self.whole.fullmatch(text)
        for _ in range(_READINGS if self.begins else 1):
            if not found:
                return
            yield [found.span(at + 1) for at in range(len(self.names))]
            found = self._longer(text, found.end(1) + 1) if self.begins else None

    @property
    def begins(self) -> bool:
        """Whether a sentence is its first part."""
        return self.english.startswith("{") and self.names[:1] != () and self.names[0].endswith("sentence")

    def _longer(self, text: str, least: int) -> re.Match[str] | None:
        """Return the match whose first text is `least` or more letters long."""
        rest = self.whole.pattern.removeprefix(f"({_TEXTS['sentence']})")
        return re.compile(f"(.{{{least},}}?){rest}", re.DOTALL).fullmatch(text)


def wordings(english: str) -> Iterator[str]:
    """Yield each literal text that a pattern stands for; a NUL where a text of the sentence comes."""
    parts = [_choices(part) for part in _TOKEN.split(english)]
    yield from map("".join, product(*parts))


def _choices(part: str) -> list[str]:
    if part in ("{{", "}}"):
        return [part[0]]
    if part.startswith("{"):
        return part[1:-1].split("|") if "|" in part else ["\0"]
    return [part]


@cache
def patterns(code: str) -> tuple[Pattern, ...]:
    """Return the patterns of a language, those that begin with a sentence first, then those that say most.

    Such a sentence must be known itself, so where one of these fits, it fits best. English comes from the Korean ones.
    """
    with (FOLDER / "sentences.ko.po").open(encoding="utf-8") as lines:
        kept = {str(one.id): str(one.string) for one in read_po(lines) if one.id}
    found = [_pattern(english, english if code == "en" else told) for english, told in kept.items()]
    return tuple(sorted(found, key=lambda one: (not one.begins, -one.weight)))


def _pattern(english: str, told: str) -> Pattern:
    names: list[str] = []
    written = ""
    for part in _TOKEN.split(english):
        if part.startswith("{") and part != "{{" and "|" not in part:
            names.append(part[1:-1])
            written += f"({_text(part[1:-1])})"
        else:
            choices = "|".join(map(re.escape, _choices(part)))
            written += f"(?:{choices})" if part.startswith("{") else choices
    return Pattern(english, told, tuple(names), re.compile(written, re.DOTALL))


def _text(name: str) -> str:
    """Return what a text of this name may be, as a regular expression."""
    return r"\S+?" if name in _NUMBERS else _TEXTS.get(name.rpartition("_")[2], r"(?:(?!; ).)+?")


def say(code: str, text: str, names: Names) -> str:
    """Return a sentence of the core in a language, with names in place of ids."""
    return _Teller(code, names).say(text) or text


class _Asked(dict[tuple[str, str], str]):
    """Names of nobody, that keep whom a sentence asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.parties: set[tuple[str, str]] = set()

    def __contains__(self, party: object) -> bool:
        if isinstance(party, tuple):
            self.parties.add(party)
        return False


def parties_in(text: str) -> set[tuple[str, str]]:
    """Return whom a sentence of the core may name, as (side, id)."""
    asked = _Asked()
    say("en", text, asked)
    return asked.parties


class _Teller:
    """Says sentences in one language; what it found of a part is kept, for parts repeat."""

    def __init__(self, code: str, names: Names) -> None:
        self._code, self._names = code, names
        self._found: dict[str, str | None] = {}

    def say(self, text: str, depth: int = 0) -> str | None:
        """Return the sentence, None where a part of it that must be known is not."""
        if depth > _DEEPEST or len(text) > _LONGEST:
            return None
        if text not in self._found:
            self._found[text] = self._say(text, depth)
        return self._found[text]

    def _say(self, text: str, depth: int) -> str | None:
        for pattern in (one for one in patterns(self._code) if one.key in text):
            for spans in pattern.readings(text):
                parts = zip(pattern.names, spans, strict=True)
                values = [self._part(name, text[begin:end], depth) for name, (begin, end) in parts]
                if None not in values:
                    told = [str(value) for value in values]
                    return _changed(text, spans, told) if self._code == "en" else _filled(pattern, told)
        return None

    def _part(self, name: str, text: str, depth: int) -> str | None:
        """Return a text of a sentence as its reader reads it, None for a part that must be known and is not."""
        kind = name.rpartition("_")[2]
        if kind == "sentence":
            return self.say(text, depth + 1)
        if kind == "list":
            parts = [self.say(one, depth + 1) for one in text.split(", ")]
            return None if None in parts else ", ".join(map(str, parts))
        if kind == "word":
            return self.say(text, depth + 1) or text
        return _NAMED[kind](text, self._names) if kind in _NAMED else text


def _changed(text: str, spans: Sequence[tuple[int, int]], values: Sequence[str]) -> str:
    """Return the very words that were found, with these values in place of those that stand there."""
    told, at = "", 0
    for (begin, end), value in zip(spans, values, strict=True):
        told, at = told + text[at:begin] + value, end
    return told + text[at:]


def _filled(pattern: Pattern, values: Sequence[str]) -> str:
    known = dict(zip(pattern.names, values, strict=True))

    def written(part: str) -> str:
        return part[0] if part in ("{{", "}}") else known[part[1:-1]] if part.startswith("{") else part

    return _with_particles("".join(map(written, _TOKEN.split(pattern.told))))


def _with_particles(text: str) -> str:
    """Return a Korean sentence with one particle where both stand, as what is before is read: 4로 and 3으로."""
    return _PARTICLE.sub(lambda found: found[1] + ("로" if _ends_open(found[1]) else "으로"), text)


def _ends_open(letter: str) -> bool:
    """Return whether a letter of Hangul or a digit, as it is read, ends in a vowel or in ㄹ."""
    if letter.isascii():
        return letter in _OPEN_DIGITS
    return (ord(letter) - ord("가")) % _FINALS in (0, _RIEUL)


def _called(*sides: Side) -> Callable[[str, Names], str]:
    def call(id_: str, names: Names) -> str:
        return next((names[side, id_] for side in sides if (side, id_) in names), id_)

    return call


def _each(call: Callable[[str, Names], str]) -> Callable[[str, Names], str]:
    """Several of a kind, each with a remark in brackets or without."""

    def calls(text: str, names: Names) -> str:
        found = (_REST.fullmatch(one) for one in text.split(", "))
        return ", ".join(call(one[1], names) + (one[2] or "") for one in found if one)

    return calls


_NAMED = {
    "startup": _called(Side.STARTUP),
    "expert": _called(Side.EXPERT),
    "party": _called(Side.STARTUP, Side.EXPERT),
    "startups": _each(_called(Side.STARTUP)),
    "experts": _each(_called(Side.EXPERT)),
    "parties": _each(_called(Side.STARTUP, Side.EXPERT)),
}
