"""The rows of a cohort as pydantic models. A field's description is what the report of bad rows expects."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from matcher.names import address_in
from matcher.profiles import Kind

_MOST = 1_000_000
_KIND_NAMES = {"교수": "professor", "투자자": "investor"}
_PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?")
_NUMBER = re.compile(r"[-+]?[\d.]+")
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?")


def _split(value: object) -> object:
    """A single text stands for a list of one."""
    return [value] if isinstance(value, str) else value


def _drop_blanks(value: object) -> object:
    if isinstance(value, list):
        return [item for item in value if not (item is None or (isinstance(item, str) and not item.strip()))]
    return value


def _date(value: object) -> object:
    """A bare year or month counts as its last day: a conflict must not lapse early for want of a date."""
    span = _span(value)
    return span[1] if span else _no_number(value)


def _first_day(value: object) -> object:
    """A bare year or month counts as its first day.

    Of a startup, so that no conflict has lapsed by then that may have been in force; of an outcome that is learned
    from, because what foretells it must have come before.
    """
    span = _span(value)
    return span[0] if span else _no_number(value)


def _span(value: object) -> tuple[dt.date, dt.date] | None:
    """Return the first and the last day of a bare year or month, None for anything else."""
    found = _PARTIAL_DATE.fullmatch(str(value).strip()) if isinstance(value, str | int | float) else None
    if not found:
        return None
    year, (first, last) = int(found[1]), (int(found[2]), int(found[2])) if found[2] else (1, 12)
    if year < 1 or not 1 <= first <= 12:
        return None
    return dt.date(year, first, 1), dt.date(year, last, calendar.monthrange(year, last)[1])


def _no_number(value: object) -> object:
    value = str(value) if isinstance(value, int | float) else value
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        raise ValueError("is a number")  # pydantic would take it for seconds since 1970
    return value


def _number(value: object) -> object:
    """Thousands may be separated: "1,500,000"; "1,5" is no number. Nor is True, whatever Python thinks."""
    if isinstance(value, bool):
        raise ValueError("is a truth value")
    is_separated = isinstance(value, str) and _THOUSANDS.fullmatch(value.strip())
    return str(value).replace(",", "") if is_separated else value


def _folded(value: object) -> object:
    return value.strip().casefold() if isinstance(value, str) else value


def _kind(value: object) -> object:
    if isinstance(value, str):
        folded = value.strip().casefold()
        return _KIND_NAMES.get(folded, folded)
    return value


def _need(value: object) -> object:
    return {"text": value} if isinstance(value, str) else value


def _document(value: object) -> object:
    return {"text": value} if isinstance(value, str) else value


def _kinds(value: object) -> object:
    """Names of kinds in any case, as keys too."""
    if isinstance(value, Mapping):
        counts = {_kind(key): count for key, count in value.items()}
        if len(counts) < len(value):
            raise ValueError("names a kind twice")
        return counts
    return value


def _printable(value: str) -> str:
    if not value.isprintable():
        raise ValueError("holds a character that cannot be printed")
    return value


def _address(value: str) -> str:
    """What holds one address is that address; anything else stays, tells nothing, and is warned of."""
    return address_in(value) or value


Text = Annotated[str, Field(max_length=1_000_000)]
Address = Annotated[Text, AfterValidator(_address)]
Identifier = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_printable)]
# An id with the side it stands on before it.
Reference = Annotated[str, Field(min_length=1, max_length=520), AfterValidator(_printable)]
Texts = Annotated[list[Text], BeforeValidator(_drop_blanks), BeforeValidator(_split)]
Day = Annotated[dt.date, BeforeValidator(_date)]
FirstDay = Annotated[dt.date, BeforeValidator(_first_day)]
Money = Annotated[float, BeforeValidator(_number), Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, BeforeValidator(_number), Field(ge=0, le=_MOST)]
KindName = Annotated[Kind, BeforeValidator(_kind)]
OutcomeName = Annotated[Literal["invested", "accepted", "declined", "rating"], BeforeValidator(_folded)]
Kinds = Annotated[list[KindName], BeforeValidator(_drop_blanks), BeforeValidator(_split)]
CountPerKind = Annotated[Count | dict[Kind, Count], BeforeValidator(_kinds)]

_TEXTS = "a list of texts"
_COUNT = f"a whole number from 0 to {_MOST:,}"
_DATE = "a date like 2026-03-31, or a year"
_DOCUMENTS = "a list of {title, text, date or year, authors, sectors, stage, region}"


class _Row(BaseModel):
    model_config = ConfigDict(extra="allow", str_strip_whitespace=True, coerce_numbers_to_str=True)

    @model_validator(mode="before")
    @classmethod
    def _blank_is_absent(cls, values: object) -> object:
        if not isinstance(values, dict):
            return values
        return {name: value for name, value in values.items() if value is not None and value != ""}


class NeedRow(_Row):
    """A need with its weight."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    text: Annotated[str, Field(min_length=1)]
    weight: Annotated[float, BeforeValidator(_number), Field(gt=0, allow_inf_nan=False)] = 1.0


class DocumentRow(_Row):
    """A document inside a profile."""

    title: Text = ""
    text: Text = ""
    date: Day | None = None
    year: Annotated[int | None, BeforeValidator(_number), Field(ge=1000, le=9999)] = None
    authors: Texts = []
    sectors: Texts = []
    stage: Text = ""
    region: Text = ""


