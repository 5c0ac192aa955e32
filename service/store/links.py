"""Links to the page of one party in a published run: shown once, kept as SHA-256, expiring, revocable."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from matcher.profiles import Side
from service.store.audit import as_utc, record
from service.store.errors import NotThere
from service.store.tables import links, runs

_RANDOM_BYTES = 24
Party = tuple[Side, str]


@dataclass(frozen=True)
class Link:
    """Whose page of which run a link opens, and until when."""

    program: str
    run: str
    side: Side
    party: str
    expires: dt.datetime


def make_links(
    connection: Connection, program: str, run: str, parties: Sequence[Party], days: int, by: str
) -> dict[Party, tuple[str, dt.datetime]]:
    """Return a new secret for each party and when it expires; the links of this run before open nothing any more."""
    revoke_links(connection, program, run, by)
    now = dt.datetime.now(dt.UTC)
    expires = now + dt.timedelta(days=days)
    made = {party: (secrets.token_urlsafe(_RANDOM_BYTES), expires) for party in parties}
    rows = [
        {"sha256": _hash(secret), "run": run, "side": side.value, "party": id_, "created": now, "expires": expires}
        for (side, id_), (secret, _) in made.items()
    ]
    if rows:
        connection.execute(insert(links), rows)
    record(connection, by, "links.make", f"{program}/{run}", None, {"links": len(rows), "days": days})
    return made


def revoke_links(connection: Connection, program: str, run: str, by: str) -> int:
    """Make the links of a run open nothing from now on, and return how many did until now."""
    open_ = update(links).where(links.c.run == run, links.c.revoked.is_(None))
    count = int(connection.execute(open_.values(revoked=dt.datetime.now(dt.UTC))).rowcount)
    if count:
        record(connection, by, "links.revoke", f"{program}/{run}", {"links": count}, None)
    return count


def find_link(connection: Connection, secret: str) -> Link:
    """Return what a link opens. Raises `NotThere` for one that expired, was revoked, or whose run is not shown."""
    query = (
        select(links, runs.c.program)
        .join(runs)
        .where(links.c.sha256 == _hash(secret), links.c.revoked.is_(None), runs.c.published.is_not(None))
    )
    row = connection.execute(query).one_or_none()
    if row is None or as_utc(row.expires) <= dt.datetime.now(dt.UTC):
        raise NotThere("found no page under this link: it expired, was replaced, or is not complete")
    return Link(row.program, row.run, Side(row.side), row.party, as_utc(row.expires))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
