"""Suggestions over HTTP: they follow every write, forbid what is forbidden, and tell nobody's secrets."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from matcher.live import LiveIndex
from matcher.profiles import Side
from service.store.database import open_database
from service.store.keys import Grant, Role, create_key
from service.store.profiles import ANYTHING, put_profile
from service.store.writes import writing
from tests.service.http.both import serve

__all__ = ["serve"]

URL = "/v1/programs/spring"
STARTUPS = {
    "s1": {"needs": ["robot arm control"], "data_assets": ["hidden torque logs"], "confidential": ["data_assets"]},
    "s2": {"name": "Rival", "needs": ["robot arm control"]},
}
EXPERTS = {
    "e1": {"kind": "professor", "expertise": ["robot arm control", "hidden torque logs"], "max_load": 1},
    "e2": {"kind": "professor", "expertise": ["tax law"]},
    "v1": {"kind": "investor", "expertise": ["robot arm funds"]},
}


@pytest.fixture
def program(client: TestClient) -> TestClient:
    assert client.post("/v1/programs", json={"id": "spring"}).status_code == 201
    for side, profiles in (("startups", STARTUPS), ("experts", EXPERTS)):
        for id_, fields in profiles.items():
            assert client.put(f"{URL}/{side}/{id_}", json=fields).status_code == 201
    return client


def key(client: TestClient, role: Role, party: str) -> dict[str, str]:
    secret = create_key(client.app.state.shared.database, Grant(role, "spring", party), "tests")[1]
    return {"Authorization": f"Bearer {secret}"}


def suggested(client: TestClient, of: str = "startups/s1", query: str = "", **options) -> list[tuple[str, str]]:
    answer = client.get(f"{URL}/{of}/suggestions{query}", **options)
    assert answer.status_code == 200, answer.json()
    return [(one["startup"], one["expert"]) for one in answer.json()["suggestions"]]


def test_a_question_that_is_asked_again_is_computed_once_and_sqlite_is_asked_for_nothing(program, monkeypatch):
    asked, computed, for_startup = [], [], LiveIndex.for_startup
    monkeypatch.setattr(LiveIndex, "for_startup", lambda *given: computed.append(given) or for_startup(*given))
    first = suggested(program)
    assert computed
    suggested(program)  # for the first one vectors were kept, which is a write
    computed.clear()
    database = program.app.state.shared.database
    event.listen(database, "before_cursor_execute", lambda *given: asked.append(given[2]))
    assert [suggested(program) for _ in range(5)] == [first] * 5
    assert computed == []
    assert len(asked) == (0 if database.dialect.name == "sqlite" else 10)
    program.put(f"{URL}/experts/e1", json={**EXPERTS["e1"], "expertise": ["gardens"]})
    asked.clear()
    suggested(program)
    assert computed
    assert asked


def test_a_startup_gets_each_kind_ranked_and_an_expert_its_startups(program):
    found = program.get(f"{URL}/startups/s1/suggestions").json()["suggestions"]
    assert [(one["kind"], one["rank"], one["expert"]) for one in found] == [
        ("professor", 1, "e1"),
        ("professor", 2, "e2"),
        ("investor", 1, "v1"),
    ]
    first = found[0]
    known = [value for value in first["parts"].values() if value is not None]
    assert sum(known) == pytest.approx(first["score"])
    assert first["evidence"][0]["expert_passage"] == "robot arm control"
    assert suggested(program, query="?kind=investor&limit=1") == [("s1", "v1")]
    assert suggested(program, "experts/e1") == [("s1", "e1"), ("s2", "e1")]


def test_every_write_is_followed_by_the_next_answer(program):
    assert suggested(program, query="?kind=professor")[0] == ("s1", "e1")
    late = {"kind": "professor", "expertise": ["robot arm control", "hidden torque logs"], "wants": ["s1"]}
    program.put(f"{URL}/experts/late", json=late)
    assert suggested(program, query="?kind=professor")[0] == ("s1", "late")
    program.post(f"{URL}/relations", json={"source": "late", "target": "s1", "type": "family"})
    assert ("s1", "late") not in suggested(program)
    program.patch(URL, json={"bans": [["s1", "e1"]]})
    assert suggested(program, query="?kind=professor") == [("s1", "e2")]
    program.delete(f"{URL}/experts/e2")
    assert suggested(program, query="?kind=professor") == []
    program.patch(URL, json={"bans": None})
    program.patch(f"{URL}/startups/s1", json={"needs": ["funds"], "seeks": ["investor"]})
    assert suggested(program) == [("s1", "v1")]
    program.delete(f"{URL}/startups/s1")
    assert program.get(f"{URL}/startups/s1/suggestions").status_code == 404


def test_a_startup_sees_its_own_and_nothing_of_others(program):
    suggested(program, "startups/s2")
    own = key(program, Role.STARTUP, "s1")
    answer = program.get(f"{URL}/startups/s1/suggestions", headers=own)
    assert answer.status_code == 200
    assert "hidden torque logs" in answer.text
    assert not [word for word in ("s2", "Rival", "warnings", "max_load") if word in answer.text]
    for other in ("startups/s2", "startups/nobody", "experts/e1"):
        assert program.get(f"{URL}/{other}/suggestions", headers=own).status_code == 403
    assert program.get("/v1/programs/autumn/startups/s1/suggestions", headers=own).status_code == 403


def test_an_expert_sees_no_confidential_text(program):
    answer = program.get(f"{URL}/experts/e1/suggestions", headers=key(program, Role.EXPERT, "e1"))
    assert [one["startup"] for one in answer.json()["suggestions"]] == ["s1", "s2"]
    told = [found for one in answer.json()["suggestions"] for found in one["evidence"]]
    assert "hidden torque logs" not in {found["startup_passage"] for found in told}
    assert "hidden torque logs" in program.get(f"{URL}/experts/e1/suggestions").text, "a manager sees it"


def test_a_pair_is_explained_or_ruled_out(program):
    good = program.get(f"{URL}/pairs/s1/e1").json()
    assert (good["eligible"], good["matched"], good["run"]) == (True, None, None)
    assert good["evidence"]
    program.post(f"{URL}/relations", json={"source": "e1", "target": "s1", "type": "family"})
    bad = program.get(f"{URL}/pairs/s1/e1").json()
    assert bad["eligible"] is False
    assert bad["ruled_out"] == ["conflict: family (e1 – s1)"]
    assert "score" not in bad
    assert program.get(f"{URL}/pairs/s1/nobody").status_code == 404


@pytest.mark.parametrize("query", ["?limit=0", "?limit=101", "?kind=friend", "?limit=x"])
def test_what_cannot_be_asked_is_422(program, query):
    assert program.get(f"{URL}/startups/s1/suggestions{query}").status_code == 422


def test_a_program_of_one_side_suggests_nothing(client):
    client.post("/v1/programs", json={"id": "spring"})
    client.put(f"{URL}/startups/s1", json=STARTUPS["s1"])
    answer = client.get(f"{URL}/startups/s1/suggestions")
    assert answer.status_code == 200
    assert answer.json() == {"suggestions": []}


def test_a_startup_is_not_told_the_names_of_others_by_documents_introductions_or_employers(client):
    """An investor's document on a startup of the program, and an organisation that is called like one."""
    client.post("/v1/programs", json={"id": "spring"})
    client.put(f"{URL}/startups/s1", json={"name": "Leafsight", "needs": ["robot arm control"]})
    client.put(f"{URL}/startups/s2", json={"name": "Rival Robotics", "needs": ["robot arms"]})
    backed = [{"title": "Rival Robotics Inc.", "text": "robot arm control"}]
    client.put(f"{URL}/experts/v1", json={"kind": "investor", "name": "Lee", "documents": backed})
    client.put(f"{URL}/experts/v2", json={"kind": "investor", "name": "Han", "expertise": ["robot arm control"]})
    for source, target, type_ in (
        ("v1", "s1", "advisor"),
        ("v1", "org:Rival Robotics", "invested_in"),
        ("v2", "org:Rival Robotics", "invested_in"),
    ):
        relation = {"source": source, "target": target, "type": type_}
        assert client.post(f"{URL}/relations", json=relation).status_code == 201
    own = client.get(f"{URL}/startups/s1/suggestions", headers=key(client, Role.STARTUP, "s1"))
    assert {one["expert"] for one in own.json()["suggestions"]} == {"v1", "v2"}
    assert "Lee advises Leafsight" in own.text
    assert "Rival" not in own.text
    assert "Rival" in client.get(f"{URL}/startups/s1/suggestions").text, "a manager sees it"


