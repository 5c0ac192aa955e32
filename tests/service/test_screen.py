"""What the commands print: off a terminal whole plain lines, on a terminal whatever fits, nowhere markup of others."""

from __future__ import annotations

import re

import pytest
from rich.cells import cell_len

from tests.service.cohorts import EXPERTS, PROGRAM, RELATIONS, STARTUPS, professor, startup

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COMMANDS = {
    "match": ("match",),
    "rank": ("rank", "--for", "startups"),
    "rank for experts": ("rank", "--for", "experts"),
    "explain": ("explain", "--startup", "s1", "--expert", "p1"),
}
LONG = {
    "one word": "n" * 300,
    "many words": " ".join(["name"] * 60),
    "wide letters": "가나다" * 100,
    "wide words": " ".join(["이름"] * 100),
}
MARKUP = [
    "[bold]x[/bold]",
    "[red]",
    "[/] 가",
    "[/b] closes nothing",
    "[link=file:///etc/passwd]here[/link]",
    "\\[bold]",
    "a\\[b]",
    "[[x]]",
    "[@click=app.bell]x[/]",
]
EMOJI_CODE = "team :rocket: one"
BACKSLASHES = ["ends in one \\", "ends in two \\\\"]


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_off_a_terminal_there_is_no_colour_and_no_progress(matcher, cohort, arguments):
    done = matcher(*arguments, cohort(relations=RELATIONS, program=PROGRAM))
    assert "\x1b" not in done.output
    assert "\r" not in done.output
    assert not done.stderr


@pytest.mark.parametrize("name", LONG.values(), ids=LONG)
@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_off_a_terminal_a_name_of_300_letters_stands_whole_on_one_line(matcher, cohort, arguments, name):
    folder = cohort([startup("s1", "plans", name=name)], [professor("p1", "plans", name=f"{name}!")])
    (line,) = [line for line in matcher(*arguments, folder, COLUMNS="80").stdout.split("\n") if f"{name}!" in line]
    assert line.count(name) == 2


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_off_a_terminal_a_passage_of_300_letters_stands_whole_on_one_line(matcher, cohort, arguments, text):
    folder = cohort([startup("s1", text)], [professor("p1", text)])
    assert any(text in line for line in matcher(*arguments, folder, COLUMNS="80").stdout.split("\n"))


def test_off_a_terminal_reasons_and_warnings_stand_whole_on_one_line(matcher, cohort):
    ids = [f"{'s' * 300}{at}" for at in range(3)]
    startups = [startup(id_, "plans", **{"odd " + "c" * 300: 1}) for id_ in ids]
    done = matcher("match", cohort(startups, [professor("p1", "plans", max_load=1)]))
    (warning,) = done.stderr.rstrip("\n").split("\n")
    assert "c" * 300 in warning
    waiting = [line for line in done.stdout.split("\n") if "best would be p1" in line]
    assert len(waiting) == 2
    assert all(re.search(r"goes to s{300}\d", line) for line in waiting)


@pytest.mark.parametrize("length", [99_000, 120_000])
def test_off_a_terminal_a_text_of_any_length_stands_whole_on_one_line(matcher, cohort, length):
    asset = "n" * length
    folder = cohort([startup("s1", "plans", data_assets=[asset])], [professor("p1", "plans")])
    told = matcher(*COMMANDS["explain"], folder).stdout.split("\n")
    assert [len(line) for line in told if asset[:100] in line and "offered" in line] == [len(f"data offered {asset}")]


@pytest.mark.parametrize("name", ["two\nlines", "two\r\nlines", "a tab\there", "a\x0bvertical\x0cfeed"])
@pytest.mark.parametrize("command", ["match", "rank"])
def test_off_a_terminal_a_match_is_one_line_whatever_its_names_hold(matcher, cohort, command, name):
    plain = cohort([startup("s1", "plans", name="two lines")], [professor("p1", "plans")])
    lines = len(matcher(*COMMANDS[command], plain).stdout.split("\n"))
    odd = cohort([startup("s1", "plans", name=name)], [professor("p1", "plans")])
    assert len(matcher(*COMMANDS[command], odd).stdout.split("\n")) == lines


@pytest.mark.parametrize("text", ["\x1b[31mred", "\x1b]8;;file:///etc/passwd\x1b\\here", "\x9b31mred", "bell\x07"])
@pytest.mark.parametrize("arguments", [COMMANDS["match"], COMMANDS["explain"]], ids=["match", "explain"])
def test_no_control_code_in_a_profile_reaches_the_screen(matcher, cohort, arguments, text):
    folder = cohort(
        [startup("s1", f"plans {text}", name=f"s {text}", data_assets=[f"photos {text}"])],
        [professor("p1", f"plans {text}", name=f"p {text}")],
    )
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", matcher(*arguments, folder).output)


