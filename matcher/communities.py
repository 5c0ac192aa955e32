"""Who belongs together by the ties of a graph: communities of high modularity (Blondel et al. 2008, Louvain)."""

from __future__ import annotations

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Numbers = NDArray[np.intp]
Values = NDArray[np.float64]
# Up to so many ties parties move one after the other; beyond, half of them at a time.
_FEW = 10_000
# A level ends after so many rounds, or once fewer than this share of the parties move.
_ROUNDS, _STILL = 10, 0.01


def communities(near: sparse.csr_array, seed: int) -> Numbers:
    """Return (n,) the number of the community of each party. near: (n, n) 1 for a tie, symmetric, no tie to oneself."""
    if not near.nnz:
        return np.arange(near.shape[0])
    if near.nnz <= 2 * _FEW:
        return _one_by_one(near, seed)
    return _half_at_a_time(near, np.random.default_rng(seed))


def _one_by_one(near: sparse.csr_array, seed: int) -> Numbers:
    graph = nx.Graph()
    graph.add_nodes_from(range(near.shape[0]))
    graph.add_edges_from(_pairs(near))
    found = np.empty(near.shape[0], dtype=np.intp)
    for number, members in enumerate(nx.community.louvain_communities(graph, seed=seed)):
        found[list(members)] = number
    return found


def _pairs(near: sparse.csr_array) -> list[tuple[int, int]]:
    upper = sparse.triu(near).tocoo()
    return list(zip(upper.row.tolist(), upper.col.tolist(), strict=True))


def _half_at_a_time(near: sparse.csr_array, luck: np.random.Generator) -> Numbers:
    """Return the communities that Louvain's levels lead to, where of each level half move at a time, drawn by lot.

    Two neighbours that move at once may pass each other; by lot they seldom do so twice.
    """
    found = np.arange(near.shape[0])
    while True:
        joined = _level(near, luck)
        _, joined = np.unique(joined, return_inverse=True)
        count = int(joined.max(initial=-1)) + 1
        found = joined[found]
        if count == near.shape[0]:
            return found
        rows = sparse.coo_array(near)
        near = sparse.csr_array((rows.data, (joined[rows.row], joined[rows.col])), shape=(count, count))


def _level(weights: sparse.csr_array, luck: np.random.Generator) -> Numbers:
    """Return which community each party joins; weights: (n, n), on the diagonal twice what is tied within."""
    community = np.arange(weights.shape[0])
    strength = np.asarray(weights.sum(axis=1), dtype=float).ravel()
    others = sparse.csr_array(weights - sparse.diags_array(weights.diagonal()))
    others.eliminate_zeros()
    for _ in range(_ROUNDS):
        better = _better(others, strength, community)
        moves = (better != community) & (luck.random(len(community)) < 0.5)
        community = np.where(moves, better, community)
        if moves.sum() < _STILL * len(community):
            break
    return community


def _better(others: sparse.csr_array, strength: Values, community: Numbers) -> Numbers:
    """Return for each party the community that it would raise modularity most by joining, its own if none."""
    count, whole = len(community), strength.sum()
    near = sparse.csr_array((others.data.copy(), community[others.indices], others.indptr.copy()), shape=others.shape)
    near.sum_duplicates()
    rows = np.repeat(np.arange(count), np.diff(near.indptr))
    inside = np.bincount(community, weights=strength, minlength=count)
    is_own = near.indices == community[rows]
    gain = near.data - strength[rows] * (inside[near.indices] - np.where(is_own, strength[rows], 0)) / whole
    own = -strength * (inside[community] - strength) / whole
    own[rows[is_own]] = gain[is_own]
    best = own + 1e-9 * np.maximum(1, np.abs(own))  # not for the rounding of a sum
    starts = near.indptr[:-1][np.diff(near.indptr) > 0]
    some = np.flatnonzero(np.diff(near.indptr) > 0)
    highest = np.full(count, -np.inf)
    if len(starts):
        highest[some] = np.maximum.reduceat(gain, starts)
    found = community.copy()
    at = np.flatnonzero((gain == highest[rows]) & (gain > best[rows]))
    found[rows[at][::-1]] = near.indices[at][::-1]  # of equals the first
    return found
