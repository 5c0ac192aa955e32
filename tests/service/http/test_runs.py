"""Runs over HTTP: a snapshot, one result, published to those it is about and to nobody else."""

from __future__ import annotations

import csv
import datetime as dt
import io

import openpyxl
import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from models.opening import Models
from service.http.routes import runs
from service.jobs.running import do_run
from service.overtaken import check_conflicts
from service.settings import Settings
from service.store.keys import Grant, Role, create_key
from service.store.profiles import add_relations
from service.store.runs import claim, snapshot_of, waiting_runs
from service.store.writes import writing
from tests.service.http.both import serve

__all__ = ["serve"]

RUNS = "/v1/programs/spring/runs"
STARTUPS = {
    "s1": {"needs": ["robot arm control"], "summary": "secret arms", "confidential": ["summary"]},
    "s2": {"needs": ["robot arm grippers"], "summary": "kitchen robots"},
    "s3": {"needs": ["tax law"]},
}
EXPERTS = {
    "e1": {"kind": "professor", "expertise": ["robot arm control", "secret arms"], "max_load": 1},
    "e2": {"kind": "professor", "expertise": ["robot arm grippers", "tax law"], "max_load": 2},
}


def key(client: TestClient, role: Role, party: str | None = None) -> dict[str, str]:
    secret = create_key(client.app.state.shared.database, Grant(role, "spring", party), "tests")[1]
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def program(client: TestClient) -> TestClient:
    fill(client, "spring")
    return client


def fill(client: TestClient, program: str) -> None:
    assert client.post("/v1/programs", json={"id": program}).status_code == 201
    for side, profiles in (("startups", STARTUPS), ("experts", EXPERTS)):
        for id_, fields in profiles.items():
            assert client.put(f"/v1/programs/{program}/{side}/{id_}", json=fields).status_code == 201


def work(client: TestClient) -> None:
    """Do what is queued, as a worker would, in this process."""
    app = client.app.state.shared
    settings = Settings(database_url=app.settings.database_url, cache_folder=app.settings.cache_folder)
    with app.database.connect() as connection:
        waiting = waiting_runs(connection)
    for run in waiting:
        with writing(app.database) as connection:
            token = claim(connection, run)
        assert do_run(app.database, settings, run, token)


def run(client: TestClient, **asked: object) -> str:
    answer = client.post(RUNS, json=asked)
    assert answer.status_code == 202, answer.json()
    work(client)
    return answer.json()["id"]


def pairs(client: TestClient, run: str, **headers: str) -> set[tuple[str, str]]:
    found = client.get(f"{RUNS}/{run}/matches").json()["matches"]
    return {(one["startup"], one["expert"]) for one in found}


def test_a_run_is_accepted_done_and_read(program):
    asked = program.post(RUNS, json={"kinds": ["professor"]})
    assert asked.status_code == 202
    assert asked.headers["location"] == f"{RUNS}/{asked.json()['id']}"
    assert asked.json()["state"] == "queued"
    assert program.get(f"{RUNS}/{asked.json()['id']}/matches").status_code == 409
    work(program)
    read = program.get(asked.headers["location"]).json()
    assert (read["state"], read["record"]["results"][0]["status"]) == ("done", "optimal")
    assert pairs(program, read["id"]) == {("s1", "e1"), ("s2", "e2"), ("s3", "e2")}


def test_a_run_lets_go_of_its_models_once_the_texts_of_a_kind_are_read(program, monkeypatch):
    """They hold a gigabyte, and what needs most room comes after that."""
    let_go = []
    monkeypatch.setattr(Models, "release", lambda models: let_go.append(models.encoder.encoded))
    program.put("/v1/programs/spring/experts/i1", json={"kind": "investor", "expertise": ["kitchen"]})
    done = run(program)
    assert len(let_go) == 2, "once for professors and once for investors"
    assert 0 < let_go[0] < let_go[1]
    assert ("s2", "i1") in pairs(program, done)


