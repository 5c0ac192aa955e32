"""How well the scores order what people judged, on public sets, beside the published figures.

    python benchmarks/quality.py [--data DIR] [--ablations]

DIR holds the sets in the project's cohort format (default ../shared/data); a set that is not there is left out and said
so. One configuration for all sets: the default one, read from the environment like the commands do. With --ablations
each view and each mechanism is turned off in turn; for the gold standard a paired bootstrap over researchers says in
what share of resamples the whole is better than what is left.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from unittest import mock

import numpy as np

# This folder has a service.py of its own, which must not hide the package.
sys.path.append(sys.path.pop(0))

from matcher import calibration, shared_words, similarity
from matcher.calibration import Calibration
from matcher.engine import Engine
from matcher.evaluation import Judgement, Measure, evaluate
from matcher.lexicon import Words
from matcher.profiles import Cohort, Expert, Kind, Limits, Need, Startup
from matcher.program import Program
from matcher.scored_pairs import score_kinds
from models.calibration import calibrate
from models.opening import open_models
from service.reading.cohort import read_cohort
from service.reading.judgements import read_judgements
from service.settings import Settings, read_settings
from service.stages import StageClock
from service.use_cases import open_workbench

# Pairs in one pool of the parallel sentences; 500 others of its own language compete with a translation.
_POOL = 500

# Stelmakh, Wieting, Neubig and Shah (2023), table 2: loss, easy, hard, of all 58 researchers; the means over draws of
# the authors' stored predictions for the 33 in the set. AutoRAG's Korean benchmark: recall@1, 5, 10, all questions.
PUBLISHED = {
    "gold": [
        ("33 researchers: SPECTER+MFR", (0.182, 0.932, 0.593)),
        ("33 researchers: TPMS", (0.238, 0.840, 0.676)),
        ("58 researchers: SPECTER2+SciNCL", (0.21, 0.91, 0.65)),
    ],
    "korean-retrieval": [
        ("114 questions: bge-m3", (0.675, 0.930, 0.965)),
        ("114 questions: KoE5", (0.693, 0.904, 0.921)),
    ],
    "parallel": [],
    "investors-crypto": [("popularity", (0.108, 0.080)), ("sector counts", (0.156, 0.135))],
    "investors-crunchbase": [("popularity", (0.078, 0.043)), ("sector × region counts", (0.155, 0.106))],
}
TOLD = {
    "gold": ("weighted Kendall loss", "easy pairs", "hard pairs"),
    "korean-retrieval": ("recall@1", "recall@5", "recall@10"),
    "parallel": ("ko→en recall@1", "en→ko recall@1"),
    "investors-crypto": ("recall@10", "nDCG@10"),
    "investors-crunchbase": ("recall@10", "nDCG@10"),
}


@dataclass(frozen=True)
class Draw:
    """A cohort with what was judged of it."""

    cohort: Cohort
    judgements: list[Judgement]


def main() -> None:
    """Measure every set and print the tables."""
    arguments = argparse.ArgumentParser(description="Quality on public sets, beside published figures.")
    arguments.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data")
    arguments.add_argument("--ablations", action="store_true", help="turn off each mechanism in turn")
    given = arguments.parse_args()
    if not given.data.is_dir():
        sys.exit(f"{given.data} is not a folder; name the one that holds the sets with --data")
    settings = read_settings()
    engine = open_workbench(settings, StageClock(), lambda done, total: None).engine
    print(f"commit {_commit()}, encoder {engine.encoder.fingerprint}, lexicon {engine.lexicon.fingerprint}\n")
    for name in TOLD:
        draws = read_draws(given.data, name)
        if not draws:
            print(f"{name}: not in {given.data}\n")
            continue
        whole = measure(name, draws, engine)
        _print_set(name, whole)
        if given.ablations and name in ("gold", "korean-retrieval", "parallel"):
            for told, measured in ablate(name, draws, engine, settings):
                _print_row(f"without {told}", measured, _better(whole, measured) if name == "gold" else "")
        print(flush=True)


def _commit() -> str:
    found = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)  # noqa: S607
    return found.stdout.strip() or "unknown"


def read_draws(data: Path, name: str) -> list[Draw]:
    """Return the cohorts of a set with their judgements; none where the set is not there."""
    if name == "parallel":
        path = data / name / "dev.csv"
        return list(_parallel(path)) if path.is_file() else []
    folders = {"gold": sorted((data / "gold").glob("[0-9]*")), "korean-retrieval": [data / name]}
    found = []
    for folder in folders.get(name, [data / name / "test"]):
        if folder.is_dir():
            cohort = read_cohort(folder).cohort
            file = (folder.parent if name == "gold" else folder) / "judgements.csv"
            found.append(Draw(cohort, read_judgements(file, cohort)))
    return found


def _parallel(path: Path) -> Iterator[Draw]:
    """Yield from Korean and from English, in pools: every sentence asks, all of both languages answer.

    A sentence has one id on both sides, so that it is not compared with itself.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    limits = {Kind.PROFESSOR: Limits(0, 1)}
    for language, other in (("ko", "en"), ("en", "ko")):
        for begin in range(0, len(rows), _POOL):
            pool = rows[begin : begin + _POOL]
            startups = [
                Startup(id=f"{language}{at}", needs=(Need(row[language]),), limits=limits)
                for at, row in enumerate(pool)
            ]
            experts = [
                Expert(id=f"{of}{at}", kind=Kind.PROFESSOR, expertise=(row[of],))
                for of in (language, other)
                for at, row in enumerate(pool)
            ]
            judged = [Judgement(f"{language}{at}", f"{other}{at}", 1.0) for at in range(len(pool))]
            yield Draw(Cohort(tuple(startups), tuple(experts), ()), judged)


