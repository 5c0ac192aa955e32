import datetime as dt
import math
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.deal_features import FEATURES, Besides, Feature, Likeness, features
from matcher.profiles import Document, Expert, Kind, Startup
from matcher.track_record import track_record

DAY = dt.date(2022, 1, 1)
ASKING = Startup("s", "Asker", sectors=("fintech",), stage="seed", region="Seoul")


def deal(title: str, days_before: int, sector: str = "fintech", region: str = "Seoul", stage: str = "seed") -> Document:
    date = DAY - dt.timedelta(days=days_before)
    return Document(title, f"{title} does {sector}", date, sectors=(sector,), region=region, stage=stage)


def investor(id_: str, *deals: Document) -> Expert:
    return Expert(id_, Kind.INVESTOR, documents=deals)


def column(experts: list[Expert], feature: Feature, asking: Startup = ASKING, likeness=None) -> list[float]:
    alike = None if likeness is None else Likeness(likeness, likeness)
    found = features(track_record(experts), asking, DAY.toordinal(), alike, silent(experts))
    return found[:, FEATURES.index(feature)].tolist()


def silent(experts: list[Expert]) -> Besides:
    unknown = np.full(len(experts), np.nan)
    return Besides(unknown, unknown, np.zeros(len(experts)))


def test_deals_fade_in_sixty_days_in_a_year_and_in_four_from_the_newest_deal():
    experts = [investor("new", deal("a", 10)), investor("old", deal("b", 375)), investor("none")]
    halved = ((Feature.LIKE_DEALS_LATELY, 60), (Feature.LIKE_DEALS, 365), (Feature.LIKE_DEALS_EVER, 1460))
    for feature, half_life in (*halved, (Feature.ACTIVITY, 365)):
        new, old, _ = column(experts, feature)
        assert np.allclose([new, old], np.log([1.1, 0.5 ** (365 / half_life) + 0.1]))


def test_affinity_is_the_smoothed_ratio_of_the_docstring_among_deals_that_say():
    experts = [
        investor("fin", deal("a", 10), deal("b", 10)),
        investor("game", deal("c", 10, "gaming"), deal("d", 10, "gaming"), replace(deal("e", 10), sectors=())),
    ]
    fin, game = column(experts, Feature.SECTOR)
    assert math.isclose(fin, math.log((2 + 1.5) / (5 * 0.5)))
    assert math.isclose(game, math.log(1.5 / (5 * 0.5)))


def test_what_the_startup_does_not_say_tells_nothing():
    experts = [investor("fin", deal("a", 10)), investor("game", deal("c", 10, "gaming", "Busan", "series a"))]
    bare = Startup("s", "Asker")
    for feature in (Feature.SECTOR, Feature.REGION, Feature.STAGE):
        assert column(experts, feature, bare) == [0, 0]
    assert column(experts, Feature.LIKE_DEALS, bare) == column(experts, Feature.ACTIVITY)


def test_a_deal_in_another_region_counts_little_and_one_of_an_unknown_region_as_the_average():
    places = ("here", "Seoul"), ("also", "Seoul"), ("far", "Busan"), ("unknown", "")
    experts = [investor(id_, deal(id_, 1, region=region)) for id_, region in places]
    here, _, far, unknown = np.exp(column(experts, Feature.LIKE_DEALS)) - 0.1
    assert np.allclose([here, far, unknown], [1, 0.05, (1 + 1 + 0.05) / 3])


def test_a_region_in_which_only_later_deals_lie_tells_nothing():
    experts = [investor("a", deal("a", 1, region="Busan"), deal("b", -1)), investor("b", deal("c", 9, region="Busan"))]
    assert column(experts, Feature.LIKE_DEALS) == column(experts, Feature.ACTIVITY)
    assert column(experts, Feature.REGION) == [0, 0]


def test_a_deal_counts_by_its_likeness_in_meaning_and_in_words():
    experts = [investor("a", deal("a", 1)), investor("b", deal("b", 1)), investor("c", deal("c", 1))]
    likeness = Likeness(meaning=np.array([0.1, 0.9, 0.5]), words=np.array([0.7, 0.0, 0.0]))
    found = features(track_record(experts), ASKING, DAY.toordinal(), likeness, silent(experts))
    z, v = ((one - one.mean()) / one.std() for one in (likeness.meaning, likeness.words))
    assert np.allclose(found[:, FEATURES.index(Feature.LIKE_DEALS)], np.log(np.exp(0.4 * z + 0.1 * v) + 0.1))


def test_likeness_on_any_scale_gives_the_same_and_equal_likeness_tells_nothing():
    experts = [investor("a", deal("a", 1), deal("b", 2)), investor("b", deal("c", 3))]
    likeness = np.array([0.9, 0.1, 0.3])
    one, other = (column(experts, Feature.LIKE_DEALS, likeness=value) for value in (likeness, 40 * likeness - 7))
    assert np.allclose(one, other)
    assert one[0] > one[1]
    assert column(experts, Feature.LIKE_DEALS, likeness=np.full(3, 0.5)) == column(experts, Feature.ACTIVITY)


def test_a_text_that_is_alike_beyond_all_others_counts_no_more_than_six_deviations():
    experts = [investor(str(at), deal(str(at), 1)) for at in range(60)]
    likeness = np.array([1.0] + [0.0] * 59)
    found = column(experts, Feature.LIKE_DEALS, likeness=likeness)
    z = (likeness - likeness.mean()) / likeness.std()
    assert z[0] > 6
    assert math.isclose(found[0], math.log(math.exp(0.5 * 6) + 0.1))


