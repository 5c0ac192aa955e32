"""An assignment problem in JSON as pydantic models. A field's description is what the list of mistakes expects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from service.reading.assignment_mistakes import Mistake
from service.reading.problems import expected
from service.reading.schema import Identifier

MOST_PAIRS = 1_000_000_000
_COUNT = f"a whole number from 0 to {MOST_PAIRS:,}"
_ID = "an id of 1 to 500 printable characters"
_MIN_ABOVE_MAX = "min_above_max"
_PAIRS = 'a list of pairs like ["startup id", "expert id"]'

Count = Annotated[int, Field(strict=True, ge=0, le=MOST_PAIRS)]
Pair = tuple[Identifier, Identifier]


class _Limits(BaseModel):
    """How many pairs there may be; max None: any number."""

    model_config = ConfigDict(extra="forbid")
    min: Count = Field(0, description=_COUNT)
    max: Count | None = Field(None, description=_COUNT)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.max is not None and self.min > self.max:
            found = f"found min {self.min} above max {self.max}, expected min ≤ max"
            raise PydanticCustomError(_MIN_ABOVE_MAX, "{found}", {"found": found})
        return self


class StartupLimitsRow(_Limits):
    """A startup with its limits."""

    id: Identifier = Field(description=_ID)
    max: Count = Field(1, description=_COUNT)


class ExpertLimitsRow(_Limits):
    """An expert with its limits."""

    id: Identifier = Field(description=_ID)
    max: Count = Field(description=f"{_COUNT}, here or for all with --expert-max")


class PairQuotaRow(_Limits):
    """A quota between two sets of ids; a side left out is everybody on it."""

    name: Identifier | None = Field(None, description="a name of 1 to 500 printable characters")
    startups: list[Identifier] | None = Field(None, description="a list of ids of startups")
    experts: list[Identifier] | None = Field(None, description="a list of ids of experts")


class ProblemRow(BaseModel):
    """An assignment problem as it stands in a file or a request; `scores` is read by `read_scores`."""

    model_config = ConfigDict(extra="forbid")
    id: Identifier | None = Field(None, description=_ID)
    objective: Literal["total", "fair"] = Field("total", description="total or fair")
    seed: int = Field(0, strict=True, ge=0, description="a whole number, 0 or more")
    startups: list[StartupLimitsRow] = Field(description="a list of {id, min, max}")
    experts: list[ExpertLimitsRow] = Field(description="a list of {id, min, max}")
    scores: Any = Field(description="a list of rows of numbers or null, one row a startup, one number an expert")
    pins: list[Pair] = Field([], description=_PAIRS)
    bans: list[Pair] = Field([], description=_PAIRS)
    quotas: list[PairQuotaRow] = Field([], description="a list of {name, startups, experts, min, max}")


_PARTS: dict[str, type[BaseModel]] = {"startups": StartupLimitsRow, "experts": ExpertLimitsRow, "quotas": PairQuotaRow}


def field_mistakes(error: ValidationError) -> Iterator[Mistake]:
    """Yield everything that a `ProblemRow` refuses."""
    for detail in error.errors(include_url=False):
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in detail["loc"]).lstrip(".")
        yield Mistake(place, _message(detail))


def _message(detail: ErrorDetails) -> str:
    if detail["type"] == _MIN_ABOVE_MAX:
        return detail["msg"]
    if detail["type"] == "extra_forbidden":
        return f"found the unknown key {detail['loc'][-1]!r}, expected {_wanted(detail['loc'])}"
    return expected(None if detail["type"] == "missing" else detail["input"], _wanted(detail["loc"]))


def _wanted(location: tuple[int | str, ...]) -> str:
    """Return what the field at, or around, a location is to hold; for an unknown one the names there are."""
    name = str(location[0])
    fields = ProblemRow.model_fields
    if name in _PARTS and len(location) > 2:  # "startups", 3, "min"
        fields, name = _PARTS[name].model_fields, str(location[2])
    return str(fields[name].description) if name in fields else f"one of {', '.join(fields)}"
