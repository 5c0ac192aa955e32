"""Versions of the schema: up and down with rows in every table, whatever the service has become since."""

from __future__ import annotations

import ast
import datetime as dt
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import delete, insert, inspect, select, text

import service.store.migrations
from matcher.profiles import Side
from service.store.database import migrations, open_database
from service.store.listings import keep_listings
from service.store.match_lines import keep_lines
from service.store.outlines import keep_outline
from service.store.tables import listings, match_lines, matches, metadata, outlines, profiles, programs, runs

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
DERIVED = {"listings", "match_lines", "outlines"}
RUN = {"program": "봄", "stage": "", "asked": {}, "snapshot": {"experts": []}, "created": NOW, "by": "k"}
STARTUP = {
    "id": "ＡＢ/1",
    "name": "Ｌeafsight",
    "sectors": ["Ärger", "농업"],
    "stage": "Seed",
    "region": "서울",
    "summary": "잎을 봅니다",
    "needs": ["Photos", {"text": "X-ray", "weight": 2}],
    "data_assets": ["zero\x00byte"],
    "max_matches": {"professor": 1, "investor": 4},
}
EXPERT = {"id": "e/1", "kind": "professor", "affiliation": "KAIST", "expertise": ["plants"], "max_load": 0}
MADE = [
    {"startup": "ＡＢ/1", "expert": "e/1", "kind": "professor", "score": 0.25, "pinned": True, "evidence": []},
    {"startup": "ＡＢ/1", "expert": "e/2", "kind": "professor", "score": 0.5, "warnings": ["colleague"]}
    | {"evidence": [{"startup_passage": "Photos", "expert_passage": "ＰＬＡＮＴＳ"}]},
    {"startup": "s2", "expert": "e/1", "kind": "investor", "score": None},
    {"startup": "s3", "kind": "professor", "reason": "nobody is eligible"},
]
RECORD = {"objective": "fair", "results": [{"unmet": [{"what": "startup", "id": "s3"}]}, {}]}


@pytest.fixture
def engine(database_url):
    engine = open_database(database_url)
    yield engine
    engine.dispose()


def go(engine, version: str) -> None:
    """Bring the schema to a version, older or newer."""
    with engine.begin() as connection:
        at = connection.scalar(text("SELECT version_num FROM alembic_version"))
        step = command.upgrade if version == "head" or version > at else command.downgrade
        step(migrations(connection), version)


def fill(engine) -> None:
    """Keep a program with two profiles, one that was deleted, a run that is done and one that failed."""
    with engine.begin() as connection:
        made = {"id": "봄", "decisions": {}, "revision": 2, "edited": 1, "created": NOW}
        connection.execute(insert(programs), [made, {**made, "id": "q"}])
        rows = [("startup", "ＡＢ/1", STARTUP), ("expert", "e/1", EXPERT), ("expert", "gone", None)]
        of = {"program": "봄", "revision": 2}
        connection.execute(insert(profiles), [{**of, "side": side, "id": i, "fields": held} for side, i, held in rows])
        connection.execute(insert(runs).values(id="r", state="done", record=RECORD, **RUN))
        connection.execute(insert(runs).values(id="failed", state="failed", **RUN))
        ends = [{"run": "r", "startup": one["startup"], "expert": one.get("expert"), "fields": one} for one in MADE]
        connection.execute(insert(matches), ends)


