"""The fields of a profile as people fill them in and read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import escape

from matcher.profiles import Side
from service.console.visitor import Form

# Bytes of a form that are edited on a page: what is longer is edited in its file.
_MOST_EDITED = 100_000


@dataclass(frozen=True)
class Entry:
    """A field of a form. kind: text, long, list (a line each), number or counts (one, or one per kind)."""

    name: str
    kind: str = "text"


ENTRIES = {
    Side.STARTUP: (
        Entry("name"),
        Entry("summary", "long"),
        Entry("needs", "list"),
        Entry("data_assets", "list"),
        Entry("sectors", "list"),
        Entry("stage"),
        Entry("region"),
        Entry("raise_usd", "number"),
        Entry("languages", "list"),
        Entry("seeks", "list"),
        Entry("min_matches", "counts"),
        Entry("max_matches", "counts"),
        Entry("confidential", "list"),
        Entry("email"),
    ),
    Side.EXPERT: (
        Entry("name"),
        Entry("kind"),
        Entry("affiliation"),
        Entry("expertise", "list"),
        Entry("sectors", "list"),
        Entry("stages", "list"),
        Entry("regions", "list"),
        Entry("languages", "list"),
        Entry("min_load", "number"),
        Entry("max_load", "number"),
        Entry("wants", "list"),
        Entry("avoids", "list"),
        Entry("email"),
    ),
}


def fill(entries: Sequence[Entry], profile: Mapping[str, Any], form: Form | None) -> list[tuple[Entry, str | None]]:
    """Return each field with what it holds: what was typed into it, where that was refused.

    None for one that is too long to be edited on a page; of several the shortest stay.
    """
    typed = {one.name: str(form[one.name]) for one in entries if form and one.name in form}
    kept = {one.name: shown_value(one, profile) for one in entries if one.name not in typed}
    room, shown = _MOST_EDITED, {}
    for name, value in sorted(kept.items(), key=lambda one: len(one[1])):
        room -= len(escape(value).encode())
        shown[name] = value if room >= 0 else None
    return [(one, typed[one.name] if one.name in typed else shown[one.name]) for one in entries]


def shown_value(entry: Entry, profile: Mapping[str, Any]) -> str:
    """Return a field of a profile as a form shows it."""
    value = profile.get(entry.name)
    if value is None:
        return ""
    if isinstance(value, list):
        return "\n".join(_line(one) for one in value)
    if isinstance(value, dict):
        return "; ".join(f"{kind}={count}" for kind, count in value.items())
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _line(value: object) -> str:
    """Return a need as "text | weight", anything else as its text."""
    if isinstance(value, dict):
        weight = value.get("weight", 1.0)
        return value["text"] if weight == 1.0 else f"{value['text']} | {weight:g}"
    return str(value)


def typed_value(entry: Entry, text: str) -> object:
    """Return the value of a field as the API takes it; what it does not take, it refuses."""
    text = text.strip()
    if not text:
        return None
    if entry.kind == "list":
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return [_need(line) for line in lines] if entry.name == "needs" else lines
    if entry.kind == "counts" and "=" in text:
        pairs = (one.partition("=") for one in text.split(";"))
        return {kind.strip(): count.strip() for kind, _, count in pairs}
    return text


def _need(line: str) -> object:
    text, bar, weight = line.rpartition("|")
    return {"text": text.strip(), "weight": weight.strip()} if bar else line
