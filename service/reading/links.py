"""What ties the rows of one file to those of another: documents to owners, relations and outcomes to their ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from matcher.profiles import Document, Party, Relation, Side
from service.reading.problems import Problem, expected
from service.reading.profiles import build_document, tells
from service.reading.references import Directory
from service.reading.rows import Parsed, parse_rows
from service.reading.schema import OutcomeRow, OwnedDocumentRow, RelationRow
from service.reading.tables import Table

_DECLINED = "declined"


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
    rows, problems = parse_rows(RelationRow, relations, {"source": "?", "target": "?", "type": "?"})
    found = []
    for row in rows:
        ends = {column: directory.party(getattr(row.model, column)) for column in ("source", "target")}
        wrong = [(column, end) for column, end in ends.items() if isinstance(end, str)]
        problems += [row.problem(column, end) for column, end in wrong if column not in row.wrong]
        if _ends_before_it_begins(row):
            problems.append(
                row.problem("until", expected(str(row.model.until), f"a day after since, {row.model.since}"))
            )
        source, target = ends["source"], ends["target"]
        if isinstance(source, Party) and isinstance(target, Party):
            found.append(
                Relation(
                    source, target, row.model.type, row.model.since, row.model.until, dict(row.model.model_extra or {})
                )
            )
    declined, more = _declined(outcomes, directory)
    return (*found, *declined), [*problems, *more]


def _ends_before_it_begins(row: Parsed[RelationRow]) -> bool:
    """Return whether since is after until, as far as both were told: 2020 to 2020-06-30 may be."""
    if row.model.since is None or row.model.until is None:
        return False
    told = min(len(str(row.row.values[column])) for column in ("since", "until"))
    return row.model.since.isoformat()[:told] > row.model.until.isoformat()[:told]


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
