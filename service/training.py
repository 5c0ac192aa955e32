"""Train a ranker on a cohort's outcomes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from matcher.errors import BadInput
from matcher.learning import FEWEST, Learned, Outcome, learn
from matcher.profiles import Kind
from models.ranker import ranker_file
from service.reading.cohort import CohortInput
from service.use_cases import Workbench


@dataclass(frozen=True)
class Training:
    """What was learned, and for which kinds too few outcomes were there, by kind."""

    learned: tuple[Learned, ...]
    too_few: dict[Kind, int]
    files: dict[str, bytes]


def train_cohort(cohort: CohortInput, outcomes: Sequence[Outcome], workbench: Workbench) -> Training:
    """Return a ranker for each kind that has enough outcomes. Raises `BadInput` where none has."""
    kinds = {expert.id: expert.kind for expert in cohort.cohort.experts}
    startups = {kind: {one.startup for one in outcomes if one.taken and kinds[one.expert] is kind} for kind in Kind}
    told = {kind: len(ids) for kind, ids in startups.items() if ids}
    enough = [kind for kind, count in told.items() if count >= FEWEST]
    if not enough:
        found = ", ".join(f"{count} startups taken by {kind}s" for kind, count in told.items())
        raise BadInput(
            f"found {found}; expected {FEWEST} or more of a kind: until then, the score without a model stays"
        )
    learned = tuple(learn(cohort.cohort, outcomes, kind, workbench.engine) for kind in enough)
    data_hash = hashlib.sha256(f"{cohort.digest} {list(outcomes)!r}".encode()).hexdigest()
    files = dict(ranker_file(one, data_hash) for one in learned)
    return Training(learned, {kind: count for kind, count in told.items() if kind not in enough}, files)
