"""Lexical evidence: how much of what a passage says is said in the same words by another.

BM25 (Robertson and Zaragoza 2009), as a share of the most that the asking passage could reach:

    share(q, p) = Σ rarity(w) n(w, q) tf(w, p) / (c + Σ rarity(w) n(w, q))        tf(w, p) = n(w, p) / (n(w, p) + k₁)

over the words w of q, n their counts: 0 with no word in common, towards 1 / (1 + k₁) where every word of a long q is
in p once. The constant c keeps a need of one word from being wholly answered by whoever says it. Rarity comes from a
background of general text, and passages are cut to similar lengths, so nothing here depends on the cohort: there is
no cohort-wide document frequency and no average length.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from matcher.lexicon import Words

# Once is nearly as good as often: passages are short. (Korean questions, 58: the right passage is first in 85 % of
# cases with 0.3, 76 % with 0.9 and 1.2, both joined with the encoder; see docs/relevance.md.)
SATURATION = 0.3

# The rarity of one telling word. (8 and 20 cost the gold standard 0.003 and 0.004 of loss and more of a brief need.)
BRIEF = 5.0

Share = NDArray[np.float64]


@dataclass(frozen=True)
class SharedWords:
    """The words of the asking passages (p, vocabulary) and of the answering ones (vocabulary, c)."""

    asks: csr_array
    answers: csr_array

    def of(self, begin: int, end: int, columns: NDArray[np.intp] | None = None) -> Share:
        """Return the shares in [0, 1] of the asking passages begin to end − 1 with these columns, or all.

        What one pair shares is summed in the order of its words, so that no other passage changes its last bit.
        """
        answers = self.answers if columns is None else self.answers[:, columns]
        return np.asarray((self.asks[begin:end] @ answers).todense(), dtype=np.float64)


@dataclass(frozen=True)
class AnsweringWords:
    """The words of the answering passages, ready for any that ask. table: (vocabulary, c)."""

    vocabulary: Mapping[str, int]
    table: csr_array

    def asked_by(self, asks: Sequence[Words]) -> SharedWords:
        """Return the words of both sides side by side; a word that nobody answers with is shared with nobody."""
        asked = (_asked(words) for words in asks)
        known = [{form: share for form, share in row.items() if form in self.vocabulary} for row in asked]
        return SharedWords(_table(known, self.vocabulary), self.table)


def answering_words(answers: Sequence[Words]) -> AnsweringWords:
    """Return the words of the answering passages as a table of their own."""
    vocabulary = _numbered(answers)
    table = _table([_answered(words, vocabulary) for words in answers], vocabulary)
    return AnsweringWords(vocabulary, csr_array(table.T))


def share_words(asks: Sequence[Words], answers: Sequence[Words]) -> SharedWords:
    """Return the words of both sides side by side."""
    vocabulary = _numbered(asks)
    asked = [_asked(words) for words in asks]
    answered = [_answered(words, vocabulary) for words in answers]
    return SharedWords(_table(asked, vocabulary), csr_array(_table(answered, vocabulary).T))


def _numbered(passages: Sequence[Words]) -> Mapping[str, int]:
    """Return a number for every word, in their order: in it the shares of a pair are summed."""
    forms = sorted({word.form for words in passages for word in words})
    return {form: at for at, form in enumerate(forms)}


def _asked(words: Words) -> dict[str, float]:
    """Return what share of the passage's whole rarity, and of `BRIEF` beside it, each word holds."""
    counts = Counter(word.form for word in words)
    weights = {word.form: word.rarity * counts[word.form] for word in words}
    whole = BRIEF + math.fsum(weights.values())
    return {form: weight / whole for form, weight in weights.items()}


def _answered(words: Words, vocabulary: Mapping[str, int]) -> dict[str, float]:
    counts = Counter(word.form for word in words if word.form in vocabulary)
    return {form: count / (count + SATURATION) for form, count in counts.items()}


def _table(rows: Sequence[Mapping[str, float]], vocabulary: Mapping[str, int]) -> csr_array:
    """Return the rows as (len(rows), len(vocabulary)), the entries of each in the order of the vocabulary."""
    values = np.array([value for row in rows for value in row.values()], dtype=np.float64)
    columns = np.array([vocabulary[form] for row in rows for form in row], dtype=np.intp)
    first = np.cumsum([0] + [len(row) for row in rows])
    table = csr_array((values, columns, first), shape=(len(rows), len(vocabulary)))
    table.sort_indices()
    return table
