"""Quotas of a program, made, changed and taken away in the console without JavaScript."""

from __future__ import annotations

import re

import pytest

from service.console import quotas
from service.store.keys import Role
from tests.service.console.test_pages import HOSTILE, make, run
from tests.service.http.test_runs import work

COHORT = {
    "startups": "id,name,needs,sectors\ns1,한별로봇,robot arm control,robotics\ns2,Two,robot arm control,health\n",
    "experts": "id,kind,name,affiliation,expertise,max_load\n"
    "e1,professor,홍길동,Gaon,robot arm control,9\ne2,professor,Kim,Hana,robot arm control,9\n",
}
KOREAN = {"Accept-Language": "ko"}


@pytest.fixture
def browser(sign_in):
    return sign_in(Role.MANAGER)


@pytest.fixture
def here(browser):
    return make(browser, **COHORT)


def kept(browser, here: str) -> list[dict]:
    """Return the quotas of the program as the API tells them."""
    headers = {"Authorization": f"Bearer {browser.secret}"}
    return browser.client.get(f"/v1{here}", headers=headers).json().get("quotas", [])


def put(browser, here: str, *made: dict) -> None:
    headers = {"Authorization": f"Bearer {browser.secret}"}
    answer = browser.client.patch(f"/v1{here}", json={"quotas": list(made)}, headers=headers)
    assert answer.status_code == 200, answer.text


def add(browser, here: str, **fields: object) -> None:
    browser.open(f"{here}/quotas/new")
    browser.send(f"{here}/quotas/new", **fields)


def row(browser, name: str) -> str:
    """Return what the table says of a quota."""
    rows = re.findall(r"(?s)<tr>(.*?)</tr>", browser.page.text.partition('id="quotas"')[2])
    found = next(one for one in rows if name in one)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found)).strip()


def pairs(browser) -> set[tuple[str, str]]:
    """Return who is matched with whom in the run that is open."""
    headers = {"Authorization": f"Bearer {browser.secret}"}
    found = browser.client.get(f"/v1{browser.page.url.path}/matches", headers=headers).json()
    return {(one["startup"], one["expert"]) for one in found["matches"]}


def test_a_quota_is_made_changed_and_taken_away(browser, here):
    assert "No quota: runs are held to everybody's own limits alone." in browser.text
    assert f'href="{here}/quotas/new"' in browser.page.text
    add(
        browser,
        here,
        name="one lab",
        max="1",
        **{"startups.ids": "s1\n s2 ", "experts.affiliation": "Gaon", "experts.kind": "professor"},
    )
    made = {"startups": ["s1", "s2"], "experts": {"affiliation": "Gaon", "kind": "professor"}, "max": 1}
    assert kept(browser, here) == [{"name": "one lab", **made}]
    assert browser.page.url.path == here
    told = row(browser, "one lab")
    assert "한별로봇, Two" in told
    assert "Affiliation: Gaon · Kind: professor" in told
    assert "0 1 Take away" in told

    browser.open(f"{here}/quotas/1")
    assert 'value="one lab"' in browser.page.text
    assert re.search(r'name="startups\.ids"[^>]*>s1\ns2<', browser.page.text)
    assert '<option value="professor" selected>' in browser.page.text
    changed = {"name": "", "startups.ids": "", "startups.sector": "robotics", "min": "1", "max": ""}
    browser.send(f"{here}/quotas/1", **changed, **{"experts.affiliation": "Gaon", "experts.kind": ""})
    assert kept(browser, here) == [{"startups": {"sector": "robotics"}, "experts": {"affiliation": "Gaon"}, "min": 1}]
    assert "1 no limit Take away" in row(browser, "quota 1")

    browser.send(f"{here}/quotas/1/delete")
    assert kept(browser, here) == []
    assert "No quota:" in browser.text


def test_a_run_is_held_to_a_quota_that_was_made_in_the_console(browser, here):
    run(browser, here)
    assert {startup for startup, _ in pairs(browser)} == {"s1", "s2"}
    add(browser, here, name="only one", max="1", **{"startups.ids": "s1\ns2"})
    assert re.search(r'href="#quotas">1 quota<', browser.page.text)
    assert re.search(r'href="#min_score">no minimum score<', browser.page.text)
    run(browser, here)
    assert len(pairs(browser)) == 1
    add(browser, here, name="no less than two", min="2")
    assert re.search(r'href="#quotas">2 quotas<', browser.page.text)
    found = run(browser, here)
    assert "cannot hold together" in browser.text
    browser.send(f"{found}/relax", option="0")
    work(browser.client)
    assert "Match list" in browser.open(browser.page.url.path).text


