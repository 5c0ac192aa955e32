"""Terms meet across spellings, Korean and English; what is unknown stands for itself."""

from __future__ import annotations

import pytest

from matcher.terms import Vocabulary, around, canonical, canonical_set, fold, is_known, organisation


@pytest.mark.parametrize(
    ("vocabulary", "spellings"),
    [
        (
            Vocabulary.STAGE,
            [
                "Series A",
                "series-a",
                "SERIES  A",
                "시리즈 A",
                "시리즈a",
                "A 라운드",
                "ｓｅｒｉｅｓ Ａ",
                "SeriesA",
                "Series A round",
            ],
        ),
        (Vocabulary.STAGE, ["seed", "Seed stage", "시드 단계", "시드 투자"]),
        (Vocabulary.STAGE, ["growth", "Growth stage", "성장 단계"]),
        (Vocabulary.STAGE, ["Pre-Seed", "preseed", "pre seed", "프리시드", "예비 창업"]),
        (Vocabulary.STAGE, ["pre-A", "PreA", "Pre Series A", "프리시리즈A", "프리 A"]),
        (Vocabulary.SECTOR, ["AI", "A.I.", "Artificial Intelligence", "인공지능", "인공 지능"]),
        (Vocabulary.SECTOR, ["Food-tech", "foodtech", "푸드 테크", "푸드테크"]),
        (Vocabulary.SECTOR, ["Healthcare", "digital health", "헬스케어", "의료", "MedTech"]),
        (Vocabulary.SECTOR, ["robotics", "Robot", "로봇", "로보틱스"]),
        (
            Vocabulary.REGION,
            ["Seoul", "서울", "서울특별시", "서울시", "Seoul, Korea", "서울특별시 강남구", "대한민국 서울"],
        ),
        (Vocabulary.REGION, ["Gyeonggi-do", "경기도", "경기도 광주시", "Gwangju-si, Gyeonggi-do"]),
        (Vocabulary.REGION, ["Korea", "South Korea", "KR", "대한민국", "한국", "전국", "국내"]),
        (Vocabulary.REGION, ["USA", "U.S.", "United States", "미국"]),
        (Vocabulary.LANGUAGE, ["ko", "Korean", "한국어", "KR", "ko-KR"]),
        (Vocabulary.LANGUAGE, ["en", "English", "영어", "en_US"]),
    ],
)
def test_spellings_of_one_term_meet(vocabulary: Vocabulary, spellings: list[str]) -> None:
    assert len({canonical(vocabulary, spelling) for spelling in spellings}) == 1
    assert all(is_known(vocabulary, spelling) for spelling in spellings)


@pytest.mark.parametrize(
    ("vocabulary", "one", "other"),
    [
        (Vocabulary.STAGE, "seed", "pre-seed"),
        (Vocabulary.STAGE, "Series A", "Pre-Series A"),
        (Vocabulary.STAGE, "시리즈 A", "시리즈 B"),
        (Vocabulary.SECTOR, "biotech", "healthcare"),
        (Vocabulary.REGION, "광주", "경기"),
    ],
)
def test_different_terms_stay_different(vocabulary: Vocabulary, one: str, other: str) -> None:
    assert canonical(vocabulary, one) != canonical(vocabulary, other)


def test_an_unknown_term_meets_itself_in_any_case_and_hyphenation() -> None:
    assert canonical(Vocabulary.SECTOR, "Space-Tech") == canonical(Vocabulary.SECTOR, "space tech")
    assert not is_known(Vocabulary.SECTOR, "space tech")


def test_one_spelling_may_mean_different_things_in_different_fields() -> None:
    assert canonical(Vocabulary.REGION, "kr") == "korea"
    assert canonical(Vocabulary.LANGUAGE, "kr") == "ko"


@pytest.mark.parametrize("anything", ["global", "글로벌", "전 세계", "Any", "무관"])
def test_any_region_restricts_nothing_even_beside_others(anything: str) -> None:
    assert canonical_set(Vocabulary.REGION, [anything, "Seoul"]) == frozenset()


