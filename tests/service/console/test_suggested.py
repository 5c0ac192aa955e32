"""A page does not wait for suggestions that take long: it tells how far they are, and they come by themselves."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Sequence

import pytest
from starlette.testclient import TestClient

from matcher.encoding import Role as Spoken
from matcher.encoding import Vectors
from matcher.errors import BadInput
from models.cache import Cache
from models.encoders import CachedEncoder
from models.opening import Models
from service import use_cases
from service.console import suggested
from service.store.keys import Role
from tests.fakes import NoWords, WordEncoder, plain_calibration
from tests.service.conftest import OpenedWords
from tests.service.console.conftest import Browser, SignIn
from tests.service.console.test_pages import make

KO = {"Accept-Language": "ko"}
PATIENCE_S = 60


class SlowWords(WordEncoder):
    """Encodes once it may, or fails."""

    def __init__(self) -> None:
        super().__init__()
        self.may_encode, self.is_asked, self.error = threading.Event(), threading.Event(), None
        self.calls = 0

    def encode(self, texts: Sequence[str], role: Spoken) -> Vectors:
        self.calls += 1
        self.is_asked.set()
        assert self.may_encode.wait(PATIENCE_S)
        if self.error:
            raise self.error
        return super().encode(texts, role)


class SlowEncoder(OpenedWords):
    def __init__(self, words: SlowWords) -> None:
        super().__init__()
        self._words = words

    def keeping_in(self, cache: Cache) -> CachedEncoder:
        return CachedEncoder(self.identity, lambda: self._words, cache)


@pytest.fixture
def words() -> Iterator[SlowWords]:
    slow = SlowWords()
    yield slow
    slow.may_encode.set()  # or the server would never end


@pytest.fixture
def client(serve, words: SlowWords, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setattr(use_cases, "open_models", lambda *_: Models(SlowEncoder(words), NoWords(), plain_calibration()))
    return serve()


@pytest.fixture
def browser(sign_in: SignIn, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> Browser:
    entered = sign_in()
    monkeypatch.setattr(suggested, "_PATIENCE_S", 0.0)
    until(lambda: client.app.state.shared.matchmaker.is_ready)
    return entered


def until(is_so) -> None:
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_open(browser: Browser, where: str) -> bool:
    """Look as a page does that is open."""
    page = browser.open(f"{where}/suggestions")
    assert page.status_code == 200
    return re.search(r'id="progress" data-open="(yes|no)"', page.text)[1] == "yes"


@pytest.mark.parametrize("way", ["startups/s1", "experts/e1"])
def test_a_profile_is_shown_before_its_suggestions_which_come_by_themselves(browser, words, way):
    program = make(browser)
    where = f"{program}/{way}"
    browser.open(where)
    assert browser.page.status_code == 200
    assert "robot arm control" in browser.text
    assert "The profiles are being read (0 of 4); suggestions come by themselves." in browser.text
    assert f'data-follow="{where}/suggestions" data-stays' in browser.page.text
    assert f'<a data-plain href="{where}">Look again</a>' in browser.page.text
    assert is_open(browser, where)
    words.may_encode.set()
    until(lambda: not is_open(browser, where))
    assert 'class="score"' in browser.page.text
    assert 'class="score"' in browser.open(where).text
    assert "data-follow" not in browser.page.text
    assert "Look again" not in browser.text


def test_in_korean_too(browser):
    browser.open(f"{make(browser)}/startups/s1", **KO)
    assert "프로필을 읽고 있습니다(4건 중 0건). 추천은 저절로 나타납니다." in browser.text


def test_however_many_look_an_index_is_built_once_and_no_thread_is_added(browser, words, client):
    program = make(browser)
    built = []
    warm = client.app.state.shared.suggestions.warm
    client.app.state.shared.suggestions.warm = lambda of: built.append(of) or warm(of)
    for way in ("startups/s1", "startups/s2", "experts/e1", "experts/e2"):
        browser.open(f"{program}/{way}")
        assert is_open(browser, f"{program}/{way}")
    threads = threading.active_count()
    for _ in range(20):
        browser.open(f"{program}/startups/s1")
    assert threading.active_count() <= threads
    words.may_encode.set()
    until(lambda: not is_open(browser, f"{program}/startups/s1"))
    assert built == [program.rsplit("/", 1)[1]]


@pytest.mark.parametrize(("role", "party"), [(Role.STARTUP, "s1"), (Role.EXPERT, "e1")])
def test_the_own_page_tells_so_too_and_not_how_many_others_there_are(browser, words, sign_in, monkeypatch, role, party):
    program = make(browser).rsplit("/", 1)[1]
    own = sign_in(role, program, party)
    monkeypatch.setattr(suggested, "_PATIENCE_S", 0.0)
    own.open("/own")
    assert "The profiles are being read; suggestions come by themselves." in own.text
    assert "4" not in re.search(r'(?s)<div id="progress".*?</div>', own.page.text)[0]
    assert 'data-follow="/own/suggestions" data-stays' in own.page.text
    assert '<a data-plain href="/own">Look again</a>' in own.page.text
    assert is_open(own, "/own")
    words.may_encode.set()
    until(lambda: not is_open(own, "/own"))
    assert 'class="score"' in own.page.text
    assert 'class="score"' in own.open("/own").text


def test_what_kept_an_index_from_being_built_is_told_to_all_who_wait_and_begun_again_by_who_opens_a_page(
    browser, words, caplog
):
    program = make(browser)
    where, other = f"{program}/startups/s1", f"{program}/experts/e1"
    browser.open(where)
    browser.open(other)
    words.error = BadInput("found no encoder, expected the file of one")
    words.may_encode.set()
    until(lambda: not is_open(browser, where))
    assert "found no encoder, expected the file of one" in browser.text
    assert f'<a href="{where}">Look again</a>' in browser.page.text
    assert not is_open(browser, other)
    assert "found no encoder" in browser.text
    calls = words.calls
    assert not is_open(browser, where)
    assert words.calls == calls
    assert "suggestions not made" in caplog.text
    words.error = None
    browser.open(where)
    until(lambda: not is_open(browser, where))
    assert 'class="score"' in browser.page.text


def test_without_javascript_who_looks_again_is_told_what_failed_before_it_is_begun_again(browser, words, client):
    where = f"{make(browser)}/startups/s1"
    browser.open(where)
    words.error = RuntimeError("a secret of the inside")
    errands = client.app.state.shared.warming._errands
    words.may_encode.set()
    until(lambda: all(errand.future.done() for errand in errands.values()))
    browser.open(where, **KO)
    assert browser.page.status_code == 200
    assert "추천을 만들지 못했습니다. 까닭은 서비스의 로그에 있습니다." in browser.text
    assert "secret" not in browser.text
    assert "다시 보기" in browser.text
    words.error = None
    browser.open(where)
    until(lambda: not is_open(browser, where))
    assert 'class="score"' in browser.page.text


def test_a_defect_while_an_index_is_built_is_in_the_log(browser, words, caplog):
    where = f"{make(browser)}/startups/s1"
    browser.open(where)
    words.error = RuntimeError("inside")
    words.may_encode.set()
    until(lambda: not is_open(browser, where))
    assert "RuntimeError: inside" in caplog.text


def test_a_profile_that_is_gone_meanwhile_is_told_as_gone(browser, words, client):
    program = make(browser)
    browser.open(f"{program}/startups/s1")
    headers = {"Authorization": f"Bearer {browser.secret}"}
    assert client.delete(f"/v1{program}/startups/s1", headers=headers).status_code == 204
    words.may_encode.set()
    until(lambda: browser.open(f"{program}/startups/s1/suggestions").status_code == 404)
    assert "found no startup 's1'" in browser.text


def test_the_api_waits_as_it_did(browser, words, client):
    program = make(browser)
    browser.open(f"{program}/startups/s1")
    answers = []
    headers = {"Authorization": f"Bearer {browser.secret}"}
    asking = threading.Thread(
        target=lambda: answers.append(client.get(f"/v1{program}/startups/s1/suggestions", headers=headers))
    )
    asking.start()
    assert words.is_asked.wait(PATIENCE_S)
    assert not answers
    words.may_encode.set()
    asking.join(PATIENCE_S)
    assert len(answers[0].json()["suggestions"]) == 2


def test_what_is_written_much_to_is_read_before_it_is_suggested_from_again(browser, words):
    program = make(browser)
    where = f"{program}/startups/s1"
    words.may_encode.set()
    browser.open(where)
    until(lambda: not is_open(browser, where))
    words.may_encode.clear()
    rows = "id,kind,expertise\ne3,professor,robot arm sensors\n"
    browser.open(program)
    browser.send(f"{program}/import", files={"experts": ("experts.csv", rows.encode(), "text/csv")})
    browser.open(where)
    assert "(4 of 5)" in browser.text
    words.may_encode.set()
    until(lambda: not is_open(browser, where))
    assert "e3" in browser.page.text
