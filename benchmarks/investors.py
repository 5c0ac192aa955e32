"""Whom investors back: the learned ranker beside popularity and counts, on real deals.

    python benchmarks/investors.py FOLDER [FOLDER …] [--popularity 1 0.5 0]

FOLDER holds `train/` (a cohort with outcomes.csv) and `test/` (a later cohort with judgements.csv); one configuration
for all. Each baseline is ranked beside the ranker in the same run; the interval of the difference comes from
resampling startups. Coverage: the share of investors in anybody's first ten; top 1 %: the share of those places that
go to the one per cent of investors with most deals.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# This folder has a service.py of its own, which must not hide the package.
sys.path.append(sys.path.pop(0))

from matcher.learning import learn
from matcher.profiles import Kind, Startup
from matcher.ranker import Ranker, Records
from matcher.scored_pairs import records_of
from service.reading.cohort import read_cohort
from service.reading.judgements import read_judgements
from service.reading.outcomes import read_outcomes
from service.settings import read_settings
from service.stages import StageClock
from service.use_cases import open_workbench

_DEPTH = 10
_RESAMPLES = 2000

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Question:
    """A startup of the test, and who backed it."""

    row: int
    startup: Startup
    backed: frozenset[int]


def baselines(records: Records, question: Question) -> dict[str, Values]:
    """Return (m,) scores of each baseline: numbers of deals, all or those that agree; ties by all deals."""
    record, startup = records.record, question.startup
    every = np.ones(len(record.owners), dtype=bool)
    fields = {
        "popularity": None,
        "sector counts": record.names_one_of(startup.sectors),
        "region counts": record.lies_in(startup.region),
        "stage counts": record.is_of_stage(startup.stage),
    }
    known = {name: every if field is None else field.agrees for name, field in fields.items()}
    known["sector x region counts"] = known["sector counts"] & known["region counts"]
    counts = {name: np.bincount(record.owners, agrees, record.experts) for name, agrees in known.items()}
    return {name: count + 1e-4 * counts["popularity"] for name, count in counts.items()}


def ndcg_and_recall(first: Values, backed: frozenset[int]) -> tuple[float, float]:
    """Return nDCG@10 and recall@10 of the first ten."""
    discounts = 1 / np.log2(np.arange(2, _DEPTH + 2))
    hits = np.isin(first, list(backed))
    return float((hits * discounts[: len(hits)]).sum() / discounts[: len(backed)].sum()), hits.sum() / len(backed)


def report(
    name: str, firsts: NDArray[np.intp], questions: list[Question], deals: Values, best: Values | None
) -> Values:
    """Print one line and return the nDCG of each question; best: that of the ranker, to compare with."""
    both = np.array([ndcg_and_recall(first, one.backed) for first, one in zip(firsts, questions, strict=True)])
    popular = np.argsort(-deals)[: max(1, round(len(deals) / 100))]
    told = f"{name:26s} {both[:, 0].mean():8.4f} {both[:, 1].mean():10.4f}"
    told += f" {len(np.unique(firsts)) / len(deals):9.1%} {np.isin(firsts, popular).mean():7.1%}"
    if best is not None:
        gain = best - both[:, 0]
        drawn = np.random.default_rng(0).integers(len(gain), size=(_RESAMPLES, len(gain)))
        low, high = np.quantile(gain[drawn].mean(axis=1), (0.025, 0.975))
        told += f"   ranker {gain.mean():+.4f} ({low:+.4f} to {high:+.4f})"
    print(told)
    return both[:, 0]


def measure(folder: Path, popularity: list[float]) -> None:
    """Train on the folder's past, rank its later startups and print every order."""
    clock = StageClock()
    workbench = open_workbench(read_settings(), clock, lambda done, total: None)
    past = read_cohort(folder / "train")
    outcomes = read_outcomes(folder / "train" / "outcomes.csv", past.cohort)
    began, worked = time.perf_counter(), time.process_time()
    ranker = learn(past.cohort, outcomes, Kind.INVESTOR, workbench.engine).ranker
    trained, worked = time.perf_counter() - began, time.process_time() - worked
    later = read_cohort(folder / "test").cohort
    judged = read_judgements(folder / "test" / "judgements.csv", later)
    experts = later.experts_of(Kind.INVESTOR)
    began = time.perf_counter()
    records = records_of(later.startups, experts, workbench.engine)
    encoded = time.perf_counter() - began
    columns = {expert.id: column for column, expert in enumerate(experts)}
    backed: dict[str, set[int]] = {}
    for one in judged:
        backed.setdefault(one.startup, set()).add(columns[one.expert])
    questions = [
        Question(row, startup, frozenset(backed[startup.id]))
        for row, startup in enumerate(later.startups)
        if startup.id in backed
    ]
    print(f"\n{folder.name}: {len(questions)} startups, {len(experts)} investors, {len(records.record.owners)} deals")
    print(f"{'order':26s} {'nDCG@10':>8s} {'recall@10':>10s} {'coverage':>9s} {'top 1%':>7s}")
    began = time.process_time()
    features = [records.features(one.row) for one in questions]
    ranked = time.process_time() - began
    deals = np.bincount(records.record.owners, minlength=len(experts)).astype(float)

    def firsts(of: Ranker) -> NDArray[np.intp]:
        return np.array([np.argsort(-of.model.shares(one), kind="stable")[:_DEPTH] for one in features])

    best = report("ranker", firsts(ranker), questions, deals, None)
    for share in popularity:
        report(f"ranker, popularity {share:g}", firsts(ranker.with_popularity(share)), questions, deals, best)
    scores = [baselines(records, one) for one in questions]
    for name in scores[0]:
        order = np.array([np.argsort(-of_one[name], kind="stable")[:_DEPTH] for of_one in scores])
        report(name, order, questions, deals, best)
    pairs = len(questions) * len(experts)
    print(f"trained in {trained:.1f} s, {worked:.1f} s of processor time")
    print(f"texts of the test in {encoded:.1f} s, {pairs:,} pairs ranked in {ranked:.1f} s of processor time")
    print(f"at that rate 1,500 x 2,000: {ranked * 3_000_000 / pairs:.1f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--popularity", nargs="*", type=float, default=[0.5, 0.0])
    given = parser.parse_args()
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)  # noqa: S607
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, commit {commit.stdout.strip()}")
    for one in given.folders:
        measure(one, given.popularity)
