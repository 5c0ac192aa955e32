"""QuickXplain: an irreducible conflict out of many constraints, with few checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

Constraint = TypeVar("Constraint")


def quickxplain(
    background: Sequence[Constraint],
    constraints: Sequence[Constraint],
    can_hold: Callable[[Sequence[Constraint]], bool],
) -> list[Constraint]:
    """Return constraints that cannot hold together with the background, but can without any one of them.

    background and constraints: cannot all hold. Of several conflicts one of earlier constraints is preferred. can_hold:
    is told constraints and says whether they can hold; fewer can whenever more can. k out of n constraints take
    O(k log(n / k)) checks (Junker 2004, "QUICKXPLAIN: preferred explanations and relaxations for over-constrained
    problems", algorithm 1).
    """

    def explain(given: list[Constraint], new: bool, asked: Sequence[Constraint]) -> list[Constraint]:
        if new and not can_hold(given):
            return []
        if len(asked) == 1:
            return [*asked]
        preferred, rest = asked[: len(asked) // 2], asked[len(asked) // 2 :]
        of_rest = explain([*given, *preferred], True, rest)
        of_preferred = explain([*given, *of_rest], bool(of_rest), preferred)
        return [*of_preferred, *of_rest]

    return explain([*background], True, constraints)
