import datetime as dt
from dataclasses import replace

import numpy as np

from matcher.profiles import Document, Expert, Kind, Startup
from matcher.track_record import UNKNOWN, day_of, track_record

EXPERTS = [
    Expert(
        "han",
        Kind.INVESTOR,
        documents=(
            Document("㈜가람", date=dt.date(2020, 5, 1), sectors=("핀테크", "AI"), stage="시리즈 A", region="서울"),
            Document("Lumen Inc.", date=dt.date(2021, 5, 1), sectors=("fintech",), stage="Seed"),
        ),
    ),
    Expert("idle", Kind.INVESTOR, expertise=("nothing done yet",)),
    Expert(
        "lee",
        Kind.INVESTOR,
        documents=(Document("가람", date=dt.date(2022, 1, 1), sectors=("gaming",), region="Seoul"),),
    ),
]


def test_deals_stand_in_the_order_of_the_profiles():
    record = track_record(EXPERTS)
    assert record.experts == 3
    assert record.owners.tolist() == [0, 0, 2]


def test_terms_meet_across_languages_and_legal_forms():
    record = track_record(EXPERTS)
    sector, region, stage = (
        record.names_one_of(["Fintech"]),
        record.lies_in("서울특별시"),
        record.is_of_stage("Series A"),
    )
    assert sector.agrees.tolist() == [True, True, False]
    assert region.agrees.tolist() == [True, False, True]
    assert stage.agrees.tolist() == [True, False, False]
    assert sector.known.tolist() == [True, True, True]
    assert region.known.tolist() == [True, False, True]
    assert stage.known.tolist() == [True, True, False]
    assert record.is_with("가람 주식회사").tolist() == [True, False, True]
    assert record.is_with("Lumen, Inc").tolist() == [False, True, False]


def test_what_nobody_did_is_unknown_rather_than_never():
    record = track_record(EXPERTS)
    assert record.names_one_of(["aerospace"]) is None
    assert record.names_one_of([]) is None
    assert record.lies_in("") is None
    assert record.is_of_stage("series z") is None


def test_a_company_without_a_name_is_nobodys_deal():
    deal = Document("", "a text", dt.date(2020, 1, 1))
    nameless = track_record([Expert("e", Kind.INVESTOR, documents=(deal,))])
    assert nameless.companies.tolist() == [UNKNOWN]
    assert not nameless.is_with("").any()
    assert not nameless.is_with("Somebody else").any()


def test_a_round_is_one_company_on_one_day():
    day, later = dt.date(2020, 1, 1), dt.date(2020, 6, 1)
    titles = [("Lumen", day), ("Lumen Inc.", day), ("Lumen", later), ("Garam", day), ("", day), ("", day)]
    experts = [
        Expert(str(at), Kind.INVESTOR, documents=(Document(title, "text", date),))
        for at, (title, date) in enumerate(titles)
    ]
    first, same, *others = track_record(experts).rounds.tolist()
    assert first == same
    assert len({first, *others}) == 5


def test_a_document_without_a_date_is_no_deal():
    undated = Document("Garam", sectors=("aerospace",))
    more = [replace(expert, documents=(undated, *expert.documents, undated)) for expert in EXPERTS]
    record = track_record(more)
    assert record.owners.tolist() == [0, 0, 2]
    assert record.days.tolist() == track_record(EXPERTS).days.tolist()
    assert record.names_one_of(["aerospace"]) is None


def test_a_sector_without_a_letter_says_nothing():
    blank = Document("Garam", date=dt.date(2020, 1, 1), sectors=("-", "/", "·", " "))
    record = track_record([*EXPERTS, Expert("e", Kind.INVESTOR, documents=(blank,))])
    assert record.names_one_of(["fintech"]).known.tolist() == [True, True, True, False]
    assert record.names_one_of(["-"]) is None


def test_nobody_and_nothing():
    assert track_record([]).owners.size == 0
    assert track_record([EXPERTS[1]]).sectors.shape == (0, 1)


def test_a_startup_asks_on_its_own_day():
    today = dt.date(2024, 1, 1)
    assert day_of(Startup("s"), today) == today.toordinal()
    assert day_of(Startup("s", date=dt.date(2023, 2, 3)), today) == dt.date(2023, 2, 3).toordinal()
    assert np.issubdtype(track_record(EXPERTS).days.dtype, np.integer)
