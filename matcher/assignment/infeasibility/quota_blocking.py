"""What blocks a problem in which quotas have a part: QuickXplain over a linear model."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from matcher.assignment.infeasibility.blocking import Blocking, Element, Holder
from matcher.assignment.infeasibility.feasibility import LimitModel, limit_model
from matcher.assignment.infeasibility.quickxplain import quickxplain
from matcher.assignment.infeasibility.violation import Costs, least_violation
from matcher.assignment.problem import Problem
from matcher.assignment.time_left import TimeLeft, unlimited
from matcher.errors import BrokenResult

Counts = NDArray[np.intp]
CanHold = Callable[[LimitModel], bool]


def blocking_with_quotas(problem: Problem, time_left: TimeLeft = unlimited) -> Blocking | None:
    """Return an irreducible set of startups, experts, pins and quotas, or None where all can hold together.

    Raises `OutOfTime` before it is found, and `BrokenResult` where the set can hold after all: a defect of ours.
    """

    def can_hold(asked: LimitModel) -> bool:
        return asked.can_hold(time_left)

    suspects = _suspects(problem, time_left)
    if suspects is None:
        return None
    model = limit_model(problem, suspects, problem.open)
    needed, others = _thinned(model, can_hold)
    named = model.only([*needed, *quickxplain(needed, others, lambda which: can_hold(model.only(which)))])
    if can_hold(named):
        raise BrokenResult(f"limits said to be in conflict can hold together: {named.elements}")
    return by_side(named, can_hold)


def _suspects(problem: Problem, time_left: TimeLeft) -> Sequence[Element] | None:
    """Return elements that cannot hold together, not many more than needed, those first that are best named.

    Startups and experts are left out where the quotas and pins cannot hold without them: that names fewer, and is a
    smaller question.
    """
    quotas, startups, experts, pins = _by_holder(problem)
    for more in ([], startups, experts, [*startups, *experts]):
        elements = [*quotas, *more, *pins]
        if not elements:
            continue
        costs = Costs(np.ones(len(elements)), np.ones(len(elements)), ban=np.inf)
        if at_fault := least_violation(problem, elements, costs, time_left).at_fault:
            return at_fault
        if not limit_model(problem, elements, problem.open).can_hold(time_left):
            return elements
    return None


def everybody(problem: Problem) -> list[Element]:
    """Return all whose limits say anything."""
    return [*chain(*_by_holder(problem))]


def _by_holder(problem: Problem) -> tuple[list[Element], list[Element], list[Element], list[Element]]:
    """Return the quotas, startups, experts and pins whose limits say anything."""
    return (
        [Element(Holder.QUOTA, at) for at in range(len(problem.quotas))],
        _limited(Holder.STARTUP, problem.startup_min, problem.startup_max, problem.open.sum(axis=1)),
        _limited(Holder.EXPERT, problem.expert_min, problem.expert_max, problem.open.sum(axis=0)),
        [Element(Holder.PIN, problem.pins.index(pin)) for pin in dict.fromkeys(problem.pins)],
    )


def _limited(holder: Holder, least: Counts, most: Counts, able: Counts) -> list[Element]:
    """Return the startups or experts whose limits say anything, given how many pairs each may make."""
    return [Element(holder, at) for at in np.flatnonzero((least > 0) | (most < able)).tolist()]


def _thinned(model: LimitModel, can_hold: CanHold) -> tuple[list[int], list[int]]:
    """Return elements that are all needed, and others together with which they cannot hold.

    Of elements that could change places a number is needed, whichever they are, and bisection finds it: a thousand
    startups that share one quota take a few checks.
    """
    groups = _interchangeable(model)
    others = [at for group in groups if len(group) == 1 for at in group]
    crowds = [group for group in groups if len(group) > 1]
    needed: list[int] = []
    while crowds:
        crowd = crowds.pop()
        needed += _as_few_as_block(model, [*others, *needed, *chain(*crowds)], crowd, can_hold)
    return needed, others


def _as_few_as_block(model: LimitModel, rest: Sequence[int], crowd: Sequence[int], can_hold: CanHold) -> Sequence[int]:
    """Return the fewest of a crowd that cannot hold together with the rest; all of them cannot."""
    return crowd[: bisect_left(range(len(crowd)), True, key=lambda n: not can_hold(model.only([*rest, *crowd[:n]])))]


def _interchangeable(model: LimitModel) -> list[list[int]]:
    """Return the elements in groups; those in a group have equal limits and compete alike with all others."""
    elements_of = model.matrix.tocsc()
    # No more of a variable is of use than all that is asked of it.
    useful = np.minimum(model.alike, model.matrix.T @ model.least).tolist()
    groups = defaultdict(list)
    for at in range(len(model.elements)):
        variables = model.matrix.indices[model.matrix.indptr[at] : model.matrix.indptr[at + 1]].tolist()
        rivals = [
            (*sorted({*elements_of.indices[slice(*elements_of.indptr[one : one + 2])].tolist()} - {at}), useful[one])
            for one in variables
        ]
        groups[model.least[at], model.most[at], tuple(sorted(rivals))].append(at)
    return [*groups.values()]


def by_side(model: LimitModel, can_hold: CanHold) -> Blocking:
    """Return which minimums and which maximums of an irreducible set stand against each other.

    It is tried to do without a side of all startups, or all experts, before that of each one that still has both.
    """
    each = np.arange(len(model.elements))
    for which in (each[[element.holder is holder for element in model.elements]] for holder in Holder):
        model = _without_side(model, which, can_hold)
    for at in each:
        model = _without_side(model, each[at : at + 1], can_hold)
    needs = tuple(element for element, least in zip(model.elements, model.least, strict=True) if least > 0)
    limits = tuple(element for element, most in zip(model.elements, model.most, strict=True) if np.isfinite(most))
    return Blocking(needs, limits)


def _without_side(model: LimitModel, which: Counts, can_hold: CanHold) -> LimitModel:
    """Return the model without the maximums or else the minimums of some elements, if the rest cannot hold then.

    An element that has one side only needs it: it is one of an irreducible set.
    """
    both = which[(model.least[which] > 0) & np.isfinite(model.most[which])]
    least, most = model.least.copy(), model.most.copy()
    least[both], most[both] = 0, np.inf
    lifted = (replace(model, most=most), replace(model, least=least)) if len(both) else ()
    return next((one for one in lifted if not can_hold(one)), model)
