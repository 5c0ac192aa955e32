"""Lists of the console, searched, sorted and paged by the database: the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import random
import re
import unicodedata

import pytest
from sqlalchemy import select

from matcher.profiles import Side
from service.browsing import COLUMNS, PAGE, View, browse
from service.comparing import compare_runs
from service.match_lists import Choice, answers, list_lines, made_of, pinned_pairs
from service.run_lists import find_outlined, list_outlined
from service.store.database import open_database
from service.store.listings import folded
from service.store.profiles import ANYTHING, delete_profile, import_profiles, relations_of
from service.store.profiles import add_relations as relate
from service.store.programs import create_program
from service.store.runs import Result, State, ask_for_run, claim, finish
from service.store.tables import listings, match_lines
from service.store.writes import writing

WORDS = ("로봇", "ROBOT", "ｆｕｌｌ", "Ärger", "straße", "zebra", "가온", "_%", "", "'; drop")


@pytest.fixture
def database(database_url):
    engine = open_database(database_url)
    with writing(engine) as connection:
        create_program(connection, "p", {}, "tests")
    yield engine
    engine.dispose()


def experts(count: int = 130) -> list[dict]:
    draw = random.Random(3)  # noqa: S311 (nothing secret)
    return [
        {
            "id": f"E {number:03}/é",
            "kind": draw.choice(("professor", "investor")),
            "name": draw.choice(WORDS) + (f" {number % 7}" if number % 5 else ""),
            "affiliation": draw.choice(WORDS),
            "sectors": draw.sample(WORDS, draw.randrange(3)),
            "expertise": draw.sample(WORDS, 2),
            **({"max_load": draw.randrange(9)} if number % 3 else {}),
        }
        for number in range(count)
    ]


def keep(database, side: Side, rows: list[dict]) -> None:
    with writing(database) as connection:
        import_profiles(connection, "p", side, rows, "tests")


def key(row: dict, column: str):
    if column == "max_load":
        return row.get("max_load", 3)
    value = row.get(column) or (row["id"] if column == "name" else "")
    return folded(", ".join(value) if isinstance(value, list) else value)


@pytest.mark.parametrize("is_down", [False, True])
@pytest.mark.parametrize("column", COLUMNS[Side.EXPERT])
def test_every_page_of_every_order_is_what_sorting_all_rows_gives(database, column, is_down):
    rows = experts()
    keep(database, Side.EXPERT, rows)
    wanted = sorted(sorted(rows, key=lambda row: folded(row["id"])), key=lambda row: key(row, column), reverse=is_down)
    if column != "max_load":  # what is empty comes last either way
        wanted.sort(key=lambda row: key(row, column) == "")
    with database.connect() as connection:
        pages = [browse(connection, "p", Side.EXPERT, View("", "", column, is_down, page)) for page in (1, 2, 3, 99)]
    assert [row["id"] for page in pages[:3] for row in page.rows] != []
    shown = [row for page in pages[:3] for row in page.rows]
    assert [key(row, column) for row in shown] == [key(row, column) for row in wanted]
    assert sorted(row["id"] for row in shown) == sorted(row["id"] for row in rows)
    assert pages[3].page == 3
    assert pages[3].rows == pages[2].rows


@pytest.mark.parametrize(
    "search", ["로봇", "robot", "FULL", "strasse", "_%", "'; DROP", "zebra 로봇", "\0", "e 00", "\ud800"]
)
def test_a_search_finds_who_has_all_its_words_somewhere(database, search):
    rows = experts()
    keep(database, Side.EXPERT, rows)
    texts = {
        row["id"]: folded("\n".join([row["id"], row["name"], row["affiliation"], *row["sectors"], *row["expertise"]]))
        for row in rows
    }
    wanted = {id_ for id_, text in texts.items() if all(word in text for word in folded(search).split())}
    with database.connect() as connection:
        found = browse(connection, "p", Side.EXPERT, View(search))
        of_kind = browse(connection, "p", Side.EXPERT, View(search, "investor"))
        decomposed = browse(connection, "p", Side.EXPERT, View(unicodedata.normalize("NFD", search)))
    assert found.found == len(wanted)
    assert {row["id"] for row in found.rows} <= wanted
    assert of_kind.found == len([row for row in rows if row["id"] in wanted and row["kind"] == "investor"])
    assert decomposed.found == found.found


def test_a_list_follows_every_write_and_forgets_who_was_deleted(database):
    keep(database, Side.EXPERT, experts(2))
    first, second = (row["id"] for row in experts(2))
    keep(database, Side.EXPERT, [{"id": first, "kind": "professor", "name": "새이름"}])
    with writing(database) as connection:
        delete_profile(connection, "p", Side.EXPERT, second, ANYTHING, "tests")
    with database.connect() as connection:
        assert browse(connection, "p", Side.EXPERT, View("새이름")).found == 1
        assert browse(connection, "p", Side.EXPERT, View()).total == 1
        assert connection.scalars(select(listings.c.id)).all() == [first]


def make_run(database, made: list[dict]) -> str:
    with writing(database) as connection:
        snapshot = {"startups": [{"id": "s1"}], "experts": [], "relations": []}
        run = ask_for_run(connection, "p", {}, snapshot, "tests").id
        token = claim(connection, run)
        record = {"objective": "total", "results": [{"unmet": []}]}
        assert finish(connection, run, token, Result(State.DONE, record, None, made))
    return run


def match(startup: str, expert: str, score: float | None, text: str = "", **more: object) -> dict:
    evidence = [{"startup_passage": text, "expert_passage": "논문", "source": "x", "part": "needs", "words": []}]
    return {"startup": startup, "expert": expert, "kind": "professor", "score": score, "evidence": evidence, **more}


def test_a_match_list_is_searched_ordered_and_paged(database):
    draw = random.Random(5)  # noqa: S311 (nothing secret)
    made = [match(f"s{at:03}", f"e{at % 40:02}", round(draw.random(), 6), WORDS[at % 10]) for at in range(120)]
    alone = [{"startup": f"x{at}", "kind": "professor", "reason": "none"} for at in range(3)]
    keep(database, Side.STARTUP, [{"id": "s007", "name": "한별로봇", "needs": ["x"]}])
    run = make_run(database, [*made, *alone])
    with database.connect() as connection:

        def ids(**choice) -> list[str]:
            return [one["startup"] for one in list_lines(connection, "p", run, Choice(**choice)).matches]

        assert ids() == [f"s{at:03}" for at in range(PAGE)]
        by_score = [one["startup"] for one in sorted(made, key=lambda one: one["score"])]
        assert ids(order="weakest") == by_score[:PAGE]
        assert ids(order="weakest", page=2) == by_score[PAGE : 2 * PAGE]
        assert ids(order="strongest") == by_score[::-1][:PAGE]
        assert ids(search="한별") == ["s007"]
        assert ids(search="FULL") == [f"s{at:03}" for at in range(2, 120, 10)]
        assert ids(search="s011 논문") == ["s011"]
        assert ids(kind="investor") == []
        last = list_lines(connection, "p", run, Choice(page=99))
        assert (last.page, last.pages, len(last.matches), last.unmatched) == (3, 3, 20, ())
        assert len(list_lines(connection, "p", run, Choice()).unmatched) == 3
        outline = find_outlined(connection, "p", run).outline
        assert outline["pairs"] == 120
        assert outline["alone"] == 3
        assert outline["total"] == pytest.approx(sum(one["score"] for one in made), abs=1e-5)
        assert outline["least"] == min(one["score"] for one in made)
        assert answers(connection, run) == {"accepted": 0, "declined": 0}


def test_pins_and_bans_are_held_against_what_a_run_made(database):
    run = make_run(database, [match("a", "x", 0.5, pinned=True), match("b", "y", 0.5), match("c", "z", None)])
    with database.connect() as connection:
        assert pinned_pairs(connection, run) == {("a", "x")}
        assert made_of(
            connection, run, [("a", "x"), ("b", "x"), ("c", "z"), *((f"n{at}", "x") for at in range(999))]
        ) == {
            ("a", "x"),
            ("c", "z"),
        }


def test_two_runs_differ_by_what_one_of_them_made_alone(database):
    before = make_run(database, [match("a", "x", 0.5), match("b", "y", 0.5), match("c", "x", 0.1)])
    after = make_run(database, [match("a", "x", 0.5), match("b", "x", 0.7), match("d", "y", 0.2)])
    with database.connect() as connection:
        found = compare_runs(connection, "p", before, after)
        assert [(one["startup"], one["change"]) for one in found["startups"]] == [
            ("b", "moved"),
            ("c", "lost"),
            ("d", "gained"),
        ]
        assert found["startups"][0]["from"] == [{"expert": "y", "score": 0.5}]
        assert found["startups"][0]["score"] == pytest.approx(0.2)
        assert found["changes"] == {"gained": 1, "lost": 1, "moved": 1}
        assert found["loads"] == []
        assert found["before"] == {"pairs": 3, "startups": 3, "total": 1.1, "worst_off": 0.1}
        assert [one.id for one in list_outlined(connection, "p", 9, State.DONE)] == [after, before]


def test_what_a_deleted_party_said_is_not_found_in_a_run_any_more(database):
    keep(database, Side.STARTUP, [{"id": "s1", "name": "One", "needs": ["secret words"]}])
    run = make_run(database, [match("s1", "x", 0.5, "secret words"), match("s2", "x", 0.5, "others")])
    with writing(database) as connection:
        delete_profile(connection, "p", Side.STARTUP, "s1", ANYTHING, "tests")
    with database.connect() as connection:
        assert list_lines(connection, "p", run, Choice("secret")).matches == ()
        assert len(list_lines(connection, "p", run, Choice("others")).matches) == 1
        assert not [text for text in connection.scalars(select(match_lines.c.searched)) if re.search("secret", text)]


def test_the_relations_of_a_party_are_found_under_either_way_of_naming_it(database):
    ties = [("startup:s1", "expert:e1"), ("s1", "e2"), ("startup:s2", "expert:e1"), ("org:s1", "s11")]
    with writing(database) as connection:
        relate(connection, "p", [{"source": one, "target": other, "type": "advisor"} for one, other in ties], "tests")
    with database.connect() as connection:
        found = relations_of(connection, "p", Side.STARTUP, "s1")
    assert [(one.fields["source"], one.fields["target"]) for one in found] == ties[:2]
