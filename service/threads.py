"""How many cores BLAS, FAISS and the encoders may use."""

from __future__ import annotations

import os
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager

from threadpoolctl import threadpool_limits

_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def limit_threads(count: int) -> None:
    """Let this process use so many cores; 0: as many as there are. What is loaded is told, what will be reads it."""
    if count:
        tell_threads(os.environ, count)
        threadpool_limits(count)


def tell_threads(environment: MutableMapping[str, str], count: int) -> None:
    """Let processes of this environment use so many cores."""
    environment.update(dict.fromkeys(_VARIABLES, str(count)))


@contextmanager
def on_one_core() -> Iterator[None]:
    """Keep the small sums of an optimiser on one core: to hand each to a second takes longer than the sum."""
    with threadpool_limits(1, user_api="blas"):
        yield
