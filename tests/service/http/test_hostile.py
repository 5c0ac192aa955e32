"""What people send by mistake or on purpose: it comes back as text, is refused with a reason, and breaks nothing."""

from __future__ import annotations

import csv
import io
import json

import openpyxl
import pytest
from starlette.testclient import TestClient

from tests.service.http.test_runs import RUNS, run

TEXTS = [
    "'; DROP TABLE profiles; --",
    '<script>alert("1")</script><img src=x onerror=alert(1)>',
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\u202eright to left\u202c",
    "zero\u200bwidth\ufeff",
    "../../etc/passwd",
    "${jndi:ldap://x}",
    "{{7*7}}",
    "한글 🦾 \U0001f9be",
    "\u0000null".replace("\u0000", "\u2400"),
]


@pytest.fixture
def program(client: TestClient) -> TestClient:
    assert client.post("/v1/programs", json={"id": "spring", "name": TEXTS[1]}).status_code == 201
    return client


@pytest.mark.parametrize("text", TEXTS)
def test_any_text_comes_back_as_it_was_sent(program, text):
    startup = {"name": text, "needs": [text + " robot"], "data_assets": [text], "sectors": [text], "stage": text}
    put = program.put("/v1/programs/spring/startups/s1", json=startup)
    assert put.status_code == 201
    assert put.headers["content-type"] == "application/json"
    read = program.get("/v1/programs/spring/startups/s1").json()
    assert read["name"] == text.strip()
    assert (
        read["needs"] == [{"text": (text + " robot").strip()}] or read["needs"][0]["text"] == (text + " robot").strip()
    )
    program.put(
        "/v1/programs/spring/experts/e1", json={"kind": "professor", "expertise": [text + " robot"], "name": text}
    )
    found = program.get("/v1/programs/spring/startups/s1/suggestions").json()["suggestions"]
    assert [one["expert"] for one in found] == ["e1"]
    assert program.get("/v1/programs/spring").json()["name"] == TEXTS[1]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")'])
def test_an_export_runs_nothing_in_a_spreadsheet(program, text):
    program.put("/v1/programs/spring/startups/s1", json={"needs": [f"{text} robot"]})
    program.put("/v1/programs/spring/experts/e1", json={"kind": "professor", "expertise": [f"{text} robot"]})
    id_ = run(program)
    rows = csv.DictReader(io.StringIO(program.get(f"{RUNS}/{id_}/matches?format=csv").text))
    assert not [cell for row in rows for cell in row.values() if cell and cell[0] in "=+-@\t"]
    book = openpyxl.load_workbook(io.BytesIO(program.get(f"{RUNS}/{id_}/matches?format=xlsx").content))
    assert {cell.data_type for row in book["matches"].iter_rows() for cell in row} <= {"s", "inlineStr", "n"}


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 10_000,
        b'{"needs": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b'{"needs": ["x"], "raise_usd": NaN}',
        b'{"needs": ["x"], "raise_usd": Infinity}',
        b'{"needs": ["x"], "needs": ["y"]}',
        b'{"needs": ["\\ud800"]}',
        b"\xff\xfe{",
        b"",
        b"null",
    ],
)
def test_what_is_no_json_of_a_profile_is_refused_and_not_kept(program, body):
    answer = program.put("/v1/programs/spring/startups/s1", content=body)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert program.get("/v1/programs/spring/startups/s1").status_code == 404


@pytest.mark.parametrize("number", ["1e400", "-1", "1e30", '"12 dollars"', "true", "[1]"])
def test_a_number_that_is_none_is_told_by_its_field(program, number):
    body = f'{{"needs": ["x"], "raise_usd": {number}, "priority": {number}}}'
    answer = program.put("/v1/programs/spring/startups/s1", content=body.encode())
    if number == "1e30":  # an amount may be large, a priority may not
        assert [one["field"] for one in answer.json()["errors"]] == ["priority"]
    else:
        assert answer.status_code in (400, 422)


def test_a_csv_of_a_million_columns_is_refused(program):
    header = ",".join(["id", "kind", "expertise", *(f"c{at}" for at in range(999_997))])
    line = ",".join(["e1", "professor", "x", *["1"] * 999_997])
    answer = program.post(
        "/v1/programs/spring/import?what=experts",
        content=f"{header}\n{line}\n".encode(),
        headers={"Content-Type": "text/csv"},
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["message"] == "found 1,000,000 columns, expected at most 1,000"


@pytest.mark.parametrize("id_", ["..", "%2e%2e", "a%00b", "%ff", "a%0Ab", "x" * 600])
def test_an_id_that_cannot_be_one_is_refused(program, id_):
    answer = program.put(f"/v1/programs/spring/startups/{id_}", json={"needs": ["x"]})
    assert answer.status_code in (201, 404, 405, 422)
    if answer.status_code == 201:
        assert json.dumps(program.get("/v1/programs/spring/startups").json()["items"])
