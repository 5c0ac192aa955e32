"""Why each pair was made, why the next best was not, who is left out, and who could use the data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from matcher.engine import Engine
from matcher.explanation import Match
from matcher.pipeline import Explained, match
from matcher.profiles import Cohort, Document, Kind, Limits, Side
from matcher.program import Part, Program
from matcher.retrieval import RetrievalParameters
from matcher.unmatched import Unmatched
from tests.fakes import fake_engine
from tests.matcher.people import asks, knows, related, wrote

NO_WISHES = Program()
ONE, NONE = Limits(0, 1), Limits(0, 0)


def explained(cohort: Cohort, program: Program = NO_WISHES, engine: Engine | None = None) -> Explained:
    (result,) = match(cohort, program, engine or fake_engine(), [Kind.PROFESSOR])
    return result


def only_match(cohort: Cohort, program: Program = NO_WISHES) -> Match:
    (made,) = explained(cohort, program).matches
    return made


def unmatched(cohort: Cohort, program: Program = NO_WISHES, engine: Engine | None = None) -> dict[str, Unmatched]:
    return {one.id: one for one in explained(cohort, program, engine).unmatched}


# --- evidence --------------------------------------------------------------------------------------------------


def test_every_need_is_shown_with_its_best_answer_and_where_it_stands() -> None:
    paper = Document(title="Gripping", text="robot arm")
    cohort = Cohort((asks("s1", "robot arm", "tax law"),), (knows("e1", "tax law", "ship", documents=(paper,)),))
    shown = {one.startup_passage: one for one in only_match(cohort).evidence}
    assert shown["tax law"].expert_passage == "tax law"
    assert (shown["tax law"].source, shown["tax law"].part) == ("expertise", Part.NEEDS)
    assert shown["tax law"].worth == pytest.approx(1.0)
    assert shown["robot arm"].expert_passage == "Gripping. robot arm"
    assert shown["robot arm"].source == "Gripping"


def test_of_data_assets_and_of_the_summary_the_best_one_is_shown() -> None:
    startup = asks("s1", summary="robot arm", documents=wrote("robot ship"), data_assets=("tax law", "robot arm logs"))
    shown = {
        one.part: one.startup_passage for one in only_match(Cohort((startup,), (knows("e1", "robot arm"),))).evidence
    }
    assert shown == {Part.DATA_ASSETS: "robot arm logs", Part.SUMMARY: "robot arm"}


def test_evidence_from_a_confidential_field_is_marked() -> None:
    startup = asks("s1", "robot arm", summary="robot arm", confidential=("needs",))
    marked = {
        one.part: one.confidential for one in only_match(Cohort((startup,), (knows("e1", "robot arm"),))).evidence
    }
    assert marked == {Part.NEEDS: True, Part.SUMMARY: False}


def test_a_pair_made_by_its_fields_alone_has_no_evidence() -> None:
    made = only_match(Cohort((asks("s1", sectors=("robot",)),), (knows("e1", sectors=("로봇",)),)))
    assert made.evidence == ()
    assert made.score == pytest.approx(1.0)


def test_warnings_and_pins_are_told_with_the_pair() -> None:
    cohort = Cohort((asks("s1", "robot"),), (knows("e1", "robot"),), (related("expert:e1", "advisor", "startup:s1"),))
    assert only_match(cohort).warnings == ("advisor (e1 – s1)",)
    assert not only_match(cohort).pinned
    assert only_match(cohort, Program(pins=(("s1", "e1"),))).pinned


# --- alternatives ----------------------------------------------------------------------------------------------

PAIR = Cohort((asks("s1", "robot arm"),), (knows("e1", "robot arm"), knows("e2", "robot ship")))


def test_the_next_best_scores_lower() -> None:
    next_best = only_match(PAIR).alternative
    assert next_best is not None
    assert (next_best.expert, next_best.reason) == ("e2", "scores lower")


def test_a_next_best_of_the_same_score_is_not_said_to_score_lower() -> None:
    cohort = Cohort((asks("s1", "robot arm"),), (knows("e1", "robot arm"), knows("e2", "robot arm")))
    alternative = only_match(cohort).alternative
    assert alternative is not None
    assert alternative.reason == "scores the same"
    taken = replace(cohort, startups=(*cohort.startups, asks("s2", "robot arm", priority=2.0)))
    ones = tuple(replace(expert, limits=ONE) for expert in cohort.experts)
    told = {made.startup: made.alternative for made in explained(replace(taken, experts=ones)).matches}
    assert told["s1"] is not None
    assert told["s1"].reason.startswith("full: its only place goes to s2")


def test_a_full_expert_is_named_with_those_who_took_its_place() -> None:
    cohort = Cohort(
        (asks("s1", "robot arm"), asks("s2", "robot ship")),
        (knows("e1", "robot arm", limits=ONE), knows("e2", "tax", limits=ONE)),
    )
    of_s2 = {made.startup: made.alternative for made in explained(cohort).matches}["s2"]
    assert of_s2 is not None
    assert of_s2.expert == "e1"
    # Its 0.54 instead of nothing with e2.
    scarce = "scarce: one more place would add 0.54 to the total"
    assert of_s2.reason == f"full: its only place goes to s1 (1.00); {scarce}"


def test_a_better_expert_with_room_is_put_down_to_limits_pins_or_objective() -> None:
    made = only_match(PAIR, Program(pins=(("s1", "e2"),)))
    assert made.alternative is not None
    assert made.alternative.expert == "e1"
    assert made.alternative.reason.startswith("scores higher, but the limits, pins or the objective")


def test_the_alternative_is_the_best_of_the_rest() -> None:
    experts = (*PAIR.experts, knows("e3", "robot arm ship"), knows("e4", "tax"))
    made = only_match(replace(PAIR, experts=experts))
    assert made.alternative is not None
    assert made.alternative.expert == "e3"


def test_there_is_no_alternative_where_nobody_else_is_eligible() -> None:
    assert only_match(PAIR, Program(bans=(("s1", "e2"),))).alternative is None


def test_there_is_no_alternative_below_the_minimum_score_or_of_unknown_score() -> None:
    assert only_match(PAIR, Program(min_score=0.9)).alternative is None
    silent = replace(PAIR, experts=(PAIR.experts[0], knows("e2")))
    assert only_match(silent).alternative is None


# --- who is left out -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cohort", "reason"),
    [
        pytest.param(
            Cohort((asks("s1", "a", limits={Kind.PROFESSOR: NONE}),), (knows("e1", "a"),)),
            "takes no professor: its max_matches is 0",
            id="a maximum of 0",
        ),
        pytest.param(Cohort((asks("s1", "a"),), ()), "the cohort has no professor", id="no expert of the kind"),
        pytest.param(
            Cohort((asks("s1", "a"),), (knows("e1"),)),
            "nothing is known that it could be compared by with any eligible professor",
            id="nothing known",
        ),
        pytest.param(
            Cohort(
                (asks("s1", "a", stage="seed"),),
                (
                    knows("e1", "a", stages=("Series B",)),
                    knows("e2", "a", stages=("Series C",)),
                    knows("e3", "a", avoids=("s1",)),
                ),
            ),
            "none of the 3 professors is eligible: 2 by stage, 1 by avoids",
            id="nobody eligible",
        ),
    ],
)
def test_a_startup_that_cannot_be_matched_is_told_why(cohort: Cohort, reason: str) -> None:
    found = unmatched(cohort)["s1"]
    assert found.reason == reason
    assert (found.side, found.waiting) == (Side.STARTUP, None)


def test_a_startup_below_the_minimum_score_with_everybody_is_told_so() -> None:
    found = unmatched(PAIR, Program(min_score=0.999999, bans=(("s1", "e1"),)))["s1"]
    assert found.reason == "none of the 2 professors is eligible: 1 by ban, 1 by min score"


def test_a_startup_whose_candidates_fall_below_the_minimum_score_is_not_told_that_nothing_is_known() -> None:
    cohort = Cohort((asks("s1", "robot arm"),), (knows("e1", "robot ship"), knows("e2", "tax law")))
    narrow = replace(fake_engine(), retrieval=RetrievalParameters(experts=1))
    found = unmatched(cohort, Program(min_score=0.9), narrow)["s1"]
    assert "nothing is known" not in found.reason
    assert "score" in found.reason


@pytest.mark.parametrize(
    ("cohort", "reason"),
    [
        pytest.param(
            Cohort((asks("s1", "a"),), (knows("e1", "a", limits=NONE),)),
            "takes nobody: its max_load is 0",
            id="a maximum of 0",
        ),
        pytest.param(
            Cohort((asks("s1", "a", stage="seed"),), (knows("e1", "a", stages=("Series B",)),)),
            "no startup is eligible for it",
            id="nobody eligible",
        ),
        pytest.param(
            Cohort((asks("s1", "a", seeks=(Kind.INVESTOR,)),), (knows("e1", "a"),)),
            "no startup seeks a professor",
            id="nobody seeks it",
        ),
        pytest.param(
            Cohort((asks("s1", "a"),), (knows("e1", "b"), knows("e2", "a"))),
            "every startup that is eligible for it has a match that is better for the whole, or no place left",
            id="others are better",
        ),
    ],
)
def test_an_expert_without_a_startup_is_told_why(cohort: Cohort, reason: str) -> None:
    found = unmatched(cohort)["e1"]
    assert found.reason == reason
    assert (found.side, found.waiting) == (Side.EXPERT, None)


QUEUE = Cohort(
    (
        asks("s1", "robot arm"),
        asks("s2", "robot arm ship", priority=1.0),
        asks("s3", "robot arm tax", priority=5.0),
        asks("s4", "robot arm", stage="seed"),
    ),
    (knows("e1", "robot arm", limits=ONE, stages=("Series B",)),),
)


def test_the_waiting_list_stands_in_the_order_of_what_each_would_add() -> None:
    found = explained(QUEUE)
    assert [made.startup for made in found.matches] == ["s3"]
    assert [(one.id, one.waiting) for one in found.unmatched] == [("s1", 1), ("s2", 2), ("s4", None)]
    raised = replace(
        QUEUE, startups=(*QUEUE.startups[:1], replace(QUEUE.startups[1], priority=4.0), *QUEUE.startups[2:])
    )
    waiting = [(one.id, one.waiting) for one in explained(raised).unmatched if one.waiting]
    assert waiting == [("s2", 1), ("s1", 2)]


def test_who_waits_is_told_the_best_expert_and_who_took_its_places() -> None:
    found = unmatched(QUEUE)["s1"].reason
    assert found.startswith(
        "no place left with its 1 eligible professor; best would be e1 (1.00), full: its only place"
    )
    assert "s3" in found


def test_the_number_of_eligible_experts_told_counts_those_that_retrieval_did_not_propose() -> None:
    cohort = Cohort(
        (asks("s1", "robot arm"), asks("s2", "robot arm ship")),
        (knows("e1", "robot arm", limits=ONE), knows("e2", "tax law", limits=NONE)),
    )
    narrow = replace(fake_engine(), retrieval=RetrievalParameters(experts=1))
    assert "its 2 eligible professors" in unmatched(cohort, engine=narrow)["s2"].reason


# --- offers ----------------------------------------------------------------------------------------------------

DATA = Cohort(
    (asks("s1", data_assets=("robot arm logs", "tax records")),),
    (knows("e1", "robot arm"), knows("e2", "tax law"), knows("e3", "robot arm logs", "x", "y")),
)


def test_a_startup_that_states_no_need_still_hears_who_could_use_its_data() -> None:
    offers = {offer.data_asset: offer for offer in explained(DATA).offers}
    assert list(offers) == ["robot arm logs", "tax records"]
    assert offers["robot arm logs"].takers[0].expert == "e1"
    assert offers["tax records"].takers[0].expert == "e2"
    assert offers["tax records"].takers[0].passage == "tax law"


def test_takers_stand_best_first_and_are_three_at_most() -> None:
    crowd = tuple(knows(f"e{at}", "robot arm " + "ship " * at) for at in range(6))
    for offer in explained(replace(DATA, experts=crowd)).offers:
        worths = [taker.worth for taker in offer.takers]
        assert len(worths) <= 3
        assert worths == sorted(worths, reverse=True)


def test_only_the_best_taker_is_named_where_none_does_better_than_chance() -> None:
    engine = fake_engine()
    engine = replace(engine, calibration=replace(engine.calibration, chance=1.0))
    takers = [offer.takers for offer in explained(DATA, engine=engine).offers]
    assert [len(named) for named in takers] == [1, 1]
    assert not any(taker.stands_out for named in takers for taker in named)


def test_a_taker_who_does_better_than_chance_stands_out() -> None:
    assert explained(DATA).offers[0].takers[0].stands_out


def test_a_document_shows_a_taker_before_its_expertise() -> None:
    expert = knows("e1", "robot arm logs", documents=(Document(title="Arms", text="robot arm"),))
    (taker,) = explained(replace(DATA, experts=(expert,))).offers[0].takers
    assert (taker.source, taker.passage) == ("Arms", "Arms. robot arm")


def test_confidential_data_is_marked_and_ineligible_experts_are_no_takers() -> None:
    startup = replace(DATA.startups[0], confidential=("data_assets",))
    offers = explained(replace(DATA, startups=(startup,)), Program(bans=(("s1", "e1"),))).offers
    assert all(offer.confidential for offer in offers)
    assert "e1" not in {taker.expert for offer in offers for taker in offer.takers}


def test_a_data_asset_without_an_expert_to_use_it_is_offered_to_nobody() -> None:
    offers = explained(replace(DATA, experts=(knows("e1", sectors=("robot",)),))).offers
    assert [(offer.data_asset, offer.takers) for offer in offers] == [("robot arm logs", ()), ("tax records", ())]
