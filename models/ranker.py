"""Learned rankers in a folder: one file a kind, plain JSON, refused where it does not fit."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, FiniteFloat, ValidationError

from matcher.choice_model import ChoiceModel
from matcher.deal_features import FEATURES, Feature
from matcher.errors import BadInput
from matcher.learning import Learned
from matcher.profiles import Kind
from matcher.ranker import SCHEMA, Ranker

_SUFFIX = "-ranker.json"
_Model = TypeVar("_Model", bound=BaseModel)


class _Trained(BaseModel):
    """Where a ranker comes from. first, last: the days of the outcomes, None where they have none."""

    model_config = ConfigDict(extra="forbid")
    first: dt.date | None
    last: dt.date | None
    startups: int
    outcomes: int
    held_out_by: Literal["date", "startup"]
    data_hash: str
    measures: dict[str, dict[str, tuple[FiniteFloat, FiniteFloat, FiniteFloat]]]
    spreads: dict[str, dict[Literal["coverage", "busiest"], FiniteFloat]]


class _Head(BaseModel):
    """What tells whether the rest of a file can be read."""

    what: Literal["incubator-matcher ranker"]
    feature_schema: str


class _Artifact(_Head):
    """The file. weights: by feature, of the features as they come."""

    model_config = ConfigDict(extra="forbid")
    kind: Kind
    evidence_fingerprint: str
    weights: dict[Feature, FiniteFloat]
    slope: FiniteFloat
    intercept: FiniteFloat
    trained: _Trained


def ranker_file(learned: Learned, data_hash: str) -> tuple[str, bytes]:
    """Return the name and the content of the file that holds what was learned from the data of this hash."""
    model = learned.ranker.model
    artifact = _Artifact(
        what="incubator-matcher ranker",
        feature_schema=SCHEMA,
        kind=learned.ranker.kind,
        evidence_fingerprint=learned.ranker.evidence_fingerprint,
        weights=dict(zip(FEATURES, model.weights.tolist(), strict=True)),
        slope=model.slope,
        intercept=model.intercept,
        trained=_Trained(
            first=learned.first,
            last=learned.last,
            startups=learned.startups,
            outcomes=learned.outcomes,
            held_out_by="date" if learned.split == "date" else "startup",
            data_hash=data_hash,
            measures={
                name: {one.name: (one.value, one.low, one.high) for one in measures}
                for name, measures in learned.measures.items()
            },
            spreads={name: {"coverage": one.coverage, "busiest": one.busiest} for name, one in learned.spreads.items()},
        ),
    )
    content = json.dumps(artifact.model_dump(mode="json"), ensure_ascii=False, indent=2)
    return f"{artifact.kind.value}{_SUFFIX}", f"{content}\n".encode()


def stale_rankers(folder: Path, files: Collection[str]) -> Iterator[str]:
    """Yield a sentence where the folder holds rankers that these files, of a new training, do not replace."""
    stale = sorted(path.name for path in folder.glob(f"*{_SUFFIX}") if path.name not in files)
    if stale:
        yield (
            f"{folder} still holds {', '.join(stale)} of an earlier training, which `--model` would use: delete it, "
            "or name another folder"
        )


def load_rankers(folder: Path) -> Mapping[Kind, Ranker]:
    """Return the rankers of a folder by kind.

    Raises `BadInput` for a folder without any, a file that is none or cannot be read, one of another feature schema,
    and one whose name says another kind. Whether it fits the encoder is seen when both are used.
    """
    paths = sorted(folder.glob(f"*{_SUFFIX}"))
    if not paths:
        raise BadInput(f"{folder} holds no ranker, expected a folder that `matcher train --out` wrote")
    rankers = [_load(path) for path in paths]
    return {ranker.kind: ranker for ranker in rankers}


def _load(path: Path) -> Ranker:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}; expected a file of `matcher train --out`") from error
    head = _read(_Head, path, content)
    if head.feature_schema != SCHEMA:
        raise BadInput(
            f"{path} has the features {head.feature_schema!r}, expected {SCHEMA!r}: it is of another version; "
            "train it anew"
        )
    artifact = _read(_Artifact, path, content)
    missing = set(FEATURES) - set(artifact.weights)
    if missing:
        raise BadInput(f"{path} is no ranker: weights: found none of {', '.join(sorted(missing))}; train it anew")
    if path.name != f"{artifact.kind.value}{_SUFFIX}":
        raise BadInput(f"{path} holds a ranker of {artifact.kind}s, expected the kind that its name says")
    weights = np.array([artifact.weights[feature] for feature in FEATURES])
    return Ranker(
        artifact.kind, ChoiceModel(weights, artifact.slope, artifact.intercept), artifact.evidence_fingerprint
    )


def _read(model: type[_Model], path: Path, content: bytes) -> _Model:
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"]) or "the file"
        raise BadInput(f"{path} is no ranker: {place}: {first['msg']}; train it anew") from error
