"""Profiles → scored pairs: everything that comes before one of them is chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from matcher.competitors import rivals
from matcher.corpus import build_corpus
from matcher.described import deals_described, experts_described, startup_described
from matcher.ecosystem import conflicts
from matcher.ecosystem_graph import build_ecosystem
from matcher.eligibility import Eligibility, judge
from matcher.encoding import Role
from matcher.engine import Engine, Stage
from matcher.errors import BadInput
from matcher.mandates import Gate, Mask
from matcher.passages import expert_passages, startup_passages
from matcher.profiles import Cohort, Expert, Kind, Startup
from matcher.program import Program
from matcher.program_check import misfits
from matcher.ranker import Introduced, LearnedScorer, Records, build_records
from matcher.retrieval import candidates
from matcher.rivals import Rivals, ties_of_all
from matcher.scoring import ScoringRule, StartupScores, build_scorer
from matcher.similarity import Comparer, build_comparer
from matcher.tie import Pair, Tie, forbidden_pairs
from matcher.warm_paths import Introductions, WarmPath


@dataclass(frozen=True)
class Web:
    """What relates the parties of a cohort: ties and warm paths by (startup id, expert id), and who may compete.

    introductions: where the paths are from.
    """

    ties: Mapping[Pair, tuple[Tie, ...]]
    paths: Mapping[Pair, WarmPath]
    rivals: tuple[Rivals, ...]
    introductions: Introductions


@dataclass(frozen=True)
class ScoredPairs:
    """The pairs of one kind: n startups that seek it, m experts, who may be paired, and what the pairs are worth.

    scores: n entries, each over the experts that were scored for that startup. warm_paths: by (row, column), of
    eligible pairs. web: what relates the parties of the whole cohort.
    """

    kind: Kind
    startups: tuple[Startup, ...]
    experts: tuple[Expert, ...]
    eligibility: Eligibility
    scorer: ScoringRule
    scores: tuple[StartupScores, ...]
    warm_paths: Mapping[tuple[int, int], WarmPath]
    web: Web

    def positions(self, pairs: Sequence[Pair]) -> list[tuple[int, int]]:
        """Return row and column of each pair of ids; pairs of another kind, or not sought, are left out."""
        rows = {startup.id: row for row, startup in enumerate(self.startups)}
        columns = {expert.id: column for column, expert in enumerate(self.experts)}
        return [(rows[s], columns[e]) for s, e in pairs if s in rows and e in columns]

    def warm_path(self, row: int, column: int) -> str | None:
        """Return who could introduce the two, in a sentence, or None."""
        path = self.warm_paths.get((row, column))
        return path.sentence if path else None

    @property
    def scored(self) -> Mask:
        """(n, m): which pairs were scored."""
        mask = np.zeros(self.eligibility.eligible.shape, dtype=bool)
        for row, scores in enumerate(self.scores):
            mask[row, scores.experts] = True
        return mask


Pairs = TypeVar("Pairs", bound=ScoredPairs)


def score_kinds(
    cohort: Cohort, program: Program, engine: Engine, kinds: Sequence[Kind] = (), every_pair: bool = False
) -> Iterator[ScoredPairs]:
    """Yield the scored pairs of each kind, `kinds` empty for all that the cohort has.

    Candidates and pins are scored, or all eligible pairs where `every_pair` is set or a ranker scores. Raises
    `BadInput` where the program does not fit the cohort, and for rankers of other kinds alone.
    """
    _check_ranked(cohort, engine, kinds or cohort.kinds)
    problems = misfits(program, cohort)
    if problems:
        raise BadInput("; ".join(problems))
    with engine.watch(Stage.RELATE):
        web = relate(cohort, program, engine)
    for kind in kinds or cohort.kinds:
        pairs = _unscored(cohort, program, engine, kind, web)
        with engine.watch(Stage.RETRIEVE):
            # What texts are near says little about whom a ranker learned to put first.
            all_of_them = every_pair or kind in engine.rankers
            chosen = pairs.eligibility.eligible if all_of_them else _candidates(pairs, program, engine)
        with engine.watch(Stage.SCORE):
            scored = with_scores(pairs, chosen, program.min_score)
        yield scored  # outside: what is done with the pairs is no scoring


def _check_ranked(cohort: Cohort, engine: Engine, kinds: Sequence[Kind]) -> None:
    """Raise `BadInput` where there are rankers, and none of a kind that is scored: nothing of them would be used."""
    scored = [kind for kind in kinds if cohort.experts_of(kind)]
    if engine.rankers and scored and not engine.rankers.keys() & set(scored):
        raise BadInput(
            f"found a model that ranks {_told(engine.rankers)} and a cohort of which {_told(scored)} are scored, "
            "expected a kind that both have: leave the model out, or train one on outcomes of that kind"
        )


def _told(kinds: Iterable[Kind]) -> str:
    return " and ".join(f"{kind}s" for kind in kinds)


def relate(cohort: Cohort, program: Program, engine: Engine) -> Web:
    """Return what relates the parties; a possible competitor in an expert's hands is a tie that warns."""
    ecosystem = build_ecosystem(cohort, program)
    found = dict(conflicts(ecosystem, cohort, program, engine.today))
    introductions = Introductions(cohort, program, forbidden_pairs(found, cohort, program), ecosystem)
    suspected = rivals(cohort, engine)
    for pair, tie in ties_of_all(suspected):
        found[pair] = (*found.get(pair, ()), tie)
    return Web(found, introductions.of_all(engine.today), suspected, introductions)


