"""How often Python looks for cycles among its objects."""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Objects made between two looks at the new ones, and looks at these between two at older ones: in a command that ends,
# and in a server, whose garbage is to go at some time.
_NEW, _OLDER = 100_000, 100
_SERVED = (20_000, 20, 100)


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """Look seldom for cycles: a command that makes millions of objects and ends spends a sixth of its time on that.

    Nearly all of them are freed by their count of references, or are needed until the end. When the process ends, it
    leaves the rest to the system: Python would look through all of it once more.
    """
    atexit.register(gc.freeze)
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_NEW, _OLDER, _OLDER)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def collect_as_server() -> None:
    """Look at the large index of a server hardly ever: each look takes a third of a second, and nobody is answered.

    Nearly all of an index is freed by its count of references. What is there now, the libraries, is looked at no more.
    """
    gc.freeze()
    gc.set_threshold(*_SERVED)
