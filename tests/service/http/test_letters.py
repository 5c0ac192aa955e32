"""Letters and pages: each party gets its own, in its language, under a link that expires and can be revoked."""

from __future__ import annotations

import csv
import io
import re

import pytest
from starlette.testclient import TestClient

from service.store.tables import links
from service.store.writes import writing
from tests.service.http.both import serve
from tests.service.http.test_runs import RUNS, run

__all__ = ["serve"]

STARTUPS = {
    "s1": {
        "name": "온실별",
        "needs": ["로봇 팔 제어"],
        "summary": "비밀 온실",
        "confidential": ["summary"],
        "email": "a@x.kr",
    },
    "s2": {"name": "<b>Arms</b>", "needs": ["robot arm grippers"]},
}
EXPERTS = {
    "e1": {
        "kind": "professor",
        "name": "김가온",
        "affiliation": "=Gaon",
        "expertise": ["로봇 팔 제어", "비밀 온실"],
        "max_load": 1,
    },
    "e2": {"kind": "professor", "name": "Lee", "expertise": ["robot arm grippers"], "max_load": 1},
}


@pytest.fixture
def published(client: TestClient) -> tuple[TestClient, str]:
    """A client, and the id of a published run."""
    assert client.post("/v1/programs", json={"id": "spring", "name": "봄 2026"}).status_code == 201
    for side, profiles in (("startups", STARTUPS), ("experts", EXPERTS)):
        for id_, fields in profiles.items():
            assert client.put(f"/v1/programs/spring/{side}/{id_}", json=fields).status_code == 201
    id_ = run(client)
    assert client.post(f"{RUNS}/{id_}/publish").status_code == 200
    return client, id_


def letters(client: TestClient, id_: str) -> dict[str, dict[str, str]]:
    answer = client.post(f"{RUNS}/{id_}/letters?days=7")
    assert answer.status_code == 200, answer.json()
    return {one["id"]: one for one in answer.json()["letters"]}


def page(client: TestClient, letter: dict[str, str]):
    return client.get(letter["link"], headers={"Authorization": ""})


def test_each_party_gets_a_letter_in_its_language_with_a_page_of_its_own(published):
    client, id_ = published
    written = letters(client, id_)
    assert set(written) == {"s1", "s2", "e1", "e2"}
    assert written["s1"]["subject"] == "봄 2026: 매칭 결과 안내"
    assert written["s1"]["email"] == "a@x.kr"
    assert "- 김가온, =Gaon" in written["s1"]["text"]
    assert written["s2"]["subject"] == "봄 2026: your matches"
    assert len({one["link"] for one in written.values()}) == 4
    shown = page(client, written["s1"])
    assert shown.status_code == 200
    assert shown.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    assert "김가온" in shown.text
    assert "로봇 팔 제어" in shown.text
    assert "Lee" not in shown.text, "of others nothing is told"
    assert "비밀 온실" in shown.text, "what is confidential is its own"
    assert "비밀 온실" not in re.findall(r"<dt>(.*?)</dt>", page(client, written["e1"]).text)


def test_a_program_of_a_very_long_name_does_not_fill_the_letters_with_it(published):
    client, id_ = published
    assert client.patch("/v1/programs/spring", json={"name": "봄 " * 1_000}).status_code == 200
    for letter in letters(client, id_).values():
        assert letter["subject"].startswith("봄 봄 ")
        assert "…" in letter["subject"]
        assert len(letter["subject"]) < 250
        assert len(letter["text"]) < 600


def test_a_name_with_markup_is_text(published):
    client, id_ = published
    shown = page(client, letters(client, id_)["e2"]).text
    assert "&lt;b&gt;Arms&lt;/b&gt;" in shown
    assert "<b>Arms" not in shown


def test_links_end_when_they_expire_are_revoked_are_replaced_or_another_run_is_shown(published):
    client, id_ = published
    first = letters(client, id_)["s1"]
    second = letters(client, id_)["s1"]
    assert page(client, first).status_code == 404, "replaced"
    assert page(client, second).status_code == 200
    assert client.delete(f"{RUNS}/{id_}/letters").status_code == 204
    assert page(client, second).status_code == 404, "revoked"
    third = letters(client, id_)["s1"]
    other = run(client)
    client.post(f"{RUNS}/{other}/publish")
    assert page(client, third).status_code == 404, "another run is shown"
    client.post(f"{RUNS}/{id_}/publish")
    assert page(client, third).status_code == 200
    with writing(client.app.state.shared.database) as connection:
        connection.execute(links.update().values(expires=links.c.created))
    assert page(client, third).status_code == 404, "expired"
    assert client.get("/p/guess").status_code == 404


def test_a_mail_merge_runs_nothing_in_a_spreadsheet_and_no_secret_is_kept(published):
    client, id_ = published
    answer = client.post(f"{RUNS}/{id_}/letters?format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["id"] for row in rows] == ["e1", "e2", "s1", "s2"]
    assert not [cell for row in rows for cell in row.values() if cell[:1] in "=+-@" and cell]
    secrets = [row["link"].rsplit("/", 1)[1] for row in rows]
    with client.app.state.shared.database.connect() as connection:
        kept = repr(connection.execute(links.select()).all())
    assert not [secret for secret in secrets if secret in kept]


def test_only_a_published_run_has_letters(published):
    client, _ = published
    other = run(client)
    assert client.post(f"{RUNS}/{other}/letters").status_code == 409
    assert client.post(f"{RUNS}/nothing/letters").status_code == 404


def test_a_confidential_name_stands_in_no_letter_to_others(client):
    client.post("/v1/programs", json={"id": "spring"})
    hidden = {"name": "Stealth Arms", "needs": ["robot arm control"], "confidential": ["name"]}
    client.put("/v1/programs/spring/startups/s1", json=hidden)
    client.put("/v1/programs/spring/experts/e1", json={"kind": "professor", "expertise": ["robot arm control"]})
    id_ = run(client)
    client.post(f"{RUNS}/{id_}/publish")
    written = letters(client, id_)
    assert "- s1" in written["e1"]["text"]
    assert "Stealth" not in written["e1"]["text"] + page(client, written["e1"]).text
    assert "Dear Stealth Arms" in written["s1"]["text"], "its own"


def test_who_was_deleted_gets_no_letter_and_is_named_in_none(published):
    client, id_ = published
    before = letters(client, id_)
    client.delete("/v1/programs/spring/experts/e1")
    after = letters(client, id_)
    assert set(after) == {"s1", "s2", "e2"}
    assert "김가온" in before["s1"]["text"]
    assert "김가온" not in after["s1"]["text"] + page(client, after["s1"]).text