def test_who_has_no_deal_that_counts_is_average_and_flagged():
    experts = [investor("new", deal("a", 10)), investor("old", deal("b", 375)), investor("none")]
    later = investor("later", deal("c", -1))
    for newcomer in (investor("none"), later, investor("own", deal("Asker", 5))):
        record = [*experts[:2], newcomer]
        for feature in FEATURES[: FEATURES.index(Feature.NO_RECORD)]:
            first, second, third = column(record, feature)
            assert math.isclose(third, (first + second) / 2, abs_tol=1e-12)
        assert column(record, Feature.NO_RECORD) == [0, 0, 1]


def test_where_nobody_has_a_deal_all_are_flagged():
    assert column([investor("a"), investor("b")], Feature.NO_RECORD) == [1, 1]


def test_what_experts_state_is_in_standard_deviations_and_average_where_nothing_is_said():
    experts = [investor(str(at), deal(str(at), 3)) for at in range(4)]
    stated = Besides(np.array([0.2, np.nan, 0.6, 0.4]), np.array([np.nan, 0.5, np.nan, np.nan]), np.zeros(4))
    found = features(track_record(experts), ASKING, DAY.toordinal(), None, stated)
    thesis, mandate = (found[:, FEATURES.index(one)] for one in (Feature.THESIS, Feature.MANDATE))
    assert np.allclose(thesis, [-math.sqrt(1.5), 0, math.sqrt(1.5), 0])
    assert mandate.tolist() == [0, 0, 0, 0]


def test_whose_co_investors_back_the_like_of_it_comes_before_whose_do_not():
    """Each of two has backed only a game; one did so beside somebody who else backs fintech."""
    experts = [
        investor("near", deal("g", 9, "gaming", "Busan")),
        investor("far", deal("h", 9, "gaming", "Busan")),
        investor("fin", deal("g", 9, "gaming", "Busan"), deal("a", 5), deal("b", 4)),
        investor("game", deal("h", 9, "gaming", "Busan"), *(deal(title, 5, "gaming", "Busan") for title in "cd")),
    ]
    alike = np.array([0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    near, far, *_ = column(experts, Feature.CO_INVESTORS, likeness=alike)
    assert near > far + 0.3
    near, far, *_ = column(experts, Feature.CO_INVESTOR_ACTIVITY, likeness=alike)
    assert math.isclose(near, far, rel_tol=0.01)


@settings(deadline=None)
@given(st.permutations(range(6)), st.integers(0, 3000))
def test_what_is_dated_on_the_day_or_later_changes_nothing(order, later):
    """The future, in any shape: others' deals, shared ones, other fields and days; the features must not see it."""
    past = [deal(f"p{at}", 30 * (at + 1), ("fintech", "gaming")[at % 2]) for at in range(6)]
    shared = deal("shared", 45)
    owners = [[*(past[at] for at in range(6) if at % 3 == owner), shared] for owner in range(3)]
    future = [
        deal(f"f{at % 3}", -later - at % 3, ("gaming", "fintech")[at % 2], ("Busan", "Seoul")[at % 2]) for at in order
    ]
    before = [investor(str(owner), *deals) for owner, deals in enumerate(owners)]
    after = [investor(str(owner), *deals, *future[owner::3]) for owner, deals in enumerate(owners)]
    known = np.concatenate([np.linspace(0, 1, 3) + owner for owner in range(3)])
    shown = np.concatenate([[*known[3 * owner : 3 * owner + 3], 90.0, -90.0] for owner in range(3)])
    of_past = features(track_record(before), ASKING, DAY.toordinal(), Likeness(known, known), silent(before))
    of_all = features(track_record(after), ASKING, DAY.toordinal(), Likeness(shown, shown), silent(after))
    assert np.allclose(of_past, of_all, rtol=0, atol=1e-12)


def test_a_deal_with_the_startup_itself_is_not_seen():
    """An expert's documents hold the outcome that is to be foreseen."""
    own = deal("㈜ Asker", 5)
    with_own = [investor("knows", deal("a", 10), own), investor("b", deal("b", 20))]
    without = [investor("knows", deal("a", 10)), investor("b", deal("b", 20))]
    found, expected = (
        features(track_record(experts), ASKING, DAY.toordinal(), None, silent(experts))
        for experts in (with_own, without)
    )
    assert np.array_equal(found, expected)


def test_a_deal_with_the_startup_under_another_name_of_its_own_is_not_seen():
    asking = replace(ASKING, also_named=("어스커", "Asker Labs"))
    for name in ("주식회사 어스커", "Asker Labs Inc."):
        with_own = [investor("knows", deal("a", 10), deal(name, 5)), investor("b", deal("b", 20))]
        without = [investor("knows", deal("a", 10)), investor("b", deal("b", 20))]
        for feature in FEATURES:
            assert column(with_own, feature, asking) == column(without, feature, asking)
    assert column(with_own, Feature.ACTIVITY) != column(without, Feature.ACTIVITY)


def test_no_record_at_all_is_no_error():
    none = [investor("a"), investor("b")]
    found = features(track_record(none), ASKING, DAY.toordinal(), None, silent(none))
    assert np.isfinite(found).all()
    assert (found[0] == found[1]).all()


def test_both_languages_ask_the_same():
    experts = [investor("a", deal("a", 1)), investor("b", deal("c", 3, "gaming", "Busan", "series a"))]
    korean = replace(ASKING, sectors=("핀테크",), stage="시드", region="서울")
    record = track_record(experts)
    assert np.array_equal(
        features(record, ASKING, DAY.toordinal(), None, silent(experts)),
        features(record, korean, DAY.toordinal(), None, silent(experts)),
    )
