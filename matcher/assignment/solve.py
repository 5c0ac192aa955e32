"""The front door: choose a solver by the problem's shape, solve, check, or say what cannot hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from matcher.assignment import hungarian, milp
from matcher.assignment.problem import Assignment, Position, Problem, Status, Unmet
from matcher.assignment.verify import verify
from matcher.errors import Infeasible


def assign(problem: Problem, best_effort: bool = False) -> Assignment:
    """Return the best assignment, checked.

    Ties are broken by the problem's seed and by ids, so that the order of the input changes nothing.
    best_effort: where the limits cannot hold together, fall short by the fewest pairs over all minimums and pins.

    Raises `Infeasible`, naming the minimums and pins that stay unmet at best, unless best_effort is set.
    """
    rows = _shuffle(problem.startup_ids, problem.seed, side=0)
    columns = _shuffle(problem.expert_ids, problem.seed, side=1)
    shuffled = _reorder(problem, rows, columns)
    try:
        solver = hungarian if hungarian.can_solve(problem) else milp
        found = Assignment(_restore(solver.solve(shuffled), rows, columns), Status.OPTIMAL, solver.NAME)
    except Infeasible as infeasible:
        found = _best_effort(problem, shuffled, rows, columns)
        if not best_effort:
            raise Infeasible(explain_unmet(problem, found.unmet)) from infeasible
    verify(problem, found)
    return found


def _best_effort(problem: Problem, shuffled: Problem, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Assignment:
    pairs, unmet = milp.solve_best_effort(shuffled)
    places = {"startup": rows, "expert": columns}
    at_home = [replace(u, at=int(places[u.what][u.at])) if u.what in places else u for u in unmet]
    return Assignment(_restore(pairs, rows, columns), Status.BEST_EFFORT, milp.NAME, tuple(at_home))


def explain_unmet(problem: Problem, unmet: Sequence[Unmet]) -> str:
    """Return one sentence for each minimum and pin that cannot be met together with the others."""
    sentences = [unmet_sentence(problem, one) for one in unmet]
    return "the limits cannot all hold; at best these stay unmet: " + "; ".join(sentences)


def unmet_sentence(problem: Problem, unmet: Unmet) -> str:
    """Return who falls short of what, with the number of eligible pairs there are."""
    if unmet.what == "pin":
        row, column = problem.pins[unmet.at]
        return f"the pin of {problem.startup_ids[row]} with {problem.expert_ids[column]}"
    if unmet.what == "quota":
        return f"quota {problem.quotas[unmet.at].name!r} gets {unmet.given} of at least {unmet.needed} pairs"
    ids, axis = (problem.startup_ids, 0) if unmet.what == "startup" else (problem.expert_ids, 1)
    eligible = int(np.take(problem.open, unmet.at, axis=axis).sum())
    return f"{unmet.what} {ids[unmet.at]} gets {unmet.given} of at least {unmet.needed} pairs ({eligible} eligible)"


def _shuffle(ids: Sequence[str], seed: int, side: int) -> NDArray[np.intp]:
    """Return the positions of the ids in an order that depends on ids, seed and side alone."""
    ascending = np.array(sorted(range(len(ids)), key=lambda at: ids[at]), dtype=np.intp)
    return np.random.default_rng([seed, side]).permutation(ascending)


def _reorder(problem: Problem, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Problem:
    row_at = {int(old): new for new, old in enumerate(rows)}
    column_at = {int(old): new for new, old in enumerate(columns)}

    def moved(pairs: Sequence[Position]) -> tuple[Position, ...]:
        return tuple((row_at[row], column_at[column]) for row, column in pairs)

    quotas = [
        replace(
            quota,
            rows=frozenset(row_at[row] for row in quota.rows),
            columns=frozenset(column_at[column] for column in quota.columns),
        )
        for quota in problem.quotas
    ]
    return replace(
        problem,
        startup_ids=tuple(problem.startup_ids[row] for row in rows),
        expert_ids=tuple(problem.expert_ids[column] for column in columns),
        scores=problem.scores[np.ix_(rows, columns)],
        worth=problem.worth[rows],
        startup_min=problem.startup_min[rows],
        startup_max=problem.startup_max[rows],
        expert_min=problem.expert_min[columns],
        expert_max=problem.expert_max[columns],
        pins=moved(problem.pins),
        bans=moved(problem.bans),
        quotas=tuple(quotas),
    )


def _restore(pairs: Sequence[Position], rows: NDArray[np.intp], columns: NDArray[np.intp]) -> tuple[Position, ...]:
    return tuple(sorted((int(rows[row]), int(columns[column])) for row, column in pairs))