def test_what_is_changed_while_it_waits_changes_nothing_in_a_run(program):
    asked = program.post(RUNS).json()["id"]
    program.put("/v1/programs/spring/experts/e1", json={"kind": "professor", "expertise": ["tax law"], "max_load": 0})
    program.patch("/v1/programs/spring", json={"bans": [["s2", "e2"]]})
    program.put("/v1/programs/spring/startups/s4", json={"needs": ["robot"]})
    work(program)
    assert pairs(program, asked) == {("s1", "e1"), ("s2", "e2"), ("s3", "e2")}


def test_who_is_deleted_while_a_run_waits_is_not_in_it(program):
    """Somebody's wish to be gone comes before the snapshot."""
    asked = program.post(RUNS).json()["id"]
    program.delete("/v1/programs/spring/experts/e1")
    work(program)
    assert "e1" not in {expert for _, expert in pairs(program, asked)}


def test_what_cannot_be_matched_is_told_when_it_is_asked(program):
    program.patch("/v1/programs/spring", json={"pins": [["s1", "nobody"]]})
    refused = program.post(RUNS)
    assert refused.status_code == 422
    assert "nobody" in refused.json()["errors"][0]["message"]
    assert program.post(RUNS, json={"kinds": ["investor"]}).status_code == 422
    assert program.post(RUNS, json={"kind": "professor"}).status_code == 422


def test_an_infeasible_run_says_whose_limits_conflict(program):
    program.patch("/v1/programs/spring/experts/e1", json={"min_load": 1, "max_load": 1})
    program.patch("/v1/programs/spring", json={"bans": [[id_, "e1"] for id_ in STARTUPS]})
    id_ = run(program)
    read = program.get(f"{RUNS}/{id_}").json()
    assert read["state"] == "infeasible"
    assert read["problem"]["conflict"]["experts"] == ["e1"]
    done = program.get(f"{RUNS}/{run(program, best_effort=True)}").json()
    assert done["state"] == "done"


def test_a_cancelled_run_is_never_done(program):
    id_ = program.post(RUNS).json()["id"]
    assert program.delete(f"{RUNS}/{id_}").json()["state"] == "cancelled"
    work(program)
    assert program.get(f"{RUNS}/{id_}").json()["state"] == "cancelled"
    assert program.delete(f"{RUNS}/{id_}").status_code == 409


