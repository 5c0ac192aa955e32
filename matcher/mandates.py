"""What experts say they take: stage, region, sector, check size and language, as gates with reasons.

A gate rules a pair out only where both sides say something and nothing agrees: an empty field rules out nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.profiles import Expert, Startup
from matcher.terms import Vocabulary, around, canonical_set

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Gate:
    """One reason for which pairs are ruled out: `forbids` is (n, m), `reason` tells it for one pair.

    is_personal: whether it is between the two, and no mandate that keeps many out alike.
    """

    name: str
    forbids: Mask
    reason: Callable[[int, int], str]
    is_personal: bool = False


def mandate_gates(startups: Sequence[Startup], experts: Sequence[Expert]) -> list[Gate]:
    """Return the gates that the experts' mandates set for these startups, each (len(startups), len(experts))."""
    return [
        _term_gate(
            "stage",
            Vocabulary.STAGE,
            [(startup.stage,) for startup in startups],
            [expert.stages for expert in experts],
        ),
        _term_gate(
            "region",
            Vocabulary.REGION,
            [(startup.region,) for startup in startups],
            [expert.regions for expert in experts],
        ),
        _term_gate(
            "sector",
            Vocabulary.SECTOR,
            [startup.sectors for startup in startups],
            [expert.sectors for expert in experts],
        ),
        _term_gate(
            "language",
            Vocabulary.LANGUAGE,
            [startup.languages for startup in startups],
            [expert.languages for expert in experts],
        ),
        _check_size_gate(startups, experts),
    ]


def _term_gate(name: str, vocabulary: Vocabulary, offered: list[tuple[str, ...]], taken: list[tuple[str, ...]]) -> Gate:
    """Return the gate that forbids pairs whose terms do not meet.

    Regions meet also where one lies in the other: a mandate of Korea takes Seoul.
    """
    left = [canonical_set(vocabulary, terms) for terms in offered]
    right = [canonical_set(vocabulary, terms) for terms in taken]
    meets = overlap(left, right)
    if vocabulary is Vocabulary.REGION:
        meets |= overlap([_widened(terms) for terms in left], right)
        meets |= overlap(left, [_widened(terms) for terms in right])
    says = np.outer(np.array([bool(terms) for terms in left], bool), np.array([bool(terms) for terms in right], bool))

    def reason(row: int, column: int) -> str:
        return f"{name}: {', '.join(offered[row])} is not among {', '.join(taken[column])}"

    return Gate(name, says & ~meets, reason)


def _widened(regions: Iterable[str]) -> frozenset[str]:
    return frozenset().union(*(around(region) for region in regions))


def overlap(left: Sequence[frozenset[str]], right: Sequence[frozenset[str]]) -> Mask:
    """Return (len(left), len(right)): whether the two sets share a term."""
    terms = {term: at for at, term in enumerate(sorted(set().union(*left) & set().union(*right)))}
    shared: Mask = _indicators(left, terms) @ _indicators(right, terms).T > 0
    return shared


def _indicators(sets: Sequence[frozenset[str]], terms: dict[str, int]) -> NDArray[np.float32]:
    rows = np.zeros((len(sets), len(terms)), dtype=np.float32)
    for at, members in enumerate(sets):
        rows[at, [terms[term] for term in members if term in terms]] = 1
    return rows


def _check_size_gate(startups: Sequence[Startup], experts: Sequence[Expert]) -> Gate:
    """Return the gate that forbids rounds outside of the smallest and largest check, both included."""
    raised = np.array([np.nan if s.raise_usd is None else s.raise_usd for s in startups], dtype=float)[:, None]
    low = np.array([-np.inf if e.check_usd[0] is None else e.check_usd[0] for e in experts], dtype=float)
    high = np.array([np.inf if e.check_usd[1] is None else e.check_usd[1] for e in experts], dtype=float)

    def reason(row: int, column: int) -> str:
        least, most = experts[column].check_usd
        span = f"{_dollars(least)} to {_dollars(most)}" if most is not None else f"{_dollars(least)} and more"
        return f"check size: raises {_dollars(startups[row].raise_usd)}, mandate is {span}"

    return Gate("check_size", (raised < low) | (raised > high), reason)


def _dollars(amount: float | None) -> str:
    return f"US${amount or 0:,.0f}"
