import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from matcher.choice_model import Choice, ChoiceModel, calibrate
from matcher.deal_features import COUNTS, FEATURES, Feature
from matcher.engine import Engine
from matcher.errors import BadInput
from matcher.learning import FEWEST, Learned, NothingLearned, learn
from matcher.learning import _apart as apart
from matcher.learning import _check_borne_out as check_borne_out
from matcher.learning import _held_out as held_out
from matcher.profiles import Cohort, Document, Expert, Kind, Party, Relation, Side, Startup
from matcher.program import Program
from matcher.questions import Outcome, Question, questions
from matcher.ranker import PART_NAMES, Ranker
from matcher.scored_pairs import records_of, score_kinds
from tests.fakes import fake_engine

TODAY = dt.date(2024, 1, 1)


def engine(today: dt.date) -> Engine:
    return replace(fake_engine(), today=today)


SECTORS = ("fintech", "gaming", "robotics", "healthcare")


def cohort(startups: int = 80, seed: int = 0) -> tuple[Cohort, list[Outcome]]:
    """Investors who mostly keep to a sector of their own; each startup is backed by two."""
    rng = np.random.default_rng(seed)
    deals: dict[int, list[Document]] = {column: [] for column in range(16)}
    asked, outcomes = [], []
    for at in range(startups):
        date = TODAY - dt.timedelta(days=3 * (startups - at))
        sector = at % len(SECTORS)
        asked.append(Startup(f"s{at}", f"Company {at}", sectors=(SECTORS[sector],), date=date))
        for pick in rng.choice(4, size=2, replace=False, p=[0.4, 0.3, 0.2, 0.1]):
            column = (sector + (rng.random() < 0.2)) % len(SECTORS) + len(SECTORS) * int(pick)
            outcomes.append(Outcome(f"s{at}", f"e{column}", date))
            deals[column].append(Document(f"Company {at}", date=date, sectors=(SECTORS[sector],)))
    experts = [Expert(f"e{column}", Kind.INVESTOR, documents=tuple(found)) for column, found in deals.items()]
    return Cohort(tuple(asked), tuple(experts)), outcomes


def learned_from(given: Cohort, outcomes: list[Outcome], today: dt.date = TODAY) -> Learned:
    return learn(given, Program(), outcomes, Kind.INVESTOR, engine(today))


def value(measures, name: str) -> float:
    return next(one.value for one in measures if one.name == name)


def test_what_was_learned_beats_activity_on_later_startups():
    learned = learned_from(*cohort(160))
    assert learned.split == "date"
    assert value(learned.measures["ranker"], "nDCG@10") > value(learned.measures["activity"], "nDCG@10") + 0.2


def test_shuffling_the_future_changes_nothing_that_is_learned():
    """Deals after the last outcome belong to nobody yet: whoever gets them, the ranker is the same."""
    given, outcomes = cohort()
    later = [
        Document(f"Later {at}", date=TODAY + dt.timedelta(days=at), sectors=(SECTORS[at % 4],)) for at in range(48)
    ]
    found = []
    for seed in (1, 2):
        order = np.random.default_rng(seed).permutation(len(later))
        experts = tuple(
            replace(expert, documents=(*expert.documents, *(later[at] for at in order[column::16])))
            for column, expert in enumerate(given.experts)
        )
        model = learned_from(replace(given, experts=experts), outcomes).ranker.model
        found.append([*model.weights, model.slope, model.intercept])
    assert np.allclose(*found, rtol=0, atol=1e-9)


def undated(given: Cohort, outcomes: list[Outcome], ids: set[str]) -> tuple[Cohort, list[Outcome]]:
    """The same, without a date of these startups and of their outcomes."""
    startups = tuple(replace(one, date=None) if one.id in ids else one for one in given.startups)
    return replace(given, startups=startups), [
        replace(one, date=None) if one.startup in ids else one for one in outcomes
    ]


def test_undated_outcomes_are_held_out_by_startup_and_it_is_said():
    given, outcomes = cohort()
    learned = learned_from(*undated(given, outcomes, {one.startup for one in outcomes}))
    assert (learned.split, learned.first, learned.last) == ("startup", None, None)


