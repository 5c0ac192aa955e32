"""`matcher train`, and `--model` where its rankers score."""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal

import numpy as np
import pytest

from matcher.ranker import PART_NAMES
from tests.service.cohorts import investor, professor, startup
from tests.service.outputs import PARTS, read_csv, read_lines, read_matches, read_sheet

SECTORS = ("fintech", "gaming", "robotics")
HEAD = "startup,expert,outcome,date\n"


def day(at: int) -> str:
    return str(dt.date(2020, 1, 1) + dt.timedelta(days=7 * at))


STARTUPS = [
    startup(f"s{at}", name=f"Company {at}", summary=f"We do {SECTORS[at % 3]}", sectors=[SECTORS[at % 3]], date=day(at))
    for at in range(60)
]
# Two investors a sector, the first of which backs more; every fifth deal is in another sector than theirs. Drawn: were
# they to take turns, who did a deal lately would never do the next.
SECOND = np.random.default_rng(0).random(60) < 2 / 7
BACKED = [(at, (at + (at % 5 == 4)) % 3 + 3 * int(SECOND[at])) for at in range(60)]
EXPERTS = [
    investor(
        f"e{column}",
        documents=[
            {"title": f"Company {at}", "text": f"Does {SECTORS[at % 3]}", "date": day(at), "sectors": [SECTORS[at % 3]]}
            for at, backer in BACKED
            if backer == column
        ],
    )
    for column in range(6)
]
OUTCOMES = HEAD + "".join(f"s{at},e{column},invested,{day(at)}\n" for at, column in BACKED)
TAKEN_BY_ALL = HEAD + "".join(f"s{at},{one['id']},invested,{day(at)}\n" for at in range(60) for one in EXPERTS)


@pytest.fixture
def train(matcher, cohort, tmp_path):
    """Train on the sixty startups and six investors with a file of outcomes."""

    def run(outcomes: str = OUTCOMES, name: str = "found.csv", experts=EXPERTS, startups=STARTUPS):
        file = tmp_path / name
        file.write_text(outcomes, encoding="utf-8")
        return matcher("train", cohort(startups, experts), "--outcomes", file, "--out", tmp_path / "model")

    return run


def test_it_says_how_the_ranker_did_and_where_it_lies(train, tmp_path):
    done = train()
    assert done.exit_code == 0, done.output
    assert "Investors: learned from 60 startups and 60 outcomes, 2020-01-01 to 2021-02-17" in done.stdout
    columns = {line.split("  ")[0].strip(): line.split() for line in done.stdout.splitlines()}
    # Six investors stand in every list of ten; the busiest of them has one place in six.
    assert columns["order"][-5:] == ["coverage", "to", "busiest", "1", "%"]
    assert columns["like deals"][-2:] == columns["ranker"][-2:] == ["100.0%", "16.7%"]
    assert [path.name for path in (tmp_path / "model").iterdir()] == ["investor-ranker.json"]


def test_declined_outcomes_are_learned_from_and_no_taker(train, tmp_path):
    def weights(outcomes: str) -> dict[str, float]:
        assert "learned from 60 startups and 60 outcomes" in train(outcomes).stdout
        return json.loads((tmp_path / "model" / "investor-ranker.json").read_text())["weights"]

    declined = "".join(f"s{at},e{(column + 1) % 3},declined,{day(at)}\n" for at, column in BACKED[::4])
    assert weights(OUTCOMES) != weights(OUTCOMES + declined)


def test_a_ranking_by_the_model_is_explained_part_by_part(train, matcher, cohort, tmp_path):
    train()
    new = [startup("new", name="신생", summary="핀테크 회사입니다", sectors=["핀테크"])]
    given, out = cohort(new, EXPERTS), tmp_path / "ranking.jsonl"
    done = matcher("rank", given, "--for", "startups", "--model", tmp_path / "model", "--top", 0, "--out", out)
    assert done.exit_code == 0, done.output
    lines = read_lines(out)
    assert lines[0]["expert"] == "e0"
    told_by = ("sector", "like_deals_lately", "like_deals", "like_deals_ever")
    by_sector = {line["expert"]: sum(line["parts"][part] for part in told_by) for line in lines}
    assert by_sector["e0"] > 0
    assert by_sector["e3"] > by_sector["e4"]
    for line in lines:
        assert line["score"] == sum(line["parts"].values())
        assert {"average", "sector", "activity"} <= line["parts"].keys()


