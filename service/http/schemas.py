"""Bodies and answers as OpenAPI tells them; bodies are read by `service.reading`, which tells every mistake at once."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict
from pydantic.json_schema import models_json_schema

from matcher.profiles import Kind, Side
from matcher.program import Objective
from service.http.problems import ProblemDetails
from service.reading.assignment_schema import ProblemRow
from service.reading.program import ProgramRow
from service.reading.schema import AliasRow, ExpertRow, OutcomeRow, OwnedDocumentRow, RelationRow, StartupRow
from service.store.runs import Decision

_EXAMPLE: JsonDict = {
    "startups": [{"id": "leafsight", "needs": ["few labelled photos of plant disease"], "seeks": ["professor"]}],
    "experts": [{"id": "eun", "kind": "professor", "expertise": ["plant disease from photos"], "max_load": 1}],
}
_PROBLEM_EXAMPLE: JsonDict = {
    "id": "p1",
    "startups": [{"id": "s1", "min": 1, "max": 1}],
    "experts": [{"id": "e1", "min": 0, "max": 2}],
    "scores": [[0.5]],
}


class MatchBody(BaseModel):
    """A cohort in the field names of its files."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})
    startups: list[StartupRow] = Field(min_length=1)
    experts: list[ExpertRow] = Field(min_length=1)
    relations: list[RelationRow] | None = None
    documents: list[OwnedDocumentRow] | None = None
    outcomes: list[OutcomeRow] | None = None
    aliases: list[AliasRow] | None = None
    program: ProgramRow | None = None


class AssignBody(ProblemRow):
    """An assignment problem."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_PROBLEM_EXAMPLE]})


class MatchAnswer(BaseModel):
    """Matches as in matches.jsonl, everybody without one and why, and the record of the run."""

    matches: list[dict[str, Any]]
    unmatched: list[dict[str, Any]]
    run: dict[str, Any]


class AssignAnswer(BaseModel):
    """The result of an assignment problem; status infeasible comes with its conflict."""

    model_config = ConfigDict(extra="allow")
    id: str | None = None
    status: str = Field(examples=["optimal"])
    pairs: list[list[str | float]] = Field([], description="startup, expert and score of each")
    total: float | None = None
    bound: float | None = None
    gap: float | None = None
    worst_off: float | None = None
    conflict: dict[str, Any] | None = None


class ProgramBody(ProgramRow):
    """What a manager decides; `id` names the program."""

    id: str | None = Field(None, max_length=200, examples=["spring"])


class ProgramPatch(BaseModel):
    """Decisions to change; null takes one back."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [{"objective": "fair"}]})


class ProgramAnswer(BaseModel):
    """A program with how much is in it."""

    model_config = ConfigDict(extra="allow")
    id: str
    startups: int
    experts: int
    read: int | None = Field(
        description="how many of its startups and experts are encoded for suggestions; null while models are opened"
    )
    revision: int
    created: str


class ProgramPage(BaseModel):
    """Programs in the order of their ids. next: the cursor of the page after this one, null on the last."""

    items: list[ProgramAnswer]
    next: str | None


class StartupBody(StartupRow):
    """A startup; its id is that of the path."""

    id: str | None = None  # type: ignore[assignment]


class ExpertBody(ExpertRow):
    """An expert; its id is that of the path."""

    id: str | None = None  # type: ignore[assignment]


PROFILE_BODIES: dict[Side, type[BaseModel]] = {Side.STARTUP: StartupBody, Side.EXPERT: ExpertBody}


class ProfileAnswer(BaseModel):
    """A profile as it is kept."""

    model_config = ConfigDict(extra="allow")
    id: str


class ProfilePage(BaseModel):
    """Profiles in the order of their ids. next: the cursor of the page after this one, null on the last."""

    items: list[ProfileAnswer]
    next: str | None


class RelationBody(RelationRow):
    """A relation; a list of them is taken too."""


class RelationAnswer(BaseModel):
    """A relation as it is kept."""

    model_config = ConfigDict(extra="allow")
    id: int


class RelationPage(BaseModel):
    """Relations in the order in which they came. next: the cursor of the page after this one, null on the last."""

    items: list[RelationAnswer]
    next: int | None = None


class AliasBody(AliasRow):
    """Two names, and whether one party stands behind both; a list of them is taken too."""


class AliasAnswer(BaseModel):
    """An alias as it is kept."""

    model_config = ConfigDict(extra="allow")
    id: int
    canonical: str
    alias: str
    same: bool


class AliasPage(BaseModel):
    """Aliases in the order in which they came. next: the cursor of the page after this one, null on the last."""

    items: list[AliasAnswer]
    next: int | None = None


