"""The smallest violated inequality of a problem without quotas, by mixed-integer programming.

An irreducible set need not be the smallest there is. Which startups A, experts B and pins stand in the fewest-membered
inequality of `matcher.assignment.infeasibility.hall` is a question in zeros and ones: a row is in A, a column in B, a
pin counts where its column is in B and its row not in A, and a pair that may be made counts against where its row is in
A and its column not in B.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from matcher.assignment.highs import Amounts, least_cost
from matcher.assignment.infeasibility.hall import Side, Violated
from matcher.assignment.infeasibility.transport import Positions
from matcher.assignment.time_left import TimeLeft
from matcher.errors import BrokenResult, Infeasible, OutOfTime

# Of more pairs it would take minutes; and HiGHS looks at so many cases at most, so that the answer does not depend on
# how fast a machine is.
PAIRS, _CASES = 2_000, 500


def smallest_violated(side: Side, below: int, time_left: TimeLeft) -> Violated | None:
    """Return the smallest violated inequality with fewer than `below` rows, pins and columns, None where there is none.

    Raises `OutOfTime` where that is not known.
    """
    asked = _Asked.of(side, below)
    try:
        found = asked.solve(time_left)
    except Infeasible:
        return None
    rows, columns, pins = (np.flatnonzero(part > 0.5) for part in np.split(found, asked.ends)[:3])
    others = np.setdiff1d(np.arange(len(side.most)), columns)
    needed = side.least[rows].sum() + len(pins)
    if needed <= side.most[columns].sum() + side.may[np.ix_(rows, others)].sum():
        raise BrokenResult("what was said to be the smallest conflict is none")
    return Violated(rows, pins, columns)


@dataclass(frozen=True)
class _Asked:
    """The question; its variables are, side by side, the rows, the columns, the pins and the pairs."""

    side: Side
    below: int
    pair_rows: Positions
    pair_columns: Positions

    @classmethod
    def of(cls, side: Side, below: int) -> _Asked:
        return cls(side, below, *np.nonzero(side.may & (side.least > 0)[:, None]))

    @property
    def ends(self) -> Positions:
        """Where the columns, the pins and the pairs begin."""
        return np.cumsum([len(self.side.least), len(self.side.most), len(self.side.pin_rows)])

    def solve(self, time_left: TimeLeft) -> Amounts:
        """Return the values of the variables. Raises `Infeasible` and `OutOfTime`."""
        from scipy.optimize import LinearConstraint

        pins = int(self.ends[2])
        count = pins + len(self.pair_rows)
        costs = np.append(np.ones(pins), np.zeros(count - pins))
        matrix, lower, upper = self._constraints()
        constraint = LinearConstraint(matrix, lower, upper)
        found = least_cost(costs, np.zeros(count), np.ones(count), constraint, time_left(), cases=_CASES)
        if not found.proved:
            raise OutOfTime("it is not known which conflict is the smallest")
        return found.values

    def _constraints(self) -> tuple[csr_array, Amounts, Amounts]:
        """Return the inequality, how few there must be, and for each pin and pair when it counts."""
        side, (rows, columns, pins) = self.side, self.ends
        pin, pair = np.arange(len(side.pin_rows)), np.arange(len(self.pair_rows))
        counts = np.concatenate(
            [
                np.minimum(side.least, len(side.most) + 1),
                -np.minimum(side.most, len(side.least)),
                np.ones(len(pin)),
                -np.ones(len(pair)),
            ]
        )
        every = np.arange(len(counts))
        lines = [
            (np.zeros_like(every), every, counts),
            (np.ones(pins, dtype=np.intp), every[:pins], np.ones(pins)),
            *(
                (2 + at, where, sign * np.ones(len(at)))
                for at, where, sign in (
                    # a pin ≤ its column, and ≤ 1 − its row; a pair ≥ its row − its column
                    (pin, columns + pin, 1),
                    (pin, rows + side.pin_columns, -1),
                    (len(pin) + pin, columns + pin, 1),
                    (len(pin) + pin, side.pin_rows, 1),
                    (2 * len(pin) + pair, pins + pair, -1),
                    (2 * len(pin) + pair, self.pair_rows, 1),
                    (2 * len(pin) + pair, rows + self.pair_columns, -1),
                )
            ),
        ]
        at, where, amounts = (np.concatenate(parts) for parts in zip(*lines, strict=True))
        upper = np.concatenate([[np.inf, self.below - 1], np.zeros(len(pin)), np.ones(len(pin)), np.zeros(len(pair))])
        lower = np.full(len(upper), -np.inf)
        lower[0] = 1
        return csr_array((amounts, (at, where)), shape=(len(upper), len(counts))), lower, upper
