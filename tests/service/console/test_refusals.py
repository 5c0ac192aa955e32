"""Who is refused is told why and is where they were: at the same form with what they entered, or one step from it."""

from __future__ import annotations

import re
from html import unescape

import pytest

from service.console.api import Api, Refused
from service.store.keys import Role
from tests.service.console.conftest import Browser
from tests.service.console.test_pages import CSV, files, make, posts, run

KO = {"Accept-Language": "ko"}
ONE_KIND = {"startups": CSV["startups"], "experts": "id,kind,expertise\ne1,professor,robot arm control\n"}


def api(browser: Browser, method: str, where: str, body: object = None) -> int:
    """Do something as another program would, with a key of the same rights."""
    headers = {"Authorization": f"Bearer {browser.secret}"}
    return browser.client.request(method, f"/v1{where}", json=body, headers=headers).status_code


def form_of(browser: Browser, action: str) -> str:
    """Return what stands in a form of the page that is open."""
    return re.search(rf'(?s)<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', browser.page.text)[1]


def way_out(browser: Browser) -> str:
    return unescape(re.search(r'<a class="button" href="([^"]*)">', browser.page.text)[1])


def test_a_run_that_is_refused_comes_back_to_its_form_with_what_was_entered(sign_in):
    browser = sign_in()
    program = make(browser, **ONE_KIND)
    browser.open(program)
    browser.send(f"{program}/runs", kinds=["investor"], objective="fair", seed="7", best_effort="1")
    assert browser.page.status_code == 422
    assert "found kind investor, expected one that the cohort has: professor" in browser.text
    form = form_of(browser, f"{program}/runs")
    assert '<fieldset aria-invalid="true" aria-describedby="e-kinds">' in form
    assert 'id="e-kinds"' in form
    assert re.findall(r'name="kinds" value="(\w+)" checked', form) == ["investor"]
    assert '<option value="fair" selected>' in form
    assert 'value="7"' in form
    assert 'name="best_effort" value="1" checked' in form
    browser.send(f"{program}/runs", kinds=["professor"], seed="7")
    assert browser.page.status_code == 200
    assert re.fullmatch(f"{program}/runs/[0-9a-f]+", browser.page.url.path)


@pytest.mark.parametrize("seed", ["seven", "-1", "9999999999", "9" * 5_000, "1.5"])
def test_a_seed_that_cannot_be_used_is_told_at_its_field(sign_in, seed):
    browser = sign_in()
    program = make(browser, **ONE_KIND)
    browser.open(program)
    browser.send(f"{program}/runs", seed=seed)
    assert browser.page.status_code == 422
    assert re.search(r"<td>seed</td><td>found .*expected", browser.page.text)
    form = form_of(browser, f"{program}/runs")
    assert 'aria-invalid="true" aria-describedby="e-seed"' in form
    assert f'value="{seed}"' in form
    assert 'id="e-seed"' in form


def test_what_of_the_program_keeps_a_run_from_beginning_is_told_over_the_form_in_korean(sign_in):
    browser = sign_in()
    program = make(browser, **ONE_KIND)
    quota = {"name": "q", "startups": ["nobody"], "min": 1}
    assert api(browser, "PATCH", program, {"quotas": [quota]}) == 200
    browser.client.cookies.set("matcher_language", "ko")
    browser.open(program)
    browser.send(f"{program}/runs", seed="7")
    assert browser.page.status_code == 422
    told = re.search(r'(?s)<div class="said wrong".*?</div>\n</div>', browser.page.text)[0]
    assert "nobody" in told
    assert "1건" in told
    assert 'value="7"' in form_of(browser, f"{program}/runs")


def test_a_program_that_has_nobody_any_more_tells_so_over_the_form(sign_in):
    browser = sign_in()
    program = make(browser, **ONE_KIND)
    browser.open(program)
    page = browser.page
    assert api(browser, "DELETE", f"{program}/experts/e1") == 204
    browser.page = page
    browser.send(f"{program}/runs", seed="7")
    assert browser.page.status_code == 422
    assert "expert" in browser.text
    assert 'value="7"' in form_of(browser, f"{program}/runs")


