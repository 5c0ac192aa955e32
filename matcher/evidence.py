"""Which passage earned a pair its score, and the words that both sides say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.lexicon import Words
from matcher.passages import Field, Passage
from matcher.program import Part
from matcher.scoring import PART_OF_FIELD, ScoringRule
from matcher.similarity import Comparer

# A word is marked where fewer than one passage in five holds it: what nearly all texts say is no evidence.
_TELLING = float(-np.log(0.2))

# Begin and end of each marked stretch of a text, ascending, none overlapping.
Marks = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Evidence:
    """A passage of the startup and the expert's passage that answers it best.

    source: the title of the expert's document, or "expertise". worth in [0, 1]: how well it answers.
    confidential: the startup shows its passage to managers only. startup_marks, expert_marks: where each passage
    says what the other says in the same words.
    """

    startup_passage: str
    expert_passage: str
    source: str
    part: Part
    worth: float
    confidential: bool = False
    startup_marks: Marks = ()
    expert_marks: Marks = ()

    @property
    def words(self) -> list[str]:
        """The marked words as the expert's passage writes them, each once."""
        return list(dict.fromkeys(self.expert_passage[begin:end] for begin, end in self.expert_marks))


def evidence(scorer: ScoringRule, row: int, column: int) -> tuple[Evidence, ...]:
    """Return what speaks for the pair: for each need its best answer, for data and summary the best of each."""
    comparer = scorer.comparer
    worth = comparer.worth(row)[:, comparer.experts.of(column)]
    if not worth.size:
        return ()
    first = comparer.startups.of(row).start
    answers = (worth.argmax(axis=1) + comparer.experts.of(column).start).tolist()
    best: dict[object, tuple[float, int]] = {}
    for at, found in enumerate(worth.max(axis=1).tolist()):
        passage = comparer.startups.passages[first + at]
        # Each need is looked at on its own; of the data assets and of the summary's chunks the best one counts.
        key = passage.item if passage.field is Field.NEED else PART_OF_FIELD[passage.field]
        if found > 0 and (key not in best or found > best[key][0]):
            best[key] = found, at
    return tuple(_answer(comparer, first + at, answers[at], found) for found, at in best.values())


def _answer(comparer: Comparer, ask: int, answer: int, worth: float) -> Evidence:
    """Return the evidence of the startups' passage `ask` and the experts' passage `answer`."""
    asks, answers = comparer.startups.words[ask], comparer.experts.words[answer]
    asked, answered = comparer.startups.passages[ask], comparer.experts.passages[answer]
    return Evidence(
        asked.text,
        answered.text,
        source_of(answered),
        PART_OF_FIELD[asked.field],
        round(worth, 6),
        asked.confidential,
        _marks(asks, answers),
        _marks(answers, asks),
    )


def source_of(passage: Passage) -> str:
    """Return the title of the document, or the name of the field."""
    return passage.title or passage.field.value


def _marks(words: Words, others: Words) -> Marks:
    """Return where those of `words` stand that `others` hold too."""
    telling = {word.form for word in others if word.rarity >= _TELLING}
    marks: list[tuple[int, int]] = []
    for word in words:
        if word.form in telling:
            # Two morphemes of one contracted syllable share its place.
            overlaps = marks and word.begin < marks[-1][1]
            begin, end = marks.pop() if overlaps else (word.begin, word.end)
            marks.append((begin, max(end, word.end)))
    return tuple(marks)
