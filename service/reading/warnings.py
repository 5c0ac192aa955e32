"""What the owner of a cohort should know but need not mend."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

from pydantic import BaseModel

from matcher.names import address_in
from matcher.profiles import Cohort, Document, Expert, Kind, Relation, Side, Startup
from matcher.program import DEFAULT_RULES, Program, relation_type
from matcher.terms import Vocabulary, is_known, organisation
from service.reading.tables import Table, columns

# What people write between terms, where a cell is a list of them with ; in between.
_BETWEEN_TERMS = re.compile(r"[,/·&]|및")


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


def idle_rules(cohort: Cohort, program: Program) -> Iterator[str]:
    """Yield a sentence for each rule of a type that is none of ours and that no relation has: it may be mistyped."""
    told = {relation_type(relation.type) for relation in cohort.relations}
    for type_ in program.relation_rules:
        if type_ not in DEFAULT_RULES and type_ not in told:
            like = get_close_matches(type_, sorted({*DEFAULT_RULES, *told}), 1)
            meant = f"; {like[0]!r} is one that is known" if like else ""
            yield f"program.toml: relations.{type_}: no relation is of this type, so the rule does nothing{meant}"


def unread_addresses(cohort: Cohort) -> Iterator[str]:
    """Yield a sentence where what stands as an e-mail address holds none, or several: it tells nothing of anybody."""
    sides: list[tuple[Side, Sequence[Startup | Expert]]] = [
        (Side.STARTUP, cohort.startups),
        (Side.EXPERT, cohort.experts),
    ]
    unread = [(side, one) for side, profiles in sides for one in profiles if "@" in one.email]
    unread = [(side, one) for side, one in unread if not address_in(one.email)]
    if unread:
        side, first = unread[0]
        yield (
            f"email: {len(unread):,} profiles hold no single e-mail address, which tells nothing of where they belong "
            f"(first {side} {first.id}: {first.email[:100]!r}), expected one such as kim@example.ac.kr"
        )


def lists_in_one_term(cohort: Cohort) -> Iterator[str]:
    """Yield a sentence for each field in which several terms stand in one: nothing meets it."""
    owners: list[tuple[Side, Startup | Expert]] = [
        *((Side.STARTUP, one) for one in cohort.startups),
        *((Side.EXPERT, one) for one in cohort.experts),
    ]
    for vocabulary, field in (
        (Vocabulary.STAGE, "stages"),
        (Vocabulary.REGION, "regions"),
        (Vocabulary.SECTOR, "sectors"),
    ):
        found = [
            (side, one.id, term)
            for side, one in owners
            for term in getattr(one, field, ())
            if _holds_several(vocabulary, term)
        ]
        if found:
            side, id_, term = found[0]
            yield (
                f"{field}: several terms stand in one and meet nothing together, first {term[:100]!r} of {side} {id_} "
                f"({len(found):,} in all); separate them with ; in csv and xlsx, or write a list in jsonl"
            )


def _holds_several(vocabulary: Vocabulary, term: str) -> bool:
    parts = _BETWEEN_TERMS.split(term)
    return len(parts) > 1 and not is_known(vocabulary, term) and any(is_known(vocabulary, part) for part in parts)


def ties_to_oneself(relations: Iterable[Relation]) -> Iterator[str]:
    """Yield a sentence where relations name one party at both ends: they tie nobody, and are left out."""
    found = [relation for relation in relations if relation.is_with_itself]
    if found:
        first = f"first {found[0].type}, {found[0].source.id}"
        yield f"relations: {len(found):,} tie a party to itself and count for nothing ({first})"


def own_deals(cohort: Cohort) -> Iterator[str]:
    """Yield a sentence where investors' documents hold what came of this very cohort: a past one, matched again."""
    startups = {organisation(name): one for one in cohort.startups if one.date for name in one.names}
    found = [
        (expert.id, startup.id)
        for expert in cohort.experts_of(Kind.INVESTOR)
        for document in expert.documents
        if (startup := startups.get(organisation(document.title))) and _is_outcome(document, startup)
    ]
    if found:
        expert, startup_id = found[0]
        yield (
            f"documents: {len(found):,} tell of a deal with a startup of this cohort, made on or after the day it "
            f"applied (first {expert} with {startup_id}); without a learned ranker the outcome itself speaks for such "
            "a pair, so leave them out to see what would have been suggested"
        )


def _is_outcome(document: Document, startup: Startup) -> bool:
    return document.date is None or startup.date is None or document.date >= startup.date
