"""Work in a process of its own: a native solver listens to nobody, and only its process can be ended."""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from matcher.errors import OutOfTime, ProcessLost
from service.orphans import end_with_parent

Answer = TypeVar("Answer")
# The work is called with this first, to say how far it is.
Report = Callable[[str], None]


def run_in_child(work: Callable[..., Answer], *given: Any, seconds: float, report: Report) -> Answer:
    """Return work(report, *given), called in a child process that is ended after so many seconds.

    work and given must be picklable. What the work raises is raised here. The child is ended, too, when this call is
    left in any other way, by Ctrl-C for one.

    Raises `OutOfTime` when the seconds are over, and `ProcessLost` where the child cannot be started or ends without an
    answer.
    """
    child, ours = start_child("solver", _work, work, given)
    try:
        answer: Answer = _answer(ours, time.monotonic() + seconds, report)
        return answer
    except EOFError:
        raise lost("solver", child) from None
    finally:
        child.kill()
        child.join()
        ours.close()


def start_child(whose: str, target: Callable[..., None], *given: Any) -> tuple[BaseProcess, Connection]:
    """Start target(pipe, *given) in a child process; return it and our end of the pipe. Raises `ProcessLost`."""
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    child = spawning.Process(target=target, args=(theirs, *given), daemon=True)
    try:
        child.start()
    except OSError as error:
        ours.close()
        raise ProcessLost(f"the {whose}'s process cannot be started: {error}") from error
    finally:
        theirs.close()
    return child, ours


def lost(whose: str, child: BaseProcess) -> ProcessLost:
    """Return the error for a child that is gone."""
    child.join()
    told = f"the {whose}'s process ended without an answer (exit code {child.exitcode})"
    was_killed = child.exitcode == -signal.SIGKILL
    return ProcessLost(f"{told}; it may have run out of memory" if was_killed else told)


def _answer(pipe: Connection, end: float, report: Report) -> Any:
    """Return the answer that comes through the pipe, telling the reports that come before it."""
    while pipe.poll(max(0.0, end - time.monotonic()) if math.isfinite(end) else None):
        kind, value = pipe.recv()
        if kind == "answer":
            return value
        if kind == "error":
            raise value
        report(value)
    raise OutOfTime("no assignment was found in the time that was given")


def begin_as_child() -> None:
    """Be a process that its parent ends, and that writes nothing where results are written."""
    parent = multiprocessing.parent_process()
    end_with_parent(parent.pid if parent and parent.pid else os.getppid())
    # What stops the parent often reaches the whole group of processes; it ends this one when it has done with it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    # What a native library prints is no result.
    os.dup2(2, 1)


def _work(pipe: Connection, work: Callable[..., Any], given: tuple[Any, ...]) -> None:
    begin_as_child()
    try:
        answer = work(lambda stage: pipe.send(("report", stage)), *given)
    except Exception as error:
        pipe.send(("error", error))
    else:
        pipe.send(("answer", answer))
