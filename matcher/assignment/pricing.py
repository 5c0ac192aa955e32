"""Column generation: a large problem solved on few pairs, and proved on all of them.

1. Take each startup's best pairs into a network and solve it.
2. With its dual prices u and p, search *all* pairs for those whose score is above u + p: they would improve the
   assignment.
3. None: the assignment is the best over all pairs. Some: add them, and solve again.

(Gilmore and Gomory 1961; Bertsekas 1998, 7.3.) Whatever the prices,

    Σ max·u⁺ − min·u⁻  +  Σ max·p⁺ − min·p⁻  +  Σ max·v,      v of a startup: how far its best pair is above u + p

is a bound on every assignment (weak duality), so the gap is known in every round.

Two things save most of the searching. The first search already subtracts prices, those of a sample of the startups:
without them, it finds for every startup the experts that everybody wants. And what a search leaves out has a ceiling,
the worst of what it kept; it rises by no more than prices fell since, so that most startups need no second search.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.network import Limits, Network, Positions
from matcher.assignment.priced import Priced, Values, solve_network

# Pairs a startup brings into the first network, and at most into each later one.
_FIRST, _LATER = 30, 12
# What the network's own pairs may be above its prices, as a share of the total: in a sample, at first, and then.
_ROUGH, _COARSE, _FINE = 1e-3, 1e-5, 1e-7
# Experts whose prices fell most since a search are searched anew, so that the ceilings of the rest rise little.
_FALLEN = 0.03
# In a sample this large there are about as many pairs a place as in the whole. Only large problems are worth it.
_SAMPLED_FROM = 1_000_000


class PairScores(Protocol):
    """The scores of n startups and m experts, however they are kept."""

    def search(self, rows: Positions, columns: Positions, prices: Values, count: int) -> tuple[Values, Positions]:
        """Return (rows, count) the largest scores less prices (m,) among the columns, descending, and the columns.

        −inf where fewer pairs are eligible.
        """
        ...

    def of(self, rows: Positions, columns: Positions) -> Values:
        """Return the scores (k,) of pairs."""
        ...


@dataclass
class _Search:
    """What is known of all pairs: ceiling (n,), above which no pair outside the network is after `prices` (m,)."""

    ceiling: Values
    prices: Values


def solve_priced(
    scores: PairScores, limits: Limits, is_enough: Callable[[Priced], bool], report: Callable[[str], None]
) -> Priced:
    """Return the first assignment that is enough, or the one that no pair improves.

    Minimums that cannot be met are left short by the fewest pairs; that is known when no pair of all would help, and
    not before: what is enough may look at `short`.
    """
    every = np.arange(len(limits.startup_max))
    prices = _sampled_prices(scores, limits, report)
    report("searching the best pairs of everybody")
    network, gains, worst = _first_network(scores, limits, every, prices)
    known = _Search(worst, prices)
    surplus = _below_best(network, gains - prices[network.columns]) if prices.any() else None
    left = _COARSE
    while True:
        report(f"solving {len(network.rows)} pairs")
        solved = solve_network(network, gains, surplus, left)
        report("searching all pairs for better ones")
        priced, found = _search_better(scores, solved, known)
        is_last = not left and not len(found[0])
        if is_last or is_enough(priced):
            return priced
        left = _FINE if len(found[0]) else 0.0
        network, gains, surplus = _joined(scores, solved, found)


def _below_best(network: Network, values: Values) -> Values:
    """Return (k,) how far each pair is from the best of its startup, 0 and less."""
    best = np.full(len(network.limits.startup_max), -np.inf)
    np.maximum.at(best, network.rows, values)
    return np.asarray(values - best[network.rows])


def _sampled_prices(scores: PairScores, limits: Limits, report: Callable[[str], None]) -> Values:
    """Return prices (m,) to begin with: those of one startup in as many as an expert has places, or 0."""
    startups, experts = len(limits.startup_max), len(limits.expert_max)
    prices = np.zeros(experts)
    share = max(1.0, float(np.mean(limits.expert_max))) if experts else 1.0
    if startups * experts < _SAMPLED_FROM or share < 2:
        return prices
    report("estimating prices")
    draw = np.random.default_rng(0)
    sample = np.sort(draw.choice(startups, int(startups / share), replace=False))
    places = np.floor(limits.expert_max / share + draw.random(experts)).astype(np.intp)
    nothing = np.zeros_like(limits.startup_max), np.zeros_like(places)
    takes = nothing[0].copy()
    takes[sample] = limits.startup_max[sample]
    network, gains, _ = _first_network(scores, Limits(nothing[0], takes, nothing[1], places), sample, prices)
    rough = solve_network(network, gains, None, _ROUGH)
    values, columns = scores.search(sample, np.arange(experts), rough.p, min(_LATER, experts))
    rows = np.repeat(sample, columns.shape[1])
    new = np.isfinite(values.ravel()) & ~_is_in(network, rows, columns.ravel())
    return solve_network(*_joined(scores, rough, (rows[new], columns.ravel()[new])), _ROUGH).p


def _first_network(
    scores: PairScores, limits: Limits, rows: Positions, prices: Values
) -> tuple[Network, Values, Values]:
    """Return the network of everybody's best pairs, their scores, and the value (rows,) that none left out is above."""
    columns = np.arange(len(limits.expert_max))
    count = min(_FIRST + int(limits.startup_max.max(initial=0)), len(columns))
    values, found = scores.search(rows, columns, prices, count)
    real = np.isfinite(values)
    network = Network(np.repeat(rows, values.shape[1])[real.ravel()], found[real], limits)
    left_out = values[:, -1] if len(columns) > values.shape[1] else np.full(len(rows), -np.inf)
    return network, scores.of(network.rows, network.columns), np.asarray(left_out, dtype=np.float64)


