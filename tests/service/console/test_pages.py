"""The console as a reader without JavaScript sees it, through the forms of its own pages."""

from __future__ import annotations

import codecs
import datetime as dt
import io
import re
import unicodedata
from urllib.parse import quote

import openpyxl
import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from matcher.program import relation_type
from service.console import administration, aliases, cohort, entry, languages, overview, parties, programs, quotas, runs
from service.store.keys import Grant, Role, all_keys, create_key, revoke_key
from service.store.programs import create_program
from service.store.tables import sessions
from service.store.writes import writing
from tests.service.console.conftest import Browser
from tests.service.http.test_runs import work

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"
CSV = {
    "startups": "id,name,needs\ns1,한별로봇,robot arm control\ns2,Two,tax law\n",
    "experts": "id,kind,name,expertise,max_load\ne1,professor,홍길동,robot arm control,1\ne2,professor,Law,tax law,1\n",
}


def files(**tables: str) -> dict:
    return {name: (f"{name}.csv", text.encode(), "text/csv") for name, text in tables.items()}


def make(browser: Browser, **tables: str) -> str:
    browser.open("/programs")
    browser.send("/programs", files=files(**(tables or CSV)), name="Spring")
    assert browser.page.status_code == 200, browser.text
    return browser.page.url.path


def run(browser: Browser, program: str, **asked: object) -> str:
    browser.open(program)
    browser.send(f"{program}/runs", **asked)
    work(browser.client)
    where = browser.page.url.path
    browser.open(where)
    return where