@pytest.mark.parametrize("text", [*MARKUP, EMOJI_CODE, BACKSLASHES[0]])
@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_names_and_texts_are_printed_as_they_are(matcher, cohort, arguments, text):
    folder = cohort([startup("s1", text, name=f"S {text}")], [professor("p1", text, name=f"P {text}")])
    told = matcher(*arguments, folder).stdout
    if arguments[0] == "explain":
        wanted = {f"S {text} (s1) and P {text} (p1)", f"  asks     {text}", f"  answers  {text}  expertise"}
        assert wanted <= set(told.split("\n"))
    else:
        assert {f"S {text}", f"P {text}", f"need → {text}"} <= set(re.split(r"\n| {2,}", told))


@pytest.mark.parametrize("text", [*MARKUP, EMOJI_CODE, *BACKSLASHES])
def test_the_title_of_a_document_is_printed_as_it_is(matcher, cohort, text):
    folder = cohort([startup("s1", "plans")], [professor("p1", documents=[{"title": text, "text": "plans"}])])
    assert f"need → {text}" in re.split(r"\n| {2,}", matcher("match", folder).stdout)
    (answer,) = [line for line in matcher(*COMMANDS["explain"], folder).stdout.split("\n") if "answers" in line]
    assert answer.endswith(f"  {text}")


@pytest.mark.parametrize("text", [*MARKUP, EMOJI_CODE])
def test_warnings_and_unmet_minimums_are_printed_as_they_are(matcher, cohort, text):
    folder = cohort([startup("s1", "plans", **{text: 1})], [professor(text, "plans", min_load=2)])
    done = matcher("match", folder, "--best-effort")
    assert done.stderr == f"Warning: startups.jsonl: kept but not used: {text}\n"
    assert f"Unmet: expert {text} gets 1 of at least 2 pairs" in done.stdout


@pytest.mark.parametrize("text", [*MARKUP, EMOJI_CODE])
def test_errors_are_printed_as_they_are(matcher, cohort, text):
    folder = cohort([startup("s1", "plans")], [professor(text, "plans", min_load=2)])
    assert f"1 expert ({text}) needs 2 pairs" in matcher("match", folder).stderr


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize("width", ["80", "20"])
def test_on_a_terminal_every_line_fits_its_width(matcher, cohort, arguments, width):
    startups = [{**one, "name": f"{one['name']} {LONG['wide words']} [/b]"} for one in STARTUPS]
    experts = [{**one, "name": f"{LONG['one word']} [bold]"} for one in EXPERTS]
    folder = cohort(startups, experts, RELATIONS, program=PROGRAM)
    done = matcher(*arguments, folder, FORCE_COLOR="1", COLUMNS=width, TERM="xterm-256color")
    assert done.exit_code == 0
    assert "\x1b[" in done.stdout
    assert all(cell_len(ANSI.sub("", line)) <= int(width) for line in done.stdout.split("\n"))


def test_the_list_ends_with_what_the_limits_cost(matcher, cohort):
    startups = [startup("s1", "robot arm", name="로봇팔"), startup("s2", "robot ship", priority=3)]
    experts = [professor("p1", "robot arm", name="윤서", max_load=1), professor("p2", "tax", max_load=1)]
    told = matcher("match", cohort(startups, experts)).stdout.split("\n")
    assert "Scarce, with what one more place would add to the total: 윤서 (+0.91)." in told
    assert "1 of 2 startups got their own best; 로봇팔 is furthest from it, by 0.91." in told
    assert "Would rather have each other than somebody they got: 로봇팔 with 윤서." in told


def test_of_many_names_three_are_told(matcher, cohort):
    experts = [professor(f"p{at}", "plan", max_load=1) for at in range(5)]
    told = matcher("match", cohort([startup(f"s{at}", "plan") for at in range(6)], experts)).stdout
    assert re.search(r"Scarce, .*: p\d \(\+1\.00\), p\d \(\+1\.00\), p\d \(\+1\.00\) and 2 more\.\n", told)


def test_on_a_terminal_the_progress_is_on_stderr_and_cleared(matcher, cohort, out):
    done = matcher("match", cohort(), "--out", out, FORCE_COLOR="1", COLUMNS="80", TERM="xterm-256color")
    assert "\x1b[?25l" in done.stderr
    assert done.stderr.rindex("\x1b[?25h") > done.stderr.rindex("\x1b[?25l")
    assert "\r" not in done.stdout


def test_on_a_terminal_a_failed_run_clears_the_progress_and_tells_the_error_last(matcher, cohort):
    folder = cohort([startup("s1", "plans")], [professor("p1", "plans", min_load=2)])
    done = matcher("match", folder, FORCE_COLOR="1", COLUMNS="80", TERM="xterm-256color")
    assert done.exit_code == 1
    assert "Infeasible: " in done.stderr[done.stderr.rindex("\x1b[?25h") :]


def test_who_got_nobody_did_not_get_their_best(matcher, cohort):
    """Nobody is eligible for s2: it regrets nothing, and got nothing."""
    startups = [startup("s1", "robot arm", stage="seed"), startup("s2", "robot arm", stage="series b")]
    told = matcher("match", cohort(startups, [professor("p1", "robot arm", stages=["seed"])])).stdout
    assert "1 of 2 startups got their own best." in told