def test_a_ban_holds_for_the_model_too(train, matcher, cohort, tmp_path):
    train()
    given, out = cohort(STARTUPS[:1], EXPERTS, program='bans = [["s0", "e0"]]'), tmp_path / "ranking.jsonl"
    done = matcher("rank", given, "--for", "startups", "--model", tmp_path / "model", "--top", 0, "--out", out)
    assert done.exit_code == 0, done.output
    assert {line["expert"] for line in read_lines(out)} == {"e1", "e2", "e3", "e4", "e5"}


def test_popularity_changes_the_scores_and_drops_nobody(train, matcher, cohort, tmp_path):
    train()
    given, scores = cohort(STARTUPS[-1:], EXPERTS), []
    for share in (0, 1):
        out = tmp_path / f"{share}.jsonl"
        matcher("rank", given, "--for", "startups", "--model", tmp_path / "model", "--popularity", share, "--out", out)
        scores.append({line["expert"]: line["score"] for line in read_lines(out)})
    assert scores[0].keys() == scores[1].keys()
    assert scores[0] != scores[1]


def test_popularity_without_a_model_is_refused(matcher, cohort):
    done = matcher("rank", cohort(STARTUPS[-1:], EXPERTS), "--for", "startups", "--popularity", 0.5)
    assert done.exit_code == 2
    assert "found --popularity without --model" in done.stderr


def test_evaluate_takes_a_model(train, matcher, cohort, tmp_path):
    train()
    judged = tmp_path / "judged.csv"
    judged.write_text("startup,expert,grade\n" + "".join(f"s{at},e{column},1\n" for at, column in BACKED[-9:]))
    done = matcher("evaluate", cohort(STARTUPS, EXPERTS), "--judgements", judged, "--model", tmp_path / "model")
    assert done.exit_code == 0, done.output
    assert "nDCG@10" in done.stdout


@pytest.mark.parametrize(
    ("outcomes", "message"),
    [
        (
            f"{HEAD}nobody,e0,invested,2020-01-01\n",
            "row 2, startup: found 'nobody', expected the id of a known",
        ),
        (f"{HEAD}s0,e9,invested,2020-01-01\n", "found.csv, row 2, expert: found 'e9'"),
        (f"{HEAD}s0,e0,loved,2020-01-01\n", "outcome: found 'loved', expected invested, accepted, declined or rating"),
        (f"{HEAD}s0,e0,invested,yesterday\n", "date: found 'yesterday', expected a date like"),
        (f"{HEAD}s0,e0,declined,2020-01-01\n", "found 1 outcomes and none of them invested or accepted"),
        (f"{HEAD}s0,e0,invested,2999-01-01\n" + OUTCOMES.removeprefix(HEAD), "found 1 outcomes dated after today, "),
        (
            f"{HEAD}s0,e0,invested,2999-01-01\n" + OUTCOMES.removeprefix(HEAD),
            "(first s0 and e0 on 2999-01-01), expected dates",
        ),
        (TAKEN_BY_ALL, "found 0 startups that some investors took and others did not, expected 50 or more"),
        (
            f"{HEAD}s0,e0,invested,2020-01-01\n",
            "found 1 startups that some investors took and others did not, expected",
        ),
        (
            f"{HEAD}s0,e0,invested,2020-01-01\ns1,e0,invested,2020\ns0,e0,declined,2020-01-01\n",
            "row 4, outcome: found 'declined', expected one answer of a pair on a day, row 2 says invested on",
        ),
        (HEAD, "found 0 outcomes"),
    ],
)
def test_bad_outcomes_are_named_and_nothing_is_written(train, tmp_path, outcomes, message):
    done = train(outcomes)
    assert done.exit_code == 2
    assert message in done.stderr
    assert not (tmp_path / "model").exists()


def test_a_kind_with_too_few_outcomes_keeps_its_score_and_it_is_said(train, tmp_path):
    experts = [*EXPERTS, professor("p", "robots")]
    done = train(OUTCOMES + "s0,p,accepted,2020-01-01\n", experts=experts)
    assert done.exit_code == 0, done.output
    told = (
        "Professors: found 0 startups that some professors took and others did not, expected 50 or more to learn from"
    )
    assert told in done.stdout
    assert "until then, the score without a model stays" in done.stdout
    assert [path.name for path in (tmp_path / "model").iterdir()] == ["investor-ranker.json"]


