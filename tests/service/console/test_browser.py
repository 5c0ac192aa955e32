"""The console in a real browser: the whole story, its accidents, and whether everybody can use it."""

from __future__ import annotations

import re
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from service import reading_ahead, use_cases
from service.http.app import create_app
from service.jobs.running import do_run
from service.settings import Settings
from service.store.keys import Grant, Role, create_key
from service.store.runs import claim, waiting_runs
from service.store.writes import writing
from tests.fakes import WordEncoder
from tests.service.conftest import open_words

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="found no chromium: apt-get install chromium, or let `make test` do it as root"
)
expect.set_options(timeout=30_000)
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"
STARTUPS = "id,name,needs,data_assets\ns1,한별로봇,robot arm control,arm videos\ns2,Two Robots,tax law,\n"
EXPERTS = "id,kind,name,expertise,max_load\ne1,professor,홍길동,robot arm control,9\ne2,professor,Law Kim,tax law,9\n"
LONELY = "id,kind,expertise,max_load\nonly,professor,law,1\n"
RELATIONS = "source,target,type,since\nstartup:s1,expert:e2,family,\nstartup:s2,expert:e1,colleague,2020\n"


@dataclass
class Served:
    """A server in this process. may_work: whether runs are done."""

    url: str
    app: object
    may_work: threading.Event


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("console")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(use_cases, "open_models", open_words)
        url = f"sqlite:///{folder / 'matcher.db'}"
        settings = Settings(database_url=url, cache_folder=folder / "cache", workers=0, rate_limit="100000 per minute")
        app = create_app(settings)
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
            thread.start()
            stop, may_work = threading.Event(), threading.Event()
            may_work.set()
            worker = threading.Thread(target=work, args=(app, settings, stop, may_work))
            worker.start()
            port = listening.getsockname()[1]
            while not server.started:
                time.sleep(0.05)
            yield Served(f"http://127.0.0.1:{port}", app, may_work)
            stop.set()
            worker.join()
            server.should_exit = True
            thread.join()


def work(app, settings: Settings, stop: threading.Event, may_work: threading.Event) -> None:
    """Do what is queued, as a worker would."""
    database = app.state.shared.database
    while not stop.wait(0.1):
        with database.connect() as connection:
            waiting = waiting_runs(connection) if may_work.is_set() else []
        for run in waiting:
            with writing(database) as connection:
                token = claim(connection, run)
            do_run(database, settings, run, token)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


Visit = Callable[..., Page]


