"""No page is larger than 300 KB, whatever stands in the program: the longest texts that are taken, in every field."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from matcher.profiles import Side
from service.console.fitting import LARGEST, fit, mark, shortened
from service.store.keys import Grant, Role, create_key
from service.store.profiles import add_relations, import_profiles
from service.store.programs import create_program, decide
from service.store.publishing import publish
from service.store.runs import Result, State, ask_for_run, claim, finish
from service.store.writes import writing

# Of what HTML writes longest, five bytes a letter, with a word in it that is marked.
LONG = '"a' * 1_000
LONGEST = '"a' * 500_000
# Twelve bytes a letter in an address.
PROGRAM = "🚀" * 200
ROWS = 60
PASSAGE = '"a' * 750
PAIR_OF = {"kind": "professor", "score": 0.5, "parts": {"needs": 0.3, "fit": 0.2}}


def id_of(letter: str, number: int) -> str:
    return f"{letter}{number:03}" + "🚀" * 496


def startup(number: int) -> dict:
    text, many = (LONGEST, 60) if number == 0 else (LONG, 1)
    return {
        "id": id_of("s", number),
        **dict.fromkeys(("region", "email", "summary"), LONG),
        "name": text,
        "stage": text,
        "needs": [{"text": f"{at} {LONG}", "weight": 2} for at in range(many)],
        "data_assets": [f"{at} {LONG}" for at in range(many)],
        "sectors": [text, LONG],
        "languages": [LONG] * many,
        "confidential": ["email"] * many,
    }


def expert(number: int) -> dict:
    text, many = (LONGEST, 60) if number == 0 else (LONG, 1)
    return {
        "id": id_of("e", number),
        "kind": "professor",
        **dict.fromkeys(("name", "email"), text),
        "affiliation": f"at {text[3:]}",  # no startup: that would be a conflict
        "expertise": [f"{at} {LONG}" for at in range(many)],
        "documents": [{"title": LONG, "text": LONG, "year": 2024}] * many,
        **{name: [LONG] * many for name in ("sectors", "stages", "regions", "languages")},
        "wants": [id_of("s", at) for at in range(many)],
        "avoids": [f"{LONG} at sea"] * many,
        "max_load": 1_000_000,
    }


def pair(one: int, other: int) -> dict:
    found = {
        "startup_passage": PASSAGE,
        "expert_passage": PASSAGE,
        "source": LONG,
        "part": "needs",
        "words": ["a"],
        "worth": 0.3,
        "confidential": False,
    }
    return {
        "startup": id_of("s", one),
        "expert": id_of("e", other),
        **PAIR_OF,
        "evidence": [found] * 6,
        "warnings": [LONG] * 20,
        "warm_path": LONG,
        "alternative": {"expert": id_of("e", other + 1), "score": 0.4, "reason": LONG},
    }


def quota(number: int) -> dict:
    filters = dict.fromkeys(("sector", "stage", "region"), LONG)
    long = {"name": LONG, "min": 1, "max": 10**9}
    if number:  # lists of ids in one are enough: every page reads all that is decided
        return {**long, "startups": filters, "experts": {**filters, "affiliation": LONG, "kind": "professor"}}
    return {**long, **{f"{side}s": [id_of(side[0], at) for at in range(2 * ROWS)] for side in Side}}


def made_run(connection, result: Result, **rows: list) -> str:
    snapshot = {"startups": [], "experts": [], "relations": [], **rows}
    run = ask_for_run(connection, PROGRAM, {"kinds": ["professor"], "seed": 10**300}, snapshot, "t").id
    token = claim(connection, run)
    assert finish(connection, run, token, result)
    return run


@pytest.fixture
def filled(client):
    """A program of nothing but long texts; returns its runs: two that are done, one not possible, one failed."""
    rows = {"startups": [startup(at) for at in range(ROWS)], "experts": [expert(at) for at in range(ROWS)]}
    unmet = [{"what": "startup", "id": id_of("s", at), "needed": 2, "given": 1} for at in range(ROWS)]
    record = {"objective": "total", "results": [{"unmet": unmet}]}
    alone = [{"startup": id_of("s", at), "kind": "professor", "reason": LONG} for at in range(ROWS)]
    change = {"field": "expert.max", "id": id_of("e", 1), "to": 3}
    conflict = {
        "startups": [id_of("s", at) for at in range(ROWS)],
        "experts": [id_of("e", at) for at in range(ROWS)],
        "quotas": [LONG] * ROWS,
        "pins": [[id_of("s", at), id_of("e", at)] for at in range(ROWS)],
        "needed": 10**6,
        "available": 1,
        "relaxations": [{"message": LONG, "changes": [change] * 20}] * ROWS,
    }
    wrong = {"detail": LONG, "errors": [{"field": LONG, "message": LONG}] * 1_000}
    with writing(client.app.state.shared.database) as connection:
        create_program(connection, PROGRAM, {"name": LONGEST}, "t")
        import_profiles(connection, PROGRAM, Side.STARTUP, rows["startups"], "t")
        import_profiles(connection, PROGRAM, Side.EXPERT, rows["experts"], "t")
        ends = [(f"startup:{id_of('s', 0)}", f"org:{at:03}{'🚀' * 497}") for at in range(120)]
        add_relations(connection, PROGRAM, [{"source": a, "target": b, "type": LONG} for a, b in ends], "t")
        busy = [pair(at, 0) for at in range(ROWS)]
        first = made_run(connection, Result(State.DONE, record, None, busy + alone), **rows)
        spread = [pair(0, at) for at in range(1, ROWS)] + [pair(at, at) for at in range(ROWS)]
        second = made_run(connection, Result(State.DONE, record, None, spread + alone))
        infeasible = made_run(connection, Result(State.INFEASIBLE, None, {"detail": LONG, "conflict": conflict}, []))
        failed = made_run(connection, Result(State.FAILED, None, wrong, []))
        publish(connection, PROGRAM, first, "t")
    return first, second, infeasible, failed


def test_no_page_is_larger_than_it_may_be(filled, sign_in):
    first, second, infeasible, failed = filled
    admin = sign_in()
    database = admin.client.app.state.shared.database
    for _ in range(60):
        create_key(database, Grant(Role.STARTUP, PROGRAM, id_of("s", 0)), "t")
    with writing(database) as connection:
        decide(connection, PROGRAM, {"name": LONGEST, "quotas": [quota(at) for at in range(ROWS)]}, None, "t")
    base = f"/programs/{quote(PROGRAM)}"
    of = {name: f"{base}/runs/{run}" for name, run in (("f", first), ("s", second), ("i", infeasible), ("x", failed))}
    parties = [f"{base}/startups/{quote(id_of('s', 0))}", f"{base}/experts/{quote(id_of('e', 0))}"]
    tables = [f"{base}/startups?search={'a+' * 149}", f"{base}/startups?sort=id", f"{base}/experts?page=2"]
    lists = [f"{of['f']}?order=weakest&search=a", of["s"], f"{of['s']}?page=2", f"{of['f']}/publish", of["i"], of["x"]]
    compared = f"{of['s']}/compare?against={first}"
    sizes = {}

    def look(browser, where: str, status: int = 200) -> None:
        page = browser.open(where)
        assert page.status_code == status, browser.text[:500]
        sizes[where.replace(quote(PROGRAM), "P")[:60]] = len(page.content)

    quotas = [f"{base}?quotas=2", f"{base}/quotas/new", f"{base}/quotas/1", f"{base}/quotas/2"]
    for where in ("/programs", base, *quotas, *tables, *parties, *lists, compared, "/audit", "/keys"):
        look(admin, where)
    number = re.search(r'value="ban/(\d+)/', admin.open(of["f"]).text)[1]
    look(admin, f"{of['f']}/matches/{number}")
    look(admin, f"/programs/{quote(LONG)}", 404)
    admin.open(of["f"])
    secret = re.search(r"/p/([\w-]+)", admin.send(f"/programs/{PROGRAM}/runs/{first}/letters").text)[1]
    look(admin, f"/p/{secret}")
    admin.open(base)
    bad = "id,kind,expertise," + "z" * 100_000 + "\n" + "".join(f"e{at},{'&' * 2_000},x,y\n" for at in range(300))
    admin.send(f"/programs/{PROGRAM}/import", files={"experts": (f"{'n' * 200}.csv", bad.encode(), "text/csv")})
    assert admin.page.status_code == 422
    sizes["an upload with mistakes"] = len(admin.page.content)
    look(sign_in(Role.STARTUP, PROGRAM, id_of("s", 0)), "/own")
    look(sign_in(Role.EXPERT, PROGRAM, id_of("e", 0)), "/own")
    assert {where: size for where, size in sizes.items() if size > LARGEST} == {}
    assert max(sizes.values()) > LARGEST / 3, "the texts are long enough to be cut"


def test_an_id_too_long_for_an_address_leads_to_its_profile(filled, sign_in):
    admin = sign_in()
    page = admin.open(f"/programs/{quote(PROGRAM)}/startups").text
    way = re.search(r'href="(startups\?named=\w+)"', page)[1]
    assert admin.open(f"/programs/{quote(PROGRAM)}/{way}").url.path.startswith(f"/programs/{PROGRAM}/startups/s")
    assert admin.open(f"/programs/{quote(PROGRAM)}/startups?named=none").status_code == 404


def test_what_is_too_long_to_be_edited_is_kept_as_it_is_and_can_be_had_as_a_file(filled, sign_in):
    admin = sign_in()
    where = f"/programs/{quote(PROGRAM)}/startups/{quote(id_of('s', 0))}"
    admin.open(where)
    assert "too long to be edited" in admin.text
    assert 'name="region"' in admin.page.text
    assert 'name="stage"' not in admin.page.text
    admin.send("", region="서울")
    assert admin.page.status_code == 200, admin.text[:300]
    row = admin.open(f"{where}/startup.jsonl").json()
    assert row["region"] == "서울"
    assert row["stage"] == row["name"] == LONGEST
    admin.open(f"/programs/{quote(PROGRAM)}")
    again = {"startups": ("startups.jsonl", admin.open(f"{where}/startup.jsonl").content, "application/jsonl")}
    admin.open(f"/programs/{quote(PROGRAM)}")
    admin.send(f"/programs/{PROGRAM}/import", files=again)
    assert admin.page.status_code == 200, admin.text[:300]


def test_an_entry_of_the_audit_log_can_be_had_whole(filled, sign_in):
    admin = sign_in()
    page = admin.open("/audit?cursor=3").text
    where = re.search(r'href="(/audit/\d+\.json)"', page)[1]
    entry = admin.open(where).json()
    assert entry["action"] == "program.create"
    assert entry["after"] == {"name": LONGEST}
    assert admin.open("/audit/99999.json").status_code == 404
    assert sign_in(Role.MANAGER).open(where).status_code == 403


def test_a_page_that_has_room_shows_its_texts_whole_and_another_less_of_them():
    rooms = []

    def render(room: float) -> str:
        rooms.append(room)
        return "x" * int(room * 700_000)

    assert fit(lambda room: f"{room}") == "1.0"
    assert len(fit(render)) <= LARGEST
    assert rooms == sorted(rooms, reverse=True)


@pytest.mark.parametrize(
    "text", ["one two three four", "가나다라 마바사아 자차카타", "x" * 300, "", " " * 50, "a " * 100]
)
def test_a_text_is_cut_at_the_end_of_a_word(text):
    for longest in range(1, 60):
        shown = shortened(text, longest)
        assert len(shown) <= max(longest, 1)
        assert shown == text or (shown.endswith("…") and text.startswith(shown[:-1]))
    assert shortened("one two three four", 12) == "one two…"
    assert shortened("x" * 300, 12) == "x" * 11 + "…"


def test_a_long_passage_is_shown_about_its_first_marked_word():
    text = "before " * 100 + "robot arms " + "after " * 100
    shown = mark(text, ["robot"], 200)
    assert "<mark>robot</mark>" in shown
    assert shown.startswith("… before")
    assert shown.endswith("after…")
