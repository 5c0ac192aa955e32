"""Free-text terms made comparable: stage, region, sector and language, in Korean and English.

A term is folded (Unicode NFKC, case, hyphens and spaces), then replaced by its canonical form where a
synonym is known, wherever it has spaces: "SeriesA", "Seed stage" and "서울특별시 강남구" are known. An unknown term
stands for itself: two profiles that spell it alike still meet.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache

_SEPARATORS = re.compile(r"[\s\-_/·]+")


class Vocabulary(StrEnum):
    """The fields whose terms have known synonyms."""

    STAGE = "stage"
    REGION = "region"
    SECTOR = "sector"
    LANGUAGE = "language"


# canonical form: its synonyms, separated by commas
_STAGES = {
    "pre seed": "preseed, 프리시드, 프리 시드, 예비창업, 예비 창업",
    "seed": "시드, seed round, 시드 라운드, 초기",
    "pre series a": "pre a, 프리a, 프리 a, 프리시리즈a, 프리 시리즈 a, 프리시리즈 a",
    "series a": "시리즈a, 시리즈 a, a round, round a, a 라운드",
    "series b": "시리즈b, 시리즈 b, b round, round b, b 라운드",
    "series c": "시리즈c, 시리즈 c, c round, round c, c 라운드",
    "series d": "시리즈d, 시리즈 d, d round, round d, d 라운드",
    "angel": "엔젤, 엔젤 투자",
    "growth": "growth stage, 그로스, 성장 단계",
    "pre ipo": "preipo, 프리ipo, 프리 ipo",
    "any": "all, any stage, all stages, stage agnostic, 전 단계, 모든 단계, 무관",
}
_SECTORS = {
    "healthcare": "health, health care, digital health, medical, medtech, 헬스케어, 의료, 디지털 헬스, 디지털헬스",
    "biotech": "bio, biotechnology, life science, life sciences, 바이오, 바이오테크, 생명과학, 제약",
    "manufacturing": "smart factory, industrial, 제조, 제조업, 스마트팩토리, 스마트 팩토리",
    "agriculture": "agtech, agritech, smart farm, farming, 농업, 애그테크, 스마트팜, 농식품",
    "fintech": "finance, financial services, 핀테크, 금융",
    "education": "edtech, 교육, 에듀테크",
    "energy": "cleantech, climate tech, climate, 에너지, 클린테크, 기후테크, 기후 테크",
    "mobility": "automotive, transport, transportation, 모빌리티, 자동차, 교통",
    "logistics": "supply chain, 물류, 공급망",
    "legal": "legaltech, legal tech, law, 법률, 리걸테크",
    "media": "content, entertainment, 미디어, 콘텐츠, 엔터테인먼트",
    "retail": "e commerce, ecommerce, commerce, 리테일, 유통, 커머스, 이커머스",
    "robotics": "robot, robots, 로봇, 로보틱스",
    "cybersecurity": "security, cyber security, 보안, 사이버보안, 사이버 보안, 정보보안",
    "semiconductor": "semiconductors, chip, chips, 반도체",
    "materials": "material, advanced materials, 소재, 신소재",
    "real estate": "proptech, 부동산, 프롭테크",
    "gaming": "game, games, 게임",
    "ai": "a.i., artificial intelligence, machine learning, ml, ai ml, 인공지능, 머신러닝, 기계학습",
    "blockchain": "블록체인",
    "deeptech": "딥테크",
    "foodtech": "food, 푸드테크, 식품",
    "travel": "traveltech, tourism, 여행, 관광",
    "construction": "contech, 건설, 건축",
    "space": "aerospace, 우주, 우주항공, 항공우주",
    "fashion": "fashiontech, 패션",
    "beauty": "beautytech, cosmetics, 뷰티, 화장품",
    "advertising": "adtech, marketing, martech, 광고, 마케팅",
    "hr": "hrtech, human resources, 인사, 채용",
    "any": "all, agnostic, sector agnostic, generalist, 전 분야, 전분야, 모든 분야, 무관",
}
_REGIONS = {
    "korea": "south korea, republic of korea, kr, rok, 대한민국, 한국, 전국, 국내",
    "capital area": "seoul metropolitan area, greater seoul, 수도권",
    "seoul": "서울, 서울시, 서울특별시",
    "busan": "부산, 부산시, 부산광역시",
    "daejeon": "대전, 대전시, 대전광역시",
    "daegu": "대구, 대구시, 대구광역시",
    "incheon": "인천, 인천시, 인천광역시",
    "gwangju": "광주, 광주시, 광주광역시",
    "ulsan": "울산, 울산시, 울산광역시",
    "sejong": "세종, 세종시, 세종특별자치시",
    "gyeonggi": "gyeonggi do, 경기, 경기도",
    "gangwon": "gangwon do, 강원, 강원도, 강원특별자치도",
    "chungbuk": "north chungcheong, 충북, 충청북도",
    "chungnam": "south chungcheong, 충남, 충청남도",
    "jeonbuk": "north jeolla, 전북, 전라북도, 전북특별자치도",
    "jeonnam": "south jeolla, 전남, 전라남도",
    "gyeongbuk": "north gyeongsang, 경북, 경상북도",
    "gyeongnam": "south gyeongsang, 경남, 경상남도",
    "jeju": "jeju do, 제주, 제주도, 제주시, 제주특별자치도",
    "pangyo": "판교",
    "pohang": "포항, 포항시",
    "suwon": "수원, 수원시",
    "asia": "아시아, apac, asia pacific",
    "southeast asia": "sea, 동남아, 동남아시아",
    "singapore": "싱가포르, sg",
    "japan": "일본, jp",
    "china": "중국, cn",
    "vietnam": "베트남, vn",
    "indonesia": "인도네시아, id",
    "europe": "유럽, eu",
    "united states": "us, usa, u.s., u.s.a., united states of america, america, 미국",
    "any": "global, worldwide, international, all, 글로벌, 전 세계, 전세계, 해외 포함, 무관",
}
_LANGUAGES = {
    "ko": "kr, kor, korean, ko kr, 한국어, 국어",
    "en": "eng, english, en us, en gb, 영어",
    "ja": "jp, jpn, japanese, 일본어",
    "zh": "cn, chinese, mandarin, 중국어",
    "vi": "vietnamese, 베트남어",
    "id": "indonesian, 인도네시아어",
}
# region: the smallest known region around it
_WITHIN = {
    **dict.fromkeys(
        [
            "capital area",
            "busan",
            "daejeon",
            "daegu",
            "gwangju",
            "ulsan",
            "sejong",
            "gangwon",
            "chungbuk",
            "chungnam",
            "jeonbuk",
            "jeonnam",
            "gyeongbuk",
            "gyeongnam",
            "jeju",
        ],
        "korea",
    ),
    **dict.fromkeys(("seoul", "incheon", "gyeonggi"), "capital area"),
    **dict.fromkeys(("pangyo", "suwon"), "gyeonggi"),
    "pohang": "gyeongbuk",
    **dict.fromkeys(("singapore", "vietnam", "indonesia"), "southeast asia"),
    **dict.fromkeys(("korea", "japan", "china", "southeast asia"), "asia"),
}
_ANY = "any"
# What stands between languages that are named together: "Korean/English", "한국어 및 영어".
_LANGUAGES_IN_ONE = re.compile(r"[,/·&+]|\b(?:and|or)\b|및")


# A cohort repeats a few terms many times.
@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Return the text in NFKC, lower case, with every run of spaces, hyphens and slashes as one space."""
    return _SEPARATORS.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def _lookup(synonyms: Mapping[str, str]) -> dict[str, str]:
    pairs = ((_bare(word), canonical) for canonical, words in synonyms.items() for word in words.split(","))
    return {**dict(pairs), **{_bare(canonical): canonical for canonical in synonyms}}


