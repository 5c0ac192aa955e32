"""What experts say they take: each gate by itself, with a reason that quotes both sides."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from matcher.mandates import mandates
from matcher.profiles import Document, Expert, Kind, Startup


def forbidding(startup: dict[str, object], expert: dict[str, object]) -> dict[str, str]:
    """Return the gates that rule the pair out, with their reasons."""
    gates = mandates([Startup("s", **startup)], [Expert("e", Kind.INVESTOR, **expert)]).gates  # type: ignore[arg-type]
    return {gate.name: gate.reason(0, 0) for gate in gates if gate.forbids[0, 0]}


@pytest.mark.parametrize(
    ("startup", "expert", "reason"),
    [
        (
            {"stage": "시리즈 B"},
            {"stages": ("Seed", "시리즈 A")},
            {"stage": "stage: 시리즈 B is not among Seed, 시리즈 A"},
        ),
        ({"region": "Busan"}, {"regions": ("서울",)}, {"region": "region: Busan is not among 서울"}),
        (
            {"sectors": ("fintech", "legal")},
            {"sectors": ("로봇",)},
            {"sector": "sector: fintech, legal is not among 로봇"},
        ),
        (
            {"languages": ("한국어",)},
            {"languages": ("English",)},
            {"language": "language: 한국어 is not among English"},
        ),
        (
            {"raise_usd": 50_000.0},
            {"check_usd": (100_000.0, 2_000_000.0)},
            {"check_size": "check size: raises US$50,000, mandate is US$100,000 to US$2,000,000"},
        ),
    ],
)
def test_each_gate_rules_out_alone_and_quotes_both_sides(
    startup: dict[str, object], expert: dict[str, object], reason: dict[str, str]
) -> None:
    assert forbidding(startup, expert) == reason


MANDATE = {
    "stages": ("Seed",),
    "regions": ("서울",),
    "sectors": ("로봇",),
    "languages": ("English",),
    "check_usd": (1.0, 2.0),
}
PROFILE = {"stage": "Series B", "region": "Busan", "sectors": ("legal",), "languages": ("ko",), "raise_usd": 9.0}


def test_all_gates_together_give_all_their_reasons() -> None:
    assert set(forbidding(PROFILE, MANDATE)) == {"stage", "region", "sector", "language", "check_size"}


@pytest.mark.parametrize("field", PROFILE)
def test_an_empty_field_of_the_startup_rules_nothing_out(field: str) -> None:
    only = {name: value for name, value in PROFILE.items() if name != field}
    assert len(forbidding(only, MANDATE)) == 4


@pytest.mark.parametrize("field", MANDATE)
def test_an_empty_field_of_the_expert_rules_nothing_out(field: str) -> None:
    only = {name: value for name, value in MANDATE.items() if name != field}
    assert len(forbidding(PROFILE, only)) == 4


@pytest.mark.parametrize("blank", ["", " ", "-"])
def test_a_blank_term_is_an_empty_field(blank: str) -> None:
    assert forbidding({"stage": blank, "sectors": (blank,)}, MANDATE) == {}


@pytest.mark.parametrize(
    ("startup", "expert"),
    [
        ({"stage": "시드"}, {"stages": ("Seed",)}),
        ({"stage": "Series-A"}, {"stages": ("시리즈 a",)}),
        ({"stage": "seed"}, {"stages": ("stage agnostic",)}),
        ({"sectors": ("헬스케어", "legal")}, {"sectors": ("Digital Health",)}),
        ({"sectors": ("space-tech",)}, {"sectors": ("Space Tech",)}),
        ({"sectors": ("legal",)}, {"sectors": ("전 분야",)}),
        ({"languages": ("Korean", "en")}, {"languages": ("영어",)}),
        ({"region": "서울특별시"}, {"regions": ("seoul",)}),
        ({"region": "판교"}, {"regions": ("Korea",)}),
        ({"region": "Korea"}, {"regions": ("판교", "Japan")}),
        ({"region": "Vietnam"}, {"regions": ("아시아",)}),
        ({"region": "Chile"}, {"regions": ("global",)}),
        ({"region": "글로벌"}, {"regions": ("Seoul",)}),
    ],
)
def test_terms_meet_in_both_languages_and_regions_inside_one_another(
    startup: dict[str, object], expert: dict[str, object]
) -> None:
    assert forbidding(startup, expert) == {}


@pytest.mark.parametrize(("startup", "expert"), [("Seoul", "Busan"), ("Japan", "Korea"), ("Europe", "Asia")])
def test_regions_beside_one_another_do_not_meet(startup: str, expert: str) -> None:
    assert set(forbidding({"region": startup}, {"regions": (expert,)})) == {"region"}


@pytest.mark.parametrize(
    ("raised", "check", "ruled_out"),
    [
        (100.0, (100.0, 200.0), False),
        (200.0, (100.0, 200.0), False),
        (99.0, (100.0, 200.0), True),
        (201.0, (100.0, 200.0), True),
        (1e9, (100.0, None), False),
        (99.0, (100.0, None), True),
        (1.0, (None, 200.0), False),
        (201.0, (None, 200.0), True),
        (0.0, (None, None), False),
        (None, (100.0, 200.0), False),
    ],
)
def test_check_sizes_include_both_ends_and_may_be_open(
    raised: float | None, check: tuple[float | None, float | None], ruled_out: bool
) -> None:
    assert bool(forbidding({"raise_usd": raised}, {"check_usd": check})) is ruled_out


@pytest.mark.parametrize(
    ("check", "mandate"),
    [((100.0, None), "mandate is US$100 and more"), ((None, 2.0), "mandate is US$0 to US$2")],
)
def test_an_open_end_is_told_as_such(check: tuple[float | None, float | None], mandate: str) -> None:
    raised = 50.0
    assert mandate in forbidding({"raise_usd": raised}, {"check_usd": check})["check_size"]


@pytest.mark.parametrize(("rows", "columns"), [(0, 0), (0, 2), (2, 0), (2, 3)])
def test_gates_cover_all_pairs(rows: int, columns: int) -> None:
    startups = [Startup(f"s{row}", region="Seoul") for row in range(rows)]
    experts = [Expert(f"e{column}", Kind.INVESTOR, regions=("Japan",)) for column in range(columns)]
    gates = {gate.name: gate.forbids for gate in mandates(startups, experts).gates}
    assert {mask.shape for mask in gates.values()} == {(rows, columns)}
    assert gates["region"].all()


SEED_AND_TWO_A = [*["seed"] * 6, "시리즈 A", "Series A"]


def exceptions(startup: Startup, *stages: str, **mandate: object) -> dict[tuple[int, int], tuple[str, ...]]:
    documents = tuple(Document(str(at), stage=stage, region="Busan") for at, stage in enumerate(stages))
    expert = Expert("e", Kind.INVESTOR, documents=documents, **{"stages": ("Seed",), **mandate})  # type: ignore[arg-type]
    found = mandates([startup], [expert])
    assert all(not gate.forbids[pair] for gate in found.gates for pair in found.exceptions)
    return dict(found.exceptions)


def test_what_was_done_twice_against_the_mandate_is_a_soft_edge_and_told() -> None:
    """Usually seed, two series A."""
    told = {(0, 0): ("stage: e says Seed, and did Series A in 2 of 8",)}
    assert exceptions(Startup("s", stage="Series A"), *SEED_AND_TWO_A) == told


def test_what_was_done_once_is_no_practice() -> None:
    assert exceptions(Startup("s", stage="Series A"), *SEED_AND_TWO_A[:-1]) == {}
    assert forbidding({"stage": "Series A"}, {"stages": ("Seed",), "documents": (Document("a", stage="Series A"),)})


def test_one_deal_that_two_lists_tell_was_done_once() -> None:
    day = dt.date(2023, 5, 1)
    deals = (Document("Daram", stage="Series A", date=day), Document("㈜Daram", stage="시리즈 A", date=day))
    fields = {"stages": ("Seed",), "documents": deals}
    assert forbidding({"stage": "Series A"}, fields)
    again = Document("Daram", stage="Series A", date=dt.date(2024, 5, 1))
    assert not forbidding({"stage": "Series A"}, {**fields, "documents": (*deals, again)})
    year = dt.date(2023, 12, 31)  # a bare year: two rounds, of which one is known by its stage alone
    rounds = [Document(name, stage=stage, date=year) for name in ("Toss", "Kakao") for stage in ("Seed", "Series A")]
    assert not forbidding({"stage": "Series A"}, {**fields, "documents": tuple(rounds)})
    untitled = Document("", stage="Series A", date=day)
    assert not forbidding({"stage": "Series A"}, {**fields, "documents": (untitled, untitled)})


def test_what_the_mandate_takes_anyway_is_no_exception() -> None:
    assert exceptions(Startup("s", stage="시드"), *SEED_AND_TWO_A) == {}
    assert exceptions(Startup("s"), *SEED_AND_TWO_A) == {}


def test_each_soft_edge_is_told_by_itself() -> None:
    found = exceptions(Startup("s", stage="Series A", region="부산"), *SEED_AND_TWO_A, regions=("Seoul",))
    assert found[0, 0] == (
        "stage: e says Seed, and did Series A in 2 of 8",
        "region: e says Seoul, and did 부산 in 8 of 8",
    )


def soft(startup: Startup, *documents: Document, **mandate: object) -> tuple[str, ...]:
    found = mandates([startup], [Expert("e", Kind.INVESTOR, documents=documents, **mandate)])  # type: ignore[arg-type]
    return found.exceptions.get((0, 0), ())


@pytest.mark.parametrize(
    ("done", "asked"),
    [(("서울", "Busan"), "Korea"), (("Korea", "대한민국"), "Seoul"), (("Asia", "Korea", "Japan"), "Seoul")],
)
def test_a_deal_in_a_region_inside_or_around_the_startups_is_done_there(done: tuple[str, ...], asked: str) -> None:
    documents = [Document(str(at), region=region) for at, region in enumerate(done)]
    told = f"region: e says Europe, and did {asked} in 2 of {len(done)}"
    assert soft(Startup("s", region=asked), *documents, regions=("Europe",)) == (told,)


def test_deals_in_regions_beside_the_startups_are_not_done_there() -> None:
    documents = (Document("a", region="Seoul"), Document("b", region="Busan"))
    assert soft(Startup("s", region="Daegu"), *documents, regions=("Europe",)) == ()


DAY = dt.date(2025, 5, 1)
BEFORE, OWN, SAME_DAY, UNDATED = (
    Document("a", date=DAY - dt.timedelta(days=1), stage="Series A"),
    Document("㈜Lumen", date=DAY - dt.timedelta(days=9), stage="Series A"),
    Document("b", date=DAY, stage="Series A"),
    Document("c", stage="Series A"),
)


@pytest.mark.parametrize("not_counted", [OWN, SAME_DAY])
def test_the_outcome_itself_and_what_came_after_open_no_gate(not_counted: Document) -> None:
    startup = Startup("s", "Lumen", stage="Series A", date=DAY)
    assert soft(startup, BEFORE, not_counted, stages=("Seed",)) == ()
    told = ("stage: e says Seed, and did Series A in 2 of 2",)
    assert soft(startup, BEFORE, not_counted, UNDATED, stages=("Seed",)) == told


def test_of_a_startup_without_a_date_all_but_its_own_deals_are_of_the_past() -> None:
    startup = Startup("s", "Hall", also_named=("Lumen",), stage="Series A")
    assert soft(startup, BEFORE, OWN, stages=("Seed",)) == ()
    assert soft(startup, BEFORE, SAME_DAY, stages=("Seed",)) != ()


@pytest.mark.parametrize("seed", range(20))
def test_soft_edges_are_those_found_deal_by_deal(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311
    sectors, days = ("robotics", "legal", "gaming", "energy", "-"), [DAY + dt.timedelta(days=at) for at in range(4)]

    def some() -> tuple[str, ...]:
        return tuple(draw.sample(sectors, draw.randint(0, 2)))

    startups = [
        Startup(f"s{at}", draw.choice(("", "x", "y")), sectors=some(), date=draw.choice((None, *days)))
        for at in range(6)
    ]
    experts = [
        Expert(
            f"e{at}",
            Kind.INVESTOR,
            sectors=some(),
            documents=tuple(
                Document(draw.choice(("", "X", "y", "z")), date=draw.choice((None, *days)), sectors=some())
                for _ in range(draw.randint(0, 8))
            ),
        )
        for at in range(6)
    ]
    found = mandates(startups, experts)
    for row, startup in enumerate(startups):
        for column, expert in enumerate(experts):
            offered, taken = ({*one.sectors} - {"-"} for one in (startup, expert))
            past = [
                document
                for document in expert.documents
                if document.title.casefold() not in startup.names
                and not (document.date and startup.date and document.date >= startup.date)
            ]
            times = max((sum(term in one.sectors for one in past) for term in offered), default=0)
            is_left_out = bool(offered and taken and not offered & taken)
            assert ((row, column) in found.exceptions) is (is_left_out and times >= 2)
            assert bool(found.gates[2].forbids[row, column]) is (is_left_out and times < 2)
            if (row, column) in found.exceptions:
                known = sum(bool({*one.sectors} - {"-"}) for one in past)
                assert found.exceptions[row, column][0].endswith(f" in {times} of {known}")
