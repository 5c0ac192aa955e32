"""`matcher validate`: everything that is wrong with a cohort, at once."""

from __future__ import annotations

import re

from tests.service.cohorts import RELATIONS, STARTUPS, investor, professor, startup

STARTUPS_WITH_MISTAKES = [
    startup("s1", "plans", raise_usd=-1),
    startup("s1", "plans"),
    startup("s3", "plans", min_matches=2),
    startup("s4", "plans", seeks=["mentor"]),
    {"name": "nobody", "summary": "has no id"},
    {"id": "s6"},
]
EXPERTS_WITH_MISTAKES = [
    professor("p1", "plans", max_load="many"),
    {"id": "p2", "expertise": ["has no kind"]},
    professor("p3", "plans", avoids=["nobody"]),
]
RELATIONS_WITH_MISTAKES = [{"source": "s3", "target": "nobody else", "type": "family"}]
TEN_MISTAKES = (
    ("startups.jsonl", 1, "raise_usd"),
    ("startups.jsonl", 2, "id"),
    ("startups.jsonl", 3, "min_matches"),
    ("startups.jsonl", 4, "seeks"),
    ("startups.jsonl", 5, "id"),
    ("startups.jsonl", 6, "nothing to match on"),
    ("experts.jsonl", 1, "max_load"),
    ("experts.jsonl", 2, "kind"),
    ("experts.jsonl", 3, "avoids"),
    ("relations.jsonl", 1, "target"),
)


def test_a_valid_cohort_is_counted(matcher, cohort):
    done = matcher("validate", cohort(relations=RELATIONS))
    assert done.exit_code == 0
    assert "4 startups" in done.stdout
    assert "3 professors" in done.stdout
    assert "2 investors" in done.stdout
    assert "2 relations" in done.stdout
    assert not done.stderr


def test_ten_mistakes_are_all_told_each_with_file_row_and_column(matcher, cohort):
    done = matcher("validate", cohort(STARTUPS_WITH_MISTAKES, EXPERTS_WITH_MISTAKES, RELATIONS_WITH_MISTAKES))
    assert done.exit_code == 2
    assert not done.stdout
    head, *told = done.stderr.strip().split("\n")
    assert re.fullmatch(r"Error: 10 problems in the cohort:", head)
    assert len(told) == 10
    for file, row, what in TEN_MISTAKES:
        assert [line for line in told if f"{file}, row {row}" in line and what in line], (file, row, what)


def test_every_other_command_tells_the_same_mistakes(matcher, cohort):
    folder = cohort(STARTUPS_WITH_MISTAKES, EXPERTS_WITH_MISTAKES, RELATIONS_WITH_MISTAKES)
    told = matcher("validate", folder).stderr
    for arguments in (("match",), ("rank", "--for", "experts"), ("explain", "--startup", "s1", "--expert", "p1")):
        assert matcher(*arguments, folder).stderr == told


def test_a_mistake_in_the_program_is_told_together_with_those_in_the_rows(matcher, cohort):
    done = matcher("validate", cohort([startup("s1", "plans", raise_usd=-1)], program='objective = "best"\nsed = 1'))
    assert done.exit_code == 2
    assert all(name in done.stderr for name in ("raise_usd", "objective", "'sed'"))


def test_columns_that_are_not_used_are_a_warning_on_stderr(matcher, cohort):
    done = matcher("validate", cohort([{**STARTUPS[0], "founded [year]": 2019}, *STARTUPS[1:]]))
    assert done.exit_code == 0
    assert done.stderr == "Warning: startups.jsonl: kept but not used: founded [year]\n"
    assert "founded" not in done.stdout


def test_a_type_of_relation_without_a_rule_is_a_warning_on_stderr(matcher, cohort):
    done = matcher("validate", cohort(relations=[{"source": "s1", "target": "p1", "type": "neighbour"}]))
    assert done.exit_code == 0
    assert "'neighbour'" in done.stderr


def test_documents_that_hold_the_outcomes_of_a_past_cohort_are_a_warning_on_stderr(matcher, cohort):
    def deals(day: str) -> str:
        held = [{"title": "㈜Lark", "text": "plans", "date": day}, {"title": "Other", "text": "plans"}]
        applied = startup("s1", "plans", name="Lark", date="2024-05-01")
        return matcher("validate", cohort([applied], [investor("v1", documents=held)])).stderr

    assert "documents: 1 tell of a deal with a startup of this cohort" in deals("2024-05-01")
    assert "(first v1 with s1)" in deals("2025-01-01")
    assert deals("2024-04-30") == "", "an earlier round was known on the day"


def test_validating_opens_no_encoder(bare, cohort, monkeypatch):
    def refuse(*_: object) -> None:
        raise AssertionError("an encoder was opened")

    monkeypatch.setattr("service.use_cases.open_models", refuse)
    assert bare("validate", cohort()).exit_code == 0


def test_a_program_that_is_a_folder_exits_2(matcher, cohort):
    folder = cohort()
    (folder / "program.toml").mkdir()
    done = matcher("validate", folder)
    assert done.exit_code == 2
    assert "program.toml" in done.stderr


def test_a_rule_of_a_type_that_nothing_has_is_told_with_what_may_be_meant(matcher, cohort):
    rules = (
        '[relations.advicer]\nrule = "forbid"\n[relations.coauthor]\nrule = "warn"\n[relations.patron]\nrule = "warn"\n'
    )
    relations = [{"source": "s1", "target": "p1", "type": "patron"}]
    told = matcher("validate", cohort(relations=relations, program=rules)).stderr
    assert told.count("the rule does nothing") == 1
    assert (
        "relations.advicer: no relation is of this type, so the rule does nothing; 'advisor' is one that is known"
        in told
    )


def test_several_terms_in_one_are_told_with_how_to_separate_them(matcher, cohort):
    experts = [
        investor("v1", stages=["Seed, Series A"], regions=["Seoul, Korea"]),
        investor("v2", stages=["Seed", "Series A"], sectors=["robots, mostly"]),
    ]
    told = matcher("validate", cohort([startup("s1", stage="seed")], experts)).stderr
    assert (
        "stages: several terms stand in one and meet nothing together, first 'Seed, Series A' of expert v1 (1 in all); "
        "separate them with ; in csv and xlsx"
    ) in told
    assert "sectors: several terms stand in one" in told
    assert "regions" not in told