def test_one_kind_that_teaches_nothing_does_not_keep_the_other_from_being_learned(train, tmp_path):
    """Sixty startups for the only professor, who took them all: nothing tells whom professors choose."""
    experts = [*EXPERTS, professor("p", "robots")]
    done = train(OUTCOMES + "".join(f"s{at},p,accepted,{day(at)}\n" for at in range(60)), experts=experts)
    assert done.exit_code == 0, done.output
    assert "Investors: learned from 60 startups" in done.stdout
    assert "Professors: found 0 startups that some professors took" in done.stdout
    assert "earlier training" not in done.stderr
    assert [path.name for path in (tmp_path / "model").iterdir()] == ["investor-ranker.json"]
    (tmp_path / "model" / "professor-ranker.json").write_text("{}", encoding="utf-8")
    again = train(OUTCOMES, experts=experts)
    assert again.exit_code == 0, again.output
    assert "still holds professor-ranker.json of an earlier training, which `--model` would use" in again.stderr
    refused = train(HEAD + "s0,e0,invested,2020-01-01\n", experts=experts)
    assert refused.exit_code == 2
    assert "still holds investor-ranker.json, professor-ranker.json of an earlier training" in refused.stderr


def test_a_kind_that_only_declined_is_told(train):
    experts = [*EXPERTS, professor("p", "robots")]
    told = train(OUTCOMES + "s0,p,declined,2020-01-01\n", experts=experts).stdout
    assert "Professors: found no outcome in which a professor took a startup, expected some to learn from." in told


def test_outcomes_without_a_day_are_undated_in_words_and_in_the_file(train, cohort, matcher, tmp_path):
    undated = [{name: value for name, value in one.items() if name != "date"} for one in STARTUPS]
    done = train(
        "startup,expert,outcome\n" + "".join(f"s{at},e{column},invested\n" for at, column in BACKED), startups=undated
    )
    assert done.exit_code == 0, done.output
    assert "learned from 60 startups and 60 outcomes, undated; a fifth was held out by startup" in done.stdout
    trained = json.loads((tmp_path / "model" / "investor-ranker.json").read_text())["trained"]
    assert (trained["first"], trained["last"], trained["held_out_by"]) == (None, None, "startup")
    assert matcher("rank", cohort(undated, EXPERTS), "--for", "startups", "--model", tmp_path / "model").exit_code == 0


def test_a_bare_year_is_learned_from_as_its_first_day(train, tmp_path):
    """So that this year's outcomes are none of the future, and nothing is looked at that came after them."""
    year = dt.date.today().year
    rows = OUTCOMES.splitlines(keepends=True)
    done = train("".join([*rows[:-1], rows[-1].replace(day(59), str(year))]))
    assert done.exit_code == 0, done.output
    trained = json.loads((tmp_path / "model" / "investor-ranker.json").read_text())["trained"]
    assert trained["last"] == f"{year}-01-01"


def test_in_one_year_a_pair_may_both_decline_and_invest(train):
    coarse = "s0,e0,invested,2020\ns0,e0,declined,2020\n"
    assert train(OUTCOMES + coarse).exit_code == 0


def test_documents_without_a_date_count_for_nothing_and_it_is_said(train, tmp_path):
    def weights(experts) -> dict[str, float]:
        done = train(experts=experts)
        assert done.exit_code == 0, done.output
        told.append(done.stderr)
        return json.loads((tmp_path / "model" / "investor-ranker.json").read_text())["weights"]

    told: list[str] = []
    undated = {"title": "Company 8", "text": "Does gaming", "sectors": ["gaming"]}
    more = [{**one, "documents": [undated, *one["documents"]]} for one in EXPERTS[:2]]
    assert weights(EXPERTS) == weights([*more, *EXPERTS[2:]])
    assert "have no date" not in told[0]
    assert (
        "documents: 2 of 62 of investors have no date and count for nothing in what is learned (first of e0)" in told[1]
    )


def test_a_sector_without_a_letter_says_nothing(train, matcher, cohort, tmp_path):
    dash = {"title": "Company 90", "date": day(3), "sectors": ["-"]}
    experts = [{**EXPERTS[0], "documents": [*EXPERTS[0]["documents"], dash]}, *EXPERTS[1:]]
    done = train(experts=experts)
    assert done.exit_code == 0, done.output
    given = cohort([{**STARTUPS[0], "sectors": ["/"]}], experts)
    assert matcher("rank", given, "--for", "startups", "--model", tmp_path / "model").exit_code == 0


