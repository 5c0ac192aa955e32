"""What the product does for people. The command line, later the API and the console, are thin callers of these."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matcher.engine import Engine
from matcher.errors import BadInput
from matcher.evidence import Evidence, evidence
from matcher.explanation import explain_choice
from matcher.forcing import Forcing, force, with_score
from matcher.offers import Offer
from matcher.pipeline import Explained, match
from matcher.profiles import Kind, Side
from matcher.program import Objective, Program
from matcher.ranker import Ranker
from matcher.retrieval import RetrievalParameters
from matcher.scored_pairs import ScoredPairs, score_kinds
from matcher.scoring import PartValues
from matcher.spread import Spread, spread
from models.cache import Cache
from models.encoders import OpenedEncoder, Progress
from models.opening import Models, open_models
from service.apart import ModelProcess
from service.reading.cohort import CohortInput, read_cohort
from service.settings import Settings
from service.solving import Solving
from service.stages import StageClock

if TYPE_CHECKING:
    from matcher.evaluation import Judgement, Measure


@dataclass(frozen=True)
class Workbench:
    """Opened models with everything that a run of this process shares."""

    settings: Settings
    models: Models
    engine: Engine
    clock: StageClock

    @property
    def encoder(self) -> OpenedEncoder:
        """What turns texts into vectors."""
        return self.models.encoder

    def keeping_in(self, cache: Cache) -> Workbench:
        """Return the same, keeping what is computed for texts in another cache."""
        models = self.models.keeping_in(cache)
        engine = replace(self.engine, encoder=models.encoder, lexicon=models.lexicon)
        return replace(self, models=models, engine=engine)


@dataclass(frozen=True)
class Learned:
    """A folder of learned rankers, and how far an expert's number of deals counts for them, in [0, 1]."""

    folder: Path
    popularity: float = 1.0

    def load(self) -> Mapping[Kind, Ranker]:
        """Return the rankers by kind. Raises `BadInput` for a folder that holds none that can be used."""
        from models.ranker import load_rankers  # most runs have none

        found = load_rankers(self.folder)
        return {kind: ranker.with_popularity(self.popularity) for kind, ranker in found.items()}


def open_workbench(
    settings: Settings,
    clock: StageClock,
    on_progress: Progress,
    time_limit: float = math.inf,
    model: Learned | None = None,
) -> Workbench:
    """Open the models of the settings; torch is loaded only if something has to be encoded.

    time_limit: seconds that a solver may search. model: the learned rankers, if any.
    """
    with clock("open"):
        models = open_models(settings.encoder, settings.cache_folder, settings.number_format)
        models.encoder.report_to(on_progress)
    return workbench_of(settings, models, dt.date.today(), clock, time_limit, model)


def open_models_apart(settings: Settings, process: ModelProcess) -> Models:
    """Open the models of the settings, in a process that ends when they are released."""
    return open_models(settings.encoder, settings.cache_folder, settings.number_format, process)


def workbench_of(
    settings: Settings,
    models: Models,
    today: dt.date,
    clock: StageClock,
    time_limit: float = math.inf,
    model: Learned | None = None,
) -> Workbench:
    """Return a workbench with models that are open; see `open_workbench`."""
    retrieval = RetrievalParameters(settings.index, settings.candidates)
    solving = Solving(time_limit, clock.on_stage)
    rankers = model.load() if model else {}
    known = models.encoder, models.lexicon, models.calibration
    engine = Engine(*known, today, retrieval, clock, solving, rankers)
    return Workbench(settings, models, engine, clock)


def load_cohort(folder: Path, clock: StageClock) -> CohortInput:
    """Read a cohort folder. Raises `BadCohort` with everything that is wrong."""
    with clock("read"):
        return read_cohort(folder)


def kinds_by_prior(kinds: Iterable[Kind], workbench: Workbench) -> list[Kind]:
    """Return those of the kinds whose scores no ranker learned: their parts are weighed by hand."""
    asked = frozenset(kinds)
    return [kind for kind in Kind if kind in asked and kind not in workbench.engine.rankers]


