"""The oracle for problems too large to try every set: a variable a pair, every limit written out, solved by HiGHS.

Scores are whole thousandths and worths whole halves, so that every objective counts in whole numbers and what HiGHS
finds is exact once rounded. Objectives that come one after the other hold what the earlier ones reached.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, vstack

from matcher.assignment.problem import Problem
from matcher.program import Objective

Amounts = NDArray[np.float64]
_THOUSANDTHS, _HALVES = 1000, 2


def can_hold_by_highs(posed: Problem) -> bool:
    """Return whether all limits can hold together."""
    return _program(posed).largest(np.zeros(posed.scores.size)) is not None


def best_by_highs(posed: Problem) -> tuple[float, ...] | None:
    """Return what `brute_force.best_value` finds over the feasible sets, None where there is none."""
    program = _program(posed)
    if program.largest(np.zeros(posed.scores.size)) is None:
        return None
    reached: list[float] = []
    if posed.objective is Objective.FAIR and posed.serve_most:
        served, program = _most_served(posed, program)
        reached.append(served)
    if posed.objective is Objective.FAIR:
        worst, program = _best_worst_off(posed, program)
        reached.append(worst / _THOUSANDTHS)
    gains = _whole(posed.gains.ravel() * _THOUSANDTHS * _HALVES)
    total, program = program.first(gains)
    count, _ = program.first(np.ones(posed.scores.size))
    return (*reached, total / _THOUSANDTHS / _HALVES, count)


@dataclass(frozen=True)
class _Program:
    """least ≤ matrix · variables ≤ most, lower ≤ variables ≤ upper, all whole; those of the pairs come first."""

    matrix: csr_array
    least: Amounts
    most: Amounts
    lower: Amounts
    upper: Amounts

    def largest(self, gains: Amounts) -> float | None:
        """Return the largest sum of whole gains, one for each of the first variables; None without a solution."""
        gains = np.append(gains, np.zeros(len(self.lower) - len(gains)))
        found = milp(
            -gains,
            integrality=np.ones(len(gains)),
            bounds=Bounds(self.lower, self.upper),
            constraints=LinearConstraint(self.matrix, self.least, self.most),
            options={"mip_rel_gap": 0},
        )
        assert found.status in (0, 2), found.message
        return None if found.status == 2 else float(gains @ np.round(found.x))

    def first(self, gains: Amounts) -> tuple[float, _Program]:
        """Return the largest sum of gains, and the program in which it is held."""
        reached = self.largest(gains)
        assert reached is not None
        return reached, self.holding(gains[None, :], np.array([reached - 0.25]))

    def with_variables(self, count: int, lower: float, upper: float) -> _Program:
        matrix = csr_array((self.matrix.data, self.matrix.indices, self.matrix.indptr), self._wider(count))
        ends = np.full(count, lower), np.full(count, upper)
        return replace(self, matrix=matrix, lower=np.append(self.lower, ends[0]), upper=np.append(self.upper, ends[1]))

    def _wider(self, count: int) -> tuple[int, int]:
        return self.matrix.shape[0], self.matrix.shape[1] + count

    def holding(self, rows: Amounts, least: Amounts) -> _Program:
        """Return the program with more rows over the first variables."""
        beside = np.zeros((len(rows), len(self.lower) - rows.shape[1]))
        matrix = csr_array(vstack([self.matrix, csr_array(np.hstack([rows, beside]))]))
        most = np.append(self.most, np.full(len(rows), np.inf))
        return replace(self, matrix=matrix, least=np.append(self.least, least), most=most)


def _program(posed: Problem) -> _Program:
    rows, columns = posed.scores.shape
    cells = np.arange(rows * columns).reshape(rows, columns)
    limits = [(cells[row], posed.startup_min[row], posed.startup_max[row]) for row in range(rows)]
    limits += [(cells[:, column], posed.expert_min[column], posed.expert_max[column]) for column in range(columns)]
    limits += [(cells[pin], 1, 1) for pin in posed.pins]
    limits += [
        (cells[np.ix_(sorted(q.rows), sorted(q.columns))].ravel(), q.least, np.inf if q.most is None else q.most)
        for q in posed.quotas
    ]
    matrix = np.zeros((len(limits), cells.size))
    for line, (which, _, _) in zip(matrix, limits, strict=True):
        line[which] = 1
    least, most = np.array([limit[1:] for limit in limits], dtype=float).reshape(-1, 2).T
    scored = ~np.isnan(posed.scores)
    scored[tuple(np.array(posed.bans, dtype=int).reshape(-1, 2).T)] = False
    return _Program(csr_array(matrix), least, most, np.zeros(cells.size), scored.ravel().astype(float))


def _most_served(posed: Problem, program: _Program) -> tuple[float, _Program]:
    """A flag a startup: 1 only with a pair, 0 only without."""
    flags, pairs = np.eye(len(posed.startup_ids)), _pairs_of_startups(posed)
    program = program.with_variables(len(flags), 0, 1)
    program = program.holding(np.hstack([pairs, -flags]), np.zeros(len(flags)))
    most = np.minimum(posed.startup_max, posed.scores.shape[1])
    program = program.holding(np.hstack([-pairs, flags * most[:, None]]), np.zeros(len(flags)))
    return program.first(np.append(np.zeros(posed.scores.size), np.ones(len(flags))))


def _best_worst_off(posed: Problem, program: _Program) -> tuple[float, _Program]:
    """One variable below the sum of scores of everybody that counts, as large as it can be."""
    scores = _whole(np.nan_to_num(posed.scores).ravel() * _THOUSANDTHS)
    sums = (_pairs_of_startups(posed) * scores)[posed.startup_max > 0]
    far = float(np.abs(sums).sum(axis=1).max(initial=0))
    if not len(sums) or (posed.serve_most and program.largest(np.ones(len(scores))) == 0):
        return 0.0, program
    others = len(program.lower) - len(scores)
    # Who is not served is as far off as anybody could be, and does not count.
    excused = -2 * far * np.eye(len(posed.startup_ids))[posed.startup_max > 0][:, :others]
    program = program.with_variables(1, -far, far)
    below = np.hstack([sums, excused, np.full((len(sums), 1), -1.0)])
    program = program.holding(below, np.full(len(sums), -2 * far if posed.serve_most else 0.0))
    return program.first(np.append(np.zeros(len(scores) + others), 1.0))


def _pairs_of_startups(posed: Problem) -> Amounts:
    """Return (n, n · m): which pairs each startup has."""
    return np.repeat(np.eye(len(posed.startup_ids)), posed.scores.shape[1], axis=1)


def _whole(amounts: Amounts) -> Amounts:
    assert np.allclose(amounts, np.round(amounts), rtol=0, atol=1e-6), "scores of whole thousandths are expected"
    return np.round(amounts)
