"""What the evidence between two passages is worth, measured against fixed background passages.

The evidence is the similarity of their vectors and the share of words they have in common:

    evidence = similarity + weight · share

It is comparable only inside one encoder and one pair of languages: multilingual-e5 puts two unrelated texts at 0.8,
prefers its own language, and a translation is less like its original than a copy is. So each pair of languages gets
four points, all measured on the background:

    usual   the median of passages on different subjects               worth 0
    rare    what one in a thousand of those exceeds                    worth 0.3
    same    the median of a passage with itself, or its translation    worth 0.9
    most    the greatest there can be                                  worth 1

Between them worth is linear. It falls off with rarity about as a tenth of the decades: 0.3 is reached by one unrelated
pair in a thousand. (Among Korean and English news of which both compete, a sentence finds its translation first in 10 %
of cases from Korean and 27 % from English with raw similarity, in 86 % and 87 % with all of this: docs/relevance.md.)

Where an encoder reads several languages, each one's mean vector is taken away first: it only says which language a
text is in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from matcher.encoding import Role, Vectors
from matcher.errors import BadInput
from matcher.languages import Language
from matcher.lexicon import Words
from matcher.passages import Passage
from matcher.shared_words import Share, share_words

# Raised when the numbers and rules here or in `matcher.shared_words` change: a calibration holds for one of them.
RULES = 1
_LANGUAGES = list(Language)
_RARE = 0.001
_BY_CHANCE = 0.05
_WORTH_OF_KNOTS = np.array([0.0, 0.3, 0.9, 1.0])
# Across languages only numbers and names can be shared, and a chance hit among them says little.
_WORDS_WITHIN = 2.0
_WORDS_ACROSS = 0.5
# Vectors that are made float64 at a time: 1.5 MB of a view, still in the processor's cache when they are multiplied.
_AT_ONCE = 512

Evidence = NDArray[np.float64]
Worth = NDArray[np.float32]
Codes = NDArray[np.intp]
# By language: (Korean, English), each (b, d) or b entries of the same b background passages.
Both = tuple[Vectors, Vectors]


def language_codes(passages: Sequence[Passage]) -> Codes:
    """Return the position of each passage's language among `Language`."""
    return np.array([_LANGUAGES.index(passage.language) for passage in passages], dtype=np.intp)


@dataclass(frozen=True)
class View:
    """Columns `begin` to `end` − 1 of the vectors, which compare passages where both are in one of `languages`."""

    begin: int
    end: int
    languages: tuple[Language, ...] = tuple(Language)

    @property
    def codes(self) -> list[int]:
        """The codes of its languages."""
        return [_LANGUAGES.index(language) for language in self.languages]


@dataclass(frozen=True)
class Spoken:
    """Those of p passages that are in one language. rows: (k,) where they stand. vectors: (p, d), centred, of all."""

    language: int
    rows: Codes
    vectors: Vectors

    def seen_in(self, view: View, some: slice) -> NDArray[np.float64]:
        """Return the vectors of some of them in a view, in the numbers they are compared in."""
        return self.vectors[self.rows[some], view.begin : view.end].astype(np.float64)


@dataclass(frozen=True)
class Background:
    """The background passages as an encoder and a lexicon see them.

    vectors: by role. words: (Korean, English). subjects: of each passage; two on different ones are unrelated.
    """

    vectors: Mapping[Role, Both]
    words: tuple[Sequence[Words], Sequence[Words]]
    subjects: Sequence[str]


@dataclass(frozen=True)
class Calibration:
    """What evidence is worth under one encoder and one lexicon, per pair of languages, in the order of `Language`.

    fingerprint: of what it was measured with. views: a later one takes precedence. centres: by role (3, d), the mean
    vector of each language, 0 in views of one language. knots: (3, 3, 4), startup side, expert side, ascending
    evidence. chance in [0, 1]: the worth that one in twenty unrelated pairs of the background exceeds.
    """

    fingerprint: str
    views: tuple[View, ...]
    centres: Mapping[Role, Vectors]
    knots: NDArray[np.float64]
    chance: float

    def centre(self, vectors: Vectors, languages: Codes, role: Role) -> Vectors:
        """Return the vectors (p, d) without their language's mean, unit rows in each view, 0 outside it."""
        if not len(vectors):
            return vectors
        centred = np.zeros_like(vectors)
        for view in self.views:
            rows, columns = np.isin(languages, view.codes), slice(view.begin, view.end)
            centred[rows, columns] = _unit_rows(vectors[rows, columns] - self.centres[role][languages[rows], columns])
        return centred

    def view(self, ask: int, answer: int) -> View:
        """Return the view in which passages of these languages are compared."""
        return _last_of_both(self.views, ask, answer)

    def reach(self, similarity: Evidence, ask: int, answer: int) -> Evidence:
        """Return what orders passages of all languages by similarity alone: worth, and what lies under it below 0."""
        usual, rare = self.knots[ask, answer, :2]
        below = np.minimum(similarity - usual, 0) / (rare - usual)
        reach: Evidence = np.interp(similarity, self.knots[ask, answer], _WORTH_OF_KNOTS) + below
        return reach

    def similarity(self, asks: Sequence[Spoken], answers: Sequence[Spoken]) -> Evidence:
        """Return the similarity (p, q) of centred vectors, each pair seen in its own view."""
        return similarity(self.views, asks, answers)

    def worth(self, similarity: Evidence, share: Share, asks: Codes, answers: Codes) -> Worth:
        """Return what similarity and share (p, q) are worth together, in [0, 1]; asks (p,), answers (q,): codes."""
        evidence = similarity + words_weight(asks, answers) * share
        worth = np.zeros(evidence.shape, dtype=np.float32)
        for ask, answer in product(_present(asks), _present(answers)):
            at = np.ix_(asks == ask, answers == answer)
            worth[at] = np.interp(evidence[at], self.knots[ask, answer], _WORTH_OF_KNOTS)
        return worth


