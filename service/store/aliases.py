"""What people confirmed in a program about who is one under several ids or names, and who is not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from matcher.profiles import Side
from service.reading.aliases import SPELLING
from service.store.audit import record
from service.store.programs import next_revision
from service.store.tables import aliases
from service.store.told_rows import rows_after, take_row

Fields = dict[str, Any]
Couple = frozenset[str]


@dataclass(frozen=True)
class Alias:
    """A decision as it is kept: canonical, alias, each with its side before it, and whether they are the same."""

    id: int
    fields: Fields

    @property
    def couple(self) -> Couple:
        """The two that it is about."""
        return couple_of(self.fields)

    @property
    def merges(self) -> bool:
        """Whether it makes two profiles of one side one."""
        sides = {self.fields[end].partition(":")[0] for end in ("canonical", "alias")}
        return bool(self.fields.get("same", True)) and len(sides) == 1 and sides <= set(Side)


def couple_of(fields: Fields) -> Couple:
    """Return the two that a decision is about, whichever of them stays."""
    return frozenset((fields["canonical"], fields["alias"]))


def is_spelling(fields: Fields) -> bool:
    """Return whether a decision is about how a name is spelled."""
    return str(fields["alias"]).startswith(SPELLING)


def put_aliases(connection: Connection, program: str, rows: Sequence[Fields], by: str) -> list[Alias]:
    """Keep decisions, each in place of what was decided of the same two before. Raises `NotThere`."""
    next_revision(connection, program)
    before = {one.couple: one for one in list_aliases(connection, program)}
    kept = []
    for row in rows:
        old = before.get(couple_of(row))
        if old is not None:
            connection.execute(delete(aliases).where(aliases.c.id == old.id))
        (id_,) = connection.execute(insert(aliases).values(program=program, fields=row)).inserted_primary_key or (0,)
        kept.append(Alias(id_, row))
        before[couple_of(row)] = kept[-1]
        record(connection, by, "alias.put", f"{program}/{id_}", _told(old.fields) if old else None, _told(row))
    return kept


def list_aliases(connection: Connection, program: str, after: int = 0, limit: int | None = None) -> list[Alias]:
    """Return the decisions of a program in the order in which they came, those after one, so many of them or all."""
    return [Alias(row.id, row.fields) for row in rows_after(connection, aliases, program, after, limit)]


def delete_alias(connection: Connection, program: str, id_: int, by: str) -> None:
    """Take a decision back. Raises `NotThere`."""
    fields = take_row(connection, aliases, program, id_, "alias")
    record(connection, by, "alias.delete", f"{program}/{id_}", _told(fields), None)


def forget_aliases(connection: Connection, program: str, side: Side, id_: str) -> None:
    """Forget every decision about a profile that is deleted; those that are left of one party stay one."""
    named = f"{side}:{id_}"
    mine = [one for one in list_aliases(connection, program) if named in one.couple]
    above = [one.fields["canonical"] for one in mine if one.merges and one.fields["alias"] == named]
    below = [one for one in mine if one.merges and one.fields["canonical"] == named]
    heir = next(iter([*above, *(one.fields["alias"] for one in below)]), None)
    moved = [one for one in below if one.fields["alias"] != heir]
    for one in moved:
        fields = {**one.fields, "canonical": heir}
        connection.execute(update(aliases).where(aliases.c.id == one.id).values(fields=fields))
    gone = [one.id for one in mine if one not in moved]
    connection.execute(delete(aliases).where(aliases.c.id.in_(gone)))


class Merged:
    """Which profiles are one by some decisions."""

    def __init__(self, decided: Sequence[Alias]) -> None:
        self._into = {one.fields["alias"]: one.fields["canonical"] for one in decided if one.merges}

    def stays(self, side: Side, id_: str) -> str:
        """Return the id of the profile that stays of this one."""
        return self._last(f"{side}:{id_}").partition(":")[2]

    def is_other(self, side: Side, id_: str) -> bool:
        """Whether the profile was merged into another one."""
        return f"{side}:{id_}" in self._into

    def one_with(self, side: Side, id_: str) -> frozenset[str]:
        """Return the ids of all profiles that are one with this one, its own among them."""
        last = self._last(f"{side}:{id_}")
        ids = {one.partition(":")[2] for one in self._into if self._last(one) == last}
        return frozenset({id_, last.partition(":")[2], *ids})

    def joined(self, side: Side, lists: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        """Return the lists by id, each with the entries of all that are one with it."""
        together: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for id_, entries in lists.items():
            together[self.stays(side, id_)] |= dict.fromkeys(entries)
        ids = {*lists, *(one.partition(":")[2] for pair in self._into.items() for one in pair if _is_of(side, one))}
        found = {id_: list(together[self.stays(side, id_)]) for id_ in ids}
        return {id_: entries for id_, entries in found.items() if entries}

    def _last(self, named: str) -> str:
        seen = {named}
        while (further := self._into.get(named)) is not None and further not in seen:
            seen.add(further)
            named = further
        return named


def merged_in(connection: Connection, program: str) -> Merged:
    """Return which profiles of a program are one."""
    return Merged(list_aliases(connection, program))


def same_experts(connection: Connection, program: str) -> dict[str, frozenset[str]]:
    """Return by id the experts that are one: as any program has confirmed, and this one does not deny.

    An id means the same expert in every program, and so does what is known of who it is.
    """
    rows = [(row.program, Alias(row.id, row.fields)) for row in connection.execute(select(aliases))]
    denied = {one.couple for of, one in rows if of == program and not one.fields.get("same", True)}
    groups: dict[str, frozenset[str]] = {}
    for _, one in rows:
        if one.merges and one.couple not in denied and all(_is_of(Side.EXPERT, end) for end in one.couple):
            ids = [end.partition(":")[2] for end in one.couple]
            together = frozenset().union(*(groups.get(id_, frozenset({id_})) for id_ in ids))
            groups |= dict.fromkeys(together, together)
    return groups


def _is_of(side: Side, named: str) -> bool:
    return named.startswith(f"{side}:")


def _told(fields: Fields) -> Fields:
    """Return what the audit log says of a decision: no name of a person, for the log stays."""
    alias = SPELLING if is_spelling(fields) else fields["alias"]
    return {"canonical": fields["canonical"], "alias": alias, "same": bool(fields.get("same", True))}
