"""What the owner of a cohort should know but need not mend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import BaseModel

from matcher.profiles import Cohort, Expert, Startup
from matcher.program import DEFAULT_RULES, Program, relation_type
from service.reading.tables import Table, columns


def unknown_columns(tables: Iterable[tuple[Table, type[BaseModel]]]) -> Iterator[str]:
    """Yield a sentence for each file that has columns we do not know."""
    for table, model in tables:
        unknown = sorted(set(columns(table.rows)) - set(model.model_fields))
        if unknown:
            yield f"{table.rows[0].file}: kept but not used: {', '.join(unknown)}"


def unknown_document_fields(cohort: Cohort) -> Iterator[str]:
    """Yield a sentence where documents inside profiles have fields we do not know."""
    owners: list[Startup | Expert] = [*cohort.startups, *cohort.experts]
    unknown = sorted({field for owner in owners for document in owner.documents for field in document.extra})
    if unknown:
        yield f"documents: kept but not used: {', '.join(unknown)}"


def unruled_relations(cohort: Cohort, program: Program) -> Iterator[str]:
    """Yield a sentence for each relation type that has no rule."""
    ruled = {*DEFAULT_RULES, *program.relation_rules}
    told = {relation.type for relation in cohort.relations}
    for type_ in sorted({relation_type(written) for written in told} - ruled):
        yield f"relations: no rule for type {type_!r}, so its pairs are shown with a warning; add [relations.{type_}]"
