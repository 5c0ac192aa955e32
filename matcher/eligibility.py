"""Which pairs may be made at all, and for each that may not, why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matcher.mandates import Gate, Mask, mandates
from matcher.profiles import Expert, Startup
from matcher.program import Verdict
from matcher.tie import Pair, Tie
from matcher.wishes import named_by


@dataclass(frozen=True)
class Eligibility:
    """The pairs (n startups, m experts of one kind) that no conflict, mandate or ban rules out.

    gates: everything that rules pairs out. warnings: by (row, column), what the manager should look at: ties, and
    what goes beyond a mandate.
    """

    eligible: Mask
    gates: tuple[Gate, ...]
    warnings: Mapping[tuple[int, int], tuple[str, ...]]

    def reasons(self, row: int, column: int) -> tuple[str, ...]:
        """Return why the pair is ruled out, in a sentence each; empty for an eligible pair."""
        return tuple(gate.reason(row, column) for gate in self.gates if gate.forbids[row, column])


def judge(
    startups: Sequence[Startup],
    experts: Sequence[Expert],
    ties: Mapping[Pair, tuple[Tie, ...]],
    bans: Sequence[Pair],
) -> Eligibility:
    """Return which of the pairs may be made."""
    rows = {startup.id: row for row, startup in enumerate(startups)}
    columns = {expert.id: column for column, expert in enumerate(experts)}
    here = {
        (rows[startup], columns[expert]): found
        for (startup, expert), found in ties.items()
        if startup in rows and expert in columns
    }
    shape = (len(startups), len(experts))
    said = mandates(startups, experts)
    gates = [
        _conflict_gate(here, shape),
        _ban_gate([(rows[s], columns[e]) for s, e in bans if s in rows and e in columns], shape),
        _avoid_gate(startups, experts),
        *said.gates,
    ]
    eligible = np.ones(shape, dtype=bool)
    for gate in gates:
        eligible &= ~gate.forbids
    told = {
        pair: (*_warnings(here.get(pair, ())), *said.exceptions.get(pair, ())) for pair in {**here, **said.exceptions}
    }
    return Eligibility(
        eligible, tuple(map(_in_little_room, gates)), {pair: warnings for pair, warnings in told.items() if warnings}
    )


def _in_little_room(gate: Gate) -> Gate:
    """Return the gate; one that rules nothing out needs no table of its own."""
    return gate if gate.forbids.any() else replace(gate, forbids=np.broadcast_to(np.False_, gate.forbids.shape))


def _warnings(ties: Sequence[Tie]) -> tuple[str, ...]:
    return tuple(tie.reason for tie in ties if tie.verdict is Verdict.WARN)


def _conflict_gate(ties: Mapping[tuple[int, int], tuple[Tie, ...]], shape: tuple[int, int]) -> Gate:
    forbidding = {pair: [tie.reason for tie in found if tie.verdict is Verdict.FORBID] for pair, found in ties.items()}

    def reason(row: int, column: int) -> str:
        return f"conflict: {'; '.join(forbidding[row, column])}"

    return Gate("conflict", _mask([pair for pair, reasons in forbidding.items() if reasons], shape), reason)


def _ban_gate(bans: Sequence[tuple[int, int]], shape: tuple[int, int]) -> Gate:
    return Gate("ban", _mask(bans, shape), lambda row, column: "ban: the program forbids this pair")


def _avoid_gate(startups: Sequence[Startup], experts: Sequence[Expert]) -> Gate:
    pairs = [(row, column) for column, expert in enumerate(experts) for row in named_by(expert.avoids, startups)]

    def reason(row: int, column: int) -> str:
        return f"avoids: {experts[column].id} does not want {startups[row].id}"

    return Gate("avoids", _mask(pairs, (len(startups), len(experts))), reason)


def _mask(pairs: Sequence[tuple[int, int]], shape: tuple[int, int]) -> Mask:
    mask = np.zeros(shape, dtype=bool)
    for row, column in pairs:
        mask[row, column] = True
    return mask
