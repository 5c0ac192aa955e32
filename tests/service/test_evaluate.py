"""`matcher evaluate`: how well the scores agree with judgements."""

from __future__ import annotations

import re

import pytest

from tests.service.cohorts import professor, startup

STARTUPS = [startup("s1", needs=["robot arm grasping"]), startup("s2", needs=["tax law drafting"])]
EXPERTS = [professor("p1", expertise=["robot arm grasping"]), professor("p2", expertise=["tax law drafting"])]
HEAD = "startup,expert,grade\n"


@pytest.fixture
def evaluate(matcher, cohort, tmp_path):
    """Evaluate the two startups and professors against a file of judgements."""

    def run(judgements: str, name: str = "judgements.csv"):
        file = tmp_path / name
        file.write_text(judgements, encoding="utf-8")
        return matcher("evaluate", cohort(STARTUPS, EXPERTS), "--judgements", file)

    return run


def values(output: str) -> dict[str, str]:
    return dict(re.findall(r"^(\S.*?)  +(\d\.\d{3}|unknown) ", output, re.MULTILINE))


def test_what_is_right_is_found_first(evaluate):
    done = evaluate(f"{HEAD}s1,p1,1\ns2,p2,1\n")
    assert done.exit_code == 0, done.output
    assert values(done.stdout)["recall@1"] == values(done.stdout)["MRR"] == "1.000"
    assert "2 startups" in done.stdout


def test_what_is_wrong_is_not(evaluate):
    found = values(evaluate(f"{HEAD}s1,p2,1\ns2,p1,1\n").stdout)
    assert (found["recall@1"], found["recall@5"], found["MRR"]) == ("0.000", "1.000", "0.500")


def test_graded_judgements_tell_the_loss_and_easy_pairs_of_each_expert(evaluate):
    found = evaluate(f"{HEAD}s1,p1,5\ns2,p1,1\ns1,p2,1.5\ns2,p2,4\n").stdout
    assert values(found)["weighted Kendall loss"] == "0.000"
    assert values(found)["easy pairs"] == "1.000"
    assert values(found)["hard pairs"] == "unknown"
    assert "2 experts" in found


def test_judgements_may_be_jsonl(evaluate):
    done = evaluate('{"startup": "s1", "expert": "p1", "grade": 1}\n', "judgements.jsonl")
    assert values(done.stdout)["recall@1"] == "1.000"


def test_a_judged_pair_that_may_not_be_made_is_counted_as_left_out(matcher, cohort, tmp_path):
    file = tmp_path / "judgements.csv"
    file.write_text(f"{HEAD}s1,p1,1\ns2,p2,1\n", encoding="utf-8")
    done = matcher("evaluate", cohort(STARTUPS, EXPERTS, program='bans = [["s1", "p1"]]'), "--judgements", file)
    assert "Left out: 1 judged pairs that are not eligible." in done.stdout


def test_every_mistake_is_told_at_once_with_its_row(evaluate):
    done = evaluate(f"{HEAD}nobody,p1,1\ns1,nobody,1\ns1,p1,high\ns2,p2,1\ns2,p2,0\n")
    assert done.exit_code == 2
    assert "4 problems in the judgements:" in done.stderr
    for told in (
        "row 2, startup: found 'nobody', expected the id of a known startup",
        "row 3, expert: found 'nobody', expected the id of a known expert",
        "row 4, grade: found 'high', expected a number",
        "row 6: found a second judgement of a pair, expected one; row 5 has it already",
    ):
        assert told in done.stderr


@pytest.mark.parametrize("content", ["", HEAD])
def test_a_file_without_judgements_is_bad_input(evaluate, content):
    done = evaluate(content)
    assert done.exit_code == 2
    assert "judgements" in done.stderr


@pytest.mark.parametrize("name", ["absent.csv", "judgements.txt", "."])
def test_what_is_no_table_is_bad_input(matcher, cohort, tmp_path, name):
    if name.endswith(".txt"):
        (tmp_path / name).write_text("s1 p1 1", encoding="utf-8")
    done = matcher("evaluate", cohort(STARTUPS, EXPERTS), "--judgements", tmp_path / name)
    assert done.exit_code == 2
    assert "is no file of judgements, expected one as" in done.stderr


def test_coverage_tells_whether_everybody_is_shown_the_same_few(matcher, cohort, tmp_path):
    experts = [
        professor(f"p{number:02}", expertise=["robot arm"], documents=[{"title": "robot arm"}] * (number == 0))
        for number in range(12)
    ]
    file = tmp_path / "judgements.csv"
    file.write_text(f"{HEAD}s1,p01,1\n", encoding="utf-8")
    told = matcher("evaluate", cohort([startup("s1", needs=["robot arm"])], experts), "--judgements", file).stdout
    assert "Coverage: 83.3% of the professors are in some startup's first ten; 10.0% of those places go to" in told


def test_who_has_no_score_is_in_nobodys_first_ten(matcher, cohort, tmp_path):
    experts = [professor("p1", expertise=["robot arm"]), professor("p2", languages=["ko"])]
    file = tmp_path / "judgements.csv"
    file.write_text(f"{HEAD}s1,p1,1\n", encoding="utf-8")
    told = matcher("evaluate", cohort([startup("s1", needs=["robot arm"])], experts), "--judgements", file).stdout
    assert "Coverage: 50.0% of the professors" in told
