"""What experts say they take: stage, region, sector, check size and language, as gates with reasons.

A gate rules a pair out only where both sides say something and nothing agrees: an empty field rules out nothing. Nor
does it rule out what the expert did before more than once: "usually seed, two series A" is a soft edge, and is told.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.profiles import Document, Expert, Startup
from matcher.terms import Vocabulary, around, canonical_set, organisation
from matcher.track_record import told_once

Mask = NDArray[np.bool_]
# Done once is chance; done twice is practice.
EXCEPTIONS = 2


@dataclass(frozen=True)
class Gate:
    """One reason for which pairs are ruled out: `forbids` is (n, m), `reason` tells it for one pair."""

    name: str
    forbids: Mask
    reason: Callable[[int, int], str]


@dataclass(frozen=True)
class _Mandate:
    """One field that experts state in terms: where it stands on each side, and in what experts did if it does."""

    name: str
    vocabulary: Vocabulary
    of_startup: Callable[[Startup], tuple[str, ...]]
    of_expert: Callable[[Expert], tuple[str, ...]]
    of_document: Callable[[Document], tuple[str, ...]] = lambda document: ()


_MANDATES = (
    _Mandate("stage", Vocabulary.STAGE, lambda s: (s.stage,), lambda e: e.stages, lambda d: (d.stage,)),
    _Mandate("region", Vocabulary.REGION, lambda s: (s.region,), lambda e: e.regions, lambda d: (d.region,)),
    _Mandate("sector", Vocabulary.SECTOR, lambda s: s.sectors, lambda e: e.sectors, lambda d: d.sectors),
    _Mandate("language", Vocabulary.LANGUAGE, lambda s: s.languages, lambda e: e.languages),
)


@dataclass(frozen=True)
class Mandates:
    """What the experts' mandates say of some startups.

    gates: what they rule out. exceptions: by (row, column), in a sentence each, what a mandate leaves out and the
    expert did all the same, `EXCEPTIONS` times or more.
    """

    gates: tuple[Gate, ...]
    exceptions: Mapping[tuple[int, int], tuple[str, ...]]


def mandates(startups: Sequence[Startup], experts: Sequence[Expert]) -> Mandates:
    """Return what the experts' mandates rule out, each gate (len(startups), len(experts)), and where they are soft."""
    gates, told = [], defaultdict[tuple[int, int], list[str]](list)
    for mandate in _MANDATES:
        gate = _term_gate(mandate, startups, experts)
        soft = _done_all_the_same(mandate, gate.forbids, startups, experts)
        for pair, sentence in soft.items():
            gate.forbids[pair] = False
            told[pair].append(sentence)
        gates.append(gate)
    exceptions = {pair: tuple(sentences) for pair, sentences in told.items()}
    return Mandates((*gates, _check_size_gate(startups, experts)), exceptions)


def _term_gate(mandate: _Mandate, startups: Sequence[Startup], experts: Sequence[Expert]) -> Gate:
    """Return the gate that forbids pairs whose terms do not meet.

    Regions meet also where one lies in the other: a mandate of Korea takes Seoul.
    """
    offered = [mandate.of_startup(startup) for startup in startups]
    taken = [mandate.of_expert(expert) for expert in experts]
    left = [canonical_set(mandate.vocabulary, terms) for terms in offered]
    right = [canonical_set(mandate.vocabulary, terms) for terms in taken]
    meets = overlap(left, right)
    if mandate.vocabulary is Vocabulary.REGION:
        meets |= overlap([_widened(terms) for terms in left], right)
        meets |= overlap(left, [_widened(terms) for terms in right])
    says = np.outer(np.array([bool(terms) for terms in left], bool), np.array([bool(terms) for terms in right], bool))

    def reason(row: int, column: int) -> str:
        return f"{mandate.name}: {', '.join(offered[row])} is not among {', '.join(taken[column])}"

    return Gate(mandate.name, says & ~meets, reason)


