"""Writers at the same time: none undoes what another did, and a write that is sent twice at once is done once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Connection, Engine

from service.store.errors import Clash, Stale
from service.store.profiles import changed_since
from service.store.programs import create_program, decide, find_program, hold_program
from service.store.writes import Repeatable, Reply, perform, reading, writing

MANY = 8


def at_once(database: Engine, work: Callable[[Connection, int], object], again: Repeatable | None = None) -> list:
    """Return what each of many writers got, or the error that it met."""
    barrier = Barrier(MANY)

    def one(number: int) -> object:
        barrier.wait()
        try:
            return perform(database, lambda connection: Reply(200, work(connection, number)), again)
        except (Clash, Stale) as error:
            return error

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(one, range(MANY)))


def test_one_of_many_makes_the_program(database):
    found = at_once(database, lambda connection, number: create_program(connection, "p", {}, str(number)).id)
    assert sum(isinstance(one, Reply) for one in found) == 1
    assert sum(isinstance(one, Clash) for one in found) == MANY - 1


def test_a_write_that_is_sent_many_times_at_once_is_done_once(database):
    done: list[int] = []

    def work(connection: Connection, number: int) -> str:
        done.append(number)
        return create_program(connection, f"p{number}", {}, "tests").id

    found = at_once(database, work, Repeatable("owner", "key", "digest"))
    assert len(done) == 1
    assert {one.body for one in found} == {f"p{done[0]}"}


def test_what_each_of_many_adds_to_the_decisions_is_there_in_the_end(database):
    with writing(database) as connection:
        create_program(connection, "p", {}, "tests")

    def work(connection: Connection, number: int) -> None:
        before = hold_program(connection, "p").decisions
        decide(connection, "p", {**before, f"weight{number}": number}, None, "tests")

    at_once(database, work)
    with database.connect() as connection:
        assert len(find_program(connection, "p").decisions) == MANY


def test_only_one_of_many_who_saw_the_same_may_change_it(database):
    with writing(database) as connection:
        seen = create_program(connection, "p", {}, "tests").edited
    found = at_once(database, lambda connection, number: decide(connection, "p", {"seed": number}, seen, "x").edited)
    assert sum(isinstance(one, Stale) for one in found) == MANY - 1


def test_a_reader_sees_one_moment(database):
    with writing(database) as connection:
        create_program(connection, "p", {}, "tests")
    with reading(database) as connection:
        before = find_program(connection, "p").revision
        with writing(database) as other:
            decide(other, "p", {"seed": 1}, None, "tests")
        assert find_program(connection, "p").revision == before
        assert changed_since(connection, "p", 0) == []


@pytest.mark.parametrize("again", [None, Repeatable("owner", "key", "digest")])
def test_a_write_that_fails_leaves_nothing(database, again):
    def fail(connection: Connection) -> Reply:
        create_program(connection, "p", {}, "tests")
        raise Clash("no")

    with pytest.raises(Clash, match="no"):
        perform(database, fail, again)
    assert (
        perform(database, lambda connection: Reply(201, create_program(connection, "p", {}, "t").id), again).body == "p"
    )