def test_signed_out_every_page_is_the_page_to_sign_in(client):
    del client.headers["Authorization"]
    for where in ("/programs", "/programs/p/startups", "/own", "/keys", "/audit"):
        answer = client.get(where)
        assert answer.status_code == 401
        assert 'action="/sign-in"' in answer.text
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("where", ["/", "/programs", "/nothing", "/keys", "/programs/none", "/template/x.csv", "/own"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_every_answer_says_that_nothing_comes_from_outside(sign_in, where, method):
    browser = sign_in()
    policy = browser.client.request(method, where, follow_redirects=False).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy


def test_pages_load_nothing_from_elsewhere_and_have_no_script_or_style_in_them(sign_in):
    browser = sign_in()
    program = make(browser)
    found = run(browser, program)
    for where in (
        "/programs",
        program,
        f"{program}/startups",
        f"{program}/startups/s1",
        found,
        f"{found}/pictures",
        "/keys",
    ):
        page = browser.open(where).text
        assert browser.page.status_code == 200, where
        assert not re.search(r'(src|href|action)="(https?:)?//', page)
        assert not re.search(r"<script(?![^>]*(src=|type=\"application/json\"))|\son\w+=|<style|\sstyle=", page), where
        assert len(page) < 300_000


def test_a_wrong_key_a_revoked_one_and_an_expired_session_open_nothing(sign_in, client):
    browser = sign_in()
    database = client.app.state.shared.database
    assert browser.open("/programs").status_code == 200
    with writing(database) as connection:
        connection.execute(update(sessions).values(expires=dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)))
    assert browser.open("/programs").status_code == 401
    assert "session is over" in browser.text
    browser.send("/sign-in", key="mk_wrong")
    assert browser.page.status_code == 401
    assert "opens nothing" in browser.text
    browser.send("/sign-in", key=browser.secret)
    assert browser.page.url.path == "/programs"
    revoke_key(database, all_keys(database)[-1].id, "tests")
    assert browser.open("/programs").status_code == 401


def test_after_signing_in_a_reader_is_where_it_wanted_to_be_and_never_elsewhere(sign_in, client):
    browser = sign_in()
    browser.client.cookies.clear()
    browser.open("/keys")
    browser.send("/sign-in", key=browser.secret)
    assert browser.page.url.path == "/keys"
    for where in ("https://evil.example", "//evil.example", "/\\evil.example"):
        browser.client.cookies.clear()
        browser.open("/")
        browser.send("/sign-in", key=browser.secret, after=where)
        assert browser.page.url.host == "testserver"
        assert client.get(f"/language/ko?after={where}", follow_redirects=False).headers["location"] == "/"


def test_a_form_without_the_token_of_this_browser_changes_nothing(sign_in, client):
    browser = sign_in()
    for token in ({}, {"token": "0" * 64}, {"token": "é"}):
        answer = client.post("/programs", data={"name": "Forged", **token})
        assert answer.status_code == 403
    browser.open("/programs")
    assert "Forged" not in browser.text
    cookie = client.cookies.get("matcher_session")
    assert cookie not in browser.page.text


def posts() -> list[str]:
    """Return the path of every form that the console takes, with something in its places."""
    pages = (administration, aliases, cohort, entry, overview, parties, programs, quotas, runs)
    routes = [route for page in pages for route in page.router.routes if "POST" in route.methods]
    return [re.sub(r"\{[^}]+\}", "x", route.path.replace("{number}", "1")) for route in routes]


def test_every_form_of_the_console_needs_its_token(sign_in, client):
    sign_in()
    ways = posts()
    assert len(ways) >= 15
    for way in ways:
        answer = client.post(way, data={"name": "Forged"}, follow_redirects=False)
        assert answer.status_code == 403, way
        assert "not made for this browser" in answer.text
    client.cookies.clear()
    for way in set(ways) - {"/sign-in"}:
        assert client.post(way, data={}, follow_redirects=False).status_code in (401, 403), way


@pytest.mark.parametrize("where", ["/console-files/ground.css", "/console-files/none.css", "/plotly.js", "/p/none"])
def test_files_and_links_carry_a_policy_too(client, where):
    for method in ("GET", "HEAD", "DELETE"):
        policy = client.request(method, where).headers["content-security-policy"]
        assert "default-src 'none'" in policy


def test_a_link_that_opens_nothing_is_told_on_a_page(client):
    del client.headers["Authorization"]
    answer = client.get("/p/none", headers={"Accept-Language": "ko"})
    assert answer.status_code == 404
    assert "이 링크로 볼 수 있는 페이지가 없습니다" in answer.text


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(client):
    del client.headers["Authorization"]
    browser = Browser(client)
    browser.open("/")
    given = browser.page.headers["set-cookie"]
    assert "HttpOnly" in given
    assert "SameSite=lax" in given


def test_a_program_from_an_upload_is_there_whole_or_not_at_all(sign_in):
    browser = sign_in()
    browser.open("/programs")
    bad = "id,kind,expertise\ne1,professor,law\ne2,wizard,law\n"
    browser.send("/programs", files=files(startups=CSV["startups"], experts=bad), name="Half")
    assert browser.page.status_code == 422
    assert "wizard" in browser.text
    assert "experts.csv, row 3, kind" in browser.text
    worse = files(startups="id,name\n,Nobody\n", experts=bad, relations="source,target,type\ns1,e1,family\n")
    browser.send("/programs", files=worse, name="Half")
    assert "startups.csv, row 2, id" in browser.text
    assert "experts.csv, row 3, kind" in browser.text
    assert "relations.csv" not in browser.text
    browser.open("/programs")
    assert "Half" not in browser.text


def test_the_overview_says_how_many_profiles_are_read_until_all_are(sign_in):
    browser = sign_in()
    program = make(browser)
    browser.open(program, **{"Accept-Language": "ko"})
    assert "프로필 4건 중 0건을 읽었습니다." in browser.text
    assert '<progress value="0" max="4"' in browser.page.text
    browser.open(f"{program}/reading")  # which a page that is open asks for
    assert "0 of 4 profiles are read" in browser.text
    assert 'data-open="yes"' in browser.page.text
    browser.open(f"{program}/startups/s1")  # it shows suggestions, for which all are read
    browser.open(program)
    assert "profiles are read" not in browser.text
    assert "<progress" not in browser.page.text
    browser.open(f"{program}/reading")
    assert "All profiles are read" in browser.text
    assert 'data-open="no"' in browser.page.text


def test_pictures_tell_people_of_one_name_apart(sign_in):
    browser = sign_in()
    experts = CSV["experts"].replace("Law", "홍길동")
    found = run(browser, make(browser, startups=CSV["startups"], experts=experts))
    browser.open(f"{found}/pictures")
    for shown in ("홍길동 (e1)", "홍길동 (e2)"):
        assert browser.text.count(shown) >= 2


def test_a_pair_has_a_page_of_its_own(sign_in):
    browser = sign_in()
    program = make(browser)
    found = run(browser, program)
    where = re.search(r'href="([^"]+/matches/\d+)"', browser.page.text)[1]
    browser.open(f"{program}/runs/{where}")
    assert "한별로봇" in browser.text
    assert "robot arm control" in browser.page.text.replace("<mark>", "").replace("</mark>", "")
    number = int(where.rsplit("/", 1)[1])
    for other in (number + 99, "x", "٣", "9" * 30, ""):
        assert browser.open(f"{found}/matches/{other}").status_code == 404
    other = make(browser)
    assert browser.open(f"{other}/runs/{where}").status_code == 404
    startup = sign_in(Role.STARTUP, program.rsplit("/", 1)[1], "s1")
    assert startup.open(f"{program}/runs/{where}").status_code == 403


def test_a_run_that_is_shown_already_is_not_published_once_more(sign_in):
    browser = sign_in()
    found = run(browser, make(browser))
    browser.open(f"{found}/publish")
    browser.send("")
    browser.open(f"{found}/publish")
    assert "already" in browser.text
    assert '<form method="post" class="row">' not in browser.page.text


@pytest.mark.parametrize("do", ["", "ban", "ban//", "ban/x/1", "burn/1/1", "ban/999/1"])
def test_a_step_that_no_button_has_changes_nothing(sign_in, do):
    browser = sign_in()
    program = make(browser)
    found = run(browser, program)
    browser.send(f"{found}/steer", do=do)
    assert browser.page.status_code in (404, 422)
    browser.open(found)
    assert "waiting for the next run" not in browser.text


def test_keys_are_paged_and_of_many_programs_one_is_named_by_its_id(sign_in, client):
    admin = sign_in()
    for _ in range(55):
        create_key(client.app.state.shared.database, Grant(Role.MANAGER), "tests")
    admin.open("/keys")
    assert "page 1 of 2" in admin.text
    assert admin.page.text.count('action="/keys/revoke"') == 50
    assert admin.open("/keys?page=2").text.count('action="/keys/revoke"') == 7
    assert '<select id="program"' in admin.page.text
    with writing(client.app.state.shared.database) as connection:
        for at in range(101):
            create_program(connection, f"p{at}", {}, "tests")
    assert '<input id="program"' in admin.open("/keys").text
    admin.send("", role="manager", program="p7")
    assert "shown this once" in admin.text


def test_every_template_can_be_filled_in_and_uploaded_as_it_is(sign_in):
    browser = sign_in()
    given = {}
    for table in ("startups", "experts", "relations", "aliases"):
        given[table] = browser.open(f"/template/{table}.csv").content.decode("utf-8-sig")
        sheet = openpyxl.load_workbook(io.BytesIO(browser.open(f"/template/{table}.xlsx").content)).active
        assert [cell.value for cell in sheet[1]] == given[table].split("\n")[0].split(",")
    program = make(browser, **given)
    browser.open(f"{program}/startups/s1")
    assert "grasping objects never seen before" in browser.text
    books = {table: browser.open(f"/template/{table}.xlsx").content for table in given}
    browser.open("/programs")
    xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    sent = {table: (f"{table}.xlsx", book, xlsx) for table, book in books.items()}
    browser.send("/programs", files=sent, name="From books")
    assert browser.page.status_code == 200, browser.text
    browser.open(f"{browser.page.url.path}/startups/s1")
    assert "실시간 물체 인식" in browser.text
    assert "coauthor" in browser.text


def test_the_story_from_upload_to_publish(sign_in):
    browser = sign_in(Role.MANAGER)
    program = make(browser)
    first = run(browser, program, seed="3")
    assert "한별로봇" in browser.text
    assert "robot arm control" in browser.page.text.replace("<mark>", "").replace("</mark>", "")
    browser.press("ban", "s1")
    assert "1 decision is waiting" in browser.text
    browser.send(f"{first}/again")
    work(browser.client)
    second = browser.page.url.path
    browser.open(second)
    assert second != first
    browser.open(f"{second}/compare?against={first.rsplit('/', 1)[1]}")
    assert "한별로봇" in browser.text
    browser.open(f"{second}/publish")
    browser.send("")
    assert "published" in browser.text
    book = browser.open(f"{second}/matches.xlsx")
    assert openpyxl.load_workbook(io.BytesIO(book.content)).active.max_row >= 2
    assert browser.open(f"{second}/matches.csv").content.startswith(codecs.BOM_UTF8)
    browser.open(second)
    letters = browser.send(f"{second}/letters").content
    assert letters.startswith(codecs.BOM_UTF8)
    assert "Dear Law" in letters.decode()
    browser.open(second)
    browser.press("accepted", "s1")
    assert "1 / 0" in browser.text


def test_pins_and_bans_of_two_managers_at_once_are_both_kept(sign_in):
    browser = sign_in()
    program = make(browser)
    run(browser, program)
    page = browser.page
    browser.press("pin", "s1")
    browser.page = page
    browser.press("ban", "s2")
    assert "2 decisions are waiting" in browser.text
    browser.press("unpin", "s1")
    assert "1 decision is waiting" in browser.text


def test_two_managers_who_edit_one_profile_do_not_lose_what_the_first_wrote(sign_in):
    browser = sign_in()
    program = make(browser)
    page = browser.open(f"{program}/startups/s1")
    browser.send("", name="First", needs="robot arm control | 2\n시각 인식")
    assert "First" in browser.text
    browser.page = page
    browser.send("", name="Second")
    assert browser.page.status_code == 412
    assert "changed since" in browser.text
    assert 'value="Second"' in browser.page.text
    assert "First" in browser.open(f"{program}/startups/s1").text


def test_a_wrong_value_is_told_at_its_field_and_what_was_typed_stays(sign_in):
    browser = sign_in()
    program = make(browser)
    browser.open(f"{program}/experts/e1")
    browser.send("", name="Kept typing", max_load="many")
    assert browser.page.status_code == 422
    assert "max_load" in browser.text
    assert 'value="Kept typing"' in browser.page.text
    assert "Kept typing" not in browser.open(f"{program}/experts").text


def test_an_infeasible_run_says_who_blocks_whom_and_a_button_mends_it(sign_in):
    browser = sign_in()
    startups = "id,needs,min_matches\ns1,law,1\ns2,law,1\n"
    experts = "id,kind,expertise,max_load\ne1,professor,law,1\n"
    program = make(browser, startups=startups, experts=experts)
    found = run(browser, program)
    assert "cannot hold together" in browser.text
    assert "s1" in browser.text
    browser.send(f"{found}/relax", option="0")
    work(browser.client)
    browser.open(browser.page.url.path)
    assert "Match list" in browser.text


@pytest.mark.parametrize(
    ("quotas", "english", "korean"),
    [
        ([], "No smaller set blocks.", "이보다 적은 당사자만으로는 막히지 않습니다."),
        (
            [{"name": "many", "startups": ["s1"], "min": 2}],
            "Smaller ones may exist: not proved within the limits.",
            "더 적은 당사자만으로 막힐 수도 있습니다. 정해진 한도 안에서는 증명하지 못했습니다.",
        ),
    ],
)
def test_who_blocks_whom_says_whether_fewer_could(sign_in, client, quotas, english, korean):
    browser = sign_in()
    # More than are looked through where there are quotas.
    startups = "id,needs,min_matches\n" + "".join(f"s{at},law,1\n" for at in range(1, 71))
    program = make(browser, startups=startups, experts="id,kind,expertise,max_load\ne1,professor,law,1\n")
    headers = {"Authorization": f"Bearer {browser.secret}"}
    assert client.patch(f"/v1{program}", json={"quotas": quotas}, headers=headers).status_code == 200
    found = run(browser, program)
    kept = client.get(f"/v1{found}", headers=headers).json()["problem"]["conflict"]
    assert kept["smallest"] is (not quotas)
    assert english in browser.text
    browser.open(found, **{"Accept-Language": "ko"})
    assert korean in browser.text


def test_a_relaxation_counts_the_places_that_other_programs_have(sign_in):
    browser = sign_in()
    startups, experts = "id,needs,min_matches\ns1,law,1\n", "id,kind,expertise,max_load\ne1,professor,law,1\n"
    first = run(browser, make(browser, startups=startups, experts=experts))
    browser.open(f"{first}/publish")
    browser.send("")
    program = make(browser, startups=startups, experts=experts)
    found = run(browser, program)
    assert "cannot hold together" in browser.text
    option = browser.page.text.split("</form>")
    number = next(at for at, form in enumerate(one for one in option if 'name="option"' in one) if "e1" in form)
    browser.send(f"{found}/relax", option=str(number))
    work(browser.client)
    browser.open(browser.page.url.path)
    assert "Match list" in browser.text
    assert "2" in browser.open(f"{program}/experts/e1").text


def test_hostile_texts_are_shown_as_text(sign_in):
    browser = sign_in()
    program = make(browser)
    browser.open(f"{program}/startups/s1")
    browser.send("", name=HOSTILE, needs=HOSTILE, summary=HOSTILE, data_assets=HOSTILE)
    found = run(browser, program)
    for where in (f"{program}/startups", f"{program}/startups/s1", found, f"{found}/pictures", f"{found}/publish"):
        page = browser.open(where).text
        assert browser.page.status_code == 200
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "{{7*7}}" in browser.text.replace("\\u003c", "<") or where.endswith("publish")
    browser.open(f"{program}/startups?search={HOSTILE}")
    assert "<script>alert" not in browser.page.text


def test_a_table_is_searched_sorted_and_paged_in_both_languages(sign_in):
    browser = sign_in()
    rows = "".join(f"x{number:05},professor,Name {number},law\n" for number in range(120))
    program = make(
        browser, startups=CSV["startups"], experts=f"id,kind,name,expertise\n{rows}k1,investor,가온벤처스,의료 영상\n"
    )
    browser.open(f"{program}/experts?search=의료")
    assert "1 of 121" in browser.text
    assert "가온벤처스" in browser.text
    browser.open(f"{program}/experts?search={unicodedata.normalize('NFD', '가온')}")
    assert "1 of 121" in browser.text
    browser.open(f"{program}/experts?kind=investor")
    assert "1 of 121" in browser.text
    browser.open(f"{program}/experts?sort=id&down=1")
    assert browser.text.index("x00119") < browser.text.index("x00118")
    browser.open(f"{program}/experts?page=99&sort=id")
    assert "page 3 of 3" in browser.text
    assert browser.open(f"{program}/experts?sort=secret").status_code == 422


def test_a_startup_sees_its_own_and_nothing_of_anybody_else(sign_in, client):
    browser = sign_in()
    program = make(browser)
    found = run(browser, program)
    browser.open(f"{found}/publish")
    browser.send("")
    name = program.rsplit("/", 1)[1]
    own = sign_in(Role.STARTUP, name, "s1")
    assert own.page.url.path == "/own"
    assert "홍길동" in own.text
    assert "Two" not in own.text
    assert "s2" not in own.page.text
    own.send("/own/answer", decision="declined", reason="다음에")
    assert "declined" in own.text
    for where in (
        program,
        f"{program}/startups",
        f"{program}/startups/s2",
        found,
        f"{found}/pictures",
        "/programs",
        "/keys",
        "/audit",
    ):
        assert own.open(where).status_code in (403, 404), where
        assert "Two" not in own.text


def test_an_expert_sets_its_own_limits_and_sees_nothing_confidential(sign_in, client):
    browser = sign_in()
    startups = "id,name,needs,summary,confidential\ns1,One,robot arm control,secret arms,needs; summary\n"
    program = make(browser, startups=startups, experts=CSV["experts"])
    own = sign_in(Role.EXPERT, program.rsplit("/", 1)[1], "e1")
    assert "robot arm control" not in own.page.text.replace("<mark>", "").replace("</mark>", "")
    assert "secret arms" not in own.page.text
    own.send("/own/limits", max_load="2", min_load="0", wants="s1", avoids="")
    assert own.page.status_code == 200
    assert 'name="max_load" value="2"' in own.page.text
    own.send("/own/limits", max_load="none", min_load="0", wants="", avoids="")
    assert own.page.status_code == 422


def test_a_korean_reader_is_told_why_in_korean_with_names(sign_in, client):
    browser = sign_in()
    startups = "id,name,needs,min_matches\ns1,한별로봇,robot arm control,1\ns2,두리물산,tax law,0\ns3,,tax law,\n"
    relations = (
        "source,target,type,since\nstartup:s2,expert:e2,family,2020-01-01\nstartup:s1,expert:e1,advisor,2024-01-01\n"
    )
    experts = (
        "id,kind,name,expertise,max_load\ne1,professor,홍길동,robot arm control,1\ne2,professor,김교수,tax law,1\n"
    )
    program = make(browser, startups=startups, experts=experts, relations=relations)
    found = run(browser, program)
    client.cookies.set("matcher_language", "ko")
    browser.open(found)
    assert "자문(한별로봇 – 홍길동, 2024-01-01부터)" in browser.text
    assert "자리가 찼습니다" in browser.text
    for english in ("eligible", "places go to", "scores lower", "best would be"):
        assert english not in browser.text
    browser.open(f"{program}/startups/s2")
    assert "가족" in browser.text
    assert "startup:s2" not in browser.text


def test_what_a_best_effort_breaks_is_said(sign_in):
    browser = sign_in()
    startups, experts = (
        "id,name,needs,min_matches\ns1,One,law,1\ns2,Two,law,1\n",
        "id,kind,expertise,max_load\ne1,professor,law,1\n",
    )
    run(browser, make(browser, startups=startups, experts=experts), best_effort="1")
    assert "these fall short" in browser.text
    assert "0 of at least 1" in browser.text


def test_a_match_list_is_searched_filtered_and_ordered(sign_in):
    browser = sign_in()
    found = run(browser, make(browser))
    titles = re.compile(r"(?s)<article.*?<h2>(.*?)</h2>.*?class=\"score\">([^<]+)<")
    scores = [float(score) for _, score in titles.findall(browser.open(f"{found}?order=weakest").text)]
    assert scores == sorted(scores)
    assert len(scores) == 2
    assert len(titles.findall(browser.open(f"{found}?search=한별").text)) == 1
    assert len(titles.findall(browser.open(f"{found}?search=tax").text)) == 1
    assert not titles.findall(browser.open(f"{found}?kind=investor").text)
    assert browser.open(f"{found}?order=sideways").status_code == 422


def test_a_startup_sees_what_others_could_do_with_its_data(sign_in):
    browser = sign_in()
    startups = "id,name,needs,data_assets\ns1,One,tax law,robot arm videos\n"
    program = make(browser, startups=startups, experts=CSV["experts"])
    own = sign_in(Role.STARTUP, program.rsplit("/", 1)[1], "s1")
    assert "What others could do with your data" in own.text
    assert "robot arm videos 홍길동" in re.sub(r"\s+", " ", own.text)


def test_only_the_admin_has_keys_and_the_audit_log(sign_in):
    manager = sign_in(Role.MANAGER)
    assert manager.open("/keys").status_code == 403
    assert manager.open("/audit").status_code == 403
    assert manager.client.post("/keys", data={"role": "admin"}).status_code == 403
    admin = sign_in()
    admin.open("/keys")
    admin.send("", role="manager", days="3")
    secret = re.search(r"mk_[\w-]+", admin.page.text)[0]
    assert secret not in admin.open("/keys").text
    id_ = re.findall(r'name="id" value="([^"]+)"', admin.page.text)[-1]
    admin.send("/keys/revoke", id=id_)
    assert "revoked" in admin.text
    admin.send("", role="startup")
    assert admin.page.status_code == 422
    assert "key.create" in admin.open("/audit").text


def test_the_page_is_in_the_language_of_the_browser_until_another_is_chosen(client):
    del client.headers["Authorization"]
    assert '<html lang="ko">' in client.get("/", headers={"Accept-Language": "ko-KR,en;q=0.5"}).text
    assert "로그인" in client.get("/", headers={"Accept-Language": "ko"}).text
    assert '<html lang="en">' in client.get("/", headers={"Accept-Language": "fr"}).text
    client.get("/language/en")
    assert '<html lang="en">' in client.get("/", headers={"Accept-Language": "ko"}).text


def test_what_the_console_calls_a_relation_in_korean_may_be_written_in_a_file():
    page = (languages._FOLDER.parent / "templates" / "words.html.j2").read_text(encoding="utf-8")
    said = re.search(r"(?s)relation_words = \{(.*?)\}", page)[1]
    words = languages.Tongue("ko").words
    told = {type_: words.gettext(english) for type_, english in re.findall(r'"(\w+)": _\("([^"]+)"\)', said)}
    assert len(told) > 10
    assert {relation_type(korean) for korean in told.values()} == {relation_type(type_) for type_ in told}


def test_every_text_of_the_console_is_there_in_korean():
    folder = languages._FOLDER.parent
    ways = [("**.py", "python"), ("**/templates/**.j2", "jinja2.ext:babel_extract")]
    words = {"_": None, "gettext": None, "ngettext": (1, 2), "word": None}
    said = {
        message if isinstance(message, str) else message[0]
        for _, _, message, _, _ in extract_from_dir(folder, method_map=ways, keywords=words)
    }

    def text(value):
        return value if isinstance(value, str) else value[0]

    with (languages._FOLDER / "ko.po").open(encoding="utf-8") as lines:
        kept = {
            (one.id if isinstance(one.id, str) else one.id[0]): (
                one.string if isinstance(one.string, str) else one.string[0]
            )
            for one in read_po(lines, locale="ko")
            if one.id
        }
    assert said - set(kept) == set()
    assert set(kept) - said == set()
    for english, korean in kept.items():
        assert korean
        assert sorted(re.findall(r"%\(\w+\)s", english)) == sorted(re.findall(r"%\(\w+\)s", korean)), english


def test_numbers_and_moments_are_written_as_the_language_writes_them():
    english, korean = languages.Tongue("en"), languages.Tongue("ko")
    assert english.number(1234.5, 2) == korean.number(1234.5, 2) == "1,234.50"
    assert english.moment("2026-11-24T15:00:00+09:00").startswith("Nov 24, 2026, 6:00")
    assert korean.moment("2026-11-24T15:00:00+09:00").startswith("2026. 11. 24.")
    assert english.number(None) == "–"


PAGE_OF_A_BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize(
    ("method", "where", "status"),
    [("GET", "/nothing/here", 404), ("GET", "/sign-in", 405), ("GET", "/keys/revoke", 405), ("PUT", "/programs", 405)],
)
def test_a_browser_that_is_lost_is_told_so_on_a_page(client, method, where, status, language):
    answer = client.request(method, where, headers={**PAGE_OF_A_BROWSER, "Accept-Language": language})
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert f'<html lang="{language}">' in answer.text
    assert '<a class="button" href="/">' in answer.text
    assert ("allow" in answer.headers) == (status == 405)


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/problem+json"])
def test_a_program_that_is_lost_is_told_so_by_problem_details(client, accept):
    for method, where, status in (("GET", "/nothing", 404), ("GET", "/sign-in", 405), ("PATCH", "/healthz", 405)):
        answer = client.request(method, where, headers={"Accept": accept})
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == status


def test_the_api_answers_no_pages_whoever_asks(client):
    for method, where in (
        ("GET", "/v1"),
        ("GET", "/v1/nothing"),
        ("DELETE", "/v1/programs"),
        ("GET", "/v1/programs/x"),
    ):
        answer = client.request(method, where, headers=PAGE_OF_A_BROWSER)
        assert answer.status_code in (404, 405)
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_defect_and_a_lost_database_are_told_on_a_page(sign_in, monkeypatch):
    browser = sign_in()
    for error, status, told in (
        (RuntimeError("secret inside"), 500, "a defect of the service"),
        (OperationalError("secret inside", None, Exception()), 503, "database cannot be reached"),
    ):

        async def fail(*_: object, error: Exception = error, **_more: object) -> None:
            raise error

        monkeypatch.setattr(administration, "_keys", fail)
        assert browser.open("/keys").status_code == status
        assert told in browser.text
        assert "secret inside" not in browser.page.text
        assert browser.page.headers["content-type"].startswith("text/html")


def test_the_language_can_be_changed_on_the_answer_to_a_form(sign_in):
    browser = sign_in()
    program = make(browser)
    answer = browser.client.post(f"{program}/import", headers={"Referer": f"http://testserver{program}?x=1"})
    assert f"/language/ko?after={quote(program, safe='')}%3Fx%3D1" in answer.text
    answer = browser.client.post(f"{program}/import", headers={"Referer": "http://evil.example/x"})
    assert f'/language/ko?after={quote(program, safe="")}"' in answer.text


def test_ten_thousand_bad_rows_are_told_on_a_small_page_and_all_of_them_in_a_file(sign_in, client):
    browser = sign_in()
    assert browser.open("/mistakes.csv").status_code == 404
    browser.open("/programs")
    rows = "".join(f"e{number},wizard,law\n" for number in range(9_999))
    bad = f"id,kind,expertise\n=1,wizard,law\n{rows}"
    client.cookies.set("matcher_language", "ko")
    browser.send("/programs", files=files(startups=CSV["startups"], experts=bad), name="Half")
    assert browser.page.status_code == 422
    assert len(browser.page.content) < 300_000
    assert "그 밖에 9,800건" in browser.text
    lines = browser.open("/mistakes.csv").content.decode("utf-8-sig").splitlines()
    assert len(lines) == 10_001
    assert lines[0] == "위치,잘못된 점"
    assert "wizard" in lines[1]
    assert "10001" in lines[10_000]
    other = sign_in()
    assert other.open("/mistakes.csv").status_code == 404


def test_every_action_of_the_audit_log_has_a_word():
    words = (languages._FOLDER.parent / "templates" / "words.html.j2").read_text(encoding="utf-8")
    told = set(re.findall(r'"(\w+\.\w+)": _\(', words))
    sources = [path.read_text(encoding="utf-8") for path in languages._FOLDER.parents[1].rglob("*.py")]
    calls = [call for text in sources for call in re.findall(r"\brecord(?:_many)?\(([^()]*)", text)]
    done = {action for call in calls for action in re.findall(r'f?"((?:\{side\}|[a-z]+)\.[a-z]+)"', call)}
    done |= {action.replace("{side}", side) for action in done for side in ("startup", "expert")}
    assert len(done) > 15
    assert {action for action in done if "{" not in action} - told == set()


def test_an_expert_with_many_matches_reads_them_page_by_page(sign_in):
    browser = sign_in()
    rows = "".join(f"s{number},tax law\n" for number in range(55))
    program = make(browser, startups=f"id,needs\n{rows}", experts=CSV["experts"].replace("tax law,1", "tax law,99"))
    found = run(browser, program)
    browser.open(f"{found}/publish")
    browser.send("")
    own = sign_in(Role.EXPERT, program.rsplit("/", 1)[1], "e2")
    on_first = own.page.text.count('action="/own/answer"')
    assert on_first == 50
    assert "page 1 of 2" in own.text
    assert own.open("/own?page=99").text.count('action="/own/answer"') in (4, 5)


def test_a_reason_names_people_who_are_not_on_its_page(sign_in):
    browser = sign_in()
    startups = "id,name,needs\ns1,한별로봇,robot arm control\ns2,두리물산,robot arm control tax\n"
    experts = "id,kind,name,expertise,max_load\ne1,professor,홍길동,robot arm control,1\ne2,professor,Law,robot tax,1\n"
    found = run(browser, make(browser, startups=startups, experts=experts))
    ways = re.findall(r'href="[^"]+/(matches/\d+)"', browser.page.text)
    told = "".join(browser.open(f"{found}/{way}").text and browser.text for way in ways)
    assert re.search(r"goes to (한별로봇|두리물산) \(", told)
    assert not re.search(r"goes to s\d", told)