def test_blank_terms_are_no_terms() -> None:
    assert canonical_set(Vocabulary.SECTOR, ["", " - ", "로봇"]) == {"robotics"}


def test_a_region_lies_in_all_that_surround_it() -> None:
    assert around("pangyo") == {"pangyo", "gyeonggi", "capital area", "korea", "asia"}
    assert around("atlantis") == {"atlantis"}


def test_folding_joins_case_width_hyphens_and_spaces() -> None:
    assert fold("  Smart-FARM／２ ") == "smart farm 2"


@pytest.mark.parametrize(
    "spellings",
    [
        ["㈜한빛", "(주)한빛", "한빛 주식회사", "주식회사 한빛", "한빛"],
        ["㈜한빛 바이오", "(주)한빛바이오", "한빛바이오 주식회사"],
        ["Acme, Inc.", "ACME Inc", "acme", "Acme  inc."],
        ["Acme Robotics Co., Ltd.", "ACME ROBOTICS", "Acme Robotics Limited"],
        ["학교법인 서울대학교", "서울대학교"],
        ["Acme Incorporated", "Acme L.L.C.", "Acme Pte. Ltd.", "Acme Private Limited", "Acme Pty Ltd"],
        ["유한책임회사 한빛", "농업회사법인 ㈜한빛", "한빛"],
    ],
)
def test_spellings_of_one_organisation_meet(spellings: list[str]) -> None:
    assert len({organisation(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("한빛", "한빛바이오"), ("Incheon Lab", "Cheon Lab"), ("Cobalt", "balt"), ("주식회사", "유한회사")],
)
def test_a_legal_form_inside_a_word_is_part_of_the_name(one: str, other: str) -> None:
    assert organisation(one) != organisation(other)
    assert organisation(one)


SEVERAL = (
    *("Seoul, Busan", "서울 부산", "서울/경기", "부산·대구", "서울시·부산시", "대전 세종시", "경북 대구", "서울, 전국"),
    *(
        "서울/수도권",
        "경기/수원",
        "성남시 서울",
        "Seoul, Tokyo, Japan",
        "US, Canada",
        "Korea, Asia",
        "Korea, Taiwan",
        "Singapore, Malaysia, Thailand",
    ),
)
SAID_OF_ONE = (
    "수도권 외",
    "수도권 제외 전국",
    "서울 외 지역",
    "Outside of Seoul, Korea",
    "All, except Japan",
    "Boise, ID",
)


@pytest.mark.parametrize("said", [*SEVERAL, *SAID_OF_ONE])
def test_several_regions_and_what_is_said_of_one_are_no_region(said: str) -> None:
    """Read as the region that they name, they would rule out what they take, and the other way round."""
    assert not is_known(Vocabulary.REGION, said)
    assert canonical(Vocabulary.REGION, said) == fold(said)


@pytest.mark.parametrize(
    ("address", "region"),
    [
        ("서울 중구 세종대로 110", "seoul"),
        ("대구광역시 달서구", "daegu"),
        ("경기도 광주시 오포읍", "gyeonggi"),
        ("경기도 성남시 판교", "pangyo"),
        ("123 Teheran-ro, Gangnam-gu, Seoul 06234, Republic of Korea", "seoul"),
        ("Suwon, Gyeonggi-do, South Korea", "suwon"),
        ("Seoul, KR", "seoul"),
    ],
)
def test_an_address_is_the_smallest_known_region_in_it(address: str, region: str) -> None:
    assert canonical(Vocabulary.REGION, address) == region


@pytest.mark.parametrize(
    "both", ["Korean/English", "ko, en", "한국어 및 영어", "Korean AND English", "Korean／English"]
)
def test_languages_named_together_are_two(both: str) -> None:
    assert canonical_set(Vocabulary.LANGUAGE, [both]) == {"ko", "en"}