def test_the_events_of_a_run_end_with_how_it_ended(program):
    id_ = run(program)
    with program.stream("GET", f"{RUNS}/{id_}/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        told = "".join(answer.iter_text())
    assert told.count("event: ") == 1
    assert "event: done" in told


def test_a_match_list_is_exported_and_the_export_logged(program):
    id_ = run(program)
    rows = list(csv.DictReader(io.StringIO(program.get(f"{RUNS}/{id_}/matches?format=csv").text)))
    assert {(row["startup"], row["expert"]) for row in rows} == pairs(program, id_)
    book = openpyxl.load_workbook(io.BytesIO(program.get(f"{RUNS}/{id_}/matches?format=xlsx").content))
    assert book["matches"].max_row == 4
    admin = create_key(program.app.state.shared.database, Grant(Role.ADMIN), "tests")[1]
    log = program.get("/v1/audit", headers={"Authorization": f"Bearer {admin}"}).json()["items"]
    assert [one["after"] for one in log if one["action"] == "run.export"] == [{"format": "xlsx"}, {"format": "csv"}]


def test_a_party_sees_its_own_matches_once_they_are_published_and_nothing_of_others(program):
    id_ = run(program)
    own = key(program, Role.STARTUP, "s1")
    expert = key(program, Role.EXPERT, "e1")
    assert program.get(f"{RUNS}/{id_}/matches", headers=own).status_code == 403
    assert program.post(f"{RUNS}/{id_}/publish").json()["published"]
    seen = program.get(f"{RUNS}/{id_}/matches", headers=own)
    assert [(one["startup"], one["expert"]) for one in seen.json()["matches"]] == [("s1", "e1")]
    assert seen.json()["unmatched"] == []
    assert not [other for other in ("s2", "s3", "e2", "warnings", "alternative") if other in seen.text]
    assert "secret arms" in seen.text, "a startup sees what it marks confidential"
    for text in (program.get(f"{RUNS}/{id_}/matches{q}", headers=expert).text for q in ("", "?format=csv")):
        assert "s1" in text
        assert not [other for other in ("s2", "s3") if other in text]
    shown = program.get(f"{RUNS}/{id_}/matches", headers=expert).json()["matches"][0]
    assert "secret arms" not in [found["startup_passage"] for found in shown["evidence"]]
    assert program.get(f"{RUNS}/{id_}", headers=own).status_code == 403


def test_publishing_another_run_replaces_the_one_before(program):
    first, second = run(program), run(program)
    program.post(f"{RUNS}/{first}/publish")
    program.post(f"{RUNS}/{second}/publish")
    assert program.get(f"{RUNS}/{first}").json()["published"] is None
    assert program.get(f"{RUNS}/{first}/matches", headers=key(program, Role.STARTUP, "s1")).status_code == 403
    assert program.get(f"{RUNS}/{second}/matches", headers=key(program, Role.STARTUP, "s1")).status_code == 200


def test_a_decline_is_kept_never_matched_again_and_the_rest_stays(program):
    """Row 11 of what users ask for: remember declines with reasons, fall back to the next best, keep the rest."""
    id_ = run(program)
    made = {one["startup"]: one for one in program.get(f"{RUNS}/{id_}/matches").json()["matches"]}
    url = f"/v1/programs/spring/matches/{made['s1']['id']}/decision"
    body = {"decision": "declined", "reason": "우리와 맞지 않아요"}
    assert program.post(url, json=body).status_code == 409, "not published yet"
    program.post(f"{RUNS}/{id_}/publish")
    assert program.post(url, json=body, headers=key(program, Role.STARTUP, "s2")).status_code == 404
    own = key(program, Role.STARTUP, "s1")
    assert program.post(url, json=body, headers=own).json()["decision"] == "declined"
    assert program.post(url, json=body, headers=own).status_code == 200
    relations = program.get("/v1/programs/spring/relations").json()["items"]
    assert [(one["type"], one["source"]) for one in relations] == [("declined", "expert:e1")]
    again = program.post(f"{RUNS}/{id_}/rematch")
    assert again.status_code == 202
    work(program)
    after = pairs(program, again.json()["id"])
    assert {("s2", "e2"), ("s3", "e2")} <= after
    assert ("s1", "e1") not in after
    changes = program.get(f"{RUNS}/{again.json()['id']}/diff?against={id_}").json()
    assert changes["changes"] == {"gained": 0, "lost": 1, "moved": 0}
    assert changes["startups"][0]["from"] == [{"expert": "e1", "score": made["s1"]["score"]}]
    assert changes["loads"] == [{"expert": "e1", "before": 1, "after": 0}]


def test_places_given_away_in_another_program_are_gone_here_and_both_managers_see_why(program):
    id_ = run(program)
    program.post(f"{RUNS}/{id_}/publish")
    fill(program, "autumn")
    asked = program.post("/v1/programs/autumn/runs").json()["id"]
    work(program)
    read = program.get(f"/v1/programs/autumn/runs/{asked}").json()
    assert [note for note in read["record"]["warnings"] if note.startswith("expert e")] == [
        "expert e1: 0 of 1 places left, for it has 1 in spring",
        "expert e2: 0 of 2 places left, for it has 2 in spring",
    ]
    assert program.get(f"/v1/programs/autumn/runs/{asked}/matches").json()["matches"] == []


def test_a_run_with_a_pair_that_is_forbidden_by_now_is_neither_published_nor_announced(program):
    before, shown = run(program), run(program)
    assert program.post(f"{RUNS}/{shown}/publish").status_code == 200
    assert program.post(f"{RUNS}/{shown}/letters").status_code == 200
    (startup, expert), *_ = sorted(pairs(program, before))
    told = {"source": f"startup:{startup}", "target": f"expert:{expert}", "type": "가족"}
    assert program.post("/v1/programs/spring/relations", json=told).status_code == 201
    for asked in (f"{before}/publish", f"{shown}/publish", f"{shown}/letters"):
        refused = program.post(f"{RUNS}/{asked}")
        assert refused.status_code == 409
        reason = f"{startup} with {expert}, family ({startup} – {expert}); ask for another run"
        assert reason in refused.json()["detail"]
    assert program.get(f"{RUNS}/{before}").json()["published"] is None
    assert program.get(f"{RUNS}/{shown}").json()["published"], "what is announced stays until another one replaces it"
    assert program.post(f"{RUNS}/{run(program)}/publish").status_code == 200


@pytest.mark.parametrize("asked", ["publish", "letters"])
def test_a_conflict_that_is_told_between_the_look_and_the_write_is_seen(program, monkeypatch, asked):
    id_ = run(program)
    if asked == "letters":
        assert program.post(f"{RUNS}/{id_}/publish").status_code == 200
    (startup, expert), *_ = sorted(pairs(program, id_))
    told = {"source": f"startup:{startup}", "target": f"expert:{expert}", "type": "family"}
    looked = []

    def look(connection, *which):
        check_conflicts(connection, *which)
        looked.append(which)
        if len(looked) == 1:  # nobody who writes waits for the first look
            with writing(program.app.state.shared.database) as another:
                add_relations(another, "spring", [told], "tests")

    monkeypatch.setattr("service.overtaken.check_conflicts", look)
    refused = program.post(f"{RUNS}/{id_}/{asked}")
    assert refused.status_code == 409
    assert f"{startup} with {expert}, family" in refused.json()["detail"]
    assert (program.get(f"{RUNS}/{id_}").json()["published"] is None) is (asked == "publish")


def test_what_names_somebody_who_was_deleted_keeps_no_run_from_being_shown(program):
    id_ = run(program)
    spare = {"needs": ["a need of its own"]}
    assert program.put("/v1/programs/spring/startups/spare", json=spare).status_code == 201
    decided = {"bans": [["spare", "e1"]], "quotas": [{"name": "q", "startups": ["spare"], "experts": ["e1"], "max": 1}]}
    assert program.patch("/v1/programs/spring", json=decided).status_code == 200
    assert program.delete("/v1/programs/spring/startups/spare").status_code == 204
    assert program.post(f"{RUNS}/{id_}/publish").status_code == 200


def test_a_run_is_shown_though_nobody_of_it_is_left(program):
    id_ = run(program)
    for one in program.get("/v1/programs/spring/experts").json()["items"]:
        assert program.delete(f"/v1/programs/spring/experts/{one['id']}").status_code == 204
    assert program.post(f"{RUNS}/{id_}/publish").status_code == 200


def test_an_address_that_was_kept_before_it_could_be_told_is_none_keeps_nothing_from_working(program):
    odd = {"needs": ["tax law"], "email": "a@x.kr; b@x.kr"}
    assert program.put("/v1/programs/spring/startups/odd", json=odd).status_code == 201
    id_ = run(program)
    told = [one for one in program.get(f"{RUNS}/{id_}").json()["record"]["warnings"] if one.startswith("email: ")]
    assert told == [
        "email: 1 profiles hold no single e-mail address, which tells nothing of where they belong (first startup odd: "
        "'a@x.kr; b@x.kr'), expected one such as kim@example.ac.kr"
    ]
    assert program.get("/v1/programs/spring/startups/odd/suggestions").status_code == 200
    assert program.post(f"{RUNS}/{id_}/publish").status_code == 200


def test_a_match_that_its_own_party_declined_keeps_no_run_from_being_shown(program):
    id_ = run(program)
    program.post(f"{RUNS}/{id_}/publish")
    (match, *_) = program.get(f"{RUNS}/{id_}/matches").json()["matches"]
    program.post(f"/v1/programs/spring/matches/{match['id']}/decision", json={"decision": "declined"})
    assert program.post(f"{RUNS}/{id_}/publish").status_code == 200
    assert program.post(f"{RUNS}/{id_}/letters").status_code == 200


def test_runs_are_listed_newest_first(program):
    ids = [run(program) for _ in range(3)]
    page = program.get(f"{RUNS}?limit=2").json()
    assert [one["id"] for one in page["items"]] == ids[:0:-1]
    assert [(one["state"], one["record"]) for one in page["items"]] == [("done", None)] * 2
    seoul = dt.datetime.fromisoformat(page["next"]).astimezone(dt.timezone(dt.timedelta(hours=9))).isoformat()
    for cursor in (page["next"], seoul):
        assert [one["id"] for one in program.get(RUNS, params={"cursor": cursor}).json()["items"]] == ids[:1]
    for odd in ("", "2026-03-02T09:30:00", "0001-01-01T00:00:00+09:00", "9999-12-31T23:59:59-09:00", "%00"):
        assert program.get(RUNS, params={"cursor": odd}).status_code == 422


def test_only_who_reads_a_run_by_itself_has_its_record_read_and_sent(program):
    """A record has megabytes in a large program; the state, which is asked for every second, has none of them."""
    done, asked = run(program), []
    event.listen(program.app.state.shared.database, "before_cursor_execute", lambda *given: asked.append(given[2]))
    told = program.get(f"{RUNS}/{done}/events").text
    assert '"state":"done"' in told.replace(" ", "")
    assert '"record":null' in told.replace(" ", "")
    assert program.delete(f"{RUNS}/{done}").status_code == 409
    published = program.post(f"{RUNS}/{done}/publish").json()
    assert (published["state"], published["record"]) == ("done", None)
    (match, *_) = program.get(f"{RUNS}/{done}/matches").json()["matches"]
    program.post(f"/v1/programs/spring/matches/{match['id']}/decision", json={"decision": "accepted"})
    waiting = program.post(f"{RUNS}/{done}/rematch").json()
    assert program.delete(f"{RUNS}/{waiting['id']}").json()["state"] == "cancelled"
    assert len(program.get(RUNS).json()["items"]) == 2
    assert program.post(f"{RUNS}/{done}/letters").status_code == 200
    assert program.get("/v1/programs/spring/pairs/s1/e1").json()["run"] == done
    assert asked
    assert not [one for one in asked if "runs.record" in one]
    assert program.get(f"{RUNS}/{done}").json()["record"]["results"]
    assert [one for one in asked if "runs.record" in one]


def test_two_programs_do_not_give_away_one_place_twice(program):
    """Both runs were done before either was published: the second one is told why it cannot be."""
    fill(program, "autumn")
    first, second = run(program), program.post("/v1/programs/autumn/runs").json()["id"]
    work(program)
    assert program.post(f"{RUNS}/{first}/publish").status_code == 200
    refused = program.post(f"/v1/programs/autumn/runs/{second}/publish")
    assert refused.status_code == 409
    assert "expert e1 has 1 places, 1 in spring, and this run gives it 1" in refused.json()["detail"]
    assert program.post(f"{RUNS}/{first}/publish").status_code == 200, "a second time changes nothing"


def test_an_id_that_comes_to_stand_on_both_sides_makes_no_relation_unclear(program):
    program.post("/v1/programs/spring/relations", json={"source": "e2", "target": "s1", "type": "advisor"})
    assert program.put("/v1/programs/spring/startups/e2", json={"needs": ["tax law"]}).status_code == 201
    assert program.get("/v1/programs/spring/startups/s1/suggestions").status_code == 200
    assert program.post(RUNS).status_code == 202
    program.delete("/v1/programs/spring/startups/e2")
    assert len(program.get("/v1/programs/spring/relations").json()["items"]) == 1, "the expert's stays"


def test_who_is_deleted_before_a_run_is_queued_does_not_come_back_with_it(program, monkeypatch):
    """The cohort is read before the write that queues the run: what happens in between counts."""
    from service.http.routes import runs as routes

    def decided(cohort, asked):
        monkeypatch.undo()
        assert program.delete("/v1/programs/spring/experts/e1").status_code == 204

    monkeypatch.setattr(routes, "decide", decided)
    asked = program.post(RUNS).json()["id"]
    with program.app.state.shared.database.connect() as connection:
        assert [one["id"] for one in snapshot_of(connection, asked)["experts"]] == ["e2"]


def test_what_a_startup_marks_confidential_later_is_no_longer_shown(program):
    id_ = run(program)
    program.post(f"{RUNS}/{id_}/publish")
    expert = key(program, Role.EXPERT, "e2")
    seen = program.get(f"{RUNS}/{id_}/matches", headers=expert).text
    assert "robot arm grippers" in seen
    program.patch("/v1/programs/spring/startups/s2", json={"confidential": ["needs"]})
    rows = program.get(f"{RUNS}/{id_}/matches", headers=expert).json()["matches"]
    (mine,) = [one for one in rows if one["startup"] == "s2"]
    assert "robot arm grippers" not in [found["startup_passage"] for found in mine["evidence"]]


def test_the_events_go_on_after_the_last_one_that_was_told(program):
    id_ = run(program)
    with program.stream("GET", f"{RUNS}/{id_}/events") as answer:
        told = "".join(answer.iter_text())
    (last,) = [line.removeprefix("id: ") for line in told.splitlines() if line.startswith("id: ")]
    again = program.get(f"{RUNS}/{id_}/events", headers={"Last-Event-ID": last})
    assert again.status_code == 204, "an EventSource asks no more"
    with program.stream("GET", f"{RUNS}/{id_}/events", headers={"Last-Event-ID": "running:score"}) as answer:
        assert "event: done" in "".join(answer.iter_text())


def test_events_end_when_the_server_is_told_to_stop(program):
    waiting = program.post(RUNS).json()["id"]
    program.app.state.shared.closing.set()
    with program.stream("GET", f"{RUNS}/{waiting}/events") as answer:
        assert "".join(answer.iter_text()) == ""
    assert program.get("/readyz").status_code == 503


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/programs/spring/startups?cursor=%00", {200, 422}),
        ("/v1/programs?cursor=%00", {200, 422}),
        ("/v1/programs/spring%00/startups", {404, 422}),
        ("/v1/programs/spring/startups/a%00b", {404, 422}),
        ("/v1/programs/spring/runs/a%00b", {404, 422}),
        (f"{RUNS}?cursor=0001-01-01T00:00:00%2B23:59", {200, 422}),
        (f"{RUNS}?cursor=9999-12-31T23:59:59-23:59", {200, 422}),
        (f"{RUNS}?cursor=yesterday", {422}),
        ("/p/a%00b", {404, 422}),
    ],
)
def test_a_cursor_or_id_that_was_tampered_with_is_told(program, path, status):
    assert program.get(path).status_code in status


def test_a_reason_may_hold_any_character_or_is_refused(program):
    id_ = run(program)
    program.post(f"{RUNS}/{id_}/publish")
    match = program.get(f"{RUNS}/{id_}/matches").json()["matches"][0]["id"]
    url = f"/v1/programs/spring/matches/{match}/decision"
    assert program.post(url, json={"decision": "accepted", "reason": "a\x00b"}).status_code in (200, 422)
    assert program.post(url, json={"decision": "accepted", "reason": "\u202e🦾"}).status_code == 200


def test_what_reading_a_whole_cohort_took_is_given_back_when_a_run_is_asked_for(program, monkeypatch):
    given_back = []
    monkeypatch.setattr(runs, "give_back", lambda: given_back.append(True))
    assert program.post(RUNS, json={}).status_code == 202
    assert given_back == [True]
