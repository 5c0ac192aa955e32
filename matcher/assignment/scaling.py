"""Scores as integers, without making unequal ones equal.

A flow needs integers. Where all gains are decimals or binary fractions of few digits, as scores in files are, they are
multiplied by what makes them whole, and the flow is exact. Where they are not, the flow is solved for their leading
digits, and again for the next ones among what the first solution leaves open: with its prices taken off (which changes
no optimum) only arcs of small reduced worth can still matter, and these have room for more digits.

Among equal totals more pairs win: the last digits of a worth count the pairs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.flow import HubWorth, Worth, WorthTooLarge, flow_counts, largest_worth, plain_hub
from matcher.assignment.network import Counts, Made, Network
from matcher.assignment.prices import Prices, dual_prices

Gains = NDArray[np.float64]

_DECIMALS = range(10)
_BINARY_DIGITS = range(0, 49, 4)
# Whole numbers up to here are exact in float64.
_WHOLE = 2**53
# What is left below this share of the largest gain is lost in float64 sums anyway.
_LAST_DIGIT = 2.0**-80


def whole_worth(gains: Gains, most_pairs: int, most_worth: int) -> Worth | None:
    """Return the gains as integers up to most_worth that order all totals, then the number of pairs; None: too fine."""
    scale = whole_scale(gains)
    if scale is None:
        return None
    digits = np.rint(gains * scale)
    if np.abs(digits).max(initial=0) * (most_pairs + 1) + 1 > most_worth:
        return None
    return digits.astype(np.int64) * (most_pairs + 1) + 1


def whole_scale(gains: Gains) -> float | None:
    """Return what makes all gains whole: a power of ten, else of two; None where they have too many digits."""
    if np.abs(gains).max(initial=0) >= _WHOLE:
        return None
    for scale in [*(10.0**digits for digits in _DECIMALS), *(2.0**digits for digits in _BINARY_DIGITS)]:
        digits = np.rint(gains * scale)
        if np.abs(digits).max(initial=0) < _WHOLE and (digits / scale == gains).all():
            return scale
    return None


def largest_total(network: Network, gains: Gains) -> Made:
    """Return which pairs (k,) are made where the sum of gains is largest; see `largest_counts`."""
    return largest_counts(network, gains) > 0


def largest_counts(network: Network, gains: Gains) -> Counts:
    """Return how often each pair (k,) is made where the sum of gains is largest, and among equals most pairs are made.

    gains: (k,), finite. Exact: of two totals that differ by 2⁻⁸⁰ of the largest gain the larger wins.

    Raises `Infeasible` where the limits cannot hold together.
    """
    room = largest_worth(network.limits)
    worth = whole_worth(gains, network.limits.most_pairs, room)
    if worth is not None:
        try:
            return flow_counts(network, worth, plain_hub(network.limits))
        except WorthTooLarge:
            pass  # not enough room after all: digit by digit
    return _digit_by_digit(network, gains, room >> 4)


def _digit_by_digit(network: Network, gains: Gains, room: int) -> Counts:
    pairs = network.limits.most_pairs + 1
    # In (-1, 1), exactly: only the exponents change.
    gains = np.ldexp(gains, -int(np.frexp(np.abs(gains).max(initial=0))[1]))
    # Rounding adds up to less than `pairs` units along any change of the solution; four times that is kept.
    step = room // (8 * pairs)
    if step < 4 * pairs:
        raise WorthTooLarge(f"{pairs} pairs leave no room for the digits of their scores")
    scale = 2.0 ** int(np.log2(room))
    worth = np.rint(gains * scale).astype(np.int64)
    rest = gains - worth / scale
    hub = plain_hub(network.limits)
    while True:
        made = flow_counts(network, worth, hub)
        done = scale * _LAST_DIGIT > 1 or not rest.any()
        worth, hub = _reduced(network, worth, hub, made)
        if done:
            return flow_counts(network, _clipped(worth, pairs, pairs) + 1, _hub_clipped(hub, pairs, pairs))
        finer = 2 ** int(np.log2(step))
        scale *= finer
        digits = np.rint(rest * scale)
        rest = rest - digits / scale
        worth, hub = _clipped(worth, finer, 4 * pairs) + digits.astype(np.int64), _hub_clipped(hub, finer, 4 * pairs)


def _reduced(network: Network, worth: Worth, hub: HubWorth, made: Counts) -> tuple[Worth, HubWorth]:
    """Return the same problem with prices taken off: no worth that is open for change is far from 0."""
    inner = worth + Prices(hub.out, hub.back).paid(network)
    short = -4 * (network.limits.most_pairs + 1) * (int(np.abs(inner).max(initial=0)) + 1)
    prices = dual_prices(network, inner, made, short)
    return inner - prices.paid(network), HubWorth(prices.startups, prices.experts)


def _clipped(worth: Worth, finer: int, most: int) -> Worth:
    """Return the worths in units `finer` times smaller, those beyond ±most left there: they cannot change any more."""
    return np.clip(worth, -most, most) * finer


def _hub_clipped(hub: HubWorth, finer: int, most: int) -> HubWorth:
    return HubWorth(_clipped(hub.out, finer, most), _clipped(hub.back, finer, most))
