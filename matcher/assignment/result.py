"""What an assignment brings: the chosen pairs and how good they are, or what cannot hold together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Position = tuple[int, int]  # row (startup), column (expert)


class Status(StrEnum):
    """How good a result is."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    BEST_EFFORT = "best-effort"


@dataclass(frozen=True)
class Solution:
    """Pairs that a solver found, and how much better others may be.

    bound: what no total is above, None where the pairs are proved to be the best. worst_off_bound: what no worst-off
    startup is above under the fair objective, None where the one of the pairs is.
    """

    pairs: list[Position]
    bound: float | None = None
    worst_off_bound: float | None = None


@dataclass(frozen=True)
class Unmet:
    """A limit that a best-effort result falls short of: `given` of the `needed` pairs.

    what: "startup", "expert", "quota" or "pin"; at: its row, column, number of the quota or of the pin.
    """

    what: str
    at: int
    needed: int
    given: int


def gap(total: float, bound: float) -> float:
    """Return how far a total may be from the best, as a share of its bound."""
    return (bound - total) / max(1.0, abs(bound))


@dataclass(frozen=True)
class Assignment:
    """The chosen pairs, ascending, and how they were found.

    total: the sum of their gains. bound ≥ total: no assignment has more (under the fair objective none of those that
    leave the worst-off startup as well off). worst_off_bound: what no worst-off startup is above, where the time of a
    fair assignment ran out before its own was proved the best. unmet is empty unless the status is best-effort.
    """

    pairs: tuple[Position, ...]
    status: Status
    solver: str
    total: float
    bound: float
    unmet: tuple[Unmet, ...] = ()
    worst_off_bound: float | None = None

    @property
    def gap(self) -> float:
        """How far from the best the total may be, as a share of the bound; 0 for an optimum."""
        return gap(self.total, self.bound)


class Field(StrEnum):
    """What a relaxation can change."""

    STARTUP_MIN = "startup.min"
    STARTUP_MAX = "startup.max"
    EXPERT_MIN = "expert.min"
    EXPERT_MAX = "expert.max"
    QUOTA_MIN = "quota.min"
    QUOTA_MAX = "quota.max"
    PIN = "pin"
    BAN = "ban"


@dataclass(frozen=True)
class Change:
    """One limit moved, or one pin or ban dropped.

    id: of the startup, expert or quota; of a pin or ban its pair of ids, and `to` is None. units ≥ 1: how far.
    """

    field: Field
    id: str | tuple[str, str]
    to: int | None
    units: int


@dataclass(frozen=True)
class Relaxation:
    """Changes that together let the limits hold, none of which can be left out."""

    message: str
    changes: tuple[Change, ...]

    @property
    def units(self) -> int:
        """How much is changed in all."""
        return sum(change.units for change in self.changes)


@dataclass(frozen=True)
class Conflict:
    """Whose limits cannot hold together; with those of any one of them lifted, the rest can.

    startups, experts, quotas: ids and names. pins: pairs of ids. needed > available where it is one of counts.
    is_smallest: whether it is proved that no fewer startups, experts and pins stand against each other.
    """

    message: str
    startups: tuple[str, ...]
    experts: tuple[str, ...]
    pins: tuple[tuple[str, str], ...]
    quotas: tuple[str, ...]
    needed: int | None
    available: int | None
    relaxations: tuple[Relaxation, ...]
    is_smallest: bool = False
