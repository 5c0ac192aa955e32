"""Why each pair was made, why the next best was not, who is left out, and what data assets are good for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.problem import Assignment, Problem
from matcher.assignment.solve import unmet_sentence
from matcher.corpus import Corpus
from matcher.eligibility import Eligibility
from matcher.passages import Field, Passage
from matcher.profiles import Expert, Kind, Side, Startup
from matcher.program import Part
from matcher.scoring import Scorer, StartupScores
from matcher.similarity import Comparison, compare

# How many takers are named for a data asset.
TAKERS = 3

_PART_OF_FIELD = {
    Field.NEED: Part.NEEDS,
    Field.DATA_ASSET: Part.DATA_ASSETS,
    Field.SUMMARY: Part.SUMMARY,
    Field.DOCUMENT: Part.SUMMARY,
}


@dataclass(frozen=True)
class Evidence:
    """A passage of the startup and the expert's passage that answers it best.

    source: the title of the expert's document, or "expertise". worth in [0, 1]: how well it answers.
    confidential: the startup shows its passage to managers only.
    """

    startup_passage: str
    expert_passage: str
    source: str
    part: Part
    worth: float
    confidential: bool = False


@dataclass(frozen=True)
class Alternative:
    """The best eligible expert that the startup did not get, and why."""

    expert: str
    score: float
    reason: str


@dataclass(frozen=True)
class Match:
    """A pair that was made. score and parts as in `matcher.scoring`; warnings: ties the manager should look at."""

    startup: str
    expert: str
    kind: Kind
    score: float | None
    parts: dict[Part, float | None]
    evidence: tuple[Evidence, ...]
    alternative: Alternative | None
    warnings: tuple[str, ...] = ()
    pinned: bool = False


@dataclass(frozen=True)
class Unmatched:
    """Somebody without a pair, and why. waiting: place on the waiting list, 1 is next, None if not on it."""

    side: Side
    id: str
    kind: Kind
    reason: str
    waiting: int | None = None


@dataclass(frozen=True)
class Taker:
    """An expert who could do something with a data asset, and the document that shows it; worth in [0, 1].

    stands_out: the expert answers it better than nineteen in twenty unrelated texts would. An expert without
    documents is shown by a line of its expertise.
    """

    expert: str
    kind: Kind
    worth: float
    passage: str
    source: str
    stands_out: bool


@dataclass(frozen=True)
class Offer:
    """A data asset of a startup, with the eligible experts that answer it best, best first."""

    startup: str
    data_asset: str
    takers: tuple[Taker, ...]
    confidential: bool = False


@dataclass(frozen=True)
class Outcome:
    """Everything known about one kind after the assignment: what the explanations read.

    scores: one entry a startup. The rows of `eligibility`, `problem` and `scorer` are `startups`.
    """

    kind: Kind
    startups: tuple[Startup, ...]
    experts: tuple[Expert, ...]
    eligibility: Eligibility
    scorer: Scorer
    scores: tuple[StartupScores, ...]
    problem: Problem
    assignment: Assignment

    def score_of(self, row: int, column: int) -> tuple[float | None, dict[Part, float | None]]:
        """Return score and parts of a pair, scoring it now if it was no candidate."""
        scores = self.scores[row]
        if column not in scores.experts:
            scores = self.scorer.score(row, np.array([column]))
        return scores.of(column)

    @property
    def unmet_sentences(self) -> tuple[str, ...]:
        """A sentence for each minimum and pin that a best-effort assignment falls short of."""
        return tuple(unmet_sentence(self.problem, unmet) for unmet in self.assignment.unmet)

    def load(self, column: int) -> int:
        """Return how many pairs the expert at this position has."""
        return sum(1 for _, taken in self.assignment.pairs if taken == column)


def explain_matches(outcome: Outcome) -> Iterator[Match]:
    """Yield the pairs that were made, in the order of the startups."""
    for row, column in outcome.assignment.pairs:
        score, parts = outcome.score_of(row, column)
        yield Match(
            outcome.startups[row].id,
            outcome.experts[column].id,
            outcome.kind,
            score,
            parts,
            evidence(outcome.scorer, row, column),
            best_alternative(outcome, row, score),
            outcome.eligibility.warnings.get((row, column), ()),
            _is_pinned(outcome, row, column),
        )


def evidence(scorer: Scorer, row: int, column: int) -> tuple[Evidence, ...]:
    """Return what speaks for the pair: for each need its best answer, for data and summary the best of each."""
    comparison = compare(scorer.startups, row, scorer.experts, np.array([column]), scorer.calibration)
    if not comparison.columns.size:
        return ()
    first = scorer.startups.first[row]
    best: dict[object, Evidence] = {}
    for at in range(len(comparison.worth)):
        passage = scorer.startups.passages[first + at]
        found = _answer(passage, comparison, at, scorer.experts)
        # Each need is looked at on its own; of the data assets and of the summary's chunks the best one counts.
        key = passage.item if passage.field is Field.NEED else _PART_OF_FIELD[passage.field]
        if found.worth > 0 and (key not in best or found.worth > best[key].worth):
            best[key] = found
    return tuple(best.values())


def _answer(passage: Passage, comparison: Comparison, at: int, experts: Corpus) -> Evidence:
    column = int(comparison.worth[at].argmax())
    answer = experts.passages[comparison.columns[column]]
    worth = round(float(comparison.worth[at, column]), 6)
    part = _PART_OF_FIELD[passage.field]
    return Evidence(passage.text, answer.text, _source(answer), part, worth, passage.confidential)


def _source(passage: Passage) -> str:
    return passage.title or passage.field.value


def best_alternative(outcome: Outcome, row: int, score: float | None) -> Alternative | None:
    """Return the best scored eligible expert that the startup in `row` did not get, and why it did not."""
    taken = {column for at, column in outcome.assignment.pairs if at == row}
    scores = outcome.scores[row]
    rest = [
        (float(value), int(column))
        for column, value in zip(scores.experts, scores.score, strict=True)
        if column not in taken and outcome.problem.open[row, column] and not np.isnan(value)
    ]
    if not rest:
        return None
    value, column = max(rest, key=lambda found: (found[0], -found[1]))
    return Alternative(outcome.experts[column].id, value, _why_not(outcome, column, value, score))


def _why_not(outcome: Outcome, column: int, value: float, score: float | None) -> str:
    most = int(outcome.problem.expert_max[column])
    if score is not None and value <= score:
        return "scores lower"
    if not most:
        return "takes nobody"
    if outcome.load(column) >= most:
        return f"full: {_places(most)} to {_taken_by(outcome, column)}"
    return "scores higher, but the limits, pins or the objective make this pair the better one for the whole"


def _places(most: int) -> str:
    return "its only place goes" if most == 1 else f"its {most} places go"


def _taken_by(outcome: Outcome, column: int) -> str:
    rows = [row for row, taken in outcome.assignment.pairs if taken == column]
    told = (f"{outcome.startups[row].id} ({_shown(outcome.score_of(row, column)[0])})" for row in rows)
    return ", ".join(told) or "nobody"


def _shown(score: float | None) -> str:
    return "unknown" if score is None else f"{score:.2f}"


def explain_choice(outcome: Outcome, row: int, column: int) -> tuple[str, ...]:
    """Return in sentences why an eligible pair was made, or what was made instead."""
    startup, expert = outcome.startups[row].id, outcome.experts[column].id
    score = outcome.score_of(row, column)[0]
    if (row, column) in outcome.assignment.pairs:
        other = best_alternative(outcome, row, score)
        told = [
            f"{startup} and {expert} are matched"
            + (", for they are pinned" if _is_pinned(outcome, row, column) else "")
        ]
        return (*told, f"next best is {other.expert} ({other.score:.2f}): {other.reason}") if other else tuple(told)
    got = [(outcome.experts[at].id, outcome.score_of(row, at)[0]) for of, at in outcome.assignment.pairs if of == row]
    instead = ", ".join(f"{id_} ({_shown(value)})" for id_, value in got) or "nobody"
    load = (
        f"{outcome.load(column)} of {outcome.problem.expert_max[column]} places taken by {_taken_by(outcome, column)}"
    )
    return f"{startup} and {expert} are not matched", f"{startup} got {instead}", f"{expert}: {load}"


def _is_pinned(outcome: Outcome, row: int, column: int) -> bool:
    return (row, column) in outcome.problem.pins


def explain_unmatched(outcome: Outcome) -> Iterator[Unmatched]:
    """Yield the startups without a pair, those on the waiting list first and in its order, then the experts."""
    matched = {row for row, _ in outcome.assignment.pairs}
    alone = [row for row in range(len(outcome.startups)) if row not in matched]
    waiting = sorted(
        (row for row in alone if _best_worth(outcome, row) is not None), key=lambda row: _turn(outcome, row)
    )
    for turn, row in enumerate(waiting, 1):
        reason = _why_left_out(outcome, row)
        yield Unmatched(Side.STARTUP, outcome.startups[row].id, outcome.kind, reason, turn)
    for row in alone:
        if row not in waiting:
            yield Unmatched(Side.STARTUP, outcome.startups[row].id, outcome.kind, _why_impossible(outcome, row))
    busy = {column for _, column in outcome.assignment.pairs}
    for column, expert in enumerate(outcome.experts):
        if column not in busy:
            yield Unmatched(Side.EXPERT, expert.id, outcome.kind, _why_idle(outcome, column))


def _best_worth(outcome: Outcome, row: int) -> float | None:
    """Return the most that a pair of this startup could add to the objective, None if none could be made."""
    open_ = outcome.problem.open[row]
    if not open_.any() or not outcome.problem.startup_max[row]:
        return None
    return float(outcome.problem.gains[row][open_].max())


def _turn(outcome: Outcome, row: int) -> tuple[float, str]:
    return -(_best_worth(outcome, row) or 0.0), outcome.startups[row].id


def _why_left_out(outcome: Outcome, row: int) -> str:
    best = best_alternative(outcome, row, None)
    eligible = int(outcome.eligibility.eligible[row].sum())
    others = f"{eligible} eligible {outcome.kind}{'s' if eligible > 1 else ''}"
    return (
        f"no place left with its {others}; best would be {best.expert} ({best.score:.2f}), {best.reason}"
        if best
        else ""
    )


def _why_impossible(outcome: Outcome, row: int) -> str:
    if not outcome.problem.startup_max[row]:
        return f"takes no {outcome.kind}: its max_matches is 0"
    if not outcome.experts:
        return f"the cohort has no {outcome.kind}"
    eligible = outcome.eligibility.eligible[row]
    if eligible.any() and not eligible[outcome.scores[row].experts].any():
        return f"every {outcome.kind} that lies near it scores below the minimum score"
    if eligible.any():
        return f"nothing is known that it could be compared by with any eligible {outcome.kind}"
    gates = Counter(
        next(gate.name for gate in outcome.eligibility.gates if gate.forbids[row, column])
        for column in range(len(outcome.experts))
    )
    told = ", ".join(f"{count} by {name.replace('_', ' ')}" for name, count in gates.most_common())
    return f"none of the {len(outcome.experts)} {outcome.kind}s is eligible: {told}"


def _why_idle(outcome: Outcome, column: int) -> str:
    if not outcome.problem.expert_max[column]:
        return "takes nobody: its max_load is 0"
    if not outcome.problem.open[:, column].any():
        return "no startup is eligible for it" if outcome.startups else f"no startup seeks a {outcome.kind}"
    return "every startup that is eligible for it has a match that is better for the whole, or no place left"


def explain_offers(outcome: Outcome) -> Iterator[Offer]:
    """Yield every data asset with the experts of this kind that could do most with it."""
    for row, startup in enumerate(outcome.startups):
        if startup.data_assets:
            scored = outcome.scores[row].experts
            chosen = scored[outcome.eligibility.eligible[row, scored]]
            scorer = outcome.scorer
            comparison = compare(scorer.startups, row, scorer.experts, chosen, scorer.calibration)
            hidden = Field.DATA_ASSET in startup.confidential
            for text in dict.fromkeys(startup.data_assets):
                item = startup.data_assets.index(text)
                yield Offer(startup.id, text, tuple(_takers(outcome, row, item, chosen, comparison)), hidden)


def _takers(outcome: Outcome, row: int, item: int, chosen: NDArray[np.intp], comparison: Comparison) -> Iterator[Taker]:
    """Yield the experts among `chosen` that answer the data asset `item` best."""
    scorer = outcome.scorer
    first, end = scorer.startups.first[row : row + 2]
    asset = [
        at
        for at, passage in enumerate(scorer.startups.passages[first:end])
        if passage.field is Field.DATA_ASSET and passage.item == item
    ]
    if not asset or not comparison.columns.size:
        return
    answered = np.nan_to_num(comparison.answered[asset].mean(axis=0))
    for place, at in enumerate(np.argsort(-answered, kind="stable")[:TAKERS]):
        # The best is always named; others only where they do better than chance.
        if answered[at] > (scorer.calibration.chance if place else 0):
            passage = _showing(scorer.experts, comparison, asset, int(chosen[at]))
            worth = round(float(answered[at]), 6)
            expert = outcome.experts[chosen[at]].id
            yield Taker(expert, outcome.kind, worth, passage.text, _source(passage), worth > scorer.calibration.chance)


def _showing(experts: Corpus, comparison: Comparison, asset: list[int], column: int) -> Passage:
    """Return the expert's document that answers the asset best, or its best line where it has none."""
    own = np.flatnonzero(experts.owners[comparison.columns] == column)
    documents = [at for at in own if experts.passages[comparison.columns[at]].field is Field.DOCUMENT]
    among = np.array(documents or own)
    best = int(among[comparison.worth[asset].mean(axis=0)[among].argmax()])
    return experts.passages[int(comparison.columns[best])]