def test_explain_tells_every_part_of_the_model(train, matcher, cohort, tmp_path):
    train()
    given = cohort(STARTUPS[-1:], EXPERTS)
    done = matcher("explain", given, "--startup", "s59", "--expert", "e1", "--model", tmp_path / "model")
    assert done.exit_code == 0, done.output
    told = next(line for line in done.stdout.splitlines() if line.startswith("score "))
    for part in PART_NAMES:
        assert f"{part} " in told


def test_a_model_of_other_evidence_is_refused(train, matcher, cohort, tmp_path):
    train()
    path = tmp_path / "model" / "investor-ranker.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "evidence_fingerprint": "another"}))
    done = matcher("rank", cohort(STARTUPS, EXPERTS), "--for", "startups", "--model", tmp_path / "model")
    assert done.exit_code == 2
    assert "ranker of investors learned with another, expected" in done.stderr


def test_a_match_list_by_a_model_tells_its_parts_in_every_file(train, matcher, cohort, tmp_path, out):
    train()
    done = matcher("match", cohort(STARTUPS, EXPERTS), "--model", tmp_path / "model", "--out", out)
    assert done.exit_code == 0, done.output
    names = [part.value for part in PART_NAMES]
    rows, sheet, matches = read_csv(out), read_sheet(out), read_matches(out)
    made = [row for row in rows if row["score"]]
    assert len(made) == len(sheet) == len(matches) > 0
    for row, cells, match in zip(made, sheet, matches, strict=True):
        assert list(match["parts"]) == names
        assert sum(match["parts"].values()) == match["score"]
        assert [Decimal(row[name]) for name in names] == list(match["parts"].values())
        assert [Decimal(repr(cells[name])) for name in names] == list(match["parts"].values())
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "learned from earlier outcomes" in page
    assert "width:-" not in page
    kept = json.loads((out / "run.json").read_text())["rankers"]["investor"]
    assert list(kept["weights"]) == names[1:]


@pytest.fixture
def judged(tmp_path):
    """Return a file in which somebody liked the professor and an investor."""
    file = tmp_path / "judged.csv"
    file.write_text("startup,expert,grade\ns0,p1,1\ns0,e0,1\n")
    return file


def test_a_model_of_other_kinds_alone_is_refused_wherever_it_would_be_used(train, matcher, cohort, tmp_path, judged):
    train()

    def refused(command: str, folder, *options) -> None:
        done = matcher(command, folder, *options, "--model", tmp_path / "model")
        assert done.exit_code == 2, (command, done.output)
        assert "found a model that ranks investors and a cohort of which professors are scored" in done.stderr

    both = cohort(STARTUPS[:2], [EXPERTS[0], professor("p1", "gaming")])
    refused("match", both, "--kind", "professor")
    refused("rank", both, "--for", "experts", "--kind", "professor")
    refused("explain", both, "--startup", "s0", "--expert", "p1")
    professors = cohort(STARTUPS[:2], [professor("p1", "gaming"), professor("e0", "robotics")])
    refused("match", professors)
    refused("rank", professors, "--for", "startups")
    refused("explain", professors, "--startup", "s0", "--expert", "p1")
    refused("evaluate", professors, "--judgements", judged)


def test_a_kind_that_the_model_does_not_rank_is_told_by_each_command(train, matcher, cohort, tmp_path, judged, out):
    train()
    both = cohort(STARTUPS[:2], [*EXPERTS, professor("p1", "gaming")])
    told = (
        "model: it ranks investors alone, so that professors are scored without it; their scores are no probabilities"
    )

    def warnings(command: str, *options) -> str:
        done = matcher(command, both, *options, "--model", tmp_path / "model")
        assert done.exit_code == 0, done.output
        return done.stderr

    assert told in warnings("match", "--out", out)
    assert any(told in one for one in json.loads((out / "run.json").read_text())["warnings"])
    assert told in warnings("rank", "--for", "startups")
    assert told in warnings("evaluate", "--judgements", judged)
    assert told not in warnings("rank", "--for", "startups", "--kind", "investor")


