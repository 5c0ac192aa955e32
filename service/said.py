"""Which texts a program still says, to whoever has read them and computes something for them meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from matcher.profiles import Side
from service.reading.single import passages_of, texts_lost
from service.store.errors import NotThere
from service.store.forgetting import said_in_runs
from service.store.profiles import Profile, changed_since
from service.store.programs import find_program, hold_for_reading

Fields = dict[str, Any]


@dataclass(frozen=True)
class Said:
    """Profiles as a program had them at a revision; see `service.store.computed.StillThere`."""

    program: str
    revision: int
    profiles: Sequence[Profile]

    def still_there(self, connection: Connection, texts: Collection[str]) -> Collection[str]:
        """Return those of the texts that no write since has taken away; nobody writes until the transaction is over."""
        try:
            revision = hold_for_reading(connection, self.program)
        except NotThere:
            return ()
        if revision == self.revision:
            return texts
        lost = set(self._lost(changed_since(connection, self.program, self.revision)))
        return [text for text in texts if text not in lost]

    def _lost(self, written: Sequence[Profile]) -> Iterator[str]:
        now = {(one.side, one.id): one.fields for one in written}
        changed = [one for one in self.profiles if one.fields and (one.side, one.id) in now]
        for side in Side:
            before = [one.fields for one in changed if one.side is side and one.fields]
            after = [fields for (of_side, _), fields in now.items() if of_side is side and fields]
            yield from texts_lost(side, before, after)


def texts_of_program(connection: Connection, program: str) -> set[str]:
    """Return every text that a program says, in its profiles and in the cohorts of its runs. Raises `NotThere`."""
    find_program(connection, program)
    now = {(one.side, one.id): one.fields for one in changed_since(connection, program, 0) if one.fields is not None}
    before = [(side, was) for side, was in said_in_runs(connection, program) if now.get((side, was["id"])) != was]
    said = [*((side, fields) for (side, _), fields in now.items()), *before]
    return {text for side, fields in said for text in passages_of(side, fields)}
