"""The process of one run: `python -m service.jobs.child RUN CLAIM`. Its worker ends it when the run is cancelled."""

from __future__ import annotations

import os
import sys

from service.memory import share_heaps
from service.orphans import end_with_parent


def main(run: str, claim: str) -> None:
    """Do the run, as its worker has claimed it."""
    end_with_parent(os.getppid())
    # After that: what these load takes seconds, in which the worker may die.
    from service.jobs.running import do_run
    from service.logs import log_as_json
    from service.settings import read_settings
    from service.store.database import open_database
    from service.store.outages import until_there

    share_heaps()
    log_as_json()
    settings = read_settings()
    do_run(until_there(lambda: open_database(settings.database_url)), settings, run, claim)


if __name__ == "__main__":
    main(*sys.argv[1:])
