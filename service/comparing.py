"""Two runs side by side: what each startup gained, lost or moved to, and what that means for the whole."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from service.store.runs import Made

Fields = dict[str, Any]
_Held = dict[tuple[str, str], dict[str, float | None]]  # (startup, kind) → expert → score


def compare(before: Sequence[Made], after: Sequence[Made]) -> Fields:
    """Return how `after` differs from `before`: each startup whose pairs differ, and both wholes beside each other."""
    held = _held(before), _held(after)
    startups = []
    for startup, kind in sorted({*held[0], *held[1]}):
        was, now = (side.get((startup, kind), {}) for side in held)
        if set(was) != set(now):
            startups.append(_change(startup, kind, was, now))
    counts = Counter(one["change"] for one in startups)
    return {
        "startups": startups,
        "changes": {name: counts.get(name, 0) for name in ("gained", "lost", "moved")},
        "before": _whole(held[0]),
        "after": _whole(held[1]),
        "loads": _loads(before, after),
    }


def _held(made: Sequence[Made]) -> _Held:
    held: defaultdict[tuple[str, str], dict[str, float | None]] = defaultdict(dict)
    for one in made:
        if one.startup is not None and one.expert is not None:
            held[one.startup, one.fields["kind"]][one.expert] = one.fields["score"]
    return held


def _change(startup: str, kind: str, was: dict[str, float | None], now: dict[str, float | None]) -> Fields:
    more = len(now) - len(was)
    return {
        "startup": startup,
        "kind": kind,
        "change": "gained" if more > 0 else "lost" if more < 0 else "moved",
        "from": [{"expert": expert, "score": was[expert]} for expert in was if expert not in now],
        "to": [{"expert": expert, "score": now[expert]} for expert in now if expert not in was],
        "score": round(_sum(now) - _sum(was), 6),
    }


def _sum(scores: dict[str, float | None]) -> float:
    return sum(score or 0.0 for score in scores.values())


def _whole(held: _Held) -> Fields:
    sums = [_sum(scores) for scores in held.values()]
    return {
        "pairs": sum(len(scores) for scores in held.values()),
        "startups": len({startup for startup, _ in held}),
        "total": round(sum(sums), 6),
        "worst_off": round(min(sums), 6) if sums else None,
    }


def _loads(before: Sequence[Made], after: Sequence[Made]) -> list[Fields]:
    """Return the experts whose number of startups differs."""
    was, now = (Counter(str(one.expert) for one in made if one.startup and one.expert) for made in (before, after))
    both = sorted(expert for expert in {*was, *now} if was[expert] != now[expert])
    return [{"expert": expert, "before": was[expert], "after": now[expert]} for expert in both]
