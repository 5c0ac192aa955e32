"""What a write or a look-up may run into; each has an answer of its own over HTTP."""

from __future__ import annotations

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from matcher.errors import MatcherError

# What is raised while the database cannot be reached, or has no connection left: the same may work a moment later.
LOST = (OperationalError, InterfaceError, NoConnection)


class NotThere(MatcherError):
    """Something was named that is not kept here."""


class Clash(MatcherError):
    """What is kept stands against the write: it exists already, or is past the state in which this can be done."""


class Stale(MatcherError):
    """What was to be changed is no longer as its writer saw it."""
