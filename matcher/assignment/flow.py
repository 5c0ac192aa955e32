"""The flow solver: minimum-cost flow with true lower and upper bounds, in one solve (OR-Tools).

One unit of flow is one pair. It leaves a hub to the startup, goes on to the expert and back to the hub:

    hub → startup      min to max units
    startup → expert   0 or 1, worth what the pair is worth
    expert → hub       min to max units

A lower bound becomes a supply at the end of its arc and a demand at its beginning (Ahuja, Magnanti and Orlin 1993,
section 2.4). Worths are integers, so that the optimum is exact; `matcher.assignment.scaling` makes them out of scores.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from matcher.assignment.network import Limits, Network, Positions
from matcher.errors import Infeasible

Worth = NDArray[np.int64]
Made = NDArray[np.bool_]


class WorthTooLarge(Exception):
    """The worths are so large that the solver's integers would overflow."""


@dataclass(frozen=True)
class HubWorth:
    """What a unit is worth on its way out to a startup (n,) and back from an expert (m,).

    short: what every unit is worth that is missing to a minimum, far below 0; None: minimums must be met.
    """

    out: Worth
    back: Worth
    short: int | None = None


def plain_hub(limits: Limits) -> HubWorth:
    """Return a hub whose arcs are worth nothing and where every minimum must be met."""
    return HubWorth(np.zeros(len(limits.startup_max), np.int64), np.zeros(len(limits.expert_max), np.int64))


def largest_flow(network: Network, worth: Worth, hub: HubWorth) -> Made:
    """Return which pairs (k,) are made where the sum of worths is largest.

    Raises `Infeasible` where the limits cannot hold together, `WorthTooLarge` where integers overflow.
    """
    limits, graph = network.limits, SimpleMinCostFlow()
    startups = np.arange(len(limits.startup_max))
    experts = len(startups) + np.arange(len(limits.expert_max))
    middle = np.full(len(startups) + len(experts), len(startups) + len(experts))
    _add(graph, network.rows, len(startups) + network.columns, np.ones(len(worth), np.int64), worth)
    _add(graph, middle[: len(startups)], startups, limits.startup_max - limits.startup_min, hub.out)
    _add(graph, experts, middle[: len(experts)], limits.expert_max - limits.expert_min, hub.back)
    if hub.short is not None:
        _add(graph, startups, middle[: len(startups)], limits.startup_min, np.full(len(startups), hub.short))
        _add(graph, middle[: len(experts)], experts, limits.expert_min, np.full(len(experts), hub.short))
    least, asked = limits.startup_min, limits.expert_min
    supplies = np.concatenate([least, -asked, [asked.sum() - least.sum()]])
    graph.set_nodes_supplies(np.arange(len(supplies)), supplies)
    status = graph.solve()
    if status == SimpleMinCostFlow.BAD_COST_RANGE:
        raise WorthTooLarge
    if status == SimpleMinCostFlow.INFEASIBLE:
        raise Infeasible("the minimums and maximums cannot hold together")
    if status != SimpleMinCostFlow.OPTIMAL:
        raise RuntimeError(f"the flow solver gave up: {status}")
    return np.asarray(graph.flows(np.arange(len(worth))) > 0)


def _add(
    graph: SimpleMinCostFlow, tails: Positions, heads: Positions, capacities: NDArray[np.integer], worth: Worth
) -> None:
    """Add arcs in one call; the solver minimises cost, the negative of worth."""
    graph.add_arcs_with_capacity_and_unit_cost(
        tails.astype(np.int32), heads.astype(np.int32), capacities.astype(np.int64), -worth.astype(np.int64)
    )
