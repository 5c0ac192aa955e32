"""The process of one run: `python -m service.jobs.child RUN CLAIM`. Its worker ends it when the run is cancelled."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from service.memory import share_heaps
from service.orphans import end_with_parent

if TYPE_CHECKING:
    from sqlalchemy import Engine

_PATIENCE_S, _LOOK_S = 60.0, 0.5


def main(run: str, claim: str) -> None:
    """Do the run, as its worker has claimed it."""
    end_with_parent()
    # After that: what these load takes seconds, in which the worker may die.
    from service.jobs.running import do_run
    from service.serving import log_as_json
    from service.settings import read_settings

    share_heaps()
    log_as_json()
    settings = read_settings()
    do_run(_open(settings.database_url), settings, run, claim)


def _open(url: str) -> Engine:
    """Open the database that the worker had open when it began this process; while it is away, wait for it."""
    from matcher.errors import BadInput
    from service.store.database import open_database
    from service.store.errors import LOST

    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return open_database(url)
        except BadInput as error:
            if not isinstance(error.__cause__, LOST) or time.monotonic() > end:
                raise
        time.sleep(_LOOK_S)


if __name__ == "__main__":
    main(*sys.argv[1:])
