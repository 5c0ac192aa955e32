"""Structured fit: how well sectors, stage and region agree with what an expert says or has done."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.mandates import EXCEPTIONS, Meeting, indicators
from matcher.profiles import Document, Expert, Startup
from matcher.terms import Vocabulary, around, canonical_set
from matcher.track_record import told_once

Values = NDArray[np.float64]


@dataclass(frozen=True)
class _Aspect:
    """One structured field: where it stands on each side, and how the values of a startup's terms join."""

    vocabulary: Vocabulary
    of_startup: Callable[[Startup], Iterable[str]]
    of_mandate: Callable[[Expert], Iterable[str]]
    of_document: Callable[[Document], Iterable[str]]


_ASPECTS = (
    _Aspect(Vocabulary.SECTOR, lambda s: s.sectors, lambda e: e.sectors, lambda d: d.sectors),
    _Aspect(Vocabulary.STAGE, lambda s: (s.stage,), lambda e: e.stages, lambda d: (d.stage,)),
    _Aspect(Vocabulary.REGION, lambda s: (s.region,), lambda e: e.regions, lambda d: (d.region,)),
)


@dataclass(frozen=True)
class _Agreement:
    """One aspect of n startups and m experts.

    asked: n entries, the terms of each startup by their positions. strengths: (m, terms), how strongly each expert
    stands for each of them, NaN where nothing is known.
    """

    asked: Sequence[NDArray[np.intp]]
    strengths: Values

    def of(self, row: int, columns: NDArray[np.intp]) -> Values:
        """Return (k,) in [0, 1], NaN where unknown."""
        asked = self.asked[row]
        if not len(asked):
            return np.full(len(columns), np.nan)
        return np.asarray(self.strengths[np.ix_(columns, asked)].mean(axis=1))


@dataclass(frozen=True)
class Fit:
    """How well the fields of startups and experts agree, worked out where it is asked for: few pairs ever are."""

    agreements: Sequence[_Agreement]

    def of(self, row: int, columns: NDArray[np.intp]) -> Values:
        """Return (k,) in [0, 1] of a startup and the experts at these positions (k,), NaN where nothing is known."""
        mean = np.zeros(len(columns))
        counts = np.zeros(len(columns))
        for agreement in self.agreements:
            found = agreement.of(row, columns)
            known = ~np.isnan(found)
            mean[known] += found[known]
            counts += known
        return np.asarray(np.divide(mean, counts, out=np.full(len(columns), np.nan), where=counts > 0))


def structured_fit(
    startups: Sequence[Startup], experts: Sequence[Expert], among: NDArray[np.intp] | None = None
) -> Fit:
    """Return the mean over sector, stage and region of how far they agree, of every pair.

    among: the positions of the only experts that are looked at, nothing is known of the others; None: all.

    A field agrees by the share of the startup's terms that the expert states, over the root of how many it
    states: who names one sector and means it fits better than who names nine. (Ochiai's coefficient, a cosine of
    sets, where the startup has one term.) An expert who states none is judged by what it did: by the mean share of
    its documents that carry each of the terms. So is what goes beyond a mandate and was done all the same, where
    regions meet as they do for the gate that it opens.
    """
    looked_at = range(len(experts)) if among is None else among.tolist()
    return Fit([_agreement(aspect, startups, experts, looked_at) for aspect in _ASPECTS])


def _agreement(
    aspect: _Aspect, startups: Sequence[Startup], experts: Sequence[Expert], among: Sequence[int]
) -> _Agreement:
    asked = [sorted(canonical_set(aspect.vocabulary, aspect.of_startup(startup))) for startup in startups]
    terms = {term: at for at, term in enumerate(sorted({term for of_one in asked for term in of_one}))}
    met_by, meeting = _met_by(aspect.vocabulary, terms), Meeting(aspect.vocabulary, terms)
    strengths = np.full((len(experts), len(terms)), np.nan)
    for at in among:
        strengths[at] = _strengths(aspect, experts[at], met_by, meeting, terms)
    return _Agreement([np.array([terms[term] for term in of_one], dtype=np.intp) for of_one in asked], strengths)


def _met_by(vocabulary: Vocabulary, terms: Mapping[str, int]) -> Mapping[str, list[int]]:
    """Return, by what an expert may say, the startups' terms that it meets: Korea meets Seoul and Korea."""
    met: defaultdict[str, list[int]] = defaultdict(list)
    for term, at in terms.items():
        for wider in around(term) if vocabulary is Vocabulary.REGION else {term}:
            met[wider].append(at)
    return met


def _strengths(
    aspect: _Aspect, expert: Expert, met_by: Mapping[str, list[int]], meeting: Meeting, terms: Mapping[str, int]
) -> NDArray[np.float64]:
    """Return (len(terms),): how strongly the expert stands for each term of startups; NaN where nothing is known."""
    count, stated = len(terms), canonical_set(aspect.vocabulary, aspect.of_mandate(expert))
    done = ((one, canonical_set(aspect.vocabulary, aspect.of_document(one))) for one in expert.documents)
    known = [names for _, names in told_once(done) if names]
    if not stated and not known:
        return np.full(count, np.nan)
    if not stated:
        return _counts(known, met_by, count) / len(known)
    strength = _counts([stated], met_by, count) / math.sqrt(len(stated))
    times = indicators([meeting.of(names) for names in known], terms).sum(axis=0, dtype=float)
    beyond = np.where(times >= EXCEPTIONS, times, 0) / max(1, len(known))
    return np.where(strength > 0, strength, beyond)


def _counts(shown: Iterable[Iterable[str]], met_by: Mapping[str, list[int]], count: int) -> NDArray[np.float64]:
    """Return (count,): how many of the sets of terms meet each of the startups' terms."""
    counts = np.zeros(count)
    for terms in shown:
        counts[sorted({at for term in terms for at in met_by.get(term, ())})] += 1
    return counts
