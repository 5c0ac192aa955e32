"""What a child process is given to do; it imports this by name."""

from __future__ import annotations

import os
import time

from matcher.assignment.result import Conflict
from matcher.errors import Infeasible
from service.child import Report


def add(report: Report, one: int, other: int) -> int:
    report("adding")
    return one + other


def refuse(report: Report) -> None:
    raise Infeasible("too few places", Conflict("too few places", ("s1",), (), (), (), 2, 1, ()))


def sleep(report: Report) -> None:
    report(str(os.getpid()))
    time.sleep(600)


def die(report: Report) -> None:
    os._exit(7)


def print_as_a_library_does(report: Report) -> str:
    os.write(1, b"a line of a native library\n")
    return "done"
