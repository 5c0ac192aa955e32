"""Sessions of the console: opened with a key, kept as SHA-256, over when they expire, are ended, or the key is."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from sqlalchemy import Engine, delete, insert, select

from service.store.audit import as_utc, record
from service.store.keys import Key, key_of_row
from service.store.tables import keys, sessions
from service.store.writes import writing

LASTS = dt.timedelta(hours=12)
_RANDOM_BYTES = 32


def open_session(database: Engine, key: Key) -> str:
    """Return the secret of a new session with this key. Sessions that are over are forgotten."""
    secret, now = secrets.token_urlsafe(_RANDOM_BYTES), dt.datetime.now(dt.UTC)
    with writing(database) as connection:
        connection.execute(delete(sessions).where(sessions.c.expires < now))
        connection.execute(insert(sessions).values(sha256=_hash(secret), key=key.id, created=now, expires=now + LASTS))
        record(connection, key.id, "session.open", key.id, None, None)
    return secret


def find_session(database: Engine, secret: str) -> Key | None:
    """Return the key of a session, None for one that is over."""
    query = select(keys, sessions.c.expires.label("until")).join(sessions).where(sessions.c.sha256 == _hash(secret))
    with database.connect() as connection:
        row = connection.execute(query).one_or_none()
    if row is None or as_utc(row.until) <= dt.datetime.now(dt.UTC):
        return None
    key = key_of_row(row)
    return key if key.state == "active" else None


def end_session(database: Engine, secret: str) -> None:
    """Make the secret open nothing from now on."""
    with writing(database) as connection:
        connection.execute(delete(sessions).where(sessions.c.sha256 == _hash(secret)))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