def _done_all_the_same(
    mandate: _Mandate, forbids: Mask, startups: Sequence[Startup], experts: Sequence[Expert]
) -> dict[tuple[int, int], str]:
    """Return the pairs that the mandate leaves out though the expert did the like, `EXCEPTIONS` times or more."""
    found = {}
    asked = [canonical_set(mandate.vocabulary, mandate.of_startup(startup)) for startup in startups]
    terms = {term: at for at, term in enumerate(sorted(frozenset[str]().union(*asked)))}
    wanted, meeting, past = indicators(asked, terms), Meeting(mandate.vocabulary, terms), _Past(startups)
    for column in np.flatnonzero(forbids.any(axis=0)).tolist():
        expert, rows = experts[column], np.flatnonzero(forbids[:, column])
        done = ((one, canonical_set(mandate.vocabulary, mandate.of_document(one))) for one in expert.documents)
        said = [(document, names) for document, names in told_once(done) if names]
        alike = indicators([meeting.of(names) for _, names in said], terms)
        if not (alike.sum(axis=0) >= EXCEPTIONS).any():
            continue
        counts = past.counts([document for document, _ in said])[rows].astype(np.float32)
        times, known = (counts @ alike * wanted[rows]).max(axis=1).astype(int), counts.sum(axis=1).astype(int)
        for at in np.flatnonzero(times >= EXCEPTIONS).tolist():
            usual, told = ", ".join(mandate.of_expert(expert)), ", ".join(mandate.of_startup(startups[rows[at]]))
            sentence = f"{mandate.name}: {expert.id} says {usual}, and did {told} in {times[at]} of {known[at]}"
            found[int(rows[at]), column] = sentence
    return found


class Meeting:
    """Which terms of startups are met by what was done: regions also where one lies in the other, as for a gate."""

    def __init__(self, vocabulary: Vocabulary, terms: Iterable[str]) -> None:
        self._around = around if vocabulary is Vocabulary.REGION else _alone
        self._terms = frozenset(terms)
        self._inside = defaultdict[str, set[str]](set)
        for term in self._terms:
            for wider in self._around(term):
                self._inside[wider].add(term)

    def of(self, done: Iterable[str]) -> frozenset[str]:
        """Return the terms of startups that this meets."""
        met = (self._inside.get(term, set()) | (self._around(term) & self._terms) for term in done)
        return frozenset().union(*met)


def _alone(term: str) -> frozenset[str]:
    return frozenset((term,))


class _Past:
    """What was done before startups applied, and not with themselves: a past cohort must not open its own gates."""

    def __init__(self, startups: Sequence[Startup]) -> None:
        self._applied = np.array([_number(one.date, if_unknown=np.inf) for one in startups])
        self._rows = defaultdict[str, list[int]](list)
        for row, startup in enumerate(startups):
            for name in startup.names:
                self._rows[organisation(name)].append(row)

    def counts(self, documents: Sequence[Document]) -> Mask:
        """Return (n, len(documents)): which of them count for each startup. One without a date may be of the past."""
        days = np.array([_number(document.date, if_unknown=-np.inf) for document in documents])
        found: Mask = days < self._applied[:, None]
        for at, document in enumerate(documents):
            found[self._rows.get(organisation(document.title), []), at] = False
        return found


def _number(date: dt.date | None, if_unknown: float) -> float:
    return date.toordinal() if date else if_unknown


def _widened(regions: Iterable[str]) -> frozenset[str]:
    return frozenset().union(*(around(region) for region in regions))


def overlap(left: Sequence[frozenset[str]], right: Sequence[frozenset[str]]) -> Mask:
    """Return (len(left), len(right)): whether the two sets share a term."""
    terms = {term: at for at, term in enumerate(sorted(set().union(*left) & set().union(*right)))}
    shared: Mask = indicators(left, terms) @ indicators(right, terms).T > 0
    return shared


def indicators(sets: Sequence[frozenset[str]], terms: Mapping[str, int]) -> NDArray[np.float32]:
    """Return (len(sets), len(terms)): 1 where a set holds the term of that position; others are left out."""
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