def derived(engine) -> dict[str, list[dict]]:
    """Return the rows of what lists are made of, in order."""
    with engine.connect() as connection:
        return {
            table.name: [dict(row._mapping) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in (listings, match_lines, outlines)
        }


def test_lists_are_made_of_what_version_0007_held(engine):
    go(engine, "0007")
    fill(engine)
    go(engine, "0008")
    found = derived(engine)
    expert, startup = found["listings"]
    assert startup == {
        "program": "봄",
        "side": "startup",
        "id": "ＡＢ/1",
        "by_id": "ab/1",
        "by_name": "leafsight",
        "by_kind": "",
        "by_affiliation": "",
        "by_sectors": "ärger, 농업",
        "by_stage": "seed",
        "by_region": "서울",
        "places": 4.0,
        "searched": "ab/1\nleafsight\n\n잎을 봅니다\nseed\n서울\närger\n농업\nphotos\nx-ray\nzero byte",
    }
    assert (expert["by_name"], expert["by_kind"], expert["by_affiliation"]) == ("e/1", "professor", "kaist")
    assert (expert["places"], expert["searched"]) == (0.0, "e/1\n\nkaist\n\n\n\nplants")
    lines = [(one["is_match"], one["is_pinned"], one["is_doubtful"], one["score"]) for one in found["match_lines"]]
    assert lines == [
        (True, True, False, 0.25),
        (True, False, True, 0.5),
        (True, False, False, None),
        (False, False, False, None),
    ]
    assert found["match_lines"][1]["searched"] == "ab/1\ne/2\nphotos\nplants"
    assert [one["run"] for one in found["outlines"]] == ["r"]
    assert found["outlines"][0]["fields"] == {
        "objective": "fair",
        "pairs": 3,
        "alone": 1,
        "least": 0.25,
        "startups": 2,
        "total": 0.75,
        "worst_off": 0.0,
        "unmet": [{"what": "startup", "id": "s3"}],
    }


def test_lists_are_made_as_the_service_makes_them(engine):
    """Where this fails, the service lists by something else since: a new version has to make all lists anew."""
    go(engine, "0007")
    fill(engine)
    go(engine, "head")
    migrated = derived(engine)
    with engine.begin() as connection:
        for table in (listings, match_lines, outlines):
            connection.execute(delete(table))
        keep_listings(connection, "봄", Side.STARTUP, {STARTUP["id"]: STARTUP})
        keep_listings(connection, "봄", Side.EXPERT, {EXPERT["id"]: EXPERT, "gone": None})
        keep_lines(connection, "r")
        keep_outline(connection, "r", RECORD, MADE)
    assert derived(engine) == migrated
    assert all(migrated.values())


def test_a_database_of_many_profiles_and_matches_is_listed_whole(engine):
    go(engine, "0007")
    fill(engine)
    with engine.begin() as connection:
        many = [
            {"program": "q", "side": "expert", "id": f"e{at}", "fields": EXPERT, "revision": 1} for at in range(1100)
        ]
        connection.execute(insert(profiles), many)
        pairs = [{"run": "r", "startup": f"s{at}", "expert": f"e{at}", "fields": MADE[1]} for at in range(1100)]
        connection.execute(insert(matches), pairs)
    go(engine, "0008")
    found = derived(engine)
    assert (len(found["listings"]), len(found["match_lines"])) == (1102, 1104)


def test_a_version_needs_nothing_that_the_service_may_change():
    """What a version does is done once and for all: code of the service would do something else a year later."""
    folder = Path(service.store.migrations.__file__).parent
    for path in (*folder.glob("fill_*.py"), *(folder / "versions").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            modules += [one.name for one in node.names] if isinstance(node, ast.Import) else []
            for module in modules:
                is_ours = module.split(".")[0] in ("service", "matcher", "models")
                assert not is_ours or module.startswith("service.store.migrations."), f"{path.name} imports {module}"


def test_each_version_goes_up_and_down_with_rows_in_every_table(engine):
    """From each version to the newest and back: what the older one can hold is there as before."""
    rows = {
        "keys": {"id": "k", "sha256": "0" * 64, "role": "manager", "created": NOW},
        "audit": {"id": 1, "at": NOW, "who": "k", "action": "key.create", "target": "k", "after": {"이름": [1, None]}},
        "programs": {"id": "봄", "decisions": {"seed": 3}, "revision": 2, "edited": 1, "created": NOW},
        "profiles": {"program": "봄", "side": "expert", "id": "e/1", "fields": {"name": "김"}, "revision": 2},
        "relations": {"id": 7, "program": "봄", "fields": {"type": "advisor"}},
        "aliases": {"id": 8, "program": "봄", "fields": {"canonical": "expert:e/1", "alias": "name:김 하나"}},
        "runs": {**RUN, "id": "r", "state": "done", "published": NOW},
        "matches": {"id": 5, "run": "r", "startup": MADE[0]["startup"], "expert": "e/1", "fields": MADE[0]},
        "links": {"sha256": "1" * 64, "run": "r", "side": "expert", "party": "e/1", "created": NOW, "expires": NOW},
        "replies": {"owner": "k", "key": "a", "request": "d", "status": 201, "headers": {}, "at": NOW},
        "sessions": {"sha256": "2" * 64, "key": "k", "created": NOW, "expires": NOW},
        "computed": {"text_hash": bytes(range(32)), "fingerprint": "모형", "value": b"\x00\xff", "checksum": 2**32 - 1},
        "encoded": {"program": "봄", "side": "expert", "id": "e/1", "revision": 2, "fingerprint": "3" * 64},
    }
    assert rows.keys() | DERIVED == metadata.tables.keys()
    with engine.begin() as connection:
        for table in (one for one in metadata.sorted_tables if one.name in rows):
            connection.execute(insert(table).values(**rows[table.name]))
        keep_listings(connection, "봄", Side.EXPERT, {"e/1": rows["profiles"]["fields"]})
        keep_lines(connection, "r")
        keep_outline(connection, "r", {}, MADE[:1])

    def held():
        there = [table for table in metadata.sorted_tables if inspect(engine).has_table(table.name)]
        with engine.connect() as connection:
            return {table.name: repr(connection.execute(table.select()).all()) for table in there}

    before = held()
    assert all(before[name] != "[]" for name in DERIVED)
    for version in ("0008", "0007", "0006", "0005", "0004", "0003", "0002", "0001"):
        go(engine, version)
        older = held()
        assert older == {name: before[name] for name in older}
        go(engine, "head")
        newer = held()
        assert {name: newer[name] for name in older} == older
        # What lists are made of is made anew of what is there.
        made = DERIVED if "profiles" in older else set()
        assert {name: text for name, text in newer.items() if name not in older} == {
            name: before[name] if name in made else "[]" for name in newer if name not in older
        }