def test_where_some_outcomes_have_no_date_the_days_told_are_those_of_the_others():
    given, outcomes = cohort()
    learned = learned_from(*undated(given, outcomes, {"s0", "s41", "s79"}))
    days = given.startups[1].date, given.startups[78].date
    assert (learned.split, learned.first, learned.last) == ("startup", *days)


def test_an_outcome_without_a_date_is_of_the_day_on_which_its_startup_applied():
    given, outcomes = cohort()
    learned = [learned_from(given, told) for told in (outcomes, [replace(one, date=None) for one in outcomes])]
    assert same_weights(*learned)
    assert (learned[0].split, learned[0].last) == (learned[1].split, learned[1].last)


def staged(shift: int, cohort_of: tuple[Cohort, list[Outcome]]) -> tuple[Cohort, list[Outcome]]:
    """The cohort with stages that tell who takes whom, and outcomes so many days after the startups applied."""
    given, outcomes = cohort_of
    stages = {startup.name: "seed" if at % 8 < 4 else "series a" for at, startup in enumerate(given.startups)}
    startups = tuple(replace(one, stage=stages[one.name]) for one in given.startups)
    experts = tuple(
        replace(expert, documents=tuple(replace(one, stage=stages[one.title]) for one in expert.documents))
        for expert in given.experts
    )
    moved = [replace(one, date=one.date + dt.timedelta(days=shift)) for one in outcomes]
    return replace(given, startups=startups, experts=experts), moved


def same_weights(one: Learned, other: Learned) -> bool:
    return np.allclose(one.ranker.model.weights, other.ranker.model.weights, rtol=0, atol=1e-9)


def test_a_startup_asks_when_it_applies_and_with_its_stage_however_long_an_answer_takes():
    at_once, later = (learned_from(*staged(shift, cohort())) for shift in (0, 2))
    assert same_weights(at_once, later)
    assert later.last == at_once.last + dt.timedelta(days=2)


def test_answers_to_one_application_are_one_question_whatever_their_days():
    given, outcomes = cohort()
    apart = [replace(one, date=one.date + dt.timedelta(days=at % 4 == 1)) for at, one in enumerate(outcomes)]
    models = [learned_from(given, told) for told in (outcomes, apart)]
    assert same_weights(*models)


def test_a_deal_between_application_and_outcome_foretells_nothing():
    """It may be the very round under another name."""
    given, outcomes = staged(2, cohort())
    taker = next(one.expert for one in outcomes if one.startup == "s79")
    between = Document("Holdings", date=given.startups[79].date + dt.timedelta(days=1), sectors=(SECTORS[3],))
    experts = tuple(
        replace(one, documents=(*one.documents, between)) if one.id == taker else one for one in given.experts
    )
    told = [learned_from(one, outcomes) for one in (given, replace(given, experts=experts))]
    assert same_weights(*told)


@pytest.mark.parametrize("shift", [-2, 181])
def test_of_an_outcome_before_the_application_or_long_after_it_the_stage_is_unknown(shift):
    """It is of another round, and asked on its own day."""
    given, outcomes = staged(shift, cohort())
    moved = tuple(replace(one, date=one.date + dt.timedelta(days=shift), stage="") for one in given.startups)
    today = TODAY + dt.timedelta(days=200)
    learned = [learned_from(one, outcomes, today) for one in (given, replace(given, startups=moved))]
    assert same_weights(*learned)


def test_a_day_to_come_on_which_a_startup_would_ask_is_refused():
    given, outcomes = cohort()
    startups = (replace(given.startups[0], date=dt.date(2024, 2, 1)), *given.startups[1:])
    given = replace(given, startups=startups)
    learned_from(given, outcomes)
    undated = [replace(one, date=None) if one.startup == "s0" else one for one in outcomes]
    with pytest.raises(BadInput, match=r"1 startups dated after .* 2024-01-01 \(first s0 on 2024-02-01\)"):
        learned_from(given, undated)


def twice(given: Cohort, outcomes: list[Outcome], before: int = 300) -> list[Outcome]:
    """The outcomes, and the same of an earlier round of each startup."""
    return [*outcomes, *(replace(one, date=one.date - dt.timedelta(days=before)) for one in outcomes)]


