"""Profiles are encoded before anybody asks, and a program tells how many are."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence

import pytest
from starlette.testclient import TestClient

from matcher.encoding import Role, Vectors
from matcher.errors import ProcessLost
from models.opening import Models
from service import reading_ahead, use_cases
from service.reading_ahead import ReadingAhead
from service.store.computed import DatabaseCache
from service.store.encoded import count_marked, find_unmarked, mark_encoded, start_after
from service.store.errors import LOST
from tests.fakes import NoWords, WordEncoder, plain_calibration
from tests.service.conftest import OpenedWords
from tests.service.http.both import serve
from tests.service.http.conftest import Serve
from tests.service.store.outage import gone

__all__ = ["serve"]
URL = "/v1/programs/spring"
PATIENCE_S = 60


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> OpenedWords:
    return OpenedWords()


@pytest.fixture
def client(serve: Serve, encoder: OpenedWords, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A server that reads nothing ahead until `ahead` is called."""
    monkeypatch.setattr(use_cases, "open_models", lambda *_: Models(encoder, NoWords(), plain_calibration()))
    client = serve()
    assert client.post("/v1/programs", json={"id": "spring"}).status_code == 201
    until(lambda: client.get(URL).json()["read"] is not None)
    return client


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def import_experts(client: TestClient, many: int, of: str = "robots", first: int = 0) -> None:
    rows = [{"id": f"e{at}", "kind": "professor", "expertise": [f"{of} {at}"]} for at in range(first, first + many)]
    lines = "\n".join(json.dumps(row) for row in rows)
    headers = {"Content-Type": "application/x-ndjson"}
    assert client.post(f"{URL}/import?what=experts", content=lines, headers=headers).status_code == 200


def counts(client: TestClient) -> tuple[int, int]:
    program = client.get(URL).json()
    return program["read"], program["startups"] + program["experts"]