@pytest.fixture
def visit(served: Served, chromium: Browser) -> Iterator[Visit]:
    """Open a browser of somebody new; whatever it complains of fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def heard(message) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    def enter(role: Role | None = Role.ADMIN, program: str | None = None, party: str | None = None, **options) -> Page:
        context = chromium.new_context(**{"locale": "en", **options})
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"a dialog: {dialog.message}"))
        page.goto(served.url)
        if role:
            secret = create_key(served.app.state.shared.database, Grant(role, program, party), "tests")[1]
            page.fill("#key", secret)
            page.locator("form[action='/sign-in'] button").click()
            page.wait_for_url("**/own" if party else "**/programs")
        return page

    yield enter
    for context in contexts:
        context.close()
    assert not complaints


def files(**tables: str) -> list[tuple[str, dict]]:
    return [
        (name, {"name": f"{name}.csv", "mimeType": "text/csv", "buffer": text.encode()})
        for name, text in tables.items()
    ]


def make(page: Page, startups: str = STARTUPS, experts: str = EXPERTS, relations: str = RELATIONS) -> str:
    page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/")[2] + "/programs")
    page.fill("#name", "Spring")
    for name, file in files(startups=startups, experts=experts, **({"relations": relations} if relations else {})):
        page.set_input_files(f"#{name}", file)
    page.locator("form[action='/programs'] button").click()
    page.wait_for_url("**/programs/*")
    return page.url


def start(page: Page, program: str) -> None:
    page.goto(program)
    page.locator("form[action$='/runs'] button").click()
    page.wait_for_url("**/runs/*")


def test_from_upload_to_publish_in_korean(visit):
    page = visit(Role.MANAGER, locale="ko-KR")
    program = make(page)
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    start(page, program)
    expect(page.locator("article.match")).to_have_count(2)  # the page moves on by itself
    expect(page.get_by_role("heading", name="매칭 목록")).to_be_visible()
    row = page.locator("article.match", has_text="한별로봇")
    row.get_by_text("이유와 차선을 고르지 않은 이유").click()
    expect(row.locator(".parts")).to_be_visible()
    row.get_by_role("button", name="제외").click()
    expect(page.locator(".again.waiting")).to_be_visible()
    page.locator(".again").get_by_role("button", name="다시 실행").click()
    expect(page.get_by_role("link", name="달라진 점")).to_be_visible()
    second = page.url
    page.get_by_role("link", name="달라진 점").click()
    expect(page.get_by_role("cell", name="한별로봇")).to_be_visible()
    page.goto(second)
    with page.expect_download() as got:
        page.get_by_role("link", name="xlsx").click()
    assert Path(got.value.path()).read_bytes().startswith(b"PK")
    page.get_by_role("link", name="공개 …").click()
    page.get_by_role("button", name="공개", exact=True).click()
    expect(page.locator(".state.published")).to_be_visible()
    for _ in range(2):  # a file can be had again
        with page.expect_download() as got:
            page.get_by_role("button", name="안내문 만들기").click()
        letters = Path(got.value.path()).read_text(encoding="utf-8-sig")
    assert "Dear 홍길동" in letters or "Dear Law Kim" in letters
    link = re.search(r"http://\S+/p/\S+", letters)[0]
    page.goto(link)
    expect(page.get_by_text("You were matched with:")).to_be_visible()


def test_a_startup_reads_its_match_and_answers(visit):
    manager = visit()
    program = make(manager)
    start(manager, program)
    manager.get_by_role("link", name="Publish …").click()
    manager.get_by_role("button", name="Publish", exact=True).click()
    expect(manager.locator(".state.published")).to_be_visible()
    page = visit(Role.STARTUP, program.rsplit("/", 1)[1], "s1")
    expect(page.get_by_role("heading", name="홍길동").first).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("Two Robots")
    page.get_by_role("button", name="Interested").click()
    expect(page.locator(".tag.on")).to_have_text("accepted")


def test_an_infeasible_run_is_relaxed_by_a_button(visit):
    page = visit()
    startups = "id,needs,min_matches\ns1,law,1\ns2,law,1\n"
    start(page, make(page, startups, LONELY, ""))
    expect(page.get_by_role("heading", name="What would mend it")).to_be_visible()
    page.get_by_role("button", name="Apply and run again").first.click()
    expect(page.locator("article.match").first).to_be_visible()


def test_a_run_is_cancelled_and_the_page_keeps_its_shape_while_it_waits(visit, served):
    page = visit()
    program = make(page)
    served.may_work.clear()
    try:
        start(page, program)
        before = page.locator("form[action$='/cancel']").bounding_box()
        page.wait_for_timeout(1600)
        assert page.locator("form[action$='/cancel']").bounding_box() == before
        page.get_by_role("button", name="Cancel the run").click()
        expect(page.get_by_text("was cancelled")).to_be_visible()
    finally:
        served.may_work.set()


def test_how_many_profiles_are_read_moves_by_itself_and_moves_nothing_else(visit, monkeypatch):
    may_read, encode = threading.Event(), reading_ahead._encode

    def wait(*given):
        may_read.wait(60)
        return encode(*given)

    monkeypatch.setattr(reading_ahead, "_encode", wait)
    page = visit(locale="ko-KR", viewport={"width": 360, "height": 800})
    try:
        program = make(page)
        expect(page.get_by_text("프로필 4건 중 0건을 읽었습니다.")).to_be_visible()
        runs = page.get_by_role("heading", name="실행", exact=True)
        before = runs.evaluate("one => one.offsetTop")
        page.fill("#seed", "42")
        may_read.set()
        expect(page.get_by_text("프로필을 모두 읽었습니다.")).to_be_visible()
        assert runs.evaluate("one => one.offsetTop") == before
        expect(page.locator("#seed")).to_have_value("42")
        page.goto(program)
        expect(page.locator("progress")).to_have_count(0)
    finally:
        may_read.set()


@pytest.fixture
def may_encode(monkeypatch) -> Iterator[threading.Event]:
    """Let nothing be encoded before this is set."""
    given, encode = threading.Event(), WordEncoder.encode

    def wait(*arguments):
        given.wait(60)
        return encode(*arguments)

    monkeypatch.setattr(WordEncoder, "encode", wait)
    yield given
    given.set()


def test_suggestions_that_take_long_come_by_themselves_and_take_nothing_from_who_types(visit, may_encode):
    page = visit()
    program = make(page, STARTUPS.replace("tax law", "a need that nobody had before"))
    page.goto(f"{program}/startups/s1")
    expect(page.get_by_text("The profiles are being read ", exact=False)).to_be_visible()
    expect(page.get_by_text("Look again")).to_have_count(0)
    page.get_by_text("Edit", exact=True).click()
    page.fill("#f-name", "Still typing")
    may_encode.set()
    expect(page.locator("#progress article").first).to_be_visible()
    expect(page.locator("#f-name")).to_have_value("Still typing")
    expect(page.get_by_text("are being read")).to_have_count(0)


def test_who_waits_for_suggestions_and_is_signed_out_meanwhile_is_told_so(visit, may_encode):
    page = visit(locale="ko-KR")
    program = make(page, STARTUPS.replace("tax law", "another need that nobody had before"))
    page.goto(f"{program}/startups/s1")
    expect(page.get_by_text("추천은 저절로 나타납니다")).to_be_visible()
    page.context.clear_cookies(name="matcher_session")
    expect(page.locator("[data-follow] .said.wrong")).to_be_visible()
    expect(page.get_by_text("추천은 저절로 나타납니다")).to_have_count(0)


def test_a_refused_run_is_told_over_its_form_which_keeps_what_was_entered(visit):
    page = visit()
    page.goto(make(page))
    page.get_by_label("investor").first.check()
    page.fill("#seed", "42")
    page.locator("form[action$='/runs'] button").click()
    expect(page.get_by_role("alert")).to_contain_text("found kind investor")
    expect(page.locator("#e-kinds")).to_be_visible()
    expect(page.locator("#seed")).to_have_value("42")
    page.get_by_label("investor").first.uncheck()
    page.locator("form[action$='/runs'] button").click()
    expect(page.locator("article.match")).to_have_count(2)


def test_two_managers_at_one_profile(visit):
    one, other = visit(), visit()
    program = make(one)
    for page in (one, other):
        page.goto(f"{program}/startups/s1")
        page.get_by_text("Edit", exact=True).click()
    one.fill("#f-name", "The first")
    one.get_by_role("button", name="Save").click()
    expect(one.get_by_role("heading", name="The first")).to_be_visible()
    other.fill("#f-name", "The second")
    other.get_by_role("button", name="Save").click()
    expect(other.get_by_role("alert")).to_contain_text("changed since")
    expect(other.locator("#f-name")).to_have_value("The second")


def test_everything_can_be_done_without_javascript(visit):
    page = visit(java_script_enabled=False)
    program = make(page)
    start(page, program)
    while page.get_by_text("Look again").count():
        page.get_by_text("Look again").click()
    expect(page.locator("article.match")).to_have_count(2)
    page.locator("article.match").first.get_by_role("button", name="Pin").click()
    expect(page.locator(".tag.on")).to_have_text("pinned")
    page.goto(f"{page.url.split('?')[0].split('#')[0]}/pictures")
    expect(page.get_by_text("The plots need JavaScript")).to_be_visible()
    page.get_by_text("As a table").first.click()
    expect(page.get_by_role("cell", name="한별로봇").first).to_be_visible()


def test_on_paper_the_list_stands_without_what_is_pressed(visit):
    page = visit(color_scheme="dark")
    start(page, make(page))
    expect(page.locator("article.match")).to_have_count(2)
    page.emulate_media(media="print", color_scheme="dark")
    for hidden in (".top", ".actions", ".again", ".find", ".steps"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.locator(".evidence").first).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(28, 35, 48)"


def test_a_plot_keeps_its_height_when_the_window_changes(visit):
    page = visit()
    start(page, make(page))
    expect(page.locator("article.match")).to_have_count(2)
    page.goto(f"{page.url.split('?')[0]}/pictures")
    page.wait_for_selector("#graph .main-svg")
    before = page.locator("#graph").bounding_box()["height"]
    page.set_viewport_size({"width": 360, "height": 800})
    page.wait_for_timeout(500)
    assert page.locator("#graph").bounding_box()["height"] >= before - 1 > 600


def test_hostile_texts_run_nothing(visit):
    page = visit()
    startups = f'id,name,needs,summary\ns1,"{HOSTILE}","{HOSTILE} robot arms","{HOSTILE}"\n'
    experts = f'id,kind,name,expertise\ne1,professor,"{HOSTILE}","{HOSTILE} robot arms"\n'
    program = make(page, startups, experts, "source,target,type\nstartup:s1,org:<b>x</b>,colleague\n")
    start(page, program)
    expect(page.locator("article.match")).to_contain_text(HOSTILE)
    run = page.url.split("?")[0]
    for where in (f"{run}/pictures", f"{program}/startups", f"{program}/startups/s1", f"{run}/publish"):
        page.goto(where)
        page.wait_for_load_state("networkidle")
        assert page.locator("img").count() == 0


def test_a_session_that_is_over_leads_to_the_sign_in_and_changes_nothing(visit):
    page = visit()
    program = make(page)
    page.goto(f"{program}/startups/s1")
    page.get_by_text("Edit", exact=True).click()
    page.context.clear_cookies()
    page.fill("#f-name", "Too late")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("nothing was changed")


def test_back_shows_the_page_before_and_repeats_nothing(visit):
    page = visit()
    program = make(page)
    start(page, program)
    expect(page.locator("article.match")).to_have_count(2)
    page.locator("article.match").first.get_by_role("button", name="Ban").click()
    expect(page.locator(".tag.off")).to_have_text("banned")
    page.go_back()
    expect(page.locator("article.match")).to_have_count(2)
    page.goto(program)
    expect(page.locator("tbody tr")).to_have_count(1)


def test_the_keyboard_reaches_everything_and_focus_is_seen(visit):
    page = visit(None)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    seen = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        if page.evaluate("document.activeElement.tagName") == "BUTTON":
            break
    assert {"key", "BUTTON"} <= seen


@dataclass(frozen=True)
class Everything:
    """A program with something on every page. keys: who may sign in. paths: what the admin's key opens."""

    admin: str
    parties: tuple[str, ...]
    paths: tuple[str, ...]


