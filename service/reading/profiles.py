"""Checked rows → the profiles of the core, and the checks that look at several fields of a row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator

from pydantic import BaseModel

from matcher.errors import BadInput
from matcher.profiles import Document, Expert, Kind, Limits, Need, Startup
from service.reading.problems import Problem, expected
from service.reading.rows import Parsed
from service.reading.schema import DocumentRow, ExpertRow, StartupRow

_ALL_KINDS = tuple(Kind)
_LIMITS = {"seeks", "min_matches", "max_matches"}


def build_startup(row: StartupRow, documents: tuple[Document, ...], kinds: Collection[Kind]) -> Startup:
    """Return the startup of a row whose limits were checked; `documents` come from a file of their own."""
    return Startup(
        id=row.id,
        name=row.name,
        summary=row.summary,
        data_assets=tuple(row.data_assets),
        needs=tuple(Need(need.text, need.weight) for need in row.needs),
        sectors=tuple(row.sectors),
        stage=row.stage,
        region=row.region,
        raise_usd=row.raise_usd,
        date=row.date,
        languages=tuple(row.languages),
        documents=(*(build_document(document) for document in row.documents), *documents),
        seeks=tuple(dict.fromkeys(row.seeks)),
        limits={kind: _limits(row, kind, kinds) for kind in Kind},
        priority=row.priority,
        confidential=tuple(row.confidential),
        extra=_extra(row),
        email=row.email,
    )


def build_expert(row: ExpertRow, documents: tuple[Document, ...]) -> Expert:
    """Return the expert of a row whose limits were checked; `documents` come from a file of their own."""
    return Expert(
        id=row.id,
        kind=row.kind,
        name=row.name,
        affiliation=row.affiliation,
        email=row.email,
        expertise=tuple(row.expertise),
        documents=(*(build_document(document) for document in row.documents), *documents),
        sectors=tuple(row.sectors),
        stages=tuple(row.stages),
        regions=tuple(row.regions),
        check_usd=row.check_usd,
        languages=tuple(row.languages),
        limits=Limits(row.min_load, row.max_load),
        wants=tuple(row.wants),
        avoids=tuple(row.avoids),
        extra=_extra(row),
    )


def build_document(row: DocumentRow) -> Document:
    """Return the document; a bare year counts as its last day."""
    date = row.date or (dt.date(row.year, 12, 31) if row.year else None)
    authors, sectors = tuple(row.authors), tuple(row.sectors)
    return Document(row.title, row.text, date, authors, sectors, row.stage, row.region, _extra(row))


def _extra(row: BaseModel) -> dict[str, object]:
    """Return the columns we do not know; in an order that does not depend on theirs."""
    return dict(sorted((row.model_extra or {}).items()))


def tells(document: DocumentRow) -> bool:
    """Return whether the document says something to match on."""
    return any((document.title, document.text, document.sectors, document.stage, document.region))


def _limits(row: StartupRow, kind: Kind, kinds: Collection[Kind]) -> Limits:
    """Return the limits for a kind. A number stands for every kind that the startup seeks, 1 is the default maximum."""
    sought = kind in (row.seeks or kinds)
    least = row.min_matches.get(kind, 0) if isinstance(row.min_matches, dict) else row.min_matches * sought
    most = row.max_matches.get(kind, 1) if isinstance(row.max_matches, dict) else row.max_matches
    return Limits(least, most)


def startup_problems(row: Parsed[StartupRow], has_documents: bool, kinds: Collection[Kind]) -> Iterator[Problem]:
    """Yield what is wrong with a startup's fields taken together. kinds: those of the experts present."""
    startup = row.model
    for kind in _ALL_KINDS if row.wrong.isdisjoint(_LIMITS) else ():
        try:
            least = _limits(startup, kind, kinds).least
        except BadInput as error:
            told = " (the default max_matches is 1)" if "max_matches" not in row.row.values else ""
            yield row.problem("min_matches", f"for {kind}: {error}{told}")
            continue
        if least and kind not in (startup.seeks or kinds):
            wanted = f"{kind} in seeks and in the cohort"
            yield row.problem("min_matches", expected(f"a minimum for {kind}", wanted))
    for name in startup.confidential:
        if name not in StartupRow.model_fields and name not in (startup.model_extra or {}):
            yield row.problem("confidential", expected(name, "the name of a column of this row"))
    says = (startup.summary, startup.data_assets, startup.needs, any(map(tells, startup.documents)), has_documents)
    structured = (startup.sectors, startup.stage, startup.region, startup.languages, startup.raise_usd is not None)
    if not any(says) and not any(structured) and not row.wrong:
        wanted = "a summary, data_assets, needs or documents, or one of sectors, stage, region, raise_usd, languages"
        yield row.problem("", f"says nothing to match on, expected {wanted}")


def expert_problems(row: Parsed[ExpertRow], has_documents: bool) -> Iterator[Problem]:
    """Yield what is wrong with an expert's fields taken together."""
    expert = row.model
    try:
        Limits(expert.min_load, expert.max_load if "max_load" not in row.wrong else expert.min_load)
    except BadInput as error:
        told = " (the default max_load is 3)" if "max_load" not in row.row.values else ""
        yield row.problem("min_load", f"{error}{told}")
    low, high = expert.check_usd
    if low is not None and high is not None and low > high:
        yield row.problem("check_usd", expected([low, high], "the smallest check before the largest"))
    mandate = (expert.sectors, expert.stages, expert.regions, expert.languages, low is not None, high is not None)
    if (
        not any((expert.expertise, any(map(tells, expert.documents)), has_documents))
        and not any(mandate)
        and not row.wrong
    ):
        wanted = "expertise or documents, or one of sectors, stages, regions, check_usd, languages"
        yield row.problem("", f"says nothing to match on, expected {wanted}")
