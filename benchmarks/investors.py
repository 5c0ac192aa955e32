"""Whom investors back: the learned ranker beside popularity and counts, on real deals.

    python benchmarks/investors.py FOLDER [FOLDER …] [--popularity 1 0.5 0] [--half-years 6]

FOLDER holds `train/` (a cohort with outcomes.csv) and `test/` (a later cohort with judgements.csv); one configuration
for all. Each baseline is ranked beside the ranker in the same run; the interval of the difference comes from
resampling startups. Coverage: the share of investors in anybody's first ten; top 1 %: the share of those places that
go to the one per cent of investors with most deals.

With --half-years N a second table tells of the past alone: it is cut at the beginning of each of its last N half-years,
the ranker learns from what lies before, and ranks the startups that nobody backed before and somebody did in the half-
year. They are all in one table; coverage is the mean of the half-years.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# This folder has a service.py of its own, which must not hide the package.
sys.path.append(sys.path.pop(0))

from matcher.engine import Engine
from matcher.learning import learn
from matcher.profiles import Cohort, Kind, Startup
from matcher.program import Program
from matcher.questions import Outcome
from matcher.ranker import Ranker, Records
from matcher.scored_pairs import introduced_to, records_of
from matcher.spread import Spread, spread
from matcher.terms import organisation
from matcher.warm_paths import Introductions
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
class Split:
    """What to learn from, and whom to rank later. backed: by startup of `later`, who backed it."""

    past: Cohort
    outcomes: Sequence[Outcome]
    later: Cohort
    backed: Mapping[str, set[str]]


def published(folder: Path) -> Split:
    """Return the split that the folder comes with."""
    past, later = read_cohort(folder / "train").cohort, read_cohort(folder / "test").cohort
    backed = defaultdict(set)
    for one in read_judgements(folder / "test" / "judgements.csv", later):
        backed[one.startup].add(one.expert)
    return Split(past, read_outcomes(folder / "train" / "outcomes.csv", past), later, backed)


def half_years(whole: Split, count: int) -> Iterator[Split]:
    """Yield the past cut at the beginning of each of its last `count` half-years, the last one that has outcomes."""
    last = max(one.date for one in whole.outcomes)
    ends = [last.year * 2 + (last.month > 6) + 1 - back for back in range(count)][::-1]
    for end in ends:
        yield _cut(whole, _first_day(end - 1), _first_day(end))


def _first_day(half_year: int) -> dt.date:
    return dt.date(half_year // 2, 7 if half_year % 2 else 1, 1)


def _cut(whole: Split, cut: dt.date, end: dt.date) -> Split:
    experts = tuple(
        replace(expert, documents=tuple(one for one in expert.documents if one.date and one.date < cut))
        for expert in whole.past.experts
    )
    known = {organisation(document.title) for expert in experts for document in expert.documents}
    backed, first = defaultdict(set), {}
    for one in sorted(whole.outcomes, key=lambda outcome: outcome.date):
        if cut <= one.date < end:
            backed[one.startup].add(one.expert)
            first.setdefault(one.startup, one.date)
    startups = tuple(
        # A row describes its last round.
        replace(one, date=first[one.id], stage=one.stage if first[one.id] == one.date else "")
        for one in whole.past.startups
        if one.id in first and organisation(one.name) not in known
    )
    before = [one for one in whole.outcomes if one.date < cut]
    past = replace(whole.past, experts=experts)
    return Split(past, before, replace(past, startups=startups), backed)


@dataclass(frozen=True)
class Question:
    """A startup of the test, and who backed it."""

    row: int
    startup: Startup
    backed: frozenset[int]


@dataclass(frozen=True)
class Ranked:
    """q startups ranked by every order. firsts: (q, 10) columns of experts by order; deals: of each of m experts."""

    questions: list[Question]
    firsts: Mapping[str, NDArray[np.intp]]
    deals: Sequence[int]
    trained: float
    trained_worked: float
    encoded: float
    ranked: float

    def found(self, order: str) -> Values:
        """Return nDCG@10 and recall@10, (q, 2)."""
        pairs = zip(self.firsts[order], self.questions, strict=True)
        return np.array([ndcg_and_recall(first, one.backed) for first, one in pairs])

    def spread(self, order: str) -> Spread:
        """Return how far the order's first places spread."""
        return spread(self.firsts[order].tolist(), self.deals)


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


