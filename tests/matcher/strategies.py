"""What Hypothesis draws from: texts, profiles, cohorts, programs and assignment problems of a few rows."""

from __future__ import annotations

import datetime as dt
import os

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from matcher.assignment.problem import PositionQuota, Problem
from matcher.profiles import Cohort, Document, Expert, Kind, Limits, Need, Party, Relation, Side, Startup
from matcher.program import Objective, Program
from tests.fakes import TODAY

_SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
# `make soak` draws so many times as many examples as `make test`.
_TIMES = 20 if "MATCHER_SOAK" in os.environ else 1


def drawn(examples: int) -> settings:
    """Return the settings of a test that is tried on so many examples."""
    return settings(max_examples=examples * _TIMES, deadline=None, suppress_health_check=_SLOW_IS_FINE)


FEW, MANY = drawn(20), drawn(60)

WORDS = ("유방암", "초음파", "로봇", "물류", "cancer", "ultrasound", "robot", "logistics", "LLM", "데이터")
SECTORS = ("healthcare", "헬스케어", "robotics", "물류", "fintech")
REGIONS = ("서울", "korea", "Busan", "global", "japan")
STAGES = ("seed", "시드", "series a", "Series-B")
RELATION_TYPES = ("coauthor", "colleague", "competitor", "declined", "invested_in", "family", "employer", "met once")


# --- assignment problems ---------------------------------------------------------------------------------------

# Scores as the scoring stage makes them: six decimals. The coarse ones tie, the close ones differ in the last decimals.
FINE_SCORES = st.integers(0, 1_000_000).map(lambda millionths: millionths / 1e6)
COARSE_SCORES = st.sampled_from([0.0, 0.25, 0.5, 1.0])
CLOSE_SCORES = st.integers(0, 5).map(lambda steps: 0.5 + steps / 1e6)
SIGNED_SCORES = st.sampled_from([-1.0, -0.25, 0.0, 0.5])


@st.composite
def problems(
    draw: st.DrawFn,
    objective: Objective = Objective.TOTAL,
    priorities: bool = True,
    quotas: bool = True,
    pins: bool = True,
    serve_most: bool = False,
    largest: tuple[int, int] = (3, 4),
) -> Problem:
    """Draw a problem with every kind of limit; many, not all, can be solved."""
    rows, columns = draw(st.integers(0, largest[0])), draw(st.integers(0, largest[1]))
    score = draw(st.sampled_from([FINE_SCORES, COARSE_SCORES, CLOSE_SCORES, SIGNED_SCORES]))
    size = largest[0] * largest[1]
    cells = draw(st.lists(st.one_of(score, score, score, st.just(np.nan)), min_size=size, max_size=size))
    startup_min, startup_max = draw(_limits(rows, most=3))
    expert_min, expert_max = draw(_limits(columns, most=3))
    worths = st.sampled_from([0.5, 1.0, 2.0]) if priorities else st.just(1.0)
    return Problem(
        startup_ids=tuple(f"s{row}" for row in range(rows)),
        expert_ids=tuple(f"e{column}" for column in range(columns)),
        scores=np.array(cells[: rows * columns], dtype=float).reshape(rows, columns),
        worth=np.array(draw(st.lists(worths, min_size=rows, max_size=rows)), dtype=float),
        startup_min=startup_min,
        startup_max=startup_max,
        expert_min=expert_min,
        expert_max=expert_max,
        pins=draw(_positions(rows, columns)) if pins else (),
        bans=draw(_positions(rows, columns)),
        quotas=draw(_quotas(rows, columns)) if quotas else (),
        objective=objective,
        serve_most=serve_most,
        seed=draw(st.integers(0, 3)),
    )


@st.composite
def _limits(draw: st.DrawFn, count: int, most: int) -> tuple[np.ndarray, np.ndarray]:
    uppers = draw(st.lists(st.integers(0, most), min_size=count, max_size=count))
    if draw(st.booleans()):
        uppers = [min(upper, 1) for upper in uppers]
    with_minimums = draw(st.booleans())
    lowers = [draw(st.integers(0, min(upper, 2))) if with_minimums else 0 for upper in uppers]
    return np.array(lowers, dtype=np.intp), np.array(uppers, dtype=np.intp)


def _positions(rows: int, columns: int) -> st.SearchStrategy[tuple[tuple[int, int], ...]]:
    if not rows or not columns:
        return st.just(())
    cell = st.tuples(st.integers(0, rows - 1), st.integers(0, columns - 1))
    return st.one_of(st.just(()), st.lists(cell, max_size=2, unique=True).map(tuple))


