"""Suggestions for the programs that are kept: one warm index each, which follows every write.

Answers are kept until the program is written to, as far as there is room. Indexes are asked and changed on the matching
thread alone; the answers that are kept may be looked at from anywhere.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Engine

from matcher.live import Judged, LiveIndex, Suggestion
from matcher.merging import merge, merge_program
from matcher.profiles import Cohort, Expert, Kind, Relation, Side, Startup
from matcher.program import Program
from service.known_answers import KnownAnswers
from service.memory import give_back
from service.reading.program import parse_program
from service.reading.single import build_aliases, build_profile, build_relations
from service.reading_ahead import read_rest
from service.redaction import for_party, mark_others, startup_names
from service.said import Said
from service.store.aliases import list_aliases
from service.store.computed import DatabaseCache, nothing
from service.store.errors import NotThere
from service.store.profiles import Profile, changed_since, list_relations
from service.store.programs import Stored, find_program, revision_of
from service.store.until_written import UntilWritten
from service.store.writes import looking, reading
from service.use_cases import Workbench
from service.writing.records import evidence_record, parts_record

Fields = dict[str, Any]
Scores = Mapping[tuple[str, str], float]  # startup, expert → score


@dataclass(frozen=True)
class Asked:
    """Whose suggestions, of which kind (None: of all; for experts their own), how many, and who reads them."""

    side: Side
    id: str
    kind: Kind | None
    limit: int
    is_own: bool


@dataclass(frozen=True)
class _Read:
    """A program as it was at one moment, with the profiles that were written since an index last looked."""

    stored: Stored
    written: Sequence[Profile]
    relations: Sequence[Fields]
    aliases: Sequence[Fields]

    @property
    def said(self) -> Said:
        """What tells which of its texts are still there."""
        return Said(self.stored.id, self.stored.revision, self.written)


@dataclass
class _Followed:
    """An index, how much of its program it has seen, and where it keeps what it computes.

    kept: the profiles as they are kept. cohort: the same with every confirmed merge made, as the index has it.
    """

    index: LiveIndex
    cache: DatabaseCache
    kept: Cohort
    cohort: Cohort
    revision: int
    edited: int
    relations: Sequence[Fields]
    aliases: Sequence[Fields]
    today: dt.date
    answers: KnownAnswers = field(default_factory=KnownAnswers)
    grids: dict[tuple[tuple[str, ...], ...], Scores] = field(default_factory=dict)


class Suggestions:
    """The indexes of all programs that somebody has asked for since the server started."""

    def __init__(self, database: Engine, seen: UntilWritten) -> None:
        self._database = database
        self._seen = seen
        self._followed: dict[str, _Followed] = {}

    @property
    def sizes(self) -> list[int]:
        """How many profiles each index holds."""
        return [len(one.cohort.startups) + len(one.cohort.experts) for one in list(self._followed.values())]

    def known(self, program: str, asked: Asked) -> bytes | None:
        """Return the answer if it is known and the program was not written to since. Raises `NotThere`."""
        found = self._fresh(program)
        return found.answers.get(asked) if found else None

    def is_there(self, program: str) -> bool:
        """Return whether the index of a program is there with every write in it. Raises `NotThere`."""
        return self._fresh(program) is not None

    def _fresh(self, program: str) -> _Followed | None:
        def look() -> int:
            with looking(self._database) as connection:
                return revision_of(connection, program)

        revision = self._seen.find(("revision", program), look)
        found = self._followed.get(program)
        is_fresh = found is not None and found.revision == revision and found.today == dt.date.today()
        return found if is_fresh else None

    def warm(self, program: str) -> Callable[[Workbench], None]:
        """Return the work that builds the index of a program, or takes every write into it; it raises `NotThere`."""

        def work(workbench: Workbench) -> None:
            self._catch_up(program, workbench)

        return work

    def suggest(self, program: str, asked: Asked) -> Callable[[Workbench], bytes]:
        """Return the work that answers; it raises `NotThere` for who is not in the program."""

        def work(workbench: Workbench) -> bytes:
            followed = self._catch_up(program, workbench)
            records = [_record(rank, one) for rank, one in _ranked(followed, asked)]
            if asked.is_own:
                names = startup_names(followed.cohort.startups)
                records = [for_party(asked.side, mark_others(record, names)) for record in records]
            answer = json.dumps({"suggestions": records}, ensure_ascii=False, allow_nan=False).encode()
            followed.answers.put(asked, answer)
            return answer

        return work

    def scores(self, program: str, startups: Sequence[str], experts: Sequence[str]) -> Callable[[Workbench], Scores]:
        """Return the work that scores all eligible pairs of those of them who are still in the program."""
        asked = (tuple(startups), tuple(experts))

        def work(workbench: Workbench) -> Scores:
            followed = self._catch_up(program, workbench)
            if asked not in followed.grids:
                followed.grids[asked] = _grid(followed, asked)
            return followed.grids[asked]

        return work

    def pair(self, program: str, startup: str, expert: str) -> Callable[[Workbench], Fields]:
        """Return the work that says what there is to say of a pair; it raises `NotThere`."""

        def work(workbench: Workbench) -> Fields:
            followed = self._catch_up(program, workbench)
            one, other = _found(followed, Side.STARTUP, startup), _found(followed, Side.EXPERT, expert)
            return {"startup": one, "expert": other, **_judged(followed.index.pair(one, other))}

        return work

    def follow(self, program: str) -> Callable[[Workbench], None]:
        """Return the work that takes every write into an index that is there; a program that is gone takes it along."""

        def work(workbench: Workbench) -> None:
            if program in self._followed:
                try:
                    self._catch_up(program, workbench)
                except NotThere:
                    del self._followed[program]

        return work

    def _catch_up(self, program: str, workbench: Workbench) -> _Followed:
        """Return the index of a program with every write in it."""
        found = self._followed.get(program)
        if found is not None and found.today != workbench.engine.today:
            found = None
        seen = found.revision if found else 0
        with looking(self._database) as connection:
            if revision_of(connection, program) == seen and found:
                return found
        read_rest(self._database, program, seen, workbench)
        with reading(self._database) as connection:
            stored = find_program(connection, program)
            written = changed_since(connection, program, seen)
            relations = [one.fields for one in list_relations(connection, program)]
            aliases = [one.fields for one in list_aliases(connection, program)]
            read = _Read(stored, written, relations, aliases)
        if found is None:
            found = self._followed[program] = self._build(read, workbench)
            give_back()
        else:
            _follow(found, read)
        return found

    def _build(self, read: _Read, workbench: Workbench) -> _Followed:
        cache = DatabaseCache(self._database, read.said.still_there)
        engine = workbench.keeping_in(cache).engine
        stored = read.stored
        kept = _with(Cohort((), ()), read.written)
        kept = replace(kept, relations=_related(read.relations, kept))
        cohort = _merged(kept, read.aliases)
        index = LiveIndex(cohort, _program(stored, cohort), engine)
        cache.still_there = nothing
        seen = stored.revision, stored.edited, read.relations, read.aliases
        return _Followed(index, cache, kept, cohort, *seen, engine.today)


def _follow(followed: _Followed, read: _Read) -> None:
    stored, relations = read.stored, read.relations
    kept = _with(followed.kept, read.written)
    has_new_aliases = read.aliases != followed.aliases
    is_decided = stored.edited != followed.edited or relations != followed.relations or has_new_aliases
    if is_decided:
        kept = replace(kept, relations=_related(relations, kept))
    cohort = _merged(kept, read.aliases)
    written = {side: [one.id for one in read.written if one.side is side] for side in Side}
    if read.aliases or has_new_aliases:
        written = {side: _changed(side, followed.cohort, cohort) for side in Side}
    if any(written.values()):
        followed.cache.still_there = read.said.still_there
        followed.index.follow(cohort, written[Side.STARTUP], written[Side.EXPERT])
        followed.cache.still_there = nothing
    if is_decided:
        followed.index.decide(cohort, _program(stored, cohort))
    followed.kept, followed.cohort = kept, cohort
    followed.relations, followed.aliases = relations, read.aliases
    followed.revision, followed.edited = stored.revision, stored.edited
    followed.answers.clear()
    followed.grids.clear()


def _merged(kept: Cohort, aliases: Sequence[Fields]) -> Cohort:
    """Return the cohort with every confirmed merge made."""
    if not aliases:
        return kept
    ids = frozenset(one.id for one in kept.startups), frozenset(one.id for one in kept.experts)
    return merge(kept, build_aliases(aliases, *ids))


def _program(stored: Stored, cohort: Cohort) -> Program:
    return merge_program(parse_program(stored.decisions)[0], cohort)


def _changed(side: Side, before: Cohort, after: Cohort) -> list[str]:
    """Return the ids under which something else stands than before: a merge changes more than what was written."""
    old, new = ({one.id: one for one in _of_side(cohort, side)} for cohort in (before, after))
    return [id_ for id_ in {**old, **new} if old.get(id_) != new.get(id_)]


def _of_side(cohort: Cohort, side: Side) -> Sequence[Startup | Expert]:
    return cohort.startups if side is Side.STARTUP else cohort.experts


def _related(relations: Sequence[Fields], cohort: Cohort) -> tuple[Relation, ...]:
    return build_relations(
        relations, frozenset(one.id for one in cohort.startups), frozenset(one.id for one in cohort.experts)
    )


def _with(cohort: Cohort, written: Sequence[Profile]) -> Cohort:
    """Return the cohort with these profiles put in or taken out."""
    startups = {one.id: one for one in cohort.startups}
    experts = {one.id: one for one in cohort.experts}
    for profile in written:
        side: dict[str, Any] = startups if profile.side is Side.STARTUP else experts
        side.pop(profile.id, None)
        if profile.fields is not None:
            side[profile.id] = build_profile(profile.side, profile.fields)
    there = {*((Side.STARTUP, id_) for id_ in startups), *((Side.EXPERT, id_) for id_ in experts), None}
    relations = tuple(
        one
        for one in cohort.relations
        if all(end.side is None or (end.side, end.id) in there for end in (one.source, one.target))
    )
    kept: tuple[tuple[Startup, ...], tuple[Expert, ...]] = tuple(startups.values()), tuple(experts.values())
    return replace(cohort, startups=kept[0], experts=kept[1], relations=relations)


def _found(followed: _Followed, side: Side, id_: str) -> str:
    """Return the id under which the profile of this id stands. Raises `NotThere`."""
    if not any(one.id == id_ for one in _of_side(followed.kept, side)):
        raise NotThere(f"found no {side} {id_!r} in this program")
    return followed.cohort.stays(side, id_)


def _grid(followed: _Followed, asked: tuple[tuple[str, ...], tuple[str, ...]]) -> Scores:
    """Return the scores of the pairs of those of these startups and experts who are there, by the ids asked for."""
    known: dict[Side, dict[str, str]] = {}
    for side, ids in zip((Side.STARTUP, Side.EXPERT), asked, strict=True):
        there = {one.id for one in _of_side(followed.kept, side)}
        known[side] = {id_: followed.cohort.stays(side, id_) for id_ in ids if id_ in there}
    startups, experts = known[Side.STARTUP], known[Side.EXPERT]
    scores = followed.index.scores(list(dict.fromkeys(startups.values())), list(dict.fromkeys(experts.values())))
    pairs = (((one, other), (startups[one], experts[other])) for one in startups for other in experts)
    return {pair: scores[meant] for pair, meant in pairs if meant in scores}


def _ranked(followed: _Followed, asked: Asked) -> list[tuple[int, Suggestion]]:
    id_ = _found(followed, asked.side, asked.id)
    if asked.side is Side.EXPERT:
        return list(enumerate(followed.index.for_expert(id_, asked.limit), 1))
    kinds = [asked.kind] if asked.kind else followed.cohort.kinds
    lists = (followed.index.for_startup(id_, kind, asked.limit) for kind in kinds)
    return [line for found in lists for line in enumerate(found, 1)]


def _record(rank: int, one: Suggestion) -> Fields:
    return {"rank": rank, **_suggestion(one), "warnings": list(one.warnings)}


def _suggestion(one: Suggestion) -> Fields:
    return {
        "startup": one.startup,
        "expert": one.expert,
        "kind": one.kind.value,
        "score": one.score,
        "parts": parts_record(one.parts),
        "evidence": [evidence_record(found) for found in one.evidence],
        "warm_path": one.warm_path,
    }


def _judged(judged: Judged) -> Fields:
    one = judged.suggestion
    if one is None:
        return {"eligible": False, "ruled_out": list(judged.ruled_out)}
    return {"eligible": True, "ruled_out": [], **_suggestion(one), "warnings": list(one.warnings)}