Documents = Annotated[
    list[Annotated[DocumentRow, BeforeValidator(_document, json_schema_input_type=str | DocumentRow)]],
    BeforeValidator(_split),
]


class StartupRow(_Row):
    """A startup as it stands in a file or a request."""

    id: Identifier = Field(description="an id of 1 to 500 printable characters")
    name: Text = Field("", description="a text")
    summary: Text = Field("", description="a text")
    data_assets: Texts = Field([], description=_TEXTS)
    needs: Annotated[
        list[Annotated[NeedRow, BeforeValidator(_need, json_schema_input_type=str | NeedRow)]],
        BeforeValidator(_drop_blanks),
        BeforeValidator(_split),
    ] = Field([], description='a list of texts or {text, weight}, in a table "text | 2", each weight above 0')
    sectors: Texts = Field([], description=_TEXTS)
    stage: Text = Field("", description="a text like Seed")
    region: Text = Field("", description="a text like Seoul")
    raise_usd: Money | None = Field(None, description="an amount in US dollars, 0 or more")
    date: FirstDay | None = Field(None, description=_DATE)
    languages: Texts = Field([], description=_TEXTS)
    documents: Documents = Field([], description=_DOCUMENTS)
    seeks: Kinds = Field([], description="a list of professor, investor")
    min_matches: CountPerKind = Field(0, description=f"{_COUNT}, or one per kind (professor=1;investor=2)")
    max_matches: CountPerKind = Field(1, description=f"{_COUNT}, or one per kind (professor=1;investor=2)")
    priority: Annotated[float, BeforeValidator(_number)] = Field(
        1.0, ge=0, allow_inf_nan=False, le=_MOST, description=f"a number from 0 to {_MOST:,}"
    )
    confidential: Texts = Field([], description="a list of names of this row's columns")
    email: Address = Field("", description="one e-mail address such as kim@example.ac.kr")


class ExpertRow(_Row):
    """An expert as it stands in a file or a request."""

    id: Identifier = Field(description="an id of 1 to 500 printable characters")
    kind: KindName = Field(description="professor or investor")
    name: Text = Field("", description="a text")
    affiliation: Text = Field("", description="a text")
    email: Address = Field("", description="one e-mail address such as kim@example.ac.kr")
    expertise: Texts = Field([], description=_TEXTS)
    documents: Documents = Field([], description=_DOCUMENTS)
    sectors: Texts = Field([], description=_TEXTS)
    stages: Texts = Field([], description=_TEXTS)
    regions: Texts = Field([], description=_TEXTS)
    check_usd: tuple[Money | None, Money | None] = Field(
        (None, None), description="the smallest and the largest check in US dollars, [100000, 500000], null for open"
    )
    languages: Texts = Field([], description=_TEXTS)
    min_load: Count = Field(0, description=_COUNT)
    max_load: Count = Field(3, description=_COUNT)
    wants: Texts = Field([], description="a list of startup ids or sectors")
    avoids: Texts = Field([], description="a list of startup ids or sectors")


class RelationRow(_Row):
    """A relation between two parties."""

    source: Reference = Field(description="an id, startup:ID, expert:ID or org:NAME")
    target: Reference = Field(description="an id, startup:ID, expert:ID or org:NAME")
    type: Annotated[str, Field(min_length=1, max_length=10_000)] = Field(
        description="a type like coauthor, family, competitor"
    )
    since: Day | None = Field(None, description=_DATE)
    until: Day | None = Field(None, description=_DATE)


class AliasRow(_Row):
    """Two names, and whether one party stands behind both."""

    canonical: Reference = Field(description="an id, startup:ID, expert:ID or org:NAME")
    alias: Reference = Field(description="an id, startup:ID, expert:ID, org:NAME, or name:SPELLING of an expert")
    same: bool = Field(True, description="yes or no")


class OutcomeRow(_Row):
    """What came of an earlier match."""

    startup: Identifier = Field(description="the id of a startup in the cohort")
    expert: Identifier = Field(description="the id of an expert in the cohort")
    outcome: OutcomeName = Field(description="invested, accepted, declined or rating")
    value: Annotated[float, BeforeValidator(_number)] | None = Field(None, allow_inf_nan=False, description="a number")
    date: Day | None = Field(None, description=_DATE)


class LearnedOutcomeRow(OutcomeRow):
    """The same, to learn from."""

    date: FirstDay | None = Field(None, description=_DATE)


class JudgementRow(_Row):
    """What somebody said of a pair."""

    startup: Identifier = Field(description="the id of a startup in the cohort")
    expert: Identifier = Field(description="the id of an expert in the cohort")
    grade: Annotated[float, BeforeValidator(_number)] = Field(allow_inf_nan=False, description="a number")


class OwnedDocumentRow(DocumentRow):
    """A document in a file of its own."""

    owner: Reference = Field(description="an id, startup:ID or expert:ID")
    title: Text = Field("", description="a text")
    text: Text = Field("", description="a text")
    date: Day | None = Field(None, description=_DATE)
    year: Annotated[int | None, BeforeValidator(_number), Field(ge=1000, le=9999)] = Field(
        None, description="a year like 2024"
    )
    authors: Texts = Field([], description=_TEXTS)
    sectors: Texts = Field([], description=_TEXTS)