def told_of_model(cohort: CohortInput, kinds: Sequence[Kind], workbench: Workbench) -> CohortInput:
    """Return the cohort with a warning for what does not go with the model, if there is one.

    Each kind that is scored without it, and a minimum score. kinds: those asked for, empty for all that the cohort has.
    """
    rankers = workbench.engine.rankers
    if not rankers:
        return cohort
    ranked = " and ".join(f"{kind}s" for kind in rankers)
    scored = [kind for kind in kinds or cohort.cohort.kinds if cohort.cohort.experts_of(kind)]
    told = [
        f"model: it ranks {ranked} alone, so that {kind}s are scored without it; their scores are no probabilities and "
        f"do not compare with those of {ranked}"
        for kind in kinds_by_prior(scored, workbench)
    ]
    if cohort.program.min_score is not None and rankers.keys() & set(scored):
        told.append(
            f"program.toml: min_score {cohort.program.min_score:g} is held against the probabilities of the model for "
            f"{ranked} too, which are the smaller the more there are: set it for them, or leave it out"
        )
    return replace(cohort, warnings=(*cohort.warnings, *told))


class UnknownKind(BadInput):
    """A kind that no expert of the cohort has."""


@dataclass(frozen=True)
class MatchRequest:
    """What may differ from the program file in one run."""

    kinds: tuple[Kind, ...] = ()
    objective: Objective | None = None
    seed: int | None = None
    best_effort: bool = False


def decide(cohort: CohortInput, request: MatchRequest) -> CohortInput:
    """Return the cohort with the program as the request changes it. Raises `BadInput` for a kind nobody has."""
    _check_kinds(cohort, request.kinds)
    program = cohort.program
    if request.objective is not None:
        program = replace(program, objective=request.objective)
    if request.seed is not None:
        program = replace(program, seed=request.seed)
    return replace(cohort, program=program)


def match_cohort(cohort: CohortInput, request: MatchRequest, workbench: Workbench) -> tuple[Explained, ...]:
    """Return the explained assignment of every kind asked for; `cohort` has been through `decide`."""
    return match(cohort.cohort, cohort.program, workbench.engine, request.kinds, request.best_effort)


def _check_kinds(cohort: CohortInput, kinds: Sequence[Kind]) -> None:
    for kind in kinds:
        if kind not in cohort.cohort.kinds:
            present = ", ".join(cohort.cohort.kinds)
            raise UnknownKind(f"found kind {kind}, expected one that the cohort has: {present}")


@dataclass(frozen=True)
class Ranked:
    """One line of a ranking; rank 1 is best, among the pairs of the profile that is ranked for.

    warnings: ties that a manager should look at.
    """

    startup: str
    expert: str
    kind: Kind
    rank: int
    score: float | None
    parts: PartValues
    evidence: tuple[Evidence, ...]
    warm_path: str | None
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class RankRequest:
    """For which side to rank, of which kinds (empty: all), for one profile or all, and how many (0: every pair)."""

    side: Side
    top: int
    kinds: tuple[Kind, ...] = ()
    id: str | None = None


# The id of a profile and a kind of expert for which it has no ranking.
Alone = tuple[str, Kind]


@dataclass(frozen=True)
class Ranking:
    """The lines of all profiles, and who has none of a kind, because nobody is eligible."""

    lines: tuple[Ranked, ...]
    alone: tuple[Alone, ...]


def rank_cohort(cohort: CohortInput, request: RankRequest, workbench: Workbench) -> Ranking:
    """Return the best eligible pairs of each profile of one side, best first, unknown scores last."""
    _check_kinds(cohort, request.kinds)
    profiles = cohort.cohort.startups if request.side is Side.STARTUP else cohort.cohort.experts
    ids = [profile.id for profile in profiles]
    if request.id is not None:
        request = replace(request, id=cohort.cohort.stays(request.side, request.id))
    if request.id is not None and request.id not in ids:
        raise BadInput(f"found {request.side} {request.id!r}, expected the id of one in the cohort")
    engine = replace(workbench.engine, retrieval=_wide_enough(workbench.engine.retrieval, request.top))
    # What is nearest to a startup says nothing about what is nearest to an expert.
    every_pair = not request.top or request.side is Side.EXPERT
    scored = list(score_kinds(cohort.cohort, cohort.program, engine, request.kinds, every_pair))
    with workbench.clock("rank"):
        entries = _eligible_pairs(scored, request)
        wanted = [request.id] if request.id is not None else ids
        lines = tuple(line for id_ in wanted for line in _ranking(entries.get(id_, []), request.top))
        return Ranking(lines, tuple(_alone(scored, request, entries)))


