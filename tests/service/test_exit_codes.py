"""0 done, 1 infeasible or failed check, 2 bad input; messages on stderr, results on stdout."""

from __future__ import annotations

import pytest

from tests.service.cohorts import RELATIONS, professor, startup

TOO_MUCH = [startup("s1", "route plan")], [professor("p1", "route plan", min_load=2)]
USAGE = {
    "no command": (),
    "an unknown command": ("divine",),
    "no cohort": ("match",),
    "an unknown kind": ("match", ".", "--kind", "mentor"),
    "an unknown objective": ("match", ".", "--objective", "best"),
    "a negative seed": ("match", ".", "--seed", "-1"),
    "a seed that is no number": ("match", ".", "--seed", "seven"),
    "an unknown option": ("match", ".", "--fast"),
    "rank for no side": ("rank", "."),
    "rank for an unknown side": ("rank", ".", "--for", "investors"),
    "rank of an unknown kind": ("rank", ".", "--for", "startups", "--kind", "mentor"),
    "a negative top": ("rank", ".", "--for", "startups", "--top", "-1"),
    "explain without an expert": ("explain", ".", "--startup", "s1"),
    "explain without a startup": ("explain", ".", "--expert", "p1"),
    "validate nothing": ("validate",),
}
COMMANDS = {
    "match": ("match",),
    "rank": ("rank", "--for", "startups"),
    "explain": ("explain", "--startup", "s1", "--expert", "p1"),
    "validate": ("validate",),
}


def refused(done, code: int) -> str:
    """Return what stands on stderr after checking that the command failed so, and said nothing on stdout."""
    assert done.exit_code == code
    assert not done.stdout
    return done.stderr


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_a_command_that_is_done_exits_0_with_the_result_on_stdout_alone(matcher, cohort, arguments):
    done = matcher(*arguments, cohort())
    assert done.exit_code == 0
    assert done.stdout.strip()
    assert not done.stderr


@pytest.mark.parametrize("arguments", USAGE.values(), ids=USAGE)
def test_a_command_line_that_cannot_be_meant_exits_2(matcher, monkeypatch, cohort, arguments):
    monkeypatch.chdir(cohort())
    assert "Usage" in refused(matcher(*arguments), 2)


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_a_missing_folder_exits_2_and_is_named(matcher, tmp_path, arguments):
    assert str(tmp_path / "nowhere") in refused(matcher(*arguments, tmp_path / "nowhere"), 2)


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_a_file_in_place_of_a_folder_exits_2(matcher, cohort, arguments):
    assert "startups.jsonl is not a folder" in refused(matcher(*arguments, cohort() / "startups.jsonl"), 2)


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_an_empty_folder_exits_2_and_names_both_tables(matcher, tmp_path, arguments):
    message = refused(matcher(*arguments, tmp_path), 2)
    assert "startups" in message
    assert "experts" in message


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_a_bad_row_exits_2_with_file_row_and_column(matcher, cohort, arguments):
    folder = cohort([startup("s1", "plans", raise_usd=-5)], [professor("p1", "plans")])
    assert "startups.jsonl, row 1, raise_usd: found -5" in refused(matcher(*arguments, folder), 2)


@pytest.mark.parametrize("arguments", [COMMANDS["match"], COMMANDS["explain"]], ids=["match", "explain"])
def test_limits_that_cannot_hold_exit_1_and_are_named(matcher, cohort, arguments):
    message = refused(matcher(*arguments, cohort(*TOO_MUCH)), 1)
    assert message.startswith("Infeasible: ")
    assert "1 expert (p1) needs 2 pairs" in message
    assert "would mend it: lower p1's min from 2 to 1" in message


def test_limits_that_cannot_hold_are_no_matter_for_a_ranking(matcher, cohort):
    assert matcher("rank", cohort(*TOO_MUCH), "--for", "startups").exit_code == 0


def test_a_pin_against_a_conflict_exits_1_with_the_conflict(matcher, cohort):
    message = refused(matcher("match", cohort(relations=RELATIONS, program='pins = [["s1", "v2"]]')), 1)
    assert "pin s1 with v2" in message
    assert "family" in message


def test_a_pin_of_a_kind_that_the_startup_does_not_seek_exits_1(matcher, cohort):
    message = refused(matcher("match", cohort(program='pins = [["s4", "p1"]]')), 1)
    assert "s4 does not seek a professor" in message


def test_a_pin_of_somebody_unknown_exits_2(matcher, cohort):
    assert "'nobody'" in refused(matcher("match", cohort(program='pins = [["s1", "nobody"]]')), 2)


@pytest.mark.parametrize("command", [("match",), ("rank", "--for", "experts")], ids=["match", "rank"])
def test_a_kind_that_the_cohort_does_not_have_exits_2_and_says_which_it_has(matcher, cohort, command):
    folder = cohort([startup("s1", "plans")], [professor("p1", "plans")])
    message = refused(matcher(*command, folder, "--kind", "investor"), 2)
    assert "investor" in message
    assert "professor" in message


@pytest.mark.parametrize(
    ("side", "unknown"), [("startups", "p1"), ("experts", "s1"), ("startups", "nobody"), ("startups", "")]
)
def test_a_ranking_for_an_unknown_id_exits_2_and_names_it(matcher, cohort, side, unknown):
    message = refused(matcher("rank", cohort(), "--for", side, "--id", unknown), 2)
    assert repr(unknown) in message
    assert side.removesuffix("s") in message


@pytest.mark.parametrize(("startup_id", "expert_id", "unknown"), [("p1", "p1", "p1"), ("s1", "s1", "s1")])
def test_explaining_an_unknown_id_exits_2_and_names_it(matcher, cohort, startup_id, expert_id, unknown):
    message = refused(matcher("explain", cohort(), "--startup", startup_id, "--expert", expert_id), 2)
    assert repr(unknown) in message


@pytest.mark.parametrize(
    ("variable", "value"),
    [("INDEX", "nonsense"), ("NUMBER_FORMAT", "int3"), ("CANDIDATES", "0"), ("CANDIDATES", "many")],
)
def test_a_setting_that_cannot_be_used_exits_2_and_is_named(matcher, cohort, variable, value):
    message = refused(matcher("match", cohort(), **{f"MATCHER_{variable}": value}), 2)
    assert f"MATCHER_{variable}" in message
    assert repr(value) in message


def test_an_unknown_encoder_exits_2_and_the_known_ones_are_named(bare, cohort):
    message = refused(bare("match", cohort(), MATCHER_ENCODER="nonsense"), 2)
    assert "'nonsense'" in message
    assert "multilingual-e5-small" in message


def test_a_cache_folder_that_cannot_be_made_exits_2_and_is_named(bare, cohort, tmp_path):
    (tmp_path / "file").write_text("in the way")
    message = refused(bare("match", cohort(), MATCHER_CACHE_FOLDER=str(tmp_path / "file" / "cache")), 2)
    assert str(tmp_path / "file" / "cache") in message
