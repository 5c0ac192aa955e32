"""A process that is of no use without the one that started it ends with it, however that one ends."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int) -> None:
    """Have the kernel kill this process once its parent is gone; a native solver would not notice by itself.

    parent: its process id, as it told it or was known at the start: it may be gone by now. On Linux alone. Elsewhere
    such a process goes on to its end, whose result nobody takes.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