def _alone(scored: Sequence[ScoredPairs], request: RankRequest, entries: Mapping[str, Sequence[_Entry]]) -> list[Alone]:
    ranked = {(profile, entry.pairs.kind) for profile, of_profile in entries.items() for entry in of_profile}
    asked = [
        (profile.id, pairs.kind)
        for pairs in scored
        for profile in (pairs.startups if request.side is Side.STARTUP else pairs.experts)
        if request.id in (None, profile.id)
    ]
    return [one for one in asked if one not in ranked]


def _wide_enough(retrieval: RetrievalParameters, top: int) -> RetrievalParameters:
    return replace(retrieval, experts=max(retrieval.experts, top))


@dataclass(frozen=True, order=True)
class _Entry:
    """A scored pair in the order of a ranking: best first, unknown last, then by id."""

    worst_first: float
    startup: str
    expert: str
    pairs: ScoredPairs = field(compare=False)
    row: int = field(compare=False)
    column: int = field(compare=False)


def _eligible_pairs(scored: Sequence[ScoredPairs], request: RankRequest) -> dict[str, list[_Entry]]:
    """Return the eligible pairs that were scored, by the id of the profile that is ranked for.

    Of each startup only the best are kept where only so many are asked for.
    """
    most = request.top if request.side is Side.STARTUP and request.top else None
    found: defaultdict[str, list[_Entry]] = defaultdict(list)
    for pairs in scored:
        for row, (startup, (columns, worst_first)) in enumerate(zip(pairs.startups, _best_first(pairs), strict=True)):
            for column, worst in zip(columns[:most].tolist(), worst_first[:most].tolist(), strict=True):
                expert = pairs.experts[column].id
                profile = startup.id if request.side is Side.STARTUP else expert
                found[profile].append(_Entry(worst, startup.id, expert, pairs, row, column))
    return found


def _best_first(pairs: ScoredPairs) -> Iterator[tuple[NDArray[np.intp], NDArray[np.float64]]]:
    """Yield for each startup the columns of its eligible experts that were scored, best first, unknown ones last.

    Beside them how bad each score is: its negative, 1 where it is unknown.
    """
    by_id = np.argsort(np.argsort([expert.id for expert in pairs.experts]))
    for row, scores in enumerate(pairs.scores):
        worst_first = np.where(np.isnan(scores.score), 1.0, -scores.score)
        order = np.lexsort([by_id[scores.experts], worst_first])
        kept = order[pairs.eligibility.eligible[row, scores.experts[order]]]
        yield scores.experts[kept], worst_first[kept]


def _ranking(entries: list[_Entry], top: int) -> Iterator[Ranked]:
    for rank, entry in enumerate(sorted(entries)[: top or None], 1):
        score, parts = entry.pairs.scores[entry.row].of(entry.column)
        told = evidence(entry.pairs.scorer, entry.row, entry.column)
        way = entry.pairs.warm_path(entry.row, entry.column)
        warned = entry.pairs.eligibility.warnings.get((entry.row, entry.column), ())
        yield Ranked(entry.startup, entry.expert, entry.pairs.kind, rank, score, parts, told, way, warned)


@dataclass(frozen=True)
class Evaluation:
    """How well the scores agree with judgements, and how far the first places spread over the experts of a kind.

    skipped: judged pairs that are not eligible.
    """

    measures: tuple[Measure, ...]
    spreads: Mapping[Kind, Spread]
    judged: int
    skipped: int