def test_rounds_of_one_startup_are_one_startup():
    given, outcomes = cohort(FEWEST - 1)
    with pytest.raises(NothingLearned, match=f"found {FEWEST - 1} startups that"):
        learned_from(given, twice(given, outcomes))
    given, outcomes = cohort(160)
    assert learned_from(given, twice(given, outcomes)).startups == 160


def test_no_startup_is_learned_from_and_held_out_by_startup():
    """A few rounds on one day and all others on another: by date, too little would be left to learn from."""
    days = [dt.date(2022, 12, 31)] * 11 + [dt.date(2023, 12, 31)] * 60
    asked = [
        Question(Startup(f"s{at}"), ("e",), (), (day,), day)
        for at, day in zip([*range(1, 12), *range(1, 61)], days, strict=True)
    ]
    held, split = held_out(asked)
    sides = [
        {one.startup.id for one, is_held in zip(asked, held, strict=True) if is_held is side} for side in (False, True)
    ]
    assert split == "startup"
    assert sides[0].isdisjoint(sides[1])
    assert [len(side) for side in sides] == [48, 12]


@pytest.mark.parametrize(
    ("counts", "expected", "split"),
    [
        ([80, 20], 20, "date"),
        ([25, 75], 20, "startup"),  # so many of one day that the latest are most of them
        ([95, 5], 20, "startup"),
        ([60, 25, 15], 15, "date"),  # nearer to a fifth than forty are
        ([50, 35, 15], 15, "date"),
    ],
)
def test_the_latest_are_held_out_where_days_let_a_fifth_be(counts, expected, split):
    days = [TODAY + dt.timedelta(days=at) for at, count in enumerate(counts) for _ in range(count)]
    asked = [Question(Startup(f"s{at}"), ("e",), (), (day,), day) for at, day in enumerate(days)]
    held, told = held_out(asked)
    assert (sum(held), told) == (expected, split)


def test_where_the_held_out_startups_do_not_bear_it_out_nothing_is_learned():
    """Until the last fifth everybody keeps to a sector; then those take a startup who did nothing of the like."""
    given, outcomes = cohort(160)
    turned = []
    for one in outcomes:
        column = int(one.expert[1:])
        other = f"e{(column + 2) % 4 + 12 - column // 4 * 4}"
        turned.append(replace(one, expert=other) if int(one.startup[1:]) >= 128 else one)
    with pytest.raises(
        NothingLearned, match=r"held out 32 rounds .* were not, beyond chance, those whom the ranker expected"
    ):
        learned_from(given, turned)


def test_what_experts_declined_is_learned_from_once_it_is_known():
    given, outcomes = cohort()
    active = Outcome("s0", "e4", given.startups[0].date, taken=False)
    late = replace(active, date=TODAY)
    models = [learned_from(given, [*outcomes, *more]).ranker.model.weights for more in ([], [active], [late])]
    assert not np.allclose(models[0], models[1], rtol=0, atol=1e-9)
    assert np.array_equal(models[0], models[2])


def test_declines_alone_are_too_few():
    given, outcomes = cohort()
    with pytest.raises(BadInput, match=f"found 0 startups that .* expected {FEWEST}"):
        learned_from(given, [replace(one, taken=False) for one in outcomes])


def test_too_few_outcomes_do_not_replace_the_prior():
    given, outcomes = cohort(FEWEST - 1)
    with pytest.raises(BadInput, match=f"found {FEWEST - 1} startups that .* expected {FEWEST}"):
        learned_from(given, outcomes)


def test_an_outcome_of_the_future_is_refused():
    given, outcomes = cohort()
    with pytest.raises(BadInput, match=r"1 outcomes dated after .* 2024-01-01 \(first s0 and e\d+ on 2024-01-02\)"):
        learned_from(given, [replace(outcomes[0], date=dt.date(2024, 1, 2)), *outcomes])


def test_scores_are_probabilities_whose_parts_add_up():
    given, outcomes = cohort()
    ranker = learned_from(given, outcomes).ranker
    new = replace(given, startups=(Startup("new", "New", sectors=("핀테크",)),))
    (pairs,) = score_kinds(new, Program(), replace(engine(TODAY), rankers={Kind.INVESTOR: ranker}))
    (scores,) = pairs.scores
    assert scores.names == PART_NAMES
    assert scores.experts.tolist() == list(range(16))
    assert ((scores.score > 0) & (scores.score < 1)).all()
    assert np.allclose(scores.parts.sum(axis=1), scores.score, rtol=0, atol=1e-9)
    assert scores.score.reshape(4, 4).sum(axis=0).argmax() == 0


