"""The real command as a process of its own, with the real encoder, on a sample cohort."""

from __future__ import annotations

import os
import pty
import re
import struct
import subprocess
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ

import pytest
from rich.cells import cell_len

from tests.service.conftest import MATCHER
from tests.service.outputs import (
    FILES,
    pair_ids,
    pairs_in_csv,
    pairs_in_jsonl,
    pairs_in_xlsx,
    read_lines,
    read_run,
    result_of,
)
from tests.service.page import matched_on, read_report

TABLES = Path(__file__).parents[2] / "examples" / "tables"
WITHOUT_TORCH = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"torch", "transformers", "sentence_transformers", "tokenizers"}:
            raise AssertionError(f"{name} was imported")
sys.meta_path.insert(0, Refuse())
from service.cli import main
main(sys.argv[1:])
"""


@pytest.fixture(scope="module")
def first(real, tmp_path_factory):
    """The first run of all, which encodes every text."""
    out = tmp_path_factory.mktemp("first")
    return real("match", TABLES, "--out", out), out


@pytest.fixture(scope="module")
def second(first, python, tmp_path_factory):
    """A second run of the same, in a process that cannot import torch."""
    out = tmp_path_factory.mktemp("second")
    return python("-c", WITHOUT_TORCH, "match", TABLES, "--out", out), out


def test_the_first_run_is_done_and_says_nothing_on_stderr(first):
    done, out = first
    assert done.returncode == 0
    assert done.stderr == ""
    assert {path.name for path in out.iterdir()} == FILES


def test_the_first_run_prints_whole_plain_lines(first):
    done, _ = first
    assert "\x1b" not in done.stdout
    assert "\r" not in done.stdout
    assert "Quillharbor" in done.stdout
    assert "한결보이스" in done.stdout


def test_the_files_of_the_first_run_agree(first):
    _, out = first
    pairs = pairs_in_jsonl(out)
    assert pairs
    assert pairs == pairs_in_csv(out) == pairs_in_xlsx(out)
    assert set(matched_on(read_report(out))) == pair_ids(out)
    for pair in pairs:
        assert 0 <= pair.score <= 1
        assert sum(part for part in pair.parts if part is not None) == pair.score
    for kind in ("professor", "investor"):
        assert result_of(out, kind)["total"] == sum(pair.score for pair in pairs if pair.kind == kind)


def test_words_that_both_sides_say_are_marked_in_the_report_and_told_in_the_files(first):
    out = first[1]
    assert "<mark>" in (out / "report.html").read_text(encoding="utf-8")
    told = [found for line in read_lines(out / "matches.jsonl") for found in line.get("evidence", [])]
    assert any(found["words"] for found in told)
    assert all(word in found["expert_passage"] for found in told for word in found["words"])


def test_the_record_of_the_first_run_names_the_model(first):
    run = read_run(first[1])
    assert run["encoder"]["name"] == "multilingual-e5-small+all-minilm-l6-v2"
    assert "kiwipiepy" in run["lexicon"]
    assert run["encoder"]["number_format"] in ("float32", "bfloat16")
    assert run["encoded_texts"] > 0
    assert run["seed"] == 1


def test_a_run_whose_texts_are_all_known_imports_no_torch_and_encodes_nothing(second):
    done, out = second
    assert done.stderr == ""
    assert done.returncode == 0
    assert read_run(out)["encoded_texts"] == 0


def test_two_processes_write_the_same_bytes(first, second):
    for name in ("matches.csv", "matches.jsonl", "report.html"):
        assert (first[1] / name).read_bytes() == (second[1] / name).read_bytes()


def test_a_known_cohort_is_ranked_and_explained_without_torch(first, python, tmp_path):
    done = python("-c", WITHOUT_TORCH, "rank", TABLES, "--for", "experts", "--top", 2, "--out", tmp_path / "r.jsonl")
    assert (done.returncode, done.stderr) == (0, "")
    assert {line["rank"] for line in read_lines(tmp_path / "r.jsonl")} == {1, 2}
    startup_id, expert_id = sorted(pair_ids(first[1]))[0]
    done = python("-c", WITHOUT_TORCH, "explain", TABLES, "--startup", startup_id, "--expert", expert_id)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{startup_id} and {expert_id} are matched" in done.stdout


def test_the_command_reports_a_bad_cohort_without_a_traceback(real, tmp_path):
    (tmp_path / "startups.csv").write_text("id,summary,raise_usd\ns1,plans,much\n")
    (tmp_path / "experts.csv").write_text("id,kind,expertise\np1,mentor,plans\n")
    done = real("match", tmp_path, "--out", tmp_path / "out")
    assert (done.returncode, done.stdout) == (2, "")
    assert "startups.csv, row 2, raise_usd" in done.stderr
    assert "experts.csv, row 2, kind" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_command_works_where_the_locale_is_bare(first, real):
    done = real("match", TABLES, LC_ALL="C", LANG="C")
    assert done.returncode == 0
    assert "한결보이스" in done.stdout


def read_terminal(terminal: int) -> str:
    """Return everything that is written to a terminal until nobody holds it open."""
    shown = b""
    while True:
        try:
            piece = os.read(terminal, 65_536)
        except OSError:  # how Linux says that the other end is closed
            piece = b""
        if not piece:
            os.close(terminal)
            return shown.decode("utf-8")
        shown += piece


def test_on_a_terminal_of_80_columns_every_line_fits(first, environment):
    terminal, inside = pty.openpty()
    ioctl(inside, TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    command = [MATCHER, "match", TABLES]
    with subprocess.Popen(  # noqa: S603
        command, stdout=inside, stderr=subprocess.PIPE, env={**environment, "TERM": "xterm"}
    ) as running:
        os.close(inside)
        shown = read_terminal(terminal)
        assert running.stderr.read() == b""
    assert running.returncode == 0
    assert "\x1b[" in shown
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown).split("\r\n")
    assert any("한결보이스" in line for line in lines)
    assert all(cell_len(line) <= 80 for line in lines)
