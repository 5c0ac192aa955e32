"""`program.toml`, or `program` in a request → the manager's decisions."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from matcher.errors import BadInput
from matcher.profiles import Kind
from matcher.program import (
    ExpertGroup,
    Objective,
    Part,
    Program,
    Quota,
    RelationRule,
    StartupGroup,
    Verdict,
    relation_type,
)
from service.reading.assignment_schema import MOST_PAIRS
from service.reading.problems import Problem, expected

FILE = "program.toml"

# What pydantic calls the readings of a value that may be a list of ids or a group.
_READINGS = ("list[str]", "StartupGroupRow", "ExpertGroupRow")
_COUNT = f"a whole number from 0 to {MOST_PAIRS:,}"

Pair = tuple[str, str]
Weight = Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")


class StartupGroupRow(_Table):
    """A set of startups by what they are."""

    sector: str = ""
    stage: str = ""
    region: str = ""


class ExpertGroupRow(_Table):
    """A set of experts by what they are."""

    sector: str = ""
    stage: str = ""
    region: str = ""
    affiliation: str = ""
    kind: Kind | None = None


class QuotaRow(_Table):
    """A minimum or maximum number of pairs between two sets."""

    name: str = Field("", description="a text")
    startups: list[str] | StartupGroupRow = Field(
        StartupGroupRow(), description="a list of ids, or {sector, stage, region}"
    )
    experts: list[str] | ExpertGroupRow = Field(
        ExpertGroupRow(), description="a list of ids, or {sector, stage, region, affiliation, kind}"
    )
    min: int = Field(0, ge=0, le=MOST_PAIRS, description=_COUNT)
    max: int | None = Field(None, ge=0, le=MOST_PAIRS, description=_COUNT)


class RuleRow(_Table):
    """What relations of a type do."""

    rule: Verdict
    years: Annotated[int, Field(ge=0, le=200)] | None = None
    steps: Annotated[int, Field(ge=1, le=6)] = 1


class ProgramRow(_Table):
    """The program as it stands in a file or a request."""

    name: str = Field("", description="a text")
    seed: int = Field(0, strict=True, ge=0, description="a whole number, 0 or more")
    objective: Literal["total", "fair"] = Field("total", description="total or fair")
    min_score: float | None = Field(None, strict=True, ge=0, le=1, description="a number from 0 to 1")
    pins: list[Pair] = Field([], description='a list of pairs like ["startup id", "expert id"]')
    bans: list[Pair] = Field([], description='a list of pairs like ["startup id", "expert id"]')
    weights: dict[Part, Weight] = Field(
        {}, description=f"a number, 0 or more, for any of {', '.join(part.value for part in Part)}"
    )
    quotas: list[QuotaRow] = Field(
        [], description="a list of {name, startups, experts, min, max}, a side being ids or {sector, stage, region, …}"
    )
    relations: dict[str, RuleRow] = Field({}, description="for each type {rule = forbid, warn or allow, years, steps}")


def read_program(folder: Path) -> tuple[Program, list[Problem]]:
    """Return the program of a cohort folder, the default one where there is no file, and its problems."""
    named = sorted(path for path in folder.iterdir() if path.name.casefold() == FILE)
    if not named:
        meant = [path.name for path in sorted(folder.iterdir()) if path.name.casefold().startswith(f"{FILE}.")]
        if meant:  # what Windows makes of it
            return Program(), [Problem(meant[0], 0, "", f"found {meant[0]}, expected it to be called {FILE}")]
        return Program(), []
    if len(named) > 1:
        return Program(), [
            Problem(FILE, 0, "", f"found {', '.join(path.name for path in named)}, expected one of them")
        ]
    path = named[0]
    if not path.is_file():
        return Program(), [Problem(FILE, 0, "", "is a folder, expected a file")]
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:  # not TOML, not UTF-8, nested or long beyond all measure
        return Program(), [Problem(FILE, 0, "", f"is not TOML: {error}")]
    return parse_program(values)


def parse_program(values: Mapping[str, object]) -> tuple[Program, list[Problem]]:
    """Return the program that these values describe, and the problems that keep it from being used.

    With problems, it is the program as far as it can be understood, so that its pins and bans are checked too.
    """
    problems: list[Problem] = []
    try:
        row = ProgramRow.model_validate(values)
    except ValidationError as error:
        problems = list(_problems(error))
        wrong = {detail["loc"][0] for detail in error.errors(include_url=False)}
        row = ProgramRow.model_validate({key: value for key, value in values.items() if key not in wrong})
    quotas, mistakes = _quotas(row.quotas)
    problems += mistakes
    try:
        return _program(row, quotas), problems
    except BadInput as error:
        return Program(), [*problems, Problem(FILE, 0, "", str(error))]


def _problems(error: ValidationError) -> Iterator[Problem]:
    """Yield one problem a key, and a key of a quota; one we do not know may be a ban with a typing error."""
    seen = set()
    # Of the readings that a value might have had, the one that went deepest tells most.
    for detail in sorted(error.errors(include_url=False), key=lambda detail: -len(detail["loc"])):
        steps = [str(detail["loc"][0]), *(str(step) for step in detail["loc"][1:] if step not in _READINGS)]
        place, wanted = ".".join(steps), _wanted(steps)
        key = tuple(steps[: 3 if steps[0] == "quotas" else 1])
        if key not in seen:
            unknown = detail["type"] == "extra_forbidden"
            message = f"found the unknown key {detail['loc'][-1]!r}, expected {wanted}"
            yield Problem(FILE, 0, place, message if unknown else expected(detail["input"], wanted))
        seen.add(key)


def _wanted(steps: Sequence[str]) -> str:
    """Return what is expected at a place, or of what holds it: quotas, 0, min."""
    field = ProgramRow.model_fields.get(steps[0])
    if steps[0] == "quotas" and len(steps) > 2:
        field = QuotaRow.model_fields.get(steps[2], field)
    return field.description if field and field.description else f"one of {', '.join(ProgramRow.model_fields)}"


def _program(row: ProgramRow, quotas: tuple[Quota, ...]) -> Program:
    types = [relation_type(name) for name in row.relations]
    repeated = sorted({type_ for type_ in types if types.count(type_) > 1})
    if repeated:
        raise BadInput(f"relations: found two rules for {', '.join(repeated)}, expected one for each type")
    program = Program(
        name=row.name,
        seed=row.seed,
        objective=Objective(row.objective),
        min_score=row.min_score,
        pins=tuple(dict.fromkeys(row.pins)),
        bans=tuple(dict.fromkeys(row.bans)),
        weights=row.weights,
        quotas=quotas,
        relation_rules={
            relation_type(name): RelationRule(rule.rule, rule.years, rule.steps) for name, rule in row.relations.items()
        },
    )
    for kind in Kind:
        program.weights_for(kind)
    return program


def _quotas(rows: Sequence[QuotaRow]) -> tuple[tuple[Quota, ...], list[Problem]]:
    """Return the quotas, none where one of them cannot be meant, and a problem for each that cannot."""
    made, problems = [], []
    for number, row in enumerate(rows, 1):
        try:
            made.append(_quota(number, row))
        except BadInput as error:
            problems.append(Problem(FILE, 0, f"quotas.{number - 1}.max", str(error)))
    return () if problems else tuple(made), problems


def _quota(number: int, row: QuotaRow) -> Quota:
    startups = (
        StartupGroup(ids=frozenset(row.startups))
        if isinstance(row.startups, list)
        else StartupGroup(**row.startups.model_dump())
    )
    experts = (
        ExpertGroup(ids=frozenset(row.experts))
        if isinstance(row.experts, list)
        else ExpertGroup(**row.experts.model_dump())
    )
    return Quota(row.name or f"quota {number}", startups, experts, row.min, row.max)
