"""Results → plain records with the fixed names of the file formats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from matcher.evidence import Evidence
from matcher.explanation import Match
from matcher.pipeline import Explained
from matcher.scoring import PartValues
from matcher.unmatched import Unmatched
from service.use_cases import Ranked

Record = dict[str, Any]


def match_records(explained: Sequence[Explained]) -> Iterator[Record]:
    """Yield a record a match, then one for everybody unmatched, kind after kind."""
    for of_kind in explained:
        yield from (match_record(match) for match in of_kind.matches)
        yield from (unmatched_record(unmatched) for unmatched in of_kind.unmatched)


def match_record(match: Match) -> Record:
    """Return a match as a record."""
    other = match.alternative
    return {
        "startup": match.startup,
        "expert": match.expert,
        "kind": match.kind.value,
        "score": match.score,
        "parts": parts_record(match.parts),
        "evidence": [evidence_record(found) for found in match.evidence],
        "alternative": other and {"expert": other.expert, "score": other.score, "reason": other.reason},
        "warnings": list(match.warnings),
        "pinned": match.pinned,
        "warm_path": match.warm_path,
    }


def unmatched_record(unmatched: Unmatched) -> Record:
    """Return somebody unmatched as a record."""
    record = {unmatched.side.value: unmatched.id, "kind": unmatched.kind.value, "reason": unmatched.reason}
    return record if unmatched.waiting is None else {**record, "waiting": unmatched.waiting}


def ranked_record(ranked: Ranked) -> Record:
    """Return one line of a ranking as a record."""
    return {
        "startup": ranked.startup,
        "expert": ranked.expert,
        "kind": ranked.kind.value,
        "rank": ranked.rank,
        "score": ranked.score,
        "parts": parts_record(ranked.parts),
        "evidence": [evidence_record(found) for found in ranked.evidence],
        "warm_path": ranked.warm_path,
        "warnings": list(ranked.warnings),
    }


def parts_record(parts: PartValues) -> Record:
    """Return the parts by name; those not null add up to the score."""
    return {part.value: value for part, value in parts.items()}


def evidence_record(found: Evidence) -> Record:
    """Return a piece of evidence as a record."""
    return {
        "startup_passage": found.startup_passage,
        "expert_passage": found.expert_passage,
        "source": found.source,
        "part": found.part.value,
        "worth": found.worth,
        "words": found.words,
        "confidential": found.confidential,
    }
