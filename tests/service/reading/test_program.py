from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.profiles import Kind
from matcher.program import ExpertGroup, Objective, Part, Program, Quota, RelationRule, StartupGroup, Verdict
from service.reading.problems import Problem
from service.reading.program import parse_program, read_program

EVERY_KEY = """
name = "Seoul 2026"
seed = 7
objective = "fair"
min_score = 0.25
pins = [["s1", "e1"]]
bans = [["s2", "e/3"], ["s2", "e/3"]]

[weights]
needs = 1
wants = 0.0

[[quotas]]
name = "one lab"
startups = ["s1", "s2"]
experts = {affiliation = "KU", kind = "professor"}
max = 3

[[quotas]]
startups = {sector = "health", stage = "seed", region = "Seoul"}
experts = {sector = "health", stage = "seed", region = "Seoul", kind = "investor"}
min = 1
max = 2

[relations.Co-author]
rule = "warn"
years = 5
steps = 2

[relations.neighbour]
rule = "allow"
"""


def parsed(text: str) -> Program:
    program, problems = parse_program(tomllib.loads(text))
    assert not problems
    return program


def problems_of(text: str) -> list[Problem]:
    program, problems = parse_program(tomllib.loads(text))
    assert program == Program(), "a program with a problem must not be used in part"
    assert all(problem.file == "program.toml" for problem in problems)
    return problems


def test_every_key_is_read():
    program = parsed(EVERY_KEY)
    assert (program.name, program.seed, program.objective) == ("Seoul 2026", 7, Objective.FAIR)
    assert program.min_score == 0.25
    assert program.pins == (("s1", "e1"),)
    assert program.bans == (("s2", "e/3"),)
    assert program.weights == {Part.NEEDS: 1.0, Part.WANTS: 0.0}
    assert program.quotas == (
        Quota(
            "one lab",
            StartupGroup(ids=frozenset({"s1", "s2"})),
            ExpertGroup(affiliation="KU", kind=Kind.PROFESSOR),
            0,
            3,
        ),
        Quota(
            "quota 2",
            StartupGroup(sector="health", stage="seed", region="Seoul"),
            ExpertGroup(sector="health", stage="seed", region="Seoul", kind=Kind.INVESTOR),
            1,
            2,
        ),
    )
    assert program.relation_rules == {
        "coauthor": RelationRule(Verdict.WARN, 5, 2),
        "neighbour": RelationRule(Verdict.ALLOW),
    }


def test_an_empty_program_is_the_default_one():
    assert parsed("") == Program()


def test_a_quota_without_sides_holds_everybody():
    (quota,) = parsed("[[quotas]]\nmax = 1").quotas
    assert quota == Quota("quota 1", StartupGroup(), ExpertGroup(), 0, 1)


def test_a_quota_of_no_ids_holds_nobody():
    (quota,) = parsed("[[quotas]]\nstartups = []").quotas
    assert quota.startups.ids == frozenset()


def test_a_type_of_relation_is_known_under_any_spelling():
    assert set(parsed("[relations.'Same Employer']\nrule = 'warn'").relation_rules) == {"same_employer"}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("seed = -1", "seed"),
        ("seed = 1.5", "seed"),
        ("seed = 1e400", "seed"),
        ("objective = 'best'", "objective"),
        ("objective = 'Fair'", "objective"),
        ("min_score = 2", "min_score"),
        ("min_score = -0.1", "min_score"),
        ("min_score = nan", "min_score"),
        ("name = 5", "name"),
        ("pins = ['s1', 'e1']", "pins"),
        ("pins = [['s1']]", "pins"),
        ("pins = [['s1', 'e1', 'x']]", "pins"),
        ("bans = [[1, 'e1']]", "bans"),
        ("bans = 's1'", "bans"),
        ("[weights]\nneeds = -1", "weights"),
        ("[weights]\nneeds = inf", "weights"),
        ("[weights]\nneeds = 'much'", "weights"),
        ("[weights]\nlooks = 1", "weights"),
        ("weights = 1", "weights"),
        ("[[quotas]]\nmin = -1", "quotas"),
        ("[[quotas]]\nmax = 1000000001", "quotas"),
        ("[[quotas]]\nmax = 1.5", "quotas"),
        ("[[quotas]]\nmaximum = 1", "quotas"),
        ("[[quotas]]\nexperts = {kind = 'teacher'}", "quotas"),
        ("[[quotas]]\nstartups = {kind = 'professor'}", "quotas"),
        ("[[quotas]]\nstartups = 's1'", "quotas"),
        ("[[quotas]]\nstartups = [1]", "quotas"),
        ("[quotas]\nmin = 1", "quotas"),
        ("[relations.family]\nrule = 'maybe'", "relations"),
        ("[relations.family]\nyears = 3", "relations"),
        ("[relations.family]\nrule = 'warn'\nyears = -1", "relations"),
        ("[relations.family]\nrule = 'warn'\nsteps = 0", "relations"),
        ("[relations.family]\nrule = 'warn'\nfor = 3", "relations"),
        ("[relations]\nfamily = 'warn'", "relations"),
    ],
)
def test_a_value_that_cannot_be_meant_is_a_problem_of_its_key(text, place):
    (problem,) = problems_of(text)
    assert problem.column.split(".")[0] == place
    assert "expected" in problem.message


