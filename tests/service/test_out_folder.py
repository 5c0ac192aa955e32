"""What `--out` leaves behind: every file whole, or nothing touched."""

from __future__ import annotations

import pytest

from tests.service.cohorts import professor, startup
from tests.service.outputs import FILES, read_lines, read_matches

INFEASIBLE = [startup("s1", "plans")], [professor("p1", "plans", min_load=2)]
BAD = [startup("s1", "plans", priority=-1)], [professor("p1", "plans")]


def contents(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_a_run_writes_its_five_files_and_nothing_else(matcher, cohort, out):
    matcher("match", cohort(), "--out", out)
    assert {path.name for path in out.iterdir()} == FILES


def test_folders_that_are_not_there_are_made(matcher, cohort, out):
    assert matcher("match", cohort(), "--out", out / "a b" / "결과").exit_code == 0
    assert {path.name for path in (out / "a b" / "결과").iterdir()} == FILES


def test_without_out_nothing_is_written(matcher, cohort, tmp_path, monkeypatch):
    folder = cohort()
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.chdir(tmp_path)
    assert matcher("match", folder).exit_code == 0
    assert sorted(tmp_path.rglob("*")) == before


def test_the_files_of_an_earlier_run_are_replaced_whole(matcher, cohort, out):
    out.mkdir()
    for name in FILES:
        (out / name).write_bytes(b"of an earlier run\n" * 10_000)
    matcher("match", cohort(), "--out", out)
    assert not any(b"of an earlier run" in data for data in contents(out).values())
    assert read_matches(out)


def test_other_files_in_the_folder_stay_as_they_are(matcher, cohort, out):
    out.mkdir()
    (out / "notes.txt").write_text("call p1 on Monday")
    matcher("match", cohort(), "--out", out)
    assert (out / "notes.txt").read_text() == "call p1 on Monday"
    assert {path.name for path in out.iterdir()} == {*FILES, "notes.txt"}


@pytest.mark.parametrize(("profiles", "code"), [(INFEASIBLE, 1), (BAD, 2)], ids=["infeasible", "bad input"])
def test_a_run_that_fails_makes_no_folder(matcher, cohort, out, profiles, code):
    assert matcher("match", cohort(*profiles), "--out", out).exit_code == code
    assert not out.exists()


@pytest.mark.parametrize(("profiles", "code"), [(INFEASIBLE, 1), (BAD, 2)], ids=["infeasible", "bad input"])
def test_a_run_that_fails_leaves_the_results_of_the_last_one(matcher, cohort, out, profiles, code):
    matcher("match", cohort(), "--out", out)
    before = contents(out)
    assert matcher("match", cohort(*profiles), "--out", out).exit_code == code
    assert contents(out) == before


def test_a_folder_that_cannot_be_written_exits_2_and_is_named(matcher, cohort, out):
    out.write_text("a file in the way")
    for folder in (out, out / "below"):
        done = matcher("match", cohort(), "--out", folder)
        assert (done.exit_code, done.stdout) == (2, "")
        assert str(folder) in done.stderr
    assert out.read_text() == "a file in the way"


def test_where_one_file_cannot_be_replaced_none_is(matcher, cohort, out):
    matcher("match", cohort(), "--out", out)
    (out / "report.html").unlink()
    (out / "report.html").mkdir()
    before = contents(out)
    other = cohort([startup("s9", "other plans")], [professor("p9", "other plans")])
    assert matcher("match", other, "--out", out).exit_code == 2
    assert contents(out) == before
    assert {path.name for path in out.iterdir()} == FILES


@pytest.mark.parametrize("name", ["[draft] spring", "spring[/b]", "spring :rocket:"])
def test_the_name_of_the_folder_is_told_as_it_is(matcher, cohort, tmp_path, name):
    done = matcher("match", cohort(), "--out", tmp_path / name)
    assert done.exit_code == 0
    assert str(tmp_path / name / "report.html") in done.stdout


def test_the_folder_and_the_report_are_told_last(matcher, cohort, out):
    told = matcher("match", cohort(), "--out", out).stdout.split("\n")
    (written,) = [line for line in told if line.startswith("Written: ")]
    assert str(out / "report.html") in written
    assert all(name in written for name in FILES)


def test_a_ranking_is_one_file_and_its_folder_is_made(matcher, cohort, out):
    assert matcher("rank", cohort(), "--for", "startups", "--out", out / "a" / "ranks.jsonl").exit_code == 0
    assert [path.name for path in (out / "a").iterdir()] == ["ranks.jsonl"]
    assert read_lines(out / "a" / "ranks.jsonl")


def test_a_ranking_that_cannot_be_written_exits_2(matcher, cohort, out):
    out.write_text("a file in the way")
    for path in (out / "ranks.jsonl", out.parent):
        done = matcher("rank", cohort(), "--for", "startups", "--out", path)
        assert (done.exit_code, done.stdout) == (2, "")
    assert out.read_text() == "a file in the way"


def test_a_ranking_that_fails_leaves_the_last_one(matcher, cohort, out):
    out.write_text("the last one")
    assert matcher("rank", cohort(*BAD), "--for", "startups", "--out", out).exit_code == 2
    assert out.read_text() == "the last one"
