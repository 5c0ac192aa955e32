"""The letter that tells a party whom it was matched with, in its own language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matcher.languages import Language, language_of
from matcher.profiles import Side
from service.redaction import public_name

Fields = Mapping[str, Any]

_SUBJECTS = {Language.KOREAN: "{program}: 매칭 결과 안내", Language.ENGLISH: "{program}: your matches"}
_TEXTS = {
    Language.KOREAN: """{name} 귀하

{program}에서 다음과 같이 매칭되었습니다.

{partners}

매칭된 이유는 아래 링크에서 보실 수 있습니다. 링크는 {until}까지 열립니다.

{link}
""",
    Language.ENGLISH: """Dear {name},

in {program} you were matched with

{partners}

The page below says why. It can be opened until {until}.

{link}
""",
}


@dataclass(frozen=True)
class Letter:
    """What is sent to one party. email "" where none is known."""

    side: Side
    id: str
    name: str
    email: str
    language: Language
    subject: str
    text: str
    link: str

    @property
    def record(self) -> dict[str, str]:
        """The letter as a row of a mail merge."""
        return {
            "side": self.side.value,
            "id": self.id,
            "name": self.name,
            "email": self.email,
            "language": self.language.value,
            "subject": self.subject,
            "text": self.text,
            "link": self.link,
        }


def write_letter(
    side: Side, profile: Fields, partners: Sequence[Fields], program: str, link: str, until: dt.datetime
) -> Letter:
    """Return the letter to a party; profile, partners: as they stood when the run was asked for."""
    language = language_of_party(profile)
    name = called(profile)
    told = "\n".join(f"- {public_name(partner)}{_place(partner)}" for partner in partners)
    values = {"program": program, "name": name, "partners": told, "until": until.date().isoformat(), "link": link}
    subject, text = (words[language].format_map(values) for words in (_SUBJECTS, _TEXTS))
    return Letter(side, profile["id"], name, profile.get("email", ""), language, subject, text, link)


def language_of_party(profile: Fields) -> Language:
    """Return the language that a party writes of itself in."""
    needs = [need if isinstance(need, str) else need["text"] for need in profile.get("needs", [])]
    said = " ".join([profile.get("summary", ""), *needs, *profile.get("expertise", [])]).strip()
    found = language_of(said or called(profile))
    return found if found in _TEXTS else Language.ENGLISH


def called(profile: Fields) -> str:
    """Return the name of a party, or its id where it has none."""
    return str(profile.get("name") or profile["id"])


def _place(profile: Fields) -> str:
    return f", {place_of(profile)}" if place_of(profile) else ""


def place_of(profile: Fields) -> str:
    """Return where a party belongs, as others may know."""
    return "" if "affiliation" in profile.get("confidential", ()) else str(profile.get("affiliation", ""))
