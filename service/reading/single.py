"""One profile or some relations, as a request sends them → fields to keep, in the types of JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matcher.errors import BadInput
from matcher.merging import Aliases, merge
from matcher.passages import expert_passages, startup_passages
from matcher.profiles import Cohort, Expert, Kind, Relation, Side, Startup
from service.reading.aliases import SPELLING, read_aliases
from service.reading.links import read_relations
from service.reading.problems import BadCohort, Problem, expected
from service.reading.profiles import build_expert, build_startup, expert_problems, startup_problems
from service.reading.references import Directory
from service.reading.rows import Parsed, parse_rows
from service.reading.schema import AliasRow, ExpertRow, RelationRow, StartupRow
from service.reading.tables import Row, Table

Fields = dict[str, Any]
_KINDS = tuple(Kind)


def read_profile(side: Side, id_: str, values: object) -> Fields:
    """Return the checked fields of a profile. Raises `BadCohort` with everything that is wrong with them."""
    if not isinstance(values, dict):
        raise BadCohort([Problem("", 0, "", expected(values, f"the fields of {side.one} as an object"))])
    told = values.get("id", id_)
    if told != id_:
        raise BadCohort([Problem("", 0, "id", expected(told, f"{id_}, as in the path, or none"))])
    present = {name: value for name, value in values.items() if value is not None}
    return read_profiles(side, Table((Row("", 0, {**present, "id": id_}, is_table=False),)))[0]


def read_profiles(side: Side, table: Table) -> list[Fields]:
    """Return the checked fields of every row. Raises `BadCohort` with everything that is wrong with any of them."""
    rows: Sequence[Parsed[StartupRow] | Parsed[ExpertRow]]
    if side is Side.STARTUP:
        startups, problems = parse_rows(StartupRow, table, {"id": "?"})
        problems += [one for row in startups for one in startup_problems(row, False, _KINDS)]
        rows = startups
    else:
        experts, problems = parse_rows(ExpertRow, table, {"id": "?", "kind": Kind.PROFESSOR})
        problems += [one for row in experts for one in expert_problems(row, False)]
        rows = experts
    first: dict[str, int] = {}
    for row in rows:
        seen = first.setdefault(row.model.id, row.row.number)
        if seen != row.row.number and "id" not in row.wrong:
            problems.append(row.problem("id", expected(row.model.id, f"each id once, row {seen} has it already")))
    if problems:
        raise BadCohort(problems)
    return [row.model.model_dump(mode="json", exclude_unset=True) for row in rows]


def read_related(table: Table, startups: frozenset[str], experts: frozenset[str]) -> list[Fields]:
    """Return the checked fields of every relation among these, each end with its side before it.

    Raises `BadCohort` with everything that is wrong.
    """
    directory = Directory(startups, experts)
    _, problems = read_relations(table, Table(), directory)
    if problems:
        raise BadCohort(problems)
    rows, _ = parse_rows(RelationRow, table, {})
    dumped = [row.model.model_dump(mode="json", exclude_unset=True) for row in rows]
    return [{**one, **{end: directory.in_full(one[end]) for end in ("source", "target")}} for one in dumped]


def read_confirmed(
    table: Table, kept: Sequence[Fields], startups: frozenset[str], experts: Mapping[str, Kind]
) -> list[Fields]:
    """Return the checked fields of every alias among these profiles, each end with its side before it.

    kept: what was confirmed before; what the table says of the same two takes its place. Raises `BadCohort` with
    everything that is wrong with the table, or with both together.
    """
    directory = Directory(startups, frozenset(experts))
    _, problems = read_aliases(table, directory)
    if problems:
        raise BadCohort(problems)
    rows, _ = parse_rows(AliasRow, table, {})
    dumped = [row.model.model_dump(mode="json", exclude_unset=True) for row in rows]
    told = [{**one, **{end: _in_full(one[end], directory) for end in ("canonical", "alias")}} for one in dumped]
    new = {frozenset((one["canonical"], one["alias"])): one for one in told}
    others = [one for one in kept if frozenset((one["canonical"], one["alias"])) not in new]
    check_merges([*others, *new.values()], startups, experts)
    return list(new.values())


def _in_full(end: str, directory: Directory) -> str:
    return end if end.startswith(SPELLING) else directory.in_full(end)


def check_merges(rows: Sequence[Fields], startups: frozenset[str], experts: Mapping[str, Kind]) -> None:
    """Raise `BadCohort` where aliases do not go together: circles, contradictions, two kinds of expert in one."""
    everybody = Cohort(tuple(map(Startup, startups)), tuple(Expert(id_, kind) for id_, kind in experts.items()))
    aliases, problems = _aliases(rows, Directory(startups, frozenset(experts)))
    if problems:
        raise BadCohort(problems)
    try:
        merge(everybody, aliases)
    except BadInput as error:
        raise BadCohort([Problem("", 0, "alias", str(error))]) from error


def build_aliases(rows: Sequence[Fields], startups: frozenset[str], experts: frozenset[str]) -> Aliases:
    """Return the aliases of fields that were checked when they were kept."""
    found, problems = _aliases(rows, Directory(startups, experts))
    if problems:
        raise BadCohort(problems)
    return found


def _aliases(rows: Sequence[Fields], directory: Directory) -> tuple[Aliases, list[Problem]]:
    return read_aliases(Table(tuple(Row("", 0, row, is_table=False) for row in rows)), directory)


def build_profile(side: Side, fields: Fields) -> Startup | Expert:
    """Return the profile of fields that were checked when they were kept."""
    if side is Side.STARTUP:
        return build_startup(StartupRow.model_validate(fields), (), _KINDS)
    return build_expert(ExpertRow.model_validate(fields), ())


def build_relations(rows: Sequence[Fields], startups: frozenset[str], experts: frozenset[str]) -> tuple[Relation, ...]:
    """Return the relations of fields that were checked when they were kept."""
    table = Table(tuple(Row("relations", number, row, is_table=False) for number, row in enumerate(rows, 1)))
    found, problems = read_relations(table, Table(), Directory(startups, experts))
    if problems:
        raise BadCohort(problems)
    return found


def texts_lost(side: Side, before: Sequence[Fields], after: Sequence[Fields]) -> list[str]:
    """Return the texts that profiles of one side had and, of the same ids, have no longer."""
    now = {one["id"]: one for one in after}
    changed = [(one, now.get(one["id"])) for one in before if one != now.get(one["id"])]
    lost: list[str] = []
    for old, new in changed:
        kept = set(passages_of(side, new)) if new is not None else set()
        lost += [text for text in passages_of(side, old) if text not in kept]
    return lost


def passages_of(side: Side, fields: Fields) -> list[str]:
    """Return the texts of a kept profile as they are encoded."""
    profile = build_profile(side, fields)
    if isinstance(profile, Startup):
        return [passage.text for passage in startup_passages(0, profile)]
    return [passage.text for passage in expert_passages(0, profile)]