@pytest.fixture
def ahead(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Let the server read ahead from now on."""
    monkeypatch.setattr(reading_ahead, "_LOOK_S", 0.02)
    shared, begun = client.app.state.shared, []

    def begin() -> None:
        begun.append(ReadingAhead(shared.database, shared.matchmaker, shared.closing))

    yield begin
    for reader in begun:
        reader.close()


def test_an_import_is_encoded_before_anybody_asks_and_the_program_tells_how_far_it_is(client, encoder, ahead):
    import_experts(client, 100)
    assert counts(client) == (0, 100)
    ahead()
    until(lambda: counts(client) == (100, 100))
    assert encoder.encoded == 100
    client.put(f"{URL}/startups/s1", json={"needs": ["robots 7"]})
    until(lambda: counts(client) == (101, 101))
    found = client.get(f"{URL}/startups/s1/suggestions?limit=1").json()["suggestions"]
    assert [one["expert"] for one in found] == ["e7"]
    assert encoder.encoded == 101  # suggestions found all of it encoded


def test_the_number_rises_a_few_at_a_time_while_others_are_served(client, encoder, ahead, monkeypatch):
    import_experts(client, 50)
    seen, encode = [], reading_ahead._encode

    def watched(*given):
        place = encode(*given)
        seen.append(counts(client)[0])
        return place

    monkeypatch.setattr(reading_ahead, "_encode", watched)
    ahead()
    until(lambda: counts(client) == (50, 50) and len(seen) > 3)
    assert seen == [16, 32, 48, 50]


def test_who_asks_for_suggestions_first_has_everything_read(client, encoder):
    import_experts(client, 300)
    client.put(f"{URL}/startups/s1", json={"needs": ["robots 7"]})
    assert client.get(f"{URL}/startups/s1/suggestions").status_code == 200
    assert counts(client) == (301, 301)
    assert encoder.encoded == 301


def test_a_profile_that_was_written_again_is_read_again_and_no_other(client, encoder, ahead):
    import_experts(client, 20)
    ahead()
    until(lambda: counts(client) == (20, 20))
    import_experts(client, 2, "ships")
    client.delete(f"{URL}/experts/e9")
    until(lambda: counts(client) == (19, 19))
    assert encoder.encoded == 22


def test_a_program_that_is_made_anew_under_its_old_id_is_read_too(client, encoder, ahead):
    import_experts(client, 3)
    ahead()
    until(lambda: counts(client) == (3, 3))
    client.delete(URL)
    client.post("/v1/programs", json={"id": "spring"})
    import_experts(client, 3, "ships")
    until(lambda: counts(client) == (3, 3))
    assert encoder.encoded == 6


def test_it_ends_with_the_server_and_another_goes_on(client, serve, encoder, ahead, monkeypatch):
    import_experts(client, 3)
    other = serve()
    shared = other.app.state.shared
    monkeypatch.setattr(reading_ahead, "_LOOK_S", 0.02)
    reader = ReadingAhead(shared.database, shared.matchmaker, shared.closing)
    until(lambda: counts(client) == (3, 3))
    reader.close()
    import_experts(client, 3, first=3)
    time.sleep(0.5)
    assert counts(client) == (3, 6)
    ahead()
    until(lambda: counts(client) == (6, 6))


def test_texts_at_which_the_process_of_the_encoder_is_lost_are_tried_again_and_hold_up_no_other_program(
    client, encoder, ahead, monkeypatch, caplog
):
    encode, other = WordEncoder.encode, URL.replace("spring", "autumn")

    def may_be_lost(self: WordEncoder, texts: Sequence[str], role: Role) -> Vectors:
        if any("robots" in text for text in texts):
            raise ProcessLost("the encoder's process ended")
        return encode(self, texts, role)

    monkeypatch.setattr(reading_ahead, "_AGAIN_S", 0.1)
    with pytest.MonkeyPatch.context() as lost:
        lost.setattr(WordEncoder, "encode", may_be_lost)
        import_experts(client, 3)
        client.post("/v1/programs", json={"id": "autumn"})
        client.put(f"{other}/experts/e", json={"kind": "professor", "expertise": ["ships"]})
        ahead()
        until(lambda: client.get(other).json()["read"] == 1)
        until(lambda: caplog.text.count("reading ahead waits") > 1)
        assert counts(client) == (0, 3)
    until(lambda: counts(client) == (3, 3))


def test_what_could_not_be_kept_is_not_told_as_read(client, encoder, monkeypatch):
    import_experts(client, 2)
    client.put(f"{URL}/startups/s1", json={"needs": ["robots"]})

    def away(*_):
        raise LOST[0]("", None, Exception())

    with monkeypatch.context() as patch:
        patch.setattr(DatabaseCache, "_write", away)
        assert client.get(f"{URL}/startups/s1/suggestions").status_code == 200
    assert counts(client) == (0, 3)


def test_marks_count_for_one_revision_and_one_model(client):
    import_experts(client, 3)
    database = client.app.state.shared.database
    with database.begin() as connection:
        found = find_unmarked(connection, "spring", "model", start_after(0), 9)
        assert [one.id for one in found] == ["e0", "e1", "e2"]
        assert [one.id for one in find_unmarked(connection, "spring", "model", start_after(0), 2)] == ["e0", "e1"]
        mark_encoded(connection, "spring", found[:2], "model")
        mark_encoded(connection, "spring", found[:2], "model")
        mark_encoded(connection, "gone", found, "model")
    import_experts(client, 1, "ships")
    with database.connect() as connection:
        assert count_marked(connection, "spring", "model") == 1
        assert count_marked(connection, "spring", "another") == 0
        left = find_unmarked(connection, "spring", "model", start_after(0), 9)
        assert [one.id for one in left] == ["e2", "e0"]  # as they were written
        assert find_unmarked(connection, "spring", "model", start_after(left[-1].revision), 9) == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_it_goes_on_once_a_database_that_was_away_is_back(client, ahead, database_url):
    import_experts(client, 20)
    with gone(database_url):
        ahead()
        time.sleep(0.3)
    until(lambda: counts(client) == (20, 20))
