"""Startups that score alike everywhere, and experts that all score alike: each group solved as one with all its places.

Copies of a text, or scores that are all equal, leave a flow nothing to choose by, and cost it minutes. What the groups
get together is dealt out among their members in turns: then nobody gets the same partner twice, and the numbers of two
members differ by one at most, so that each is within limits that are the same for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from matcher.assignment.network import Limits, Network, Positions
from matcher.assignment.result import Position
from matcher.assignment.scaling import largest_counts
from matcher.assignment.table import Table

# Cells of everybody that are looked at first: most tables have nobody alike, and are read once less.
_SAMPLE = 8
# Groups are worth it where they leave one pair in so many.
_FOLD = 8


@dataclass(frozen=True)
class Groups:
    """Who of one side is alike. of: (n,) the group of each; first: (g,) the first of each group; sizes: (g,)."""

    of: Positions
    first: Positions
    sizes: Positions

    @classmethod
    def by(cls, keys: Sequence[bytes]) -> Groups:
        """Return the groups of those with equal keys, in the order of their first."""
        numbers: dict[bytes, int] = {}
        of = np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.intp)
        return cls(of, np.unique(of, return_index=True)[1], np.bincount(of))

    def dealt(self, groups: Positions) -> Positions:
        """Return (k,) who gets each of k places; groups: (k,) ascending, of whom each is."""
        members = np.argsort(self.of, kind="stable")
        turn = np.arange(len(groups)) - np.searchsorted(groups, groups)
        begins = np.cumsum(self.sizes) - self.sizes
        dealt: Positions = members[begins[groups] + turn % self.sizes[groups]]
        return dealt


def solve_alike(table: Table, limits: Limits) -> list[Position] | None:
    """Return the pairs with the largest total, and among equals most pairs; None where few are alike.

    limits: in the table's order, without groups. Raises `Infeasible`.
    """
    if not _seems_alike(table):
        return None
    startups, experts = (Groups.by(keys) for keys in _keys(table, limits))
    rows, columns = (np.arange(len(side.first)) for side in (startups, experts))
    if len(rows) * len(columns) * _FOLD > table.size:
        return None
    rows, columns = np.repeat(rows, len(columns)), np.tile(columns, len(rows))
    gains = table.of(startups.first[rows], experts.first[columns])
    open_ = np.isfinite(gains)
    rows, columns, gains = rows[open_], columns[open_], gains[open_]
    most = startups.sizes[rows] * experts.sizes[columns]
    counts = largest_counts(Network(rows, columns, _together(limits, startups, experts), most), gains)
    return _dealt(startups, experts, np.repeat(rows, counts), np.repeat(columns, counts))


def _seems_alike(table: Table) -> bool:
    """Return whether half of a side may be alike."""
    startups, experts = table.shape
    rows, columns = np.arange(startups), np.arange(experts)
    some_rows, some_columns = (one[:: max(1, len(one) // _SAMPLE)] for one in (rows, columns))
    of_rows = table.of(np.repeat(rows, len(some_columns)), np.tile(some_columns, startups)).reshape(startups, -1)
    of_columns = table.of(np.tile(some_rows, experts), np.repeat(columns, len(some_rows))).reshape(experts, -1)
    return any(2 * len({seen.tobytes() for seen in side}) <= len(side) for side in (of_rows, of_columns))


def _keys(table: Table, limits: Limits) -> tuple[list[bytes], list[bytes]]:
    """Return for startups and for experts what is equal where all gains and the limits are."""
    of_rows = [_begun(pair) for pair in zip(limits.startup_min, limits.startup_max, strict=True)]
    of_columns = [_begun(pair) for pair in zip(limits.expert_min, limits.expert_max, strict=True)]
    for some, gains in table.blocks(*map(np.arange, table.shape)):
        gains += 0.0  # of two zeros of unlike sign none is less
        for key, seen in zip([*of_rows[some], *of_columns], [*gains, *gains.T], strict=True):
            key.update(seen.tobytes())
    return [key.digest() for key in of_rows], [key.digest() for key in of_columns]


def _begun(limits: tuple[int, int]) -> blake2b:
    return blake2b(b"%d %d" % limits, digest_size=16)


def _together(limits: Limits, startups: Groups, experts: Groups) -> Limits:
    """Return what the members of each group may take in all."""
    return Limits(
        limits.startup_min[startups.first] * startups.sizes,
        limits.startup_max[startups.first] * startups.sizes,
        limits.expert_min[experts.first] * experts.sizes,
        limits.expert_max[experts.first] * experts.sizes,
    )


def _dealt(startups: Groups, experts: Groups, rows: Positions, columns: Positions) -> list[Position]:
    """Return who of the groups gets each pair; rows, columns: (k,) groups, rows ascending and columns within them."""
    rows = startups.dealt(rows)
    order = np.lexsort((rows, columns))
    rows, columns = rows[order], experts.dealt(columns[order])
    return list(zip(rows.tolist(), columns.tolist(), strict=True))
