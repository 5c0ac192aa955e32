"""`matcher keys`: made, listed, revoked from the command line."""

from __future__ import annotations

import pytest


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'matcher.db'}"


def test_the_key_alone_is_the_last_line_and_is_not_listed(bare, url):
    done = bare("keys", "create", "--role", "manager", "--database-url", url)
    assert done.exit_code == 0, done.output
    secret = done.stdout.splitlines()[-1]
    assert secret.startswith("mk_")
    assert len(secret) >= 40
    listed = bare("keys", "list", "--database-url", url).stdout
    assert "manager" in listed
    assert secret not in listed


def test_a_key_is_revoked_by_its_id(bare, url):
    bare("keys", "create", "--role", "startup", "--program", "spring", "--startup", "s1", "--database-url", url)
    id_ = bare("keys", "list", "--database-url", url).stdout.splitlines()[-1].split()[0]
    assert "revoked" in bare("keys", "revoke", id_, "--database-url", url).stdout
    assert bare("keys", "revoke", "nobody", "--database-url", url).exit_code == 2


@pytest.mark.parametrize(
    "options",
    [
        ("--role", "startup"),
        ("--role", "startup", "--program", "p", "--expert", "e1"),
        ("--role", "manager", "--startup", "s1"),
        ("--role", "owner"),
        ("--role", "manager", "--days", "0"),
    ],
    ids=" ".join,
)
def test_a_key_that_cannot_be_meant_is_refused(bare, url, options):
    assert bare("keys", "create", *options, "--database-url", url).exit_code == 2


def test_without_keys_it_says_what_to_do(bare, url):
    assert "matcher keys create" in bare("keys", "list", "--database-url", url).stdout
