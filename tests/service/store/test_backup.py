"""Backups: everything at one moment, into either database, whole or not at all; and what deleting a profile leaves."""

from __future__ import annotations

import gzip
import json
from itertools import product

import pytest
from sqlalchemy import select

from matcher.errors import BadInput
from matcher.profiles import Side
from service.kept import snapshot
from service.store.aliases import put_aliases
from service.store.audit import entries
from service.store.backup import back_up, back_up_logged, restore, restore_logged
from service.store.computed import DatabaseCache
from service.store.database import open_database
from service.store.encoded import mark_encoded, mark_of
from service.store.keys import Grant, Role, create_key, find_key
from service.store.links import make_links
from service.store.profiles import ANYTHING, add_relations, changed_since, delete_profile, import_profiles, put_profile
from service.store.programs import create_program
from service.store.publishing import publish
from service.store.runs import (
    Decision,
    Result,
    State,
    ask_for_run,
    claim,
    decide_match,
    finish,
    list_matches,
    record_of,
    snapshot_of,
    waiting_runs,
)
from service.store.sessions import open_session
from service.store.tables import metadata
from service.store.writes import Repeatable, Reply, perform, writing

PAIR = {"startup": "s1", "expert": "e1", "kind": "professor", "score": 0.5, "evidence": [{"startup_passage": "비밀"}]}


def fill(database) -> str:
    """Put a row into every table, and return the secret of a key."""
    key, secret = create_key(database, Grant(Role.MANAGER), "tests")
    open_session(database, key)
    with writing(database) as connection:
        create_program(connection, "봄", {"name": "봄 2026"}, "tests")
        for side, id_ in ((Side.STARTUP, "s1"), (Side.STARTUP, "s2"), (Side.EXPERT, "e1")):
            fields = {"id": id_, "name": f"name of {id_}", "needs": ["비밀"], "kind": "professor"}
            put_profile(connection, "봄", side, id_, fields, ANYTHING, "tests")
        related = {"source": "expert:e1", "target": "startup:s1", "type": "advisor"}
        add_relations(connection, "봄", [related], "tests")
        put_aliases(connection, "봄", [{"canonical": "expert:e1", "alias": "name:홍 길동"}], "tests")
    run = done(database)
    with writing(database) as connection:
        publish(connection, "봄", run, "tests")
        make_links(connection, "봄", run, [(Side.STARTUP, "s1")], 7, "tests")
        mark_encoded(connection, "봄", changed_since(connection, "봄", 0), mark_of("모형"))
    perform(database, lambda connection: Reply(201, {"a": None}), Repeatable("owner", "key", "digest"))
    DatabaseCache(database, lambda connection, texts: texts).write("model", {"비밀": bytes(range(256)), "": b""})
    return secret


def done(database) -> str:
    """Return a run that is done."""
    with writing(database) as connection:
        return done_in(connection)


def done_in(connection) -> str:
    run = ask_for_run(connection, "봄", {}, snapshot(connection, "봄"), "tests").id
    token = claim(connection, run)
    assert finish(connection, run, token, Result(State.DONE, {"seed": 0}, None, [PAIR]))
    return run


def everything(database) -> dict[str, list[tuple]]:
    with database.connect() as connection:
        found = {}
        for table in metadata.sorted_tables:
            rows = connection.execute(select(table).order_by(*table.primary_key.columns))
            found[table.name] = [
                tuple(value.isoformat()[:19] if hasattr(value, "isoformat") else value for value in row) for row in rows
            ]
        return found


def test_what_is_restored_is_what_was_there_and_goes_on_from_it(database, database_url, tmp_path):
    secret = fill(database)
    assert all(everything(database).values()), "a table without a row would not be tested"
    count = back_up(database, tmp_path / "all.backup")
    assert count == sum(map(len, everything(database).values()))
    other = open_database(f"sqlite:///{tmp_path / 'other.db'}")
    assert restore(other, tmp_path / "all.backup") == count
    assert everything(other) == everything(database)
    assert find_key(other, secret)
    done(other)
    other.dispose()


def test_a_backup_of_sqlite_is_restored_into_either(database, tmp_path):
    source = open_database(f"sqlite:///{tmp_path / 'source.db'}")
    fill(source)
    back_up(source, tmp_path / "all.backup")
    restore(database, tmp_path / "all.backup")
    assert everything(database) == everything(source)
    done(database)  # numbers go on after those that were restored
    source.dispose()


