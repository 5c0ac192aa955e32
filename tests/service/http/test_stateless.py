"""`POST /v1/match` and `POST /v1/assign`: the same answers as the commands, and every mistake by its field."""

from __future__ import annotations

import json

import pytest

from tests.service.cohorts import EXPERTS, RELATIONS, STARTUPS, professor, startup

COHORT = {"startups": list(STARTUPS), "experts": list(EXPERTS), "relations": list(RELATIONS), "program": {"seed": 3}}
PROBLEM = {
    "id": "p1",
    "startups": [{"id": "s1"}, {"id": "s2"}],
    "experts": [{"id": "e1", "max": 1}, {"id": "e2", "max": 1}],
    "scores": [[0.9, 0.8], [0.8, 0.1]],
}


def problem_of(response, status):
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    assert body["request_id"] == response.headers["x-request-id"]
    return body


def test_it_answers_what_the_command_writes(client, matcher, cohort, out):
    answer = client.post("/v1/match", json=COHORT)
    assert answer.status_code == 200
    matcher("match", cohort(relations=RELATIONS, program="seed = 3"), "--out", out)
    written = [json.loads(line) for line in (out / "matches.jsonl").read_text().splitlines()]
    body = answer.json()
    assert body["matches"] == [one for one in written if "score" in one]
    assert body["unmatched"] == [one for one in written if "score" not in one]
    assert body["run"]["cohort"] == json.loads((out / "run.json").read_text())["cohort"]
    for match in body["matches"]:
        assert {"startup", "expert", "kind", "score", "parts", "evidence"} <= match.keys()


def test_relations_and_program_may_be_left_out_and_a_kind_may_be_asked_for(client):
    body = client.post("/v1/match?kind=professor", json={**COHORT, "relations": None, "program": None}).json()
    assert {match["kind"] for match in body["matches"]} == {"professor"}


def test_a_conflict_holds_and_no_forbidden_pair_is_in_the_answer(client):
    relations = [{"source": "s1", "target": "p1", "type": "family"}]
    body = client.post("/v1/match", json={**COHORT, "relations": relations}).json()
    assert ("s1", "p1") not in {(match["startup"], match["expert"]) for match in body["matches"]}
    assert "p1" not in {
        (match["alternative"] or {}).get("expert") for match in body["matches"] if match["startup"] == "s1"
    }


def test_an_infeasible_cohort_is_409_with_its_conflict(client):
    startups = [startup(f"s{at}", "plan", min_matches=1) for at in range(3)]
    body = problem_of(
        client.post("/v1/match", json={"startups": startups, "experts": [professor("e1", "plan", max_load=2)]}), 409
    )
    assert body["conflict"]["needed"] == 3
    assert body["conflict"]["available"] == 2
    assert body["conflict"]["relaxations"]
    done = client.post(
        "/v1/match?best_effort=true", json={"startups": startups, "experts": [professor("e1", "plan", max_load=2)]}
    )
    assert len(done.json()["matches"]) == 2


def test_every_mistake_of_a_cohort_is_told_by_its_field(client):
    wrong = {
        "startups": [{"id": "s1", "needs": 3}, "s2", {"name": "nobody"}],
        "experts": [{"id": "e1", "kind": "wizard", "expertise": ["x"]}],
        "relations": [{"source": "s1", "target": "e9", "type": "family"}],
        "program": {"objective": "best"},
        "colour": "red",
    }
    body = problem_of(client.post("/v1/match", json=wrong), 422)
    fields = {one["field"] for one in body["errors"]}
    assert {"startups[0].needs", "startups[1]", "startups[2].id", "experts[0].kind"} <= fields
    assert {"relations[0].target", "program.objective", "colour"} <= fields
    assert all("expected" in one["message"] for one in body["errors"])


@pytest.mark.parametrize("path", ["/v1/match", "/v1/assign"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"startups": NaN}',
        b'{"a": 1e999}',
        b'{"a": 1, "a": 2}',
        b"[" * 10_000,
        b'{"a": "\\ud800"}',
    ],
    ids=["nothing", "half", "no utf-8", "nan", "huge", "twice", "deep", "half a character"],
)
def test_what_is_no_json_is_400(client, path, body):
    problem_of(client.post(path, content=body), 400)


@pytest.mark.parametrize("path", ["/v1/match", "/v1/assign"])
@pytest.mark.parametrize("body", [[], 3, None, "x", {}, {"startups": []}, {"startups": {}, "experts": 4}], ids=repr)
def test_json_of_another_shape_is_422(client, path, body):
    problem_of(client.post(path, content=json.dumps(body)), 422)


def test_texts_with_markup_come_back_as_they_are(client):
    text = "<script>alert(1)</script> '; DROP TABLE keys; --\u202e\u200b"
    startups = [startup("s/1 ?", text)]
    body = client.post("/v1/match", json={"startups": startups, "experts": [professor("e1", text)]}).json()
    assert body["matches"][0]["startup"] == "s/1 ?"
    assert body["matches"][0]["evidence"][0]["startup_passage"] == text


def test_an_assignment_is_solved(client):
    body = client.post("/v1/assign", json=PROBLEM).json()
    assert (body["id"], body["status"], body["total"]) == ("p1", "optimal", 1.6)
    assert body["pairs"] == [["s1", "e2", 0.8], ["s2", "e1", 0.8]]


def test_an_infeasible_assignment_is_200_with_its_conflict(client):
    wrong = {**PROBLEM, "startups": [{"id": "s1", "min": 2, "max": 2}, {"id": "s2", "min": 1}]}
    answer = client.post("/v1/assign", json=wrong)
    assert answer.status_code == 200
    assert answer.json()["status"] == "infeasible"
    assert answer.json()["conflict"]["relaxations"]
    assert client.post("/v1/assign?best_effort=true", json=wrong).json()["unmet"]


def test_mistakes_of_a_problem_are_told_by_field(client):
    body = problem_of(client.post("/v1/assign", json={**PROBLEM, "scores": [[1]], "objective": "best"}), 422)
    assert {"objective"} <= {one["field"] for one in body["errors"]}
    assert len(body["errors"]) >= 2


def test_too_much_at_once_is_413(serve):
    client = serve(largest_body=2_000, most_pairs=3)
    problem_of(client.post("/v1/match", content=b" " * 2_001), 413)
    problem_of(client.post("/v1/match", content=iter([b" " * 1_500] * 2)), 413)
    body = {
        "startups": [startup("s1", "a"), startup("s2", "b")],
        "experts": [professor("e1", "a"), professor("e2", "b")],
    }
    assert "2 startups × 2 experts" in problem_of(client.post("/v1/match", json=body), 413)["detail"]


def test_a_defect_is_500_without_its_inside(client, monkeypatch):
    monkeypatch.setattr("service.matchmaker.match_cohort", lambda *given: 1 / 0)
    body = problem_of(client.post("/v1/match", json=COHORT), 500)
    assert "division" not in json.dumps(body)


def test_two_requests_at_once_get_their_own_answers(client):
    from concurrent.futures import ThreadPoolExecutor

    def ask(at: int) -> str:
        body = {"startups": [startup(f"s{at}", "plan")], "experts": [professor(f"e{at}", "plan")]}
        return client.post("/v1/match", json=body).json()["matches"][0]["expert"]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(24))) == [f"e{at}" for at in range(24)]
