"""What a manager decides between two runs: pairs pinned and banned, limits relaxed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection

from service.console.api import Api, Refused
from service.match_lists import made_of, pinned_pairs

Fields = dict[str, Any]
Pair = tuple[str, str]
_TRIES = 5
_STALE = 412
# What a relaxation names → the table and the field of a profile.
_LIMITS = {
    "startup.min": ("startups", "min_matches"),
    "startup.max": ("startups", "max_matches"),
    "expert.min": ("experts", "min_load"),
    "expert.max": ("experts", "max_load"),
}


async def steer(api: Api, program: str, pair: Pair, step: str) -> None:
    """Pin, unpin, ban or unban a pair. Raises `Refused`."""
    if step not in ("pin", "unpin", "ban", "unban"):
        raise Refused(422, f"found the step {step!r}, expected pin, unpin, ban or unban")

    def steered(decisions: Fields) -> Fields:
        kept = {name: [list(one) for one in decisions.get(name, []) if tuple(one) != pair] for name in ("pins", "bans")}
        if step in ("pin", "ban"):
            kept[f"{step}s"].append(list(pair))
        return kept

    await decide(api, program, steered)


async def relax(api: Api, program: str, change: Mapping[str, Any], taken: Mapping[str, int]) -> None:
    """Make one change of a relaxation. taken: places of experts that other programs have. Raises `Refused`.

    A run counts the places that are left here, a profile those in all programs.
    """
    name, id_, to = change["field"], change["id"], change["to"]
    if name in _LIMITS:
        elsewhere = taken.get(id_, 0) if name == "expert.max" else 0
        await _limit(api, program, _LIMITS[name], id_, to + elsewhere)
    elif name in ("pin", "ban"):
        await steer(api, program, (id_[0], id_[1]), f"un{name}")
    else:
        await decide(api, program, lambda decisions: _quota(decisions, name.partition(".")[2], id_, to))


def changes(connection: Connection, program: Mapping[str, Any], run: str) -> Fields:
    """Return the pairs that are pinned or banned now, and how many of them the run did not follow."""
    pins = {tuple(one) for one in program["pins"] or []}
    bans = {tuple(one) for one in program["bans"] or []}
    waiting = len(pins - (pinned_pairs(connection, run) if pins else set())) + len(made_of(connection, run, bans))
    return {"pins": pins, "bans": bans, "waiting": waiting}


async def _limit(api: Api, program: str, where: tuple[str, str], id_: str, to: int) -> None:
    table, field = where
    found = await api.ask("GET", "programs", program, table, id_)
    old = found.body.get(field)
    # Limits per kind: those that the new one does not reach yet are moved to it.
    value: Any = to
    if isinstance(old, dict):
        move: Callable[[int, int], int] = min if field.startswith("min") else max
        value = {kind: move(int(count), to) for kind, count in old.items()}
    await api.ask("PATCH", "programs", program, table, id_, json={field: value}, headers={"If-Match": found.etag})


def _quota(decisions: Fields, bound: str, name: str, to: int | None) -> Fields:
    quotas = [dict(one) for one in decisions.get("quotas", [])]
    named = [one for at, one in enumerate(quotas, 1) if one.get("name") == name or name == f"quota {at}"]
    if not named:
        raise Refused(409, f"found no quota {name!r} any more: run again")
    named[0][bound] = to
    return {"quotas": quotas}


async def decide(api: Api, program: str, changed: Callable[[Fields], Fields]) -> None:
    """Change the decisions as they stand now; where another manager was quicker, as they stand then."""
    for left in reversed(range(_TRIES)):
        found = await api.ask("GET", "programs", program)
        try:
            await api.ask("PATCH", "programs", program, json=changed(found.body), headers={"If-Match": found.etag})
        except Refused as refused:
            if refused.status != _STALE or not left:
                raise
        else:
            return