@st.composite
def _quotas(draw: st.DrawFn, rows: int, columns: int) -> tuple[PositionQuota, ...]:
    if not rows or not columns or draw(st.booleans()):
        return ()
    found = []
    for number in range(draw(st.integers(1, 2))):
        least = draw(st.integers(0, 2))
        most = draw(st.one_of(st.none(), st.integers(least, 3)))
        members_of_rows = draw(st.frozensets(st.integers(0, rows - 1)))
        members_of_columns = draw(st.frozensets(st.integers(0, columns - 1)))
        found.append(PositionQuota(f"q{number}", members_of_rows, members_of_columns, least, most))
    return tuple(found)


# --- cohorts ---------------------------------------------------------------------------------------------------

PHRASES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
YEARS = st.one_of(st.none(), st.integers(TODAY.year - 6, TODAY.year).map(lambda year: dt.date(year, 1, 1)))


@st.composite
def limits(draw: st.DrawFn, most: int = 3, minimums: bool = False) -> Limits:
    upper = draw(st.integers(0, most))
    return Limits(draw(st.integers(0, upper)) if minimums else 0, upper)


@st.composite
def startups(draw: st.DrawFn, number: int, minimums: bool = False) -> Startup:
    return Startup(
        id=f"s{number}",
        name=draw(st.sampled_from(["", "㈜한빛", "Acme"])),
        summary=draw(st.one_of(st.just(""), PHRASES)),
        needs=tuple(draw(st.lists(st.builds(Need, PHRASES, st.sampled_from([1.0, 2.0])), max_size=2))),
        data_assets=tuple(draw(st.lists(PHRASES, max_size=2))),
        sectors=tuple(draw(st.lists(st.sampled_from(SECTORS), max_size=2))),
        stage=draw(st.sampled_from(["", *STAGES])),
        region=draw(st.sampled_from(["", *REGIONS])),
        seeks=draw(st.sampled_from([(), (Kind.PROFESSOR,), (Kind.INVESTOR, Kind.PROFESSOR)])),
        limits={kind: draw(limits(2, minimums)) for kind in Kind},
        priority=draw(st.sampled_from([0.5, 1.0, 3.0])),
    )


@st.composite
def experts(draw: st.DrawFn, number: int, minimums: bool = False) -> Expert:
    documents = st.builds(Document, title=PHRASES, text=st.one_of(st.just(""), PHRASES))
    return Expert(
        id=f"e{number}",
        kind=draw(st.sampled_from(Kind)),
        affiliation=draw(st.sampled_from(["", "한빛 주식회사", "KAIST"])),
        expertise=tuple(draw(st.lists(PHRASES, max_size=2))),
        documents=tuple(draw(st.lists(documents, max_size=2))),
        sectors=tuple(draw(st.lists(st.sampled_from(SECTORS), max_size=2))),
        stages=tuple(draw(st.lists(st.sampled_from(STAGES), max_size=2))),
        regions=tuple(draw(st.lists(st.sampled_from(REGIONS), max_size=2))),
        limits=draw(limits(3, minimums)),
        wants=draw(st.sampled_from([(), ("s0",), ("robotics",)])),
        avoids=draw(st.sampled_from([(), (), ("s1",), ("startup:s0",), ("fintech",)])),
    )


@st.composite
def cohorts(draw: st.DrawFn, minimums: bool = False) -> Cohort:
    """Draw a cohort of at most 4 startups and 5 experts of both kinds, with relations."""
    asking = tuple(draw(startups(number, minimums)) for number in range(draw(st.integers(0, 4))))
    asked = tuple(draw(experts(number, minimums)) for number in range(draw(st.integers(0, 5))))
    return Cohort(asking, asked, draw(_relations(asking, asked)))


@st.composite
def _relations(draw: st.DrawFn, asking: tuple[Startup, ...], asked: tuple[Expert, ...]) -> tuple[Relation, ...]:
    parties = [Party(Side.STARTUP, startup.id) for startup in asking]
    parties += [Party(Side.EXPERT, expert.id) for expert in asked]
    party = st.sampled_from([*parties, Party(None, "KAIST"), Party(None, "한빛")])
    relation = st.builds(Relation, party, party, st.sampled_from(RELATION_TYPES), YEARS)
    return tuple(draw(st.lists(relation, max_size=4)))


@st.composite
def programs(draw: st.DrawFn, cohort: Cohort, pins: bool = False) -> Program:
    """Draw a program that fits the cohort."""
    pairs = [(startup.id, expert.id) for startup in cohort.startups for expert in cohort.experts]
    named = st.lists(st.sampled_from(pairs), max_size=2, unique=True).map(tuple) if pairs else st.just(())
    return Program(
        seed=draw(st.integers(0, 5)),
        objective=draw(st.sampled_from(Objective)),
        min_score=draw(st.one_of(st.none(), st.none(), st.sampled_from([0.1, 0.4, 0.9]))),
        bans=draw(named),
        pins=draw(named) if pins else (),
    )
