"""What a server computes: kept in the database for programs, nowhere for a cohort that is sent, gone with its text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from models.opening import Models
from service import use_cases
from service.store.computed import DatabaseCache
from service.store.tables import computed
from tests.fakes import NoWords, plain_calibration
from tests.service.conftest import OpenedWords
from tests.service.http.both import serve
from tests.service.http.conftest import Serve

__all__ = ["serve"]
URL = "/v1/programs/spring"
STARTUP = f"{URL}/startups/s1"
EXPERT = {"id": "b", "kind": "professor", "expertise": ["secret"]}
COHORT = {"startups": [{"id": "a", "needs": ["secret"]}], "experts": [EXPERT]}


@pytest.fixture
def program(serve: Serve) -> TestClient:
    client = serve()
    assert client.post("/v1/programs", json={"id": "spring"}).status_code == 201
    client.put(STARTUP, json={"needs": ["first", "kept"]})
    client.put(f"{URL}/experts/e1", json={"kind": "professor", "expertise": ["answer"]})
    assert client.get(f"{STARTUP}/suggestions").status_code == 200
    return client


def kept(client: TestClient) -> set[str]:
    """Return for which of the texts of these tests something is kept."""
    texts = ["first", "kept", "answer", "second", "third", "fourth", "secret"]
    database = client.app.state.shared.database
    cache = DatabaseCache(database, lambda connection, asked: asked)
    made_by = OpenedWords().fingerprint
    return {text for role in ("query", "passage") for text in cache.read(f"{made_by}/{role}", texts)}


def put(client: TestClient, *needs: str) -> set[str]:
    """Change the startup, ask for its suggestions, and return for which texts something is kept then."""
    assert client.put(STARTUP, json={"needs": needs}).status_code == 200
    assert client.get(f"{STARTUP}/suggestions").status_code == 200
    return kept(client)


def test_what_suggestions_need_is_kept_and_computed_by_no_other_server(program, serve, monkeypatch):
    assert kept(program) == {"first", "kept", "answer"}
    encoder = OpenedWords()
    monkeypatch.setattr(use_cases, "open_models", lambda *_: Models(encoder, NoWords(), plain_calibration()))
    other = serve()
    there = program.get(f"{STARTUP}/suggestions").json()
    assert other.get(f"{STARTUP}/suggestions").json() == there
    assert encoder.encoded == 0
    other.put(STARTUP, json={"needs": ["second", "kept"]})
    other.get(f"{STARTUP}/suggestions")
    assert encoder.encoded == 1  # a changed text, nothing else


def test_a_cohort_that_is_sent_is_kept_nowhere_and_encoded_once(serve, monkeypatch, tmp_path):
    encoder = OpenedWords()
    monkeypatch.setattr(use_cases, "open_models", lambda *_: Models(encoder, NoWords(), plain_calibration()))
    client = serve()
    answers = [client.post("/v1/match", json=COHORT) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["matches"] == answers[1].json()["matches"]
    assert encoder.encoded == 2  # once as it asks and once as it answers
    with client.app.state.shared.database.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(computed)) == 0
    files: list[Path] = [one for one in tmp_path.rglob("*") if one.is_file()]
    assert not [one for one in files if one.name == "cache.sqlite" or b"secret" in one.read_bytes()]


def test_what_was_computed_for_a_text_goes_once_its_profile_says_it_no_longer(program):
    assert put(program, "second", "kept") == {"second", "kept", "answer"}
    program.patch(STARTUP, json={"needs": ["third", "kept"]})
    assert kept(program) == {"kept", "answer"}
    assert put(program, "third", "kept") == {"third", "kept", "answer"}
    lines = json.dumps({"id": "s1", "needs": ["fourth"]})
    headers = {"Content-Type": "application/x-ndjson"}
    program.post(f"{URL}/import?what=startups", content=lines, headers=headers)
    assert kept(program) == {"answer"}
    program.delete(f"{URL}/experts/e1")
    # The index follows by itself then, and computes what it has not seen yet.
    assert kept(program) <= {"fourth"}


def test_a_deleted_profile_takes_what_was_computed_for_it_in_runs_too(program):
    assert program.post(f"{URL}/runs", json={}).status_code == 202
    put(program, "second")
    # As a worker would, whose run has what the startup said before.
    cache = DatabaseCache(program.app.state.shared.database, lambda connection, texts: texts)
    cache.write(f"{OpenedWords().fingerprint}/query", {"first": b"vector"})
    assert kept(program) == {"first", "second", "answer"}
    assert program.delete(STARTUP).status_code == 204
    assert kept(program) == {"answer"}


def test_a_deleted_program_takes_all_of_it(program):
    again = {"Idempotency-Key": "once"}
    assert program.delete(URL, headers=again).status_code == 204
    assert kept(program) == set()
    assert program.delete(URL, headers=again).status_code == 204
    assert program.delete(URL).status_code == 404
