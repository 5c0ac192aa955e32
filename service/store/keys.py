"""Keys: shown once when they are made, kept as SHA-256, refused once they expired or were revoked."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine, Row, bindparam, insert, select, update

from matcher.errors import BadInput
from service.store.audit import as_utc, record
from service.store.tables import keys
from service.store.writes import looking, writing

_PREFIX = "mk_"
_RANDOM_BYTES = 32
# Built once: every request asks it, and building takes as long as asking.
_BY_HASH = select(keys).where(keys.c.sha256 == bindparam("wanted"))


class Role(StrEnum):
    """What a key may do: everything, a program's matching, or read and answer for one startup or expert."""

    ADMIN = "admin"
    MANAGER = "manager"
    STARTUP = "startup"
    EXPERT = "expert"


@dataclass(frozen=True)
class Key:
    """A key without its secret. program None: every program. party: the startup or expert it speaks for."""

    id: str
    role: Role
    program: str | None
    party: str | None
    created: dt.datetime
    expires: dt.datetime | None
    revoked: dt.datetime | None

    @property
    def state(self) -> str:
        """Whether it opens anything: active, expired or revoked."""
        if self.revoked:
            return "revoked"
        return "expired" if self.expires and self.expires <= dt.datetime.now(dt.UTC) else "active"

    @property
    def is_active(self) -> bool:
        """Whether it opens what it is for now."""
        return self.state == "active"


@dataclass(frozen=True)
class Grant:
    """What a new key is for. Raises `BadInput` for a scope that its role cannot have."""

    role: Role
    program: str | None = None
    party: str | None = None
    days: int | None = None

    def __post_init__(self) -> None:
        if self.role in (Role.STARTUP, Role.EXPERT) and not (self.program and self.party):
            raise BadInput(f"found a key for a {self.role} without a scope, expected --program and --{self.role}")
        if self.role in (Role.ADMIN, Role.MANAGER) and self.party:
            raise BadInput(f"found --startup or --expert for a key of role {self.role}, expected neither")
        if self.role is Role.ADMIN and self.program:
            raise BadInput("found --program for a key of role admin, which is for every program")


def create_key(database: Engine, grant: Grant, by: str) -> tuple[Key, str]:
    """Return a new key and its secret, which is kept nowhere."""
    secret = f"{_PREFIX}{secrets.token_urlsafe(_RANDOM_BYTES)}"
    now = dt.datetime.now(dt.UTC)
    expires = None if grant.days is None else now + dt.timedelta(days=grant.days)
    key = Key(secrets.token_hex(8), grant.role, grant.program, grant.party, now, expires, None)
    with writing(database) as connection:
        connection.execute(
            insert(keys).values(
                id=key.id,
                sha256=hash_of(secret),
                role=key.role.value,
                program=key.program,
                party=key.party,
                created=now,
                expires=expires,
            )
        )
        after = {"role": key.role.value, "program": key.program, "party": key.party}
        record(connection, by, "key.create", key.id, None, {**after, "expires": expires and expires.isoformat()})
    return key, secret


def find_key(database: Engine, secret: str) -> Key | None:
    """Return the active key of this secret, None where there is none.

    The hash is looked up and compared in constant time: how long it takes tells nothing of the secret.
    """
    wanted = hash_of(secret)
    with looking(database) as connection:
        row = connection.execute(_BY_HASH, {"wanted": wanted}).one_or_none()
    if row is None or not hmac.compare_digest(row.sha256, wanted):
        return None
    key = key_of_row(row)
    return key if key.is_active else None


def all_keys(database: Engine) -> list[Key]:
    """Return every key there is, the oldest first."""
    with database.connect() as connection:
        return [key_of_row(row) for row in connection.execute(select(keys).order_by(keys.c.created, keys.c.id))]


def revoke_key(database: Engine, id_: str, by: str) -> Key:
    """Make a key open nothing from now on. Raises `BadInput` for an unknown id; a revoked one stays as it is."""
    with writing(database) as connection:
        row = connection.execute(select(keys).where(keys.c.id == id_)).one_or_none()
        if row is None:
            raise BadInput(f"found key {id_!r}, expected the id of one that `matcher keys list` shows")
        if row.revoked is None:
            now = dt.datetime.now(dt.UTC)
            connection.execute(update(keys).where(keys.c.id == id_).values(revoked=now))
            record(connection, by, "key.revoke", id_, {"revoked": None}, {"revoked": now.isoformat()})
        return key_of_row(connection.execute(select(keys).where(keys.c.id == id_)).one())


def hash_of(secret: str) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def key_of_row(row: Row[Any]) -> Key:
    """Return the key of a row of the table."""
    moments = (None if moment is None else as_utc(moment) for moment in (row.expires, row.revoked))
    return Key(row.id, Role(row.role), row.program, row.party, as_utc(row.created), *moments)
