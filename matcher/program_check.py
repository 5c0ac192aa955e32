"""Does a program fit its cohort? Every misfit in one list."""

from __future__ import annotations

from collections.abc import Iterator, Set

from matcher.profiles import Cohort
from matcher.program import Program, Quota


def misfits(program: Program, cohort: Cohort) -> list[str]:
    """Return a sentence for each pin, ban or quota that names somebody unknown or cannot be meant."""
    startups = {startup.id for startup in cohort.startups}
    experts = {expert.id for expert in cohort.experts}
    return [
        *unknown_names(program, startups, experts),
        *(problem for quota in program.quotas for problem in _quota_misfits(quota, cohort)),
    ]


def unknown_names(program: Program, startups: Set[str], experts: Set[str]) -> list[str]:
    """Return a sentence for each id in pins, bans and quotas that is not among these ids."""
    named = [(where, pair) for where, pairs in (("pins", program.pins), ("bans", program.bans)) for pair in pairs]
    told = [(where, "startup", startup, startups) for where, (startup, _) in named]
    told += [(where, "expert", expert, experts) for where, (_, expert) in named]
    for quota in program.quotas:
        told += [(f"quota {quota.name!r}", "startup", id_, startups) for id_ in sorted(quota.startups.ids or ())]
        told += [(f"quota {quota.name!r}", "expert", id_, experts) for id_ in sorted(quota.experts.ids or ())]
    sentences = (
        f"{where}: found {side} {id_!r}, expected the id of {'a' if side == 'startup' else 'an'} {side} in the cohort"
        for where, side, id_, known in told
        if id_ not in known
    )
    return list(dict.fromkeys(sentences))


def _quota_misfits(quota: Quota, cohort: Cohort) -> Iterator[str]:
    kinds = {expert.kind for expert in cohort.experts if quota.experts.holds(expert)}
    if len(kinds) > 1:
        yield (
            f"quota {quota.name!r}: holds professors and investors, which are assigned apart; "
            'expected one kind: add kind = "professor" or "investor" to its experts'
        )
    if not kinds and quota.least:
        yield f"quota {quota.name!r}: no expert belongs to it, expected one at least for its min of {quota.least}"
