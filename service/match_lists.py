"""A match list as people page through it: what all its lines come to, and the whole of a few of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select

from matcher.profiles import Side
from service.browsing import PAGE, pages_of
from service.store.batches import batches
from service.store.errors import NotThere
from service.store.listings import folded, holds
from service.store.runs import Decision
from service.store.tables import listings, match_lines, matches, runs

Fields = dict[str, Any]
Pair = tuple[str, str]
Pairs = dict[tuple[str, str, str], float | None]  # startup, expert, kind → score
ORDERS = ("weakest", "strongest")
# Digits of a number that a database takes.
_LONGEST_NUMBER = 10


@dataclass(frozen=True)
class Lines:
    """A page of a list: its matches, and who has none, each as it is kept."""

    matches: tuple[Fields, ...]
    unmatched: tuple[Fields, ...]
    page: int
    pages: int


@dataclass(frozen=True)
class Choice:
    """Which lines of a run, in which order: as the startups come, unless one of `ORDERS`. page: from 1."""

    search: str = ""
    kind: str = ""
    order: str = ""
    page: int = 1


def answers(connection: Connection, run: str) -> dict[str, int]:
    """Return how many matches of a run were accepted, and how many declined."""
    query = select(matches.c.decision, func.count()).where(matches.c.run == run).group_by(matches.c.decision)
    found = {str(row[0]): int(row[1]) for row in connection.execute(query)}
    return {decision.value: found.get(decision.value, 0) for decision in Decision}


def list_lines(connection: Connection, program: str, run: str, choice: Choice) -> Lines:
    """Return a page of the list of a run of the program; matches and who has none are paged side by side."""
    chosen = [match_lines.c.run == run]
    if choice.kind:
        chosen.append(match_lines.c.kind == choice.kind)
    chosen += _found(connection, program, folded(choice.search).split())
    made, alone = [*chosen, match_lines.c.is_match], [*chosen, ~match_lines.c.is_match]
    pages = pages_of(max(_counts(connection, chosen), default=0))
    page = min(max(1, choice.page), pages)
    ids = _page(connection, made, _order(choice.order), page), _page(connection, alone, [match_lines.c.id], page)
    whole = whole_lines(connection, [*ids[0], *ids[1]])
    return Lines(tuple(whole[id_] for id_ in ids[0]), tuple(whole[id_] for id_ in ids[1]), page, pages)


def doubtful_lines(connection: Connection, run: str, limit: int) -> tuple[list[Fields], int]:
    """Return the first matches of a run that have warnings, and how many there are of them."""
    chosen = [match_lines.c.run == run, match_lines.c.is_doubtful]
    ids = connection.scalars(select(match_lines.c.id).where(*chosen).order_by(match_lines.c.id).limit(limit)).all()
    whole = whole_lines(connection, ids)
    return [whole[id_] for id_ in ids], _count(connection, chosen)


def find_line(connection: Connection, program: str, run: str, number: str) -> Fields:
    """Return a match of a run of a program by its number, as it is kept. Raises `NotThere`."""
    chosen = (matches.c.run == run, runs.c.program == program, matches.c.startup.is_not(None))
    query = select(matches.c.id).join(runs).where(*chosen, matches.c.expert.is_not(None))
    id_ = int(number) if number.isascii() and number.isdecimal() and len(number) < _LONGEST_NUMBER else 0
    if connection.scalar(query.where(matches.c.id == id_)) is None:
        raise NotThere(f"found no match {number} in program {program!r}")
    return whole_lines(connection, [id_])[id_]


def list_pairs(connection: Connection, run: str) -> Pairs:
    """Return the scores of all matches of a run, in the order of the match list."""
    of = match_lines.c
    query = select(of.startup, of.expert, of.kind, of.score).where(of.run == run, of.is_match).order_by(of.id)
    return {(startup, expert, kind): score for startup, expert, kind, score in connection.execute(query)}


def pinned_pairs(connection: Connection, run: str) -> set[Pair]:
    """Return the pairs of a run that it was told to make."""
    of = match_lines.c
    rows = connection.execute(select(of.startup, of.expert).where(of.run == run, of.is_match, of.is_pinned))
    return {(row.startup, row.expert) for row in rows}


def made_of(connection: Connection, run: str, pairs: Iterable[Pair]) -> set[Pair]:
    """Return those of these pairs that a run has made."""
    wanted = set(pairs)
    found: set[Pair] = set()
    for startups in batches({startup for startup, _ in wanted}):
        # matches has an index of pairs.
        query = select(matches.c.startup, matches.c.expert).where(matches.c.run == run, matches.c.startup.in_(startups))
        found |= {(row.startup, row.expert) for row in connection.execute(query)}
    return found & wanted


def warm_startups(connection: Connection, run: str, startups: Iterable[str]) -> set[str]:
    """Return those of these startups that a match of a run leads to along an introduction."""
    path = matches.c.fields["warm_path"].as_string()
    found: set[str] = set()
    for some in batches(startups):
        query = select(matches.c.startup, path.label("path")).where(matches.c.run == run, matches.c.startup.in_(some))
        found |= {row.startup for row in connection.execute(query) if row.path}
    return found


def whole_lines(connection: Connection, ids: Sequence[int]) -> dict[int, Fields]:
    """Return everything that is kept of lines, by their numbers."""
    return {
        row.id: {**row.fields, "id": row.id, "decision": row.decision, "said": row.reason}
        for row in connection.execute(select(matches).where(matches.c.id.in_(ids)))
    }


def _counts(connection: Connection, chosen: list[ColumnElement[bool]]) -> list[int]:
    """Return how many matches, and how many who have none, in one look."""
    query = select(func.count()).where(*chosen).group_by(match_lines.c.is_match)
    return [int(count) for count in connection.scalars(query)]


def _count(connection: Connection, chosen: list[ColumnElement[bool]]) -> int:
    return connection.scalar(select(func.count()).select_from(match_lines).where(*chosen)) or 0


def _found(connection: Connection, program: str, words: Sequence[str]) -> Iterator[ColumnElement[bool]]:
    """Yield a condition for every word: it stands in the evidence, in an id, or in the name of one of the two."""
    for word in words:
        named = [_called(connection, program, side, word) for side in Side]
        yield or_(holds(connection, match_lines.c.searched, word), *named)


def _called(connection: Connection, program: str, side: Side, word: str) -> ColumnElement[bool]:
    end = match_lines.c[side.value]
    of_side = (listings.c.program == program, listings.c.side == side.value)
    return end.in_(select(listings.c.id).where(*of_side, holds(connection, listings.c.by_name, word)))


def _order(order: str) -> list[ColumnElement[Any]]:
    score = func.coalesce(match_lines.c.score, 0.0)
    by_score: dict[str, list[ColumnElement[Any]]] = {"weakest": [score], "strongest": [score.desc()], "": []}
    return [*by_score[order], match_lines.c.id]


def _page(
    connection: Connection, chosen: list[ColumnElement[bool]], order: list[ColumnElement[Any]], page: int
) -> Sequence[int]:
    query = select(match_lines.c.id).where(*chosen).order_by(*order)
    return connection.scalars(query.limit(PAGE).offset((page - 1) * PAGE)).all()
