"""Everything that can go wrong, as one tree.

MatcherError
├── BadInput        what was given cannot be used: says who, what was found and what is expected
├── ProcessLost     the process of a solver or an encoder ended without an answer
├── OutOfTime       no assignment was found in the time that was given
├── Infeasible      the limits, pins and quotas cannot hold together: says what blocks it
└── BrokenResult    a result failed the check that shares no code with the solvers: a defect of ours
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matcher.assignment.result import Conflict


class MatcherError(Exception):
    """Any error that the engine raises on purpose."""


class BadInput(MatcherError):
    """What was given cannot be used; the message names who, what was found and what is expected."""


class ProcessLost(MatcherError):
    """The process of a solver or an encoder ended without an answer; the message says how."""


class OutOfTime(MatcherError):
    """No assignment was found in the time that was given; there may be one."""


class Infeasible(MatcherError):
    """No assignment keeps every limit, pin and quota; the message says what blocks it.

    conflict: whose limits these are, where the solver was asked.
    """

    def __init__(self, message: str, conflict: Conflict | None = None) -> None:
        super().__init__(message)
        self.conflict = conflict


class BrokenResult(MatcherError):
    """A result broke a limit that it must keep; it is never returned."""
