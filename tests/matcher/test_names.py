"""Names of people and e-mail domains, made comparable."""

from __future__ import annotations

import pytest

from matcher.names import mail_domain, person, sounds


@pytest.mark.parametrize(
    ("hangul", "latin"),
    [
        ("김민수", "Kim Minsu"),
        ("김민수", "Min-su Kim"),
        ("김민수 교수", "Prof. Minsoo Gim"),
        ("박지훈", "Jihoon Park"),
        ("이서연", "Seo-yeon Yi"),
        ("이서연", "Lee Seoyeon"),
        ("정재현", "Chung Jae Hyun"),
        ("임하늘", "Im Haneul"),
        ("임하늘", "Lim Haneul"),
        ("최은영", "Eunyoung Choe"),
        ("황보라", "Hwang Bora"),
        ("이승우", "Rhee Seungwoo"),
        ("오승민", "Oh Seungmin"),
        ("유재석", "Yoo Jaesuk"),
        ("류재석", "Ryu Jae-seok"),
        ("윤도현", "Yoon Dohyun"),
        ("한지민", "Han Jimin"),
        ("허재민", "Huh Jaemin"),
        ("엄정환", "Eom Jung Hwan"),
        ("남주혁", "Nam Joohyuk"),
        ("노지훈", "Roh Jihoon"),
        ("안정환", "Ahn Junghwan"),
        ("김희수", "Kim Hui-su"),
        ("김다은", "Da-eun Kim"),
        ("조수아", "Cho Soo-ah"),
        ("최지우", "Choi Jiwoo"),
        ("구자철", "Koo Ja-cheol"),
    ],
)
def test_hangul_and_its_romanisations_sound_alike(hangul: str, latin: str) -> None:
    assert sounds(hangul) & sounds(latin)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("김민수", "Kim Jihoon"),
        ("김민수", "Park Minsu"),
        ("박지훈", "박민수"),
        ("정재현", "Kang Jaehyun"),
        ("오우승", "Lee Hyesang"),
        ("황경정", "Lee Kyung Jung"),
    ],
)
def test_other_people_do_not(one: str, other: str) -> None:
    assert not sounds(one) & sounds(other)


@pytest.mark.parametrize(
    "name", ["", "민", "Plato", "3456", "주식회사 한빛소프트웨어연구소", "Anna Maria van der Berg"]
)
def test_what_is_shaped_otherwise_sounds_like_nobody(name: str) -> None:
    assert sounds(name) == frozenset()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kim, Minsu", "Minsu Kim"),
        ("Dr. Minsu KIM", "minsu kim"),
        ("김민수 교수님", "김민수"),
        ("Minsu Kim, PhD", "Minsu Kim"),
        ("Min-su Kim", "Minsu Kim"),
        ("Kim, Min‐su", "Minsu Kim"),
        ("Niamh O'Brien", "Niamh OBrien"),
        ("김 민수", "김민수"),
        ("김 민수 교수", "김민수 박사"),
        ("한빛 벤처스 2호", "한빛벤처스2호"),
    ],
)
def test_spellings_of_one_name_meet(one: str, other: str) -> None:
    assert person(one) == person(other)


def test_a_hyphen_keeps_the_order_of_syllables() -> None:
    assert person("Min-su Kim") != person("Su-min Kim")
    assert person("한빛 1호") != person("한빛 2호")


def test_a_name_in_both_scripts_sounds_like_each() -> None:
    both = sounds("김민수 (Minsu Kim)")
    assert both & sounds("김민수")
    assert both & sounds("Kim Min-su")
    assert not both & sounds("박지훈")


def test_an_address_tells_the_organisation_unless_it_is_a_public_one() -> None:
    assert mail_domain("a@cs.Example.ac.kr ") == mail_domain("b@ee.example.ac.kr") == "example.ac.kr"
    assert mail_domain("a@gmail.com") == mail_domain("a@naver.com") == mail_domain("nobody") == mail_domain("a@") == ""
    assert mail_domain("a@ac.kr") == ""
    assert mail_domain("Lee <a@example.ac.kr>") == "example.ac.kr"
    assert mail_domain("a@example.ac.kr; b@other.example.kr") == mail_domain("a@example.ac.kr b@gmail.com") == ""


def test_funds_of_one_house_are_told_apart_by_their_numbers() -> None:
    assert person("Haneul Fund 1") != person("Haneul Fund 2")
    assert person("Haneul Fund 2") == person("FUND-2 Haneul")
