"""Outcomes → what each startup asked and who answered: what a ranker learns from."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from matcher.profiles import Cohort, Kind, Startup

# Who takes a startup says so within half a year; between two rounds of a startup lies a year and more.
_ANSWERED_WITHIN = dt.timedelta(days=180)


@dataclass(frozen=True)
class Outcome:
    """That an expert took a startup, or was asked and declined, and when if that is known.

    date: the first day that it may have been, where only a year or month is known: what is learned from must have come
    before it.
    """

    startup: str
    expert: str
    date: dt.date | None = None
    taken: bool = True


@dataclass(frozen=True)
class Question:
    """A startup as it asked on its day, the ids of who took it and of who declined it, until the last who took it did.

    days: of the answers, those that are known. told_before: relations of later days may have come of the answers.
    """

    startup: Startup
    takers: tuple[str, ...]
    decliners: tuple[str, ...]
    days: tuple[dt.date, ...]
    told_before: dt.date

    @property
    def day(self) -> dt.date | None:
        """The day of the last answer: before it, nothing can be learned from this."""
        return max(self.days, default=None)


def questions(cohort: Cohort, outcomes: Sequence[Outcome], kind: Kind) -> list[Question]:
    """Return by startup and day asked who took it."""
    startups = {startup.id: startup for startup in cohort.startups}
    experts = {expert.id for expert in cohort.experts_of(kind)}
    taken: defaultdict[tuple[str, dt.date | None], list[Outcome]] = defaultdict(list)
    declined: defaultdict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.expert in experts and outcome.taken:
            taken[outcome.startup, _asked_on(startups[outcome.startup], outcome)].append(outcome)
        elif outcome.expert in experts:
            declined[outcome.startup].append(outcome)
    return [
        _question(_as_of(startups[id_], day), told, declined[id_], _told_before(startups[id_], day))
        for (id_, day), told in taken.items()
    ]


def _asked_on(startup: Startup, outcome: Outcome) -> dt.date | None:
    """Return the day on which the startup asked, None where nobody knows.

    It asks when it applies, in use as well: what is done from then until somebody takes it is known to no ranking, and
    a deal of those weeks may be its own round under another name. An outcome before that, or long after, is of another
    round, which asked on a day of its own: the outcome's is the nearest that is known.
    """
    if startup.date is None or outcome.date is None:
        return startup.date or outcome.date
    is_answer = dt.timedelta(0) <= outcome.date - startup.date <= _ANSWERED_WITHIN
    return startup.date if is_answer else outcome.date


def _as_of(startup: Startup, day: dt.date | None) -> Startup:
    """Return the startup as it asked on that day. Its row describes one round: of another the stage is unknown."""
    is_another = startup.date is not None and day != startup.date
    return replace(startup, date=day, stage="" if is_another else startup.stage)


def _told_before(startup: Startup, day: dt.date | None) -> dt.date:
    """Return the day before which a relation did not come of the answers.

    Who takes a startup may be told to have done so before the answer is, up to as long as an answer takes; where the
    startup asked on a day of its own, that lies before both.
    """
    if day is None:
        return dt.date.min
    return day if day == startup.date else max(day, dt.date.min + _ANSWERED_WITHIN) - _ANSWERED_WITHIN


def _question(
    startup: Startup, taken: Sequence[Outcome], declined: Sequence[Outcome], told_before: dt.date
) -> Question:
    days = tuple(filter(None, (one.date or startup.date for one in taken)))
    takers = tuple(dict.fromkeys(one.expert for one in taken))
    return Question(startup, takers, _decliners(declined, max(days, default=None), takers), days, told_before)


def _decliners(declined: Sequence[Outcome], day: dt.date | None, takers: Container[str]) -> tuple[str, ...]:
    """Return who had declined by the day: a later answer is not known yet."""
    known = [one for one in declined if one.date is None or day is None or one.date <= day]
    return tuple(dict.fromkeys(one.expert for one in known if one.expert not in takers))