@pytest.mark.parametrize("key", ["ban", "weight", "quota", "relation", "Seed", "date"])
def test_an_unknown_key_is_a_problem_that_lists_the_known_ones(key):
    (problem,) = problems_of(f"{key} = 1")
    assert key in problem.message
    assert "bans" in problem.message


def test_problems_of_several_keys_come_together():
    assert {problem.column for problem in problems_of("pins = 1\nbans = 2\nseed = -1\nbanns = []")} == {
        "pins",
        "bans",
        "seed",
        "banns",
    }


def test_a_quota_whose_minimum_is_above_its_maximum_is_named():
    (problem,) = problems_of("[[quotas]]\nmin = 1\n[[quotas]]\nname = 'one lab'\nmin = 3\nmax = 2")
    assert problem.column == "quotas.1.max"
    assert "'one lab'" in problem.message


def test_every_wrong_field_of_every_quota_is_told_with_what_it_takes():
    found = problems_of("[[quotas]]\nmin = -1\nmax = 'many'\n[[quotas]]\nexperts = {kind = 'teacher'}")
    count = "a whole number from 0 to 1,000,000,000"
    side = "a list of ids, or {sector, stage, region, affiliation, kind}"
    assert {problem.column: problem.message for problem in found} == {
        "quotas.0.min": f"found -1, expected {count}",
        "quotas.0.max": f"found 'many', expected {count}",
        "quotas.1.experts.kind": f"found 'teacher', expected {side}",
    }


def test_an_unknown_filter_of_a_quota_is_named_without_the_words_of_our_libraries():
    (problem,) = problems_of("[[quotas]]\nstartups = {colour = 'red'}")
    assert "colour" in str(problem)
    assert "list[str]" not in str(problem)


def test_weights_that_are_all_zero_are_a_problem():
    zeros = "\n".join(f"{part} = 0" for part in Part)
    (problem,) = problems_of(f"[weights]\n{zeros}")
    assert "all weights are 0" in problem.message


def test_one_weight_above_zero_is_enough():
    zeros = "\n".join(f"{part} = 0" for part in Part if part is not Part.FIT)
    assert parsed(f"[weights]\n{zeros}\nfit = 0.1").weights_for(Kind.PROFESSOR)[Part.FIT] == 0.1


def test_two_rules_for_one_type_are_a_problem():
    """Co-author and coauthor are one type; of two rules that contradict each other none may win silently."""
    assert problems_of("[relations.coauthor]\nrule = 'forbid'\n[relations.Co-author]\nrule = 'allow'")


@pytest.mark.parametrize("text", ["seed = true", "min_score = true", "[weights]\nneeds = true"])
def test_a_truth_value_is_not_a_number(text):
    assert problems_of(text)


# ---- the file


def test_a_folder_without_the_file_has_the_default_program(tmp_path):
    assert read_program(tmp_path) == (Program(), [])


def test_the_file_may_begin_with_a_byte_order_mark(tmp_path):
    (tmp_path / "Program.TOML").write_bytes(b"\xef\xbb\xbfseed = 3")
    assert read_program(tmp_path) == (Program(seed=3), [])


@pytest.mark.parametrize("content", [b"a = = 1", b"seed = 1\nseed = 2", b'name = "\xff"', b"[", b"a = \x00"])
def test_a_file_that_is_not_toml_is_one_problem(tmp_path, content):
    (tmp_path / "program.toml").write_bytes(content)
    program, (problem,) = read_program(tmp_path)
    assert program == Program()
    assert "is not TOML" in problem.message


@pytest.mark.parametrize(
    "content", ["x = " + "[" * 5_000 + "]" * 5_000, "seed = 1" + "0" * 5_000], ids=["deep", "5000 digits"]
)
def test_a_file_that_overstrains_the_toml_parser_is_one_problem(tmp_path, content):
    (tmp_path / "program.toml").write_text(content)
    _, problems = read_program(tmp_path)
    assert len(problems) == 1


KEYS = ["name", "seed", "objective", "min_score", "pins", "bans", "weights", "quotas", "relations", "other"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.sampled_from(["total", "e1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4))
@settings(max_examples=200, deadline=None)
def test_any_values_make_a_program_or_problems(values):
    program, problems = parse_program(values)
    assert isinstance(program, Program)
    assert all(isinstance(problem, Problem) for problem in problems)


def test_two_programs_are_a_problem_that_names_both(tmp_path):
    for name in ("program.toml", "Program.TOML"):
        (tmp_path / name).write_text("seed = 3")
    _, (problem,) = read_program(tmp_path)
    assert problem.message == "found Program.TOML, program.toml, expected one of them"


def test_a_program_with_a_hidden_suffix_does_not_pass_unseen(tmp_path):
    (tmp_path / "program.toml.txt").write_text("seed = 3")
    _, (problem,) = read_program(tmp_path)
    assert problem.message == "found program.toml.txt, expected it to be called program.toml"
