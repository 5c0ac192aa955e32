"""The fewest changes where there are no quotas: one minimum-cost flow in which every limit can give way.

One unit of flow is one pair, on its way from a hub to the startup, on to the expert and back to the hub. On each side

    the units up to the minimum    save the unit by which it would be lowered
    the units up to the maximum    are free
    those beyond                   cost the unit by which it is raised

and a pinned pair saves the pin, a banned one costs the ban. Costs rise along each side: the flow takes them in order.
"""

from __future__ import annotations

from collections.abc import Set

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from matcher.assignment.flow import add_arcs
from matcher.assignment.problem import Problem
from matcher.assignment.result import Field

Pairs = NDArray[np.intp]


def fewest_changes(problem: Problem, fields: Set[Field]) -> Pairs:
    """Return the pairs (k, 2) of an assignment that needs the fewest units of change; quotas are not looked at.

    fields: what may change. Where their changes alone cannot do, some minimum or pin of another field is missed.
    """
    rows, columns = problem.scores.shape
    banned = ~np.isnan(problem.scores) & ~problem.open
    pairs = np.argwhere(problem.open | banned if Field.BAN in fields else problem.open)
    # More than all that may change: a limit that may not is only missed where it cannot be met.
    never = 1 + 3 * problem.scores.size + len(problem.pins)
    saved = {field: 1 if field in fields else never for field in (Field.STARTUP_MIN, Field.EXPERT_MIN, Field.PIN)}
    pinned = np.zeros(problem.scores.shape, dtype=np.int64)
    pinned[tuple(np.array(problem.pins, dtype=np.intp).reshape(-1, 2).T)] = saved[Field.PIN]
    costs = (banned - pinned)[pairs[:, 0], pairs[:, 1]]
    graph, hub = SimpleMinCostFlow(), rows + columns
    arcs = add_arcs(graph, pairs[:, 0], rows + pairs[:, 1], 1, costs)
    startups, experts = np.arange(rows), rows + np.arange(columns)
    for out, back, least, most, partners, cost, may_rise in (
        (hub, startups, problem.startup_min, problem.startup_max, columns, saved[Field.STARTUP_MIN], Field.STARTUP_MAX),
        (experts, hub, problem.expert_min, problem.expert_max, rows, saved[Field.EXPERT_MIN], Field.EXPERT_MAX),
    ):
        lower, upper = np.minimum(least, partners), np.minimum(most, partners)
        add_arcs(graph, out, back, lower, -cost)
        add_arcs(graph, out, back, upper - lower, 0)
        add_arcs(graph, out, back, (partners - upper) * (may_rise in fields), 1)
    if graph.solve() != SimpleMinCostFlow.OPTIMAL:
        raise RuntimeError("the flow solver gave up on a relaxation")
    return np.asarray(pairs[graph.flows(arcs) > 0])
