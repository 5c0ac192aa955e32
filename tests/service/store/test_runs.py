"""Claims: a run belongs to one worker at a time, and only that one can finish it."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.exc import IntegrityError

from service.store.errors import Clash, NotThere
from service.store.programs import create_program
from service.store.publishing import publish
from service.store.runs import (
    SILENT_S,
    Result,
    State,
    ask_for_run,
    beat,
    cancel,
    claim,
    find_run,
    finish,
    hand_back,
    list_matches,
    waiting_runs,
)
from service.store.tables import runs
from service.store.writes import writing

PAIR = {"startup": "s1", "expert": "e1", "kind": "professor", "score": 0.5}
DONE = Result(State.DONE, {"seconds": {}}, None, [PAIR])


@pytest.fixture
def run(database) -> str:
    with writing(database) as connection:
        create_program(connection, "p", {}, "tests")
        return ask_for_run(connection, "p", {}, {"startups": [], "experts": []}, "tests").id


def falls_silent(connection, run: str) -> None:
    long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=2 * SILENT_S)
    connection.execute(runs.update().where(runs.c.id == run).values(beat=long_ago))


def test_a_run_is_claimed_once(database, run):
    with writing(database) as connection:
        assert waiting_runs(connection) == [run]
        assert claim(connection, run) is not None
        assert claim(connection, run) is None
        assert waiting_runs(connection) == []


def test_who_was_taken_for_dead_can_finish_nothing(database, run):
    with writing(database) as connection:
        first = claim(connection, run)
        falls_silent(connection, run)
        assert waiting_runs(connection) == [run]
        second = claim(connection, run)
        assert not beat(connection, run, first)
        assert not finish(connection, run, first, DONE)
        assert not hand_back(connection, run, first)
        assert list_matches(connection, run) == []
        assert beat(connection, run, second, "score")
        assert finish(connection, run, second, DONE)
        assert not finish(connection, run, second, DONE)
        assert len(list_matches(connection, run)) == 1
        assert find_run(connection, "p", run).stage == "score"


def test_a_cancelled_run_is_finished_by_nobody(database, run):
    with writing(database) as connection:
        token = claim(connection, run)
        cancel(connection, "p", run, "tests")
        assert not beat(connection, run, token)
        assert not finish(connection, run, token, DONE)
        assert claim(connection, run) is None
        assert find_run(connection, "p", run).state is State.CANCELLED
        with pytest.raises(Clash, match="is cancelled already"):
            cancel(connection, "p", run, "tests")


def test_a_run_that_was_handed_back_waits_again(database, run):
    with writing(database) as connection:
        token = claim(connection, run)
        assert hand_back(connection, run, token)
        assert waiting_runs(connection) == [run]
        assert not finish(connection, run, token, DONE)


def test_only_what_is_done_is_published(database, run):
    with writing(database) as connection:
        with pytest.raises(Clash, match="is queued, expected one that is done"):
            publish(connection, "p", run, "tests")
        with pytest.raises(NotThere):
            publish(connection, "q", run, "tests")


def test_a_run_that_is_just_done_is_not_cancelled(database, run):
    with writing(database) as connection:
        token = claim(connection, run)
        assert finish(connection, run, token, DONE)
        with pytest.raises(Clash, match="is done already"):
            cancel(connection, "p", run, "tests")
        assert find_run(connection, "p", run).state is State.DONE


def test_a_clock_that_is_put_back_keeps_no_run_from_being_taken_over(database, run):
    with writing(database) as connection:
        token = claim(connection, run)
        ahead = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
        connection.execute(runs.update().where(runs.c.id == run).values(beat=ahead))
        assert waiting_runs(connection) == [run]
        assert beat(connection, run, token), "who lives says so, and goes on"
        assert waiting_runs(connection) == []


def test_the_schema_refuses_a_second_published_run(database, run):
    with writing(database) as connection:
        for id_ in (run, ask_for_run(connection, "p", {}, {"startups": [], "experts": []}, "tests").id):
            token = claim(connection, id_)
            finish(connection, id_, token, DONE)
    both = runs.update().values(published=dt.datetime.now(dt.UTC))
    with writing(database) as connection, pytest.raises(IntegrityError):
        connection.execute(both)