def test_nothing_is_overwritten_and_a_broken_file_changes_nothing(database, tmp_path):
    fill(database)
    back_up(database, tmp_path / "all.backup")
    with pytest.raises(BadInput, match="expected an empty one"):
        restore(database, tmp_path / "all.backup")
    lines = gzip.decompress((tmp_path / "all.backup").read_bytes()).splitlines()
    other = open_database(f"sqlite:///{tmp_path / 'other.db'}")
    for name, broken in {
        "cut": lines[:-1],
        "short": [*lines[:3], *lines[4:]],
        "old": [json.dumps({"matcher_backup": 1, "schema": "0001"}).encode(), *lines[1:]],
        "empty": [],
    }.items():
        (tmp_path / name).write_bytes(gzip.compress(b"\n".join(broken)))
        with pytest.raises(BadInput):
            restore(other, tmp_path / name)
    (tmp_path / "text").write_text("no backup")
    with pytest.raises(BadInput, match="cannot read"):
        restore(other, tmp_path / "text")
    assert not any(everything(other).values())
    other.dispose()


def test_a_backup_is_of_one_moment(database, tmp_path):
    fill(database)
    before = everything(database)
    with writing(database) as connection:
        create_program(connection, "later", {}, "tests")  # not committed while the backup reads
        back_up(database, tmp_path / "all.backup")
    other = open_database(f"sqlite:///{tmp_path / 'other.db'}")
    restore(other, tmp_path / "all.backup")
    assert everything(other) == before
    other.dispose()


@pytest.mark.parametrize(("side", "id_"), [(Side.STARTUP, "s1"), (Side.EXPERT, "e1")])
def test_a_deleted_profile_leaves_its_texts_in_published_runs_alone_and_there_no_name(database, side, id_):
    fill(database)
    shown, hidden = done(database), done(database)
    with writing(database) as connection:
        publish(connection, "봄", shown, "tests")
        waiting = ask_for_run(connection, "봄", {}, snapshot(connection, "봄"), "tests").id
        delete_profile(connection, "봄", side, id_, ANYTHING, "tests")
    table = f"{side}s"
    with database.connect() as connection:
        (published,) = [one for one in snapshot_of(connection, shown)[table] if one["id"] == id_]
        assert (published["name"], published["needs"]) == ("(removed)", ["비밀"])
        assert list_matches(connection, shown)[0].fields["evidence"] == PAIR["evidence"]
        (other,) = [one for one in snapshot_of(connection, hidden)[table] if one["id"] == id_]
        assert other == {"id": id_, "name": "(removed)"}
        assert list_matches(connection, hidden)[0].fields["evidence"] == []
        assert id_ not in {one["id"] for one in snapshot_of(connection, waiting)[table]}
        assert snapshot_of(connection, waiting)["relations"] == []
        for run, one in product((hidden, waiting), ("startups", "experts")):
            names = [row.get("name") for row in snapshot_of(connection, run)[one]]
            assert f"name of {id_}" not in names


@pytest.mark.parametrize("is_shown", [False, True])
def test_a_record_says_nothing_by_the_name_of_who_was_deleted(database, is_shown):
    fill(database)
    with writing(database) as connection:
        fields = {"id": "e1", "name": "Kim", "kind": "professor", "expertise": ["비밀"]}
        put_profile(connection, "봄", Side.EXPERT, "e1", fields, ANYTHING, "tests")
        run = ask_for_run(connection, "봄", {}, snapshot(connection, "봄"), "tests").id
        said = {
            "may_compete": ["Kim and Kimchi may be competitors"],
            "warnings": ["expert e1: wants names 비밀, who is not in the program", "expert e11: 1 of 3 places left"],
        }
        assert finish(connection, run, claim(connection, run), Result(State.DONE, {"seed": 4, **said}, None, [PAIR]))
        if is_shown:
            publish(connection, "봄", run, "tests")
        delete_profile(connection, "봄", Side.EXPERT, "e1", ANYTHING, "tests")
        found = record_of(connection, run)
        assert found["may_compete"] == ["(removed) and Kimchi may be competitors"]
        assert found["warnings"] == said["warnings"][0 if is_shown else 1 :]
        if is_shown:
            publish(connection, "봄", done_in(connection), "tests")
            assert record_of(connection, run)["warnings"] == said["warnings"][1:]
        assert record_of(connection, run)["seed"] == 4


def test_a_sentence_of_a_whole_group_loses_the_deleted_one_alone(database):
    fill(database)
    with writing(database) as connection:
        # Named like the beginning of a warning of its own, which goes with it.
        put_profile(connection, "봄", Side.STARTUP, "s1", {"id": "s1", "name": "startup s1: 하나"}, ANYTHING, "tests")
        run = ask_for_run(connection, "봄", {}, snapshot(connection, "봄"), "tests").id
        said = [
            "3 startups may be competitors of each other (all in law): startup s1: 하나 (startup:s1), 둘 (startup:s2)",
            "startup s1: 하나 (and 2 more that say the same) and Nabi may be competitors",
        ]
        record = {"may_compete": said, "warnings": ["startup s1: no needs", "startup s2: no needs"]}
        assert finish(connection, run, claim(connection, run), Result(State.DONE, record, None, [PAIR]))
        delete_profile(connection, "봄", Side.STARTUP, "s1", ANYTHING, "tests")
        found = record_of(connection, run)
    assert found["may_compete"] == [one.replace("startup s1: 하나", "(removed)") for one in said]
    assert found["warnings"] == ["startup s2: no needs"]


