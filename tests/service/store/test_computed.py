"""What the database keeps of what was computed: for texts that are still there alone, whoever writes meanwhile."""

from __future__ import annotations

import logging
import threading

import pytest
from sqlalchemy import select, update

from matcher.profiles import Side
from service.kept import snapshot
from service.reading.single import texts_lost
from service.said import Said, texts_of_program
from service.store import database as opening
from service.store.computed import DatabaseCache, forget
from service.store.database import open_database
from service.store.errors import LOST
from service.store.profiles import ANYTHING, changed_since, delete_profile, put_profile
from service.store.programs import create_program, delete_program, revision_of
from service.store.runs import ask_for_run, cancel, claim, is_held
from service.store.tables import computed
from service.store.writes import writing
from tests.service.store.outage import gone

TEXTS = ["하나", "two", "shared"]


def everything(connection, texts):
    return texts


def put(database, id_: str, *needs: str) -> None:
    with writing(database) as connection:
        fields = {"id": id_, "needs": [*needs]}
        _, before = put_profile(connection, "p", Side.STARTUP, id_, fields, ANYTHING, "tests")
        forget(connection, texts_lost(Side.STARTUP, [before] if before else [], [fields]))


@pytest.fixture
def said(database) -> Said:
    """Two startups as whoever encodes them has read them."""
    with writing(database) as connection:
        create_program(connection, "p", {}, "tests")
    put(database, "s1", "하나", "shared")
    put(database, "s2", "two", "shared")
    with database.connect() as connection:
        return Said("p", revision_of(connection, "p"), changed_since(connection, "p", 0))


def keep(database, said: Said) -> set[str]:
    """Keep a value for every text, and return the texts that have one then."""
    DatabaseCache(database, said.still_there).write("model", dict.fromkeys(TEXTS, b"vector"))
    return kept(database)


def kept(database, fingerprint: str = "model") -> set[str]:
    return set(DatabaseCache(database, everything).read(fingerprint, TEXTS))


@pytest.mark.parametrize("values", [{"value": b"another"}, {"checksum": 7}, {"value": b""}])
def test_a_row_that_does_not_match_its_checksum_is_left_out_and_mended_by_the_next_write(database, values):
    cache = DatabaseCache(database, everything)
    cache.write("model", {"one": b"1", "two": b"2"})
    with writing(database) as connection:
        connection.execute(update(computed).where(computed.c.value == b"1").values(**values))
    assert cache.read("model", ["one", "two"]) == {"two": b"2"}
    cache.write("model", {"one": b"1"})
    assert cache.read("model", ["one", "two"]) == {"one": b"1", "two": b"2"}


def test_what_is_forgotten_is_gone_for_everything_that_computed_it(database):
    cache = DatabaseCache(database, everything)
    for fingerprint in ("one", "other"):
        cache.write(fingerprint, dict.fromkeys(TEXTS, b"value"))
    with writing(database) as connection:
        forget(connection, ["하나", "never there", *map(str, range(1000)), "two"])
    assert [kept(database, one) for one in ("one", "other")] == [{"shared"}] * 2


def test_all_is_kept_for_a_program_that_is_as_it_was_read(database, said):
    assert keep(database, said) == set(TEXTS)


def test_a_text_that_was_taken_away_meanwhile_is_not_kept_and_the_others_are(database, said):
    put(database, "s1", "하나", "new")
    put(database, "s3", "something else")
    assert keep(database, said) == {"하나", "two"}


def test_nothing_is_kept_for_who_was_deleted_meanwhile(database, said):
    with writing(database) as connection:
        delete_profile(connection, "p", Side.STARTUP, "s1", ANYTHING, "tests")
    assert keep(database, said) == {"two"}
    with writing(database) as connection:
        delete_program(connection, "p", "tests")
        forget(connection, TEXTS)
    assert keep(database, said) == set()


def test_who_keeps_waits_for_who_deletes(database, said):
    writer = threading.Thread(target=keep, args=(database, said))
    with writing(database) as connection:
        gone_ = delete_profile(connection, "p", Side.STARTUP, "s2", ANYTHING, "tests")
        writer.start()
        writer.join(0.5)
        assert writer.is_alive()
        forget(connection, texts_lost(Side.STARTUP, gone_, []))
    writer.join()
    assert kept(database) == {"하나"}


def test_a_run_keeps_nothing_once_it_is_no_longer_its_claims(database, said):
    with writing(database) as connection:
        run = ask_for_run(connection, "p", {}, snapshot(connection, "p"), "tests").id
        token = claim(connection, run)
    cache = DatabaseCache(database, lambda held, texts: texts if is_held(held, run, token) else ())
    cache.write("model", {"하나": b"1"})
    with writing(database) as connection:
        cancel(connection, "p", run, "tests")
    cache.write("model", {"two": b"2"})
    assert kept(database) == {"하나"}


def test_the_texts_of_a_program_are_those_of_its_runs_too(database, said):
    with writing(database) as connection:
        ask_for_run(connection, "p", {}, snapshot(connection, "p"), "tests")
    put(database, "s1", "new")
    with writing(database) as connection:
        assert texts_of_program(connection, "p") == {"하나", "two", "shared", "new"}
        gone_ = delete_profile(connection, "p", Side.STARTUP, "s1", ANYTHING, "tests")
        assert set(texts_lost(Side.STARTUP, gone_, [])) == {"하나", "shared", "new"}
        assert texts_of_program(connection, "p") == {"two", "shared"}


def test_only_the_hash_of_a_text_is_kept(database, said):
    keep(database, said)
    with database.connect() as connection:
        rows = connection.execute(select(computed)).all()
    assert {len(row.text_hash) for row in rows} == {32}
    assert not [text for text in TEXTS if text in repr(rows)]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_work_goes_on_where_the_database_is_away_and_a_run_reads_once_it_is_back(database, said, database_url, caplog):
    keep(database, said)
    found = []
    patient = DatabaseCache(database, said.still_there, is_patient=True)
    reader = threading.Thread(target=lambda: found.append(patient.read("model", TEXTS)))
    with gone(database_url), caplog.at_level(logging.WARNING, "matcher.store"):
        reader.start()
        DatabaseCache(database, said.still_there).write("model", {"two": b"lost"})
        with pytest.raises(LOST):
            DatabaseCache(database, said.still_there).read("model", TEXTS)
        assert reader.is_alive()
    reader.join(60)
    assert found == [dict.fromkeys(TEXTS, b"vector")]
    assert [record.message for record in caplog.records] == ["computed but not kept: the database cannot be written to"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_database_that_is_locked_for_long_reaches_nobody(database, said, database_url, monkeypatch, caplog):
    monkeypatch.setattr(opening, "_PATIENCE_S", 0.1)
    hasty = open_database(database_url)
    with writing(database) as connection:
        put_profile(connection, "p", Side.STARTUP, "s9", {"id": "s9", "needs": ["x"]}, ANYTHING, "tests")
        DatabaseCache(hasty, said.still_there).write("model", {"two": b"2"})
        assert kept(hasty) == set()
    assert "computed but not kept" in caplog.text
    assert keep(hasty, said) == set(TEXTS)
    hasty.dispose()