class SuspicionRecord(BaseModel):
    """Two profiles that may be one, and what says so."""

    canonical: str
    alias: str
    reason: str


class SuspicionsAnswer(BaseModel):
    """Who may be one, and nobody has looked at yet."""

    items: list[SuspicionRecord]


class ImportAnswer(BaseModel):
    """How many rows of a file were put."""

    rows: int
    new: int
    replaced: int


class RunBody(BaseModel):
    """What may differ from the program's decisions in one run."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"kinds": ["professor"], "seed": 7}]})
    kinds: list[Kind] = []
    objective: Objective | None = None
    seed: int | None = Field(None, ge=0, le=2**31 - 1)
    best_effort: bool = False


class RunAnswer(BaseModel):
    """A run: queued, running (with its stage), done, infeasible, failed or cancelled.

    record: of one that is done, where it is read by itself; otherwise null, for it can have megabytes.
    """

    id: str
    program: str
    state: str
    stage: str
    asked: dict[str, Any]
    by: str
    created: str
    started: str | None
    finished: str | None
    published: str | None
    problem: dict[str, Any] | None
    record: dict[str, Any] | None


class RunPage(BaseModel):
    """Runs, the newest first. next: the cursor of the page after this one, null on the last."""

    items: list[RunAnswer]
    next: str | None


class MatchRecord(BaseModel):
    """A match as in matches.jsonl, its id and what its parties said."""

    model_config = ConfigDict(extra="allow")
    id: int
    decision: str | None


class MatchesAnswer(BaseModel):
    """A match list."""

    matches: list[MatchRecord]
    unmatched: list[dict[str, Any]]


class DiffAnswer(BaseModel):
    """How a run differs from another."""

    model_config = ConfigDict(extra="allow")
    startups: list[dict[str, Any]]
    changes: dict[str, int]
    before: dict[str, Any]
    after: dict[str, Any]
    loads: list[dict[str, Any]]


class DecisionBody(BaseModel):
    """What a party says to its match."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"decision": "declined", "reason": ""}]})
    decision: Decision
    reason: str = Field("", max_length=2000)


class SuggestionsAnswer(BaseModel):
    """Suggestions, best first, those of one kind after those of another."""

    suggestions: list[dict[str, Any]]


class PairAnswer(BaseModel):
    """What is known of a pair. run, matched, decision, instead, why_not: of the published run, if there is one."""

    model_config = ConfigDict(extra="allow")
    startup: str
    expert: str
    eligible: bool
    ruled_out: list[str]
    score: float | None = None
    run: str | None
    matched: bool | None


class LettersAnswer(BaseModel):
    """A letter for each party: side, id, name, email, language, subject, text and link. Links are shown this once."""

    letters: list[dict[str, str]]


class AuditEntry(BaseModel):
    """A line of the audit log."""

    id: int
    at: str
    who: str
    action: str
    target: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class AuditPage(BaseModel):
    """The newest lines first. next: the cursor of the page after this one, null on the last."""

    items: list[AuditEntry]
    next: str | None


_BODIES: tuple[type[BaseModel], ...] = (
    MatchBody,
    AssignBody,
    ProgramBody,
    ProgramPatch,
    StartupBody,
    ExpertBody,
    RelationBody,
    AliasBody,
    RunBody,
    DecisionBody,
)
_REF = "#/components/schemas/{model}"


def body_of(model: type[BaseModel], required: bool = True) -> dict[str, Any]:
    """Return what OpenAPI says of a route whose body is read by ourselves."""
    schema = {"$ref": _REF.format(model=model.__name__)}
    return {"requestBody": {"required": required, "content": {"application/json": {"schema": schema}}}}


def errors_of(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of the errors of a route."""
    content = {"application/problem+json": {"schema": {"$ref": _REF.format(model=ProblemDetails.__name__)}}}
    return {status: {"description": "problem details", "content": content} for status in statuses}


def add_bodies(app: FastAPI) -> None:
    """Put the models that no route declares into the OpenAPI document, and how keys are sent."""
    build = app.openapi

    def openapi() -> dict[str, Any]:
        document = build()
        components = document.setdefault("components", {})
        if "securitySchemes" not in components:
            wanted = [(model, "validation") for model in (*_BODIES, ProblemDetails)]
            _, definitions = models_json_schema(wanted, ref_template=_REF)  # type: ignore[arg-type]
            components["schemas"] = {**components.get("schemas", {}), **definitions["$defs"]}
            components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
            document["security"] = [{"key": []}]
        return document

    app.openapi = openapi  # type: ignore[method-assign]
