"""Who is tied to whom in good faith, as arrays: what communities, bridges and the picture are made of.

A relation that the program forbids is no tie, nor is any between a startup and an expert that must not be paired.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matcher.derived import CO_INVESTED, co_investments
from matcher.ecosystem_graph import Ecosystem
from matcher.profiles import Cohort, Party, Side
from matcher.program import Program, Verdict
from matcher.tie import Pair

Positions = NDArray[np.intp]


@dataclass(frozen=True)
class Ties:
    """n parties and m ties. pairs: (m, 2) positions of the parties, each two once, whichever comes first."""

    parties: tuple[Party, ...]
    pairs: Positions

    @cached_property
    def near(self) -> sparse.csr_array:
        """(n, n) float64: 1 for every two that are tied, seen from both."""
        one, other = self.pairs.T
        cells = np.concatenate([one, other]), np.concatenate([other, one])
        return sparse.csr_array((np.ones(2 * len(one)), cells), shape=(len(self.parties), len(self.parties)))

    @cached_property
    def counts(self) -> Positions:
        """(n,): how many ties each party has."""
        return np.bincount(self.pairs.ravel(), minlength=len(self.parties))


def ties_in_good_faith(
    ecosystem: Ecosystem, cohort: Cohort, program: Program, forbidden: Set[Pair]
) -> tuple[Ties, Mapping[Party, str]]:
    """Return the ties of a cohort without the organisations that tie nobody, and how organisations are written.

    forbidden: the pairs of startup id and expert id that must not be made.
    """
    pairs = _allowed(ecosystem, program, forbidden)
    may_tie = program.rule_for(CO_INVESTED).verdict is not Verdict.FORBID
    if invested := [(one.source, one.target) for one in co_investments(cohort)] if may_tie else []:
        numbers = {party: at for at, party in enumerate(ecosystem.parties) if party.side is Side.EXPERT}
        pairs = np.concatenate([pairs, [[numbers[one], numbers[other]] for one, other in invested]])
    pairs = _once(pairs)
    written = _written(ecosystem, np.unique(pairs))
    kept = _without_idle(Ties(ecosystem.parties, pairs), written)
    ties = _only(ecosystem.parties, kept)
    names = {ecosystem.parties[at]: name for at, name in written.items()}
    return ties, {party: names[party] for party in ties.parties if party.side is None}


def _allowed(ecosystem: Ecosystem, program: Program, forbidden: Set[Pair]) -> Positions:
    verdicts = [program.rule_for(type_).verdict for type_ in ecosystem.types]
    is_allowed = np.array([one is not Verdict.FORBID for one in verdicts], dtype=bool)
    pairs = ecosystem.ends[ecosystem.belongs | is_allowed[ecosystem.type_of]]
    sides = [ecosystem.on_side(side)[pairs] for side in Side]
    across = np.flatnonzero((sides[0][:, 0] & sides[1][:, 1]) | (sides[0][:, 1] & sides[1][:, 0]))
    parties = ecosystem.parties
    shut = [at for at in across.tolist() if _ids(*(parties[end] for end in pairs[at].tolist())) in forbidden]
    return np.delete(pairs, shut, axis=0)


def _ids(one: Party, other: Party) -> Pair:
    return (one.id, other.id) if one.side is Side.STARTUP else (other.id, one.id)


def _once(pairs: Positions) -> Positions:
    """Return every two parties once, in the order in which they came; a tie to oneself is none."""
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    low, high = np.minimum(*pairs.T), np.maximum(*pairs.T)
    _, first = np.unique(low * (high.max(initial=0) + 1) + high, return_index=True)
    return pairs[np.sort(first)]


def _written(ecosystem: Ecosystem, tied: Positions) -> dict[int, str]:
    """Return how those organisations are written where they are first named, by position."""
    positions, first = np.unique(ecosystem.ends.ravel(), return_index=True)
    wanted = np.isin(positions, tied) & ecosystem.organisations[positions]
    found = {}
    for at, place in zip(positions[wanted].tolist(), first[wanted].tolist(), strict=True):
        relation = ecosystem.relations[place // 2]
        found[at] = (relation.target if place % 2 else relation.source).id
    return found


def _without_idle(ties: Ties, written: Mapping[int, str]) -> Positions:
    """Return the pairs without the organisations that tie nobody, or only those whom another ties.

    A university and its mail domain are tied to the same. Those with the fewest ties go first.
    """
    near, parties, counts = _neighbours(ties), ties.parties, ties.counts.tolist()
    gone = np.zeros(len(parties), dtype=bool)
    for one in sorted(written, key=lambda at: (counts[at], "." not in written[at], parties[at].id)):
        tied = near[one]
        # Who ties all of them ties any of them: one with few ties is soon looked through.
        others = near[min(tied, key=counts.__getitem__)] if len(tied) > 1 else ()
        if len(tied) < 2 or any(at != one and at in written and tied <= near[at] for at in others):
            gone[one] = True
            for at in tied:
                near[at].discard(one)
            near[one] = set()
    return ties.pairs[~gone[ties.pairs].any(axis=1)]


def _neighbours(ties: Ties) -> list[set[int]]:
    others, ends = ties.near.indices.tolist(), ties.near.indptr.tolist()
    return [set(others[begin:end]) for begin, end in pairwise(ends)]


def _only(parties: Sequence[Party], pairs: Positions) -> Ties:
    """Return the ties among those who have any, numbered as they turn up."""
    flat = pairs.ravel()
    positions, first, place = np.unique(flat, return_index=True, return_inverse=True)
    order = np.argsort(first)
    number = np.empty(len(order), dtype=np.intp)
    number[order] = np.arange(len(order))
    left: Iterable[int] = positions[order].tolist()
    return Ties(tuple(parties[at] for at in left), number[place].reshape(-1, 2))
