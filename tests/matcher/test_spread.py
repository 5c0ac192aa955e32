"""How far first places spread: shares by hand, ties and short lists."""

from __future__ import annotations

from matcher.spread import Spread, spread


def test_shares_are_those_by_hand() -> None:
    documents = [5] + [1] * 199  # the two busiest of 200: the first, and of the others the next
    lists = [[0, 7, 8], [0, 1, 9]]
    assert spread(lists, documents) == Spread(5 / 200, 3 / 6)


def test_places_after_the_tenth_do_not_count() -> None:
    assert spread([list(range(20))], [0] * 10 + [9] * 10) == Spread(10 / 20, 0.0)


def test_one_expert_at_least_is_the_busiest_and_empty_lists_hold_nobody() -> None:
    assert spread([[], [2]], [1, 0, 3]) == Spread(1 / 3, 1.0)
