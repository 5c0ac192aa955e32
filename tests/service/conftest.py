from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from matcher.calibration import View
from matcher.encoding import Role, Vectors
from models.cache import Cache
from models.encoders import CachedEncoder, ModelIdentity
from models.loading import HERE, Loader
from models.opening import Models
from models.sentence_encoder import NumberFormat
from service import use_cases
from service.cli import main
from tests.fakes import NoWords, WordEncoder, plain_calibration
from tests.real_model import Conversion
from tests.service.cohorts import WriteCohort, write_cohort
from tests.service.store.databases import (
    database_url,
    migrated_postgres,
    migrated_sqlite,
    postgres,
    unmigrated_url,
)

# A session's fixture that each module imports would start a PostgreSQL for each.
__all__ = ["database_url", "migrated_postgres", "migrated_sqlite", "postgres", "unmigrated_url"]

# What would make a test see the terminal or the settings of the person who runs it.
_OF_A_PERSON = ("FORCE_COLOR", "NO_COLOR", "COLUMNS", "LINES", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "TERM")

MATCHER = Path(sys.executable).with_name("matcher")
Run = Callable[..., Result]
Done = subprocess.CompletedProcess[str]
RunProcess = Callable[..., Done]


class OpenedWords:
    """The word encoder of the fakes behind the seam at which the commands open an encoder."""

    def __init__(self) -> None:
        self.identity = ModelIdentity("words", "1", NumberFormat.FLOAT32)
        self._progress: Callable[[int, int], None] = lambda done, total: None
        self._words = WordEncoder()

    @property
    def fingerprint(self) -> str:
        return self._words.fingerprint

    @property
    def encoded(self) -> int:
        return len(self._words.encoded)

    def report_to(self, progress: Callable[[int, int], None]) -> None:
        self._progress = progress

    def release(self) -> None:
        """There is nothing to let go of."""

    def prepare(self) -> None:
        pass

    def keeping_in(self, cache: Cache) -> CachedEncoder:
        return CachedEncoder(self.identity, lambda: self._words, cache)

    def views(self, dimension: int) -> tuple[View, ...]:
        return (View(0, dimension),)

    def encode(self, texts: Sequence[str], role: Role) -> Vectors:
        self._progress(0, len(texts))
        vectors = self._words.encode(texts, role)
        self._progress(len(texts), len(texts))
        return vectors


def open_words(
    name: str, cache_folder: Path, number_format: NumberFormat | None = None, loader: Loader = HERE
) -> Models:
    return Models(OpenedWords(), NoWords(), plain_calibration())


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """`matcher …` in this process, with the encoder that the settings name; a defect shows as its traceback."""
    for name in (*_OF_A_PERSON, *(name for name in os.environ if name.startswith("MATCHER_"))):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MATCHER_CACHE_FOLDER", str(tmp_path / "cache"))
    runner = CliRunner(catch_exceptions=False)

    def run(*arguments: object, **environment: str) -> Result:
        return runner.invoke(main, [str(argument) for argument in arguments], env=environment)

    return run


@pytest.fixture
def matcher(bare: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`matcher …` in this process, with an encoder that takes no time."""
    monkeypatch.setattr(use_cases, "open_models", open_words)
    return bare


@pytest.fixture
def cohort(tmp_path: Path) -> WriteCohort:
    """Write a cohort folder: the sample one, or what is given of startups, experts, relations and program."""
    return partial(write_cohort, tmp_path / "cohort")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder for results that is not there yet."""
    return tmp_path / "out"


@pytest.fixture(scope="session")
def plain_environment() -> dict[str, str]:
    """The environment of processes that encode nothing: nobody's settings."""
    foreign = {name for name in os.environ if name in _OF_A_PERSON or name.startswith("MATCHER_")}
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    # Where other work keeps the cores busy, torch's threads wait for each other: minutes instead of seconds.
    return {**kept, "OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="session")
def environment(
    plain_environment: dict[str, str], converted_model: Conversion, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """The environment of processes that encode: one cache for all of them, with the converted model in it."""
    cache = converted_model.link_into(tmp_path_factory.mktemp("cache"))
    return {**plain_environment, "MATCHER_CACHE_FOLDER": str(cache)}


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder."""
    return tmp_path_factory.mktemp("elsewhere")


def run_process(where: Path, environment: dict[str, str], *arguments: object, **more: str) -> Done:
    return subprocess.run(  # noqa: S603
        [str(argument) for argument in arguments],
        cwd=where,
        env={**environment, **more},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture(scope="session")
def plain_python(plain_environment: dict[str, str], elsewhere: Path) -> RunProcess:
    """`python …` as a process of its own that encodes nothing."""
    return partial(run_process, elsewhere, plain_environment, sys.executable)


@pytest.fixture(scope="session")
def python(environment: dict[str, str], elsewhere: Path) -> RunProcess:
    """`python …` as a process of its own."""
    return partial(run_process, elsewhere, environment, sys.executable)


@pytest.fixture(scope="session")
def real(environment: dict[str, str], elsewhere: Path) -> RunProcess:
    """`matcher …` as a process of its own, with the real encoder."""
    return partial(run_process, elsewhere, environment, MATCHER)
