"""How long the graph of an ecosystem takes: 200,000 nodes, 1,000,000 relations, 10,000 × 1,000 pairs.

Prints a line each: reading the cohort from csv, building its relations into the graph, the conflicts of all pairs, warm
paths, and communities, bridges and picture of the whole, each with the most memory that the process had by then;
beside them what Python's csv reader alone takes for the file, and what a loop over the same relations without a graph
takes that only looks at relations with both ends in the cohort.

    python benchmarks/conflicts.py [--nodes 200000] [--relations 1000000]
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np

# This folder has a service.py of its own, which must not hide the package.
sys.path.append(sys.path.pop(0))

from matcher.ecosystem import conflicts
from matcher.ecosystem_graph import build_ecosystem
from matcher.profiles import Cohort, Expert, Kind, Party, Relation, Side, Startup
from matcher.program import Program, RelationRule, Verdict
from matcher.survey import survey
from matcher.warm_paths import warm_paths
from service.collecting import collecting_seldom
from service.reading.cohort import read_cohort

TODAY = dt.date(2026, 1, 1)
STARTUPS, EXPERTS = 10_000, 1_000
TYPES = ("coauthor", "colleague", "advisor", "invested_in", "family", "competitor", "employer")
KINDS = tuple(Kind)
Answer = TypeVar("Answer")


def timed(what: str, work: Callable[[], Answer]) -> tuple[Answer, float]:
    """Return what the work answers and its seconds, printed beside those of the processor: others may use it too."""
    begin, begin_own = time.perf_counter(), time.process_time()
    answer = work()
    seconds = time.perf_counter() - begin
    own, memory = time.process_time() - begin_own, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{what:<58} {seconds:7.2f} s, of the processor {own:6.2f} s, {memory:.2f} GB", flush=True)
    return answer, seconds


def build(nodes: int, relations: int) -> Cohort:
    """Return a cohort in which most relations run among people and organisations that are no startup or expert."""
    luck = np.random.default_rng(5)
    parties = [Party(Side.STARTUP, f"s{at}") for at in range(STARTUPS)]
    parties += [Party(Side.EXPERT, f"e{at}") for at in range(EXPERTS)]
    parties += [Party(None, f"organisation {at}") for at in range(nodes - len(parties))]
    ends = luck.integers(0, nodes, (relations, 2))
    types = luck.integers(0, len(TYPES), relations)
    days = [TODAY - dt.timedelta(days=int(day)) for day in luck.integers(0, 3650, 4096)]
    made = tuple(
        Relation(parties[one], parties[other], TYPES[type_], days[at % 4096])
        for at, ((one, other), type_) in enumerate(zip(ends.tolist(), types.tolist(), strict=True))
    )
    startups = tuple(Startup(f"s{at}", name=f"startup {at}") for at in range(STARTUPS))
    experts = tuple(
        Expert(f"e{at}", KINDS[at % 2], name=f"expert {at}", affiliation=f"organisation {at % 200}")
        for at in range(EXPERTS)
    )
    return Cohort(startups, experts, made)


def write(cohort: Cohort, folder: Path) -> None:
    """Write the cohort as csv."""
    names = {None: "org"} | {side: side.value for side in Side}
    ends = ((f"{names[end.side]}:{end.id}" for end in (one.source, one.target)) for one in cohort.relations)
    tied = ((*of, one.type, one.since) for of, one in zip(ends, cohort.relations, strict=True))
    startups = ((one.id, one.name, "maps of roads") for one in cohort.startups)
    experts = ((one.id, one.kind, one.name, one.affiliation, "maps") for one in cohort.experts)
    for name, header, rows in (
        ("relations", ("source", "target", "type", "since"), tied),
        ("startups", ("id", "name", "summary"), startups),
        ("experts", ("id", "kind", "name", "affiliation", "expertise"), experts),
    ):
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *rows])


def read_rows(file: Path) -> int:
    """Return how many rows the file has, read by Python's csv reader and put into dictionaries."""
    with file.open(newline="", encoding="utf-8") as text:
        return len(list(csv.DictReader(text)))


def direct(cohort: Cohort) -> int:
    """Return how many relations have both ends in the cohort: what is found without a graph."""
    return sum({relation.source.side, relation.target.side} == set(Side) for relation in cohort.relations)


def main() -> None:
    """Print the times and where they were taken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=200_000)
    parser.add_argument("--relations", type=int, default=1_000_000)
    asked = parser.parse_args()
    made = build(asked.nodes, asked.relations)
    with tempfile.TemporaryDirectory() as name, collecting_seldom():
        write(made, Path(name))
        timed("rows of relations.csv, csv.DictReader alone", lambda: read_rows(Path(name) / "relations.csv"))
        cohort, _ = timed("reading the cohort", lambda: read_cohort(Path(name)).cohort)
    two_steps = {"coauthor": RelationRule(Verdict.FORBID, 3, 2), "competitor": RelationRule(Verdict.FORBID, None, 2)}
    found, _ = timed("relations with both ends in the cohort, no graph", lambda: direct(cohort))
    ecosystem, _ = timed("loading the graph", lambda: build_ecosystem(cohort, Program()))
    one, _ = timed("conflicts of all pairs, default rules", lambda: conflicts(ecosystem, cohort, Program(), TODAY))
    two, _ = timed(
        "conflicts of all pairs, coauthor and competitor through 2",
        lambda: conflicts(ecosystem, cohort, Program(relation_rules=two_steps), TODAY),
    )
    print(f"{found:,} direct relations; {len(one):,} pairs tied, through two steps {len(two):,}")
    paths, _ = timed("warm paths of all pairs", lambda: warm_paths(cohort, Program(), one, TODAY, ecosystem))
    forbidden = {pair for pair, tied in one.items() if any(tie.verdict is Verdict.FORBID for tie in tied)}
    whole, _ = timed("communities, bridges and picture", lambda: survey(cohort, Program(), forbidden, ecosystem))
    print(
        f"{len(paths):,} warm paths; {whole.parties:,} parties with {whole.ties:,} ties in {len(whole.communities):,} "
        f"communities, first bridge on {whole.bridges[0].share:.1%} of the ways"
    )
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)  # noqa: S607
    print(f"{platform.machine()}, {platform.python_version()}, commit {commit.stdout.strip()}")


if __name__ == "__main__":
    main()
