"""The languages of the console: which one a reader gets, its words, and how it writes numbers and dates."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel import Locale, negotiate_locale
from babel.dates import format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.support import NullTranslations, Translations
from fastapi import Request

CODES = ("en", "ko")
COOKIE = "matcher_language"
_FOLDER = Path(__file__).with_name("locale")


@dataclass(frozen=True)
class Tongue:
    """A language of the interface. code: en or ko."""

    code: str

    @property
    def words(self) -> NullTranslations:
        """The catalogue; English texts are their own keys."""
        return _catalogue(self.code)

    def number(self, value: float | None, digits: int = 0) -> str:
        """Return a number as it is written, – for none."""
        if value is None:
            return "–"
        return str(format_decimal(round(value, digits), f"#,##0{'.' + '0' * digits if digits else ''}", self.code))

    def percent(self, value: float) -> str:
        """Return a share from 0 to 1 as it is written."""
        return str(format_percent(value, locale=self.code))

    def moment(self, value: str | None) -> str:
        """Return an ISO date and time as it is written, in UTC, – for none."""
        if not value:
            return "–"
        at = dt.datetime.fromisoformat(value).astimezone(dt.UTC)
        return f"{format_datetime(at, 'medium', locale=self.code)} UTC"

    @property
    def names(self) -> dict[str, str]:
        """Every language by its code, named in itself."""
        return {code: str(Locale.parse(code).get_display_name(code)).capitalize() for code in CODES}


def tongue_of(request: Request) -> Tongue:
    """Return the language a reader chose, or the first that the browser asks for and there is, or English."""
    chosen = request.cookies.get(COOKIE)
    if chosen in CODES:
        return Tongue(str(chosen))
    asked = (part.split(";")[0].strip() for part in request.headers.get("accept-language", "").split(","))
    return Tongue(negotiate_locale([code for code in asked if code], CODES, sep="-") or "en")


@cache
def _catalogue(code: str) -> NullTranslations:
    if code == "en":
        return NullTranslations()
    with (_FOLDER / f"{code}.po").open(encoding="utf-8") as lines:
        words = read_po(lines, locale=code)
    packed = io.BytesIO()
    write_mo(packed, words)
    packed.seek(0)
    return Translations(packed)
