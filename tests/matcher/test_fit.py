"""Structured fit on answers worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from matcher.fit import structured_fit
from matcher.profiles import Document, Expert, Kind, Startup


def table(startups: Sequence[Startup], experts: Sequence[Expert]) -> NDArray[np.float64]:
    """Return (n, m), every pair."""
    found, columns = structured_fit(startups, experts), np.arange(len(experts))
    return np.array([found.of(row, columns) for row in range(len(startups))]).reshape(len(startups), len(experts))


def fit(startup: dict[str, object], expert: dict[str, object]) -> float:
    return float(table([Startup("s", **startup)], [Expert("e", Kind.INVESTOR, **expert)])[0, 0])  # type: ignore[arg-type]


def documents(*sectors: tuple[str, ...]) -> tuple[Document, ...]:
    return tuple(Document(sectors=named) for named in sectors)


@pytest.mark.parametrize(
    ("startup", "expert", "expected"),
    [
        pytest.param({"sectors": ("로봇",)}, {"sectors": ("robotics",)}, 1.0, id="the one sector it names"),
        pytest.param({"sectors": ("로봇",)}, {"sectors": ("robot", *"abcdefgh")}, 1 / 3, id="one of nine"),
        pytest.param({"sectors": ("robot", "의료")}, {"sectors": ("robot",)}, 0.5, id="one of the startup's two"),
        pytest.param(
            {"sectors": ("robot", "의료")}, {"sectors": ("robot", "health")}, 1 / math.sqrt(2), id="both of two"
        ),
        pytest.param({"sectors": ("robot",)}, {"sectors": ("fintech",)}, 0.0, id="another sector"),
        pytest.param({"stage": "시드"}, {"stages": ("Seed", "Series A")}, 1 / math.sqrt(2), id="one of two stages"),
        pytest.param({"region": "서울"}, {"regions": ("Korea",)}, 1.0, id="a region around"),
        pytest.param({"region": "Korea"}, {"regions": ("Seoul",)}, 0.0, id="a region inside"),
    ],
)
def test_a_stated_mandate_fits_by_how_much_it_means_the_startup(
    startup: dict[str, object], expert: dict[str, object], expected: float
) -> None:
    assert fit(startup, expert) == pytest.approx(expected)


def test_an_expert_who_states_nothing_is_judged_by_what_it_did() -> None:
    done = documents(("robot",), ("로봇", "의료"), ("fintech",), ("robotics",), ())
    # Three of the four documents that name a sector name robotics.
    assert fit({"sectors": ("robot",)}, {"documents": done}) == pytest.approx(0.75)


def test_a_stated_mandate_goes_before_the_track_record() -> None:
    assert fit({"sectors": ("robot",)}, {"sectors": ("fintech",), "documents": documents(("robot",))}) == 0.0


def test_the_fields_that_are_known_count_alike() -> None:
    startup = {"sectors": ("robot",), "stage": "seed", "region": "Seoul"}
    assert fit(startup, {"sectors": ("robot",), "stages": ("Series B",)}) == pytest.approx(0.5)
    assert fit(startup, {"sectors": ("robot",), "stages": ("Series B",), "regions": ("서울",)}) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("startup", "expert"),
    [
        pytest.param({}, {"sectors": ("robot",)}, id="the startup says nothing"),
        pytest.param({"sectors": ("robot",)}, {}, id="the expert says nothing"),
        pytest.param({"sectors": ("robot",)}, {"stages": ("seed",)}, id="they say nothing about the same"),
        pytest.param({"region": "Seoul"}, {"regions": ("global",)}, id="the expert takes anything"),
    ],
)
def test_nothing_known_is_unknown_and_not_0(startup: dict[str, object], expert: dict[str, object]) -> None:
    assert math.isnan(fit(startup, expert))


@pytest.mark.parametrize(("rows", "columns"), [(0, 0), (0, 2), (2, 0)])
def test_an_empty_side_gives_an_empty_table(rows: int, columns: int) -> None:
    startups = [Startup(f"s{row}", sectors=("robot",)) for row in range(rows)]
    experts = [Expert(f"e{column}", Kind.INVESTOR, sectors=("robot",)) for column in range(columns)]
    assert table(startups, experts).shape == (rows, columns)


def test_one_pair_does_not_depend_on_who_else_is_in_the_cohort() -> None:
    startups = [Startup("s", sectors=("robot",)), Startup("t", sectors=("fintech", "의료"), region="부산")]
    experts = [Expert("e", Kind.INVESTOR, sectors=("robot", "a")), Expert("f", Kind.INVESTOR, regions=("Korea",))]
    together = table(startups, experts)
    alone = [[table([startup], [expert])[0, 0] for expert in experts] for startup in startups]
    np.testing.assert_array_equal(together, alone)


def test_what_goes_beyond_a_mandate_counts_as_often_as_it_was_done() -> None:
    stages = [*["seed"] * 6, "series a", "series a"]
    done = tuple(Document(str(at), stage=stage) for at, stage in enumerate(stages))
    expert = Expert("e", Kind.INVESTOR, stages=("Seed",), documents=done)
    asking = [Startup("a", stage="Seed"), Startup("b", stage="시리즈 A"), Startup("c", stage="Series B")]
    assert table(asking, [expert])[:, 0].tolist() == [1, 0.25, 0]
    once = replace(expert, documents=done[:-1])
    assert table(asking, [once])[:, 0].tolist() == [1, 0, 0]


def test_experts_that_are_not_looked_at_are_unknown() -> None:
    startups = [Startup("s", sectors=("robot",)), Startup("t", sectors=("의료",))]
    experts = [Expert(f"e{at}", Kind.INVESTOR, sectors=("robot",)) for at in range(3)]
    found = structured_fit(startups, experts, np.array([2]))
    np.testing.assert_array_equal(found.of(0, np.arange(3)), [np.nan, np.nan, 1.0])
    np.testing.assert_array_equal(found.of(1, np.array([2, 1])), [0.0, np.nan])


@pytest.mark.parametrize(("done", "asked", "strength"), [("Seoul", "Korea", 2 / 3), ("Korea", "Seoul", 2 / 3)])
def test_what_was_done_in_a_region_inside_or_around_the_startups_counts_as_the_gate_counts_it(
    done: str, asked: str, strength: float
) -> None:
    documents = (*(Document(str(at), region=done) for at in range(2)), Document("c", region="Europe"))
    expert = Expert("e", Kind.INVESTOR, regions=("Europe",), documents=documents)
    others = Startup("other", region="Busan"), Startup("another", region="Korea")
    startups = [Startup("s", region=asked), *others]
    assert structured_fit(startups, [expert]).of(0, np.array([0])) == pytest.approx(strength)
    beside = structured_fit([Startup("s", region="Busan"), *others], [expert]).of(0, np.array([0]))
    assert beside == pytest.approx(strength if done == "Korea" else 0)


def test_one_deal_that_two_lists_tell_counts_once() -> None:
    deals = [
        Document("Daram", sectors=("law",)),
        Document("㈜Daram", sectors=("law",)),
        Document("Hanul", sectors=("tax",)),
    ]
    assert fit({"sectors": ("law",)}, {"documents": tuple(deals)}) == 1 / 2
