"""Keys, audit log and schema, on SQLite and on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from sqlalchemy import insert, inspect, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from matcher.errors import BadInput
from service.store.audit import COMMAND_LINE, entries
from service.store.database import answers, migrations, open_database
from service.store.keys import Grant, Role, all_keys, create_key, find_key, revoke_key
from service.store.tables import keys, metadata

MANAGER = Grant(Role.MANAGER)


def test_a_key_is_found_by_its_secret_alone(database):
    key, secret = create_key(database, MANAGER, COMMAND_LINE)
    assert find_key(database, secret) == key
    for wrong in ("", secret[:-1], secret + "x", secret.upper(), key.id, "mk_\ud800"):
        assert find_key(database, wrong) is None


def test_the_secret_is_random_and_kept_nowhere(database):
    secrets = {create_key(database, MANAGER, COMMAND_LINE)[1] for _ in range(20)}
    assert len(secrets) == 20
    assert all(len(secret) >= 40 for secret in secrets)
    with database.connect() as connection:
        for table in metadata.sorted_tables:
            kept = repr(connection.execute(table.select()).all())
            assert not [secret for secret in secrets if secret in kept]


def test_a_revoked_key_opens_nothing_and_a_second_time_changes_nothing(database):
    key, secret = create_key(database, MANAGER, COMMAND_LINE)
    revoked = revoke_key(database, key.id, "admin-key")
    assert find_key(database, secret) is None
    assert revoke_key(database, key.id, "another").revoked == revoked.revoked
    assert [(one.who, one.action) for one in entries(database, None, 9)] == [
        ("admin-key", "key.revoke"),
        (COMMAND_LINE, "key.create"),
    ]
    with pytest.raises(BadInput, match="found key 'nobody'"):
        revoke_key(database, "nobody", COMMAND_LINE)


def test_an_expired_key_opens_nothing(database):
    _, secret = create_key(database, Grant(Role.ADMIN, days=1), COMMAND_LINE)
    assert find_key(database, secret)
    with database.begin() as connection:
        connection.execute(keys.update().values(expires=text("'2020-01-01 00:00:00'")))
    assert find_key(database, secret) is None
    assert [key.state for key in all_keys(database)] == ["expired"]


@pytest.mark.parametrize(
    "given",
    [
        {"role": Role.STARTUP},
        {"role": Role.STARTUP, "program": "p"},
        {"role": Role.EXPERT, "party": "e1"},
        {"role": Role.MANAGER, "party": "s1"},
        {"role": Role.ADMIN, "program": "p"},
    ],
)
def test_a_scope_that_does_not_fit_the_role_is_refused(given):
    with pytest.raises(BadInput, match="found"):
        Grant(**given)


def test_the_schema_refuses_what_the_code_would_not_write(database):
    key, _ = create_key(database, MANAGER, COMMAND_LINE)
    row = {"id": "x", "sha256": "0" * 64, "role": "manager", "created": key.created}
    with database.connect() as connection:
        known = connection.execute(keys.select()).one().sha256
    for wrong in ({"role": "owner"}, {"role": "startup"}, {"party": "s1"}, {"sha256": known}):
        with pytest.raises(IntegrityError), database.begin() as connection:
            connection.execute(insert(keys).values({**row, **wrong}))


@pytest.mark.parametrize("change", ["UPDATE audit SET who = 'somebody'", "DELETE FROM audit"])
def test_the_audit_log_can_only_grow(database, change):
    create_key(database, MANAGER, COMMAND_LINE)
    with pytest.raises(DatabaseError, match="can only grow"), database.begin() as connection:
        connection.execute(text(change))
    assert len(entries(database, None, 9)) == 1


def test_the_log_is_read_page_by_page(database):
    for _ in range(5):
        create_key(database, MANAGER, COMMAND_LINE)
    first = entries(database, None, 2)
    second = entries(database, first[-1].id, 2)
    assert [one.id for one in (*first, *second)] == [5, 4, 3, 2]
    assert first[0].after["role"] == "manager"


def test_many_writers_at_once_lose_nothing_and_wait_for_each_other(database):
    with ThreadPoolExecutor(20) as pool:
        made = list(pool.map(lambda _: create_key(database, MANAGER, COMMAND_LINE), range(100)))
    assert {key.id for key in all_keys(database)} == {key.id for key, _ in made}
    assert len(entries(database, None, 500)) == 100


def test_the_schema_goes_up_down_and_up_again(unmigrated_url):
    engine = open_database(unmigrated_url)
    made = {table.name: {column.name for column in table.columns} for table in metadata.sorted_tables}

    def found():
        inspector = inspect(engine)
        names = set(inspector.get_table_names()) - {"alembic_version"}
        return {name: {column["name"] for column in inspector.get_columns(name)} for name in names}

    assert found() == made
    with engine.begin() as connection:
        command.downgrade(migrations(connection), "base")
    assert found() == {}
    with engine.begin() as connection:
        command.upgrade(migrations(connection), "head")
    assert found() == made
    engine.dispose()


def test_a_second_opening_changes_nothing(unmigrated_url):
    engine = open_database(unmigrated_url)
    _, secret = create_key(engine, MANAGER, COMMAND_LINE)
    again = open_database(unmigrated_url)
    assert find_key(again, secret)
    assert answers(again)
    engine.dispose()
    again.dispose()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("nonsense", "found a database URL that is none, expected sqlite:///FILE"),
        ("sqlite://", "expected sqlite:///FILE"),
        ("mysql://a:secret@b/c", r"found the database mysql://a:\*\*\*@b/c, expected"),
        ("postgresql://a:secret@127.0.0.1:1/c", r"cannot open the database .*a:\*\*\*@127.0.0.1"),
        ("sqlite:////proc/none/matcher.db", "cannot open the database"),
    ],
)
def test_a_database_that_cannot_be_opened_is_told_without_its_password(url, told):
    with pytest.raises(BadInput, match=told) as caught:
        open_database(url)
    assert "secret" not in str(caught.value)
