"""Suggestions over HTTP: they follow every write, forbid what is forbidden, and tell nobody's secrets."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from service.store.keys import Grant, Role, create_key

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