def test_some_experts_of_each_startup_are_scored_as_among_all_and_nobody_is_asked_for_none():
    given, _ = cohort(12)
    ranker = Ranker(
        Kind.INVESTOR, ChoiceModel(np.linspace(-1, 1, len(FEATURES))), engine(TODAY).calibration.fingerprint
    )
    (pairs,) = score_kinds(given, Program(), replace(engine(TODAY), rankers={Kind.INVESTOR: ranker}))
    chosen = np.random.default_rng(0).random((12, 16)) < 0.3
    chosen[5] = False
    for row, found in enumerate(pairs.scorer.score_all(chosen)):
        assert found.experts.tolist() == np.flatnonzero(chosen[row]).tolist()
        assert [found.of(at) for at in found.experts] == [pairs.scores[row].of(at) for at in found.experts]


def test_a_ranker_of_another_encoder_is_refused():
    ranker = Ranker(Kind.INVESTOR, ChoiceModel(np.zeros(len(FEATURES))), "another encoder")
    with pytest.raises(BadInput, match="ranker of investors learned with another encoder, expected"):
        replace(engine(TODAY), rankers={Kind.INVESTOR: ranker})


def test_another_kind_keeps_its_own_score():
    given, outcomes = cohort()
    ranker = learned_from(given, outcomes).ranker
    professor = Expert("p", Kind.PROFESSOR, sectors=("fintech",))
    both = Cohort(given.startups[:4], (*given.experts, professor))
    found = {
        pairs.kind: pairs.scores[0].names
        for pairs in score_kinds(both, Program(), replace(engine(TODAY), rankers={Kind.INVESTOR: ranker}))
    }
    assert found[Kind.INVESTOR] == PART_NAMES
    assert found[Kind.PROFESSOR] != PART_NAMES


def test_without_popularity_twice_the_deals_weigh_the_same():
    weights = np.linspace(0.1, 0.9, len(FEATURES))
    ranker = Ranker(Kind.INVESTOR, ChoiceModel(weights), "any").with_popularity(0)
    more = np.array([[1.0 if feature in COUNTS else 0.0 for feature in FEATURES]])
    assert (more @ ranker.model.weights)[0] == pytest.approx(0)
    assert (
        ranker.with_popularity(1).model.weights[FEATURES.index(Feature.SECTOR)]
        == weights[FEATURES.index(Feature.SECTOR)]
    )


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_popularity_is_a_share(share):
    ranker = Ranker(Kind.INVESTOR, ChoiceModel(np.zeros(len(FEATURES))), "any")
    with pytest.raises(BadInput, match="expected 0 to 1"):
        ranker.with_popularity(share)


def told(expert: Expert, feature: Feature, *others: Expert, **startup) -> float:
    """What a feature says of an expert, beside others, for a startup that asks today."""
    experts, asker = [expert, *others], Startup("s", "Asker", **startup)
    records = records_of([asker], experts, lambda row: (), engine(TODAY))
    return float(records.features(0)[0, FEATURES.index(feature)])


def backer(id_: str, *texts: str) -> Expert:
    day = TODAY - dt.timedelta(days=9)
    return Expert(
        id_, Kind.INVESTOR, documents=tuple(Document(f"{id_}{at}", text, day) for at, text in enumerate(texts))
    )


def test_each_deal_counts_by_what_it_was_about_however_many_tell_the_same():
    lender = backer("a", "loans for small shops")
    games = [backer(id_, "games for the phone", "games for the phone", "robots that weld") for id_ in "bcd"]
    asking = {"summary": "loans for shops"}
    first = told(lender, Feature.LIKE_DEALS, *games, **asking)
    assert first > told(games[0], Feature.LIKE_DEALS, lender, *games[1:], **asking)
    assert first > np.log(1.1)