def rank(split: Split, popularity: Sequence[float], engine: Engine) -> Ranked:
    """Learn from the past and rank the later startups by every order."""
    began, worked = time.perf_counter(), time.process_time()
    ranker = learn(split.past, Program(), split.outcomes, Kind.INVESTOR, engine).ranker
    trained, trained_worked = time.perf_counter() - began, time.process_time() - worked
    experts = split.later.experts_of(Kind.INVESTOR)
    columns = {expert.id: column for column, expert in enumerate(experts)}
    introduced = introduced_to(split.later.startups, Introductions(split.later, Program()), engine)
    began = time.perf_counter()
    records = records_of(split.later.startups, experts, introduced, engine)
    encoded = time.perf_counter() - began
    questions = [
        Question(row, startup, frozenset(columns[expert] for expert in split.backed[startup.id]))
        for row, startup in enumerate(split.later.startups)
        if startup.id in split.backed
    ]
    worked = time.process_time()
    features = [records.features(one.row) for one in questions]
    ranked = time.process_time() - worked

    def first(scores: Sequence[Values]) -> NDArray[np.intp]:
        return np.array([np.argsort(-one, kind="stable")[:_DEPTH] for one in scores])

    def first_of(of: Ranker) -> NDArray[np.intp]:
        return first([of.model.shares(one) for one in features])

    plain = [baselines(records, one) for one in questions]
    firsts = {
        "ranker": first_of(ranker),
        **{f"ranker, popularity {share:g}": first_of(ranker.with_popularity(share)) for share in popularity},
        **{name: first([scores[name] for scores in plain]) for name in plain[0]},
    }
    deals = np.bincount(records.record.owners, minlength=len(experts)).tolist()
    return Ranked(questions, firsts, deals, trained, trained_worked, encoded, ranked)


def table(parts: Sequence[Ranked]) -> None:
    """Print one line an order, of the startups of all parts; the ranker's lead with its interval."""
    print(f"{'order':26s} {'nDCG@10':>8s} {'recall@10':>10s} {'coverage':>9s} {'top 1%':>7s}")
    best = np.concatenate([part.found("ranker")[:, 0] for part in parts])
    drawn = np.random.default_rng(0).integers(len(best), size=(_RESAMPLES, len(best)))
    for order in parts[0].firsts:
        found = np.concatenate([part.found(order) for part in parts])
        told = f"{order:26s} {found[:, 0].mean():8.4f} {found[:, 1].mean():10.4f}"
        spreads = [part.spread(order) for part in parts]
        sizes = [len(part.questions) for part in parts]
        told += f" {np.mean([one.coverage for one in spreads]):9.1%}"
        told += f" {np.average([one.busiest for one in spreads], weights=sizes):7.1%}"
        if order != "ranker":
            gain = best - found[:, 0]
            low, high = np.quantile(gain[drawn].mean(axis=1), (0.025, 0.975))
            told += f"   ranker {gain.mean():+.4f} ({low:+.4f} to {high:+.4f})"
        print(told)


def measure(folder: Path, popularity: Sequence[float], half_years_back: int) -> None:
    """Train on the folder's past, rank its later startups and print every order; then the same within the past."""
    engine = open_workbench(read_settings(), StageClock(), lambda done, total: None).engine
    whole = published(folder)
    result = rank(whole, popularity, engine)
    startups, experts, deals = len(result.questions), len(result.deals), sum(result.deals)
    print(f"\n{folder.name}: {startups} startups, {experts} investors, {deals} deals")
    table([result])
    print(f"trained in {result.trained:.1f} s, {result.trained_worked:.1f} s of processor time")
    pairs = startups * experts
    print(f"texts of the test in {result.encoded:.1f} s")
    print(f"{pairs:,} pairs ranked in {result.ranked:.1f} s of processor time")
    print(f"at that rate 1,500 x 2,000: {result.ranked * 3_000_000 / pairs:.1f} s")
    if half_years_back:
        parts = [rank(split, popularity, engine) for split in half_years(whole, half_years_back)]
        counts = [len(part.questions) for part in parts]
        print(f"\n{folder.name}, its past alone: {sum(counts)} startups, by half-year {counts}")
        table(parts)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--popularity", nargs="*", type=float, default=[0.5, 0.0])
    parser.add_argument("--half-years", type=int, default=0)
    given = parser.parse_args()
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)  # noqa: S607
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, commit {commit.stdout.strip()}")
    for one in given.folders:
        measure(one, given.popularity, given.half_years)
