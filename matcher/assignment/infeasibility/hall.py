"""What blocks a problem without quotas: Hall's condition (1935) with minimums, maximums and pins, by maximum flow.

By Hoffman's circulation theorem (1960) the limits of startups and experts and the pins can hold together if and only
if, for all startups A and experts B,

    minimums of A + pins of other startups with B  ≤  maximums of B + eligible pairs of A with other experts

and the same with startups and experts swapped. So every conflict is one such inequality, and each of the two is a
transport from rows that need something to columns that have room.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.infeasibility.blocking import Blocking, Element, Holder
from matcher.assignment.infeasibility.transport import Mask, Positions, Transport
from matcher.assignment.problem import Problem
from matcher.assignment.time_left import TimeLeft, check_time, unlimited
from matcher.assignment.vectors import VectorProblem


def blocking_without_quotas(problem: Problem, time_left: TimeLeft = unlimited) -> Blocking | None:
    """Return an irreducible set of startups, experts and pins, a small one, or None where they can hold together.

    Raises `OutOfTime` before it is found.
    """
    for at, pin in enumerate(problem.pins):
        if not problem.open[pin]:
            return Blocking((Element(Holder.PIN, at),), ())
    found = [
        side.blocking(violated) for side in sides_of(problem) if (violated := _violated(side, time_left)) is not None
    ]
    return min(found, key=lambda blocking: blocking.size, default=None)


def _elements(holder: Holder, positions: NDArray[np.intp]) -> tuple[Element, ...]:
    return tuple(Element(holder, at) for at in np.sort(positions).tolist())


@dataclass(frozen=True)
class Violated:
    """The rows, pins and columns of an inequality that does not hold."""

    rows: Positions
    pins: Positions
    columns: Positions


@dataclass(frozen=True)
class Side:
    """Rows (n,) with minimums against columns (m,) with maximums; the ends (k,) of the pins on both.

    pins: (k,) where each stands first among the problem's. needing, limiting: what rows and columns are.
    """

    may: Mask
    least: Positions
    most: Positions
    pin_rows: Positions
    pin_columns: Positions
    pins: Positions
    needing: Holder
    limiting: Holder

    def blocking(self, violated: Violated) -> Blocking:
        """Return the startups, experts and pins of an inequality."""
        needs = *_elements(self.needing, violated.rows), *_elements(Holder.PIN, self.pins[violated.pins])
        return Blocking(needs, _elements(self.limiting, violated.columns))


def sides_of(problem: Problem) -> tuple[Side, Side]:
    """Return the startups with minimums against the experts with maximums, and the other way round."""
    first = {pin: at for at, pin in reversed([*enumerate(problem.pins)])}
    rows, columns = np.array([*first], dtype=np.intp).reshape(-1, 2).T
    pins, holders = np.array([*first.values()], dtype=np.intp), (Holder.STARTUP, Holder.EXPERT)
    return (
        Side(problem.open, problem.startup_min, problem.expert_max, rows, columns, pins, *holders),
        Side(problem.open.T, problem.expert_min, problem.startup_max, columns, rows, pins, *holders[::-1]),
    )


def _violated(side: Side, time_left: TimeLeft) -> Violated | None:
    """Return the rows, pins and columns of an irreducible violated inequality."""
    rows = len(side.least)
    unpinned = side.may.copy()
    unpinned[side.pin_rows, side.pin_columns] = False
    need = np.maximum(side.least - np.bincount(side.pin_rows, minlength=rows), 0)
    whole = _with_pins(unpinned, need, side.pin_columns, side.most)
    if not whole.is_short:
        return None
    around = min(_competitors(whole, time_left), key=lambda found: _size(*found))
    in_rows, in_columns = around[0][:rows], around[1]
    # Inside of these rows a pin takes no place that the row's own need does not take.
    pins = np.flatnonzero(around[0][rows:] & ~in_rows[side.pin_rows])
    return _irreducible(side, np.flatnonzero(in_rows), pins, in_columns, time_left)


def _competitors(whole: Transport, time_left: TimeLeft) -> Iterator[tuple[Mask, Mask]]:
    """Yield the rows and columns around each row that is short."""
    for row in np.flatnonzero(whole.unmet).tolist():
        check_time(time_left)
        yield whole.around(row)


def _irreducible(side: Side, rows: Positions, pins: Positions, in_columns: Mask, time_left: TimeLeft) -> Violated:
    """Return what is left of a violated inequality when everything it can do without is left out, pins first."""
    columns = np.flatnonzero(in_columns)
    need = side.least[rows] - side.may[rows][:, ~in_columns].sum(axis=1)
    pin_columns = np.searchsorted(columns, side.pin_columns[pins])
    part = _with_pins(side.may[np.ix_(rows, columns)], need, pin_columns, side.most[columns])
    # The rows that need least go first: fewer are left to be named.
    order = np.concatenate([len(rows) + np.arange(len(pins)), np.argsort(need, kind="stable")])
    kept, kept_columns = part.irreducible(order, time_left)
    of_rows = kept < len(rows)
    return Violated(rows[kept[of_rows]], pins[kept[~of_rows] - len(rows)], columns[kept_columns])


def _with_pins(may: Mask, need: Positions, pin_columns: Positions, most: Positions) -> Transport:
    """Return the largest flow of the rows and, below them, of the pins, each of which needs its one column."""
    of_pins = np.arange(may.shape[1]) == pin_columns[:, None]
    return Transport.largest(np.vstack([may, of_pins]), np.append(need, np.ones_like(pin_columns)), most)


def _size(rows: Mask, columns: Mask) -> int:
    return int(rows.sum() + columns.sum())


@dataclass(frozen=True)
class Places:
    """Both sides of a violated inequality, needed > available.

    needed: the minimums and one for each pin. places: the maximums in the way. elsewhere: eligible pairs of those with
    the minimums with all others.
    """

    needed: int
    places: int
    elsewhere: int

    @property
    def available(self) -> int:
        """The most pairs that can be made towards what is needed."""
        return self.places + self.elsewhere


def count_places(problem: Problem | VectorProblem, blocking: Blocking) -> Places:
    """Return what is needed and what is open in an irreducible set of startups, experts and pins."""
    startups, experts = blocking.needing(Holder.STARTUP), blocking.needing(Holder.EXPERT)
    full_startups, full_experts = blocking.limiting(Holder.STARTUP), blocking.limiting(Holder.EXPERT)
    needed = problem.startup_min[startups].sum() + problem.expert_min[experts].sum() + len(blocking.needing(Holder.PIN))
    places = problem.startup_max[full_startups].sum() + problem.expert_max[full_experts].sum()
    if isinstance(problem, VectorProblem):  # every pair is eligible
        elsewhere = len(startups) * (len(problem.expert_min) - len(full_experts))
        elsewhere += len(experts) * (len(problem.startup_min) - len(full_startups))
    else:
        elsewhere = np.delete(problem.open[startups], full_experts, axis=1).sum()
        elsewhere += np.delete(problem.open[:, experts], full_startups, axis=0).sum()
    return Places(int(needed), int(places), int(elsewhere))