def _search_better(scores: PairScores, solved: Priced, known: _Search) -> tuple[Priced, tuple[Positions, Positions]]:
    """Return the solved network with its bound, and pairs outside it, none where none would improve it."""
    columns = np.arange(len(solved.p))
    fallen = known.prices - solved.p
    least = max(float(np.quantile(fallen, 1 - _FALLEN)), 0.0) if len(fallen) else 0.0
    known.ceiling += least
    known.prices = solved.p
    is_open = known.ceiling > solved.u
    searches = ((np.flatnonzero(is_open), columns), (np.flatnonzero(~is_open), np.flatnonzero(fallen > least)))
    found = [_search_among(scores, solved, known, rows, among) for rows, among in searches if len(rows) and len(among)]
    rows, at, values = (np.concatenate(parts) for parts in zip(*found, strict=True)) if found else _NOTHING
    above = known.ceiling - solved.u
    np.maximum.at(above, rows, values - solved.u[rows])
    np.maximum.at(above, solved.network.rows[~solved.made], solved.surplus[~solved.made])
    return replace(solved, bound=_bound(solved, np.maximum(above, 0))), (rows, at)


_NOTHING = np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0)


def _search_among(
    scores: PairScores, solved: Priced, known: _Search, rows: Positions, among: Positions
) -> tuple[Positions, Positions, Values]:
    """Return rows, columns and values of new pairs, of startups that have one above their price."""
    count = min(_LATER + int(solved.network.limits.startup_max.max(initial=0)), len(among))
    values, at = scores.search(rows, among, solved.p, count)
    left_out = values[:, -1] if len(among) > count else np.full(len(rows), -np.inf)
    new: NDArray[np.bool_] = np.isfinite(values)
    new &= ~_is_in(solved.network, np.repeat(rows, count), at.ravel()).reshape(at.shape)
    better: NDArray[np.bool_] = new & (values > solved.u[rows][:, None])
    # Who finds one better pair brings all that were found: the next prices may want them.
    finds_better: NDArray[np.bool_] = np.logical_or.reduce(better, axis=1)
    added: NDArray[np.bool_] = new & finds_better[:, None]
    left_out = np.maximum(left_out, np.where(new & ~added, values, -np.inf).max(axis=1, initial=-np.inf))
    whole = len(among) == len(solved.p)
    known.ceiling[rows] = left_out if whole else np.maximum(known.ceiling[rows], left_out)
    return np.repeat(rows, added.sum(axis=1)), at[added], values[added]


def _is_in(network: Network, rows: Positions, columns: Positions) -> NDArray[np.bool_]:
    experts = len(network.limits.expert_max)
    inside = np.sort(network.rows * experts + network.columns)
    asked = rows * experts + columns
    if not len(inside):
        return np.zeros(len(asked), dtype=bool)
    places = np.searchsorted(inside, asked)
    found: NDArray[np.bool_] = inside[np.minimum(places, len(inside) - 1)] == asked
    return found


def _joined(scores: PairScores, solved: Priced, found: tuple[Positions, Positions]) -> tuple[Network, Values, Values]:
    """Return the network with these pairs, none of which is in it, all their scores, and what is above the prices."""
    inside = solved.network
    rows, columns = np.concatenate([inside.rows, found[0]]), np.concatenate([inside.columns, found[1]])
    gains = np.concatenate([solved.gains, scores.of(*found)])
    return Network(rows, columns, inside.limits), gains, gains - solved.u[rows] - solved.p[columns]


def _bound(solved: Priced, above: Values) -> float:
    limits = solved.network.limits
    bound = float((limits.startup_max * above).sum())
    for least, most, prices in (
        (limits.startup_min, limits.startup_max, solved.u),
        (limits.expert_min, limits.expert_max, solved.p),
    ):
        bound += float((most * np.maximum(prices, 0) + least * np.minimum(prices, 0)).sum())
    # A pair is made once, whatever it is worth beyond the prices of both.
    return bound + float(np.maximum(solved.surplus[solved.made], 0).sum())
