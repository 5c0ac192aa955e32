"""Confirmed merges in a program that is kept: honoured wherever one of the two is named, until they are taken back."""

from __future__ import annotations

import datetime as dt

import pytest
from starlette.testclient import TestClient

from service.store.aliases import list_aliases
from service.store.audit import entries
from service.store.keys import Role
from service.store.runs import ask_for_run, snapshot_of
from service.store.tables import metadata
from service.store.writes import writing
from tests.service.http.both import serve
from tests.service.http.test_runs import RUNS, key, pairs, run, work

__all__ = ["serve"]

URL = "/v1/programs/spring"
ALIASES = f"{URL}/aliases"
GAON = {"kind": "professor", "affiliation": "가온대학교"}
STARTUPS = {
    "s1": {"name": "Leafsight", "needs": ["plant disease"], "max_matches": 3},
    "s2": {"name": "온실", "needs": ["drone flight"], "max_matches": 3},
}
EXPERTS = {
    "e1": {**GAON, "name": "김민수", "expertise": ["plant disease"], "max_load": 1},
    "e2": {**GAON, "name": "Min-su Kim", "expertise": ["drone flight"], "max_load": 3},
    "e3": {"kind": "professor", "name": "Park Jihoon", "expertise": ["plant disease", "drone flight"]},
}
E1, E2 = "expert:e1", "expert:e2"


def fill(client: TestClient, program: str) -> None:
    assert client.post("/v1/programs", json={"id": program}).status_code == 201
    for side, profiles in (("startups", STARTUPS), ("experts", EXPERTS)):
        for id_, fields in profiles.items():
            assert client.put(f"/v1/programs/{program}/{side}/{id_}", json=fields).status_code == 201


@pytest.fixture
def program(client: TestClient) -> TestClient:
    fill(client, "spring")
    return client


def say(client: TestClient, canonical: str, alias: str, same: bool = True) -> int:
    answer = client.post(ALIASES, json={"canonical": canonical, "alias": alias, "same": same})
    assert answer.status_code == 201, answer.json()
    return int(answer.json()["items"][0]["id"])


def suggested(client: TestClient, side: str, id_: str) -> set[tuple[str, str]]:
    answer = client.get(f"{URL}/{side}/{id_}/suggestions")
    assert answer.status_code == 200, answer.json()
    return {(one["startup"], one["expert"]) for one in answer.json()["suggestions"]}


def suspected(client: TestClient) -> list[tuple[str, str]]:
    return [(one["canonical"], one["alias"]) for one in client.get(f"{ALIASES}/suspected").json()["items"]]


def kept(client: TestClient) -> list[tuple[str, str, bool]]:
    return [(one["canonical"], one["alias"], one["same"]) for one in client.get(ALIASES).json()["items"]]


def test_who_may_be_one_is_told_with_its_reason_until_somebody_decides(program):
    (found,) = program.get(f"{ALIASES}/suspected").json()["items"]
    assert (found["canonical"], found["alias"]) == (E1, E2)
    assert found["reason"].startswith("names that sound alike in Korean and Latin letters")
    say(program, E1, E2, same=False)
    assert suspected(program) == []
    say(program, E2, E1)
    assert kept(program) == [(E2, E1, True)], "the same two are decided once"
    assert suspected(program) == []


def test_a_merge_is_in_the_next_suggestions_and_gone_once_it_is_taken_back(program):
    program.post(f"{URL}/relations", json={"source": "s2", "target": "e2", "type": "family"})
    assert suggested(program, "startups", "s2") == {("s2", "e1"), ("s2", "e3")}
    number = say(program, E1, "e2")
    assert suggested(program, "startups", "s2") == {("s2", "e3")}
    assert suggested(program, "startups", "s1") == {("s1", "e1"), ("s1", "e3")}
    for id_ in ("e1", "e2"):
        assert suggested(program, "experts", id_) == {("s1", "e1")}
        told = program.get(f"{URL}/pairs/s2/{id_}").json()
        assert (told["expert"], told["eligible"], told["ruled_out"]) == ("e1", False, ["conflict: family (s2 – e1)"])
    texts = {
        passage["expert_passage"]
        for one in program.get(f"{URL}/startups/s1/suggestions").json()["suggestions"]
        for passage in one["evidence"]
        if one["expert"] == "e1"
    }
    assert texts == {"plant disease"}
    assert program.delete(f"{ALIASES}/{number}").status_code == 204
    assert suggested(program, "startups", "s2") == {("s2", "e1"), ("s2", "e3")}
    assert suggested(program, "startups", "s1") == {("s1", "e1"), ("s1", "e2"), ("s1", "e3")}


