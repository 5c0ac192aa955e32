"""Keys on the screen: what they are for, and of a new one its secret."""

from __future__ import annotations

from collections.abc import Sequence

import click

from service.screen.table import show_table
from service.screen.terminal import plain, say
from service.store.keys import Key


def show_new_key(key: Key, secret: str) -> None:
    """Print what a new key is for, then its secret alone on the last line."""
    scope = "".join(f", {name} {value}" for name, value in (("program", key.program), (key.role, key.party)) if value)
    until = f"until {key.expires:%Y-%m-%d %H:%M} UTC" if key.expires else "until it is revoked"
    say(f"Key {key.id}: role {key.role}{scope}, {until}. Keep what follows: it is shown this once.")
    click.echo(secret)


def show_keys(keys: Sequence[Key]) -> None:
    """Print a line a key."""
    rows = []
    for key in keys:
        scope = (key.program or "", key.party or "", f"{key.created:%Y-%m-%d}")
        expires = f"{key.expires:%Y-%m-%d}" if key.expires else "never"
        rows.append([plain(cell) for cell in (key.id, key.role.value, *scope, expires, key.state)])
    heads = ("id", "role", "program", "for", "created", "expires", "state")
    show_table("" if rows else "There are no keys: matcher keys create --role manager", heads, rows)
