"""The flow solver: minimum-cost flow with true lower and upper bounds, in one solve (OR-Tools).

One unit of flow is one pair. It leaves a hub to the startup, goes on to the expert and back to the hub:

    hub → startup      min to max units
    startup → expert   0 or 1 (or as often as the pair may be made), worth what the pair is worth
    expert → hub       min to max units

Groups come in between, hub → group → startup and expert → group → hub, with min to max units each.
A lower bound becomes a supply at the end of its arc and a demand at its beginning (Ahuja, Magnanti and Orlin 1993,
section 2.4). Worths are integers, so that the optimum is exact; `matcher.assignment.scaling` makes them out of scores.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from matcher.assignment.network import Counts, Limits, Made, Network
from matcher.errors import Infeasible

Worth = NDArray[np.int64]

# OR-Tools multiplies costs by the number of nodes, and its prices grow to some multiple of that.
_ROOM = 2**60


class WorthTooLarge(Exception):
    """The worths are so large that the solver's integers would overflow."""


@dataclass(frozen=True)
class HubWorth:
    """What a unit is worth on the arc into each startup or group (n,), and out of each expert or group (m,).

    short: what every unit is worth that is missing to a minimum, far below 0; None: minimums must be met.
    """

    out: Worth
    back: Worth
    short: int | None = None


def largest_worth(limits: Limits) -> int:
    """Return how large a worth may be, so that the solver's integers do not overflow."""
    return _ROOM // (len(limits.startup_max) + len(limits.expert_max) + 2)


def plain_hub(limits: Limits) -> HubWorth:
    """Return a hub whose arcs are worth nothing and where every minimum must be met."""
    return HubWorth(np.zeros(len(limits.startup_max), np.int64), np.zeros(len(limits.expert_max), np.int64))


def largest_flow(network: Network, worth: Worth, hub: HubWorth) -> Made:
    """Return which pairs (k,) are made where the sum of worths is largest; raises as `flow_counts` does."""
    return flow_counts(network, worth, hub) > 0


def flow_counts(network: Network, worth: Worth, hub: HubWorth) -> Counts:
    """Return how often each pair (k,) is made where the sum of worths is largest.

    Raises `Infeasible` where the limits cannot hold together, `WorthTooLarge` where integers overflow.
    """
    limits, graph = network.limits, SimpleMinCostFlow()
    startups = np.arange(len(limits.startup_max))
    experts = len(startups) + np.arange(len(limits.expert_max))
    middle = len(startups) + len(experts)
    out, back = (
        np.where(parents < 0, middle, at + parents)
        for at, parents in zip((0, len(startups)), limits.parents, strict=True)
    )
    # The solver minimises cost, the negative of worth.
    pairs = add_arcs(graph, network.rows, len(startups) + network.columns, network.most, -worth)
    add_arcs(graph, out, startups, limits.startup_max - limits.startup_min, -hub.out)
    add_arcs(graph, experts, back, limits.expert_max - limits.expert_min, -hub.back)
    if hub.short is not None:
        add_arcs(graph, startups, out, limits.startup_min, -hub.short)
        add_arcs(graph, back, experts, limits.expert_min, -hub.short)
    supplies = np.concatenate([limits.startup_min, -limits.expert_min, [0]])
    np.subtract.at(supplies, out, limits.startup_min)
    np.add.at(supplies, back, limits.expert_min)
    graph.set_nodes_supplies(np.arange(len(supplies)), supplies)
    status = graph.solve()
    if status == SimpleMinCostFlow.BAD_COST_RANGE:
        raise WorthTooLarge
    if status == SimpleMinCostFlow.INFEASIBLE:
        raise Infeasible("the minimums and maximums cannot hold together")
    if status != SimpleMinCostFlow.OPTIMAL:
        raise RuntimeError(f"the flow solver gave up: {status}")
    return np.asarray(graph.flows(pairs), dtype=np.int64)


def add_arcs(
    graph: SimpleMinCostFlow, tails: ArrayLike, heads: ArrayLike, capacities: ArrayLike, costs: ArrayLike
) -> NDArray[np.int32]:
    """Add arcs in one call, one number standing for all, and return which they are."""
    arcs = np.broadcast_arrays(tails, heads, capacities, costs)
    types = (np.int32, np.int32, np.int64, np.int64)
    added = graph.add_arcs_with_capacity_and_unit_cost(*(a.astype(t) for a, t in zip(arcs, types, strict=True)))
    return np.asarray(added, dtype=np.int32)