def test_what_the_alias_writes_later_is_written_by_who_stays(program):
    say(program, E1, E2)
    assert suggested(program, "startups", "s1") == {("s1", "e1"), ("s1", "e3")}
    program.put(f"{URL}/experts/e2", json={**EXPERTS["e2"], "avoids": ["s1"], "expertise": ["drone flight"]})
    assert suggested(program, "startups", "s1") == {("s1", "e3")}
    program.put(f"{URL}/experts/e2", json={**EXPERTS["e2"], "expertise": ["drone flight at night"]})
    told = program.get(f"{URL}/pairs/s2/e1").json()["evidence"]
    assert {one["expert_passage"] for one in told} == {"drone flight at night"}


def test_organisations_and_spellings_may_be_aliases_too(program):
    program.put(f"{URL}/experts/e3", json={**EXPERTS["e3"], "affiliation": "Leaf Sight Labs"})
    assert ("s1", "e3") in suggested(program, "startups", "s1")
    say(program, "org:Leafsight", "org:Leaf Sight Labs")
    assert ("s1", "e3") not in suggested(program, "startups", "s1")
    paper = {"title": "Leaves", "authors": ["M. S. Kim", "Eun"], "year": dt.date.today().year}
    program.put(f"{URL}/startups/s2", json={**STARTUPS["s2"], "documents": [paper]})
    assert ("s2", "e1") in suggested(program, "startups", "s2")
    say(program, E1, "name:M. S. Kim")
    assert ("s2", "e1") not in suggested(program, "startups", "s2")


def test_a_run_has_the_merges_of_the_moment_it_was_asked_for(program):
    program.post(f"{URL}/relations", json={"source": "s2", "target": "e2", "type": "family"})
    number = say(program, E1, E2)
    asked = program.post(RUNS, json={}).json()["id"]
    program.delete(f"{ALIASES}/{number}")
    work(program)
    assert {expert for _, expert in pairs(program, asked)} <= {"e1", "e3"}
    assert ("s2", "e1") not in pairs(program, asked)
    assert len([1 for _, expert in pairs(program, asked) if expert == "e1"]) <= 1, "its own limit, not that of both"


def test_pins_and_bans_of_the_alias_and_of_a_run_before_mean_who_stays(program):
    before = run(program)
    assert ("s2", "e2") in pairs(program, before)
    say(program, E1, E2)
    program.patch(URL, json={"bans": [["s2", "e2"]]})
    assert ("s2", "e1") not in pairs(program, run(program))
    assert suggested(program, "startups", "s2") == {("s2", "e3")}
    program.patch(URL, json={"bans": None, "pins": [["s2", "e2"]]})
    assert ("s2", "e1") in pairs(program, run(program))


def test_a_rematch_drops_what_was_declined_under_the_id_of_the_alias(program):
    first = run(program)
    program.post(f"{RUNS}/{first}/publish")
    made = {one["expert"]: one for one in program.get(f"{RUNS}/{first}/matches").json()["matches"]}
    program.post(f"{URL}/matches/{made['e2']['id']}/decision", json={"decision": "declined"})
    program.put(f"{URL}/experts/e1", json={**EXPERTS["e1"], "max_load": 3})
    say(program, E1, E2)
    again = program.post(f"{RUNS}/{first}/rematch").json()["id"]
    work(program)
    assert (made["e2"]["startup"], "e1") not in pairs(program, again)


@pytest.mark.parametrize("is_here", [True, False])
def test_an_expert_under_two_ids_gives_its_places_away_once(program, is_here):
    first = run(program, seed=1)
    assert ("s2", "e2") in pairs(program, first)
    program.post(f"{RUNS}/{first}/publish")
    fill(program, "summer")
    program.delete("/v1/programs/summer/experts/e2")
    where = ALIASES if not is_here else "/v1/programs/summer/aliases"
    program.put("/v1/programs/summer/experts/e2", json=EXPERTS["e2"])
    assert program.post(where, json={"canonical": E1, "alias": E2}).status_code == 201
    made = program.post("/v1/programs/summer/runs", json={}).json()["id"]
    work(program)
    there = f"/v1/programs/summer/runs/{made}"
    warned = program.get(there).json()["record"]["warnings"]
    taken = len([1 for _, expert in pairs(program, first) if expert in ("e1", "e2")])
    assert f"expert e1: 0 of 1 places left, for it has {taken} in spring" in warned
    matches = program.get(f"{there}/matches").json()["matches"]
    assert "e1" not in {one["expert"] for one in matches}


def test_a_run_from_before_the_merge_is_not_published_where_both_ids_have_more_than_one_has_places(program):
    old = run(program)
    given = [expert for _, expert in pairs(program, old) if expert in ("e1", "e2")]
    assert {"e1", "e2"} == set(given)
    say(program, E1, E2)
    refused = program.post(f"{RUNS}/{old}/publish")
    assert refused.status_code == 409
    told = f"expert e1 has 1 places, and this run gives it {len(given)}; ask for another run"
    assert told in refused.json()["detail"]
    assert program.post(f"{RUNS}/{run(program)}/publish").status_code == 200


