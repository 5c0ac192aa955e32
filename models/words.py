"""The lexicon: morphemes for Korean, stems for English, names, acronyms and numbers as they are.

The analyser and the frequencies are loaded for the first text that the cache does not hold, and the Korean analyser
(2 s) only where a text has Hangul.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, partial
from importlib.metadata import version
from itertools import groupby
from typing import TYPE_CHECKING, Protocol

from matcher.lexicon import Word, Words
from models.cache import PORTION, Cache
from models.numbers import large_numbers

if TYPE_CHECKING:
    from kiwipiepy import Kiwi
    from Stemmer import Stemmer

# Raised when the rules below change, so that what was cached under the old ones is not used.
_RULES = 4
_HANGUL = re.compile(r"[가-힣]")
_WRITTEN = re.compile(r"[^\W_]+(?:[.,]\d+)*")
# Kiwi's tags of words that carry meaning: nouns, numerals, verbs, adjectives, roots, adverbs, determiners, pronouns.
_MEANING = {"NNG", "NNP", "NNB", "NR", "NP", "VV", "VA", "XR", "MM", "MAG"}
# Kiwi's tags of what is not Korean: Latin letters, Chinese characters, numbers.
_FOREIGN = {"SL", "SH", "SN", "W_SERIAL"}

# Rarity is that of a passage of this many words, about an abstract.
_PASSAGE = 100
# No word counts as rarer: the frequencies of wordfreq end here in English and a decade earlier in Korean.
_RAREST = 1e-7
# About one word in a hundred is a number; of n significant digits there are 9 · 10ⁿ⁻¹. Years are a kind of their own.
_NUMBERS, _YEAR = 0.01, 1e-4
_MOST_DIGITS = 6

_PACKAGES = ("kiwipiepy", "kiwipiepy_model", "pystemmer", "wordfreq")

# Fewer words in capitals may be acronyms: AI, GPT.
_SHOUTED_SPACES = 3

_Row = tuple[str, int, int, float]
# form, begin, end
_Cut = tuple[str, int, int]


class TextCutter(Protocol):
    """What cuts texts into words, with nothing kept between two texts."""

    def words(self, texts: Sequence[str]) -> Iterable[Words]:
        """Return the words of each text."""
        ...

    def release(self) -> None:
        """Let go of what was loaded; the next text loads it again."""
        ...


class CachedLexicon:
    """Cuts each distinct text once, ever; see `matcher.lexicon.Lexicon`."""

    def __init__(self, cache: Cache, cutter: TextCutter) -> None:
        self.cut = 0
        self._cache = cache
        self._cutter = cutter

    def keeping_in(self, cache: Cache) -> CachedLexicon:
        """Return the same with another cache; what is loaded is shared."""
        return CachedLexicon(cache, self._cutter)

    @cached_property
    def fingerprint(self) -> str:
        """The versions of the analyser, the stemmer, the frequencies and the rules."""
        packages = " ".join(f"{name}@{version(name)}" for name in _PACKAGES)
        return f"{packages} rules@{_RULES}"

    def prepare(self) -> None:
        """Load what cuts words, so that the next text does not wait for it."""
        list(self._cutter.words(["준비"]))

    def release(self) -> None:
        """Let go of what cuts words; a text that is new after that loads it again."""
        self._cutter.release()

    def words(self, texts: Sequence[str]) -> list[Words]:
        """Return the words of each text, in the order of `texts` and of their places."""
        distinct = list(dict.fromkeys(texts))
        known = {text: _read(value) for text, value in self._cache.read(self.fingerprint, distinct).items()}
        new = [text for text in distinct if text not in known]
        for start in range(0, len(new), PORTION):
            portion = new[start : start + PORTION]
            cut = dict(zip(portion, self._cutter.words(portion), strict=True))
            self._cache.write(self.fingerprint, {text: _written(words) for text, words in cut.items()})
            self.cut += len(portion)
            known |= cut
        return [known[text] for text in texts]


# What `Word._make` does, without a step in Python for each of hundreds of thousands.
_as_word = partial(tuple.__new__, Word)


def _read(value: bytes) -> Words:
    """Return the words of a row; equal forms are one string, which halves what an index of many texts holds."""
    rows = json.loads(value)
    if not rows:
        return ()
    forms, *rest = zip(*rows, strict=True)
    return tuple(map(_as_word, zip(map(sys.intern, forms), *rest, strict=True)))


def _written(words: Words) -> bytes:
    rows: list[_Row] = [(word.form, word.begin, word.end, word.rarity) for word in words]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()


class Cutter:
    """Cuts texts into words, with nothing kept between two texts."""

    def release(self) -> None:
        """Let go of the analyser, the stemmer and the frequencies; the next text loads them again."""
        for loaded in ("_kiwi", "_stemmer", "_frequencies"):
            self.__dict__.pop(loaded, None)

    def words(self, texts: Sequence[str]) -> Iterator[Words]:
        """Yield the words of each text."""
        for text in texts:
            numbers = list(large_numbers(text))
            cut = [word for word in self._cut(text) if not any(_overlap(word, number) for number in numbers)]
            found = sorted([*cut, *numbers], key=_begin)
            yield tuple(Word(sys.intern(form), begin, end, self._rarity(form)) for form, begin, end in found)

    def _cut(self, text: str) -> Iterator[_Cut]:
        if _HANGUL.search(text):
            return self._korean(text)
        # In a text all in capitals an acronym cannot be told, and MODELS are a MODEL.
        in_capitals = text.isupper() and text.count(" ") >= _SHOUTED_SPACES
        return self._foreign(text, 0, in_capitals)

    def _korean(self, text: str) -> Iterator[_Cut]:
        tokens = self._kiwi.tokenize(text)
        for is_foreign, run in groupby(tokens, key=lambda token: token.tag in _FOREIGN):
            if is_foreign:
                # The analyser cuts GPT4 in two; what is written without a gap is one word.
                for begin, end in _joined([(token.start, token.start + token.len) for token in run]):
                    yield from self._foreign(text[begin:end], begin)
            else:
                for token in run:
                    # "VV-I": an irregular verb. Invisible characters pass for nouns.
                    if token.tag.split("-")[0] in _MEANING and token.form.isprintable():
                        yield token.form, token.start, token.start + token.len

    def _foreign(self, text: str, offset: int, in_capitals: bool = False) -> Iterator[_Cut]:
        for written in _WRITTEN.finditer(text):
            word = written[0]
            # A single letter is a variable, an initial or the mark of a list.
            if len(word) > 1 or not (word.isascii() and word.isalpha()):
                yield self._form(word, in_capitals), offset + written.start(), offset + written.end()

    def _form(self, word: str, in_capitals: bool) -> str:
        """Return the stem; acronyms and what holds a digit are kept, so that AIDS is no aid and GPT4 no GPT."""
        if any(character.isdigit() for character in word):
            return word.casefold().replace(",", "")
        return word.casefold() if word.isupper() and not in_capitals else str(self._stemmer.stemWord(word.casefold()))

    def _rarity(self, form: str) -> float:
        """Return −ln of the chance that a passage of 100 words holds this one, were words drawn by frequency."""
        frequency = max(_number_frequency(form) or self._frequencies.get(form, 0.0), _RAREST)
        return -math.log(-math.expm1(_PASSAGE * math.log1p(-frequency)))

    @cached_property
    def _kiwi(self) -> Kiwi:
        from kiwipiepy import Kiwi

        # Its dictionary of names of several words takes 180 MB, and only joins what is compared word by word here.
        return Kiwi(num_workers=1, load_multi_dict=False)

    @cached_property
    def _stemmer(self) -> Stemmer:
        import Stemmer

        return Stemmer.Stemmer("english")

    @cached_property
    def _frequencies(self) -> dict[str, float]:
        """The share of each Korean morpheme and English stem among all words (wordfreq, Speer 2022)."""
        from wordfreq import get_frequency_dict, get_frequency_list

        shares = defaultdict(float, get_frequency_dict("ko", wordlist="small"))
        for word, share in get_frequency_dict("en", wordlist="large").items():
            shares[self._stemmer.stemWord(word)] += share
        for kept in (get_frequency_dict, get_frequency_list):
            kept.cache_clear()  # nobody asks again, and they hold as much as the result
        return dict(shares)


def _overlap(one: _Cut, other: _Cut) -> bool:
    return one[1] < other[2] and other[1] < one[2]


def _begin(word: _Cut) -> int:
    return word[1]


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans, those that touch made one."""
    joined: list[tuple[int, int]] = []
    for begin, end in spans:
        start = joined.pop()[0] if joined and joined[-1][1] == begin else begin
        joined.append((start, end))
    return joined


def _number_frequency(form: str) -> float | None:
    """Return how often a number with so many significant digits stands in text, None for what is no number."""
    if not form.replace(".", "").isdecimal():
        return None
    if form.isdecimal() and len(form) == 4 and form.startswith(("19", "20")):
        return _YEAR
    digits = len(form.replace(".", "").strip("0")) or 1
    return float(_NUMBERS / (9 * 10 ** (min(digits, _MOST_DIGITS) - 1)))
