"""No pair that a rule forbids stands in any answer, letter or page, though it would be the best of all."""

from __future__ import annotations

import csv
import io
import json
import re

import openpyxl
import pytest
from starlette.testclient import TestClient

from service.store.keys import Role
from tests.service.co_named import in_json, in_rows, named, on_page
from tests.service.conflicts import ALIASES, FORBIDDEN, NAMED, RELATIONS, profiles
from tests.service.console.conftest import Browser
from tests.service.console.conftest import sign_in as sign_in  # a fixture
from tests.service.http.test_runs import RUNS, run
from tests.service.page import read_text

URL = "/v1/programs/spring"
STARTUPS, EXPERTS = profiles(rules=True)
TOLD = [*RELATIONS, {"source": "s-rejected", "target": "e-rejected", "type": "declined"}]

# Relations are shown as what they are, to those who told them.
A_RELATION = re.compile(
    rf"(?s)<tr>(?:(?!</tr>).)*<td>(?:{'|'.join(one['type'] for one in TOLD)})</td>(?:(?!</tr>).)*</tr>"
)


@pytest.fixture
def program(client: TestClient) -> TestClient:
    made = client.post("/v1/programs", json={"id": "spring", "bans": [["s-banned", "e-banned"]]})
    assert made.status_code == 201
    for side, rows in (("startups", STARTUPS), ("experts", EXPERTS)):
        for fields in rows:
            answer = client.put(f"{URL}/{side}/{fields['id']}", json={k: v for k, v in fields.items() if k != "id"})
            assert answer.status_code == 201, answer.json()
    for relation in TOLD:
        answer = client.post(f"{URL}/relations", json=relation)
        assert answer.status_code == 201, answer.json()
    assert client.post(f"{URL}/aliases", json=ALIASES).status_code == 201
    return client


def answer(client: TestClient, where: str):
    found = client.get(where)
    assert found.status_code == 200, found.text
    return found


def test_no_forbidden_pair_is_suggested(program):
    found = [
        one
        for side, rows in (("startups", STARTUPS), ("experts", EXPERTS))
        for fields in rows
        for one in answer(program, f"{URL}/{side}/{fields['id']}/suggestions?limit=100").json()["suggestions"]
    ]
    assert len(found) > 100
    assert not {(one["startup"], one["expert"]) for one in found} & FORBIDDEN
    assert not set(in_json(found, NAMED))


def test_of_a_forbidden_pair_the_rule_alone_is_told(program):
    run(program)
    for startup, expert in FORBIDDEN:
        told = answer(program, f"{URL}/pairs/{startup}/{expert}").json()
        assert told["ruled_out"] or told["eligible"] is False
        assert not {"score", "parts", "evidence"} & {name for name, value in told.items() if value}
        assert expert not in [one["expert"] for one in told["instead"]]
        assert not [why for why in told["why_not"] if named(why, {("be", expert)})]


def test_no_forbidden_pair_stands_in_a_run_its_exports_or_its_letters(program):
    first, id_ = run(program, seed=1), run(program, seed=2)
    where = f"{RUNS}/{id_}"
    matches = answer(program, f"{where}/matches").json()
    assert {(one["startup"], one["expert"]) for one in matches["matches"]}
    record = answer(program, where).json()
    assert record["record"].pop("program"), "the manager's own words"
    for told in (matches, record, answer(program, f"{where}/diff?against={first}").json()):
        assert not set(in_json(told, NAMED)), told
    rows = list(csv.DictReader(io.StringIO(answer(program, f"{where}/matches?format=csv").text)))
    assert rows
    assert not in_rows(rows, NAMED)
    book = openpyxl.load_workbook(io.BytesIO(answer(program, f"{where}/matches?format=xlsx").content))
    cells = [dict(enumerate(row)) for sheet in book for row in sheet.iter_rows(values_only=True)]
    assert len(cells) > len(STARTUPS)
    assert not in_rows(cells, NAMED)


def test_no_letter_and_no_page_behind_its_link_names_whom_its_reader_must_not_meet(program):
    id_ = run(program)
    assert program.post(f"{RUNS}/{id_}/publish").status_code == 200
    mailing = program.post(f"{RUNS}/{id_}/letters?format=csv")
    assert mailing.status_code == 200
    assert not in_rows(list(csv.DictReader(io.StringIO(mailing.text.lstrip("\ufeff")))), NAMED)
    letters = program.post(f"{RUNS}/{id_}/letters").json()["letters"]
    assert len(letters) > len(STARTUPS)
    for letter in letters:
        page = program.get(letter["link"], headers={"Authorization": ""})
        assert page.status_code == 200
        told = f"{letter['id']} {letter['subject']} {letter['text']} {re.sub(r'<[^>]+>', ' ', page.text)}"
        assert not named(told, NAMED), letter


def test_no_forbidden_pair_is_matched_without_a_store(client):
    body = {
        "startups": STARTUPS,
        "experts": EXPERTS,
        "relations": TOLD,
        "aliases": ALIASES,
        "program": {"bans": [["s-banned", "e-banned"]]},
    }
    found = client.post("/v1/match", content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert found.status_code == 200, found.json()
    told = found.json()
    assert told["run"].pop("program")
    assert not set(in_json(told, NAMED))
    assert not {(one.get("startup"), one.get("expert")) for one in told["matches"]} & FORBIDDEN


@pytest.fixture
def two_runs(program: TestClient) -> tuple[str, str]:
    """Two runs, made before signing in takes the manager's key from the client."""
    return run(program), run(program, seed=9)


def test_no_forbidden_pair_stands_on_a_page_of_the_console(two_runs, sign_in):
    id_, other = two_runs
    browser: Browser = sign_in(Role.ADMIN)
    here = f"/programs/spring/runs/{id_}"
    pages = [here, f"{here}/pictures", f"{here}/compare?against={other}", "/programs/spring/aliases"]
    pages += [f"/programs/spring/startups/{one['id']}" for one in STARTUPS]
    pages += [f"/programs/spring/experts/{one['id']}" for one in EXPERTS]
    for where in pages:
        page = browser.open(where)
        assert page.status_code == 200, where
        told = A_RELATION.sub("", page.text)
        assert not on_page(read_text(told), NAMED), where
    pictures = re.sub(r">\s+<", "><", browser.open(f"{here}/pictures").text)
    for written in ("Competitor", "co-author", "employer"):
        row = rf"<td>{written}</td><td>[^<]*</td><td>conflict</td>"
        assert re.search(row, pictures), "however a type is written, its rule is told"