def test_settings_that_are_refused_come_back_as_they_were_typed(sign_in):
    browser = sign_in()
    program = make(browser, **ONE_KIND)
    for least in ("much", "nan", "1e999", "7"):
        browser.open(program)
        browser.send(f"{program}/settings", name="Autumn", objective="fair", min_score=least)
        assert browser.page.status_code == 422, least
        form = form_of(browser, f"{program}/settings")
        assert 'value="Autumn"' in form
        assert '<option value="fair" selected>' in form
        assert re.search(rf'value="{least}" aria-invalid="true" aria-describedby="e-min_score"', form), form
    assert "Autumn" not in browser.open("/programs").text


def test_settings_that_somebody_else_changed_lead_to_those_that_are_kept(sign_in):
    browser = sign_in()
    program = make(browser, **ONE_KIND)
    browser.open(program)
    assert api(browser, "PATCH", program, {"name": "Theirs"}) == 200
    browser.send(f"{program}/settings", name="Mine", objective="total", min_score="")
    assert browser.page.status_code == 412
    assert 'value="Mine"' in form_of(browser, f"{program}/settings")
    assert "The settings as they are now" in browser.text
    browser.send(f"{program}/settings")
    assert browser.page.status_code == 412
    assert 'value="Theirs"' in browser.open(program).text


def test_a_relaxation_that_is_refused_is_told_on_the_page_of_the_run(sign_in):
    browser = sign_in()
    startups = "id,needs,min_matches\ns1,law,1\ns2,law,1\n"
    program = make(browser, startups=startups, experts="id,kind,expertise,max_load\ne1,professor,law,1\n")
    found = run(browser, program)
    browser.send(f"{found}/relax", option="99")
    assert browser.page.status_code == 422
    assert "found the relaxation" in browser.text
    assert "What would mend it" in browser.text
    # The forms and links of this page work as those of the run's own.
    browser.send(f"{found}/relax", option="99")
    assert browser.page.status_code == 422
    ways = re.findall(r'href="([^"]*/startups/s1)"', browser.page.text)
    assert ways
    assert browser.open(ways[0]).status_code == 200


def test_limits_that_were_changed_before_the_run_was_refused_are_told_as_changed(sign_in):
    browser = sign_in()
    startups = "id,needs,min_matches\ns1,law,1\ns2,law,1\n"
    program = make(browser, startups=startups, experts="id,kind,expertise,max_load\ne1,professor,law,1\n")
    found = run(browser, program)
    quota = {"name": "q", "startups": ["nobody"], "min": 1}
    assert api(browser, "PATCH", program, {"quotas": [quota]}) == 200
    browser.send(f"{found}/relax", option="0")
    assert browser.page.status_code == 422
    assert "The limits were changed, but no run could begin." in browser.text
    assert "nobody" in browser.text
    browser.send(f"{found}/again")
    assert browser.page.status_code == 422
    assert "What would mend it" in browser.text


def test_an_answer_that_is_refused_keeps_its_reason(sign_in):
    browser = sign_in()
    program = make(browser)
    found = run(browser, program)
    browser.open(f"{found}/publish")
    browser.send("")
    own = sign_in(Role.STARTUP, program.rsplit("/", 1)[1], "s1")
    own.send("/own/answer", decision="perhaps", reason='We "wait"')
    assert own.page.status_code == 422
    assert "decision" in own.text
    assert "Your matches" in own.text
    assert 'value="We &#34;wait&#34;"' in own.page.text
    own.send("/own/answer", decision="declined", reason="No")
    assert own.page.status_code == 200
    assert "declined" in own.text


@pytest.mark.parametrize("days", ["many", "0", "99999999999", "٣"])
def test_a_key_that_is_refused_keeps_what_was_typed(sign_in, days):
    browser = sign_in()
    program = make(browser).rsplit("/", 1)[1]
    browser.open("/keys")
    browser.send("", role="startup", program=program, party="s1", days=days)
    assert browser.page.status_code == 422
    assert '<option value="startup" selected>' in browser.page.text
    assert f'<option value="{program}" selected>' in browser.page.text
    assert 'name="party" value="s1"' in browser.page.text
    assert f'value="{days}" aria-invalid="true" aria-describedby="e-days"' in browser.page.text


