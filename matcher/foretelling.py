"""How near experts were to a startup before it asked: from that it can be learned who takes it.

Whoever takes a startup has invested in it, mentors it or calls it an alumna from then on, and a program may tell that
as a relation: only what began before the day counts, and without a day only where people come from and belong, which
no outcome changes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence, Set

import numpy as np
from scipy import sparse

from matcher.profiles import Party, Relation, Side
from matcher.program import relation_type
from matcher.trust import LONGEST, OF_MEMBERS, TrustNetwork

_ALWAYS = 0  # before every day


class Foretelling:
    """The steps to experts over a network, on any day; shut: by startup, over whom no path of it runs."""

    def __init__(self, network: TrustNetwork, shut: Mapping[str, Set[int]]) -> None:
        self._network = network
        self._shut = shut
        self._days = _first_days(network)
        self._is_startup = np.array([side is Side.STARTUP for side in network.sides], dtype=bool)

    def steps(self, startup: str, day: dt.date) -> Iterator[tuple[str, int]]:
        """Yield the id of every expert within reach by relations from before the day, and how many steps away it is."""
        begin = self._network.numbers.get(Party(Side.STARTUP, startup))
        if begin is None:
            return
        ends, is_open = np.array([begin]), ~self._is_startup
        is_open[list(self._shut.get(startup, ()))] = False
        for step in range(1, LONGEST + 1):
            ways = self._days[ends]
            is_found = np.zeros(len(is_open), dtype=bool)
            is_found[ways.indices[ways.data < day.toordinal()]] = True
            ends = np.flatnonzero(is_found & is_open)
            is_open[ends] = False
            parties = (self._network.parties[end] for end in ends.tolist())
            yield from ((party.id, step) for party in parties if party.side is Side.EXPERT)


def _first_days(network: TrustNetwork) -> sparse.csr_array:
    """Return (n, n) the first day, a proleptic ordinal, on which something ties two parties; `_ALWAYS` without one."""
    cells: list[tuple[int, int, int]] = []
    for one, near in enumerate(network.near):
        for other, between in near.items():
            if days := _days(between):
                cells.append((one, other, min(days)))
    rows, columns, first = np.array(cells, dtype=np.intp).reshape(-1, 3).T
    count = len(network.near)
    return sparse.csr_array((first, (rows, columns)), shape=(count, count))


def _days(between: Sequence[Relation]) -> list[int]:
    """Return the first days of the relations that count."""
    dated = [relation.since.toordinal() for relation in between if relation.since]
    return [*dated, *(_ALWAYS for relation in between if _is_of_old(relation))]


def _is_of_old(relation: Relation) -> bool:
    """Return whether a relation without a day came of no outcome."""
    is_of_startup = Side.STARTUP in (relation.source.side, relation.target.side)
    return relation.since is None and relation_type(relation.type) in OF_MEMBERS and not is_of_startup
