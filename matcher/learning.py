"""Outcomes → a learned ranker, tried on later outcomes before it is believed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matcher.choice_model import Caution, Choice, ChoiceModel, calibrate, fit, likelihood_ratio
from matcher.deal_features import FEATURES, REFINING, Feature
from matcher.engine import Engine, Stage, calibrated_for
from matcher.errors import BadInput
from matcher.evaluation import Judged, Measure, measure_lists
from matcher.profiles import Cohort, Kind
from matcher.program import Program
from matcher.questions import Outcome, Question, questions
from matcher.ranker import Ranker
from matcher.scored_pairs import records_of
from matcher.spread import Spread, spread
from matcher.warm_paths import Introductions

# Startups that were taken below which nothing is learned: the prior, the score of the parts, stays.
FEWEST = 50
# The newest questions are learned from: what experts look for drifts, and more bring nothing (docs/investors.md).
_NEWEST = 1500
# One in five, the last ones, is held out to choose the penalty, to calibrate and to measure.
_HELD_OUT = 0.2
_PENALTIES = (0.01, 0.02, 0.05)
# Two experts differ in warm paths by this much at least, in the eyes of the penalty: few startups have any, and one of
# them would otherwise decide what a path is worth.
_LEAST_SPREAD = np.array([0.25 if feature is Feature.WARM_PATH else 0.0 for feature in FEATURES])
# What a refining feature costs: at 0.2 and less the first places of a list suffer, at 0.4 and more what stages tell is
# lost where they tell much (docs/investors.md).
_LASSO = np.array([0.3 if feature in REFINING else 0.0 for feature in FEATURES])
_CAUTION = Caution(_LASSO, _LEAST_SPREAD)
# Of twice the logarithm of a likelihood ratio with one slope, not negative, to choose: 2.5 % lie above (Wilks 1938).
_BY_CHANCE = 3.84


class NothingLearned(BadInput):
    """Why the outcomes of one kind teach nothing: its score without a model stays."""


@dataclass(frozen=True)
class Learned:
    """A ranker and where it comes from.

    startups: how many it was learned from, outcomes: how many answers. first, last: the days of the first and the last
    answer, of those that have one; None where none has. split: "date" where the latest ones were held out, "startup"
    where not all have a day, or nearly all the same. measures: by ranking ("ranker", "activity", "like deals"), of what
    was held out. spreads: of their lists, by ranking too.
    """

    ranker: Ranker
    startups: int
    outcomes: int
    first: dt.date | None
    last: dt.date | None
    split: str
    measures: Mapping[str, tuple[Measure, ...]]
    spreads: Mapping[str, Spread]


def learn(cohort: Cohort, program: Program, outcomes: Sequence[Outcome], kind: Kind, engine: Engine) -> Learned:
    """Return the ranker learned from these outcomes, of experts of one kind.

    Raises `BadInput` for a date in the future. Raises `NothingLearned` where fewer than `FEWEST` startups have an
    outcome (whom every expert took says nothing of whom they choose), and where those held out do not bear it out.
    """
    _check_dates(cohort, outcomes, engine.today)
    everybody = len(cohort.experts_of(kind))
    asked = [one for one in questions(cohort, outcomes, kind) if len(one.takers) < everybody]
    _check_enough(asked, kind)
    # Of one without a day nobody knows that it is new.
    asked = sorted(asked, key=lambda one: (one.day or dt.date.min, one.startup.id))[-_NEWEST:]
    choices = _choices(cohort, program, asked, kind, engine)
    held, split = _held_out(asked)
    before, after = (
        [choice for choice, is_held in zip(choices, held, strict=True) if is_held is side] for side in (False, True)
    )
    fits = {penalty: calibrate(fit(before, penalty, _CAUTION), after) for penalty in _PENALTIES}
    penalty = max(_PENALTIES, key=lambda one: _likelihood(fits[one], after))
    tried = fits[penalty]
    _check_borne_out(tried, after, _apart([one for one, is_held in zip(asked, held, strict=True) if is_held]), kind)
    model = replace(fit(choices, penalty, _CAUTION), slope=tried.slope, intercept=tried.intercept)
    ranker = Ranker(kind, model, calibrated_for(engine.encoder, engine.lexicon))
    answers = sum(len(choice.chosen) for choice in choices)
    days = [day for one in asked for day in one.days]
    span = min(days, default=None), max(days, default=None)
    rankings = _rankings(tried, after)
    documents = [len(expert.documents) for expert in cohort.experts_of(kind)]
    spreads = {name: spread((_order(one).tolist() for one in scores), documents) for name, scores in rankings.items()}
    return Learned(ranker, _startups(asked), answers, *span, split, _measures(rankings, after), spreads)


def _startups(asked: Sequence[Question]) -> int:
    return len({one.startup.id for one in asked})


def _check_dates(cohort: Cohort, outcomes: Sequence[Outcome], today: dt.date) -> None:
    """Raise `BadInput` where an outcome, or a startup whose outcome has no date, is of a day to come."""
    late = [one for one in outcomes if one.date and one.date > today]
    if late:
        first = f"{late[0].startup} and {late[0].expert} on {late[0].date}"
        raise BadInput(
            f"found {len(late)} outcomes dated after today, {today} (first {first}), expected dates of the past: mend "
            "them or leave them out"
        )
    undated = {one.startup for one in outcomes if not one.date}
    to_come = [one for one in cohort.startups if one.id in undated and one.date and one.date > today]
    if to_come:
        raise BadInput(
            f"found {len(to_come)} startups dated after today, {today} (first {to_come[0].id} on {to_come[0].date}), "
            "whose outcomes have no date, expected one of the past: mend the date of the startup, or date its outcomes"
        )


def _check_enough(asked: Sequence[Question], kind: Kind) -> None:
    if (found := _startups(asked)) < FEWEST:
        raise NothingLearned(
            f"found {found} startups that some {kind}s took and others did not, expected {FEWEST} or more to "
            "learn from: until then, the score without a model stays"
        )


def _apart(held: Sequence[Question]) -> float:
    """Return the share of the rounds that are answers of their own: who takes all of a day decided once."""
    return len({(one.day, one.takers if one.day else one.startup.id) for one in held}) / len(held)


def _check_borne_out(tried: ChoiceModel, held: Sequence[Choice], apart: float, kind: Kind) -> None:
    """Raise `NothingLearned` where whom the ranker expected took the held out ones no sooner than others did.

    By chance alone it looks so as often as not: the calibration must make the answers likelier than one probability
    for all does by more than chance would in one of forty cases. apart: the share of the rounds that count for it.
    """
    if apart * likelihood_ratio(tried, held) <= _BY_CHANCE:
        raise NothingLearned(
            f"held out {len(held)} rounds to try what was learned from the others, and the {kind}s who took them "
            "were not, beyond chance, those whom the ranker expected, so that nothing is learned: until more outcomes "
            "tell more, the score without a model stays"
        )


def _choices(cohort: Cohort, program: Program, asked: Sequence[Question], kind: Kind, engine: Engine) -> list[Choice]:
    experts = cohort.experts_of(kind)
    columns = {expert.id: column for column, expert in enumerate(experts)}
    startups = [one.startup for one in asked]

    def positions(ids: Sequence[str]) -> NDArray[np.intp]:
        return np.array(sorted(columns[id_] for id_ in ids), dtype=np.intp)

    # Nothing is shut: what forbids a pair today may be that the expert took the startup then.
    introductions = Introductions(cohort, program)
    records = records_of(
        startups, experts, lambda row: introductions.foretelling(startups[row].id, asked[row].told_before), engine
    )
    with engine.watch(Stage.SCORE):
        return [
            Choice(records.features(row), positions(one.takers), positions(one.decliners))
            for row, one in enumerate(asked)
        ]


def _held_out(asked: Sequence[Question]) -> tuple[list[bool], str]:
    """Return which of the questions, in the order of their days, are held out.

    The latest, or every fifth startup: where not all have a day, where so many are of one day that the latest are far
    from a fifth, and where too few would be left to learn from.
    """
    days = [one.day for one in asked if one.day]
    if len(days) == len(asked):
        border = days[int(len(days) * (1 - _HELD_OUT))]
        later = min(
            ([day >= border for day in days], [day > border for day in days]),
            key=lambda held: abs(sum(held) / len(held) - _HELD_OUT),
        )
        is_fifth = _HELD_OUT / 2 <= sum(later) / len(later) <= 2 * _HELD_OUT
        if is_fifth and sum(not one for one in later) > len(FEATURES):
            return later, "date"
    numbers = {id_: at for at, id_ in enumerate(dict.fromkeys(one.startup.id for one in asked))}
    return [numbers[one.startup.id] % 5 == 4 for one in asked], "startup"


def _likelihood(model: ChoiceModel, choices: Sequence[Choice]) -> float:
    return float(np.mean([model.shares(choice.features)[choice.chosen].mean() for choice in choices]))


def _rankings(model: ChoiceModel, choices: Sequence[Choice]) -> dict[str, list[NDArray[np.float64]]]:
    """Return (m,) what each order thinks of the experts, for each choice."""
    activity, like = FEATURES.index(Feature.ACTIVITY), FEATURES.index(Feature.LIKE_DEALS)
    return {
        "ranker": [model.probability(choice.features) for choice in choices],
        "activity": [choice.features[:, activity] for choice in choices],
        "like deals": [choice.features[:, like] for choice in choices],
    }


def _measures(
    rankings: Mapping[str, Sequence[NDArray[np.float64]]], choices: Sequence[Choice]
) -> dict[str, tuple[Measure, ...]]:
    return {
        name: tuple(measure_lists([_judged(*one) for one in zip(scores, choices, strict=True)], "startups"))
        for name, scores in rankings.items()
    }


def _judged(scores: NDArray[np.float64], choice: Choice) -> Judged:
    order = _order(scores)
    grades = np.isin(order, choice.chosen).astype(float)
    return Judged(scores[order], grades, grades > 0)


def _order(scores: NDArray[np.float64]) -> NDArray[np.intp]:
    return np.argsort(-scores, kind="stable")