def evaluate_cohort(cohort: CohortInput, judgements: Sequence[Judgement], workbench: Workbench) -> Evaluation:
    """Return how well the scores of all eligible pairs agree with the judgements."""
    from matcher.evaluation import evaluate

    scores: dict[tuple[str, str], float] = {}
    spreads: dict[Kind, Spread] = {}
    for pairs in score_kinds(cohort.cohort, cohort.program, workbench.engine, every_pair=True):
        for startup, of_startup in zip(pairs.startups, pairs.scores, strict=True):
            experts = [pairs.experts[column].id for column in of_startup.experts]
            scores |= {(startup.id, id_): score for id_, score in zip(experts, of_startup.score.tolist(), strict=True)}
        if found := _spread(pairs):
            spreads[pairs.kind] = found
    with workbench.clock("evaluate"):
        skipped = sum((one.startup, one.expert) not in scores for one in judgements)
        return Evaluation(tuple(evaluate(judgements, scores)), spreads, len(judgements), skipped)


def _spread(pairs: ScoredPairs) -> Spread | None:
    """Return how far the first places of the startups spread, those of known scores; None where there are none."""
    firsts = [columns[worst_first <= 0].tolist() for columns, worst_first in _best_first(pairs)]
    return spread(firsts, [len(expert.documents) for expert in pairs.experts]) if any(firsts) else None


@dataclass(frozen=True)
class PairAnswer:
    """What there is to say about one pair: how it scores, and why it was made or not.

    ruled_out: why it may not be made; then nothing else is told. sentences: why it was made or not.
    forcing: what making a pair that was not made would change, None where nothing exact can be said.
    """

    startup: str
    expert: str
    kind: Kind
    matched: bool
    ruled_out: tuple[str, ...] = ()
    score: float | None = None
    parts: PartValues = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    warnings: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    forcing: Forcing | None = None
    offers: tuple[Offer, ...] = ()
    warm_path: str | None = None


def explain_pair(cohort: CohortInput, startup: str, expert: str, workbench: Workbench) -> PairAnswer:
    """Return why the two are matched or not, in an assignment of the expert's kind.

    Raises `BadInput` for an unknown id, and `Infeasible` where there is no assignment to explain.
    """
    startups = {one.id: one for one in cohort.cohort.startups}
    experts = {one.id: one for one in cohort.cohort.experts}
    startup, expert = cohort.cohort.stays(Side.STARTUP, startup), cohort.cohort.stays(Side.EXPERT, expert)
    for side, id_, known in ((Side.STARTUP, startup, startups), (Side.EXPERT, expert, experts)):
        if id_ not in known:
            raise BadInput(f"found {side} {id_!r}, expected the id of one in the cohort")
    kind = experts[expert].kind
    if not startups[startup].seeks_kind(kind):
        return PairAnswer(startup, expert, kind, False, (f"{startup} does not seek {kind.one}",))
    (explained,) = match_cohort(cohort, MatchRequest(kinds=(kind,)), workbench)
    return _answer(explained, cohort.program, startup, expert)


def _answer(explained: Explained, program: Program, startup: str, expert: str) -> PairAnswer:
    row = [one.id for one in explained.outcome.startups].index(startup)
    column = [one.id for one in explained.outcome.experts].index(expert)
    outcome = with_score(explained.outcome, (row, column), program.min_score)
    offers = tuple(offer for offer in explained.offers if offer.startup == startup)
    ruled_out = outcome.eligibility.reasons(row, column)
    if ruled_out:
        return PairAnswer(startup, expert, outcome.kind, False, ruled_out, offers=offers)
    score, parts = outcome.score_of(row, column)
    matched = (row, column) in outcome.assignment.pairs
    return PairAnswer(
        startup,
        expert,
        outcome.kind,
        matched,
        (),
        score,
        parts,
        evidence(outcome.scorer, row, column),
        outcome.eligibility.warnings.get((row, column), ()),
        explain_choice(outcome, row, column),
        None if matched else force(outcome, program, (row, column)),
        offers,
        outcome.warm_path(row, column),
    )
