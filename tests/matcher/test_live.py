"""The live index says after any sequence of writes what a fresh one says, and what ranking says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.live import LiveIndex
from matcher.profiles import Cohort, Document, Expert, Kind, Startup
from matcher.program import Part, Program, RelationRule, Verdict
from matcher.scored_pairs import score_kinds
from tests.fakes import fake_engine
from tests.matcher.people import asks, knows, related
from tests.matcher.strategies import FEW, cohorts

WORDS = ("robot arm", "tax law", "plant disease", "school kitchen", "bridge cracks")
ALL = 10_000
Told = list[tuple[str, str, float | None]]


def told(index: LiveIndex, startup: str, kind: Kind = Kind.PROFESSOR) -> Told:
    return [(one.startup, one.expert, one.score) for one in index.for_startup(startup, kind, ALL)]


def ranked(cohort: Cohort, program: Program, startup: str, kind: Kind) -> Told:
    """Return what scoring every pair at once says."""
    (pairs,) = score_kinds(cohort, program, fake_engine(), (kind,), every_pair=True)
    found: Told = []
    for row, one in enumerate(pairs.startups):
        for at, score in zip(pairs.scores[row].experts.tolist(), pairs.scores[row].score.tolist(), strict=True):
            if one.id == startup and pairs.eligibility.eligible[row, at] and score == score:
                found.append((startup, pairs.experts[at].id, score))
    return sorted(found, key=lambda line: (-(line[2] or 0), line[1]))


@FEW
@given(cohorts(), st.sampled_from(Kind), st.sampled_from([None, 0.3]))
def test_suggestions_are_what_scoring_every_pair_says(cohort: Cohort, kind: Kind, least: float | None) -> None:
    pairs = [(one.id, other.id) for one in cohort.startups[:1] for other in cohort.experts[:1]]
    program = Program(min_score=least, bans=tuple(pairs))
    index = LiveIndex(cohort, program, fake_engine())
    if kind in cohort.kinds:
        for startup in cohort.startups:
            expected = ranked(cohort, program, startup.id, kind)
            assert told(index, startup.id, kind) == expected


@FEW
@given(cohorts(), st.sampled_from([None, 0.3]))
def test_the_scores_of_many_pairs_at_once_are_those_of_each(cohort: Cohort, least: float | None) -> None:
    pairs = [(one.id, other.id) for one in cohort.startups[:1] for other in cohort.experts[:1]]
    index = LiveIndex(cohort, Program(min_score=least, bans=tuple(pairs)), fake_engine())
    startups, experts = [one.id for one in cohort.startups], [one.id for one in cohort.experts]
    each = {
        (one, other): score for startup in startups for kind in Kind for one, other, score in told(index, startup, kind)
    }
    assert index.scores(startups, experts) == pytest.approx(each)
    assert index.scores(startups[:1], experts[:2]) == pytest.approx(
        {pair: score for pair, score in each.items() if pair[0] in startups[:1] and pair[1] in experts[:2]}
    )


EXPERTS = st.builds(
    lambda id_, words, avoids, employer: knows(id_, *words, avoids=avoids, affiliation=employer),
    st.sampled_from(["e1", "e2", "e3"]),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True),
    st.sampled_from([(), ("s1",)]),
    st.sampled_from(["", "Gaon University"]),
)
STARTUPS = st.builds(asks, st.sampled_from(["s1", "s2"]), st.sampled_from(WORDS))
WRITES = st.lists(
    st.one_of(EXPERTS, STARTUPS, st.sampled_from(["drop e1", "drop s1", "forbid s2 e2", "s1 knows e1", "look"])),
    max_size=8,
)
# What relates two, by what is written.
TOLD = {
    "forbid s2 e2": related("startup:s2", "family", "expert:e2"),
    "s1 knows e1": related("startup:s1", "alumni", "expert:e1"),
}


@settings(parent=FEW)
@given(WRITES)
def test_after_any_writes_it_says_what_a_fresh_one_says(writes: list[Expert | Startup | str]) -> None:
    cohort = Cohort((asks("s1", WORDS[0]), asks("s2", WORDS[1])), (knows("e1", WORDS[0]), knows("e2", WORDS[1])))
    index = LiveIndex(cohort, Program(), fake_engine())
    for write in writes:
        if write == "look":
            for startup in cohort.startups:
                told(index, startup.id)
            continue
        if isinstance(write, str) and write in TOLD:
            relation = TOLD[write]
            if {relation.source.id, relation.target.id} <= {one.id for one in (*cohort.startups, *cohort.experts)}:
                cohort = replace(cohort, relations=(*cohort.relations, relation))
                index.decide(cohort, Program())
            continue
        cohort, startups, experts = written(cohort, write)
        index.follow(cohort, startups, experts)
    fresh = LiveIndex(cohort, Program(), fake_engine())
    for one in cohort.startups:
        assert told(index, one.id) == told(fresh, one.id)
    for other in cohort.experts:
        assert index.for_expert(other.id, ALL) == fresh.for_expert(other.id, ALL)


def written(cohort: Cohort, write: Expert | Startup | str) -> tuple[Cohort, list[str], list[str]]:
    id_ = write.removeprefix("drop ") if isinstance(write, str) else write.id
    startups = {one.id: one for one in cohort.startups}
    experts = {one.id: one for one in cohort.experts}
    relations = tuple(
        one
        for one in cohort.relations
        if isinstance(write, Expert | Startup) or id_ not in (one.source.id, one.target.id)
    )
    side: dict[str, Startup] | dict[str, Expert] = startups if id_.startswith("s") else experts
    side.pop(id_, None)
    if not isinstance(write, str):
        side[id_] = write  # type: ignore[assignment]
    changed = replace(cohort, startups=tuple(startups.values()), experts=tuple(experts.values()), relations=relations)
    return changed, [id_] if id_.startswith("s") else [], [] if id_.startswith("s") else [id_]


def test_a_late_arrival_costs_its_own_texts_alone() -> None:
    """Row 12 of what users ask for."""
    engine = fake_engine()
    cohort = Cohort((asks("s1", WORDS[0]),), tuple(knows(f"e{at}", WORDS[at % 5]) for at in range(9)))
    index = LiveIndex(cohort, Program(), engine)
    told(index, "s1")
    encoded = len(engine.encoder.encoded)  # type: ignore[attr-defined]
    late = replace(cohort, experts=(*cohort.experts, knows("late", WORDS[0])))
    index.follow(late, [], ["late"])
    assert ("s1", "late", pytest.approx(1.0)) in told(index, "s1")
    assert len(engine.encoder.encoded) == encoded + 1  # type: ignore[attr-defined]


def test_a_pair_says_why_it_may_not_be_or_how_it_scores() -> None:
    cohort = Cohort(
        (asks("s1", WORDS[0], seeks=(Kind.PROFESSOR,)),),
        (knows("e1", WORDS[0]), knows("e2", avoids=("s1",)), knows("v1", kind=Kind.INVESTOR, sectors=("law",))),
    )
    index = LiveIndex(cohort, Program(), fake_engine())
    good = index.pair("s1", "e1")
    assert good.suggestion is not None
    assert good.suggestion.parts[Part.NEEDS] == good.suggestion.score == pytest.approx(1.0)
    assert index.pair("s1", "e2").ruled_out == ("avoids: e2 does not want s1",)
    assert index.pair("s1", "v1").ruled_out == ("s1 does not seek an investor",)
    assert index.for_startup("s1", Kind.INVESTOR, 9) == []


def test_a_shortlist_holds_the_best_of_many() -> None:
    experts = tuple(knows(f"e{at:03}", WORDS[at % 5] + (" deep" if at == 321 else "")) for at in range(700))
    cohort = Cohort((asks("s1", WORDS[1] + " deep"),), experts)
    index = LiveIndex(cohort, Program(), fake_engine())
    best = told(index, "s1")
    assert best[0][:2] == ("s1", "e321")
    assert best[:100] == ranked(cohort, Program(), "s1", Kind.PROFESSOR)[:100]


def test_a_pair_that_is_no_longer_forbidden_through_somebody_else_is_suggested() -> None:
    """What e2 wrote tied e1 to the startup; once it is taken back, e1 is scored though nobody wrote e1."""
    paper = Document(title="arms", authors=("Kim", "Lee"))
    tie = related("startup:s1", "advisor", "expert:e2")
    rules = {"coauthor": RelationRule(Verdict.FORBID, steps=2)}
    one, two = knows("e1", WORDS[0], name="Kim"), knows("e2", WORDS[1], name="Lee", documents=(paper,))
    cohort = Cohort((asks("s1", WORDS[0]),), (one, two), (tie,))
    index = LiveIndex(cohort, Program(relation_rules=rules), fake_engine())
    assert [line[1] for line in told(index, "s1")] == ["e2"]
    index.follow(replace(cohort, experts=(one, replace(two, documents=()))), [], ["e2"])
    assert [line[1] for line in told(index, "s1")] == ["e1", "e2"]


def test_who_is_no_longer_introduced_through_somebody_else_is_scored_without() -> None:
    """The startup knows e1, who leaves e2's university: e2 falls behind e0, who says the same; nobody wrote e2."""
    tie = related("startup:s1", "alumni", "expert:e1")
    one, two = (knows(id_, WORDS[1], affiliation="Gaon University") for id_ in ("e1", "e2"))
    other = knows("e0", WORDS[1])
    cohort = Cohort((asks("s1", WORDS[0]),), (other, one, two), (tie,))
    index = LiveIndex(cohort, Program(), fake_engine())
    assert [line[1] for line in told(index, "s1")] == ["e1", "e2", "e0"]
    gone = replace(cohort, experts=(other, replace(one, affiliation=""), two))
    index.follow(gone, [], ["e1"])
    assert [line[1] for line in told(index, "s1")] == ["e1", "e0", "e2"]
    index.decide(replace(gone, relations=()), Program())
    assert [one.warm_path for one in index.for_startup("s1", Kind.PROFESSOR, ALL)] == [None, None, None]


def test_nobody_is_introduced_by_whom_the_startup_must_not_meet() -> None:
    ties = (related("startup:s1", "alumni", "expert:e1"), related("startup:s1", "family", "expert:e1"))
    experts = tuple(knows(id_, WORDS[1], affiliation="Gaon University") for id_ in ("e1", "e2"))
    cohort = Cohort((asks("s1", WORDS[0]),), experts, ties[:1])
    index = LiveIndex(cohort, Program(), fake_engine())
    ways = {one.expert: one.warm_path for one in index.for_startup("s1", Kind.PROFESSOR, ALL)}
    assert ways == {
        "e1": "s1 and e1 are alumni of one school",
        "e2": "s1 and e1 are alumni of one school; e1 belongs to Gaon University; e2 belongs to Gaon University",
    }
    index.decide(replace(cohort, relations=ties), Program())
    assert [(one.expert, one.warm_path) for one in index.for_startup("s1", Kind.PROFESSOR, ALL)] == [("e2", None)]