def test_who_is_who_comes_back_to_the_page_that_was_open(sign_in):
    browser = sign_in()
    program = make(browser)
    browser.open(f"{program}/aliases")
    answer = browser.client.post(
        f"{program}/aliases",
        data={"token": token(browser), "one": "expert:e1", "other": "expert:none", "same": "yes", "page": "1"},
        headers={"Accept-Language": "en"},
    )
    assert answer.status_code == 422
    assert "<h1>Who is who</h1>" in answer.text
    answer = browser.client.post(f"{program}/aliases/7/delete", data={"token": token(browser), "page": "1"})
    assert answer.status_code == 404
    assert "<h1>Who is who</h1>" in answer.text


def token(browser: Browser) -> str:
    return re.search(r'name="token" value="(\w+)"', browser.page.text)[1]


def test_the_way_out_of_every_refused_form_leads_to_where_it_stood(sign_in, client):
    browser = sign_in()
    program = make(browser)
    stood = f"http://testserver{program}/startups?search=a&page=1"
    headers = {"Referer": stood, "Accept-Language": "en"}
    for way in posts():
        answer = client.post(way, data={}, headers=headers)
        assert answer.status_code == 403, way
        assert f'href="{program}/startups?search=a&amp;page=1">Back to where you were</a>' in answer.text


@pytest.mark.parametrize(
    ("came", "leads"),
    [
        ("{program}/settings", "{program}"),
        ("{program}/runs", "{program}"),
        ("{program}/startups/s1/delete", "{program}/startups/s1"),
        ("{program}/quotas/2/delete", "{program}/quotas/2"),
        ("/programs/sample", "/programs"),
        ("/keys/revoke", "/keys"),
        ("/own/limits", "/own"),
    ],
)
def test_a_form_on_the_answer_to_another_leads_back_to_a_page_that_can_be_opened(sign_in, client, came, leads):
    program = make(sign_in())
    came, leads = (one.format(program=program) for one in (came, leads))
    answer = client.post(f"{program}/import", headers={"Referer": f"http://testserver{came}"})
    assert f'<a class="button" href="{leads}">' in answer.text


def test_a_browser_that_keeps_where_it_came_from_to_itself_is_led_to_the_program(sign_in, client):
    program = make(sign_in())
    for referer in ({}, {"Referer": "https://evil.example/programs/x"}):
        answer = client.post(f"{program}/runs/none/steer", headers={"Accept-Language": "ko", **referer})
        assert f'<a class="button" href="{program}/runs/none">있던 곳으로 돌아가기</a>' in answer.text


def test_what_is_not_there_inside_of_a_program_leads_to_the_program(sign_in):
    browser = sign_in()
    program = make(browser)
    for where in ("startups/none", "runs/none", "quotas/9", "startups?sort=secret"):
        browser.open(f"{program}/{where}", **KO)
        assert browser.page.status_code in (404, 422)
        assert way_out(browser) == program
        assert "프로그램으로" in browser.text
    assert browser.open("/programs/none").status_code == 404
    assert way_out(browser) == "/"


def test_an_id_with_a_slash_and_a_question_mark_stays_whole_in_the_way_back(sign_in):
    browser = sign_in()
    assert api(browser, "POST", "/programs", {"id": "a/b?c#d 한"}) == 201
    where = "/programs/a%2Fb%3Fc%23d%20%ED%95%9C"
    assert browser.open(where).status_code == 200
    answer = browser.client.post(f"{where}/import", headers={"Referer": f"http://testserver{where}"})
    assert f'<a class="button" href="{where}">' in answer.text
    assert browser.open(f"{where}/startups/none").status_code == 404
    assert way_out(browser) == where


def test_a_program_that_is_refused_comes_back_to_its_form(sign_in, monkeypatch):
    async def refuse(*given: object, **more: object) -> None:
        raise Refused(503, "the database cannot be reached now; try again")

    browser = sign_in()
    browser.open("/programs")
    monkeypatch.setattr(Api, "post", refuse)
    browser.send("/programs", files=files(**CSV), name="Spring")
    assert browser.page.status_code == 503
    assert "the database cannot be reached now" in browser.text
    assert 'name="name" required maxlength="200" value="Spring"' in browser.page.text
