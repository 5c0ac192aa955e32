"""A quota as the fields of a form, and back: the ids of each side, or what those in it are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.console.api import Refused
from service.console.entries import Entry, typed_value
from service.console.visitor import Form
from service.reading.assignment_schema import MOST_PAIRS
from service.reading.program import ExpertGroupRow, QuotaRow, StartupGroupRow

Fields = dict[str, Any]
_MOST_DIGITS = len(str(MOST_PAIRS))
GROUPS = {"startups": tuple(StartupGroupRow.model_fields), "experts": tuple(ExpertGroupRow.model_fields)}
ENTRIES = (
    Entry("name"),
    *(
        entry
        for side, filters in GROUPS.items()
        for entry in (Entry(f"{side}.ids", "list"), *(Entry(f"{side}.{one}") for one in filters))
    ),
    Entry("min", "number"),
    Entry("max", "number"),
)


def typed_quota(form: Form, kept: Mapping[str, Any]) -> Fields:
    """Return the quota of a form; kept: as it was, for what is too long to stand in a form. Raises `Refused`."""
    typed = {one.name: typed_value(one, str(form[one.name])) for one in ENTRIES if one.name in form}
    values = {name: value for name, value in {**kept, **typed}.items() if value is not None}
    quota = {"name": values.get("name")} | {name: _count(values.get(name)) for name in ("min", "max")}
    for side, filters in GROUPS.items():
        ids = values.get(f"{side}.ids")
        group = {one: values[f"{side}.{one}"] for one in filters if f"{side}.{one}" in values}
        if ids and group:
            told = f"found ids and {', '.join(group)} in one side, expected one of the two"
            seen = f"{side}.ids" if f"{side}.ids" in form else f"{side}.{next(iter(group))}"
            raise Refused(422, "1 problem in what was sent", [(seen, told)])
        quota[side] = ids or group or None
    return {name: value for name, value in quota.items() if value is not None}


def _count(value: object) -> object:
    """Return the number of a field, or its text, which the API will then refuse."""
    is_number = isinstance(value, str) and value.isdecimal() and len(value) <= _MOST_DIGITS
    return int(str(value)) if is_number else value


def flat(quota: Mapping[str, Any]) -> Fields:
    """Return a quota as its form has it, what it leaves out left out: experts.ids, experts.kind."""
    kept = QuotaRow.model_validate(quota).model_dump(mode="json", exclude_defaults=True)
    fields = {name: value for name, value in kept.items() if name not in GROUPS}
    for side in GROUPS:
        held = kept.get(side, {})
        fields |= {f"{side}.ids": held} if isinstance(held, list) else {f"{side}.{one}": held[one] for one in held}
    return fields


def at_fields(refused: Refused, at: int) -> Refused:
    """Return what was refused with its places as fields of the form: quotas.3.startups is startups.ids."""
    names = {one.name for one in ENTRIES}
    errors = []
    for where, what in refused.errors:
        field = where.removeprefix(f"quotas.{at}.")
        ids = f"{field.partition('.')[0]}.ids"
        errors.append((ids if field not in names and ids in names else field, what))
    return Refused(refused.status, refused.detail, errors)
