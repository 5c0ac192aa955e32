"""One test run in several processes: the folder that they share, and which files they begin with."""

from __future__ import annotations

import gc
import os
import tempfile

import pytest

from tests.real_model import SHARED_FOLDER

# pytest-xdist hands out the files with most tests first, and two cores end together if the longest ones come first.
# By seconds, but what starts many processes does not stand beside its like.
_LONGEST = (
    "tests/service/test_jobs.py",
    "tests/models/test_calibration.py",
    "tests/service/console/test_browser.py",
    "tests/service/test_faults.py",
    "tests/test_newcomers.py",
    "tests/service/test_real_command.py",
    "tests/service/test_serve.py",
    "notebooks/02_relevance.ipynb",
    "notebooks/01_quickstart.ipynb",
    "notebooks/04_ecosystem.ipynb",
    "notebooks/03_capacity_and_fairness.ipynb",
    "tests/matcher/assignment/test_laminar.py",
    "tests/service/http/test_schema.py",
    "tests/matcher/assignment/infeasibility/test_relaxation.py",
    "tests/matcher/assignment/infeasibility/test_conflict.py",
)
_MADE = pytest.StashKey[tempfile.TemporaryDirectory[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder in the process that hands the tests out; pytest-xdist's others are told where it is."""
    if hasattr(config, "workerinput"):
        config.stash[SHARED_FOLDER] = config.workerinput["shared_folder"]
    else:
        config.stash[_MADE] = tempfile.TemporaryDirectory(prefix="matcher-tests-")
        config.stash[SHARED_FOLDER] = config.stash[_MADE].name
        if config.getoption("numprocesses", None):
            # Each process has a core: threads of BLAS, FAISS and torch in all of them would wait for each other.
            os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell one of pytest-xdist's processes where the folder is."""
    node.workerinput["shared_folder"] = node.config.stash[SHARED_FOLDER]  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Delete the folder where it was made."""
    if _MADE in config.stash:
        config.stash[_MADE].cleanup()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the longest files where several processes share the work (with --no-loadscope-reorder)."""
    if hasattr(config, "workerinput"):
        order = {name: at for at, name in enumerate(_LONGEST)}
        items.sort(key=lambda item: order.get(item.nodeid.split("::")[0], len(order)))


@pytest.fixture(scope="module", autouse=True)
def _little_to_collect() -> None:
    """Keep what is there from the collector of cycles: torch and scipy hold a million objects that it would go through.

    A run of the service collects on purpose, which then takes a second each in a process that has tested much.
    """
    gc.freeze()
