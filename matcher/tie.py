"""What a tie between a startup and an expert is, and which pairs must not be made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from matcher.profiles import Cohort, Expert, Startup
from matcher.program import Program, Verdict
from matcher.wishes import named_by

Pair = tuple[str, str]  # startup id, expert id
# The type of a tie that nobody told: it warns until somebody looks at it.
SUSPECTED = "suspected"


@dataclass(frozen=True)
class Tie:
    """Why a pair is forbidden or deserves a look."""

    verdict: Verdict
    type: str
    reason: str


def forbidden_pairs(ties: Mapping[Pair, Iterable[Tie]], cohort: Cohort, program: Program) -> frozenset[Pair]:
    """Return every pair that a conflict, a ban or an expert's wish rules out, whatever mandates say."""
    return frozenset((*conflicting(ties), *program.bans, *unwanted(cohort.experts, cohort.startups)))


def conflicting(ties: Mapping[Pair, Iterable[Tie]]) -> frozenset[Pair]:
    """Return the pairs that a tie forbids."""
    return frozenset(pair for pair, tied in ties.items() if any(tie.verdict is Verdict.FORBID for tie in tied))


def unwanted(experts: Iterable[Expert], startups: Sequence[Startup]) -> Iterator[Pair]:
    """Yield the pairs that the experts do not want."""
    for expert in experts:
        yield from ((startups[row].id, expert.id) for row in named_by(expert.avoids, startups))
