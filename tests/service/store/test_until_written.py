"""What is remembered until somebody writes: nothing that a write anywhere has changed is ever answered."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from service.store.database import open_database
from service.store.errors import NotThere
from service.store.programs import create_program, next_revision, revision_of
from service.store.until_written import UntilWritten
from service.store.writes import looking, writing


@pytest.fixture
def seen(database):
    with writing(database) as connection:
        create_program(connection, "p", {}, "tests")
    seen = UntilWritten(database)
    yield seen
    seen.close()


def revision(seen: UntilWritten, database, program: str = "p", asked: list | None = None) -> int:
    def look() -> int:
        if asked is not None:
            asked.append(program)
        with looking(database) as connection:
            return revision_of(connection, program)

    return seen.find(program, look)


def write(database) -> None:
    with writing(database) as connection:
        next_revision(connection, "p")


def test_sqlite_is_asked_once_until_somebody_writes_and_postgresql_each_time(seen, database):
    asked: list = []
    assert [revision(seen, database, asked=asked) for _ in range(5)] == [1] * 5
    once = database.dialect.name == "sqlite"
    assert len(asked) == (1 if once else 5)


def test_a_write_by_anybody_is_seen_at_once(seen, database, database_url):
    other = open_database(database_url)  # as another process would
    for expected, writer in enumerate((database, other, database, other), 2):
        write(writer)
        assert revision(seen, database) == expected
    other.dispose()


def test_an_error_is_not_remembered(seen, database):
    with pytest.raises(NotThere):
        revision(seen, database, "q")
    with writing(database) as connection:
        create_program(connection, "q", {}, "tests")
    assert revision(seen, database, "q") == 1


def test_what_was_looked_up_before_a_write_is_not_kept_for_after_it(seen, database):
    """The write comes in after the version was read, and before the answer is put away."""

    def look() -> int:
        with looking(database) as connection:
            before = revision_of(connection, "p")
        write(database)
        return before

    assert seen.find("p", look) == 1
    assert revision(seen, database) == 2


def test_many_threads_never_see_an_older_answer(seen, database):
    def ask(_: int) -> bool:
        least = revision(seen, database)
        write(database)
        return revision(seen, database) > least

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(64)))


def test_it_works_on_after_its_connection_was_closed(seen, database):
    assert revision(seen, database) == 1
    seen.close()
    write(database)
    assert revision(seen, database) == 2
