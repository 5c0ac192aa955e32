"""Opening a database: SQLite in WAL mode or PostgreSQL, brought to the newest schema first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from filelock import FileLock
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from matcher.errors import BadInput

# How long a writer waits for another before it gives up.
_PATIENCE_S = 30
_CONNECT_S = 5
# Any number, the same in every process: who holds it migrates.
_MIGRATION_LOCK = 7_205_316


def open_database(url: str) -> Engine:
    """Return the database of a URL, made or migrated where needed; several processes may open it at once.

    url: `sqlite:///FILE`, or `postgresql://…`, for which psycopg is used. Raises `BadInput` for another one and for a
    database that cannot be reached.
    """
    parsed = _parsed(url)
    try:
        if parsed.get_backend_name() == "sqlite":
            engine = _open_sqlite(parsed)
        else:
            # A server that went away without a word must not keep a thread waiting for minutes.
            engine = create_engine(parsed, pool_pre_ping=True, connect_args={"connect_timeout": _CONNECT_S})
        _migrate(engine)
    except (OSError, SQLAlchemyError) as error:
        reason = str(getattr(error, "orig", error)).strip().split("\n")[0]
        told = parsed.render_as_string(hide_password=True)
        raise BadInput(f"cannot open the database {told}: {reason}") from error
    return engine


def _parsed(url: str) -> URL:
    wanted = "expected sqlite:///FILE or postgresql://USER@HOST/NAME"
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise BadInput(f"found a database URL that is none, {wanted}") from None
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise BadInput(f"found the database {parsed.render_as_string(hide_password=True)}, {wanted}")
    return parsed


def _open_sqlite(url: URL) -> Engine:
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": _PATIENCE_S})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, record: Any) -> None:
        # Transactions are begun below: sqlite3 itself would begin one only at the first write.
        connection.isolation_level = None
        for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = FULL"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get("alone", False):
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("immediate", False) else "BEGIN")

    return engine


def _migrate(engine: Engine) -> None:
    try:
        with _migrating(engine) as connection:
            command.upgrade(migrations(connection), "head")
    except BaseException:
        engine.dispose()  # whoever waits for a database that is away opens it again and again
        raise


@contextmanager
def _migrating(engine: Engine) -> Iterator[Connection]:
    """Hold a connection while no other process migrates."""
    if engine.dialect.name == "sqlite":
        with FileLock(f"{engine.url.database}.migrating"), engine.begin() as connection:
            yield connection
    else:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            yield connection


def migrations(connection: Connection) -> Config:
    """Return Alembic's configuration for this connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    return config


def answers(engine: Engine) -> bool:
    """Return whether the database can be reached now, and is the one that was opened."""
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    except SQLAlchemyError:
        return False
    return True
