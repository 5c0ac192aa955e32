"""Names made comparable: of people, in Hangul and as romanised, and of organisations by e-mail domain.

Romanisation is no function: 이 is Lee, Yi, Rhee or I, and 정 is Jung, Jeong or Chung. So a name is reduced to its
sounds, in classes of those that are mixed up; what two names have in common then is a suspicion, no proof.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

# Domains whose addresses say nothing of where somebody works.
_PUBLIC_MAIL = frozenset(
    (
        *("gmail.com", "googlemail.com", "naver.com", "hanmail.net", "daum.net", "kakao.com", "nate.com"),
        *("korea.com", "dreamwiz.com", "hotmail.com", "outlook.com", "outlook.kr", "live.com", "msn.com"),
        *("yahoo.com", "yahoo.co.kr", "yahoo.co.jp", "icloud.com", "me.com", "mac.com", "proton.me"),
        *("protonmail.com", "aol.com", "gmx.net", "gmx.de", "mail.com", "mail.ru", "yandex.ru", "qq.com"),
        *("163.com", "126.com", "zoho.com", "fastmail.com"),
    )
)
_TITLES = re.compile(r"\b(?:prof(?:essor)?|dr|mr|mrs|ms|phd)\b\.?|(?:교수|박사|대표)(?:님)?$")
# Min-su is Minsu; where it is two words the spelling is another one, which `sounds` still hears.
_WITHIN_WORD = re.compile(r"(?<=[^\W\d_])[-‐‑–·'’](?=[^\W\d_])")
_WORD = re.compile(r"[^\W\d_]+")
# Funds of one house are told apart by their numbers.
_WORD_OR_NUMBER = re.compile(r"[^\W_]+")
# So few sounds are those of many names.
_TOO_LITTLE = 2
# Jamo of syllables as NFD splits them, by the class of their sound; ㅇ that begins a syllable has none.
_JAMO = {
    **dict.fromkeys("ᄀᄁᄏᆨᆩᆿ", "k"),
    **dict.fromkeys("ᄂᆫᆼ", "n"),
    **dict.fromkeys("ᄃᄄᄐᆮᇀ", "t"),
    **dict.fromkeys("ᄅᆯ", "l"),
    **dict.fromkeys("ᄆᆷ", "m"),
    **dict.fromkeys("ᄇᄈᄑᆸᇁ", "p"),
    **dict.fromkeys("ᄉᄊᆺᆻ", "s"),
    **dict.fromkeys("ᄌᄍᄎᆽᆾ", "c"),
    "ᄒ": "h",
    **dict.fromkeys("ᅡᅢᅣᅤᅪᅫ", "a"),
    **dict.fromkeys("ᅦᅨᅱᅴᅵ", "i"),
    **dict.fromkeys("ᅥᅧᅩᅬᅭᅮᅯᅰᅲᅳ", "o"),
}
# The same of Latin letters, by the name of the group; what is in none is not heard: y, w, the h of Roh, the r of Park.
_LATIN = re.compile(
    "(?P<n>ng|n)|(?P<c>ch|j)|(?P<s>sh|s+)|(?P<k>[kgq]+)|(?P<t>[dt]+)|(?P<p>[bpf]+)|r(?=k$|$)|(?P<l>[rl]+)|(?P<m>m+)"
    "|(?P<h>h(?=[aeiouyw]))|(?P<i>(?<=h)ui|ee|e(?![ou])|i)|(?P<a>ae|a)|(?P<o>eo|eu|oo|ou|oe|o|u)"
)


@lru_cache(maxsize=65536)
def person(name: str) -> str:
    """Return a form under which spellings of one name meet: no titles, case, punctuation, or order of words.

    Nor spaces in Hangul, where a family name stands apart or not: 김 민수 is 김민수.
    """
    folded = unicodedata.normalize("NFKC", name).casefold().strip()
    words = _WORD_OR_NUMBER.findall(_WITHIN_WORD.sub("", _TITLES.sub(" ", folded)))
    return "".join(words) if all(map(is_hangul, words)) else " ".join(sorted(words))


def is_hangul(name: str) -> bool:
    """Return whether the name holds a Korean syllable."""
    return any("가" <= sign <= "힣" for sign in unicodedata.normalize("NFKC", name))


def scripts(name: str) -> frozenset[bool]:
    """Return whether the words of a name are in Hangul, of one in both scripts both."""
    return frozenset(map(is_hangul, _WORD.findall(unicodedata.normalize("NFKC", name))))


@lru_cache(maxsize=65536)
def sounds(name: str) -> frozenset[tuple[str, str]]:
    """Return what a Korean name may sound like: the family name and the given name.

    In Latin letters either end may be the family name; 김민수, Kim Minsu and Min-su Gim share one. Empty for names
    of another shape, and where too little sounds to tell people apart. 김민수 (Minsu Kim) sounds like both say.
    """
    words = _WORD.findall(_TITLES.sub(" ", unicodedata.normalize("NFKC", name).casefold()))
    splits = [
        *_hangul_splits("".join(word for word in words if is_hangul(word))),
        *_latin_splits([word for word in words if not is_hangul(word)]),
    ]
    found = ((_family(family), _heard(given)) for family, given in splits)
    return frozenset((family, given) for family, given in found if family and len(given) > _TOO_LITTLE)


def _hangul_splits(syllables: str) -> list[tuple[str, str]]:
    return [(syllables[:1], syllables[1:])] if 2 <= len(syllables) <= 4 else []


def _latin_splits(words: Sequence[str]) -> list[tuple[str, str]]:
    if not 2 <= len(words) <= 3:
        return []
    return [(words[0], "".join(words[1:])), (words[-1], "".join(words[:-1]))]


def _heard(word: str) -> str:
    """Return the classes of the sounds of a word in one script: 민수, Minsu and Min-soo have the same."""
    if is_hangul(word):
        return "".join(_JAMO.get(jamo, "") for jamo in unicodedata.normalize("NFD", word))
    return "".join(found.lastgroup or "" for found in _LATIN.finditer(word))


def _family(word: str) -> str:
    """Return what is heard of a family name, without the first of 이 Lee, 임 Lim, 노 Roh, that comes and goes."""
    if is_hangul(word):
        heard = _heard(word)
        return heard[1:] if unicodedata.normalize("NFD", word)[0] in "ᄂᄅ" else heard
    heard = _heard(re.sub(r"^(?:[lnr]h?|[wy])+", "", word))
    # Of a long vowel or two the first is enough: Choi, Choe, Yoo.
    return re.sub(r"(?<=[aio])[aio]+", "", heard) if len(word) > 1 else ""


_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"']+@[^\s@<>()\[\],;:\"'/]+")


def address_in(text: str) -> str:
    """Return the one e-mail address in a text such as "Lee <lee@example.ac.kr>", "" where there is none or several."""
    found = _ADDRESS.findall(unicodedata.normalize("NFKC", text))
    return found[0] if len(found) == 1 else ""


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@lru_cache(maxsize=65536)
def mail_domain(email: str) -> str:
    """Return the domain of the organisation behind an e-mail address, "" where it tells none.

    cs.example.ac.kr is example.ac.kr; addresses at public providers belong to nobody's employer.
    """
    domain = address_in(email).rpartition("@")[2].casefold()
    registered = _suffixes().privatesuffix(domain) if domain else None
    return "" if not registered or registered in _PUBLIC_MAIL else registered