def test_a_minimum_score_that_was_set_for_other_scores_is_told(train, matcher, cohort, tmp_path):
    train()
    folder = cohort(STARTUPS[:2], EXPERTS, program="min_score = 0.15")
    told = "program.toml: min_score 0.15 is held against the probabilities of the model for investors too"
    assert told in matcher("match", folder, "--model", tmp_path / "model").stderr
    assert "min_score" not in matcher("match", folder).stderr


def test_each_command_says_which_scores_nothing_was_learned_for(matcher, cohort, train, tmp_path):
    train()
    both = cohort(STARTUPS[:2], [*EXPERTS, professor("p1", "gaming")])
    judged = tmp_path / "judged.csv"
    judged.write_text(f"startup,expert,grade\n{STARTUPS[0]['id']},{EXPERTS[0]['id']},1\n", encoding="utf-8")
    for command, *options in (
        ("match",),
        ("rank", "--for", "startups"),
        ("evaluate", "--judgements", judged),
        ("explain", "--startup", STARTUPS[0]["id"], "--expert", EXPERTS[0]["id"]),
    ):
        kinds = "investors" if command == "explain" else "professors and investors"
        told = " are a prior: parts weighed by hand, nothing learned from outcomes."
        assert f"The scores of {kinds}{told}" in matcher(command, both, *options).stdout
        learned = matcher(command, both, *options, "--model", tmp_path / "model")
        assert learned.exit_code == 0, learned.output
        rest = [] if command == "explain" else [f"The scores of professors{told}"]
        assert [line for line in learned.stdout.splitlines() if line.endswith(told)] == rest
    assert told not in matcher("match", both).stderr


def test_kinds_with_and_without_a_ranker_stand_in_one_list(train, matcher, cohort, tmp_path, out):
    train()
    both = cohort(STARTUPS, [*EXPERTS, professor("p1", "gaming", max_load=3)])
    assert matcher("match", both, "--model", tmp_path / "model", "--out", out).exit_code == 0
    by_kind = {match["kind"]: set(match["parts"]) for match in read_matches(out)}
    assert by_kind == {"investor": {part.value for part in PART_NAMES}, "professor": set(PARTS)}
    assert json.loads((out / "run.json").read_text())["rankers"].keys() == {"investor"}
    assert {"needs", "like_deals"} <= read_csv(out)[0].keys()


def test_a_kind_without_scores_is_not_said_to_have_any(matcher, cohort):
    startups = [startup("s1", "robot arm", seeks=["investor"])]
    folder = cohort(startups, [professor("p1", "robot arm"), investor("v1", "robot arm")])
    for command in (("match",), ("rank", "--for", "startups"), ("rank", "--for", "experts", "--id", "v1")):
        told = matcher(*command[:1], folder, *command[1:]).stdout
        assert "The scores of investors are a prior" in told


def test_each_command_takes_popularity_and_tells_what_raises_a_score(train, matcher, cohort, tmp_path):
    train()
    judged = tmp_path / "judged.csv"
    judged.write_text(f"startup,expert,grade\n{STARTUPS[-1]['id']},e2,1\n")
    folder = cohort(STARTUPS[-1:], EXPERTS)
    pair = ("--startup", STARTUPS[-1]["id"], "--expert", "e2")
    for command, *options in (
        ("match",),
        ("rank", "--for", "startups"),
        ("explain", *pair),
        ("evaluate", "--judgements", judged),
    ):
        done = matcher(command, folder, *options, "--popularity", 0.5)
        assert done.exit_code == 2
        assert "found --popularity without --model" in done.stderr
        told = [
            matcher(command, folder, *options, "--model", tmp_path / "model", "--popularity", share) for share in (0, 1)
        ]
        assert [one.exit_code for one in told] == [0, 0]
        if command != "evaluate":
            assert told[0].stdout != told[1].stdout
        if command in ("match", "rank"):
            assert re.search(r"(deals like it[a-z ]*|co-investors did|share of the [a-z]+) \+0\.\d+", told[1].stdout)
            assert "→" not in told[1].stdout
            raising = [re.findall(r" \+(0\.\d+)(?=[, ;]|$)", line) for line in told[1].stdout.splitlines()]
            assert any(len(amounts) == 2 for amounts in raising)
            assert all(amounts == sorted(amounts, key=float, reverse=True) for amounts in raising)