@pytest.fixture(scope="module")
def everything(served: Served, chromium: Browser) -> Everything:
    database = served.app.state.shared.database
    secret = create_key(database, Grant(Role.ADMIN), "tests")[1]
    page = chromium.new_context(locale="en").new_page()
    page.goto(served.url)
    page.fill("#key", secret)
    page.locator("form[action='/sign-in'] button").click()
    page.wait_for_url("**/programs")
    start(page, make(page, "id,needs,min_matches\ns1,law,1\ns2,law,1\n", LONELY, ""))
    page.wait_for_selector(".options")
    infeasible = page.url
    program = make(page)
    start(page, program)
    page.wait_for_selector("article.match")
    first = page.url
    page.locator("article.match").first.get_by_role("button", name="Ban").click()
    page.locator(".again button").click()
    page.wait_for_url(lambda url: first not in url)
    page.wait_for_selector("article.match")
    run = page.url.split("?")[0]
    page.goto(f"{run}/publish")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator(".state.published")).to_be_visible()
    id_ = program.rsplit("/", 1)[1]
    letters = page.request.post(
        f"{served.url}/v1/programs/{id_}/runs/{run.rsplit('/', 1)[1]}/letters",
        headers={"Authorization": f"Bearer {secret}"},
    )
    letter = letters.json()["letters"][0]["link"]
    page.context.close()
    grants = (Grant(Role.STARTUP, id_, "s1"), Grant(Role.EXPERT, id_, "e1"))
    parties = tuple(create_key(database, grant, "tests")[1] for grant in grants)
    inside = [program, f"{program}/startups", f"{program}/experts", f"{program}/startups/s1", f"{program}/experts/e1"]
    of_run = [run, f"{run}/pictures", f"{run}/publish", f"{run}/compare?against={first.rsplit('/', 1)[1]}", infeasible]
    of_service = [f"{served.url}/{one}" for one in ("programs", "keys", "audit", "programs/none")]
    return Everything(secret, parties, (*of_service, *inside, *of_run, letter))


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "light"), (1280, "dark"), (3840, "light")])
def test_every_page_is_open_to_everybody(visit, everything, width, scheme):
    page = visit(None, color_scheme=scheme, viewport={"width": width, "height": 900})
    # Of the rules only that on contrast depends on the scheme and none on the width; a page that is too wide does.
    rules = {"runOnly": ["color-contrast"]} if scheme == "dark" else {}
    found = {"sign-in": violations(page, rules)}

    def look(name: str) -> None:
        found[name] = violations(page, rules) if width == 1280 else []
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            found[name] = [*found[name], f"{wide} px too wide"]

    def sign_in(key: str) -> None:
        page.context.clear_cookies()
        page.goto(everything.paths[0].rsplit("/", 1)[0])
        page.fill("#key", key)
        page.locator("form[action='/sign-in'] button").click()
        page.wait_for_selector("form[action='/sign-out']")

    for key in everything.parties:
        sign_in(key)
        page.locator("details").evaluate_all("all => all.forEach(one => (one.open = true))")
        look(f"own page of {page.title()}")
    sign_in(everything.admin)
    for path in everything.paths:
        page.goto(path)
        if path.endswith("pictures"):
            page.wait_for_selector("#heat .main-svg")
        look(path)
    page.goto(everything.paths[4] + "/experts/e1")
    page.get_by_text("Edit", exact=True).click()
    page.fill("#f-max_load", "many")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#e-max_load")).to_be_visible()
    look("a form with a mistake")
    page.goto(everything.paths[4])
    page.get_by_label("investor").first.check()
    page.locator("form[action$='/runs'] button").click()
    expect(page.locator("#e-kinds")).to_be_visible()
    look("a run that was refused")
    page.goto(everything.paths[0])
    page.fill("#name", "Wrong")
    for name, file in files(startups="id,needs,max_matches\ns1,law,many\n", experts="id,kind\ne1,wizard\n"):
        page.set_input_files(f"#{name}", file)
    page.locator("form[action='/programs'] button").click()
    expect(page.locator(".said.wrong")).to_be_visible()
    look("an upload with mistakes")
    assert {path: told for path, told in found.items() if told} == {}


def violations(page: Page, rules: dict) -> list[str]:
    """Return what axe-core calls serious or critical, by these of its rules."""
    told = Axe().run(page, options=rules).response["violations"]
    return [
        f"{one['id']}: {node['html'][:120]}"
        for one in told
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:3]
    ]