def test_a_run_that_is_no_longer_shown_keeps_nothing_of_who_was_deleted(database):
    fill(database)
    shown, other = done(database), done(database)
    with writing(database) as connection:
        publish(connection, "봄", shown, "tests")
        delete_profile(connection, "봄", Side.EXPERT, "e1", ANYTHING, "tests")
        publish(connection, "봄", other, "tests")
        (kept,) = snapshot_of(connection, shown)["experts"]
        assert kept == {"id": "e1", "name": "(removed)"}
        assert list_matches(connection, shown)[0].fields["evidence"] == []


def test_a_published_run_replaces_the_name_in_every_sentence_and_writes_to_nobody(database):
    fill(database)
    with writing(database) as connection:
        fields = {"id": "e1", "name": "Kim", "email": "kim@x.kr", "kind": "professor", "expertise": ["비밀"]}
        put_profile(connection, "봄", Side.EXPERT, "e1", fields, ANYTHING, "tests")
        run = ask_for_run(connection, "봄", {}, snapshot(connection, "봄"), "tests").id
        token = claim(connection, run)
        by_way = {**PAIR, "startup": "s2", "expert": "e2", "warm_path": "Kim mentored Leafsight; Kimberly advises Kim"}
        finish(connection, run, token, Result(State.DONE, {}, None, [PAIR, by_way]))
        publish(connection, "봄", run, "tests")
        delete_profile(connection, "봄", Side.EXPERT, "e1", ANYTHING, "tests")
        assert list_matches(connection, run)[1].fields["warm_path"] == (
            "(removed) mentored Leafsight; Kimberly advises (removed)"
        )
        (kept,) = snapshot_of(connection, run)["experts"]
        assert kept == {"id": "e1", "name": "(removed)", "kind": "professor", "expertise": ["비밀"]}


def test_who_works_at_a_run_of_somebody_deleted_can_write_nothing_and_it_begins_again(database):
    fill(database)
    with writing(database) as connection:
        run = ask_for_run(connection, "봄", {}, snapshot(connection, "봄"), "tests").id
        token = claim(connection, run)
        delete_profile(connection, "봄", Side.EXPERT, "e1", ANYTHING, "tests")
        assert not finish(connection, run, token, Result(State.DONE, {}, None, [PAIR]))
        assert waiting_runs(connection) == [run]
        assert claim(connection, run)
        assert snapshot_of(connection, run)["experts"] == []


def test_answers_that_are_kept_forget_who_was_deleted_and_are_still_not_done_twice(database):
    fill(database)
    body = {"id": "e1", "expertise": ["비밀"]}
    again = Repeatable("owner", "put", "digest")
    perform(database, lambda connection: Reply(201, body), again)
    with writing(database) as connection:
        delete_profile(connection, "봄", Side.EXPERT, "e1", ANYTHING, "tests")

    def never(connection):
        raise AssertionError("done twice")

    reply = perform(database, never, again)
    assert (reply.status, reply.body) == (201, None)


def test_the_log_keeps_no_text_that_somebody_wrote(database):
    fill(database)
    run = done(database)
    with writing(database) as connection:
        publish(connection, "봄", run, "tests")
        match = list_matches(connection, run)[0].id
        decide_match(connection, "봄", match, Decision.DECLINED, "비밀 이유", "tests")
        row = {"source": "expert:e1", "target": "startup:s2", "type": "advisor", "memo": "비밀 메모"}
        add_relations(connection, "봄", [row], "tests")
        import_profiles(connection, "봄", Side.EXPERT, [{"id": "e1", "expertise": ["비밀"], "max_load": 2}], "tests")
    log = entries(database, None, 500)
    assert "비밀" not in repr(log)
    (imported,) = [one for one in log if one.action == "expert.put" and (one.after or {}).get("max_load") == 2]
    assert imported.before["sha256"] != imported.after["sha256"]
    assert "run.finish" in {one.action for one in log}


def test_the_log_tells_of_a_backup_and_of_its_restoring(database, tmp_path):
    fill(database)
    count = back_up_logged(database, tmp_path / "all.backup")
    other = open_database(f"sqlite:///{tmp_path / 'other.db'}")
    assert restore_logged(other, tmp_path / "all.backup") == count
    told = [(entries(one, None, 1)[0].action, entries(one, None, 1)[0].after) for one in (database, other)]
    assert told == [("backup.write", {"rows": count}), ("backup.restore", {"rows": count})]
    other.dispose()
