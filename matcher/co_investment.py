"""Whom experts invest with: what their co-investors did tells of what they have not done yet.

Two experts are near each other by the deals they share, each of which weighs less the more took part in it, held
against how much either does:

    near(i, j) = Σ over shared rounds of 1 / size  ÷  √((n_i + 1) (n_j + 1))

the normalised adjacency of a graph, as spectral clustering and graph convolutions use it (Ng, Jordan and Weiss 2001;
Kipf and Welling 2017), one step of which is taken here. A round is what one company closed on one day.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher.track_record import TrackRecord

Values = NDArray[np.float64]


class CoInvestment:
    """The graph of those deals of a record that count, (d,) bool. Only sums over deals: the graph is never built."""

    def __init__(self, record: TrackRecord, counts: NDArray[np.bool_]) -> None:
        self._record = record
        self._counts = counts.astype(float)
        sizes = np.bincount(record.rounds, self._counts)[record.rounds]
        self._parts = np.divide(1.0, sizes, out=np.zeros(len(sizes)), where=counts)
        self._roots = np.sqrt(self._sum(self._counts) + 1)

    def of_neighbours(self, values: Values) -> Values:
        """Return (m,): the sum of the values (m,) of all others, each as much as it is near."""
        scaled = values / self._roots
        record = self._record
        of_round = np.bincount(record.rounds, self._parts * scaled[record.owners])
        with_own = self._sum(self._counts * of_round[record.rounds])
        return np.asarray(np.maximum(with_own - self._sum(self._parts) * scaled, 0.0) / self._roots)

    def _sum(self, weights: Values) -> Values:
        return np.bincount(self._record.owners, weights, minlength=self._record.experts).astype(float)