def test_a_run_from_before_the_merge_is_not_published_with_a_pair_that_a_conflict_of_the_other_id_rules_out(program):
    old = run(program)
    made = pairs(program, old)
    startup = next(one for one, expert in made if expert == "e2" and (one, "e1") not in made)
    told = {"source": f"startup:{startup}", "target": E1, "type": "family"}
    assert program.post(f"{URL}/relations", json=told).status_code == 201
    assert program.post(f"{RUNS}/{old}/publish").status_code == 200, "another person as far as anybody says"
    say(program, E1, E2)
    refused = program.post(f"{RUNS}/{old}/publish")
    assert refused.status_code == 409
    assert f"{startup} with e2, family ({startup} – e1)" in refused.json()["detail"]


def test_who_holds_a_key_for_the_alias_reads_and_answers_its_matches(program):
    say(program, E1, E2)
    id_ = run(program)
    program.post(f"{RUNS}/{id_}/publish")
    expected = {pair for pair in pairs(program, id_) if pair[1] == "e1"}
    assert expected
    headers = key(program, Role.EXPERT, "e2")
    found = program.get(f"{RUNS}/{id_}/matches", headers=headers).json()["matches"]
    assert {(one["startup"], one["expert"]) for one in found} == expected
    assert program.get(f"{URL}/experts/e2/suggestions", headers=headers).status_code == 200
    where = f"{URL}/matches/{found[0]['id']}/decision"
    assert program.post(where, json={"decision": "accepted"}, headers=headers).status_code == 200
    other = key(program, Role.EXPERT, "e3")
    assert program.post(where, json={"decision": "accepted"}, headers=other).status_code == 404


def test_what_one_of_two_startups_marks_confidential_is_confidential_of_both(program):
    program.put(f"{URL}/startups/s2", json={"name": "온실", "data_assets": ["plant disease photos"]})
    say(program, "startup:s1", "startup:s2")
    id_ = run(program)
    program.post(f"{RUNS}/{id_}/publish")
    headers = key(program, Role.EXPERT, "e1")

    def said() -> str:
        return program.get(f"{RUNS}/{id_}/matches", headers=headers).text

    assert "plant disease photos" in said()
    program.patch(f"{URL}/startups/s2", json={"confidential": ["data_assets"]})
    assert "plant disease photos" not in said()


def test_a_profile_takes_its_aliases_along_and_those_left_of_one_party_stay_one(program):
    say(program, E1, E2)
    say(program, E1, "expert:e3")
    say(program, E1, "name:M. S. Kim")
    assert program.delete(f"{URL}/experts/e1").status_code == 204
    assert kept(program) == [(E2, "expert:e3", True)]
    assert suggested(program, "startups", "s1") == {("s1", "e2")}
    assert program.delete(f"{URL}/experts/e3").status_code == 204
    assert kept(program) == []


def test_nothing_of_a_deleted_alias_stays_in_runs_but_the_published_one(program):
    say(program, E1, E2)
    spelled = {"canonical": E2, "alias": "name:M. S. Kim"}
    assert program.post(ALIASES, json=spelled, headers={"Idempotency-Key": "one"}).status_code == 201
    shown, hidden = run(program), run(program, seed=3)
    program.post(f"{RUNS}/{shown}/publish")
    waiting = program.post(RUNS, json={}).json()["id"]
    assert "drone flight" in str(program.get(f"{RUNS}/{hidden}/matches").json()["matches"])
    program.delete(f"{URL}/experts/e2")
    evidence = [
        passage["expert_passage"]
        for one in program.get(f"{RUNS}/{hidden}/matches").json()["matches"]
        if one["expert"] == "e1"
        for passage in one["evidence"]
    ]
    assert evidence == []
    with program.app.state.shared.database.connect() as connection:
        for id_, may_say in ((shown, True), (hidden, False), (waiting, False)):
            snapshot = str(snapshot_of(connection, id_))
            assert ("expert:e2" in snapshot) == may_say
            assert "M. S. Kim" not in snapshot
            assert "Min-su" not in snapshot
        everything = {table.name: str(connection.execute(table.select()).all()) for table in metadata.sorted_tables}
    assert not [name for name, rows in everything.items() if "M. S. Kim" in rows]
    work(program)
    assert program.get(f"{RUNS}/{waiting}").json()["state"] == "done"


