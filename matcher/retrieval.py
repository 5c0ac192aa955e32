"""Candidates: for each startup the experts whose passages lie nearest to its own, found with FAISS."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matcher.corpus import Corpus
from matcher.encoding import Vectors
from matcher.errors import BadInput
from matcher.mandates import Mask

if TYPE_CHECKING:
    import faiss


class IndexKind(StrEnum):
    """How the nearest passages are found."""

    EXACT = "exact"  # every passage is compared
    HNSW = "hnsw"  # graph search (Malkov and Yashunin 2016)
    IVF = "ivf"  # inverted lists around centroids


@dataclass(frozen=True)
class RetrievalParameters:
    """How candidates are sought.

    experts: how many eligible experts each startup should get, ≥ 1; those whose best passage is nearest.
    """

    index: IndexKind = IndexKind.EXACT
    experts: int = 200

    def __post_init__(self) -> None:
        if self.experts < 1:
            raise BadInput(f"retrieval asks for {self.experts} experts a startup, expected 1 or more")


DEFAULT_RETRIEVAL = RetrievalParameters()


def build_index(vectors: Vectors, kind: IndexKind) -> faiss.Index:
    """Return a FAISS index over (n, d) float32 unit rows that ranks by inner product; n ≥ 1."""
    factory = {IndexKind.EXACT: _exact_index, IndexKind.HNSW: _hnsw_index, IndexKind.IVF: _ivf_index}
    index = factory[kind](vectors)
    index.add(vectors)
    return index


def _exact_index(vectors: Vectors) -> faiss.Index:
    import faiss

    return faiss.IndexFlatIP(vectors.shape[1])


def _hnsw_index(vectors: Vectors) -> faiss.Index:
    import faiss

    index = faiss.IndexHNSWFlat(vectors.shape[1], 32, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction, index.hnsw.efSearch = 200, 256
    return index


def _ivf_index(vectors: Vectors) -> faiss.Index:
    import faiss

    count, dimension = vectors.shape
    # FAISS's advice: 4·√n lists, and at least 39 vectors to train each.
    lists = max(1, min(int(4 * count**0.5), count // 39))
    index = faiss.IndexIVFFlat(faiss.IndexFlatIP(dimension), dimension, lists, faiss.METRIC_INNER_PRODUCT)
    index.nprobe = max(1, lists // 4)
    index.train(vectors)
    return index


def candidates(startups: Corpus, experts: Corpus, eligible: Mask, parameters: RetrievalParameters) -> Mask:
    """Return (n, m): the eligible pairs that retrieval proposes.

    A startup gets the `parameters.experts` eligible experts with the nearest passages, or all of them where
    there are fewer. Where one side has no passages, nothing can be retrieved, so every eligible pair is one.
    """
    without_text = ~startups.has_passages[:, None] | ~experts.has_passages[None, :]
    proposed = eligible & without_text
    short = np.flatnonzero(startups.has_passages & (eligible & ~without_text).any(axis=1))
    if not short.size:
        return proposed
    index = build_index(experts.vectors, parameters.index)
    wanted = np.minimum((eligible & ~without_text).sum(axis=1), parameters.experts)
    depth = min(parameters.experts * 4, len(experts.passages))
    while short.size:
        for row in short:
            found = _nearest_experts(index, startups.vectors_of(row), experts.owners, eligible[row], depth)
            proposed[row, found[: wanted[row]]] = True
            if len(found) < wanted[row] and depth == len(experts.passages):
                # An approximate index can run dry before it has seen every expert.
                proposed[row] = eligible[row]
        reached = (proposed & ~without_text).sum(axis=1)
        short = short[reached[short] < wanted[short]]
        depth = min(depth * 4, len(experts.passages))
    return proposed


def _nearest_experts(
    index: faiss.Index, queries: Vectors, owners: NDArray[np.intp], eligible: Mask, depth: int
) -> NDArray[np.intp]:
    """Return the eligible experts among the `depth` passages nearest to any query, nearest first."""
    similarity, passages = index.search(queries, depth)
    hits = passages.ravel() >= 0  # FAISS fills up with -1
    order = np.argsort(-similarity.ravel()[hits], kind="stable")
    found = owners[passages.ravel()[hits][order]]
    found = found[eligible[found]]
    first = np.sort(np.unique(found, return_index=True)[1])
    return found[first]
