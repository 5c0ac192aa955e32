import datetime as dt
from dataclasses import replace

from matcher.described import UNSAID, deals_described, experts_described, startup_described
from matcher.profiles import Document, Expert, Kind, Startup


def investor(*documents: Document) -> Expert:
    dated = tuple(replace(document, date=dt.date(2020, 1, 1)) for document in documents)
    return Expert("e", Kind.INVESTOR, expertise=("lending",), documents=dated)


def test_a_startup_is_described_by_its_sectors_and_its_summary():
    both = startup_described(Startup("s", "Lumen", summary=" DEX ", sectors=("DeFi", "핀테크")))
    assert both.summary == "defi, fintech. DEX"
    assert startup_described(Startup("s", sectors=("DeFi",))).summary == "defi"
    assert startup_described(Startup("s", summary="DEX")).summary == "DEX"
    assert startup_described(Startup("s", "Lumen")).summary == ""


def test_a_deal_is_described_as_a_startup_is_and_by_its_title_only_where_nothing_else_is_said():
    deals = (
        Document("Lumen", "DEX", sectors=("DeFi",)),
        Document("Lumen", sectors=("핀테크",)),
        Document("On lending", "We study loans."),
        Document("On lending"),
        Document("", ""),
    )
    found = deals_described([investor(*deals)])
    assert found.texts == ("defi. DEX", "fintech", "We study loans.", "On lending")
    assert found.of_deal.tolist() == [0, 1, 2, 3, UNSAID]


def test_what_many_did_together_is_described_once():
    shared = Document("Lumen", "DEX")
    experts = [investor(shared), investor(), investor(Document("Garam", "Loans"), shared)]
    found = deals_described(experts)
    assert found.of_deal.tolist() == [0, 1, 0]
    *without, holder = experts_described(experts, found)
    assert [one.expertise for one in without] == [("lending",)] * 3
    assert not any(one.documents for one in without)
    assert [document.text for document in holder.documents] == ["DEX", "Loans"]


def test_a_document_without_a_date_is_no_deal_and_describes_nothing():
    dated = investor(Document("Garam", "Loans"))
    both = replace(dated, documents=(Document("Lumen", "DEX"), *dated.documents))
    assert deals_described([both]).texts == ("Loans",)
    assert deals_described([both]).of_deal.tolist() == [0]


def test_a_sector_without_a_letter_is_not_told():
    assert startup_described(Startup("s", summary="DEX", sectors=("-", "DeFi", "/"))).summary == "defi. DEX"


def test_nobody_and_nothing():
    assert deals_described([]).of_deal.size == 0
    assert deals_described([investor()]).texts == ()