def test_a_snapshot_from_before_there_were_aliases_is_still_done(program):
    database = program.app.state.shared.database
    with database.connect() as connection:
        whole = snapshot_of(connection, run(program))
    old = {name: value for name, value in whole.items() if name != "aliases"}
    with writing(database) as connection:
        made = ask_for_run(connection, "spring", {}, old, "tests").id
    work(program)
    assert program.get(f"{RUNS}/{made}").json()["state"] == "done"
    assert program.delete(f"{URL}/experts/e2").status_code == 204


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"canonical": "e1", "alias": "e9"}, "the id of a startup or expert"),
        ({"canonical": "e1", "alias": "e1"}, "another party than canonical"),
        ({"canonical": "e1", "alias": "org:Gaon"}, "both ends to be organisations, or neither"),
        ({"canonical": "s1", "alias": "name:Leaf"}, "an expert, whose name may be spelled"),
        ({"canonical": "e1", "alias": "e2", "same": "perhaps"}, "same"),
        ({"alias": "e2"}, "canonical"),
        ({"canonical": "e2", "alias": "e3"}, "leads back to itself"),
        ({"canonical": "e2", "alias": "e1"}, "one canonical for each alias; expert:e1 is e3 already"),
        ({"canonical": "e3", "alias": "i1"}, "expected one kind"),
        ([], "an alias or a list of them"),
        (["e1"], "an alias"),
        ([{"canonical": "e3", "alias": "e2"}, {"canonical": "e2", "alias": "e1", "same": False}], "e1 and e2 are one"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_kept(program, row, told):
    program.put(f"{URL}/experts/i1", json={"kind": "investor", "expertise": ["plant disease"]})
    say(program, "e3", "e1")
    if told == "leads back to itself":
        say(program, "e1", "e2")
    before = kept(program)
    refused = program.post(ALIASES, json=row)
    assert refused.status_code == 422
    assert told in refused.text
    assert kept(program) == before


def test_an_expert_that_is_one_with_another_keeps_its_kind(program):
    say(program, E1, E2)
    refused = program.put(f"{URL}/experts/e2", json={**EXPERTS["e2"], "kind": "investor"})
    assert refused.status_code == 422
    assert "expected one kind" in refused.text
    rows = "id,kind,expertise\ne1,investor,plant disease\n"
    csv = {"Content-Type": "text/csv"}
    assert program.post(f"{URL}/import?what=experts", content=rows, headers=csv).status_code == 422
    assert program.get(f"{URL}/experts/e1").json()["kind"] == "professor"
    assert suggested(program, "startups", "s1")


def test_a_file_of_aliases_is_imported_whole_or_not_at_all(program):
    csv = {"Content-Type": "text/csv"}
    wrong = "canonical,alias,same\ne1,e2,yes\ne1,e9,no\n"
    refused = program.post(f"{URL}/import?what=aliases", content=wrong, headers=csv)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "aliases.csv[2].alias"
    assert kept(program) == []
    right = "canonical,alias,same\ne1,e2,yes\ne1,e3,no\norg:Gaon University,org:가온대학교,\n"
    assert program.post(f"{URL}/import?what=aliases", content=right, headers=csv).status_code == 201
    assert kept(program) == [(E1, E2, True), (E1, "expert:e3", False), ("org:Gaon University", "org:가온대학교", True)]
    again = program.post(f"{URL}/import?what=aliases", content=right, headers=csv)
    assert again.status_code == 201
    assert len(kept(program)) == 3


def test_aliases_are_paged_logged_without_names_and_only_of_their_program(program):
    numbers = [say(program, E1, E2), say(program, E1, "name:M. S. Kim")]
    first = program.get(f"{ALIASES}?limit=1").json()
    assert [one["id"] for one in first["items"]] == numbers[:1]
    assert [one["id"] for one in program.get(f"{ALIASES}?cursor={first['next']}").json()["items"]] == numbers[1:]
    fill(program, "summer")
    assert program.get("/v1/programs/summer/aliases").json()["items"] == []
    assert program.delete(f"/v1/programs/summer/aliases/{numbers[0]}").status_code == 404
    assert program.get("/v1/programs/none/aliases").status_code == 404
    assert program.get("/v1/programs/none/aliases/suspected").status_code == 404
    assert program.delete(f"{ALIASES}/{2**40}").status_code == 404
    assert program.delete(f"{ALIASES}/{numbers[1]}").status_code == 204
    log = entries(program.app.state.shared.database, None, 500)
    assert [one.action for one in log if one.action.startswith("alias")] == ["alias.delete", "alias.put", "alias.put"]
    assert "M. S." not in repr(log)


def test_the_same_decision_sent_twice_is_kept_once(program):
    headers = {"Idempotency-Key": "one"}
    answers = [program.post(ALIASES, json={"canonical": E1, "alias": E2}, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    with program.app.state.shared.database.connect() as connection:
        assert len(list_aliases(connection, "spring")) == 1
