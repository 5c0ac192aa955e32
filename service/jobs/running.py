"""One run: its snapshot → matches, all of them or none, in the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, select

from matcher.engine import Stage, Watch
from matcher.errors import Infeasible, MatcherError
from matcher.profiles import Kind, Side
from matcher.program import Objective
from models.cache import Cache
from models.opening import Models
from service.apart import ModelProcess
from service.kept import cohort_of
from service.memory import give_back_all
from service.reading.cohort import CohortInput
from service.reading.problems import BadCohort
from service.reading.request import field_mistakes
from service.redaction import mark_others, startup_names
from service.run_record import run_record
from service.settings import Settings
from service.stages import StageClock
from service.store.computed import DatabaseCache
from service.store.errors import LOST
from service.store.outages import until_there
from service.store.runs import Result, State, beat, finish, is_held
from service.store.tables import runs
from service.store.writes import writing
from service.use_cases import MatchRequest, Workbench, decide, match_cohort, open_models_apart, workbench_of
from service.writing.assignment_results import conflict_record
from service.writing.records import match_record, unmatched_record

Fields = dict[str, Any]
Answer = TypeVar("Answer")


def do_run(database: Engine, settings: Settings, run: str, claim: str) -> bool:
    """Do a run that was claimed and keep how it ended; return False where it was no longer this claim's."""

    def look(connection: Connection) -> Any:
        mine = (runs.c.id == run, runs.c.claim == claim)
        return connection.execute(select(runs.c.asked, runs.c.snapshot).where(*mine)).one_or_none()

    def say(stage: str) -> None:
        with suppress(*LOST), writing(database) as connection:
            beat(connection, run, claim, stage)

    row = until_there(lambda: _write(database, look))
    if row is None:
        return False
    # A run that was cancelled, or that begins again without somebody who was deleted, keeps nothing more.
    cache = DatabaseCache(database, lambda held, texts: texts if is_held(held, run, claim) else (), is_patient=True)
    result = _result_of(row.asked, row.snapshot, _Bench(settings, StageClock(say), cache))
    return until_there(lambda: _write(database, lambda connection: finish(connection, run, claim, result)))


def _write(database: Engine, change: Callable[[Connection], Answer]) -> Answer:
    with writing(database) as connection:
        return change(connection)


@dataclass(frozen=True)
class _Bench:
    """What one run works with."""

    settings: Settings
    clock: StageClock
    cache: Cache

    def open(self) -> Workbench:
        """Open the models."""
        with self.clock("open"):
            models = open_models_apart(self.settings, ModelProcess()).keeping_in(self.cache)
        found = workbench_of(self.settings, models, dt.date.today(), self.clock, self.settings.solve_seconds)
        return replace(found, engine=replace(found.engine, watch=_letting_go(models, self.clock)))


def _result_of(asked: Fields, snapshot: Fields, bench: _Bench) -> Result:
    try:
        return _match(asked, snapshot, bench)
    except Infeasible as error:
        problem = {"detail": str(error), "conflict": conflict_record(error)}
        return Result(State.INFEASIBLE, problem=problem)
    except BadCohort as error:
        errors = [{"field": one.field, "message": one.message} for one in field_mistakes(error)]
        return Result(State.FAILED, problem={"detail": "the cohort does not fit together", "errors": errors})
    except MatcherError as error:
        return Result(State.FAILED, problem={"detail": str(error)})


def _match(asked: Fields, snapshot: Fields, bench: _Bench) -> Result:
    request = request_of(asked)
    with bench.clock("read"):
        cohort = decide(_steered(cohort_of(snapshot), asked), request)
    workbench = bench.open()
    explained = match_cohort(cohort, request, workbench)
    names = startup_names(cohort.cohort.startups)
    made = [mark_others(match_record(match), names) for of_kind in explained for match in of_kind.matches]
    made += [unmatched_record(one) for of_kind in explained for one in of_kind.unmatched]
    return Result(State.DONE, run_record(cohort, request, explained, workbench), None, made)


def _letting_go(models: Models, clock: StageClock) -> Watch:
    """Return a watch that lets go of the models once the texts of a kind are encoded: the tables come after that."""

    @contextmanager
    def watch(stage: Stage) -> Iterator[None]:
        with clock(stage):
            yield
        if stage is Stage.ENCODE:
            models.release()
            give_back_all()

    return watch


def request_of(asked: Mapping[str, Any]) -> MatchRequest:
    """Return what a run was asked for, as the command line would ask."""
    objective = asked.get("objective")
    return MatchRequest(
        tuple(Kind(kind) for kind in asked.get("kinds", [])),
        Objective(objective) if objective else None,
        asked.get("seed"),
        bool(asked.get("best_effort", False)),
    )


def _steered(cohort: CohortInput, asked: Mapping[str, Any]) -> CohortInput:
    """Return the cohort with the pairs pinned and banned that a rematch keeps and drops, as far as both are there.

    Who was merged into another since stands under its id.
    """
    startups = {one.id for one in cohort.cohort.startups}
    experts = {one.id for one in cohort.cohort.experts}

    def there(name: str) -> tuple[tuple[str, str], ...]:
        stays = cohort.cohort.stays
        asked_for = ((stays(Side.STARTUP, one), stays(Side.EXPERT, other)) for one, other in asked.get(name, []))
        return tuple((one, other) for one, other in asked_for if one in startups and other in experts)

    program = cohort.program
    banned = (*program.bans, *there("bans"))
    pinned = tuple(dict.fromkeys(pair for pair in (*program.pins, *there("pins")) if pair not in banned))
    return replace(cohort, program=replace(program, pins=pinned, bans=banned))