def _bare(term: str) -> str:
    """Return the folded term without its spaces: Korean writes 푸드 테크 and 푸드테크."""
    return fold(term).replace(" ", "")


_CANONICAL = {
    Vocabulary.STAGE: _lookup(_STAGES),
    Vocabulary.SECTOR: _lookup(_SECTORS),
    Vocabulary.REGION: _lookup(_REGIONS),
    Vocabulary.LANGUAGE: _lookup(_LANGUAGES),
}


def canonical(vocabulary: Vocabulary, term: str) -> str:
    """Return the form under which synonyms of `term` meet, e.g. "시리즈 A" and "Series-A" → "series a"."""
    return _known(vocabulary, term) or fold(term)


def is_known(vocabulary: Vocabulary, term: str) -> bool:
    """Return whether the term is one of those with synonyms."""
    return _known(vocabulary, term) is not None


# What may stand behind the name of a stage.
_OF_STAGE = re.compile(r"(?: (?:stage|round)| ?(?:단계|라운드|투자))$")
# What a part of an address looks like, in Hangul and romanised: 강남구, 세종대로 110, Gangnam-gu.
_IN_ADDRESS = re.compile(r".*(?:[시군구읍면동리로길가]|\d+| (?:si|gun|gu|eup|myeon|dong|ri|ro|gil))")
_BETWEEN_SEVERAL = re.compile(r"[/·&;]|및")
_POSTAL_CODE = re.compile(r"\b\d{5,6}\b")
_HANGUL = re.compile(r"[가-힣]")
# The one city that is called like another: 경기도 광주시 is not Gwangju.
_CALLED_ALIKE = ("gyeonggi", "광주시")
# What lies around countries: "Korea, Asia" are two mandates, "Seoul, Korea" is a place.
_WIDER_THAN_COUNTRIES = ("asia", "southeast asia", "europe", _ANY)


