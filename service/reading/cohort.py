"""Tables → a cohort and its program, or one report of everything that is wrong with them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from matcher.errors import BadInput
from matcher.identity import crowds, heard_authors, suspicions
from matcher.merging import merge, merge_program
from matcher.profiles import Cohort, Kind, Party, Side
from matcher.program import Program
from matcher.program_check import misfits, unknown_names
from matcher.terms import Vocabulary, canonical, is_known
from service.reading import program as program_file
from service.reading.aliases import read_aliases
from service.reading.links import read_documents, read_relations
from service.reading.problems import BadCohort, Problem, expected
from service.reading.profiles import (
    build_expert,
    build_startup,
    expert_problems,
    startup_problems,
)
from service.reading.references import Directory
from service.reading.rows import Parsed, parse_rows
from service.reading.schema import AliasRow, ExpertRow, OutcomeRow, OwnedDocumentRow, RelationRow, StartupRow
from service.reading.tables import SUFFIXES, Table, find_file, read_table
from service.reading.warnings import (
    idle_rules,
    lists_in_one_term,
    own_deals,
    ties_to_oneself,
    unknown_columns,
    unknown_document_fields,
    unread_addresses,
    unruled_relations,
)

_NO_ROWS = Table()


@dataclass(frozen=True)
class CohortInput:
    """A cohort, its program, and what its owner should know but need not mend."""

    cohort: Cohort
    program: Program
    warnings: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """The SHA-256 of the cohort, 64 hexadecimal digits; equal cohorts have equal digests."""
        return hashlib.sha256(repr(self.cohort).encode()).hexdigest()


@dataclass(frozen=True)
class Tables:
    """The files of a cohort as tables; those that are not there are empty."""

    startups: Table = _NO_ROWS
    experts: Table = _NO_ROWS
    relations: Table = _NO_ROWS
    documents: Table = _NO_ROWS
    outcomes: Table = _NO_ROWS
    aliases: Table = _NO_ROWS

    def with_models(self) -> Iterator[tuple[Table, type[BaseModel]]]:
        """Yield each table with the model of its rows."""
        models = (StartupRow, ExpertRow, RelationRow, OwnedDocumentRow, OutcomeRow, AliasRow)
        tables = (self.startups, self.experts, self.relations, self.documents, self.outcomes, self.aliases)
        yield from zip(tables, models, strict=True)


def read_cohort(folder: Path) -> CohortInput:
    """Return the cohort of a folder. Raises `BadCohort` with every problem that its files have."""
    if not folder.is_dir():
        raise BadInput(f"{folder} is not a folder, expected one with startups and experts as {_formats()}")
    tables: dict[str, Table] = {}
    for name in Tables.__dataclass_fields__:
        tables[name] = _read_named(folder, name, required=name in ("startups", "experts"))
    program, problems = program_file.read_program(folder)
    return build_cohort(Tables(**tables), program, problems)


def _read_named(folder: Path, name: str, required: bool) -> Table:
    path, problems = find_file(folder, name)
    if path is not None:
        table = read_table(path)
        if required and not table.rows and not table.problems:
            return Table(problems=(Problem(path.name, 0, "", f"found no {name}, expected one at least"),))
        return table
    if required and not problems:
        problems = [Problem(name, 0, "", f"found no such file, expected {name} as {_formats()} in {folder}")]
    return Table(problems=tuple(problems))


def _formats() -> str:
    return " or ".join(SUFFIXES)


def build_cohort(tables: Tables, program: Program, problems: Sequence[Problem] = ()) -> CohortInput:
    """Return the cohort of these tables. Raises `BadCohort` with `problems` and all others, in one report."""
    startups, report_startups = parse_rows(StartupRow, tables.startups, {"id": "?"})
    experts, report_experts = parse_rows(ExpertRow, tables.experts, {"id": "?", "kind": Kind.PROFESSOR})
    report = [*problems, *report_startups, *report_experts, *_repeated(startups), *_repeated(experts)]
    directory = Directory(_ids(startups), _ids(experts))
    documents, found = read_documents(tables.documents, directory)
    report += found
    relations, found = read_relations(tables.relations, tables.outcomes, directory)
    report += found
    aliases, found = read_aliases(tables.aliases, directory)
    report += found
    report += _wish_problems(experts, startups, directory)
    report += [
        Problem(program_file.FILE, 0, "", message)
        for message in unknown_names(program, directory.startups, directory.experts)
    ]
    if _is_missing(tables.startups) or _is_missing(tables.experts):
        # Every reference would be unknown; that is one mistake, not a hundred.
        raise BadCohort([*problems, *report_startups, *report_experts])
    kinds = {expert.model.kind for expert in experts}
    for startup in startups:
        report += startup_problems(startup, _party(startup, Side.STARTUP) in documents, kinds)
    for expert in experts:
        report += expert_problems(expert, _party(expert, Side.EXPERT) in documents)
    if report:
        raise BadCohort(report)
    cohort = Cohort(
        tuple(build_startup(row.model, documents.get(_party(row, Side.STARTUP), ()), kinds) for row in startups),
        tuple(build_expert(row.model, documents.get(_party(row, Side.EXPERT), ())) for row in experts),
        relations,
    )
    try:
        cohort = merge(cohort, aliases)
    except BadInput as error:
        raise BadCohort([Problem("aliases", 0, "", str(error))]) from error
    program = merge_program(program, cohort)
    unmeant = [Problem(program_file.FILE, 0, "", message) for message in misfits(program, cohort)]
    if unmeant:
        raise BadCohort(unmeant)
    warnings = (*_warnings(tables, cohort, program), *ties_to_oneself(relations))
    return CohortInput(cohort, program, warnings)


def _warnings(tables: Tables, cohort: Cohort, program: Program) -> Iterator[str]:
    yield from unknown_columns(tables.with_models())
    if not tables.documents.rows:  # whose unknown columns are named already
        yield from unknown_document_fields(cohort)
    yield from unruled_relations(cohort, program)
    yield from idle_rules(cohort, program)
    yield from own_deals(cohort)
    yield from unread_addresses(cohort)
    yield from lists_in_one_term(cohort)
    yield from (suspicion.sentence for suspicion in suspicions(cohort))
    yield from (heard.sentence for heard in heard_authors(cohort))
    yield from (crowd.sentence for crowd in crowds(cohort))


_Profile = Parsed[StartupRow] | Parsed[ExpertRow]


def _is_missing(table: Table) -> bool:
    """Return whether the table could not be read at all."""
    return not table.rows and any(not problem.row for problem in table.problems)


def _ids(rows: Sequence[_Profile]) -> frozenset[str]:
    return frozenset(row.model.id for row in rows if "id" not in row.wrong)


def _party(row: _Profile, side: Side) -> Party:
    return Party(side, row.model.id)


def _repeated(rows: Sequence[_Profile]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for row in (row for row in rows if "id" not in row.wrong):
        if row.model.id in first:
            wanted = f"each id once, row {first[row.model.id]} has it already"
            yield row.problem("id", expected(row.model.id, wanted))
        first.setdefault(row.model.id, row.row.number)


def _wish_problems(
    experts: Sequence[Parsed[ExpertRow]], startups: Sequence[Parsed[StartupRow]], directory: Directory
) -> Iterator[Problem]:
    """Yield a problem for each wish that names neither a startup nor a sector: a conflict must not get lost."""
    sectors = {canonical(Vocabulary.SECTOR, sector) for startup in startups for sector in startup.model.sectors}
    for row in experts:
        for column in ("wants", "avoids"):
            for wish in getattr(row.model, column):
                named = wish in directory.startups or wish.removeprefix("startup:") in directory.startups
                if (
                    not named
                    and canonical(Vocabulary.SECTOR, wish) not in sectors
                    and not is_known(Vocabulary.SECTOR, wish)
                ):
                    yield row.problem(column, expected(wish, "the id of a startup in the cohort, or a sector"))
