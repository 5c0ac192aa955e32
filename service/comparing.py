"""Two runs side by side: what each startup gained, lost or moved to, and what that means for the whole."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from service.match_lists import Pairs, list_pairs
from service.run_lists import OutlinedRun, find_outlined
from service.store.errors import Clash
from service.store.runs import State

Fields = dict[str, Any]
_Changed = defaultdict[tuple[str, str], dict[str, float | None]]  # (startup, kind) → expert → score
_WHOLE = ("pairs", "startups", "total", "worst_off")


def compare_runs(connection: Connection, program: str, before: str, after: str) -> Fields:
    """Return how `after` differs from `before`: each startup whose pairs differ, and both wholes beside each other.

    Raises `NotThere`, and `Clash` for a run that is not done.
    """
    wholes = {
        name: _whole(find_outlined(connection, program, id_)) for name, id_ in (("before", before), ("after", after))
    }
    was, now = list_pairs(connection, before), list_pairs(connection, after)
    startups = _changes(was, now)
    counts = Counter(one["change"] for one in startups)
    changes = {name: counts.get(name, 0) for name in ("gained", "lost", "moved")}
    return {"startups": startups, "changes": changes, **wholes, "loads": _loads(was, now)}


def _whole(run: OutlinedRun) -> Fields:
    if run.outline is None:
        raise Clash(f"run {run.id} is {run.state}, expected one that is {State.DONE}")
    return {name: run.outline[name] for name in _WHOLE}


def _changes(was: Pairs, now: Pairs) -> list[Fields]:
    gone, new = _only(was, now), _only(now, was)
    return [_change(*key, gone.get(key, {}), new.get(key, {})) for key in sorted({*gone, *new})]


def _only(pairs: Pairs, others: Pairs) -> _Changed:
    """Return the pairs that the others have not."""
    found: _Changed = defaultdict(dict)
    for startup, expert, kind in pairs.keys() - others.keys():
        found[startup, kind][expert] = pairs[startup, expert, kind]
    return found


def _change(startup: str, kind: str, gone: Mapping[str, float | None], new: Mapping[str, float | None]) -> Fields:
    more = len(new) - len(gone)
    return {
        "startup": startup,
        "kind": kind,
        "change": "gained" if more > 0 else "lost" if more < 0 else "moved",
        "from": [{"expert": expert, "score": gone[expert]} for expert in sorted(gone)],
        "to": [{"expert": expert, "score": new[expert]} for expert in sorted(new)],
        "score": round(_sum(new) - _sum(gone), 6),
    }


def _sum(scores: Mapping[str, float | None]) -> float:
    return sum(score or 0.0 for score in scores.values())


def _loads(was: Pairs, now: Pairs) -> list[Fields]:
    """Return the experts whose number of startups differs."""
    before, after = (Counter(expert for _, expert, _ in pairs) for pairs in (was, now))
    differ = sorted(expert for expert in {*before, *after} if before[expert] != after[expert])
    return [{"expert": expert, "before": before[expert], "after": after[expert]} for expert in differ]
