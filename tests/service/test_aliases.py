"""`aliases.csv`: read, refused where it is wrong, and honoured by every command."""

from __future__ import annotations

import pytest

from tests.service.cohorts import professor, startup
from tests.service.outputs import pair_ids, read_lines, read_matches

STARTUPS = [startup("s1", "plan one"), startup("s2", "plan two")]
EXPERTS = [
    professor("e1", "plan one", name="김민수", affiliation="Gaon University", max_load=1),
    professor("e2", "plan two", name="Kim Minsu", affiliation="Gaon University", max_load=2),
]
HEAD = "canonical,alias,same\n"


@pytest.fixture
def folder(cohort):
    def write(aliases: str = "", relations=(), **more):
        path = cohort(STARTUPS, EXPERTS, relations, **more)
        if aliases:
            (path / "aliases.csv").write_text(HEAD + aliases, encoding="utf-8")
        return path

    return write


def test_what_looks_alike_is_told_until_somebody_decides(matcher, folder):
    told = "experts e1 and e2 may be one (names that sound alike"
    assert told in matcher("validate", folder()).stderr
    for same in ("yes", "no"):
        assert told not in matcher("validate", folder(f"expert:e1,e2,{same}\n")).stderr


def test_a_merged_expert_has_one_place_and_one_id(matcher, folder, out):
    assert matcher("match", folder("e1,e2,\n"), "--out", out).exit_code == 0
    assert {expert for _, expert in pair_ids(out)} == {"e1"}
    assert len(pair_ids(out)) == 1


def test_a_conflict_told_of_the_alias_rules_the_pair_out_everywhere(matcher, folder, out):
    path = folder("e1,e2,yes\n", [{"source": "s1", "target": "e2", "type": "family"}])
    matcher("match", path, "--out", out)
    matcher("rank", path, "--for", "startups", "--top", 0, "--out", out / "ranks.jsonl")
    ranked = {(line["startup"], line["expert"]) for line in read_lines(out / "ranks.jsonl")}
    assert pair_ids(out) == ranked == {("s2", "e1")}
    assert "Ruled out by conflict: family" in matcher("explain", path, "--startup", "s1", "--expert", "e2").stdout


def test_a_pin_of_the_alias_is_a_pin_of_who_stays(matcher, folder, out):
    path = folder("e1,e2,yes\n", program='pins = [["s2", "e2"]]\n')
    assert matcher("match", path, "--out", out).exit_code == 0
    assert pair_ids(out) == {("s2", "e1")}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("e1,e9,yes", "aliases.csv, row 2, alias: found 'e9', expected the id of a startup or expert"),
        ("e1,e1,yes", "alias: found 'e1', expected another party than canonical"),
        ("e1,org:Gaon,yes", "expected both ends to be organisations, or neither"),
        ("s1,name:Leaf,yes", "canonical: found 's1', expected an expert"),
        ("e1,e2,perhaps", "same: found 'perhaps', expected yes or no"),
        ("e1,e2,yes\ne2,e1,yes", "leads back to itself"),
        ("e1,e2,yes\ne2,e1,no", "aliases.csv, row 3, same: found 'no', expected yes, or no such row"),
        (
            "org:A,org:B,no\norg:A,org:C,yes\norg:C,org:B,yes",
            "aliases.csv, row 2, same: found 'no', expected yes, or no such row",
        ),
        (
            "e1,name:M. Kim,yes\ne1,name:Kim M,no",
            "aliases.csv, row 3, same: found 'no', expected one answer of each name",
        ),
        ("s1,name:Leaf,no", "canonical: found 's1', expected an expert"),
        ("s1,expert:e1,yes\nexpert:e1,s1,no", "aliases.csv, row 3, same: found 'no', expected yes, or no such row"),
    ],
)
def test_a_row_that_cannot_be_meant_is_refused(matcher, folder, row, told):
    done = matcher("validate", folder(f"{row}\n"))
    assert done.exit_code == 2
    assert told in done.stderr


def test_a_conflict_of_one_who_may_be_the_same_is_shown_wherever_the_other_is_proposed(matcher, folder, out):
    told = "e2 may be e1 (names that sound alike in Korean and Latin letters, in the same organisation)"
    path = folder(relations=[{"source": "s1", "target": "e1", "type": "family"}], program='bans = [["s2", "e1"]]\n')
    matcher("rank", path, "--for", "startups", "--top", 0, "--out", out / "ranks.jsonl")
    warned = {(line["startup"], line["expert"]): line["warnings"] for line in read_lines(out / "ranks.jsonl")}
    assert warned == {
        ("s1", "e2"): [f"{told}, for whom: family (s1 – e1)"],
        ("s2", "e2"): [f"{told}, for whom: a ban of the program"],
    }
    on_screen = matcher("rank", path, "--for", "startups", "--top", 0).stdout
    assert f"{told}, for whom: family" in on_screen


def test_a_next_best_that_may_be_in_conflict_says_so(matcher, cohort, out):
    experts = [EXPERTS[0], {**EXPERTS[1], "expertise": ["plan one two"]}, professor("e3", "plan one", max_load=1)]
    path = cohort([STARTUPS[0]], experts, [{"source": "s1", "target": "e1", "type": "family"}])
    assert matcher("match", path, "--out", out).exit_code == 0
    (match,) = read_matches(out)
    assert (match["expert"], match["alternative"]["expert"]) == ("e3", "e2")
    assert match["alternative"]["reason"].endswith("for whom: family (s1 – e1)")


@pytest.mark.parametrize(
    ("answer", "verdict"), [("", "warned"), ("e1,name:홍길동,yes\n", "forbidden"), ("e1,name:홍길동,no\n", "")]
)
def test_who_may_be_an_author_is_shown_until_somebody_says_who_it_is(matcher, cohort, out, answer, verdict):
    paper = {"title": "On leaves", "year": 2026, "authors": ["홍길동"]}
    startups = [startup("s1", "leaves", documents=[paper], date="2026-03-01")]
    path = cohort(startups, [professor("e1", "leaves", name="Hong Gildong")])
    (path / "aliases.csv").write_text(HEAD + answer, encoding="utf-8")
    told = "e1 may be 홍길동, an author of “On leaves” with s1"
    checked = matcher("validate", path)
    assert ("canonical expert:e1, alias name:홍길동, same yes or no" in checked.stderr) is (verdict == "warned")
    explained = matcher("explain", path, "--startup", "s1", "--expert", "e1").stdout
    assert (told in " ".join(explained.split())) is (verdict == "warned")
    assert ("Ruled out by conflict: coauthor" in explained) is (verdict == "forbidden")
