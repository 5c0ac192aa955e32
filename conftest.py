"""What all processes of one test run share: a folder that goes when the run ends."""

from __future__ import annotations

import tempfile

import pytest

from tests.real_model import SHARED_FOLDER

_MADE = pytest.StashKey[tempfile.TemporaryDirectory[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder in the process that hands the tests out; pytest-xdist's others are told where it is."""
    if hasattr(config, "workerinput"):
        config.stash[SHARED_FOLDER] = config.workerinput["shared_folder"]
    else:
        config.stash[_MADE] = tempfile.TemporaryDirectory(prefix="matcher-tests-")
        config.stash[SHARED_FOLDER] = config.stash[_MADE].name


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell one of pytest-xdist's processes where the folder is."""
    node.workerinput["shared_folder"] = node.config.stash[SHARED_FOLDER]  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Delete the folder where it was made."""
    if _MADE in config.stash:
        config.stash[_MADE].cleanup()
