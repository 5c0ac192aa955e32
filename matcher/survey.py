"""The ecosystem as a whole: who belongs together, and who connects the professors with the investors.

Only what ties people in good faith is looked at; see `good_faith`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from heapq import nsmallest

import networkx as nx
import numpy as np

from matcher.bridges import shares_of_ways
from matcher.communities import communities
from matcher.ecosystem_graph import Ecosystem, build_ecosystem
from matcher.good_faith import Ties, ties_in_good_faith
from matcher.layout import in_order, lay_out
from matcher.profiles import Cohort, Kind, Party, Side
from matcher.program import Program
from matcher.tie import Pair

# Fewer than three are a pair, no community.
_SMALLEST = 3
_BRIDGES = 8
# Ways are counted from so many professors, and from fewer where that would be more than so many ties to look at; in
# larger ecosystems that estimates the share.
_SOURCES, _LOOKED_AT = 200, 25_000_000
# More names than this on one picture are a knot that nobody reads.
_DRAWN = 70


@dataclass(frozen=True)
class Bridge:
    """Somebody on the way between professors and investors. share in (0, 1]: of all shortest ways between them."""

    party: Party
    share: float


@dataclass(frozen=True)
class Spot:
    """A party on the picture: x, y in [0, 1]; community: its number from 0, None outside of all."""

    party: Party
    x: float
    y: float
    community: int | None
    is_bridge: bool


@dataclass(frozen=True)
class Survey:
    """What there is to say of an ecosystem. parties, ties: its size, without those who have no tie.

    communities: largest first, each its parties, those with most ties first. spots, lines: the picture; a line holds
    the positions of two spots. names: of the organisations, as they are written.
    """

    parties: int
    ties: int
    communities: tuple[tuple[Party, ...], ...]
    bridges: tuple[Bridge, ...]
    spots: tuple[Spot, ...]
    lines: tuple[tuple[int, int], ...]
    names: Mapping[Party, str]

    @property
    def left_out(self) -> int:
        """How many parties are not on the picture."""
        return self.parties - len(self.spots)


def survey(cohort: Cohort, program: Program, forbidden: Set[Pair], ecosystem: Ecosystem | None = None) -> Survey:
    """Return the communities and bridges of a cohort's ecosystem.

    forbidden: the pairs of startup id and expert id that must not be made. The program's seed fixes the
    communities. ecosystem: the graph of the cohort, where it is there already.
    """
    ties, names = ties_in_good_faith(ecosystem or build_ecosystem(cohort, program), cohort, program, forbidden)
    circles = _communities(ties, program.seed)
    bridges = _bridges(ties, cohort)
    spots, lines = _picture(ties, circles, {bridge.party for bridge in bridges})
    return Survey(len(ties.parties), len(ties.pairs), circles, bridges, spots, lines, names)


def _communities(ties: Ties, seed: int) -> tuple[tuple[Party, ...], ...]:
    members: defaultdict[int, list[int]] = defaultdict(list)
    for at, number in enumerate(communities(ties.near, seed).tolist()):
        members[number].append(at)
    large = [sorted(one, key=_by_ties(ties)) for one in members.values() if len(one) >= _SMALLEST]
    found = [tuple(ties.parties[at] for at in one) for one in large]
    return tuple(sorted(found, key=lambda one: (-len(one), one[0].id)))


def _by_ties(ties: Ties) -> Callable[[int], tuple[int, str]]:
    """Return the order of positions in which those with most ties come first."""
    counts = ties.counts.tolist()
    return lambda at: (-counts[at], ties.parties[at].id)


def _bridges(ties: Ties, cohort: Cohort) -> tuple[Bridge, ...]:
    """Return who lies on the most shortest ways between a professor and an investor, most first."""
    numbers = {party: at for at, party in enumerate(ties.parties) if party.side is Side.EXPERT}
    professors, investors = (
        [numbers[party] for one in cohort.experts_of(kind) if (party := Party(Side.EXPERT, one.id)) in numbers]
        for kind in Kind
    )
    if not professors or not investors:
        return ()
    most = max(1, min(_SOURCES, _LOOKED_AT // ties.near.nnz))
    sources = professors[:: math.ceil(len(professors) / most)]
    shares = shares_of_ways(ties.near, np.array(sources, dtype=np.intp), np.array(investors, dtype=np.intp))
    found = sorted(np.flatnonzero(shares).tolist(), key=lambda at: (-shares[at], ties.parties[at].id))
    return tuple(Bridge(ties.parties[at], float(shares[at])) for at in found[:_BRIDGES])


def _picture(
    ties: Ties, circles: tuple[tuple[Party, ...], ...], bridges: Set[Party]
) -> tuple[tuple[Spot, ...], tuple[tuple[int, int], ...]]:
    """Return where the parties are drawn: the bridges, then those of the largest communities with most ties."""
    number = {party: at for at, members in enumerate(circles) for party in members}
    first = _first(ties, number, bridges)
    is_first = np.zeros(len(ties.parties), dtype=bool)
    is_first[first] = True
    inside = ties.pairs[is_first[ties.pairs].all(axis=1)].tolist()
    near = nx.Graph([(ties.parties[one], ties.parties[other]) for one, other in inside])
    drawn = in_order(near, [party for at in first if (party := ties.parties[at]) in near])
    places = lay_out(drawn)
    spots = [Spot(party, x, y, number.get(party), party in bridges) for party, (x, y) in places.items()]
    at = {party: position for position, party in enumerate(places)}
    return tuple(spots), tuple((at[one], at[other]) for one, other in drawn.edges)


def _first(ties: Ties, number: Mapping[Party, int], bridges: Set[Party]) -> list[int]:
    by_ties, parties = _by_ties(ties), ties.parties

    def order(at: int) -> tuple[bool, int, tuple[int, str]]:
        return parties[at] not in bridges, number.get(parties[at], len(number)), by_ties(at)

    return nsmallest(_DRAWN, range(len(parties)), key=order)
