"""Profiles that come and go, each encoded once: its passages, vectors and words are kept and put together as needed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matcher.calibration import Calibration, Worth
from matcher.corpus import Corpus, build_corpus
from matcher.encoding import Role
from matcher.engine import Engine
from matcher.lexicon import Words
from matcher.passages import Passage, expert_passages, startup_passages
from matcher.profiles import Expert, Startup
from matcher.shared_words import AnsweringWords, answering_words
from matcher.similarity import Comparer, build_comparer, freshness


@dataclass(frozen=True)
class Piece:
    """The texts of one profile: p passages, (p, d) vectors, p times words."""

    passages: tuple[Passage, ...]
    vectors: NDArray[np.float32]
    words: tuple[Words, ...]


def encode_startups(startups: Sequence[Startup], engine: Engine) -> list[Piece]:
    """Return the texts of each startup, as they ask."""
    return _pieces([startup_passages(0, one) for one in startups], Role.QUERY, engine)


def encode_experts(experts: Sequence[Expert], engine: Engine) -> list[Piece]:
    """Return the texts of each expert, as they answer."""
    return _pieces([expert_passages(0, one) for one in experts], Role.PASSAGE, engine)


def _pieces(passages: Sequence[Sequence[Passage]], role: Role, engine: Engine) -> list[Piece]:
    return split(build_corpus(passages, role, engine.encoder, engine.lexicon, engine.calibration))


def split(corpus: Corpus) -> list[Piece]:
    """Return the texts of each profile; their vectors are views of the corpus."""
    spans = [corpus.of(owner) for owner in range(len(corpus.first) - 1)]
    return [Piece(corpus.passages[span], corpus.vectors[span], corpus.words[span]) for span in spans]


def join(pieces: Sequence[Piece], dimension: int) -> Corpus:
    """Return the texts of several profiles side by side. dimension: of the vectors, where there is none."""
    passages = tuple(replace(one, owner=owner) for owner, piece in enumerate(pieces) for one in piece.passages)
    vectors = [piece.vectors for piece in pieces if len(piece.passages)]
    joined = np.concatenate(vectors) if vectors else np.empty((0, dimension), dtype=np.float32)
    first = np.cumsum([0] + [len(piece.passages) for piece in pieces])
    return Corpus(passages, joined, tuple(words for piece in pieces for words in piece.words), first)


@dataclass(frozen=True)
class Segment:
    """Experts whose texts stand side by side, ready for any startup."""

    experts: tuple[Expert, ...]
    corpus: Corpus
    calibration: Calibration
    today: dt.date

    @cached_property
    def words(self) -> AnsweringWords:
        """Their words."""
        return answering_words(self.corpus.words)

    @cached_property
    def freshness(self) -> Worth:
        """How fresh each of their passages is."""
        return freshness(self.corpus.passages, self.today)

    def compared_with(self, startup: Piece) -> Comparer:
        """Return what compares one startup with all of them."""
        asks = join([startup], self.corpus.vectors.shape[1])
        return Comparer(asks, self.corpus, self.words.asked_by(asks.words), self.freshness, self.calibration)


def compare(startups: Sequence[Piece], experts: Sequence[Piece], engine: Engine) -> Comparer:
    """Return what compares these startups with these experts."""
    dimension = max((piece.vectors.shape[1] for piece in (*startups, *experts)), default=0)
    return build_comparer(join(startups, dimension), join(experts, dimension), engine.calibration, engine.today)