def test_what_a_run_is_held_to_is_told_beside_its_form(browser, here):
    browser.send(f"{here}/settings", objective="total", min_score="0.25")
    told = browser.text[browser.text.index("The run is held to:") :]
    assert told.startswith(
        "The run is held to: 0 quotas · no pair below 0.25 · everybody's own limits: Startups , Experts"
    )


@pytest.mark.parametrize(
    ("typed", "field", "told"),
    [
        ({"min": "3", "max": "2"}, "max", "has min 3 and max 2, expected 0 ≤ min ≤ max"),
        ({"min": "many"}, "min", "found 'many', expected a whole number from 0 to 1,000,000,000"),
        ({"max": "-1"}, "max", "found '-1', expected a whole number from 0 to 1,000,000,000"),
        ({"min": "1" + "0" * 30}, "min", "expected a whole number from 0 to 1,000,000,000"),
        ({"experts.kind": "wizard"}, "experts.kind", "found 'wizard', expected"),
        (
            {"startups.ids": "s1", "startups.region": "Seoul"},
            "startups.ids",
            "found ids and region in one side, expected one of the two",
        ),
    ],
)
def test_a_wrong_quota_is_told_at_its_field_and_what_was_typed_stays(browser, here, typed, field, told):
    put(browser, here, {"name": "before", "max": 9})
    for where in (f"{here}/quotas/new", f"{here}/quotas/1"):
        browser.open(where)
        browser.send(where, **{"name": "Kept typing", **typed})
        assert browser.page.status_code == 422
        assert re.search(f'name="{re.escape(field)}"[^>]*aria-describedby="e-{re.escape(field)}"', browser.page.text)
        at = re.search(f'(?s)id="e-{re.escape(field)}">(.*?)</p>', browser.page.text)[1]
        assert told.replace("'", "&#39;") in at
        assert 'value="Kept typing"' in browser.page.text
        for name, text in typed.items():
            assert name == "experts.kind" or text in browser.page.text
    assert kept(browser, here) == [{"name": "before", "max": 9}]


def test_two_wrong_fields_are_both_told(browser, here):
    add(browser, here, min="few", max="many")
    assert {'id="e-min"', 'id="e-max"'} <= set(re.findall(r'id="e-\w+"', browser.page.text))


def test_two_managers_do_not_lose_what_the_first_decided(browser, here):
    put(browser, here, {"name": "first", "max": 1}, {"name": "second", "max": 2})
    overview, form = browser.open(here), browser.open(f"{here}/quotas/2")
    browser.page = overview
    browser.send(f"{here}/quotas/1/delete")
    assert [one["name"] for one in kept(browser, here)] == ["second"]
    browser.page = overview
    browser.send(f"{here}/quotas/2/delete")
    assert browser.page.status_code == 412
    browser.page = form
    browser.send(f"{here}/quotas/2", name="mine", max="5")
    assert browser.page.status_code == 412
    assert "changed since" in browser.text
    assert 'value="mine"' in browser.page.text
    assert f'href="{here}#quotas"' in browser.page.text
    assert kept(browser, here) == [{"name": "second", "max": 2}]


def test_a_quota_that_took_the_place_of_another_is_neither_changed_nor_taken_away(browser, here):
    put(browser, here, *({"name": name, "max": 1} for name in ("first", "second", "third")))
    overview, form = browser.open(here), browser.open(f"{here}/quotas/2")
    browser.page = overview
    browser.send(f"{here}/quotas/1/delete")
    for page, way in ((overview, "1/delete"), (form, "2")):
        browser.page = page
        browser.send(f"{here}/quotas/{way}", name="mine")
        assert browser.page.status_code == 412
        assert "changed since" in browser.text
    assert [one["name"] for one in kept(browser, here)] == ["second", "third"]


def test_two_managers_may_add_at_once(browser, here):
    form = browser.open(f"{here}/quotas/new")
    browser.send(f"{here}/quotas/new", name="one")
    browser.page = form
    browser.send(f"{here}/quotas/new", name="two")
    assert [one["name"] for one in kept(browser, here)] == ["one", "two"]


def test_hostile_texts_of_a_quota_are_text(browser, here):
    filters = {f"experts.{one}": HOSTILE for one in ("sector", "stage", "region", "affiliation")}
    add(browser, here, name=HOSTILE, **{"startups.ids": HOSTILE}, **filters)
    assert browser.page.status_code == 200
    for where in (here, f"{here}/quotas/1"):
        page = browser.open(where).text
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "{{7*7}}" in page