def measure(name: str, draws: Sequence[Draw], engine: Engine) -> list[Measure]:
    """Return the measures of a set; the draws of the gold standard are averaged list by list."""
    found = [evaluate(draw.judgements, _scores(draw.cohort, engine)) for draw in draws]
    if name == "parallel":
        half = len(found) // 2
        directions = {"ko→en": found[:half], "en→ko": found[half:]}
        return [_joined(f"{told} {TOLD['korean-retrieval'][0]}", some) for told, some in directions.items()]
    return [_mean(found, of) for of in TOLD[name]]


def _scores(cohort: Cohort, engine: Engine) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for pairs in score_kinds(cohort, Program(), engine, every_pair=True):
        for startup, scores in zip(pairs.startups, pairs.scores, strict=True):
            ids = [pairs.experts[column].id for column in scores.experts]
            found |= {(startup.id, id_): score for id_, score in zip(ids, scores.score.tolist(), strict=True)}
    return found


def _named(measures: Sequence[Measure], name: str) -> Measure:
    return next(one for one in measures if one.name == name)


def _mean(draws: Sequence[Sequence[Measure]], name: str) -> Measure:
    some = [_named(draw, name) for draw in draws]
    value, low, high = (float(np.mean([getattr(one, of) for one in some])) for of in ("value", "low", "high"))
    return replace(some[0], value=value, low=low, high=high, sums=np.mean([one.sums for one in some], axis=0))


def _joined(name: str, pools: Sequence[Sequence[Measure]]) -> Measure:
    some = [_named(pool, "recall@1") for pool in pools]
    sums = np.concatenate([one.sums for one in some])
    spread = 1.96 * np.sqrt(sums[:, 0].var() / len(sums))
    value = float(sums[:, 0].mean())
    return Measure(name, value, value - spread, value + spread, sums, "sentences")


def _print_set(name: str, measures: Sequence[Measure]) -> None:
    print(f"{name:46}" + "".join(f"{one.name:>24}" for one in measures))
    _print_row("ours", measures, f"{len(measures[0].sums)} {measures[0].unit}")
    for told, figures in PUBLISHED[name]:
        print(f"  {told:44}" + "".join(f"{figure:>24.3f}" for figure in figures))


def _print_row(told: str, measures: Sequence[Measure], note: str = "") -> None:
    cells = (f"{one.value:.3f} ({one.low:.3f}–{one.high:.3f})" for one in measures)
    print(f"  {told:44}" + "".join(f"{cell:>24}" for cell in cells) + (f"   {note}" if note else ""), flush=True)


