"""How far the first places of lists spread over the experts: whether everybody is shown the same few."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# The places of each list that are looked at.
_DEPTH = 10
# One in so many experts, those with most documents, are the busiest.
_ONE_IN = 100


@dataclass(frozen=True)
class Spread:
    """Who holds the first ten places of all lists.

    coverage: the share of the experts who hold one, in [0, 1]; the catalogue coverage of Herlocker and others (2004),
    "Evaluating collaborative filtering recommender systems". busiest: the share of the places that go to the one per
    cent of experts with most documents, at least one expert.
    """

    coverage: float
    busiest: float


def spread(lists: Iterable[Sequence[int]], documents: Sequence[int]) -> Spread:
    """Return the spread of lists of experts, best first, each by its position in `documents`: how many each has.

    Of two experts with as many documents the first is the busier one. One list at least holds somebody.
    """
    places = [expert for of_one in lists for expert in of_one[:_DEPTH]]
    by_documents = sorted(range(len(documents)), key=lambda expert: -documents[expert])
    busiest = set(by_documents[: max(1, round(len(documents) / _ONE_IN))])
    return Spread(len(set(places)) / len(documents), sum(expert in busiest for expert in places) / len(places))
