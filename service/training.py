"""Train a ranker on a cohort's outcomes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matcher.errors import BadInput
from matcher.learning import Learned, NothingLearned, learn
from matcher.profiles import Cohort, Kind
from matcher.questions import Outcome
from models.ranker import ranker_file
from service.reading.cohort import CohortInput
from service.use_cases import Workbench


@dataclass(frozen=True)
class Training:
    """What was learned, by kind why nothing was, and what the owner of the cohort should know."""

    learned: tuple[Learned, ...]
    refused: dict[Kind, str]
    files: dict[str, bytes]
    warnings: tuple[str, ...]


def train_cohort(cohort: CohortInput, outcomes: Sequence[Outcome], workbench: Workbench) -> Training:
    """Return a ranker for each kind whose outcomes teach one. Raises `BadInput` where none does."""
    kinds = {expert.id: expert.kind for expert in cohort.cohort.experts}
    learned: list[Learned] = []
    refused: dict[Kind, str] = {}
    took = {kinds[one.expert] for one in outcomes if one.taken}
    for kind in sorted({kinds[one.expert] for one in outcomes} - took):
        refused[kind] = f"found no outcome in which a {kind} took a startup, expected some to learn from"
    for kind in sorted(took):
        try:
            learned.append(learn(cohort.cohort, cohort.program, outcomes, kind, workbench.engine))
        except NothingLearned as why:
            refused[kind] = str(why)
    if not learned:
        raise BadInput("; ".join(refused.values()))
    data_hash = hashlib.sha256(f"{cohort.digest} {list(outcomes)!r}".encode()).hexdigest()
    files = dict(ranker_file(one, data_hash) for one in learned)
    told = (told for one in learned for told in _undated_deals(cohort.cohort, one.ranker.kind))
    return Training(tuple(learned), refused, files, tuple(told))


def _undated_deals(cohort: Cohort, kind: Kind) -> Iterator[str]:
    """Yield a sentence where documents of this kind have no date, so that nothing is learned from them."""
    documents = [(expert.id, one) for expert in cohort.experts_of(kind) for one in expert.documents]
    undated = [id_ for id_, document in documents if document.date is None]
    if undated:
        yield (
            f"documents: {len(undated):,} of {len(documents):,} of {kind}s have no date and count for nothing in what "
            f"is learned (first of {undated[0]}): whether they came before an outcome is not known; date them"
        )