def _better(whole: Sequence[Measure], without: Sequence[Measure]) -> str:
    """Return in what share of resamples over researchers the whole has the smaller loss."""
    one, other = whole[0].sums, without[0].sums
    drawn = np.random.default_rng(0).integers(len(one), size=(5000, len(one)))
    losses = [sums[drawn].sum(axis=1) for sums in (one, other)]
    gain = losses[1][:, 0] / losses[1][:, 1] - losses[0][:, 0] / losses[0][:, 1]
    return f"the whole is better in {((gain > 0) + (gain == 0) / 2).mean():.0%} of resamples"


class NoWords:
    """A lexicon that finds nothing."""

    fingerprint = "no words"

    def words(self, texts: Sequence[str]) -> list[Words]:
        """Return no word for each text."""
        return [() for _ in texts]


def ablate(name: str, draws: Sequence[Draw], engine: Engine, settings: Settings) -> Iterator[tuple[str, list[Measure]]]:
    """Yield what is turned off and the measures without it; what needs another calibration gets one."""

    def measured(changed: Engine = engine) -> list[Measure]:
        return measure(name, draws, changed)

    views = {"the English view": "multilingual-e5-small"}
    if name == "gold":  # the English encoder reads no Korean
        views["the multilingual view"] = "all-minilm-l6-v2"
    for told, encoder in views.items():
        models = open_models(encoder, settings.cache_folder, settings.number_format)
        yield told, measured(replace(engine, encoder=models.encoder, calibration=models.calibration))
    yield "words", measured(replace(engine, lexicon=NoWords(), calibration=calibrate(engine.encoder, NoWords())))
    for told, weights in (
        ("words within a language", ("_WORDS_WITHIN", 0.0)),
        ("words across", ("_WORDS_ACROSS", 0.0)),
    ):
        with mock.patch.object(calibration, *weights):
            yield told, measured(_calibrated_anew(engine))
    for told, constant in (("early saturation (k₁ 1.2)", ("SATURATION", 1.2)), ("the constant c", ("BRIEF", 0.0))):
        with mock.patch.object(shared_words, *constant):
            yield told, measured(_calibrated_anew(engine))
    yield "centring", measured(_uncentred(engine))
    yield "the point `same`", measured(_with_knots(engine, _without_same))
    yield "calibration per pair of languages", measured(_with_knots(engine, _all_alike))
    if name == "gold":  # elsewhere an expert has one undated text
        for sources in (1, 2, 5, 8, 1000):
            with mock.patch.object(similarity, "BEST_SOURCES", sources):
                yield f"the best three sources (best {sources})", measured()
        with mock.patch.object(similarity, "_LASTING", 1.0):
            yield "recency", measured()


def _calibrated_anew(engine: Engine) -> Engine:
    return replace(engine, calibration=calibrate(engine.encoder, engine.lexicon))


def _uncentred(engine: Engine) -> Engine:
    with mock.patch.object(
        calibration, "_centres", lambda views, vectors: np.zeros((3, vectors[0].shape[1]), np.float32)
    ):
        return _calibrated_anew(engine)


def _with_knots(engine: Engine, change: Callable[[Calibration], np.ndarray]) -> Engine:
    return replace(engine, calibration=replace(engine.calibration, knots=change(engine.calibration)))


def _without_same(of: Calibration) -> np.ndarray:
    """Worth grows on from `rare` as from `usual` to it, so far as the pair of languages reaches that goes furthest."""
    knots = of.knots.copy()
    steps = (knots[..., 2] - knots[..., 0]) / (knots[..., 1] - knots[..., 0])
    furthest = 3 * max(steps.max(), 3.1)
    span = knots[..., 1] - knots[..., 0]
    knots[..., 2] = knots[..., 0] + span * furthest * 0.9
    knots[..., 3] = knots[..., 0] + span * furthest
    return knots


def _all_alike(of: Calibration) -> np.ndarray:
    return np.broadcast_to(of.knots.mean(axis=(0, 1)), of.knots.shape).copy()


if __name__ == "__main__":
    main()
