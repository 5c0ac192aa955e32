"""Who is meant: ids in relations, documents, wishes and outcomes → the parties of the cohort."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cached_property

from matcher.profiles import Party, Side
from service.reading.problems import expected

_ORGANISATION = "org:"


@dataclass(frozen=True)
class Directory:
    """The ids on each side."""

    startups: frozenset[str]
    experts: frozenset[str]

    def party(self, text: str) -> Party | str:
        """Return whom the text names, or the message of the problem.

        The text is an id, or `startup:ID`, `expert:ID` or `org:NAME`; an organisation needs no row.
        """
        if text.startswith(_ORGANISATION) and (name := text.removeprefix(_ORGANISATION).strip()):
            return Party(None, name)
        for side, ids in ((Side.STARTUP, self.startups), (Side.EXPERT, self.experts)):
            if text.startswith(f"{side}:") and (id_ := text.removeprefix(f"{side}:").strip()) in ids:
                return Party(side, id_)
        sides = [side for side, ids in ((Side.STARTUP, self.startups), (Side.EXPERT, self.experts)) if text in ids]
        if len(sides) == 1:
            return Party(sides[0], text)
        if sides:
            return expected(text, f"startup:{text} or expert:{text}, for the id stands on both sides")
        bare = text.removeprefix(f"{Side.STARTUP}:").removeprefix(f"{Side.EXPERT}:").strip()
        if (known := self._composed.get(_compose(bare), bare)) != bare:
            wanted = f"the id {known} as its row has it: its letters look the same, but are composed otherwise"
            return expected(text, wanted)
        return expected(text, "the id of a startup or expert in the cohort, or org:NAME")

    @cached_property
    def _composed(self) -> dict[str, str]:
        """Ids by what they look like: file names and exports of a Mac have Hangul in parts."""
        return {_compose(id_): id_ for ids in (self.startups, self.experts) for id_ in ids}

    def in_full(self, text: str) -> str:
        """Return whom the text names with its side before it, so that it stays clear whoever comes later."""
        party = self.party(text)
        return text if isinstance(party, str) or party.side is None else f"{party.side}:{party.id}"


def _compose(text: str) -> str:
    return unicodedata.normalize("NFC", text)