def test_a_name_that_is_confidential_is_told_to_nobody_else(client):
    client.post("/v1/programs", json={"id": "spring"})
    hidden = {"name": "Stealth Arms", "needs": ["robot arm control"], "confidential": ["name"]}
    client.put(f"{URL}/startups/s1", json=hidden)
    client.put(f"{URL}/experts/e1", json={"kind": "professor", "name": "Lee", "expertise": ["robot arm control"]})
    client.post(f"{URL}/relations", json={"source": "e1", "target": "s1", "type": "advisor"})
    shown = client.get(f"{URL}/experts/e1/suggestions", headers=key(client, Role.EXPERT, "e1"))
    assert shown.json()["suggestions"][0]["warm_path"] == "Lee advises s1"
    assert "Stealth" not in shown.text


def test_a_write_of_another_process_is_in_the_next_answer(program):
    assert suggested(program, query="?kind=professor")[0] == ("s1", "e1")
    late = {
        "id": "late",
        "kind": "professor",
        "expertise": ["robot arm control", "hidden torque logs"],
        "wants": ["s1"],
    }
    other = open_database(program.app.state.shared.settings.database_url)
    with writing(other) as connection:
        put_profile(connection, "spring", Side.EXPERT, "late", late, ANYTHING, "tests")
    other.dispose()
    assert suggested(program, query="?kind=professor")[0] == ("s1", "late")


def test_what_is_deleted_leaves_the_index_though_nobody_asks_again(program):
    suggested(program)
    program.delete(f"{URL}/experts/e1")
    followed = program.app.state.shared.suggestions._followed["spring"]
    wait_until(lambda: "e1" not in {one.id for one in followed.cohort.experts})
    program.delete(URL)
    wait_until(lambda: not program.app.state.shared.suggestions.sizes)


def wait_until(is_so) -> None:
    end = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)
