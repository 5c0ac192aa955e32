"""Startups, experts and relations in one line each, and the pairs of a run by name."""

from __future__ import annotations

import datetime as dt
from typing import Any

from matcher.pipeline import Explained
from matcher.profiles import Document, Expert, Kind, Need, Party, Relation, Side, Startup
from tests.fakes import TODAY


def asks(id_: str, *needs: str, **fields: Any) -> Startup:
    """Return a startup with these needs."""
    return Startup(id_, needs=tuple(Need(text) for text in needs), **fields)


def knows(id_: str, *expertise: str, kind: Kind = Kind.PROFESSOR, **fields: Any) -> Expert:
    """Return an expert with these lines of expertise."""
    return Expert(id_, kind, expertise=expertise, **fields)


def wrote(*texts: str) -> tuple[Document, ...]:
    return tuple(Document(text=text) for text in texts)


def party(written: str) -> Party:
    """Return the party written as `startup:ID`, `expert:ID` or `org:NAME`."""
    side, _, id_ = written.partition(":")
    return Party(None if side == "org" else Side(side), id_)


def related(
    source: str, type_: str, target: str, since: dt.date | None = None, until: dt.date | None = None
) -> Relation:
    return Relation(party(source), party(target), type_, since, until)


def years_ago(years: int, days: int = 0) -> dt.date:
    """Return the day that many years and days before the day of the run."""
    return TODAY.replace(year=TODAY.year - years) - dt.timedelta(days=days)


def pairs_of(explained: Explained) -> set[tuple[str, str]]:
    return {(match.startup, match.expert) for match in explained.matches}
