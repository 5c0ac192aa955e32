"""Memory that is not needed any more goes back to the machine: a server lives for months."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable
from functools import cache

# malloc.h of glibc. With the default of eight heaps a core each thread of a pool keeps the largest that it ever needed.
_M_ARENA_MAX, _HEAPS = -8, 2


def share_heaps() -> None:
    """Let the threads of this process share two heaps. To be called before there are any."""
    _call("mallopt", _M_ARENA_MAX, _HEAPS)


def give_back() -> None:
    """Return what is free in the heaps; after work that needed much for a moment."""
    _call("malloc_trim", 0)


def give_back_all() -> None:
    """Return what nobody holds any more, objects that hold each other included: after something large was let go of."""
    gc.collect()
    give_back()


def _call(name: str, *values: int) -> None:
    """Call a function of glibc; elsewhere nothing is done, for other libraries give back by themselves."""
    function = _function(name)
    if function is not None:
        function(*values)


@cache
def _function(name: str) -> Callable[..., int] | None:
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
