"""`aliases.csv`: what people confirmed about who is one under several ids or names, and who is not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from matcher.errors import BadInput
from matcher.merging import Aliases
from matcher.names import person
from matcher.profiles import Party, Side
from service.reading.problems import Problem, expected
from service.reading.references import Directory
from service.reading.rows import Parsed, parse_rows
from service.reading.schema import AliasRow
from service.reading.tables import Table

SPELLING = "name:"


def read_aliases(table: Table, directory: Directory) -> tuple[Aliases, list[Problem]]:
    """Return the merges of a file and its problems."""
    rows, problems = parse_rows(AliasRow, table, {"canonical": "?", "alias": "?"})
    merged: dict[Party, Party] = {}
    spelled: dict[bool, defaultdict[Party, tuple[str, ...]]] = {same: defaultdict(tuple) for same in (True, False)}
    apart: dict[frozenset[Party], Parsed[AliasRow]] = {}
    across = []
    for row in rows:
        if row.wrong:
            continue
        canonical, alias = directory.party(row.model.canonical), _alias(row, directory)
        found = [
            row.problem(column, end)
            for column, end in (("canonical", canonical), ("alias", alias))
            if isinstance(end, str)
        ]
        if isinstance(canonical, str) or isinstance(alias, str):
            problems += found
        elif (wrong := _misfit(row, canonical, alias)) is not None:
            problems.append(wrong)
        elif alias is None:
            name = row.model.alias.removeprefix(SPELLING).strip()
            if person(name) in map(person, spelled[not row.model.same][canonical]):
                told = f"one answer of each name; another row says {'no' if row.model.same else 'yes'} of it"
                problems.append(row.problem("same", expected("yes" if row.model.same else "no", told)))
            spelled[row.model.same][canonical] += (name,)
        elif not row.model.same:
            apart[frozenset((canonical, alias))] = row
        elif canonical.side is not alias.side:
            across.append((canonical, alias))
        elif merged.setdefault(alias, canonical) != canonical:
            told = f"one canonical for each alias; {row.model.alias} is {merged[alias].id} already"
            problems.append(row.problem("alias", expected(row.model.canonical, told)))
    aliases = Aliases(merged, dict(spelled[True]), dict(spelled[False]), frozenset(apart), tuple(across))
    return aliases, problems or [*_contradictions(aliases, apart)]


def _contradictions(aliases: Aliases, apart: Mapping[frozenset[Party], Parsed[AliasRow]]) -> Iterator[Problem]:
    """Yield a problem for each circle, or for each two that one row calls one, or a chain of rows, and another two."""
    try:
        for party in aliases.merged:
            aliases.stays(party)
    except BadInput as error:
        yield Problem("aliases", 0, "", str(error))
        return
    told = {frozenset(pair) for pair in aliases.across}
    for pair, row in apart.items():
        if pair in told or len({aliases.stays(party) for party in pair}) == 1:
            one, other = sorted(party.id for party in pair)
            wanted = f"yes, or no such row: others say that {one} and {other} are one"
            yield row.problem("same", expected("no", wanted))


def _alias(row: Parsed[AliasRow], directory: Directory) -> Party | str | None:
    """Return whom the alias names, the message of a problem, or None for another spelling of a name."""
    return None if row.model.alias.startswith(SPELLING) else directory.party(row.model.alias)


def _misfit(row: Parsed[AliasRow], canonical: Party, alias: Party | None) -> Problem | None:
    if alias is None:
        wanted = "an expert, whose name may be spelled in several ways"
        fits = canonical.side is Side.EXPERT
        return None if fits else row.problem("canonical", expected(row.model.canonical, wanted))
    if alias == canonical:
        return row.problem("alias", expected(row.model.alias, "another party than canonical"))
    if canonical.side is not alias.side and None in (canonical.side, alias.side):
        wanted = "both ends to be organisations, or neither; an employer is a relation"
        return row.problem("alias", expected(row.model.alias, wanted))
    return None