def test_a_long_text_counts_as_its_best_passage():
    """It is cut in pieces, behind which the deals of others must not slip."""
    filler = " ".join(f"They keep number {at} open until late in the evening." for at in range(120))
    others = backer("b", "games for the phone", "robots that weld"), backer("c", "loans for shops")

    def of(text: str) -> float:
        return told(backer("a", text), Feature.LIKE_DEALS, *others, summary="loans for shops")

    for text in (f"Loans for shops. {filler}", f"{filler} Loans for shops."):
        assert of(text) > of(filler) + 0.005
        assert told(others[1], Feature.LIKE_DEALS, backer("a", text), others[0], summary="loans for shops") > of(text)


def test_a_deal_that_says_nothing_counts_as_an_average_one():
    games, lender = backer("a", "games for the phone"), backer("c", "loans for shops")
    documents = (Document("", date=TODAY - dt.timedelta(9)), Document("", "?!", TODAY - dt.timedelta(9)))
    for document in documents:
        nothing = Expert("b", Kind.INVESTOR, documents=(document,))
        found = told(nothing, Feature.LIKE_DEALS, games, lender, summary="loans for shops")
        assert found == pytest.approx(np.log(1.1))


def test_what_a_later_deal_is_about_changes_nothing():
    games, lender = backer("a", "games for the phone"), backer("c", "loans for shops")
    nothing = Expert("b", Kind.INVESTOR, documents=(Document("", date=TODAY - dt.timedelta(9)),))
    asking = {"summary": "loans for shops"}
    for text in ("loans for shops", "robots that weld"):
        later = replace(lender, documents=(*lender.documents, Document("later", text, TODAY + dt.timedelta(3))))
        for feature in FEATURES:
            experts = (games, nothing)
            assert told(later, feature, *experts, **asking) == pytest.approx(told(lender, feature, *experts, **asking))
            assert told(nothing, feature, games, later, **asking) == pytest.approx(
                told(nothing, feature, games, lender, **asking)
            )


def test_a_refining_feature_that_tells_little_is_not_used():
    """How much an expert does at all says nothing in this cohort once it is known how much it does of the like."""
    weights = learned_from(*cohort(160)).ranker.model.weights
    assert weights[FEATURES.index(Feature.ACTIVITY)] == 0
    assert weights[FEATURES.index(Feature.LIKE_DEALS_EVER)] != 0


def test_a_thesis_is_what_an_expert_states_and_no_deal():
    stating = Expert("a", Kind.INVESTOR, expertise=("loans for shops",))
    silent, other = backer("b", "loans for shops"), Expert("c", Kind.INVESTOR, expertise=("games",))
    asking = {"summary": "loans for shops"}
    assert told(stating, Feature.THESIS, silent, other, **asking) == pytest.approx(1)
    assert told(silent, Feature.THESIS, stating, other, **asking) == 0


def test_a_sector_is_compared_where_there_is_no_text_in_either_language():
    fin = Expert("a", Kind.INVESTOR, documents=(Document("a", date=TODAY - dt.timedelta(9), sectors=("fintech",)),))
    game = Expert("b", Kind.INVESTOR, documents=(Document("b", date=TODAY - dt.timedelta(9), sectors=("gaming",)),))
    assert told(fin, Feature.LIKE_DEALS, game, sectors=("핀테크",)) > told(
        game, Feature.LIKE_DEALS, fin, sectors=("핀테크",)
    )


def mentors(given: Cohort, outcomes: list[Outcome], since: dt.timedelta) -> Cohort:
    """The cohort in which who took a startup mentored it, from so long after the outcome on."""
    relations = [
        Relation(Party(Side.EXPERT, one.expert), Party(Side.STARTUP, one.startup), "mentored", one.date + since)
        for one in outcomes
    ]
    return replace(given, relations=tuple(relations))


def test_who_could_be_introduced_is_learned_where_outcomes_bear_it_out():
    given, outcomes = cohort(160)
    learned = learned_from(mentors(given, outcomes, -dt.timedelta(days=400)), outcomes)
    assert learned.ranker.model.weights[FEATURES.index(Feature.WARM_PATH)] > 2
    assert value(learned.measures["ranker"], "nDCG@10") > 0.99


