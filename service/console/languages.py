"""The languages of the console: which one a reader gets, its words, and how it writes numbers and dates."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from babel import Locale, UnknownLocaleError, negotiate_locale
from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal
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
        return "–" if value is None else _number(self.code, round(value, digits), digits)

    def change(self, value: float, digits: int = 0) -> str:
        """Return by how much something grew, with its sign."""
        sign = "+" if value > 0 else "−" if value < 0 else "±"
        return sign + self.number(abs(value), digits)

    def dollars(self, value: float) -> str:
        """Return an amount of US dollars as it is written."""
        return str(format_currency(value, "USD", "¤#,##0", locale=self.code, currency_digits=False))

    def day(self, value: str | None) -> str:
        """Return an ISO date as it is written, – for none."""
        return str(format_date(dt.date.fromisoformat(value), "medium", locale=self.code)) if value else "–"

    def language(self, code: str) -> str:
        """Return the name of a language, what was written where that is no code of one."""
        try:
            return str(Locale.parse(code, sep="-").get_language_name(self.code) or code)
        except (ValueError, UnknownLocaleError):
            return code

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


@lru_cache(10_000)
def _number(code: str, value: float, digits: int) -> str:
    """Return a rounded number as a language writes it: a page has hundreds, of which few differ."""
    return str(format_decimal(value, f"#,##0{'.' + '0' * digits if digits else ''}", code))


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
