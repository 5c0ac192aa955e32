"""What ties the rows of one file to those of another: documents to owners, relations and outcomes to their ends."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import cast

from matcher.profiles import Document, Party, Relation, Side
from service.reading.problems import Problem, expected
from service.reading.profiles import build_document, tells
from service.reading.references import Directory
from service.reading.remembered import RememberedCells
from service.reading.rows import parse_rows
from service.reading.schema import OutcomeRow, OwnedDocumentRow, RelationRow
from service.reading.tables import Row, Table

_DECLINED = "declined"
_PLACEHOLDERS: dict[str, object] = {"source": "?", "target": "?", "type": "?"}
_PLAIN = frozenset(("source", "target", "type", "since", "until"))


def read_documents(table: Table, directory: Directory) -> tuple[Mapping[Party, tuple[Document, ...]], list[Problem]]:
    """Return the documents that stand in a file of their own, by owner."""
    rows, problems = parse_rows(OwnedDocumentRow, table, {"owner": "?"})
    owned: defaultdict[Party, tuple[Document, ...]] = defaultdict(tuple)
    for row in rows:
        owner = directory.party(row.model.owner)
        if isinstance(owner, str) or owner.side is None:
            if "owner" not in row.wrong:
                problems.append(row.problem("owner", expected(row.model.owner, "the id of a startup or expert")))
            continue
        if not tells(row.model) and not row.wrong:
            problems.append(row.problem("", "says nothing, expected a title, a text, sectors, a stage or a region"))
        owned[owner] += (build_document(row.model),)
    return dict(owned), problems


def read_relations(
    relations: Table, outcomes: Table, directory: Directory
) -> tuple[tuple[Relation, ...], list[Problem]]:
    """Return the relations, those included that follow from matches which were declined."""
    plain = _PlainRows(directory)
    read = [plain.relation(row) for row in relations.rows]
    others = Table(tuple(row for row, found in zip(relations.rows, read, strict=True) if not found), relations.problems)
    checked, problems = _checked(others, directory)
    # In the order of the rows.
    told = (found or next(checked) for found in read)
    declined, more = _declined(outcomes, directory)
    return (*(one for one in told if one), *declined), [*problems, *more]


class _PlainRows:
    """Reads the rows in which all is well and nothing is told besides, as nearly all of a large file are."""

    def __init__(self, directory: Directory) -> None:
        def party(text: object) -> Party | None:
            found = directory.party(str(text))
            return found if isinstance(found, Party) else None

        def day(value: object) -> dt.date | None:
            return value if isinstance(value, dt.date) else None

        # Both ends are told alike, and so are both days.
        self._ends = RememberedCells(RelationRow, "source", party)
        self._types = RememberedCells(RelationRow, "type", str)
        self._days = RememberedCells(RelationRow, "since", day)

    def relation(self, row: Row) -> Relation | None:
        """Return the relation of a row, None where a closer look is needed."""
        told = row.values
        if not told.keys() <= _PLAIN or set(map(type, told.values())) != {str}:
            return None
        cell = cast("Mapping[str, str]", told).get
        source, target = self._ends[cell("source")], self._ends[cell("target")]
        type_, since, until = self._types[cell("type")], self._days[cell("since")], self._days[cell("until")]
        if source is None or target is None or type_ is None:
            return None
        if (since is None and "since" in told) or (until is None and "until" in told):
            return None
        if until is not None and _ends_before_it_begins(row, since, until):
            return None
        return Relation(source, target, type_, since, until)


def _checked(table: Table, directory: Directory) -> tuple[Iterator[Relation | None], list[Problem]]:
    """Return the relation of each row, None where it has a problem, and the problems."""
    rows, problems = parse_rows(RelationRow, table, _PLACEHOLDERS)
    found: list[Relation | None] = []
    for row in rows:
        ends = {column: directory.party(getattr(row.model, column)) for column in ("source", "target")}
        wrong = [(column, end) for column, end in ends.items() if isinstance(end, str)]
        problems += [row.problem(column, end) for column, end in wrong if column not in row.wrong]
        if _ends_before_it_begins(row.row, row.model.since, row.model.until):
            problems.append(
                row.problem("until", expected(str(row.model.until), f"a day after since, {row.model.since}"))
            )
        source, target = ends["source"], ends["target"]
        if isinstance(source, Party) and isinstance(target, Party):
            told, extra = row.model, dict(row.model.model_extra or {})
            found.append(Relation(source, target, told.type, told.since, told.until, extra))
        else:
            found.append(None)
    return iter(found), problems


def _ends_before_it_begins(row: Row, since: dt.date | None, until: dt.date | None) -> bool:
    """Return whether since is after until, as far as both were told: 2020 to 2020-06-30 may be."""
    if since is None or until is None:
        return False
    told = min(len(str(row.values[column])) for column in ("since", "until"))
    return since.isoformat()[:told] > until.isoformat()[:told]


def _declined(table: Table, directory: Directory) -> tuple[list[Relation], list[Problem]]:
    """Return a relation for every outcome in which one side declined the other."""
    rows, problems = parse_rows(OutcomeRow, table, {"startup": "?", "expert": "?", "outcome": "rating"})
    found = []
    for row in rows:
        for column, ids in (("startup", directory.startups), ("expert", directory.experts)):
            id_ = getattr(row.model, column)
            if column not in row.wrong and id_ not in ids:
                problems.append(row.problem(column, expected(id_, f"the id of a known {column}")))
        if row.model.outcome == _DECLINED:
            ends = Party(Side.EXPERT, row.model.expert), Party(Side.STARTUP, row.model.startup)
            found.append(Relation(*ends, _DECLINED, row.model.date))
    return found, problems