def _present(codes: Codes) -> list[int]:
    found: list[int] = np.flatnonzero(np.bincount(codes)).tolist()
    return found


def spoken(vectors: Vectors, languages: Codes) -> tuple[Spoken, ...]:
    """Return centred vectors (p, d) by their languages (p,)."""
    return tuple(Spoken(code, np.flatnonzero(languages == code), vectors) for code in _present(languages))


def similarity(views: Sequence[View], asks: Sequence[Spoken], answers: Sequence[Spoken]) -> Evidence:
    """Return the inner products (p, q), each in the last view that holds both languages.

    In float64 a product does not depend on who else is compared, so that a newcomer moves nobody's score. Vectors are
    float64 for a moment only: all of them at once would take twice the room of the vectors themselves.
    """
    found = np.empty((sum(len(one.rows) for one in asks), sum(len(one.rows) for one in answers)))
    for ask, answer in product(asks, answers):
        view = _last_of_both(views, ask.language, answer.language)
        ours = ask.seen_in(view, slice(None))
        for begin in range(0, len(answer.rows), _AT_ONCE):
            some = slice(begin, begin + _AT_ONCE)
            found[np.ix_(ask.rows, answer.rows[some])] = (ours @ answer.seen_in(view, some).T).astype(np.float32)
    return found


def _last_of_both(views: Sequence[View], ask: int, answer: int) -> View:
    return [view for view in views if {ask, answer} <= set(view.codes)][-1]


def words_weight(asks: Codes, answers: Codes) -> Evidence:
    """Return (p, q): what the share of common words weighs beside the similarity."""
    return np.where(asks[:, None] == answers[None, :], _WORDS_WITHIN, _WORDS_ACROSS)


def measure(fingerprint: str, views: Sequence[View], background: Background) -> Calibration:
    """Return the calibration from background passages that stand in Korean and in English.

    Another language than the two gets the mean of their centres, and a pair with it the mean of the four pairs as
    the first view sees them. Raises `BadInput` for an encoder that does not tell a text from an unrelated one.
    """
    centres = {role: _centres(views, vectors) for role, vectors in background.vectors.items()}
    bare = Calibration(fingerprint, tuple(views), centres, np.empty((3, 3, 4)), 0.0)
    general = _measured(bare, background, views[:1])
    knots = np.tile(
        np.mean([_knots(table, background.subjects, pair) for pair, table in general.items()], 0), (3, 3, 1)
    )
    seen = _measured(bare, background, views)
    for pair, table in seen.items():
        knots[pair] = _knots(table, background.subjects, pair)
    unrelated = _unrelated(background.subjects)
    worths = [np.interp(table[unrelated], knots[pair], _WORTH_OF_KNOTS) for pair, table in seen.items()]
    chance = float(np.quantile(np.concatenate(worths), 1 - _BY_CHANCE))
    return Calibration(fingerprint, tuple(views), centres, knots, chance)


def _measured(bare: Calibration, background: Background, views: Sequence[View]) -> dict[tuple[int, int], Evidence]:
    """Return by pair of languages the evidence (b, b) between all background passages."""
    codes = [np.full(len(background.subjects), language) for language in range(2)]
    asks, answers = (
        [bare.centre(background.vectors[role][of], codes[of], role) for of in range(2)]
        for role in (Role.QUERY, Role.PASSAGE)
    )
    count = len(background.subjects)
    found = {}
    for one, other in product(range(2), repeat=2):
        shares = share_words(background.words[one], background.words[other]).of(0, count)
        alike = similarity(views, spoken(asks[one], codes[one]), spoken(answers[other], codes[other]))
        found[one, other] = alike + words_weight(codes[one], codes[other]) * shares
    return found


def _knots(evidence: Evidence, subjects: Sequence[str], pair: tuple[int, int]) -> NDArray[np.float64]:
    """Return usual, rare, same and most for one pair of languages."""
    usual, rare = np.quantile(evidence[_unrelated(subjects)], (0.5, 1 - _RARE))
    same = np.median(np.diagonal(evidence))
    if not usual < min(rare, same):
        raise BadInput(
            "the encoder does not tell a text from an unrelated one on the background passages; found similarity "
            f"{usual:.3f} for unrelated texts, expected less than {same:.3f}, that of equal ones"
        )
    # An encoder of one language may hardly know a translation; then only what is rarer still is worth much.
    same = max(same, rare + (rare - usual) / 4)
    weight = words_weight(*(np.array([code]) for code in pair)).item()
    return np.array([usual, rare, same, max(1 + weight, same + (rare - usual) / 4)])


def _unrelated(subjects: Sequence[str]) -> NDArray[np.bool_]:
    about = np.asarray(subjects)
    different: NDArray[np.bool_] = about[:, None] != about[None, :]
    return different


def _centres(views: Sequence[View], vectors: Both) -> Vectors:
    """Return (3, d): the mean of each language's vectors, of both for any other, and 0 in views of one language."""
    means = np.stack([of_language.mean(axis=0) for of_language in vectors])
    centres = np.concatenate([means, means.mean(axis=0, keepdims=True)]).astype(np.float32)
    for view in views:
        if len(view.languages) == 1:
            centres[:, view.begin : view.end] = 0
    return centres


def _unit_rows(vectors: Vectors) -> Vectors:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, np.finfo(np.float32).tiny), dtype=np.float32)
