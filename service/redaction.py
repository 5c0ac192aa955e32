"""What startups and experts may see of a match: their own, and nothing that tells of others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from matcher.profiles import Side, Startup
from matcher.scoring import PART_OF_FIELD
from matcher.terms import organisation

Fields = dict[str, Any]
_SHOWN = ("startup", "expert", "kind", "score", "parts", "evidence", "warm_path", "rank")
_OF_OTHERS = "names_startup"
_PART_OF = {field.value: part.value for field, part in PART_OF_FIELD.items()}


def for_party(side: Side, record: Mapping[str, Any], confidential: Collection[str] = ()) -> Fields:
    """Return a match or suggestion as a party of this side may see it; `record` has been through `mark_others`.

    No next best, no warning and no reason: they name others, with their limits and scores. What a startup marks
    confidential is shown to nobody else, and an investor's document on one startup to no other.

    confidential: what the startup marks now, where the record is older than that.
    """
    shown = {name: record[name] for name in _SHOWN if name in record}
    if "evidence" in shown:
        hidden = "confidential" if side is Side.EXPERT else _OF_OTHERS
        parts = {_PART_OF[field] for field in confidential if field in _PART_OF} if side is Side.EXPERT else set()
        shown["evidence"] = [
            found for found in shown["evidence"] if not found.get(hidden) and found.get("part") not in parts
        ]
    return shown


def mark_others(record: Mapping[str, Any], names: Mapping[str, str]) -> Fields:
    """Return a match or suggestion in which evidence from a document that is called like another startup is marked.

    names: as `startup_names` returns them.
    """
    if "evidence" not in record:
        return dict(record)
    own = record["startup"]
    told = [
        {**found, _OF_OTHERS: True} if names.get(organisation(found["source"]), own) != own else found
        for found in record["evidence"]
    ]
    return {**record, "evidence": told}


def startup_names(startups: Sequence[Startup]) -> dict[str, str]:
    """Return the ids of the startups by name, as names of organisations are compared."""
    return {organisation(name): one.id for one in startups for name in one.names}


def public_name(profile: Mapping[str, Any]) -> str:
    """Return how others may call a party: by its name, or by its id where it keeps the name to itself or has none."""
    if "name" in profile.get("confidential", ()):
        return str(profile["id"])
    return str(profile.get("name") or profile["id"])