def test_who_is_not_in_the_program_is_named_beside_the_quota(browser, here):
    add(browser, here, name="gone", **{"startups.ids": "s1\ns9", "experts.ids": "e1\ne8"})
    assert "Not in this program, so no run can begin: s9, e8" in row(browser, "gone")
    browser.send(f"{here}/runs")
    assert browser.page.status_code == 422
    assert "quota 'gone': found startup 's9', expected the id of a startup in the cohort" in browser.text


def test_a_side_of_no_ids_is_nobody_and_its_form_says_what_saving_it_does(browser, here):
    put(browser, here, {"name": "nobody's", "startups": [], "max": 1})
    browser.open(here)
    assert "nobody all 0 1" in row(browser, "nobody&#39;s")
    browser.open(f"{here}/quotas/1")
    assert "Saved empty it will be everybody" in re.search(r'(?s)id="e-startups.ids">(.*?)</p>', browser.page.text)[1]


def test_a_quota_that_there_is_not_is_told(browser, here):
    browser.open(f"{here}/quotas/7")
    assert browser.page.status_code == 404
    assert "found no quota 7" in browser.text


def test_every_form_of_quotas_needs_its_token(browser, here):
    put(browser, here, {"name": "first"})
    for way in ("/new", "/1", "/1/delete"):
        answer = browser.client.post(f"{here}/quotas{way}", data={"name": "Forged"})
        assert answer.status_code == 403, way
    assert kept(browser, here) == [{"name": "first"}]
    assert sum("POST" in route.methods for route in quotas.router.routes) == 3


def test_quotas_speak_korean(browser, here):
    add(browser, here, name="한 연구실", max="1", **{"experts.region": "서울"})
    browser.open(here, **KOREAN)
    assert "이 실행이 지킬 조건: 할당 1건 · 최소 점수 없음 · 각자의 한도: 스타트업 , 전문가" in browser.text
    assert "전체 지역: 서울 0 1 삭제" in row(browser, "한 연구실")
    browser.open(f"{here}/quotas/1", **KOREAN)
    assert "할당 1" in browser.text
    assert "비워 두면 제한 없음" in browser.text
    token = dict(re.findall(r'<input type="hidden" name="(token|etag)" value="([^"]*)"', browser.page.text))
    token["etag"] = token["etag"].replace("&#34;", '"')
    for typed, told in (
        ({"min": "3", "max": "2"}, "최소는 최대보다 클 수 없습니다"),
        ({"min": "많이"}, "필요한 값: 0부터 1,000,000,000까지의 정수"),
        ({"experts.kind": "마법사"}, "필요한 값: 아이디의 목록, 또는 조건"),
        ({"startups.ids": "s1", "startups.stage": "seed"}, "둘 중 하나만 적으십시오"),
    ):
        answer = browser.client.post(f"{here}/quotas/1", data={**token, **typed}, headers=KOREAN)
        assert answer.status_code == 422
        assert told in answer.text


def test_many_quotas_are_shown_so_many_at_a_time_and_a_change_leads_back_to_its_own(browser, here):
    put(browser, here, *({"name": f"number {at}", "max": at} for at in range(1, 41)))
    browser.open(here)
    assert "number 15" in browser.text
    assert "number 16" not in browser.text
    assert "page 1 of 3" in browser.text
    browser.open(f"{here}?quotas=3")
    assert "number 40" in browser.text
    browser.open(f"{here}/quotas/40")
    browser.send(f"{here}/quotas/40", name="the last")
    assert browser.page.url.query == b"quotas=3"
    assert "the last" in browser.text
    assert [one["name"] for one in kept(browser, here)][-2:] == ["number 39", "the last"]


def test_what_of_a_quota_is_too_long_for_a_form_stays_as_it_is(browser, here):
    ids = [f"s{at:04}{'🚀' * 400}" for at in range(200)]
    put(browser, here, {"name": "long", "startups": ids, "max": 1})
    browser.open(f"{here}/quotas/1")
    assert "too long to be edited" in browser.text
    browser.send(f"{here}/quotas/1", name="still long", max="2")
    assert kept(browser, here) == [{"name": "still long", "startups": ids, "max": 2}]
    browser.open(f"{here}/quotas/1")
    browser.send(f"{here}/quotas/1", **{"startups.sector": "health"})
    assert "expected one of the two" in re.search(r'(?s)id="e-startups.sector">(.*?)</p>', browser.page.text)[1]