@lru_cache(maxsize=65536)
def _known(vocabulary: Vocabulary, term: str) -> str | None:
    found = _CANONICAL[vocabulary].get(_bare(term))
    if found is None and vocabulary is Vocabulary.STAGE:
        return _CANONICAL[vocabulary].get(_bare(_OF_STAGE.sub("", fold(term))))
    return _region_of(term) if found is None and vocabulary is Vocabulary.REGION else found


def _region_of(place: str) -> str | None:
    """Return the smallest known region in an address, such as "경기도 성남시 판교" and "Gangnam-gu, Seoul, Korea".

    None for anything else: several regions, and what is said about one ("서울 외 지역"), must not be taken for it.
    """
    if _BETWEEN_SEVERAL.search(place):
        return None
    # From the widest to the smallest part: Korean begins with it, English ends with it.
    without_code = _POSTAL_CODE.sub("", fold(place))
    parts = without_code.split() if _HANGUL.search(place) else [one.strip() for one in without_code.split(",")][::-1]
    return _smallest(parts) if len(parts) > 1 else None


def _smallest(parts: Sequence[str]) -> str | None:
    found: str | None = None
    for part in parts:
        region = _CANONICAL[Vocabulary.REGION].get(_bare(part))
        if region in _WIDER_THAN_COUNTRIES:
            return None
        if region is None or (found, part) == _CALLED_ALIKE:
            if found is None or not _IN_ADDRESS.fullmatch(part):
                return None
        elif found is None or found in around(region):
            found = region
        else:
            return None
    return found


def canonical_set(vocabulary: Vocabulary, terms: Iterable[str]) -> frozenset[str]:
    """Return the canonical forms; empty, which restricts nothing, where one of them means "any"."""
    if vocabulary is Vocabulary.LANGUAGE:
        whole = (unicodedata.normalize("NFKC", term).casefold() for term in terms)
        terms = (language for term in whole for language in _LANGUAGES_IN_ONE.split(term))
    found = frozenset(canonical(vocabulary, term) for term in terms if fold(term))
    return frozenset() if _ANY in found else found


def around(region: str) -> frozenset[str]:
    """Return the canonical region and every known region it lies in: seoul → seoul, korea, asia."""
    found = [region]
    while found[-1] in _WITHIN:
        found.append(_WITHIN[found[-1]])
    return frozenset(found)


_LEGAL_FORMS = re.compile(
    r"\((?:주|유|재|사)\)|주식회사|유한책임회사|유한회사|농업회사법인|재단법인|사단법인|학교법인"
    r"|(?<=[\w.,)])[\s,]+(?:inc|incorporated|ltd|limited|llc|llp|corp|corporation|co|company|gmbh|plc|pte|pty"
    r"|l\.\s?l\.\s?[cp]|private(?=\s+limited))\b\.?",
)


_SIGNS, _SPACES = re.compile(r"[\W_]+"), re.compile(r"\s+")


@lru_cache(maxsize=65536)
def organisation(name: str) -> str:
    """Return a form under which spellings of one organisation meet: no legal form, no spaces or punctuation.

    "㈜한빛 바이오", "(주)한빛바이오" and "한빛바이오 주식회사" are one; so are "Acme, Inc." and "ACME Inc".
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    bare = _LEGAL_FORMS.sub(" ", folded)
    return _SIGNS.sub("", bare) or _SPACES.sub("", folded)
