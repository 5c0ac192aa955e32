"""The baseline of `benchmarks/assign.py`: minimum-cost flow by successive shortest paths, in plain Python loops.

The textbook's algorithm (Ahuja, Magnanti and Orlin 1993, 9.7) with a heap, as one would write it without a library.
Minimums are met first, by arcs that are worth more than everything else together.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence

_MINIMUM = 1e6


def plain_flow(
    scores: Sequence[Sequence[float]],
    startup_min: Sequence[int],
    startup_max: Sequence[int],
    expert_min: Sequence[int],
    expert_max: Sequence[int],
) -> float:
    """Return the largest total."""
    startups, experts = len(scores), len(scores[0])
    source, sink = startups + experts, startups + experts + 1
    heads: list[int] = []
    room: list[int] = []
    cost: list[float] = []
    arcs: list[list[int]] = [[] for _ in range(sink + 1)]

    def add(tail: int, head: int, capacity: int, price: float) -> None:
        for one, other, space, sign in ((tail, head, capacity, 1), (head, tail, 0, -1)):
            arcs[one].append(len(heads))
            heads.append(other)
            room.append(space)
            cost.append(sign * price)

    for row in range(startups):
        add(source, row, int(startup_min[row]), -_MINIMUM)
        add(source, row, int(startup_max[row] - startup_min[row]), 0.0)
        for column in range(experts):
            add(row, startups + column, 1, -float(scores[row][column]))
    for column in range(experts):
        add(startups + column, sink, int(expert_min[column]), -_MINIMUM)
        add(startups + column, sink, int(expert_max[column] - expert_min[column]), 0.0)
    # Potentials that make every cost non-negative: the network has no cycle yet.
    largest = max(max(row) for row in scores)
    potential = [-_MINIMUM] * startups + [-_MINIMUM - largest] * experts + [0.0, -2 * _MINIMUM - largest]
    return _augment(arcs, heads, room, cost, potential, source, sink) - _MINIMUM * float(
        sum(startup_min) + sum(expert_min)
    )


def _augment(
    arcs: list[list[int]],
    heads: list[int],
    room: list[int],
    cost: list[float],
    potential: list[float],
    source: int,
    sink: int,
) -> float:
    total = 0.0
    while True:
        distance, reached_by = _shortest_paths(arcs, heads, room, cost, potential, source)
        if math.isinf(distance[sink]):
            return total
        for node, length in enumerate(distance):
            if not math.isinf(length):
                potential[node] += length
        price, node = 0.0, sink
        path = []
        while node != source:
            arc = reached_by[node]
            path.append(arc)
            price += cost[arc]
            node = heads[arc ^ 1]
        if price >= 0:
            return total
        for arc in path:
            room[arc] -= 1
            room[arc ^ 1] += 1
        total -= price


def _shortest_paths(
    arcs: list[list[int]],
    heads: list[int],
    room: list[int],
    cost: list[float],
    potential: list[float],
    source: int,
) -> tuple[list[float], list[int]]:
    """Dijkstra (1959) over reduced costs."""
    distance = [math.inf] * len(arcs)
    reached_by = [-1] * len(arcs)
    distance[source] = 0.0
    heap = [(0.0, source)]
    while heap:
        length, node = heapq.heappop(heap)
        if length > distance[node]:
            continue
        for arc in arcs[node]:
            if room[arc]:
                head = heads[arc]
                further = length + max(cost[arc] + potential[node] - potential[head], 0.0)
                if further < distance[head]:
                    distance[head] = further
                    reached_by[head] = arc
                    heapq.heappush(heap, (further, head))
    return distance, reached_by
