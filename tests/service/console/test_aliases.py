"""Who is who, on the page where a manager decides it."""

from __future__ import annotations

import pytest

from service.store.keys import Role
from tests.service.console.test_pages import HOSTILE, make

PEOPLE = {
    "startups": "id,name,needs\ns1,Leafsight,plant disease\ns2,리프 사이트,drone flight\ns3,㈜ Leafsight,tax law\n",
    "experts": "id,kind,name,affiliation,expertise\n"
    "e1,professor,김민수,가온대학교,plant disease\n"
    "e2,professor,Min-su Kim,가온대학교,drone flight\n",
    "relations": "source,target,type\ns1,e2,family\n",
}


@pytest.fixture
def browser(sign_in):
    return sign_in(Role.MANAGER)


def test_a_suspicion_is_shown_with_its_reason_and_decided_with_a_button(browser):
    here = make(browser, **PEOPLE)
    assert f'href="{here}/aliases"' in browser.page.text
    browser.open(f"{here}/aliases")
    assert "names that sound alike in Korean and Latin letters, in the same organisation" in browser.text
    assert "김민수" in browser.text
    assert "Min-su Kim" in browser.text
    # The first form is that of the startups of one name: it is left alone until the experts are decided.
    answer = {"one": "expert:e1", "other": "expert:e2", "stays": "expert:e2", "same": "yes"}
    browser.send(f"{here}/aliases", **answer)
    assert browser.page.url.path == f"{here}/aliases"
    assert "names that sound alike" not in browser.text
    assert "The same" in browser.text
    browser.open(f"{here}/experts/e1")
    assert "Is one with" in browser.text
    assert "Nobody is eligible" not in browser.text
    assert f"{here}/startups/s1" not in browser.page.text, "the conflict of the other one counts"


def test_not_the_same_is_kept_and_may_be_taken_back(browser):
    here = make(browser, **PEOPLE)
    browser.open(f"{here}/aliases")
    browser.send(f"{here}/aliases", stays="startup:s1", same="no")
    told = browser.text
    assert told.count("Not the same") > told.count("Take back") - 1
    (number,) = [part.split("/")[0] for part in browser.page.text.split(f'action="{here}/aliases/')[1:]]
    browser.send(f"{here}/aliases/{number}/delete")
    assert "Take back" not in browser.text
    assert "the same name" in browser.text


def test_what_cannot_be_meant_is_told_on_the_page_and_everything_is_said_in_korean(browser):
    here = make(browser, **PEOPLE)
    browser.open(f"{here}/aliases")
    browser.send(f"{here}/aliases", one="expert:e1", other="expert:e9", stays="expert:e1", same="yes")
    assert browser.page.status_code == 422
    assert "expert:e9" in browser.text
    browser.open(f"{here}/aliases", **{"Accept-Language": "ko"})
    for told in ("동일인 확인", "같은 조직에서 한글 이름과 로마자 이름이 같은 소리임", "이름이 같음", "다름"):
        assert told in browser.text
    assert "the same name" not in browser.text


def test_a_file_of_aliases_is_uploaded_with_the_others(browser):
    here = make(browser, **PEOPLE, aliases="canonical,alias,same\ne1,e2,yes\ne1,name:M. S. Kim,yes\n")
    browser.open(f"{here}/aliases")
    assert "M. S. Kim spelling of a name" in browser.text
    browser.open(here)
    browser.send(f"{here}/import", files={"aliases": ("a.csv", b"canonical,alias\ne1,e7\n", "text/csv")})
    assert "the id of a startup or expert" in browser.text


def test_hostile_names_stay_text(browser):
    name = HOSTILE.replace('"', "").replace(",", "")
    rows = f"id,kind,name,affiliation,expertise\ne1,professor,{name},A,tax\ne2,professor,{name},A,law\n"
    here = make(browser, startups=PEOPLE["startups"], experts=rows)
    browser.open(f"{here}/aliases")
    assert "<script>alert" not in browser.page.text
    assert "the same name in the same organisation" in browser.text


def test_only_managers_decide(sign_in):
    manager = sign_in(Role.ADMIN)
    here = make(manager, **PEOPLE)
    other = sign_in(Role.EXPERT, here.rsplit("/", 1)[1], "e1")
    assert other.open(f"{here}/aliases").status_code == 403
