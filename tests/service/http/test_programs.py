"""Programs, profiles, relations and imports over HTTP: kept, read back, guarded against lost and repeated updates."""

from __future__ import annotations

import io
import json
import zipfile
from urllib.parse import quote

import openpyxl
import pytest
from starlette.testclient import TestClient

from service.store.keys import Grant, Role, create_key
from tests.service.http.both import serve

__all__ = ["serve"]

STARTUP = {
    "name": "Leafsight",
    "needs": ["plant disease", {"text": "photos", "weight": 2}],
    "max_matches": {"investor": 2},
}
EXPERT = {"kind": "professor", "expertise": ["식물 병해 진단"], "max_load": 2, "check_usd": None}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def program(client: TestClient) -> TestClient:
    assert client.post("/v1/programs", json={"id": "spring", "name": "봄 2026"}).status_code == 201
    return client


def key(client: TestClient, role: Role, party: str | None = None, program: str = "spring") -> dict[str, str]:
    secret = create_key(client.app.state.shared.database, Grant(role, program, party), "tests")[1]
    return {"Authorization": f"Bearer {secret}"}


def errors(answer) -> dict[str, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return {one["field"]: one["message"] for one in answer.json()["errors"]}


# --- programs ----------------------------------------------------------------------------------------------------


def test_a_program_is_made_read_changed_and_deleted(client):
    made = client.post("/v1/programs", json={"id": "spring", "objective": "fair", "weights": {"needs": 2.0}})
    assert made.status_code == 201
    assert made.headers["location"] == "/v1/programs/spring"
    assert {name: made.json()[name] for name in ("id", "objective", "startups")} == {
        "id": "spring",
        "objective": "fair",
        "startups": 0,
    }
    read = client.get("/v1/programs/spring")
    assert read.json() == made.json()
    seen = {"If-Match": read.headers["etag"]}
    changed = client.patch("/v1/programs/spring", json={"objective": None, "seed": 3}, headers=seen)
    assert changed.status_code == 200
    assert "objective" not in changed.json()
    assert changed.json()["seed"] == 3
    lost = client.patch("/v1/programs/spring", json={"seed": 4}, headers=seen)
    assert lost.status_code == 412
    assert client.delete("/v1/programs/spring").status_code == 204
    assert client.get("/v1/programs/spring").status_code == 404


def test_what_no_program_could_say_is_422_with_its_field(client):
    answer = client.post("/v1/programs", json={"id": "p", "objective": "best", "pin": []})
    assert answer.status_code == 422
    assert set(errors(answer)) == {"objective", "pin"}
    assert client.get("/v1/programs").json()["items"] == []
    assert client.post("/v1/programs", json={"id": "x" * 201}).status_code == 422
    assert client.post("/v1/programs", json=[1]).status_code == 422


def test_programs_are_listed_page_by_page_and_a_second_of_one_id_is_409(client):
    for id_ in ("b", "a", "c"):
        client.post("/v1/programs", json={"id": id_})
    assert client.post("/v1/programs", json={"id": "a"}).status_code == 409
    page = client.get("/v1/programs?limit=2").json()
    assert ([one["id"] for one in page["items"]], page["next"]) == (["a", "b"], "b")
    assert [one["id"] for one in client.get("/v1/programs?cursor=b").json()["items"]] == ["c"]
    scoped = key(client, Role.MANAGER, program="b")
    assert [one["id"] for one in client.get("/v1/programs", headers=scoped).json()["items"]] == ["b"]
    assert client.post("/v1/programs", json={"id": "d"}, headers=scoped).status_code == 403


# --- profiles ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("side", "fields"), [("startups", STARTUP), ("experts", EXPERT)])
@pytest.mark.parametrize("id_", ["s1", "a/b c", "50%", "%2F", "한글 이름", "..%", "x?y#z", "e\u0301"])
def test_a_profile_comes_back_as_it_was_put_under_any_id(program, side, fields, id_):
    url = f"/v1/programs/spring/{side}/{quote(id_, safe='')}"
    put = program.put(url, json=fields)
    assert put.status_code == 201
    read = program.get(url)
    assert read.json() == put.json()
    assert read.json()["id"] == id_
    assert read.headers["etag"] == put.headers["etag"]
    assert program.put(url, json={**fields, "name": "again"}).status_code == 200
    assert [one["id"] for one in program.get(f"/v1/programs/spring/{side}").json()["items"]] == [id_]
    assert program.delete(url).status_code == 204
    assert program.get(url).status_code == 404
    assert program.get(f"/v1/programs/spring/{side}").json()["items"] == []


def test_two_managers_editing_one_profile_do_not_overwrite_each_other(program):
    url = "/v1/programs/spring/startups/s1"
    seen = program.put(url, json=STARTUP).headers["etag"]
    assert program.put(url, json={**STARTUP, "stage": "Seed"}, headers={"If-Match": seen}).status_code == 200
    lost = program.put(url, json={**STARTUP, "stage": "Series A"}, headers={"If-Match": seen})
    assert lost.status_code == 412
    assert "read it again" in lost.json()["detail"]
    assert program.get(url).json()["stage"] == "Seed"
    assert program.put(url, json=STARTUP, headers={"If-None-Match": "*"}).status_code == 412
    assert program.delete(url, headers={"If-Match": seen}).status_code == 412
    assert program.put(url, json=STARTUP, headers={"If-Match": "everything"}).status_code == 412
    assert program.put(url, json=STARTUP, headers={"If-Match": "*"}).status_code == 200
    assert program.put(f"{url}0", json=STARTUP, headers={"If-Match": "*"}).status_code == 412
    assert program.get(f"{url}0").status_code == 404


def test_a_bad_profile_is_told_by_field_and_not_kept(program):
    answer = program.put("/v1/programs/spring/experts/e1", json={"max_load": "many", "min_load": -1})
    assert answer.status_code == 422
    assert set(errors(answer)) == {"kind", "max_load", "min_load"}
    other = program.put("/v1/programs/spring/startups/s1", json={"id": "s2", "needs": ["x"]})
    assert set(errors(other)) == {"id"}
    silent = program.put("/v1/programs/spring/startups/s1", json={"name": "Mute"})
    assert silent.status_code == 422
    assert "says nothing to match on" in silent.json()["errors"][0]["message"]
    assert program.get("/v1/programs/spring/startups/s1").status_code == 404
    assert program.put("/v1/programs/nowhere/startups/s1", json=STARTUP).status_code == 404


def test_a_patch_changes_the_named_fields_and_null_empties_one(program):
    url = "/v1/programs/spring/startups/s1"
    program.put(url, json={**STARTUP, "stage": "Seed"})
    changed = program.patch(url, json={"stage": None, "region": "서울"})
    assert changed.status_code == 200
    assert changed.json() == {**program.get(url).json()}
    assert "stage" not in changed.json()
    assert changed.json()["region"] == "서울"


def test_an_expert_sets_its_own_limits_and_wishes_and_nothing_else(program):
    program.put("/v1/programs/spring/experts/e1", json=EXPERT)
    program.put("/v1/programs/spring/experts/e2", json=EXPERT)
    own = key(program, Role.EXPERT, "e1")
    url = "/v1/programs/spring/experts/e1"
    assert program.get(url, headers=own).status_code == 200
    assert program.patch(url, json={"max_load": 1, "avoids": ["s1"]}, headers=own).json()["max_load"] == 1
    assert program.patch(url, json={"max_load": 1, "expertise": ["x"]}, headers=own).status_code == 403
    assert program.put(url, json=EXPERT, headers=own).status_code == 403
    assert program.patch("/v1/programs/spring/experts/e2", json={"max_load": 0}, headers=own).status_code == 403
    assert program.get("/v1/programs/spring/experts/e2", headers=own).status_code == 403
    assert program.get("/v1/programs/spring/experts", headers=own).status_code == 403


# --- relations and imports ---------------------------------------------------------------------------------------


def test_relations_are_added_one_or_many_and_go_with_their_party(program):
    program.put("/v1/programs/spring/startups/s1", json=STARTUP)
    program.put("/v1/programs/spring/experts/e1", json=EXPERT)
    one = program.post("/v1/programs/spring/relations", json={"source": "e1", "target": "s1", "type": "advisor"})
    assert one.status_code == 201
    rows = [{"source": "e1", "target": "org:Gaon", "type": "employer"}] * 2
    program.post("/v1/programs/spring/relations", json=rows)
    listed = program.get("/v1/programs/spring/relations").json()["items"]
    assert [one["type"] for one in listed] == ["advisor", "employer", "employer"]
    assert program.delete(f"/v1/programs/spring/relations/{listed[1]['id']}").status_code == 204
    assert program.delete(f"/v1/programs/spring/relations/{listed[1]['id']}").status_code == 404
    wrong = program.post("/v1/programs/spring/relations", json=[rows[0], {"source": "e9", "target": "s1", "type": "x"}])
    assert wrong.status_code == 422
    assert list(errors(wrong)) == ["relations[1].source"]
    program.delete("/v1/programs/spring/experts/e1")
    assert program.get("/v1/programs/spring/relations").json()["items"] == []


def test_a_file_is_imported_whole_or_not_at_all_and_a_bad_row_has_its_number(program):
    url = "/v1/programs/spring/import?what=experts"
    rows = [f"e{at},professor,robot arms,{at % 3}" for at in range(300)]
    good = "\n".join(["id,kind,expertise,max_load", *rows])
    answer = program.post(url, content=good.encode("cp949"), headers={"Content-Type": "text/csv"})
    assert answer.json() == {"rows": 300, "new": 300, "replaced": 0}
    bad = good.replace("e250,professor,robot arms,1", "e250,professor,robot arms,many").replace("robot", "legal")
    refused = program.post(url, content=bad, headers={"Content-Type": "text/csv"})
    assert refused.status_code == 422
    assert list(errors(refused)) == ["experts.csv[251].max_load"]
    assert program.get("/v1/programs/spring/experts/e7").json()["expertise"] == ["robot arms"]
    again = program.post(
        url, content="\n".join(json.dumps({"id": "e1", "kind": "투자자", "sectors": ["ai"]}) for _ in "1")
    )
    assert again.status_code == 415
    lines = json.dumps({"id": "e1", "kind": "투자자", "sectors": ["ai"]})
    answer = program.post(url, content=lines, headers={"Content-Type": "application/x-ndjson"})
    assert answer.json() == {"rows": 1, "new": 0, "replaced": 1}


def test_a_workbook_is_imported_and_a_bomb_is_refused(serve):
    client = serve(largest_body=100_000)
    client.post("/v1/programs", json={"id": "spring"})
    book = openpyxl.Workbook()
    book.active.append(["id", "needs"])
    book.active.append(["=1+1", "x; y | 2"])
    data = io.BytesIO()
    book.save(data)
    url = "/v1/programs/spring/import?what=startups"
    answer = client.post(url, content=data.getvalue(), headers={"Content-Type": XLSX})
    assert answer.status_code in (200, 422)  # a formula has no value where no spreadsheet computed it
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
    refused = client.post(url, content=bomb.getvalue(), headers={"Content-Type": XLSX})
    assert refused.status_code == 413


# --- repeated writes, and what is told of them ---------------------------------------------------------------------


def test_the_same_write_sent_twice_is_done_once_and_another_under_its_key_is_409(program):
    headers = {"Idempotency-Key": "abc"}
    body = {"source": "org:A", "target": "org:B", "type": "partner"}
    url = "/v1/programs/spring/relations"
    first, second = (program.post(url, json=body, headers=headers) for _ in range(2))
    assert first.json() == second.json()
    assert second.headers["idempotent-replay"] == "true"
    assert len(program.get(url).json()["items"]) == 1
    assert program.post(url, json={**body, "type": "x"}, headers=headers).status_code == 409
    other = key(program, Role.MANAGER)
    assert program.post(url, json=body, headers={**headers, **other}).status_code == 201
    assert program.post(url, json=body, headers={"Idempotency-Key": "x" * 201}).status_code == 400


def test_a_refused_write_may_be_sent_again_under_its_key(program):
    headers = {"Idempotency-Key": "abc"}
    body = {"source": "e1", "target": "org:B", "type": "partner"}
    url = "/v1/programs/spring/relations"
    assert program.post(url, json=body, headers=headers).status_code == 422
    program.put("/v1/programs/spring/experts/e1", json=EXPERT)
    assert program.post(url, json=body, headers=headers).status_code == 201


def test_the_audit_log_tells_every_write_and_no_text_of_a_profile(program):
    program.put("/v1/programs/spring/startups/s1", json=STARTUP)
    program.delete("/v1/programs/spring/startups/s1")
    admin = create_key(program.app.state.shared.database, Grant(Role.ADMIN), "tests")[1]
    log = program.get("/v1/audit", headers={"Authorization": f"Bearer {admin}"})
    told = [(one["action"], one["target"]) for one in log.json()["items"] if one["action"].split(".")[0] != "key"]
    assert told == [("startup.delete", "spring/s1"), ("startup.put", "spring/s1"), ("program.create", "spring")]
    assert "plant disease" not in log.text
    assert "Leafsight" not in log.text


def test_two_hundred_writers_at_once_lose_nothing(serve):
    from concurrent.futures import ThreadPoolExecutor

    client = serve(rate_limit="10000 per minute")
    client.post("/v1/programs", json={"id": "spring"})

    def put(at: int) -> int:
        return client.put(f"/v1/programs/spring/startups/s{at}", json=STARTUP).status_code

    with ThreadPoolExecutor(200) as pool:
        assert set(pool.map(put, range(200))) == {201}
    assert client.get("/v1/programs/spring").json()["startups"] == 200


def test_two_who_change_other_fields_at_once_both_do(program):
    from concurrent.futures import ThreadPoolExecutor

    url = "/v1/programs/spring/startups/s1"
    program.put(url, json=STARTUP)
    changes = [{"stage": "Seed"}, {"region": "서울"}, {"summary": "x"}, {"priority": 2}, {"seeks": ["investor"]}]
    with ThreadPoolExecutor(len(changes)) as pool:
        assert {one.status_code for one in pool.map(lambda change: program.patch(url, json=change), changes)} == {200}
    kept = program.get(url).json()
    assert {name: kept.get(name) for change in changes for name in change} == {
        k: v for c in changes for k, v in c.items()
    }


def test_relations_are_listed_page_by_page(program):
    url = "/v1/programs/spring/relations"
    program.post(url, json=[{"source": "org:A", "target": f"org:{at}", "type": "partner"} for at in range(5)])
    page = program.get(f"{url}?limit=3").json()
    assert [one["target"] for one in page["items"]] == ["org:0", "org:1", "org:2"]
    rest = program.get(f"{url}?cursor={page['next']}").json()
    assert ([one["target"] for one in rest["items"]], rest["next"]) == (["org:3", "org:4"], None)
    assert program.get(f"{url}?cursor=x").status_code == 422