def test_an_outcome_of_long_ago_is_asked_of_before_that():
    outcome = Outcome("s", "e", dt.date(1, 2, 3))
    one = Cohort((Startup("s", date=TODAY),), (Expert("e", Kind.INVESTOR),))
    assert [one.told_before for one in questions(one, [outcome], Kind.INVESTOR)] == [dt.date.min]


@pytest.mark.parametrize("days", [0, 1])
@pytest.mark.parametrize("whose", ["dated", "neither dated", "only outcomes dated"])
def test_a_relation_that_came_of_the_outcome_teaches_nothing(days, whose):
    given, outcomes = cohort(160)
    told = mentors(given, outcomes, dt.timedelta(days=days)).relations
    if whose != "dated":
        given = replace(given, startups=tuple(replace(one, date=None) for one in given.startups))
    if whose == "neither dated":
        outcomes = [replace(one, date=None) for one in outcomes]
    if whose == "only outcomes dated":  # it was signed before it was told
        told = tuple(replace(one, since=one.since - dt.timedelta(days=100)) for one in told)
    plain = learned_from(given, outcomes).ranker.model
    learned = learned_from(replace(given, relations=told), outcomes).ranker.model
    assert np.array_equal(learned.weights, plain.weights)
    assert learned.weights[FEATURES.index(Feature.WARM_PATH)] == 0


def test_one_warm_path_among_all_startups_does_not_decide_what_paths_are_worth():
    given, outcomes = cohort(160)
    taker = next(one.expert for one in outcomes if one.startup == "s20")
    other = next(one.id for one in given.experts if one.id != taker)
    tie = Relation(Party(Side.EXPERT, other), Party(Side.STARTUP, "s20"), "mentored", dt.date(2010, 1, 1))
    weight = learned_from(replace(given, relations=(tie,)), outcomes).ranker.model.weights
    assert abs(weight[FEATURES.index(Feature.WARM_PATH)]) < 0.3  # and 6 where it counts as any other feature


def test_a_warm_path_is_a_part_of_a_learned_score():
    given, outcomes = cohort(160)
    model = learned_from(mentors(given, outcomes, -dt.timedelta(days=400)), outcomes).ranker
    tie = Relation(Party(Side.EXPERT, "e3"), Party(Side.STARTUP, "new"), "mentored", dt.date(2022, 1, 1))
    asker = Startup("new", "Newcomer", sectors=("fintech",), date=TODAY)
    known = replace(given, startups=(asker,), relations=(tie,))
    rank = replace(engine(TODAY), rankers={Kind.INVESTOR: model})
    (pairs,) = score_kinds(known, Program(), rank)
    score, parts = pairs.scores[0].of([one.id for one in pairs.experts].index("e3"))
    assert parts[Feature.WARM_PATH] > 0
    assert score == max(pairs.scores[0].score)
    assert pairs.warm_path(0, [one.id for one in pairs.experts].index("e3")) == "e3 mentored Newcomer"


def test_where_nothing_tells_experts_apart_nothing_is_learned():
    given, outcomes = cohort(160)
    silent = replace(given, experts=tuple(replace(one, documents=()) for one in given.experts))
    with pytest.raises(NothingLearned, match="were not, beyond chance, those whom the ranker expected"):
        learned_from(silent, outcomes)


def test_who_takes_all_of_a_day_decided_once():
    day = dt.date(2023, 5, 1)
    same = [Question(Startup(f"s{at}"), ("e1",), (), (day,), day) for at in range(4)]
    other = Question(Startup("s9"), ("e2",), (), (day,), day)
    undated = [Question(Startup(f"u{at}"), ("e1",), (), (), dt.date.min) for at in range(5)]
    assert apart([*same, other]) == 2 / 5
    assert apart(undated) == 1


def test_answers_that_are_one_count_as_one():
    """Twenty startups, all taken by who is expected: not where one decision took them all."""
    held = [Choice(np.zeros((5, len(FEATURES))), np.array([at % 5])) for at in range(20)]
    for at, one in enumerate(held):
        one.features[at % 5 if at else 3, 0] = 1
    tried = calibrate(ChoiceModel(np.eye(1, len(FEATURES))[0]), held)
    check_borne_out(tried, held, 1.0, Kind.INVESTOR)
    with pytest.raises(NothingLearned):
        check_borne_out(tried, held, 0.01, Kind.INVESTOR)
