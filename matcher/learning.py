"""Outcomes → a learned ranker, tried on later outcomes before it is believed."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matcher.choice_model import Choice, ChoiceModel, calibrate, fit
from matcher.deal_features import FEATURES, REFINING, Feature
from matcher.engine import Engine, Stage, calibrated_for
from matcher.errors import BadInput
from matcher.evaluation import Judged, Measure, measure_lists
from matcher.profiles import Cohort, Kind, Startup
from matcher.ranker import Ranker
from matcher.scored_pairs import records_of

# Startups with an outcome below which nothing is learned: the prior, the score of the parts, stays.
FEWEST = 50
# The newest outcomes are learned from: what experts look for drifts, and more bring nothing (docs/investors.md).
_NEWEST = 1500
# One startup in five, the last ones, is held out to choose the penalty, to calibrate and to measure.
_HELD_OUT = 0.2
_PENALTIES = (0.01, 0.02, 0.05)
# What a refining feature costs: at 0.2 and less the first places of a list suffer, at 0.4 and more what stages tell is
# lost where they tell much (docs/investors.md).
_LASSO = np.array([0.3 if feature in REFINING else 0.0 for feature in FEATURES])


@dataclass(frozen=True)
class Outcome:
    """That an expert took a startup, or was asked and declined, and when if that is known."""

    startup: str
    expert: str
    date: dt.date | None = None
    taken: bool = True


@dataclass(frozen=True)
class Learned:
    """A ranker and where it comes from.

    startups: how many questions it was learned from, outcomes: how many answers. first, last: the days of the first and
    the last one. split: "date" where the held out ones are the latest, "startup" where all are of one day. measures:
    by ranking ("ranker", "activity", "like deals"), of the held out startups.
    """

    ranker: Ranker
    startups: int
    outcomes: int
    first: dt.date
    last: dt.date
    split: str
    measures: Mapping[str, tuple[Measure, ...]]


def learn(cohort: Cohort, outcomes: Sequence[Outcome], kind: Kind, engine: Engine) -> Learned:
    """Return the ranker learned from these outcomes, of experts of one kind.

    Raises `BadInput` for a date in the future and where fewer than `FEWEST` startups have an outcome: whom every expert
    took says nothing of whom they choose.
    """
    _check_dates(outcomes, engine.today)
    everybody = len(cohort.experts_of(kind))
    asked = [one for one in _questions(cohort, outcomes, kind) if len(one.takers) < everybody]
    if len(asked) < FEWEST:
        raise BadInput(
            f"found {len(asked)} startups that some {kind}s took and others did not, expected {FEWEST} or more to "
            "learn from; until then the score without a model is the better guess"
        )
    asked = sorted(asked, key=lambda one: (one.startup.date or engine.today, one.startup.id))[-_NEWEST:]
    choices = _choices(cohort, asked, kind, engine)
    days = [one.startup.date or engine.today for one in asked]
    held, split = _held_out(days)
    before, after = (
        [choice for choice, is_held in zip(choices, held, strict=True) if is_held is side] for side in (False, True)
    )
    fits = {penalty: calibrate(fit(before, penalty, _LASSO), after) for penalty in _PENALTIES}
    penalty = max(_PENALTIES, key=lambda one: _likelihood(fits[one], after))
    tried = fits[penalty]
    model = replace(fit(choices, penalty, _LASSO), slope=tried.slope, intercept=tried.intercept)
    ranker = Ranker(kind, model, calibrated_for(engine.encoder, engine.lexicon))
    answers = sum(len(choice.chosen) for choice in choices)
    return Learned(ranker, len(asked), answers, days[0], days[-1], split, _measures(tried, after))


@dataclass(frozen=True)
class _Question:
    """A startup on one day, and the ids of who took it then and of who had declined it by then."""

    startup: Startup
    takers: tuple[str, ...]
    decliners: tuple[str, ...]


def _check_dates(outcomes: Sequence[Outcome], today: dt.date) -> None:
    late = [one for one in outcomes if one.date and one.date > today]
    if late:
        first = f"{late[0].startup} and {late[0].expert} on {late[0].date}"
        raise BadInput(
            f"found {len(late)} outcomes dated after today, {today} (first {first}), expected dates of the past: mend "
            "them or leave them out"
        )


def _questions(cohort: Cohort, outcomes: Sequence[Outcome], kind: Kind) -> list[_Question]:
    """Return by startup and day who took it. A row describes its last round: of an earlier one the stage is unknown."""
    startups = {startup.id: startup for startup in cohort.startups}
    experts = {expert.id for expert in cohort.experts_of(kind)}
    taken: defaultdict[tuple[str, dt.date | None], dict[str, None]] = defaultdict(dict)
    declined: defaultdict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.expert in experts and outcome.taken:
            taken[outcome.startup, outcome.date][outcome.expert] = None
        elif outcome.expert in experts:
            declined[outcome.startup].append(outcome)
    return [
        _Question(_as_of(startups[id_], date), tuple(takers), _decliners(declined[id_], date, takers))
        for (id_, date), takers in taken.items()
    ]


def _decliners(declined: Sequence[Outcome], day: dt.date | None, takers: Container[str]) -> tuple[str, ...]:
    """Return who had declined by the day: a later answer is not known yet."""
    known = [one for one in declined if one.date is None or day is None or one.date <= day]
    return tuple(dict.fromkeys(one.expert for one in known if one.expert not in takers))


def _as_of(startup: Startup, date: dt.date | None) -> Startup:
    if date is None or date == startup.date:
        return startup
    return replace(startup, date=date, stage=startup.stage if startup.date is None else "")


def _choices(cohort: Cohort, asked: Sequence[_Question], kind: Kind, engine: Engine) -> list[Choice]:
    experts = cohort.experts_of(kind)
    columns = {expert.id: column for column, expert in enumerate(experts)}
    startups = [one.startup for one in asked]

    def positions(ids: Sequence[str]) -> NDArray[np.intp]:
        return np.array(sorted(columns[id_] for id_ in ids), dtype=np.intp)

    records = records_of(startups, experts, engine)
    with engine.watch(Stage.SCORE):
        return [
            Choice(records.features(row), positions(one.takers), positions(one.decliners))
            for row, one in enumerate(asked)
        ]


def _held_out(days: Sequence[dt.date]) -> tuple[list[bool], str]:
    """Return which are held out, of ascending days: the latest, or every fifth where that leaves one side empty."""
    border = days[int(len(days) * (1 - _HELD_OUT))]
    later = [day >= border for day in days]
    if sum(not one for one in later) > len(FEATURES):
        return later, "date"
    return [at % 5 == 4 for at in range(len(days))], "startup"


def _likelihood(model: ChoiceModel, choices: Sequence[Choice]) -> float:
    return float(np.mean([model.shares(choice.features)[choice.chosen].mean() for choice in choices]))


def _measures(model: ChoiceModel, choices: Sequence[Choice]) -> dict[str, tuple[Measure, ...]]:
    activity, like = FEATURES.index(Feature.ACTIVITY), FEATURES.index(Feature.LIKE_DEALS)
    rankings = {
        "ranker": [model.shares(choice.features) for choice in choices],
        "activity": [choice.features[:, activity] for choice in choices],
        "like deals": [choice.features[:, like] for choice in choices],
    }
    return {
        name: tuple(measure_lists([_judged(*one) for one in zip(scores, choices, strict=True)], "startups"))
        for name, scores in rankings.items()
    }


def _judged(scores: NDArray[np.float64], choice: Choice) -> Judged:
    order = np.argsort(-scores, kind="stable")
    grades = np.isin(order, choice.chosen).astype(float)
    return Judged(scores[order], grades, grades > 0)
