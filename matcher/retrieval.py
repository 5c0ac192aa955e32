"""Candidates: for each startup the experts nearest to it in meaning, found with FAISS, and in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matcher.errors import BadInput

if TYPE_CHECKING:  # the settings of every process name an index, and few build one
    import faiss

    from matcher.calibration import View
    from matcher.encoding import Vectors
    from matcher.mandates import Mask
    from matcher.similarity import Comparer


class IndexKind(StrEnum):
    """How the nearest passages are found."""

    EXACT = "exact"  # every passage is compared
    HNSW = "hnsw"  # graph search (Malkov and Yashunin 2016)
    IVF = "ivf"  # inverted lists around centroids


@dataclass(frozen=True)
class RetrievalParameters:
    """How candidates are sought.

    experts: how many eligible experts each startup should get by meaning, those whose best passage is nearest, and as
        many by words, those whose best passage shares most; ≥ 1.
    """

    index: IndexKind = IndexKind.EXACT
    experts: int = 200

    def __post_init__(self) -> None:
        if self.experts < 1:
            raise BadInput(f"retrieval asks for {self.experts} experts a startup, expected 1 or more")


# FAISS wants as many vectors to train one inverted list; fewer are searched whole.
_TRAINABLE = 39
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
    if count < _TRAINABLE:
        return _exact_index(vectors)
    # FAISS's advice: 4·√n lists, and at least 39 vectors to train each.
    lists = min(int(4 * count**0.5), count // _TRAINABLE)
    index = faiss.IndexIVFFlat(faiss.IndexFlatIP(dimension), dimension, lists, faiss.METRIC_INNER_PRODUCT)
    index.nprobe = max(1, lists // 4)
    index.train(vectors)
    return index


def candidates(comparer: Comparer, eligible: Mask, parameters: RetrievalParameters) -> Mask:
    """Return (n, m): the eligible pairs that retrieval proposes.

    A startup gets the `parameters.experts` eligible experts with the nearest passages and as many that share most
    words with it, or all where there are no more. Where one side has no passages, nothing can be retrieved, so
    every eligible pair is one.
    """
    startups, experts = comparer.startups, comparer.experts
    without_text = ~startups.has_passages[:, None] | ~experts.has_passages[None, :]
    proposed = eligible & without_text
    to_find = eligible & ~without_text
    few = to_find.sum(axis=1) <= parameters.experts
    proposed[few] |= to_find[few]
    rows = np.flatnonzero(~few)
    if rows.size:
        meaning = _Meaning(comparer, parameters.index)
        for row in rows:
            proposed[row, meaning.nearest(row, to_find[row], parameters.experts)] = True
            proposed[row, _most_words(comparer, row, to_find[row], parameters.experts)] = True
    return proposed


class _Meaning:
    """The experts' passages as FAISS indexes, one for each language and view that is asked for."""

    def __init__(self, comparer: Comparer, kind: IndexKind) -> None:
        self._comparer = comparer
        self._kind = kind
        self._indexes: dict[tuple[View, int], tuple[faiss.Index, NDArray[np.intp]]] = {}

    def nearest(self, row: int | np.intp, eligible: Mask, count: int) -> NDArray[np.intp]:
        """Return the `count` eligible experts with a passage nearest to one of the startup's, nearest first."""
        passages = len(self._comparer.experts.passages)
        depth = min(count * 4, passages)
        found = self._among(row, depth)
        while eligible[found].sum() < count and depth < passages:
            depth = min(depth * 4, passages)
            found = self._among(row, depth)
        if eligible[found].sum() < count:
            # An approximate index can run dry before it has seen every expert.
            found = np.concatenate([found, np.setdiff1d(np.flatnonzero(eligible), found)])
        return found[eligible[found]][:count]

    def _among(self, row: int | np.intp, depth: int) -> NDArray[np.intp]:
        """Return the owners of the `depth` passages of each language nearest to any of the startup's, nearest first."""
        hits = list(self._hits(row, depth))
        order = np.argsort(-np.concatenate([reach for reach, _ in hits]), kind="stable")
        owners = self._comparer.experts.owners[np.concatenate([columns for _, columns in hits])[order]]
        nearest: NDArray[np.intp] = owners[np.sort(np.unique(owners, return_index=True)[1])]
        return nearest

    def _hits(self, row: int | np.intp, depth: int) -> Iterator[tuple[NDArray[np.float64], NDArray[np.intp]]]:
        """Yield by pair of languages how far the found passages reach, and which they are."""
        startups, calibration = self._comparer.startups, self._comparer.calibration
        passages = startups.of(row)
        asked = startups.languages[passages]
        for ask in np.unique(asked):
            vectors = startups.vectors[passages][asked == ask]
            for answer in np.unique(self._comparer.experts.languages):
                view = calibration.view(int(ask), int(answer))
                index, columns = self._index(view, int(answer))
                queries = np.ascontiguousarray(vectors[:, view.begin : view.end])
                similarity, at = index.search(queries, min(depth, len(columns)))
                known = at.ravel() >= 0  # FAISS fills up with -1
                reach = calibration.reach(similarity.ravel()[known].astype(np.float64), int(ask), int(answer))
                yield reach, columns[at.ravel()[known]]

    def _index(self, view: View, language: int) -> tuple[faiss.Index, NDArray[np.intp]]:
        if (view, language) not in self._indexes:
            experts = self._comparer.experts
            columns = np.flatnonzero(experts.languages == language)
            vectors = np.ascontiguousarray(experts.vectors[columns, view.begin : view.end])
            self._indexes[view, language] = build_index(vectors, self._kind), columns
        return self._indexes[view, language]


def _most_words(comparer: Comparer, row: int | np.intp, eligible: Mask, count: int) -> NDArray[np.intp]:
    """Return the up to `count` eligible experts with a passage that shares most words with one of the startup's."""
    passages = comparer.startups.of(row)
    shares = comparer.shared.of(passages.start, passages.stop).max(axis=0)
    best = np.zeros(len(eligible))
    np.maximum.at(best, comparer.experts.owners, shares)
    best[~eligible] = 0
    order = np.argsort(-best, kind="stable")[:count]
    return order[best[order] > 0]
