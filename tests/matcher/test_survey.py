"""The ecosystem as a whole: communities, bridges and a picture, without what is forbidden."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from matcher.profiles import Cohort, Document, Expert, Kind, Party, Side
from matcher.program import Program, RelationRule, Verdict
from matcher.survey import Survey, survey
from matcher.tie import Pair
from tests.matcher.people import asks, knows, related
from tests.matcher.strategies import FEW


def looked_at(cohort: Cohort, forbidden: frozenset[Pair] = frozenset()) -> Survey:
    return survey(cohort, Program(seed=1), forbidden)


def investor(id_: str, *companies: str, **fields: object) -> Expert:
    return knows(id_, kind=Kind.INVESTOR, documents=tuple(Document(title=one) for one in companies), **fields)


# Two circles of three, tied by one person who belongs to both.
TWO_CIRCLES = Cohort(
    (),
    (
        *(knows(f"p{at}", affiliation="Gaon University") for at in range(3)),
        *(investor(f"v{at}", affiliation="Nabi Capital") for at in range(3)),
        knows("host"),
    ),
    (
        related("expert:host", "employer", "org:Gaon University"),
        related("expert:host", "alumni", "org:Nabi Capital"),
    ),
)


def test_circles_are_communities_and_who_ties_them_is_the_bridge() -> None:
    found = looked_at(TWO_CIRCLES)
    circles = [{party.id for party in members} - {"host"} for members in found.communities]
    names = found.names
    assert sorted(names.values()) == ["Gaon University", "Nabi Capital"]
    assert {frozenset(circle) for circle in circles} == {
        frozenset({"p0", "p1", "p2", *(party.id for party in names if "gaon" in party.id)}),
        frozenset({"v0", "v1", "v2", *(party.id for party in names if "nabi" in party.id)}),
    }
    shares = {bridge.party.id: bridge.share for bridge in found.bridges}
    # Host is a professor too: of its own ways it is an end, so it lies on three in four.
    assert shares["host"] == 0.75
    assert {id_ for id_, share in shares.items() if share == 1} == {party.id for party in names if "nabi" in party.id}


def test_investors_that_backed_one_company_are_tied_by_it_and_a_mail_domain_is_no_second_employer() -> None:
    experts = investor("v1", "Hanul"), investor("v2", "㈜Hanul"), investor("v3", "Other")
    here = {"affiliation": "Gaon University"}
    professors = knows("p1", email="a@gaon.example", **here), knows("p2", email="b@gaon.example", **here)
    found = looked_at(Cohort((), (*experts, *professors)))
    tied = {frozenset(found.spots[at].party.id for at in line) for line in found.lines}
    assert frozenset(("v1", "v2")) in tied
    assert "v3" not in {spot.party.id for spot in found.spots}
    assert "Gaon University" in found.names.values()
    organisations = [spot.party for spot in found.spots if spot.party.side is None]
    assert [found.names[party] for party in organisations if "gaon" in party.id] == ["Gaon University"]


def test_who_invested_together_is_not_tied_where_the_program_forbids_it() -> None:
    cohort = Cohort((), (investor("v1", "Hanul"), investor("v2", "Hanul")))
    forbids = Program(relation_rules={"co_invested": RelationRule(Verdict.FORBID)})
    lines = [
        {found.spots[at].party.id for at in line}
        for found in [survey(cohort, forbids, frozenset())]
        for line in found.lines
    ]
    assert {"v1", "v2"} not in lines


def test_what_is_forbidden_is_no_tie() -> None:
    relations = related("expert:p1", "mentored", "startup:s1"), related("expert:p2", "family", "startup:s1")
    cohort = Cohort((asks("s1"),), (knows("p1"), knows("p2")), relations)
    assert {spot.party.id for spot in looked_at(cohort).spots} == {"s1", "p1"}
    assert looked_at(cohort, frozenset({("s1", "p1")})).spots == ()


def test_nobody_tied_is_an_empty_survey() -> None:
    found = looked_at(Cohort((asks("s1"),), (knows("p1"),)))
    assert (found.parties, found.ties, found.communities, found.bridges, found.spots) == (0, 0, (), (), ())


NAMES = [f"p{at}" for at in range(4)], [f"v{at}" for at in range(4)]
WEBS = st.lists(
    st.tuples(st.sampled_from([*NAMES[0], *NAMES[1]]), st.sampled_from([*NAMES[0], *NAMES[1]])), max_size=14
)


@FEW
@given(WEBS)
def test_the_share_of_a_bridge_is_what_counting_every_shortest_way_finds(ties: list[tuple[str, str]]) -> None:
    experts = (*(knows(id_) for id_ in NAMES[0]), *(knows(id_, kind=Kind.INVESTOR) for id_ in NAMES[1]))
    relations = tuple(related(f"expert:{one}", "mentored", f"expert:{other}") for one, other in ties if one != other)
    found = looked_at(Cohort((), experts, relations))
    near: dict[str, set[str]] = {id_: set() for ids in NAMES for id_ in ids}
    for one, other in ties:
        if one != other:
            near[one].add(other)
            near[other].add(one)
    ways = [_ways(near, start, end) for start in NAMES[0] for end in NAMES[1]]
    connected = [one for one in ways if one]
    expected = {
        id_: share
        for id_ in near
        if (share := sum(sum(id_ in way[1:-1] for way in all_) / len(all_) for all_ in connected)) > 0
    }
    told = {bridge.party.id: bridge.share for bridge in found.bridges}
    assert set(told) == set(expected)
    assert all(abs(told[id_] - expected[id_] / len(connected)) < 1e-9 for id_ in told)


def _ways(near: dict[str, set[str]], start: str, end: str) -> list[list[str]]:
    """Return every shortest way, by growing all ways a step at a time."""
    grown, seen = [[start]], {start}
    while grown:
        if done := [way for way in grown if way[-1] == end]:
            return done
        grown = [[*way, other] for way in grown for other in near[way[-1]] if other not in seen]
        seen |= {way[-1] for way in grown}
    return []


@FEW
@given(WEBS)
def test_the_picture_holds_every_party_once_inside_its_frame(ties: list[tuple[str, str]]) -> None:
    experts = tuple(knows(id_) for ids in NAMES for id_ in ids)
    relations = tuple(related(f"expert:{one}", "mentored", f"expert:{other}") for one, other in ties if one != other)
    found = looked_at(Cohort((), experts, relations))
    drawn = [spot.party for spot in found.spots]
    assert len(set(drawn)) == len(drawn) == found.parties
    assert set(drawn) == {Party(Side.EXPERT, end.id) for one in relations for end in (one.source, one.target)}
    assert all(0 <= spot.x <= 1 and 0 <= spot.y <= 1 for spot in found.spots)
    assert len(found.lines) == found.ties


def test_the_same_cohort_gives_the_same_survey() -> None:
    assert looked_at(TWO_CIRCLES) == looked_at(TWO_CIRCLES)


def test_the_picture_is_the_same_in_every_process() -> None:
    # A circle of many of whom few are drawn: networkx would give their edges in the order of a set.
    many = tuple(knows(f"p{at:03}") for at in range(200))
    tied = tuple(related(f"expert:p{at:03}", "mentored", f"expert:p{(at * 7 + 1) % 200:03}") for at in range(200))
    found = looked_at(Cohort((), many, tied))
    assert 0 < len(found.spots) < 100
    assert found.lines == tuple(sorted(found.lines))