def _unscored(
    cohort: Cohort,
    program: Program,
    engine: Engine,
    kind: Kind,
    web: Web,
) -> ScoredPairs:
    startups = tuple(startup for startup in cohort.startups if startup.seeks_kind(kind))
    experts = cohort.experts_of(kind)
    with engine.watch(Stage.ENCODE):
        comparer = compare_texts(startups, experts, engine)
    with engine.watch(Stage.ELIGIBILITY):
        eligibility = judge(startups, experts, web.ties, program.bans)
    near = _eligible_paths(startups, experts, eligibility, web.paths)
    ranker = engine.rankers.get(kind)
    scorer: ScoringRule = build_scorer(startups, experts, comparer, program.weights_for(kind), near)
    if ranker is not None:
        records = records_of(startups, experts, introduced_to(startups, web.introductions, engine), engine)
        scorer = LearnedScorer(comparer, records, ranker.model)
    return ScoredPairs(kind, startups, experts, eligibility, scorer, (), near, web)


def _eligible_paths(
    startups: Sequence[Startup], experts: Sequence[Expert], eligibility: Eligibility, paths: Mapping[Pair, WarmPath]
) -> Mapping[tuple[int, int], WarmPath]:
    rows = {startup.id: row for row, startup in enumerate(startups)}
    columns = {expert.id: column for column, expert in enumerate(experts)}
    here = {(rows[s], columns[e]): path for (s, e), path in paths.items() if s in rows and e in columns}
    return {pair: path for pair, path in here.items() if eligibility.eligible[pair]}


def compare_texts(startups: Sequence[Startup], experts: Sequence[Expert], engine: Engine) -> Comparer:
    """Return both sides as vectors and words; nothing is encoded where one side has no text to compare with."""
    asking = [startup_passages(row, startup) for row, startup in enumerate(startups)]
    answering = [expert_passages(column, expert) for column, expert in enumerate(experts)]
    if not any(asking) or not any(answering):
        asking, answering = [[] for _ in asking], [[] for _ in answering]
    how = engine.encoder, engine.lexicon, engine.calibration
    sides = build_corpus(asking, Role.QUERY, *how), build_corpus(answering, Role.PASSAGE, *how)
    return build_comparer(*sides, engine.calibration, engine.today)


def introduced_to(startups: Sequence[Startup], introductions: Introductions, engine: Engine) -> Introduced:
    """Return to whom each of these startups could be introduced on the day it asks."""
    return lambda row: introductions.foretelling(startups[row].id, startups[row].date or engine.today)


def records_of(
    startups: Sequence[Startup], experts: Sequence[Expert], introduced: Introduced, engine: Engine
) -> Records:
    """Return the startups held against what the experts did and say, and who could introduce them."""
    with engine.watch(Stage.ENCODE):
        about = deals_described(experts)
        asking = [startup_described(startup) for startup in startups]
        described = compare_texts(asking, experts_described(experts, about), engine)
    return build_records(startups, experts, described, about, introduced, engine.today)


def _candidates(pairs: ScoredPairs, program: Program, engine: Engine) -> Mask:
    eligible = pairs.eligibility.eligible
    chosen = candidates(pairs.scorer.comparer, eligible, engine.retrieval)
    for pair in (*pairs.positions(program.pins), *pairs.warm_paths):
        chosen[pair] = eligible[pair]
    return chosen


def with_scores(pairs: Pairs, chosen: Mask, min_score: float | None) -> Pairs:
    """Return the pairs with those of `chosen` scored, and those below `min_score` ruled out."""
    return _ruled_out_below(min_score, replace(pairs, scores=tuple(pairs.scorer.score_all(chosen))))


def with_more_scores(pairs: Pairs, found: Iterable[StartupScores], min_score: float | None) -> Pairs:
    """Return the pairs with those of `found` scored besides, of each startup, and those below `min_score` ruled out.

    found: pairs that have no score yet. What is ruled out keeps no score.
    """
    eligible = pairs.eligibility.eligible
    scores = tuple(
        known.only(eligible[row, known.experts]).joined(new)
        for row, (known, new) in enumerate(zip(pairs.scores, found, strict=True))
    )
    return _ruled_out_below(min_score, replace(pairs, scores=scores))


def _ruled_out_below(least: float | None, pairs: Pairs) -> Pairs:
    if least is None:
        return pairs
    eligible = pairs.eligibility.eligible
    below = np.zeros(eligible.shape, dtype=bool)
    for row, of_row in enumerate(pairs.scores):
        below[row, of_row.experts[of_row.score < least]] = True
    if not below.any():
        return pairs
    gate = Gate("min_score", below, lambda row, column: f"min_score: the pair scores below {least}")
    gates = (*pairs.eligibility.gates, gate)
    return replace(pairs, eligibility=replace(pairs.eligibility, eligible=eligible & ~below, gates=gates))
