"""Suggestions for a program that changes while it is asked: every write is followed by what it concerns alone.

The experts stand in two segments, those that have been there and those that were written since, so that a late arrival
costs its own texts and its own column of scores. A startup's scores are computed when it is first asked for, and kept.
Conflicts are looked at when they are shown: one that was just told hides a pair at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.competitors import Held, held_rivals, what_is_held
from matcher.ecosystem import conflicts
from matcher.ecosystem_graph import build_ecosystem
from matcher.eligibility import Eligibility, judge
from matcher.engine import Engine
from matcher.evidence import Evidence, evidence
from matcher.live_texts import Segment, compare, encode_experts, encode_startups, join, split
from matcher.profiles import Cohort, Expert, Kind, Startup
from matcher.program import Program
from matcher.scoring import PartValues, Scorer, build_scorer
from matcher.similarity import Comparer
from matcher.tie import Pair, Tie, conflicting, forbidden_pairs
from matcher.warm_paths import Introductions, WarmPath

# As many of each startup's nearest experts are scored by meaning, and as many by words.
_SHORTLIST = 100
# Written experts stand beside the others until there are so many; then all are put together anew.
_MOST_FRESH = 256


@dataclass(frozen=True)
class Suggestion:
    """An eligible pair, why it may be a good one, and what a manager should look at."""

    startup: str
    expert: str
    kind: Kind
    score: float | None
    parts: PartValues
    evidence: tuple[Evidence, ...]
    warm_path: str | None
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Judged:
    """What there is to say of one pair: why it may not be, or how it scores."""

    ruled_out: tuple[str, ...]
    suggestion: Suggestion | None


class LiveIndex:
    """One program, warm in memory. Not for several threads at once."""

    def __init__(self, cohort: Cohort, program: Program, engine: Engine) -> None:
        self._engine = engine
        self._startups = {one.id: one for one in cohort.startups}
        self._experts = {one.id: one for one in cohort.experts}
        self._asking = dict(zip(self._startups, encode_startups(cohort.startups, engine), strict=True))
        self._answering = dict(zip(self._experts, encode_experts(cohort.experts, engine), strict=True))
        self._rows: dict[tuple[str, Kind], dict[str, float]] = {}
        self._rivals: dict[str, dict[str, tuple[str, ...]]] = {}
        self._ways: dict[str, Mapping[str, WarmPath]] = {}
        self._held: Held | None = None
        self._base: dict[Kind, Segment] = {}
        self._fresh: dict[Kind, Segment] = {}
        self._written: dict[str, None] = {}
        self._forbidden: frozenset[Pair] = frozenset()
        self.decide(cohort, program)
        self._put_together()

    def decide(self, cohort: Cohort, program: Program) -> None:
        """Follow other decisions, relations or aliases: every score is computed anew when it is asked for."""
        self._cohort, self._program = cohort, program
        self._rows.clear()
        self._relate()

    def follow(self, cohort: Cohort, startups: Sequence[str], experts: Sequence[str]) -> None:
        """Follow a cohort in which these profiles were written or deleted."""
        asked, answered = frozenset(startups), frozenset(experts)
        asking = {one.id: one for one in cohort.startups if one.id in asked}
        answering = {one.id: one for one in cohort.experts if one.id in answered}
        # All at once, and before anything is changed: it takes longest, and may fail.
        asks = dict(zip(asking, encode_startups(list(asking.values()), self._engine), strict=True))
        answers = dict(zip(answering, encode_experts(list(answering.values()), self._engine), strict=True))
        self._cohort = cohort
        for id_ in startups:
            self._leave_out_startup(id_)
        for id_ in experts:
            self._leave_out_expert(id_)
        self._startups |= asking
        self._asking |= asks
        self._experts |= answering
        self._answering |= answers
        self._relate()
        if experts:
            self._segment()
            for id_ in experts:
                self._score_column(id_)

    def _leave_out_startup(self, id_: str) -> None:
        for kind in Kind:
            self._rows.pop((id_, kind), None)
        self._startups.pop(id_, None)
        self._asking.pop(id_, None)

    def _leave_out_expert(self, id_: str) -> None:
        self._experts.pop(id_, None)
        self._answering.pop(id_, None)
        self._written[id_] = None

    def _relate(self) -> None:
        """Look at conflicts and introductions anew.

        A startup is scored anew where a pair is no longer forbidden, which was never scored, and where somebody else
        than before could introduce it: who was written may stand between two that were not.
        """
        before, ways, self._ways = self._forbidden, self._ways, {}
        self._rivals.clear()
        self._held = None
        cohort, program, today = self._cohort, self._program, self._engine.today
        ecosystem = build_ecosystem(cohort, program)
        self._ties: Mapping[Pair, tuple[Tie, ...]] = conflicts(ecosystem, cohort, program, today)
        shut = forbidden_pairs(self._ties, cohort, program)
        self._introductions = Introductions(cohort, program, shut, ecosystem)
        self._forbidden = conflicting(self._ties)
        otherwise = {id_ for id_, _ in self._rows if ways[id_] != self._ways_of(self._startups[id_])}
        for startup in otherwise | {startup for startup, _ in before - self._forbidden}:
            for kind in Kind:
                self._rows.pop((startup, kind), None)

    def _put_together(self) -> None:
        self._written.clear()
        self._base = {kind: self._segment_of(kind, self._experts) for kind in Kind}
        for segment in self._base.values():
            # One copy of the vectors is enough: they are most of what is held.
            ids = [expert.id for expert in segment.experts]
            self._answering |= dict(zip(ids, split(segment.corpus), strict=True))
        self._fresh = {kind: self._segment_of(kind, ()) for kind in Kind}

    def _segment(self) -> None:
        if len(self._written) > _MOST_FRESH:
            self._put_together()
        else:
            there = [id_ for id_ in self._written if id_ in self._experts]
            self._fresh = {kind: self._segment_of(kind, there) for kind in Kind}

    def _segment_of(self, kind: Kind, ids: Iterable[str]) -> Segment:
        chosen = [id_ for id_ in ids if self._experts[id_].kind is kind]
        corpus = join([self._answering[id_] for id_ in chosen], self._dimension)
        experts = tuple(self._experts[id_] for id_ in chosen)
        return Segment(experts, corpus, self._engine.calibration, self._engine.today)

    @property
    def _dimension(self) -> int:
        return max((piece.vectors.shape[1] for piece in (*self._answering.values(), *self._asking.values())), default=0)

    # --- asking ---------------------------------------------------------------------------------------------------

    def for_startup(self, id_: str, kind: Kind, limit: int) -> list[Suggestion]:
        """Return the best eligible experts of a kind for a startup, best first; none where it seeks no such expert."""
        startup = self._startups[id_]
        if not startup.seeks_kind(kind):
            return []
        row = self._row(startup, kind)
        ordered = sorted(row, key=lambda expert: (-row[expert], expert))
        return self._shown([startup], [self._experts[one] for one in ordered[:limit]], kind)

    def for_expert(self, id_: str, limit: int) -> list[Suggestion]:
        """Return the best eligible startups for an expert, best first."""
        expert = self._experts[id_]
        scores = self._column(expert, [one for one in self._startups.values() if one.seeks_kind(expert.kind)])
        ordered = sorted(scores, key=lambda startup: (-scores[startup], startup))
        return self._shown([self._startups[one] for one in ordered[:limit]], [expert], expert.kind)

    def pair(self, startup: str, expert: str) -> Judged:
        """Return what there is to say of a pair."""
        one, other = self._startups[startup], self._experts[expert]
        if not one.seeks_kind(other.kind):
            return Judged((f"{startup} does not seek {other.kind.one}",), None)
        reasons = self._judge([one], [other]).reasons(0, 0)
        return Judged(reasons, None) if reasons else Judged((), self._shown([one], [other], other.kind)[0])

    def scores(self, startups: Sequence[str], experts: Sequence[str]) -> dict[Pair, float]:
        """Return the scores of all pairs of these startups and experts that are eligible, by pair."""
        found: dict[Pair, float] = {}
        for kind in Kind:
            asking = [one for one in map(self._startups.__getitem__, startups) if one.seeks_kind(kind)]
            answering = [one for one in map(self._experts.__getitem__, experts) if one.kind is kind]
            if asking and answering:
                found |= self._grid(asking, answering)
        return found

    def _grid(self, startups: Sequence[Startup], experts: Sequence[Expert]) -> dict[Pair, float]:
        texts = [self._asking[one.id] for one in startups], [self._answering[one.id] for one in experts]
        columns = np.arange(len(experts))
        scorer = self._scorer(startups, experts, compare(*texts, self._engine), columns)
        eligible = self._judge(startups, experts).eligible
        found: dict[Pair, float] = {}
        for row, startup in enumerate(startups):
            scores = scorer.score(row, columns).score.tolist()
            for column in np.flatnonzero(eligible[row]).tolist():
                if self._is_enough(scores[column]):
                    found[startup.id, experts[column].id] = scores[column]
        return found

    def _row(self, startup: Startup, kind: Kind) -> dict[str, float]:
        """Return the scores of a startup's shortlisted eligible experts."""
        key = (startup.id, kind)
        if key not in self._rows:
            row: dict[str, float] = {}
            for segment, stale in ((self._base[kind], self._written), (self._fresh[kind], {})):
                row |= self._scores(startup, segment, stale)
            self._rows[key] = row
        return self._rows[key]

    def _scores(self, startup: Startup, segment: Segment, stale: Mapping[str, None]) -> dict[str, float]:
        there = np.array([one.id not in stale for one in segment.experts], dtype=bool)
        comparer = segment.compared_with(self._asking[startup.id])
        chosen = self._shortlist(startup, comparer, segment.experts, there)
        scores = self._scorer([startup], segment.experts, comparer, chosen).score(0, chosen).score
        known = zip(chosen.tolist(), scores.tolist(), strict=True)
        return {segment.experts[at].id: score for at, score in known if self._is_enough(score)}

    def _shortlist(
        self, startup: Startup, comparer: Comparer, experts: Sequence[Expert], there: NDArray[np.bool_]
    ) -> NDArray[np.intp]:
        """Return the positions of the eligible experts that are nearest by meaning or share most words, ascending."""
        everybody = np.flatnonzero(there)
        if not len(self._asking[startup.id].passages) or len(everybody) <= _SHORTLIST:
            return self._eligible(startup, experts, everybody)
        best = np.nan_to_num(comparer.answered(0, everybody), nan=-1.0).max(axis=0)
        shares = comparer.shared.of(0, len(comparer.startups.passages)).max(axis=0)
        words = np.zeros(len(experts))
        np.maximum.at(words, comparer.experts.owners, shares)
        found: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        for order in (
            everybody[np.argsort(-best, kind="stable")],
            everybody[np.argsort(-words[everybody], kind="stable")],
        ):
            found = np.union1d(found, self._first_eligible(startup, experts, order))
        without_text = everybody[best < 0]
        return np.union1d(found, self._eligible(startup, experts, without_text))

    def _first_eligible(self, startup: Startup, experts: Sequence[Expert], order: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the first eligible positions of an order, looking at twice as many until there are enough."""
        seen = 2 * _SHORTLIST
        while True:
            found = self._eligible(startup, experts, order[:seen])
            if len(found) >= _SHORTLIST or seen >= len(order):
                return order[np.isin(order, found)][:_SHORTLIST]
            seen *= 2

    def _eligible(self, startup: Startup, experts: Sequence[Expert], at: NDArray[np.intp]) -> NDArray[np.intp]:
        eligible = self._judge([startup], [experts[one] for one in at.tolist()]).eligible[0]
        return np.sort(at[eligible])

    def _judge(self, startups: Sequence[Startup], experts: Sequence[Expert]) -> Eligibility:
        return judge(startups, experts, self._ties, self._program.bans)

    def _scorer(
        self, startups: Sequence[Startup], experts: Sequence[Expert], comparer: Comparer, chosen: NDArray[np.intp]
    ) -> Scorer:
        """Return the scorer of these experts; the fields of those that are not chosen are not looked at."""
        columns = {experts[at].id: at for at in chosen.tolist()}
        paths = {
            (row, columns[expert]): path
            for row, startup in enumerate(startups)
            for expert, path in self._ways_of(startup).items()
            if expert in columns
        }
        kind = experts[0].kind if experts else Kind.PROFESSOR
        return build_scorer(startups, experts, comparer, self._program.weights_for(kind), paths, chosen)

    def _ways_of(self, startup: Startup) -> Mapping[str, WarmPath]:
        """Return who could introduce the startup to whom, by expert. Kept until a write."""
        if startup.id not in self._ways:
            day = startup.date or self._engine.today
            self._ways[startup.id] = dict(self._introductions.known(startup.id, day))
        return self._ways[startup.id]

    def _is_enough(self, score: float) -> bool:
        least = self._program.min_score
        return not np.isnan(score) and (least is None or score >= least)

    def _column(self, expert: Expert, startups: Sequence[Startup]) -> dict[str, float]:
        """Return the scores of an expert with those of these startups that it may be paired with."""
        eligible = self._judge(startups, [expert]).eligible[:, 0]
        open_ = [startup for startup, may in zip(startups, eligible.tolist(), strict=True) if may]
        comparer = compare([self._asking[one.id] for one in open_], [self._answering[expert.id]], self._engine)
        only = np.zeros(1, dtype=np.intp)
        scorer = self._scorer(open_, [expert], comparer, only)
        scores = {one.id: float(scorer.score(row, only).score[0]) for row, one in enumerate(open_)}
        return {id_: score for id_, score in scores.items() if self._is_enough(score)}

    def _score_column(self, id_: str) -> None:
        """Put an expert's new scores into the rows that were computed before it was written."""
        expert = self._experts.get(id_)
        kept = [key for key in self._rows if expert is not None and key[1] is expert.kind]
        scores: dict[str, float] = {}
        if expert is not None:
            scores = self._column(expert, [self._startups[startup] for startup, _ in kept])
        for key, row in self._rows.items():
            row.pop(id_, None)
            if key[0] in scores and expert is not None and key[1] is expert.kind:
                row[id_] = scores[key[0]]

    def _shown(self, startups: Sequence[Startup], experts: Sequence[Expert], kind: Kind) -> list[Suggestion]:
        """Return the pairs of one startup with these experts, or of one expert with these startups, as suggestions."""
        asking = [self._asking[one.id] for one in startups]
        comparer = compare(asking, [self._answering[one.id] for one in experts], self._engine)
        columns = np.arange(len(experts))
        scorer = self._scorer(startups, experts, comparer, columns)
        judged = self._judge(startups, experts)
        shown = []
        for row, startup in enumerate(startups):
            scores = scorer.score(row, columns)
            shown_with = np.flatnonzero(judged.eligible[row]).tolist()
            rivals = self._held_rivals(startup, [experts[column] for column in shown_with])
            for column in shown_with:
                score, parts = scores.of(column)
                path = self._ways_of(startup).get(experts[column].id)
                told = (*judged.warnings.get((row, column), ()), *rivals[experts[column].id])
                found = evidence(scorer, row, column)
                who = startup.id, experts[column].id
                shown.append(Suggestion(*who, kind, score, parts, found, path.sentence if path else None, told))
        return shown

    def _held_rivals(self, startup: Startup, experts: Sequence[Expert]) -> Mapping[str, tuple[str, ...]]:
        """Return by expert which possible competitors it holds, in a sentence if any. Kept until a write."""
        known = self._rivals.setdefault(startup.id, {})
        if asked := [one for one in experts if one.id not in known]:
            self._held = self._held or what_is_held(self._cohort)
            found = held_rivals(self._cohort, self._held, startup, asked, self._engine)
            known |= {one.id: (found[one.id],) if one.id in found else () for one in asked}
        return known
